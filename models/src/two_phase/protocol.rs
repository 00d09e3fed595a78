//! Two-phase commit: TwoPhase.tla, action for action.
//!
//! Left out, as there: Prepare messages of the transaction manager and Abort messages of the resource managers (both are
//! represented by what they may cause at any time), and message loss (a message need not be received). Crashes and logs are
//! another rung's subject.

use concur_rules::two_phase::TwoPhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::events::event;
use super::spec::TCommit;
use super::{MAX_RMS, Rm, RmState, RmStates, ac1, ac2, ac3, decided};
use crate::kit::{Event, Id, NodeSet, OneOf, Refines, ShortVec, Spec, StepProperty, given};

/// A transaction manager and its resource managers.
#[derive(Clone, Debug)]
pub struct TwoPhase<S = Faithful> {
    /// How many resource managers there are.
    pub rms: usize,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The variables of TwoPhase.tla.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `rmState`: the state of each resource manager.
    pub rm_state: RmStates,
    /// `tmState`: what the transaction manager has decided.
    pub tm_state: TmState,
    /// `tmPrepared`: the resource managers that it knows to be prepared.
    pub tm_prepared: NodeSet<Rm>,
    /// `msgs`: every message ever sent.
    pub msgs: Messages,
}

/// What the transaction manager has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TmState {
    /// Nothing yet.
    Init,
    /// To commit.
    Committed,
    /// To abort.
    Aborted,
}

// ------------------------------------------------------------------------------------------------------------- Messages

/// The set of all messages ever sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Messages {
    /// Who has sent Prepared.
    pub prepared: NodeSet<Rm>,
    /// Whether Commit was sent, to all.
    pub commit: bool,
    /// Whether Abort was sent, to all.
    pub abort: bool,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of TwoPhase.tla.
    pub enum Action {
        /// The transaction manager receives Prepared from a resource manager.
        TMRcvPrepared(Rm),
        /// The transaction manager decides to commit.
        TMCommit,
        /// The transaction manager decides to abort.
        TMAbort,
        /// A resource manager prepares.
        RMPrepare(Rm),
        /// A resource manager aborts on its own.
        RMChooseToAbort(Rm),
        /// A resource manager is told to commit.
        RMRcvCommitMsg(Rm),
        /// A resource manager is told to abort.
        RMRcvAbortMsg(Rm),
    }
}

impl<S: RuleSet<Rule>> TwoPhase<S> {
    fn tm_rcv_prepared(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.prepared.contains(rm))?;
        self.rules
            .when(Rule::TMRcvPreparedInit, s.tm_state == TmState::Init)?;

