//! Phase 2, batch by batch: proposals, votes, and what a quorum of them makes chosen.

use alloc::vec::Vec;

use concur_rules::multi_paxos::MultiPaxosRule as Model;
use concur_rules::multi_paxos_core::MultiPaxosCoreRule as Core;

use super::{Node, Role, Rules};
use crate::paxos::Ballot;
use crate::paxos::multi::{Entries, Entry, Message, Notice, Receipt, Record, Slot, Timer};
use crate::{Command, Effects, NodeId};

/// The leader.
impl<C: Command, S: Rules> Node<C, S> {
    /// A client wants these commands to be chosen.
    pub(super) fn propose(&mut self, commands: Vec<C>, effects: &mut Effects<Self>) -> Option<()> {
        let under_way = match &self.role {
            Role::Leader(leader) => Some(leader.under_way()),
            _ => None,
        };
        let fits = |slots: usize| slots.saturating_add(commands.len()) <= self.config.window;
        let accepted =
            under_way.and_then(|slots| self.when(Core::ProposeWithinWindow, fits(slots), effects));
        if accepted.is_none() {
            let leader = self.leader;
            effects
                .notify_ahead
                .push(Notice::Rejected { commands, leader });
        } else if !commands.is_empty() {
            let entries = commands.into_iter().map(Entry::Command).collect();
            self.propose_entries(entries, effects);
        }
        accepted
    }

    /// Proposes for the next slots. The messages need not wait for this node's disk; its own vote does.
    pub(super) fn propose_entries(
        &mut self,
        entries: Entries<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let chosen = self.log().chosen();
        let Role::Leader(leader) = &mut self.role else {
            return None;
        };
        let (ballot, first) = (leader.ballot, leader.next);
        leader.propose(entries.len());
        let end = leader.next;
        for to in self.config.other_members() {
            let message = Message::Phase2a {
                ballot,
                first,
                entries: entries.clone(),
                chosen,
            };
            effects.send_ahead.push((to, message));
        }
        self.write(
            Record::Accepted {
                ballot,
                first,
                entries,
                chosen,
            },
            effects,
        );
        effects.receipt = Some(Receipt {
            promised: ballot,
            end,
        });
        Some(())
    }

    /// A vote arrives.
    pub(super) fn phase2b(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        first: Slot,
        end: Slot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let position = self.config.quorums.position(from)?;
        let Role::Leader(leader) = &self.role else {
            return None;
        };
        let current = ballot == leader.ballot;
        self.when(Core::LeaderCountsOwnBallot, current, effects)?;

        if let Role::Leader(leader) = &mut self.role {
            leader.count(position, first, end);
        }
        self.choose(effects)
    }

    /// What this node's own acceptor has promised, or voted for, counts from now on: it is on the disk.
    pub(super) fn persisted(
        &mut self,
        receipt: Receipt,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let me = self.config.me;
        let (ballot, promised) = (receipt.promised, self.promised());
        match &mut self.role {
            Role::Candidate(proposer) if proposer.ballot == ballot && promised == ballot => {
                let told = self.log().suffix(self.log().chosen());
                self.phase1b(me, ballot, told, effects)
            }
            Role::Leader(leader) if leader.ballot == ballot => {
                let (first, end) = leader.own_votes(receipt.end);
                self.phase2b(me, ballot, first, end, effects)
            }
            _ => None,
        }
    }

    /// Takes for chosen, slot after slot, what a quorum has voted for.
    fn choose(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let Role::Leader(leader) = &self.role else {
            return None;
        };
        let (rules, quorums) = (&self.config.rules, &self.config.quorums);
        let chosen = leader.chosen(|voters| {
            let quorum = quorums.phase2(voters);
            rules.requires(Model::ExecuteQuorum.into(), quorum)
        });
        self.advance(chosen, effects)
    }

    /// Says that it is there, and what is chosen; and says again what was not answered since the last time.
    pub(super) fn heartbeat(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let chosen = self.log().chosen();
        let Role::Leader(leader) = &mut self.role else {
            return None;
        };
        let ballot = leader.ballot;
        for to in self.config.other_nodes() {
            let message = Message::Heartbeat { ballot, chosen };
            effects.send_ahead.push((to, message));
        }
        effects.arm.push(Timer::Heartbeat);
        self.repeat_proposals(effects);
        if let Role::Leader(leader) = &mut self.role {
            leader.grow_old();
        }
        Some(())
    }

    fn repeat_proposals(&self, effects: &mut Effects<Self>) {
        let Role::Leader(leader) = &self.role else {
            return;
        };
        for (position, to) in self.config.quorums.members().iter().enumerate() {
            let Some((first, end)) = leader.unanswered(position) else {
                continue;
            };
            if *to == self.config.me {
                continue;
            }
            let entries = self.log().entries(first, end);
            let message = Message::Phase2a {
                ballot: leader.ballot,
                first,
                entries: entries.take(self.config.batch).collect(),
                chosen: self.log().chosen(),
            };
            effects.send_ahead.push((*to, message));
        }
    }
}

/// The acceptor.
impl<C: Command, S: Rules> Node<C, S> {
    /// A leader is there, and knows that everything below `chosen` is chosen.
    pub(super) fn heed(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        chosen: Slot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let promised = self.acceptor.may_accept(ballot);
        self.answer_unless(Model::ReplicaAcceptNotBelow, promised, from, effects)?;

        self.defer_to(ballot, effects);
        self.leader = Some(from);
        self.await_leader(effects);
        self.follow(from, ballot, chosen, effects);
        Some(())
    }

    /// Votes for what is proposed, but for slots that are known to be chosen: there is nothing to vote for. The vote is told once it is durable.
    pub(super) fn phase2a(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        first: Slot,
        entries: Entries<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let chosen = self.log().chosen();
        let entries = entries.skip(chosen.since(first));
        let first = first.max(chosen);
        let end = first.plus(entries.len());
        let within = end <= chosen.plus(self.config.window);
        self.when(Core::AcceptWithinWindow, within, effects)?;
        if entries.is_empty() {
            return Some(());
        }

        if !self.has_voted(ballot, first, end) {
            self.write(
                Record::Accepted {
                    ballot,
                    first,
                    entries,
                    chosen,
                },
                effects,
            );
        }
        effects
            .send
            .push((from, Message::Phase2b { ballot, first, end }));
        Some(())
    }

    fn has_voted(&self, ballot: Ballot, first: Slot, end: Slot) -> bool {
        let vote = |slot| self.log().get(slot).map(|vote| vote.ballot);
        (first.0..end.0).all(|slot| vote(Slot(slot)) == Some(ballot))
    }
}
