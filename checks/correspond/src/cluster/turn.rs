//! A node's turn: it takes one input, and what it wants done is done in the order of [`Effects`].

use concur_cores::{Effects, Input, NodeId, Protocol};
use concur_engine::fingerprint::Fingerprinter;
use concur_models::kit::{Spec as _, given};

use super::state::say_the_same;
use super::{Clustered, CoreOf, Event, MessageOf, Node, NoticeOf, RecordOf, Shared, StateOf, Step};
use crate::{Core, Correspondence};

/// A node's turn: it takes an input, and what it wants done is done.
pub(super) struct Turn<'c, C: Correspondence> {
    cluster: &'c Clustered<C>,
    state: StateOf<C>,
    pub(super) node: Node<CoreOf<C>>,
    position: usize,
    told: Vec<NoticeOf<C>>,
    forced: Vec<RecordOf<C>>,
}

impl<'c, C: Correspondence> Turn<'c, C> {
    /// The turn of the node at that position.
    pub(super) fn of(cluster: &'c Clustered<C>, s: &StateOf<C>, position: usize) -> Self {
        Self {
            cluster,
            state: s.clone(),
            node: (*s.nodes[position]).clone(),
            position,
            told: Vec::new(),
            forced: Vec::new(),
        }
    }

    pub(super) fn step(&mut self, input: Input<CoreOf<C>>) -> Option<()> {
        let mut effects = Effects::new();
        self.node.core.as_mut()?.step(input, &mut effects);
        self.act(effects)
    }

    /// A step, unless it leaves everything as it is: most messages that arrive once more do.
    pub(super) fn receive(&mut self, input: Input<CoreOf<C>>) -> Option<()> {
        let mut effects = Effects::new();
        let before = self.node.core.clone()?;
        self.node.core.as_mut()?.step(input, &mut effects);
        given(!effects.is_empty() || self.node.core.as_ref() != Some(&before))?;
        self.act(effects)
    }

    pub(super) fn start(&mut self) -> Option<()> {
        let mut effects = Effects::new();
        let config = self.cluster.configs[self.position].1.clone();
        let records = self.cluster.negligence.recalled(self.node.disk.durable());
        self.node.core = Some(Protocol::recover(config, &records, &mut effects));
        self.act(effects)
    }

    /// Does what need not wait for the disk, and lets the disk have the rest.
    fn act(&mut self, mut effects: Effects<CoreOf<C>>) -> Option<()> {
        effects.refused = None;
        self.cluster.negligence.hurry(&mut effects);
        for timer in effects.disarm.drain(..) {
            self.node.alarms.remove(&timer);
        }
        self.node.alarms.extend(effects.arm.drain(..));
        for (to, message) in effects.send_ahead.drain(..) {
            self.send(to, message);
        }
        self.told.append(&mut effects.notify_ahead);
        if effects.is_empty() {
            return Some(());
        }
        if effects.persist.is_empty()
            && let Some(newest) = self.node.disk.newest_mut()
        {
            join(newest, effects);
            return Some(());
        }
        let slow = self.cluster.correspondence.slow_disks() && !effects.persist.is_empty();
        self.node.disk.write(effects);
        if !slow {
            let effects = self.sync_one()?;
            self.finish(effects)?;
        }
        Some(())
    }

    /// Does what waited for the disk.
    pub(super) fn finish(&mut self, effects: Effects<CoreOf<C>>) -> Option<()> {
        self.tidy();
        for (to, message) in effects.send {
            self.send(to, message);
        }
        self.told.extend(effects.notify);
        match effects.receipt {
            Some(receipt) => self.step(Input::Persisted(receipt)),
            None => Some(()),
        }
    }

    fn send(&mut self, to: NodeId, message: MessageOf<C>) {
        if !self.cluster.correspondence.loses(&message) {
            self.state.send(self.node.id, to, message);
        }
    }

    pub(super) fn sync_one(&mut self) -> Option<Effects<CoreOf<C>>> {
        let oldest = self.node.disk.waiting().next()?;
        self.forced.extend_from_slice(&oldest.persist);
        self.node.disk.sync_one()
    }

    pub(super) fn crash(&mut self, kept: usize) {
        for _ in 0..kept {
            self.sync_one();
        }
        self.node.disk.crash(0);
        self.node.core = None;
        self.node.alarms.clear();
        self.state.crashes += 1;
        self.tidy();
    }

    /// Replaces the disk's records by some that say the same.
    fn tidy(&mut self) {
        let records = self.node.disk.durable();
        let mut tidied = records.to_vec();
        self.cluster.correspondence.tidy(&mut tidied);
        if tidied != records {
            let config = &self.cluster.configs[self.position].1;
            let same = say_the_same::<CoreOf<C>>(config, records, &tidied);
            assert!(same, "tidying a disk has changed what it says");
            self.node.disk.replace(tidied);
        }
    }

    pub(super) fn end(mut self, before: &StateOf<C>, event: &Event<CoreOf<C>>) -> StateOf<C> {
        self.state.nodes[self.position] = Shared::new(self.node);
        let step = Step {
            before,
            event,
            forced: &self.forced,
            told: &self.told,
            after: &self.state,
        };
        if let Some(history) = self.cluster.correspondence.remember(&step) {
            self.state.history = Shared::new(history);
        }
        let judged = self.cluster.exceeded(&self.state).is_none();
        if judged && !self.told.is_empty() && self.state.misled.is_none() {
            let correspondence = &self.cluster.correspondence;
            let above = correspondence.mapped(&self.state);
            let id = self.state.nodes[self.position].id;
            let true_ = |notice| correspondence.is_true(&above, id, notice);
            self.state.misled = (!self.told.iter().all(true_)).then_some(id);
        }
        self.state
    }
}

/// Lets effects that have nothing to write wait with others. What waits already does not wait twice, and in no order: the network is a set.
fn join<P: Core>(waiting: &mut Effects<P>, more: Effects<P>) {
    waiting.send.extend(more.send);
    let fingerprinter = Fingerprinter::new(0);
    waiting
        .send
        .sort_by_cached_key(|packet| fingerprinter.of(packet));
    waiting.send.dedup();
    for notice in more.notify {
        if !waiting.notify.contains(&notice) {
            waiting.notify.push(notice);
        }
    }
    waiting
        .notify
        .sort_by_cached_key(|notice| fingerprinter.of(notice));
    waiting.receipt = more.receipt.or(waiting.receipt);
}
