//! The log: a replica's votes, what of it is known to be chosen, and the snapshot below.

use alloc::collections::{VecDeque, vec_deque};
use alloc::vec::Vec;
use core::fmt;

use super::entry::list;
use super::{Entries, Entry, Slot, Snapshot};
use crate::paxos::{Ballot, Ranked};

/// A vote in a slot, or none.
type Vote<C> = Option<Ranked<Entry<C>>>;

/// The memory of an acceptor of many slots: a snapshot of the first, its last vote in each of the others.
///
/// Below the watermark `chosen` each entry is what was chosen; which ballot stands beside it says nothing there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log<C> {
    snapshot: Snapshot,
    votes: VecDeque<Vote<C>>,
    chosen: Slot,
}

/// All that a log says from some slot on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Suffix<C> {
    /// The slot of the first vote.
    pub first: Slot,
    /// Everything below is chosen: these votes too, as far as they lie below.
    pub chosen: Slot,
    /// The votes, gaps included.
    pub votes: Vec<Vote<C>>,
}

impl<C> Default for Log<C> {
    fn default() -> Self {
        Self {
            snapshot: Snapshot::default(),
            votes: VecDeque::new(),
            chosen: Slot::default(),
        }
    }
}

/// What it says.
impl<C> Log<C> {
    /// The snapshot of the slots that are forgotten.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The first slot that is not forgotten.
    pub fn first(&self) -> Slot {
        self.snapshot.upto
    }

    /// Everything below is known to be chosen.
    pub fn chosen(&self) -> Slot {
        self.chosen
    }

    /// The slot after the last that has a vote.
    pub fn end(&self) -> Slot {
        self.first().plus(self.votes.len())
    }

    /// The vote in that slot.
    pub fn get(&self, slot: Slot) -> Option<&Ranked<Entry<C>>> {
        let index = slot.0.checked_sub(self.first().0)?;
        self.votes.get(usize::try_from(index).ok()?)?.as_ref()
    }

    /// What stands in the slots from `first` on, below `end`; nothing, where `first` is forgotten.
    pub(super) fn votes(&self, first: Slot, end: Slot) -> vec_deque::Iter<'_, Vote<C>> {
        let end = if first < self.first() { first } else { end };
        let index = |slot: Slot| slot.since(self.first()).min(self.votes.len());
        let start = index(first);
        self.votes.range(start..index(end).max(start))
    }
}

/// What it says, to be passed on.
impl<C: Clone> Log<C> {
    /// The entries from that slot on, as long as there are some below `end`. They are counted first, so that who collects them allocates once.
    pub fn entries(&self, first: Slot, end: Slot) -> impl Iterator<Item = Entry<C>> + '_ {
        let votes = self.votes(first, end);
        let entries = votes.clone().take_while(|vote| vote.is_some()).count();
        votes.take(entries).map(|vote| {
            let vote = vote.as_ref().expect("only votes were counted");
            vote.value.clone()
        })
    }

    /// All that it says from that slot on; without what is forgotten.
    pub fn suffix(&self, from: Slot) -> Suffix<C> {
        let first = from.max(self.first());
        let skipped = first.since(self.first());
        Suffix {
            first,
            chosen: self.chosen,
            votes: self.votes.iter().skip(skipped).cloned().collect(),
        }
    }
}

/// How it changes.
impl<C: Clone> Log<C> {
    /// The log of that snapshot and what follows it.
    pub(super) fn restored(snapshot: Snapshot, suffix: &Suffix<C>) -> Self {
        Self {
            snapshot,
            votes: suffix.votes.iter().cloned().collect(),
            chosen: suffix.chosen,
        }
    }

    /// Votes for these entries in that ballot; of slots that are forgotten nothing is noted.
    pub(super) fn vote(&mut self, ballot: Ballot, first: Slot, entries: &Entries<C>) {
        let forgotten = self.first().since(first);
        let start = first.max(self.first()).since(self.first());
        let entries = entries.get(forgotten..).unwrap_or_default();
        let mut votes = entries.iter().map(|entry| {
            let value = entry.clone();
            Some(Ranked { ballot, value })
        });
        if self.votes.len() < start {
            self.votes.resize(start, None);
        }
        for (old, vote) in self.votes.range_mut(start..).zip(&mut votes) {
            *old = vote;
        }
        self.votes.extend(votes);
    }

    /// Learns that these entries were chosen. The ballot beside them is the lowest: they are no votes.
    pub(super) fn learn(&mut self, first: Slot, entries: &Entries<C>) {
        self.vote(Ballot::default(), first, entries);
        self.choose(first.plus(entries.len()));
    }

    /// Learns that everything below that slot is chosen, as it stands here.
    pub(super) fn choose(&mut self, chosen: Slot) {
        self.chosen = self.chosen.max(chosen);
    }

    /// Forgets everything that the snapshot covers.
    pub(super) fn compact(&mut self, snapshot: Snapshot) {
        let covered = snapshot.upto.since(self.first());
        self.votes.drain(..covered.min(self.votes.len()));
        self.chosen = self.chosen.max(snapshot.upto);
        self.snapshot = snapshot;
    }
}

impl<C> Suffix<C> {
    /// Whether there is an entry in each slot that it says is chosen.
    pub(super) fn is_whole(&self) -> bool {
        let chosen = self.chosen.since(self.first);
        let known = self.votes.get(..chosen);
        known.is_some_and(|votes| votes.iter().all(Option::is_some))
    }
}

impl<C: fmt::Display> fmt::Display for Suffix<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Shown<'a, C>(&'a Vote<C>);
        impl<C: fmt::Display> fmt::Display for Shown<'_, C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    Some(vote) => vote.fmt(f),
                    None => f.write_str("-"),
                }
            }
        }
        write!(f, "chosen<{} {}:", self.chosen, self.first)?;
        list(f, self.votes.iter().map(Shown))
    }
}
