//! What a node knows, all of it durable: a step and a restart change it by the same records.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Bytes, Checkpoint, Entry, Handing, Record};
use crate::NodeId;
use crate::ring::{KeyRange, Placement, Position, Ring, View};

/// The state of node `id`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State<P> {
    pub(super) id: NodeId,
    /// The ring of the view that the node is in.
    pub(super) ring: Arc<Ring<P>>,
    /// What it serves, by position, so that a range is found without looking at the rest.
    pub(super) held: BTreeMap<(Position, Bytes), Entry>,
    pub(super) awaited: BTreeMap<KeyRange, NodeId>,
    pub(super) arrived: BTreeSet<KeyRange>,
    pub(super) handing: BTreeMap<KeyRange, Handing>,
}

impl<P: Placement> State<P> {
    /// In the first view every range is where it belongs, and empty.
    pub(super) fn new(id: NodeId, genesis: View, placement: P) -> Self {
        Self {
            id,
            ring: Arc::new(Ring::with(genesis, placement)),
            held: BTreeMap::new(),
            awaited: BTreeMap::new(),
            arrived: BTreeSet::new(),
            handing: BTreeMap::new(),
        }
    }

    pub(super) fn apply(&mut self, record: &Record) {
        match record {
            Record::Installed(view) => self.install(view),
            Record::Stored(key, entry) => self.store(key, entry),
            Record::Arrived(range, entries) => self.arrive(*range, entries),
            Record::Deleted(range) => {
                self.handing.remove(range);
            }
            Record::Retired => {
                self.held.clear();
                self.handing.clear();
            }
            Record::Checkpoint(all) => self.restore(all),
        }
    }

    /// Sets aside what the view gives to others, and notes what it gives to this node.
    fn install(&mut self, view: &View) {
        let next = Arc::new(self.ring.follow(view.clone()));
        self.arrived.clear();
        for moved in self.ring.moves(&next) {
            if moved.from == self.id {
                let handing = Handing {
                    epoch: view.epoch(),
                    to: moved.to,
                    entries: self.take(moved.range),
                };
                self.handing.insert(moved.range, handing);
            }
            if moved.to == self.id {
                self.awaited.insert(moved.range, moved.from);
            }
        }
        self.ring = next;
    }

    fn store(&mut self, key: &Bytes, entry: &Entry) {
        let position = self.ring.position(&key.0);
        self.held.insert((position, key.clone()), entry.clone());
    }

    /// What does not belong into the range is not taken.
    fn arrive(&mut self, range: KeyRange, entries: &[(Bytes, Entry)]) {
        self.awaited.remove(&range);
        self.arrived.insert(range);
        for (key, entry) in entries {
            if range.contains(self.ring.position(&key.0)) {
                self.store(key, entry);
            }
        }
    }

    fn take(&mut self, range: KeyRange) -> Vec<(Bytes, Entry)> {
        let from = (range.after.wrapping_add(1), Bytes::default());
        let mut taken = self.held.split_off(&from);
        let mut behind = match range.upto.checked_add(1) {
            Some(end) if from.0 < end => taken.split_off(&(end, Bytes::default())),
            // The range goes on at the beginning of the circle, or ends with it.
            Some(end) => {
                let rest = self.held.split_off(&(end, Bytes::default()));
                taken.append(&mut core::mem::replace(&mut self.held, rest));
                BTreeMap::new()
            }
            None => BTreeMap::new(),
        };
        self.held.append(&mut behind);
        taken
            .into_iter()
            .map(|((_, key), entry)| (key, entry))
            .collect()
    }

    /// Everything as one record.
    pub(super) fn checkpoint(&self) -> Record {
        let entries = self.held.iter();
        Record::Checkpoint(Box::new(Checkpoint {
            view: self.ring.view().clone(),
            entries: entries
                .map(|((_, key), entry)| (key.clone(), entry.clone()))
                .collect(),
            awaited: self.awaited.clone(),
            arrived: self.arrived.clone(),
            handing: self.handing.clone(),
        }))
    }

    fn restore(&mut self, all: &Checkpoint) {
        self.ring = Arc::new(self.ring.follow(all.view.clone()));
        self.held.clear();
        for (key, entry) in &all.entries {
            self.store(key, entry);
        }
        self.awaited = all.awaited.clone();
        self.arrived = all.arrived.clone();
        self.handing = all.handing.clone();
    }

    /// Whether the data at a position is still on its way to this node.
    pub(super) fn awaits(&self, position: Position) -> bool {
        self.awaited.keys().any(|range| range.contains(position))
    }
}
