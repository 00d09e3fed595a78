//! The promise of transaction commit: TCommit.tla. Must be believed.

use concur_rules::two_phase::TwoPhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::{Rm, RmState, RmStates, ac1, ac2, ac3, can_commit, decided};
use crate::kit::{Anything, Id, Refines, Spec, StepProperty};

/// Resource managers that commit or abort a transaction together.
#[derive(Clone, Debug)]
pub struct TCommit<S = Faithful> {
    /// How many resource managers there are.
    pub rms: usize,
    /// The rules that are kept.
    pub rules: S,
}

crate::actions! {
    /// What can happen to a resource manager.
    pub enum Action {
        /// It becomes able to commit.
        Prepare(Rm),
        /// It decides to commit.
        DecideCommit(Rm),
        /// It decides to abort.
        DecideAbort(Rm),
    }
}

impl<S: RuleSet<Rule>> TCommit<S> {
    fn prepare(&self, s: &RmStates, rm: Rm) -> Option<RmStates> {
        self.rules
            .when(Rule::PrepareWorking, s[rm] == RmState::Working)?;

        Some(with(s, rm, RmState::Prepared))
    }

    fn decide_commit(&self, s: &RmStates, rm: Rm) -> Option<RmStates> {
        self.rules
            .when(Rule::DecideCommitPrepared, s[rm] == RmState::Prepared)?;
        self.rules
            .when(Rule::DecideCanCommit, s.values().all(can_commit))?;

        Some(with(s, rm, RmState::Committed))
    }

    fn decide_abort(&self, s: &RmStates, rm: Rm) -> Option<RmStates> {
        let not_committed = !s.contains(RmState::Committed);
        self.rules
            .when(Rule::DecideAbortUndecided, !decided(s[rm]))?;
        self.rules.when(Rule::DecideNotCommitted, not_committed)?;

        Some(with(s, rm, RmState::Aborted))
    }
}

impl<S: RuleSet<Rule>> Model for TCommit<S> {
    type State = RmStates;
    type Action = Action;

    fn init_states(&self) -> Vec<RmStates> {
        vec![RmStates::all(self.rms, RmState::Working)]
    }

    fn actions(&self, _: &RmStates, actions: &mut Vec<Action>) {
        for rm in Rm::first(self.rms) {
            actions.extend([
                Action::Prepare(rm),
                Action::DecideCommit(rm),
                Action::DecideAbort(rm),
            ]);
        }
    }

    fn next_state(&self, s: &RmStates, action: Action) -> Option<RmStates> {
        match action {
            Action::Prepare(rm) => self.prepare(s, rm),
            Action::DecideCommit(rm) => self.decide_commit(s, rm),
            Action::DecideAbort(rm) => self.decide_abort(s, rm),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("AC1", |_, s| ac1(s)),
            Property::<Self>::sometimes("AC1: one commits", |_, s| s.contains(RmState::Committed)),
            Property::<Self>::sometimes("AC1: one aborts", |_, s| s.contains(RmState::Aborted)),
            Property::<Self>::always("AC3", |_, s| ac3(s)),
            Property::<Self>::sometimes("AC3: one commits", |_, s| s.contains(RmState::Committed)),
            Property::<Self>::sometimes("AC2: one has decided", |_, s| s.values().any(decided)),
        ]
    }
}

impl<S: RuleSet<Rule>> Spec for TCommit<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of resource managers");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "AC2",
            holds: |_, s, _, t| ac2(s, t),
        }]
    }

    fn canonical(&self, s: &RmStates) -> RmStates {
        let mut sorted: Vec<RmState> = s.values().collect();
        sorted.sort_unstable();
        let mut t = *s;
        for (rm, state) in t.nodes().zip(sorted) {
            t.set(rm, state);
        }
        t
    }
}

impl<S: RuleSet<Rule>> Refines for TCommit<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &RmStates) {}
}

fn with(s: &RmStates, rm: Rm, state: RmState) -> RmStates {
    let mut t = *s;
    t.set(rm, state);
    t
}