        let mut t = *s;
        if self.rules.performs(Rule::TMRcvPreparedRecords) {
            t.tm_prepared.insert(rm);
        }
        Some(t)
    }

    fn tm_commit(&self, s: &State) -> Option<State> {
        self.rules
            .when(Rule::TMCommitInit, s.tm_state == TmState::Init)?;
        self.rules.when(
            Rule::TMCommitAllPrepared,
            s.tm_prepared == NodeSet::first(self.rms),
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::TMCommitState) {
            t.tm_state = TmState::Committed;
        }
        if self.rules.performs(Rule::TMCommitSends) {
            t.msgs.commit = true;
        }
        Some(t)
    }

    fn tm_abort(&self, s: &State) -> Option<State> {
        self.rules
            .when(Rule::TMAbortInit, s.tm_state == TmState::Init)?;

        let mut t = *s;
        if self.rules.performs(Rule::TMAbortState) {
            t.tm_state = TmState::Aborted;
        }
        if self.rules.performs(Rule::TMAbortSends) {
            t.msgs.abort = true;
        }
        Some(t)
    }

    fn rm_prepare(&self, s: &State, rm: Rm) -> Option<State> {
        self.rules
            .when(Rule::RMPrepareWorking, s.rm_state[rm] == RmState::Working)?;

        let mut t = *s;
        if self.rules.performs(Rule::RMPrepareState) {
            t.rm_state.set(rm, RmState::Prepared);
        }
        if self.rules.performs(Rule::RMPrepareSends) {
            t.msgs.prepared.insert(rm);
        }
        Some(t)
    }

    fn rm_choose_to_abort(&self, s: &State, rm: Rm) -> Option<State> {
        self.rules.when(
            Rule::RMChooseToAbortWorking,
            s.rm_state[rm] == RmState::Working,
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::RMChooseToAbortState) {
            t.rm_state.set(rm, RmState::Aborted);
        }
        Some(t)
    }

    fn rm_rcv_commit_msg(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.commit)?;

        let mut t = *s;
        if self.rules.performs(Rule::RMRcvCommitMsgState) {
            t.rm_state.set(rm, RmState::Committed);
        }
        Some(t)
    }

    fn rm_rcv_abort_msg(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.abort)?;

        let mut t = *s;
        if self.rules.performs(Rule::RMRcvAbortMsgState) {
            t.rm_state.set(rm, RmState::Aborted);
        }
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for TwoPhase<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            rm_state: RmStates::all(self.rms, RmState::Working),
            tm_state: TmState::Init,
            tm_prepared: NodeSet::empty(),
            msgs: Messages::default(),
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::TMCommit, Action::TMAbort]);
        for rm in Rm::first(self.rms) {
            actions.extend([Action::RMPrepare(rm), Action::RMChooseToAbort(rm)]);
        }
        // What is received must have been sent.
        actions.extend(s.msgs.prepared.iter().map(Action::TMRcvPrepared));
        if s.msgs.commit {
            actions.extend(Rm::first(self.rms).map(Action::RMRcvCommitMsg));
        }
        if s.msgs.abort {
            actions.extend(Rm::first(self.rms).map(Action::RMRcvAbortMsg));
        }
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::TMRcvPrepared(rm) => self.tm_rcv_prepared(s, rm),
            Action::TMCommit => self.tm_commit(s),
            Action::TMAbort => self.tm_abort(s),
            Action::RMPrepare(rm) => self.rm_prepare(s, rm),
            Action::RMChooseToAbort(rm) => self.rm_choose_to_abort(s, rm),
            Action::RMRcvCommitMsg(rm) => self.rm_rcv_commit_msg(s, rm),
            Action::RMRcvAbortMsg(rm) => self.rm_rcv_abort_msg(s, rm),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("AC1", |_, s| ac1(&s.rm_state)),
            Property::<Self>::sometimes("AC1: one commits", |_, s| any(s, RmState::Committed)),
            Property::<Self>::sometimes("AC1: one aborts alone", |_, s| {
                s.tm_state == TmState::Init && any(s, RmState::Aborted)
            }),
            Property::<Self>::always("AC3", |_, s| ac3(&s.rm_state)),
            Property::<Self>::sometimes("AC3: one commits", |_, s| any(s, RmState::Committed)),
            Property::<Self>::sometimes("AC2: one has decided", |_, s| {
                s.rm_state.values().any(decided)
            }),
            Property::<Self>::sometimes("AC2: a prepared one aborts", |_, s| {
                s.msgs
                    .prepared
                    .iter()
                    .any(|rm| s.rm_state[rm] == RmState::Aborted)
            }),
            Property::<Self>::sometimes("StableDecision: it has decided", |_, s| {
                s.tm_state != TmState::Init
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> Spec for TwoPhase<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of resource managers");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            StepProperty {
                name: "AC2",
                holds: |_, s, _, t| ac2(&s.rm_state, &t.rm_state),
            },
            // The transaction manager's decision, and the votes that it rests on, never change.
            StepProperty {
                name: "StableDecision",
                holds: |_, s, _, t| {
                    s.tm_state == TmState::Init
                        || (s.tm_state, s.tm_prepared) == (t.tm_state, t.tm_prepared)
                },
            },
        ]
    }

    fn event(&self, _: &State, action: &Action) -> Event {
        event(action)
    }

    /// Nothing relates two resource managers, so sorting all that is known of each is exact.
    fn canonical(&self, s: &State) -> State {
        let mut all = ShortVec::<_, MAX_RMS>::from_iter(s.rm_state.iter().map(|(rm, state)| {
            let prepared = s.msgs.prepared.contains(rm);
            (state.code() as u8, s.tm_prepared.contains(rm), prepared)
        }));
        all.sort_unstable();
        let mut t = State {
            tm_prepared: NodeSet::empty(),
            msgs: Messages {
                prepared: NodeSet::empty(),
                ..s.msgs
            },
            ..*s
        };
        for (rm, &(state, known, prepared)) in Rm::first(self.rms).zip(all.iter()) {
            t.rm_state.set(rm, RmState::ALL[state as usize]);
            if known {
                t.tm_prepared.insert(rm);
            }
            if prepared {
                t.msgs.prepared.insert(rm);
            }
        }
        t
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for TwoPhase<S> {
    type Abstract = TCommit;

    fn abstract_model(&self) -> TCommit {
        TCommit {
            rms: self.rms,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> RmStates {
        s.rm_state
    }
}

fn any(s: &State, state: RmState) -> bool {
    s.rm_state.contains(state)
}
