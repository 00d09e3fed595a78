//! The coordinator: begins, asks for votes, decides, tells, and forgets. What it has forgotten it presumes aborted.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;

use super::super::{
    Branch, Message, Mode, Notice, Outcome, Plan, Record, Rules, Timer, TransactionId, Vote,
};
use super::state::Coordination;
use super::{Site, SiteEffects};
use crate::NodeId;

// Beginning, and asking for votes.
impl<S: Rules> Site<S> {
    pub(super) fn begin(&mut self, token: u64, effects: &mut SiteEffects<S>) {
        let transaction = self.next_id();
        self.next += 1;
        self.coordinated.insert(transaction, Coordination::Begun);
        effects.notify.push(Notice::Begun { token, transaction });
    }

    fn next_id(&self) -> TransactionId {
        TransactionId {
            coordinator: self.config.id,
            incarnation: self.image.incarnation,
            number: self.next,
        }
    }

    /// Below it, every transaction of this coordinator is closed.
    fn floor(&self) -> TransactionId {
        let open = self.coordinated.keys().next();
        open.copied().unwrap_or_else(|| self.next_id())
    }

    pub(super) fn submit(
        &mut self,
        transaction: TransactionId,
        branches: Vec<Branch>,
        mode: Mode,
        effects: &mut SiteEffects<S>,
    ) {
        let begun = self.coordinated.get(&transaction) == Some(&Coordination::Begun);
        if transaction.coordinator != self.config.id
            || !self.requires(Core::SubmitOnce, begun, effects)
        {
            return;
        }

        let branches = one_per_site(branches);
        match (mode, branches.as_slice()) {
            (Mode::PaxosCommit, _) => self.ask_by_paxos(transaction, branches, effects),
            (Mode::TwoPhase, [only]) => self.ask_one_phase(transaction, *only, effects),
            (Mode::TwoPhase, _) => self.ask_two_phase(transaction, branches, effects),
        }
    }

    fn ask_two_phase(
        &mut self,
        transaction: TransactionId,
        branches: Vec<Branch>,
        effects: &mut SiteEffects<S>,
    ) {
        let collecting = Coordination::Collecting {
            branches,
            votes: BTreeMap::new(),
            asked_again: false,
        };
        self.coordinated.insert(transaction, collecting);
        effects.arm.push(Timer::Coordinator(transaction));
        self.ask_missing(transaction, effects);
        self.commit_if_all_voted(transaction, effects);
    }

    /// Asks those whose votes are missing.
    fn ask_missing(&self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let Some(Coordination::Collecting {
            branches, votes, ..
        }) = self.coordinated.get(&transaction)
        else {
            return;
        };
        let plan = Plan {
            participants: branches.clone(),
            acceptors: Vec::new(),
        };
        for site in plan.sites().filter(|site| !votes.contains_key(site)) {
            effects.send.push((site, self.prepare(transaction, &plan)));
        }
    }

    pub(super) fn prepare(&self, transaction: TransactionId, plan: &Plan) -> Message {
        Message::Prepare {
            transaction,
            plan: plan.clone(),
            floor: self.floor(),
        }
    }

    fn ask_one_phase(
        &mut self,
        transaction: TransactionId,
        only: Branch,
        effects: &mut SiteEffects<S>,
    ) {
        self.coordinated
            .insert(transaction, Coordination::OnePhase(only));
        effects.arm.push(Timer::Coordinator(transaction));
        let floor = self.floor();
        let incarnation = only.incarnation;
        let message = Message::PrepareOnePhase {
            transaction,
            incarnation,
            floor,
        };
        effects.send.push((only.site, message));
    }

    pub(super) fn on_vote(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        vote: Vote,
        effects: &mut SiteEffects<S>,
    ) {
        match self.coordinated.get_mut(&transaction) {
            Some(Coordination::Collecting {
                branches, votes, ..
            }) if branches.iter().any(|branch| branch.site == from) => {
                // The first vote counts, however often another comes.
                votes.entry(from).or_insert(vote);
            }
            // A participant that cannot propose has lost its work: there is nothing to wait for.
            Some(Coordination::Led) if vote == Vote::No => {
                return self.lead_on(transaction, effects);
            }
            _ => return,
        }
        match vote {
            Vote::No => self.abort(transaction, effects),
            Vote::Yes | Vote::Read => self.commit_if_all_voted(transaction, effects),
        }
    }
}

