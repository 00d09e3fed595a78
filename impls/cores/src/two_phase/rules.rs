//! The rules that this core cites: those of the models, and its own, as one type.

use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as DurablePaxos;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as TwoPhase;
use concur_rules::paxos_commit::PaxosCommitRule as Paxos;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;
use concur_rules::{Card, RuleSet};
use core::fmt::Debug;
use core::hash::Hash;

/// A guard of this core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A rule of durable two-phase commit.
    TwoPhase(TwoPhase),
    /// A rule of Paxos Commit.
    Paxos(Paxos),
    /// A rule that Paxos Commit needs on disks.
    DurablePaxos(DurablePaxos),
    /// A rule of the core only.
    Core(Core),
}

impl concur_rules::Rule for Rule {
    const ALL: &'static [Self] = &[
        Self::TwoPhase(TwoPhase::DPrepareWorking),
        Self::TwoPhase(TwoPhase::DYesSynced),
        Self::TwoPhase(TwoPhase::DReadWorking),
        Self::TwoPhase(TwoPhase::DChooseToAbortWorking),
        Self::TwoPhase(TwoPhase::DAckSynced),
        Self::TwoPhase(TwoPhase::DRcvAbortUndecided),
        Self::TwoPhase(TwoPhase::DAnswerCommitCommitted),
        Self::TwoPhase(TwoPhase::DAnswerAbortCertain),
        Self::TwoPhase(TwoPhase::DCommitAllVoted),
        Self::TwoPhase(TwoPhase::DTellCommitSynced),
        Self::TwoPhase(TwoPhase::DAbortUndecided),
        Self::TwoPhase(TwoPhase::DForgetAllAcked),
        Self::TwoPhase(TwoPhase::DAnswerForgotten),
        Self::Paxos(Paxos::PC1bHigherBallot),
        Self::Paxos(Paxos::PC2aOncePerBallot),
        Self::Paxos(Paxos::PC2aMajorityPromised),
        Self::Paxos(Paxos::PC2aFreeAborts),
        Self::Paxos(Paxos::PC2aHighestBallot),
        Self::Paxos(Paxos::PC2bNotBelowPromise),
        Self::Paxos(Paxos::PCDecideCommitAll),
        Self::Paxos(Paxos::PCDecideAbortOne),
        Self::DurablePaxos(DurablePaxos::DPProposeSynced),
        Self::DurablePaxos(DurablePaxos::DPReplySynced),
        Self::Core(Core::SubmitOnce),
        Self::Core(Core::BranchOfThisIncarnation),
        Self::Core(Core::EnlistOpen),
        Self::Core(Core::OnePhaseGivenAway),
        Self::Core(Core::OnePhaseSynced),
        Self::Core(Core::OnePhaseForgetHeard),
        Self::Core(Core::ResolveInDoubt),
        Self::Core(Core::ForgetCompared),
        Self::Core(Core::PresumeTwoPhase),
    ];

    fn card(self) -> &'static Card {
        match self {
            Self::TwoPhase(rule) => rule.card(),
            Self::Paxos(rule) => rule.card(),
            Self::DurablePaxos(rule) => rule.card(),
            Self::Core(rule) => rule.card(),
        }
    }

    /// The position among the guards of this core; for a rule that it does not cite, the number of its guards.
    fn index(self) -> usize {
        let position = Self::ALL.iter().position(|rule| *rule == self);
        position.unwrap_or(Self::ALL.len())
    }
}

impl From<TwoPhase> for Rule {
    fn from(rule: TwoPhase) -> Self {
        Self::TwoPhase(rule)
    }
}

impl From<Paxos> for Rule {
    fn from(rule: Paxos) -> Self {
        Self::Paxos(rule)
    }
}

impl From<DurablePaxos> for Rule {
    fn from(rule: DurablePaxos) -> Self {
        Self::DurablePaxos(rule)
    }
}

impl From<Core> for Rule {
    fn from(rule: Core) -> Self {
        Self::Core(rule)
    }
}

/// A rule set of this core. All of them are kept unless a check leaves one out: [`Faithful`](concur_rules::Faithful) is the protocol as it ships.
pub trait Rules: RuleSet<Rule> + Eq + Hash + Debug {}

impl<S: RuleSet<Rule> + Eq + Hash + Debug> Rules for S {}
