//! The participant: takes up work, carries out what was decided, and goes on after a restart.

use alloc::collections::BTreeSet;

use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;

use super::super::{Branch, Entry, Notice, Outcome, Record, Rules, Timer, TransactionId, Vote};
use super::state::{Closed, Participation};
use super::{Site, SiteEffects};
use crate::NodeId;

// Taking part.
impl<S: Rules> Site<S> {
    pub(super) fn enlist(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let floor = self.floors.get(&transaction.coordinator);
        let over = floor.is_some_and(|floor| transaction < *floor);
        let taken = match self.participations.get(&transaction) {
            Some(participation) => *participation != Participation::Working,
            None => over || self.closed.contains_key(&transaction),
        };
        if !self.requires(Core::EnlistOpen, !taken, effects) {
            return;
        }

        self.closed.remove(&transaction);
        self.participations
            .insert(transaction, Participation::Working);
        let branch = Branch {
            site: self.config.id,
            incarnation: self.image.incarnation,
        };
        effects.arm.push(Timer::Participant(transaction));
        effects.notify.push(Notice::Enlisted {
            transaction,
            branch,
        });
    }

    /// Nothing of that coordinator's that is less than the floor can be decided any more, so that nothing need be remembered of it.
    pub(super) fn raise_floor(&mut self, coordinator: NodeId, floor: TransactionId) {
        if floor.coordinator != coordinator {
            return;
        }
        let known = self.floors.entry(coordinator).or_insert(floor);
        *known = floor.max(*known);
        let floor = *known;
        self.closed.retain(|transaction, _| {
            transaction.coordinator != coordinator || *transaction >= floor
        });
    }
}

// Carrying out the decision.
impl<S: Rules> Site<S> {
    pub(super) fn on_decision(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        outcome: Outcome,
        acknowledge: bool,
        effects: &mut SiteEffects<S>,
    ) {
        self.client_learns(transaction, outcome, effects);
        let owed = acknowledge.then_some(from);
        match self.participations.get(&transaction) {
            Some(Participation::Resolved(resolved)) if resolved.decided.is_none() => {
                self.compare(transaction, owed, outcome, effects);
            }
            Some(Participation::Resolved(_)) => {}
            Some(Participation::Prepared { .. }) if outcome == Outcome::Commit => {
                return self.commit_branch(transaction, owed, effects);
            }
            _ if outcome == Outcome::Abort => self.rcv_abort(transaction, effects),
            _ => {}
        }
        // Whoever has still to carry out a commit acknowledges when that is done.
        if let Some(Participation::Applying { .. }) = self.participations.get(&transaction) {
            return self.owe(transaction, owed);
        }
        if let Some(to) = owed {
            let mismatch = self.mismatch(transaction);
            self.acknowledge(to, transaction, mismatch, effects);
        }
    }

    fn owe(&mut self, transaction: TransactionId, to: Option<NodeId>) {
        if let Some(Participation::Applying { owed, .. }) =
            self.participations.get_mut(&transaction)
        {
            owed.extend(to);
        }
    }

    pub(super) fn commit_branch(
        &mut self,
        transaction: TransactionId,
        owed: Option<NodeId>,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(plan) = self
            .participations
            .get(&transaction)
            .and_then(Participation::plan)
        else {
            return;
        };
        let plan = plan.clone();
        let owed = owed.into_iter().collect();
        self.participations
            .insert(transaction, Participation::Applying { plan, owed });
        effects.notify.push(Notice::Commit { transaction });
    }

    /// Obeys ABORT, unless it has committed: the answer to an old inquiry may come late.
    pub(super) fn rcv_abort(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let undecided = self.outcome(transaction) != Some(Outcome::Commit);
        if !self.requires(Rule::DRcvAbortUndecided, undecided, effects) {
            return;
        }

        if let Some(participation) = self.participations.get(&transaction) {
            let vote = (!participation.is_working()).then_some(Vote::Yes);
            self.abort_branch(transaction, vote, effects);
        }
    }

    /// A branch that was prepared needs a record of that, which need not be forced: without it, it asks again, and is answered again.
    pub(super) fn abort_branch(
        &mut self,
        transaction: TransactionId,
        vote: Option<Vote>,
        effects: &mut SiteEffects<S>,
    ) {
        if self.image.entries.contains_key(&transaction) {
            self.write_lazily(Record::Aborted(transaction), effects);
        }
        self.close(transaction, vote, Some(Outcome::Abort), effects);
        effects.notify.push(Notice::Abort { transaction });
    }

    pub(super) fn applied(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        match self.participations.get_mut(&transaction) {
            // A restart may have made this site forget what its host has been told, and has carried out.
            Some(Participation::Prepared { .. }) => {
                self.write_lazily(Record::Committed(transaction), effects);
                self.close(transaction, Some(Vote::Yes), Some(Outcome::Commit), effects);
            }
            Some(Participation::Applying { owed, .. }) => {
                let owed: BTreeSet<NodeId> = core::mem::take(owed);
                self.write_lazily(Record::Committed(transaction), effects);
                self.close(transaction, Some(Vote::Yes), Some(Outcome::Commit), effects);
                for to in owed {
                    self.acknowledge(to, transaction, None, effects);
                }
            }
            Some(Participation::OnePhase { applied, .. }) => {
                *applied = true;
                self.forget_one_phase(transaction, effects);
            }
            _ => {}
        }
    }

    pub(super) fn on_one_phase_ack(
        &mut self,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) {
        if let Some(Participation::OnePhase { heard, .. }) =
            self.participations.get_mut(&transaction)
        {
            *heard = true;
            self.forget_one_phase(transaction, effects);
        }
    }

    fn forget_one_phase(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let participation = self.participations.get(&transaction);
        let done = Some(&Participation::OnePhase {
            applied: true,
            heard: true,
        });
        if self.allows(Core::OnePhaseForgetHeard, participation == done) {
            self.write_lazily(Record::Forgotten(transaction), effects);
            self.close(transaction, Some(Vote::Yes), Some(Outcome::Commit), effects);
        }
    }

    /// The participation is over; that is remembered until nothing of it can arrive any more.
    pub(super) fn close(
        &mut self,
        transaction: TransactionId,
        vote: Option<Vote>,
        outcome: Option<Outcome>,
        effects: &mut SiteEffects<S>,
    ) {
        let participation = self.participations.remove(&transaction);
        let plan = participation.as_ref().and_then(Participation::plan);
        let incarnation = plan.and_then(|plan| plan.incarnation_of(self.config.id));
        let incarnation = incarnation.unwrap_or(self.image.incarnation);
        self.closed.insert(
            transaction,
            Closed {
                incarnation,
                vote,
                outcome,
            },
        );
        effects.disarm.push(Timer::Participant(transaction));
    }

    /// Goes on where the log ends; work without a record is lost. The locks of what is in doubt must be taken again.
    pub(super) fn recover_participant(&mut self, effects: &mut SiteEffects<S>) {
        for (transaction, entry) in self.image.entries.clone() {
            effects.arm.push(Timer::Participant(transaction));
            let participation = match entry {
                Entry::Prepared(plan) => {
                    effects.notify.push(Notice::InDoubt { transaction });
                    Participation::Prepared {
                        plan,
                        asked_again: false,
                    }
                }
                Entry::OnePhase => {
                    effects.notify.push(Notice::Commit { transaction });
                    Participation::OnePhase {
                        applied: false,
                        heard: false,
                    }
                }
                Entry::Resolved(resolved) => {
                    self.report(transaction, &resolved, effects);
                    Participation::Resolved(resolved)
                }
            };
            self.participations.insert(transaction, participation);
        }
    }
}
