//! The leader of Paxos Commit: any site may lead a transaction to a decision, in a ballot of its own. The coordinator begins as the leader of ballot 0.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use concur_rules::durable_two_phase::DurableTwoPhaseRule as TwoPhase;
use concur_rules::paxos_commit::PaxosCommitRule as Rule;

use super::super::{
    Ballot, Branch, Cast, Message, Notice, Outcome, Plan, Rules, Timer, TransactionId, Value,
};
use super::coordinator::decision;
use super::state::{Coordination, Leader};
use super::{Site, SiteEffects};
use crate::NodeId;

// Phase 1.
impl<S: Rules> Site<S> {
    /// The coordinator asks for votes, which go to the acceptors. Where there are none, nothing can be decided but to abort.
    pub(super) fn ask_by_paxos(
        &mut self,
        transaction: TransactionId,
        branches: Vec<Branch>,
        effects: &mut SiteEffects<S>,
    ) {
        let plan = Plan {
            participants: branches,
            acceptors: self.config.acceptors.clone(),
        };
        if !plan.is_paxos() || plan.participants.is_empty() {
            return self.abort(transaction, effects);
        }
        for site in plan.sites() {
            effects.send.push((site, self.prepare(transaction, &plan)));
        }
        self.coordinated.insert(transaction, Coordination::Led);
        self.leaders.insert(transaction, Leader::new(plan));
        effects.arm.push(Timer::Leader(transaction));
    }

    /// Proposals of a participant in ballot 0 of its own instance, one for each acceptor.
    pub(super) fn proposals<'a>(
        &self,
        transaction: TransactionId,
        plan: &'a Plan,
        value: Value,
    ) -> impl Iterator<Item = (NodeId, Message)> + use<'a, S> {
        let values = BTreeMap::from([(self.config.id, value)]);
        plan.acceptors.iter().map(move |acceptor| {
            let (plan, values) = (plan.clone(), values.clone());
            (
                *acceptor,
                Message::Phase2a {
                    transaction,
                    plan,
                    ballot: Ballot::ZERO,
                    values,
                },
            )
        })
    }

    /// Leads a transaction that this site leads already to a decision now.
    pub(super) fn lead_on(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        if let Some(leader) = self.leaders.get(&transaction) {
            let plan = leader.plan.clone();
            self.lead(transaction, &plan, effects);
        }
    }

    /// Begins a higher ballot in the instances of all participants, unless the transaction is decided.
    pub(super) fn lead(
        &mut self,
        transaction: TransactionId,
        plan: &Plan,
        effects: &mut SiteEffects<S>,
    ) {
        let (id, incarnation) = (self.config.id, self.image.incarnation);
        let leader = self
            .leaders
            .entry(transaction)
            .or_insert_with(|| Leader::new(plan.clone()));
        if leader.telling.is_some() {
            return;
        }
        leader.highest = leader.highest.saturating_add(1);
        leader.ballot = Ballot {
            round: leader.highest,
            leader: id,
            incarnation,
        };
        leader.promises.clear();
        leader.proposed = false;
        leader.tally.clear();
        let ballot = leader.ballot;
        for acceptor in &leader.plan.acceptors {
            let plan = leader.plan.clone();
            effects.send.push((
                *acceptor,
                Message::Phase1a {
                    transaction,
                    plan,
                    ballot,
                },
            ));
        }
        effects.arm.push(Timer::Leader(transaction));
    }

    pub(super) fn on_outvoted(&mut self, transaction: TransactionId, promised: Ballot) {
        if let Some(leader) = self.leaders.get_mut(&transaction) {
            leader.highest = leader.highest.max(promised.round);
        }
    }

    pub(super) fn on_phase1b(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        ballot: Ballot,
        votes: BTreeMap<NodeId, Cast>,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(leader) = self.leaders.get_mut(&transaction) else {
            return;
        };
        if leader.ballot != ballot || leader.telling.is_some() {
            return;
        }
        leader.promises.insert(from, votes);
        let proposed = leader.proposed;
        let majority = leader.plan.is_majority(leader.promises.len());
        if !self.requires(Rule::PC2aOncePerBallot, !proposed, effects)
            || !self.allows(Rule::PC2aMajorityPromised, majority)
        {
            return;
        }

        self.phase2a(transaction, effects);
    }
}

// Phase 2.
impl<S: Rules> Site<S> {
    fn phase2a(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let Some(leader) = self.leaders.get(&transaction) else {
            return;
        };
        let (plan, ballot) = (leader.plan.clone(), leader.ballot);
        let value = |site| (site, self.value_to_propose(leader, site));
        let values: BTreeMap<_, _> = plan.sites().map(value).collect();
        for acceptor in &plan.acceptors {
            let (plan, values) = (plan.clone(), values.clone());
            effects.send.push((
                *acceptor,
                Message::Phase2a {
                    transaction,
                    plan,
                    ballot,
                    values,
                },
            ));
        }
        if let Some(leader) = self.leaders.get_mut(&transaction) {
            leader.proposed = true;
        }
    }

