//! Phase 1, for all slots at once: campaigns, promises, and what a new leader makes of them.

use concur_rules::multi_paxos::MultiPaxosRule as Model;
use concur_rules::multi_paxos_core::MultiPaxosCoreRule as Core;

use super::leader::Leader;
use super::{Node, Role, Rules};
use crate::paxos::multi::reports::Reports;
use crate::paxos::multi::{Entries, Entry, Message, Notice, Receipt, Record, Slot, Suffix, Timer};
use crate::paxos::{Ballot, Proposer};
use crate::{Command, Effects, NodeId};

impl<C: Command, S: Rules> Node<C, S> {
    /// Begins a ballot that is higher than all that were heard of. It is on the disk, as a promise of the own acceptor, before anyone is asked: so it will never
    /// be begun again.
    pub(super) fn campaign(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        if self.leads() || !self.config.is_member() {
            return None;
        }
        let highest = self.seen.max(self.promised());
        let ballot = highest.next(self.config.me)?;

        self.seen = ballot;
        self.leader = None;
        self.role = Role::Candidate(Proposer::new(ballot, Reports::new()));
        self.write(Record::Promised(ballot), effects);
        effects.receipt = Some(Receipt {
            promised: ballot,
            end: Slot::default(),
        });
        self.request_promises(effects);
        self.await_leader(effects);
        Some(())
    }

    /// Asks those who have not promised yet, from the watermark on.
    pub(super) fn request_promises(&self, effects: &mut Effects<Self>) {
        let Role::Candidate(proposer) = &self.role else {
            return;
        };
        let (ballot, first) = (proposer.ballot, self.log().chosen());
        let members = self.config.quorums.members().iter().copied().enumerate();
        for (position, to) in members {
            if to != self.config.me && !proposer.promised.contains(position) {
                effects.send.push((to, Message::Phase1a { ballot, first }));
            }
        }
    }

    /// A request for a promise arrives. To one that is repeated the answer is repeated.
    pub(super) fn phase1a(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        first: Slot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let higher = self.acceptor.may_promise(ballot);
        self.answer_unless(Model::ReplicaPromiseHigher, higher, from, effects)?;
        let reaches = self.log().first() <= first;
        if self
            .when(Core::PromiseReachesBack, reaches, effects)
            .is_none()
        {
            return self.tell(from, first, effects);
        }

        self.defer_to(ballot, effects);
        if ballot != self.promised() {
            self.write(Record::Promised(ballot), effects);
        }
        let told = self.log().suffix(first);
        effects.send.push((from, Message::Phase1b { ballot, told }));
        self.await_leader(effects);
        Some(())
    }

    /// A promise arrives. One that leaves out slots that this node does not know was not asked for, and is not heeded.
    pub(super) fn phase1b(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        told: Suffix<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let position = self.config.quorums.position(from)?;
        let Role::Candidate(proposer) = &self.role else {
            return None;
        };
        let current = ballot == proposer.ballot;
        self.when(Core::LeadCountsOwnBallot, current, effects)?;
        if told.first > self.log().chosen() || !told.is_whole() {
            return None;
        }

        let rules = self.config.rules.clone();
        let Role::Candidate(proposer) = &mut self.role else {
            return None;
        };
        proposer.promised.insert(position);
        proposer.kept.take(told, |higher| {
            rules.requires(Model::LeadKeepsHighest.into(), higher)
        });
        self.lead(effects)
    }

    /// Leads, once a quorum has promised. Until then it is no refusal that it does not.
    fn lead(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let Role::Candidate(proposer) = &self.role else {
            return None;
        };
        let quorum = self.config.quorums.phase1(proposer.promised);
        let rules = &self.config.rules;
        rules.when(Model::LeadQuorumPromised.into(), quorum)?;

        let Role::Candidate(won) = core::mem::replace(&mut self.role, Role::Follower) else {
            return None;
        };
        self.take_chosen(&won.kept, effects);
        let first = self.log().chosen();
        let entries = self.entries_to_repeat(&won.kept, first);
        self.role = Role::Leader(Leader::new(won.ballot, first));
        self.leader = Some(self.config.me);
        effects.disarm.push(Timer::Election);
        effects.notify_ahead.push(Notice::Leading(won.ballot));
        if !entries.is_empty() {
            self.propose_entries(entries, effects);
        }
        self.heartbeat(effects)
    }

    /// What the quorum knows to be chosen this node knows from now on.
    fn take_chosen(&mut self, reports: &Reports<C>, effects: &mut Effects<Self>) {
        let first = self.log().chosen();
        let slots = (first.0..reports.chosen().0).map(Slot);
        let entries: Entries<C> = slots.map_while(|slot| reports.get(slot).cloned()).collect();
        self.learn(first, entries, effects);
    }

    /// What may have been chosen from `first` on must be proposed again. Where nothing was reported between, nothing can have been chosen: a no-op fills the gap.
    fn entries_to_repeat(&self, reports: &Reports<C>, first: Slot) -> Entries<C> {
        let slots = (first.0..reports.end().0).map(Slot);
        let entry = |slot| {
            let reported = reports.get(slot);
            let rules = &self.config.rules;
            let free = rules.requires(Model::LeaderProposesReported.into(), reported.is_none());
            reported.filter(|_| !free).cloned().unwrap_or(Entry::NoOp)
        };
        slots.map(entry).collect()
    }

    /// An acceptor has promised a higher ballot: this one is over.
    pub(super) fn preempted(
        &mut self,
        promised: Ballot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        self.seen = self.seen.max(promised);
        self.defer_to(promised, effects);
        Some(())
    }

    /// There is a ballot: whoever is in a lower one gives it up.
    pub(super) fn defer_to(&mut self, ballot: Ballot, effects: &mut Effects<Self>) {
        self.seen = self.seen.max(ballot);
        let over = match &self.role {
            Role::Follower => return,
            Role::Candidate(proposer) => proposer.ballot < ballot,
            Role::Leader(leader) => leader.ballot < ballot,
        };
        if !over {
            return;
        }
        if self.leads() {
            effects.notify_ahead.push(Notice::Deposed);
            effects.disarm.push(Timer::Heartbeat);
            self.await_leader(effects);
        }
        self.role = Role::Follower;
        self.leader = None;
    }

    /// Starts the time anew within which a leader must be heard of. Who only learns waits for ever.
    pub(super) fn await_leader(&self, effects: &mut Effects<Self>) {
        if self.config.is_member() {
            effects.arm.push(Timer::Election);
        }
    }

    /// The guard `rule`; whoever it refuses hears why.
    pub(super) fn answer_unless(
        &self,
        rule: Model,
        holds: bool,
        from: NodeId,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let kept = self.when(rule, holds, effects);
        if kept.is_none() {
            let promised = self.promised();
            effects.send.push((from, Message::Preempted { promised }));
        }
        kept
    }
}