// Deciding.
impl<S: Rules> Site<S> {
    fn commit_if_all_voted(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let Some(Coordination::Collecting {
            branches, votes, ..
        }) = self.coordinated.get(&transaction)
        else {
            return;
        };
        let voted =
            |branch: &Branch| matches!(votes.get(&branch.site), Some(Vote::Yes | Vote::Read));
        if !self.allows(Rule::DCommitAllVoted, branches.iter().all(voted)) {
            return;
        }

        let sites = branches.iter().map(|branch| branch.site);
        let to_tell: BTreeSet<_> = sites
            .filter(|site| votes.get(site) != Some(&Vote::Read))
            .collect();
        self.commit(transaction, to_tell, effects);
    }

    /// If nobody is concerned there is nothing to remember, as if it had aborted.
    fn commit(
        &mut self,
        transaction: TransactionId,
        to_tell: BTreeSet<NodeId>,
        effects: &mut SiteEffects<S>,
    ) {
        if to_tell.is_empty() {
            return self.decided(transaction, Outcome::Commit, effects);
        }
        self.force(Record::Commit(transaction, to_tell.clone()), effects);
        for site in &to_tell {
            let commit = decision(transaction, Outcome::Commit, true);
            self.send_synced(Rule::DTellCommitSynced, *site, commit, effects);
        }
        self.coordinated
            .insert(transaction, Coordination::Committing { unacked: to_tell });
        effects.notify.push(Notice::Decided {
            transaction,
            outcome: Outcome::Commit,
        });
    }

    /// The client is told, and nothing more remains to be done.
    fn decided(
        &mut self,
        transaction: TransactionId,
        outcome: Outcome,
        effects: &mut SiteEffects<S>,
    ) {
        self.coordinated.remove(&transaction);
        effects.disarm.push(Timer::Coordinator(transaction));
        effects.notify.push(Notice::Decided {
            transaction,
            outcome,
        });
    }

    pub(super) fn roll_back(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        match self.coordinated.get(&transaction) {
            Some(Coordination::Led) => self.lead_on(transaction, effects),
            Some(_) => self.abort(transaction, effects),
            None => {}
        }
    }

    /// Aborts, forgets at once, and tells those who may be waiting. Nothing is written.
    pub(super) fn abort(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let Some(coordination) = self.coordinated.get(&transaction) else {
            return;
        };
        let given_away = matches!(coordination, Coordination::OnePhase(_));
        let committing = matches!(coordination, Coordination::Committing { .. });
        let to_tell = coordination.concerned();
        if !self.requires(Rule::DAbortUndecided, !committing, effects)
            || !self.requires(Core::OnePhaseGivenAway, !given_away, effects)
        {
            return;
        }

        for site in to_tell {
            effects
                .send
                .push((site, decision(transaction, Outcome::Abort, false)));
        }
        self.decided(transaction, Outcome::Abort, effects);
    }

    pub(super) fn on_one_phase_done(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        outcome: Outcome,
        effects: &mut SiteEffects<S>,
    ) {
        if let Some(Coordination::OnePhase(_)) = self.coordinated.get(&transaction) {
            self.decided(transaction, outcome, effects);
        }
        if outcome == Outcome::Commit {
            effects
                .send
                .push((from, Message::OnePhaseAck { transaction }));
        }
    }
}

