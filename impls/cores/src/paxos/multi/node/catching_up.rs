//! What is chosen: following the leader's watermark, catching up, and forgetting what a snapshot covers.

use concur_rules::multi_paxos::MultiPaxosRule as Model;
use concur_rules::multi_paxos_core::MultiPaxosCoreRule as Core;

use super::{Node, Role, Rules};
use crate::paxos::Ballot;
use crate::paxos::multi::{Entries, Message, Notice, Record, Slot, Snapshot};
use crate::{Command, Effects, NodeId};

/// From the votes in the own log.
impl<C: Command, S: Rules> Node<C, S> {
    /// The leader of a ballot knows that everything below `chosen` is. Takes for chosen what this node has voted for in that very ballot, for the leader proposes one
    /// entry for a slot; and asks for the rest.
    pub(super) fn follow(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        chosen: Slot,
        effects: &mut Effects<Self>,
    ) {
        let known = self.log().chosen();
        let rule = Core::FollowVotedInBallot.into();
        let votes = self.log().votes(known, chosen).map_while(Option::as_ref);
        let voted =
            votes.take_while(|vote| self.config.rules.requires(rule, vote.ballot == ballot));
        let upto = known.plus(voted.count());
        self.advance(upto, effects);
        if upto < chosen {
            self.ask(from, effects);
        }
    }

    /// Everything below `chosen` is chosen, as it stands in the log.
    pub(super) fn advance(&mut self, chosen: Slot, effects: &mut Effects<Self>) -> Option<()> {
        let first = self.log().chosen();
        if chosen <= first {
            return None;
        }
        self.acceptor.votes.choose(chosen);
        self.announce(first, effects);
        self.finish();
        Some(())
    }

    /// Tells the host what is chosen from that slot on.
    pub(super) fn announce(&self, first: Slot, effects: &mut Effects<Self>) {
        let entries: Entries<C> = self.log().entries(first, self.log().chosen()).collect();
        if !entries.is_empty() {
            effects.notify_ahead.push(Notice::Chosen { first, entries });
        }
    }

    /// What is chosen is under way no more.
    fn finish(&mut self) {
        let chosen = self.acceptor.votes.chosen();
        if let Role::Leader(leader) = &mut self.role {
            leader.finish(chosen);
        }
    }
}

/// From one who knows.
impl<C: Command, S: Rules> Node<C, S> {
    /// Asks what was chosen, but the same only once in a heartbeat.
    fn ask(&mut self, whom: NodeId, effects: &mut Effects<Self>) {
        let first = self.log().chosen();
        if self.asked != Some(first) {
            self.asked = Some(first);
            effects.send_ahead.push((whom, Message::Learn { first }));
        }
    }

    /// Tells what was chosen from that slot on; or gives the snapshot, where that is forgotten.
    pub(super) fn tell(&self, to: NodeId, first: Slot, effects: &mut Effects<Self>) -> Option<()> {
        let log = self.log();
        if first < log.first() {
            let snapshot = Message::Snapshot(log.snapshot().clone());
            effects.send_ahead.push((to, snapshot));
            return Some(());
        }
        let (rules, chosen) = (&self.config.rules, log.chosen());
        let rule = Model::CatchUpExecuted.into();
        let slots = (first.0..log.end().0).map(Slot);
        let executed = slots.take_while(|slot| rules.requires(rule, *slot < chosen));
        let entries = executed.map_while(|slot| log.get(slot).map(|vote| vote.value.clone()));
        let entries: Entries<C> = entries.take(self.config.batch).collect();
        if entries.is_empty() {
            return None;
        }
        let message = Message::Chosen {
            first,
            entries,
            chosen,
        };
        effects.send_ahead.push((to, message));
        Some(())
    }

    /// A leader that proposes again what this node knows to be chosen has missed it.
    pub(super) fn tell_who_lags(
        &self,
        leader: NodeId,
        its_chosen: Slot,
        proposed: Slot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let lags = its_chosen <= proposed && proposed < self.log().chosen();
        lags.then(|| self.tell(leader, its_chosen, effects))?
    }

    /// One tells what was chosen. If it knows more than it told, and this was news, asks on.
    pub(super) fn catch_up(
        &mut self,
        from: NodeId,
        first: Slot,
        entries: Entries<C>,
        chosen: Slot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let known = self.log().chosen();
        self.when(Model::ExecuteInOrder, first <= known, effects)?;
        let news = entries.skip(known.since(first));
        self.learn(first.max(known), news, effects)?;
        if self.log().chosen() < chosen {
            self.ask(from, effects);
        }
        Some(())
    }

    /// Learns that these entries were chosen for the slots from the watermark on.
    pub(super) fn learn(
        &mut self,
        first: Slot,
        entries: Entries<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        if entries.is_empty() {
            return None;
        }
        self.write(Record::Learned { first, entries }, effects);
        self.announce(first, effects);
        self.finish();
        Some(())
    }
}

/// Snapshots.
impl<C: Command, S: Rules> Node<C, S> {
    /// One who has forgotten what this node lacks gives its snapshot. A candidate asks again: now it need not be told of those slots.
    pub(super) fn restore(
        &mut self,
        snapshot: Snapshot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        if snapshot.upto <= self.log().chosen() {
            return None;
        }
        self.forget(snapshot.clone(), effects);
        effects.notify_ahead.push(Notice::Restored(snapshot));
        self.finish();
        self.request_promises(effects);
        Some(())
    }

    /// The host has a snapshot.
    pub(super) fn compact(
        &mut self,
        snapshot: Snapshot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let executed = snapshot.upto <= self.log().chosen();
        self.when(Model::TruncateExecuted, executed, effects)?;
        if snapshot.upto <= self.log().first() {
            return None;
        }
        self.forget(snapshot, effects);
        Some(())
    }

    fn forget(&mut self, snapshot: Snapshot, effects: &mut Effects<Self>) {
        self.acceptor.votes.compact(snapshot);
        effects.persist.push(Record::checkpoint(&self.acceptor));
    }
}
