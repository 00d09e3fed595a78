//! Termination: participants that wait too long ask the coordinator and each other, and answer as far as they are certain.

use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;

use super::super::{Message, Outcome, Plan, Resolved, Rules, Timer, TransactionId, Value};
use super::coordinator::decision;
use super::state::Participation;
use super::voting::one_phase_done;
use super::{Site, SiteEffects};
use crate::NodeId;

impl<S: Rules> Site<S> {
    pub(super) fn participant_waited(
        &mut self,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) {
        let coordinator = transaction.coordinator;
        match self.participations.get_mut(&transaction) {
            Some(Participation::Working | Participation::Preparing(_)) => {
                let inquiry = Message::Inquiry {
                    transaction,
                    incarnation: None,
                };
                effects.send.push((coordinator, inquiry));
            }
            Some(Participation::Prepared { plan, asked_again }) if plan.is_paxos() => {
                let plan = plan.clone();
                if core::mem::replace(asked_again, true) {
                    self.lead(transaction, &plan, effects);
                } else {
                    self.propose(transaction, &plan, Value::Prepared, effects);
                }
            }
            Some(Participation::Resolved(Resolved {
                plan,
                decided: None,
                ..
            })) if plan.is_paxos() => {
                let plan = plan.clone();
                self.lead(transaction, &plan, effects);
            }
            Some(
                Participation::Prepared { plan, .. }
                | Participation::Resolved(Resolved {
                    plan,
                    decided: None,
                    ..
                }),
            ) => {
                let plan = plan.clone();
                self.inquire(transaction, &plan, effects);
            }
            Some(Participation::OnePhase { heard: false, .. }) => {
                let done = one_phase_done(transaction, Outcome::Commit);
                effects.send.push((coordinator, done));
            }
            // Its host is at work, or an operator: nothing is to be asked.
            Some(
                Participation::Applying { .. }
                | Participation::OnePhase { .. }
                | Participation::Resolved(_),
            )
            | None => return,
        }
        effects.arm.push(Timer::Participant(transaction));
    }

    /// Asks the coordinator and all other participants.
    fn inquire(&self, transaction: TransactionId, plan: &Plan, effects: &mut SiteEffects<S>) {
        let coordinator = transaction.coordinator;
        let others = plan
            .participants
            .iter()
            .filter(|branch| branch.site != self.config.id);
        let mut ask = |site, incarnation| {
            effects.send.push((
                site,
                Message::Inquiry {
                    transaction,
                    incarnation,
                },
            ));
        };
        if plan.incarnation_of(coordinator).is_none() || coordinator == self.config.id {
            ask(coordinator, None);
        }
        others.for_each(|branch| ask(branch.site, Some(branch.incarnation)));
    }

    pub(super) fn on_inquiry(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        incarnation: Option<u64>,
        effects: &mut SiteEffects<S>,
    ) {
        if self.coordinator_answers(from, transaction, effects) {
            return;
        }
        if let Some(incarnation) = incarnation {
            self.participant_answers(from, transaction, incarnation, effects);
        }
    }

    /// One that has not voted aborts, so that it can help. One that is uncertain says so; so does one that knows nothing: it may have voted READ.
    fn participant_answers(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        incarnation: u64,
        effects: &mut SiteEffects<S>,
    ) {
        let outcome = self.outcome(transaction);
        let committed = outcome == Some(Outcome::Commit);
        if self.allows(Rule::DAnswerCommitCommitted, committed) {
            return effects
                .send
                .push((from, decision(transaction, Outcome::Commit, false)));
        }
        let participation = self.participations.get(&transaction);
        let working = participation.is_some_and(Participation::is_working);
        let certain = working || outcome == Some(Outcome::Abort);
        if !self.allows(Rule::DAnswerAbortCertain, certain)
            || !self.requires(
                Core::BranchOfThisIncarnation,
                self.worked_in(transaction) == Some(incarnation),
                effects,
            )
        {
            return effects
                .send
                .push((from, Message::Uncertain { transaction }));
        }

        if working {
            self.withdraw(transaction, effects);
        }
        effects
            .send
            .push((from, decision(transaction, Outcome::Abort, false)));
    }

    /// In which incarnation this site has done its work, as far as it remembers.
    fn worked_in(&self, transaction: TransactionId) -> Option<u64> {
        match self.participations.get(&transaction) {
            Some(participation) => {
                let plan = participation.plan();
                let planned = plan.and_then(|plan| plan.incarnation_of(self.config.id));
                Some(planned.unwrap_or(self.image.incarnation))
            }
            None => self
                .closed
                .get(&transaction)
                .map(|closed| closed.incarnation),
        }
    }

    /// The coordinator knows nothing of the transaction: a participant of two-phase commit presumes that it was aborted.
    pub(super) fn on_forgotten(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(participation) = self.participations.get(&transaction) else {
            return;
        };
        let prepared = !participation.is_working();
        let paxos = prepared && participation.plan().is_some_and(Plan::is_paxos);
        if from != transaction.coordinator || !self.requires(Core::PresumeTwoPhase, !paxos, effects)
        {
            return;
        }

        match self.participations.get(&transaction) {
            Some(Participation::Resolved(Resolved { decided: None, .. })) => {
                self.compare(transaction, None, Outcome::Abort, effects);
            }
            Some(Participation::Resolved(_)) | None => {}
            Some(_) => self.rcv_abort(transaction, effects),
        }
    }
}
