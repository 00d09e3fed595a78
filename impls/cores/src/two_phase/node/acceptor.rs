//! The acceptor of Paxos Commit: promises ballots, votes, and keeps both until everyone knows the decision.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as Durable;
use concur_rules::paxos_commit::PaxosCommitRule as Rule;

use super::super::{
    Ballot, Cast, Instances, Message, Plan, Record, Rules, Timer, TransactionId, Value,
};
use super::{Site, SiteEffects};
use crate::NodeId;

impl<S: Rules> Site<S> {
    pub(super) fn on_phase1a(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        plan: Plan,
        ballot: Ballot,
        effects: &mut SiteEffects<S>,
    ) {
        let promised = self.promised(transaction);
        if !self.requires(Rule::PC1bHigherBallot, ballot > promised, effects) {
            return effects.send.push((
                from,
                Message::Outvoted {
                    transaction,
                    promised,
                },
            ));
        }

        let instances = self.instances_of(transaction, plan, effects);
        instances.promised = ballot;
        let votes = instances.votes.clone();
        self.force_instances(transaction, effects);
        let promise = Message::Phase1b {
            transaction,
            ballot,
            votes,
        };
        self.send_synced(Durable::DPReplySynced, from, promise, effects);
    }

    pub(super) fn on_phase2a(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        plan: Plan,
        (ballot, values): (Ballot, BTreeMap<NodeId, Value>),
        effects: &mut SiteEffects<S>,
    ) {
        let promised = self.promised(transaction);
        if !self.requires(Rule::PC2bNotBelowPromise, ballot >= promised, effects) {
            if ballot > Ballot::ZERO {
                effects.send.push((
                    from,
                    Message::Outvoted {
                        transaction,
                        promised,
                    },
                ));
            }
            return;
        }

        let aborts = values.values().any(|value| *value == Value::Aborted);
        let instances = self.instances_of(transaction, plan, effects);
        instances.promised = ballot;
        let cast = |(site, value)| (site, Cast { ballot, value });
        instances.votes.extend(values.into_iter().map(cast));
        // A leader proposes for all instances at once: then one of the two holds.
        if aborts || instances.can_commit() {
            self.tell_votes(transaction, ballot, effects);
        }
    }

    /// Tells of all votes in that ballot, when they are written. In ballot 0 one write and one message hold the votes of all instances: until the last
    /// has proposed, or one has aborted, nothing could be decided (Gray & Lamport 2006, §4, bundle messages in the same way).
    fn tell_votes(
        &mut self,
        transaction: TransactionId,
        ballot: Ballot,
        effects: &mut SiteEffects<S>,
    ) {
        self.force_instances(transaction, effects);
        let Some(instances) = self.instances.get(&transaction) else {
            return;
        };
        let in_ballot = instances
            .votes
            .iter()
            .filter(|(_, cast)| cast.ballot == ballot);
        let values = in_ballot.map(|(site, cast)| (*site, cast.value)).collect();
        let leader = if ballot == Ballot::ZERO {
            transaction.coordinator
        } else {
            ballot.leader
        };
        let votes = Message::Phase2b {
            transaction,
            ballot,
            values,
        };
        self.send_synced(Durable::DPReplySynced, leader, votes, effects);
    }

    fn promised(&self, transaction: TransactionId) -> Ballot {
        let instances = self.instances.get(&transaction);
        instances.map_or(Ballot::ZERO, |instances| instances.promised)
    }

    fn instances_of(
        &mut self,
        transaction: TransactionId,
        plan: Plan,
        effects: &mut SiteEffects<S>,
    ) -> &mut Instances {
        self.instances.entry(transaction).or_insert_with(|| {
            effects.arm.push(Timer::Acceptor(transaction));
            Instances {
                plan,
                promised: Ballot::ZERO,
                votes: BTreeMap::new(),
            }
        })
    }

    fn force_instances(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let instances = self.instances.get(&transaction);
        if let Some(instances) =
            instances.filter(|it| self.image.accepted.get(&transaction) != Some(*it))
        {
            self.force(Record::Accepted(transaction, instances.clone()), effects);
        }
    }

    /// Nobody has settled the transaction for long: this acceptor leads it to an end.
    pub(super) fn acceptor_waited(
        &mut self,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(instances) = self.instances.get(&transaction) else {
            return;
        };
        let plan = instances.plan.clone();
        effects.arm.push(Timer::Acceptor(transaction));
        self.lead(transaction, &plan, effects);
    }

    /// Everyone knows the decision, and acts on it even after a crash.
    pub(super) fn on_forget(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        self.instances.remove(&transaction);
        if self.image.accepted.contains_key(&transaction) {
            self.write_lazily(Record::Released(transaction), effects);
        }
    }

    pub(super) fn recover_acceptor(&mut self, effects: &mut SiteEffects<S>) {
        self.instances = self.image.accepted.clone();
        let timers: Vec<_> = self
            .instances
            .keys()
            .copied()
            .map(Timer::Acceptor)
            .collect();
        effects.arm.extend(timers);
    }
}

impl Instances {
    /// Whether all participants have proposed that they are prepared.
    fn can_commit(&self) -> bool {
        let prepared = |site| {
            let cast: Option<&Cast> = self.votes.get(&site);
            cast.is_some_and(|cast| cast.value == Value::Prepared)
        };
        self.plan.sites().all(prepared)
    }
}
