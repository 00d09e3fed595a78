//! Voting: what a participant answers when it is asked, the first time, again, or too late.

use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as DurablePaxos;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;

use super::super::{Message, Notice, Outcome, Plan, Record, Rules, TransactionId, Value, Vote};
use super::state::{Asked, Participation};
use super::{Site, SiteEffects};
use crate::NodeId;

// Being asked.
impl<S: Rules> Site<S> {
    pub(super) fn on_prepare(
        &mut self,
        from: NodeId,
        transaction: TransactionId,
        asked: Asked,
        effects: &mut SiteEffects<S>,
    ) {
        let participation = self.participations.get(&transaction);
        match participation {
            Some(Participation::Prepared { .. }) => return self.vote_again(transaction, effects),
            // The host has been asked and will answer.
            Some(Participation::Preparing(_)) => return,
            _ => {}
        }
        let working = participation == Some(&Participation::Working);
        let here = asked.incarnation_of(self.config.id) == Some(self.image.incarnation);
        if !self.requires(Rule::DPrepareWorking, working, effects)
            || !self.requires(Core::BranchOfThisIncarnation, here, effects)
        {
            return self.answer_late_prepare(from, transaction, &asked, effects);
        }

        self.participations
            .insert(transaction, Participation::Preparing(asked));
        effects.notify.push(Notice::Prepare { transaction });
    }

    /// Repeats the vote of a participant in doubt, on whose disk it is.
    fn vote_again(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let Some(plan) = self
            .participations
            .get(&transaction)
            .and_then(Participation::plan)
        else {
            return;
        };
        if plan.is_paxos() {
            let plan = plan.clone();
            self.propose(transaction, &plan, Value::Prepared, effects);
        } else {
            let vote = Message::Vote {
                transaction,
                vote: Vote::Yes,
            };
            effects.send.push((transaction.coordinator, vote));
        }
    }

    /// Answers a PREPARE that opens nothing: with the vote that was given, or with NO if none can have been YES and still matter.
    fn answer_late_prepare(
        &self,
        from: NodeId,
        transaction: TransactionId,
        asked: &Asked,
        effects: &mut SiteEffects<S>,
    ) {
        let closed = self.closed.get(&transaction);
        let vote = closed.and_then(|closed| closed.vote);
        let message = match (asked, self.participations.get(&transaction)) {
            (Asked::OnePhase(_), Some(Participation::OnePhase { .. })) => {
                one_phase_done(transaction, Outcome::Commit)
            }
            (Asked::OnePhase(_), _) => {
                let outcome = closed.and_then(|closed| closed.outcome);
                let read = vote == Some(Vote::Read);
                let presumed = if read {
                    Outcome::Commit
                } else {
                    Outcome::Abort
                };
                one_phase_done(transaction, outcome.unwrap_or(presumed))
            }
            (Asked::Prepare(_), Some(participation)) if !participation.is_working() => return,
            // Whether this vote went out before is all that matters in ballot 0, where a participant may propose one value only.
            (Asked::Prepare(plan), _) if plan.is_paxos() => match vote {
                Some(Vote::Yes) => return,
                Some(Vote::Read) => {
                    return self.propose(transaction, plan, Value::Prepared, effects);
                }
                Some(Vote::No) => return self.propose(transaction, plan, Value::Aborted, effects),
                None => Message::Vote {
                    transaction,
                    vote: Vote::No,
                },
            },
            (Asked::Prepare(_), _) => match vote {
                Some(Vote::Yes) => return,
                vote => Message::Vote {
                    transaction,
                    vote: vote.unwrap_or(Vote::No),
                },
            },
        };
        effects.send.push((from, message));
    }
}

// Voting.
impl<S: Rules> Site<S> {
    pub(super) fn vote(
        &mut self,
        transaction: TransactionId,
        vote: Vote,
        effects: &mut SiteEffects<S>,
    ) {
        let participation = self.participations.get(&transaction);
        let preparing = matches!(participation, Some(Participation::Preparing(_)));
        let rule = match vote {
            Vote::Yes => Rule::DPrepareWorking,
            Vote::Read => Rule::DReadWorking,
            Vote::No => Rule::DChooseToAbortWorking,
        };
        let asked = participation.and_then(Participation::asked);
        if !self.requires(rule, preparing, effects) {
            return;
        }
        let Some(asked) = asked else { return };

        match (vote, asked) {
            (Vote::Yes, Asked::Prepare(plan)) => self.vote_yes(transaction, plan, effects),
            (Vote::Yes, Asked::OnePhase(_)) => self.commit_alone(transaction, effects),
            (Vote::Read, asked) => self.vote_read(transaction, &asked, effects),
            (Vote::No, asked) => self.vote_no(transaction, Some(&asked), effects),
        }
    }