    /// The value of the highest ballot reported; if none is, only the participant itself could have said that it is prepared.
    fn value_to_propose(&self, leader: &Leader, site: NodeId) -> Value {
        let reports = leader
            .promises
            .values()
            .filter_map(|votes| votes.get(&site));
        let highest = reports.copied().reduce(|kept, report| {
            let higher = report.ballot > kept.ballot;
            if self.allows(Rule::PC2aHighestBallot, higher) {
                report
            } else {
                kept
            }
        });
        match highest {
            Some(report) => report.value,
            None if self.allows(Rule::PC2aFreeAborts, false) => Value::Prepared,
            None => Value::Aborted,
        }
    }

    pub(super) fn on_phase2b(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        ballot: Ballot,
        values: BTreeMap<NodeId, Value>,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(leader) = self.leaders.get_mut(&transaction) else {
            return;
        };
        if leader.ballot != ballot || leader.telling.is_some() {
            return;
        }
        for vote in values {
            leader.tally.entry(vote).or_default().insert(from);
        }
        let sites: Vec<_> = leader.plan.sites().collect();
        let all = sites
            .iter()
            .all(|site| leader.has_chosen(*site, Value::Prepared));
        let one = sites
            .iter()
            .any(|site| leader.has_chosen(*site, Value::Aborted));
        if self.allows(Rule::PCDecideCommitAll, all) {
            self.tell(transaction, Outcome::Commit, effects);
        } else if self.allows(Rule::PCDecideAbortOne, one) {
            self.tell(transaction, Outcome::Abort, effects);
        }
    }
}

// Telling.
impl<S: Rules> Site<S> {
    /// Tells the participants, and the coordinator, lest it ask acceptors that have forgotten. The acceptors' votes are the record of it.
    fn tell(&mut self, transaction: TransactionId, outcome: Outcome, effects: &mut SiteEffects<S>) {
        let Some(leader) = self.leaders.get_mut(&transaction) else {
            return;
        };
        let mut unacked: BTreeSet<NodeId> = leader.plan.sites().collect();
        unacked.insert(transaction.coordinator);
        effects.send.extend(
            unacked
                .iter()
                .map(|site| (*site, decision(transaction, outcome, true))),
        );
        leader.telling = Some((outcome, unacked));
        self.client_learns(transaction, outcome, effects);
    }

    /// Another leader has found the decision, or this one: the client hears of it, and nobody need look for it any longer.
    pub(super) fn client_learns(
        &mut self,
        transaction: TransactionId,
        outcome: Outcome,
        effects: &mut SiteEffects<S>,
    ) {
        let leader = self.leaders.get(&transaction);
        if leader.is_some_and(|leader| leader.telling.is_none()) {
            self.leaders.remove(&transaction);
        }
        if let Some(Coordination::Led) = self.coordinated.get(&transaction) {
            self.coordinated.remove(&transaction);
            effects.notify.push(Notice::Decided {
                transaction,
                outcome,
            });
        }
    }

    /// When everyone has acknowledged, nobody will ask again, and the acceptors may forget.
    pub(super) fn leader_on_ack(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        mismatch: Option<Outcome>,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(leader) = self.leaders.get_mut(&transaction) else {
            return;
        };
        let Some((decided, unacked)) = &mut leader.telling else {
            return;
        };
        let (decided, first) = (*decided, unacked.remove(&from));
        // Acceptors that have forgotten may let a late leader decide otherwise, which concerns nobody.
        if let Some(took) = mismatch.filter(|took| first && *took != decided) {
            effects.notify.push(Notice::Mismatch {
                transaction,
                site: from,
                took,
                decided,
            });
        }
        let all = unacked.is_empty();
        if self.allows(TwoPhase::DForgetAllAcked, all)
            && let Some(leader) = self.leaders.remove(&transaction)
        {
            let forget = |acceptor: &NodeId| (*acceptor, Message::Forget { transaction });
            effects
                .send
                .extend(leader.plan.acceptors.iter().map(forget));
        }
    }

    pub(super) fn leader_waited(
        &mut self,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(leader) = self.leaders.get(&transaction) else {
            return;
        };
        let Some((outcome, unacked)) = &leader.telling else {
            return self.lead_on(transaction, effects);
        };
        let again = |site: &NodeId| (*site, decision(transaction, *outcome, true));
        effects.send.extend(unacked.iter().map(again));
        effects.arm.push(Timer::Leader(transaction));
    }
}
