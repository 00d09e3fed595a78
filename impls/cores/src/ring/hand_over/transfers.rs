//! Views, and how ranges change hands.

use alloc::vec::Vec;
use core::fmt::Debug;

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Bytes, Entry, Message, Node, Notice, Record, Timer};
use crate::ring::{KeyRange, Placement, View};
use crate::{Effects, NodeId};

impl<P: Placement, S: RuleSet<Rule> + Debug> Node<P, S> {
    /// The host offers a view: the node is in it from then on, and hands over what it loses.
    pub(super) fn install(&mut self, view: View, effects: &mut Effects<Self>) -> Option<()> {
        // A view that places keys otherwise does not belong into this log: keys would move within their nodes.
        let same_log = view.scheme() == self.view().scheme();
        let next = view.epoch() == self.epoch().saturating_add(1) && same_log;
        let settled = self.state.awaited.is_empty();
        self.when(Rule::RingInstallNext, next, effects)?;
        self.when(Rule::RingInstallSettled, settled, effects)?;

        let epoch = view.epoch();
        self.commit(Record::Installed(view), effects);
        for (range, handing) in &self.state.handing {
            if handing.epoch == epoch {
                self.hand_over(*range, effects);
            }
        }
        self.arm(effects);
        self.tell_settled(effects);
        Some(())
    }

    /// Sends everything that was handed over and not acknowledged.
    pub(super) fn hand_over_all(&self, effects: &mut Effects<Self>) {
        for range in self.state.handing.keys() {
            self.hand_over(*range, effects);
        }
        self.arm(effects);
    }

    fn hand_over(&self, range: KeyRange, effects: &mut Effects<Self>) {
        if let Some(handing) = self.state.handing.get(&range) {
            let message = Message::Data {
                epoch: handing.epoch,
                range,
                entries: handing.entries.clone(),
            };
            effects.send.push((handing.to, message));
        }
    }

    fn arm(&self, effects: &mut Effects<Self>) {
        if !self.state.handing.is_empty() {
            effects.arm.push(Timer::Resend);
        }
    }

    /// The data of a range arrives. What has arrived already is acknowledged again: the sender keeps it until it hears so.
    pub(super) fn receive(
        &mut self,
        from: NodeId,
        epoch: u64,
        range: KeyRange,
        entries: Vec<(Bytes, Entry)>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let now = epoch == self.epoch();
        let awaited = self.state.awaited.get(&range) == Some(&from);
        // A node leaves an epoch only when everything of that epoch has arrived.
        let has_it = epoch < self.epoch() || now && self.state.arrived.contains(&range);
        if has_it {
            effects.send.push((from, Message::Got { epoch, range }));
        }
        self.when(Rule::RingReceiveEpoch, now, effects)?;
        self.when(Rule::RingReceiveOnce, awaited, effects)?;

        self.commit(Record::Arrived(range, entries), effects);
        effects.send.push((from, Message::Got { epoch, range }));
        self.tell_settled(effects);
        Some(())
    }

    fn tell_settled(&self, effects: &mut Effects<Self>) {
        if self.state.awaited.is_empty() {
            effects.notify.push(Notice::Settled(self.epoch()));
        }
    }

    /// The new owner has the data of a range: this node's copy is no longer needed.
    pub(super) fn delete(
        &mut self,
        from: NodeId,
        epoch: u64,
        range: KeyRange,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let handing = self.state.handing.get(&range)?;
        let this = handing.epoch == epoch && handing.to == from;
        self.when(Rule::RingDeleteThisHandOver, this, effects)?;

        self.commit(Record::Deleted(range), effects);
        if self.state.handing.is_empty() {
            effects.disarm.push(Timer::Resend);
            effects.notify.push(Notice::HandedOver);
        }
        Some(())
    }

    /// The host would like to switch the node off: it may if nobody needs what the node holds.
    pub(super) fn retire(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let unneeded = !self.view().contains(self.id());
        let acked = self.state.handing.is_empty();
        self.when(Rule::OwnerDropUnneeded, unneeded, effects)?;
        self.when(Rule::RingDeleteAcked, acked, effects)?;

        self.commit(Record::Retired, effects);
        effects.disarm.push(Timer::Resend);
        effects.notify.push(Notice::Retired);
        Some(())
    }
}