// Acknowledgements, inquiries, alarms, recovery.
impl<S: Rules> Site<S> {
    pub(super) fn on_ack(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        mismatch: Option<Outcome>,
        effects: &mut SiteEffects<S>,
    ) {
        self.leader_on_ack(from, transaction, mismatch, effects);
        let Some(Coordination::Committing { unacked }) = self.coordinated.get_mut(&transaction)
        else {
            return;
        };
        if unacked.remove(&from)
            && let Some(took) = mismatch
        {
            let decided = Outcome::Commit;
            effects.notify.push(Notice::Mismatch {
                transaction,
                site: from,
                took,
                decided,
            });
        }
        let all = unacked.is_empty();
        if self.allows(Rule::DForgetAllAcked, all) {
            self.write_lazily(Record::End(transaction), effects);
            self.coordinated.remove(&transaction);
            effects.disarm.push(Timer::Coordinator(transaction));
        }
    }

    /// Whether the coordinator has an answer to the inquiry.
    pub(super) fn coordinator_answers(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) -> bool {
        if transaction.coordinator != self.config.id {
            return false;
        }
        let known = self.coordinated.get(&transaction);
        if let Some(Coordination::Committing { .. }) = known {
            effects
                .send
                .push((from, decision(transaction, Outcome::Commit, true)));
            return true;
        }
        if !self.requires(Rule::DAnswerForgotten, known.is_none(), effects) {
            return false;
        }

        effects
            .send
            .push((from, Message::Forgotten { transaction }));
        true
    }

    pub(super) fn coordinator_waited(
        &mut self,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) {
        match self.coordinated.get_mut(&transaction) {
            Some(Coordination::Collecting { asked_again, .. }) => {
                if core::mem::replace(asked_again, true) {
                    return self.abort(transaction, effects);
                }
                self.ask_missing(transaction, effects);
            }
            Some(Coordination::OnePhase(only)) => {
                let only = *only;
                return self.ask_one_phase(transaction, only, effects);
            }
            Some(Coordination::Committing { unacked }) => {
                let commit = |site: &NodeId| (*site, decision(transaction, Outcome::Commit, true));
                effects.send.extend(unacked.iter().map(commit));
            }
            Some(Coordination::Begun | Coordination::Led) | None => return,
        }
        effects.arm.push(Timer::Coordinator(transaction));
    }

    /// Tells everyone in a commit record again; what has none was aborted, or is the acceptors' affair.
    pub(super) fn recover_coordinator(&mut self, effects: &mut SiteEffects<S>) {
        for (transaction, sites) in &self.image.commits {
            let unacked = sites.clone();
            let commit = |site: &NodeId| (*site, decision(*transaction, Outcome::Commit, true));
            effects.send.extend(sites.iter().map(commit));
            effects.arm.push(Timer::Coordinator(*transaction));
            effects.notify.push(Notice::Decided {
                transaction: *transaction,
                outcome: Outcome::Commit,
            });
            self.coordinated
                .insert(*transaction, Coordination::Committing { unacked });
        }
    }
}

impl Coordination {
    /// Whom an abort concerns: those who have not voted NO or READ.
    fn concerned(&self) -> Vec<NodeId> {
        match self {
            Self::Begun | Self::Led => Vec::new(),
            Self::Collecting {
                branches, votes, ..
            } => {
                let sites = branches.iter().map(|branch| branch.site);
                let waits = |site: &NodeId| !matches!(votes.get(site), Some(Vote::No | Vote::Read));
                sites.filter(waits).collect()
            }
            Self::OnePhase(only) => [only.site].into(),
            Self::Committing { unacked } => unacked.iter().copied().collect(),
        }
    }
}

pub(super) fn decision(transaction: TransactionId, outcome: Outcome, acknowledge: bool) -> Message {
    Message::Decision {
        transaction,
        outcome,
        acknowledge,
    }
}

/// Each site once, with the earliest of its incarnations: if there are two, work is lost, and the site must not be able to vote YES.
fn one_per_site(branches: Vec<Branch>) -> Vec<Branch> {
    let mut sites: BTreeMap<NodeId, u64> = BTreeMap::new();
    for Branch { site, incarnation } in branches {
        let earliest = sites.entry(site).or_insert(incarnation);
        *earliest = incarnation.min(*earliest);
    }
    let branch = |(site, incarnation)| Branch { site, incarnation };
    sites.into_iter().map(branch).collect()
}