    fn vote_yes(&mut self, transaction: TransactionId, plan: Plan, effects: &mut SiteEffects<S>) {
        self.force(Record::Prepared(transaction, plan.clone()), effects);
        if plan.is_paxos() {
            self.propose_synced(transaction, &plan, effects);
        } else {
            let vote = Message::Vote {
                transaction,
                vote: Vote::Yes,
            };
            self.send_synced(Rule::DYesSynced, transaction.coordinator, vote, effects);
        }
        let prepared = Participation::Prepared {
            plan,
            asked_again: false,
        };
        self.participations.insert(transaction, prepared);
    }

    fn propose_synced(
        &self,
        transaction: TransactionId,
        plan: &Plan,
        effects: &mut SiteEffects<S>,
    ) {
        for (acceptor, proposal) in self.proposals(transaction, plan, Value::Prepared) {
            self.send_synced(DurablePaxos::DPProposeSynced, acceptor, proposal, effects);
        }
    }

    fn commit_alone(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        self.force(Record::OnePhase(transaction), effects);
        let done = one_phase_done(transaction, Outcome::Commit);
        self.send_synced(Core::OnePhaseSynced, transaction.coordinator, done, effects);
        let participation = Participation::OnePhase {
            applied: false,
            heard: false,
        };
        self.participations.insert(transaction, participation);
        effects.notify.push(Notice::Commit { transaction });
    }

    fn vote_read(
        &mut self,
        transaction: TransactionId,
        asked: &Asked,
        effects: &mut SiteEffects<S>,
    ) {
        self.close(transaction, Some(Vote::Read), None, effects);
        self.send_vote(transaction, asked, Vote::Read, effects);
    }

    fn vote_no(
        &mut self,
        transaction: TransactionId,
        asked: Option<&Asked>,
        effects: &mut SiteEffects<S>,
    ) {
        self.abort_branch(transaction, Some(Vote::No), effects);
        if let Some(asked) = asked {
            self.send_vote(transaction, asked, Vote::No, effects);
        }
    }

    /// Tells whoever asked of a vote for which nothing was written.
    fn send_vote(
        &self,
        transaction: TransactionId,
        asked: &Asked,
        vote: Vote,
        effects: &mut SiteEffects<S>,
    ) {
        let (value, outcome) = match vote {
            Vote::Yes | Vote::Read => (Value::Prepared, Outcome::Commit),
            Vote::No => (Value::Aborted, Outcome::Abort),
        };
        let message = match asked {
            Asked::Prepare(plan) if plan.is_paxos() => {
                return self.propose(transaction, plan, value, effects);
            }
            Asked::Prepare(_) => Message::Vote { transaction, vote },
            Asked::OnePhase(_) => one_phase_done(transaction, outcome),
        };
        effects.send.push((transaction.coordinator, message));
    }

    pub(super) fn withdraw(&mut self, transaction: TransactionId, effects: &mut SiteEffects<S>) {
        let Some(participation) = self.participations.get(&transaction) else {
            return;
        };
        let (working, asked) = (participation.is_working(), participation.asked());
        if !self.requires(Rule::DChooseToAbortWorking, working, effects) {
            return;
        }

        self.vote_no(transaction, asked.as_ref(), effects);
    }

    /// Proposes in ballot 0 of this participant's own instance.
    pub(super) fn propose(
        &self,
        transaction: TransactionId,
        plan: &Plan,
        value: Value,
        effects: &mut SiteEffects<S>,
    ) {
        effects
            .send
            .extend(self.proposals(transaction, plan, value));
    }
}

impl Asked {
    /// The incarnation in which that site is said to have done its work.
    fn incarnation_of(&self, site: NodeId) -> Option<u64> {
        match self {
            Self::Prepare(plan) => plan.incarnation_of(site),
            Self::OnePhase(incarnation) => Some(*incarnation),
        }
    }
}

pub(super) fn one_phase_done(transaction: TransactionId, outcome: Outcome) -> Message {
    Message::OnePhaseDone {
        transaction,
        outcome,
    }
}
