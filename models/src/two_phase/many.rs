//! Many transactions at a time: for each that has begun, an instance of TwoPhase.tla of its own.
//!
//! What nothing reads any more is forgotten: once the transaction manager has decided, it receives no vote, so that who has sent Prepared, and whom it knows to be prepared, makes no
//! difference ([`settled`]). So a state says the same of a transaction whether or not the logs still tell how it came about.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use concur_rules::two_phase::TwoPhaseRule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::protocol::{Action as Step, State as TwoPhaseState, TmState, TwoPhase};
use super::{MAX_RMS, Rm};
use crate::kit::{Flat, Id, NodeSet, given};

/// Any number of transactions, each with participants of its own: names `K` for transactions, `P` for participants.
#[derive(Clone, Debug, Default)]
pub struct ManyTwoPhase<K, P, S = Faithful> {
    /// Transactions that whoever explores the model may let begin: of all that may, nobody can make a list.
    pub listed: Vec<(K, Vec<P>)>,
    /// The rules that are kept.
    pub rules: S,
}

/// A transaction: its participants, which are the resource managers of that order, and the state of TwoPhase.tla.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance<P> {
    /// Who takes part.
    pub participants: Vec<P>,
    /// The variables of TwoPhase.tla.
    pub state: TwoPhaseState,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq)]
pub enum Action<K, P> {
    /// A transaction begins, with those participants.
    Begin(K, Vec<P>),
    /// An action of TwoPhase.tla, in the instance of one transaction.
    Step(K, Step),
}

/// An action begins with its name in TwoPhase.tla.
impl<K: Debug, P: Debug> Debug for Action<K, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin(name, participants) => write!(f, "Begin({name:?}, {participants:?})"),
            Self::Step(name, step) => write!(f, "{step:?} of {name:?}"),
        }
    }
}

impl<P> Instance<P> {
    /// A transaction of which nothing has happened yet. None has more than [`MAX_RMS`] participants.
    pub fn new(participants: Vec<P>) -> Option<Self> {
        given(participants.len() <= MAX_RMS)?;
        let state = two_phase(participants.len(), Faithful)
            .init_states()
            .remove(0);
        Some(Self {
            participants,
            state,
        })
    }

    /// The participants, by the names that TwoPhase.tla gives them.
    pub fn rms(&self) -> impl Iterator<Item = (Rm, &P)> {
        Rm::first(self.participants.len()).zip(&self.participants)
    }
}

fn two_phase<S>(rms: usize, rules: S) -> TwoPhase<S> {
    TwoPhase { rms, rules }
}

/// The state without what makes no difference any more.
pub fn settled(mut state: TwoPhaseState) -> TwoPhaseState {
    if state.tm_state != TmState::Init {
        state.tm_prepared = NodeSet::empty();
        state.msgs.prepared = NodeSet::empty();
    }
    state
}

impl<K, P, S: RuleSet<TwoPhaseRule>> ManyTwoPhase<K, P, S> {
    /// TwoPhase.tla with those participants.
    fn instance(&self, instance: &Instance<P>) -> TwoPhase<S> {
        two_phase(instance.participants.len(), self.rules.clone())
    }
}

impl<K: Flat, P: Flat, S: RuleSet<TwoPhaseRule>> Model for ManyTwoPhase<K, P, S> {
    type State = BTreeMap<K, Instance<P>>;
    type Action = Action<K, P>;

    fn init_states(&self) -> Vec<Self::State> {
        vec![BTreeMap::new()]
    }

    fn actions(&self, s: &Self::State, actions: &mut Vec<Self::Action>) {
        let new = self.listed.iter().filter(|(name, _)| !s.contains_key(name));
        let begins =
            |(name, participants): &(K, Vec<P>)| Action::Begin(name.clone(), participants.clone());
        actions.extend(new.map(begins));
        for (name, instance) in s {
            let mut steps = Vec::new();
            self.instance(instance).actions(&instance.state, &mut steps);
            actions.extend(
                steps
                    .into_iter()
                    .map(|step| Action::Step(name.clone(), step)),
            );
        }
    }

    fn next_state(&self, s: &Self::State, action: Self::Action) -> Option<Self::State> {
        let (name, next) = match action {
            Action::Begin(name, participants) => {
                given(!s.contains_key(&name))?;
                (name, Instance::new(participants)?)
            }
            Action::Step(name, step) => {
                let instance = s.get(&name)?;
                let state = self.instance(instance).next_state(&instance.state, step)?;
                let participants = instance.participants.clone();
                (
                    name,
                    Instance {
                        participants,
                        state: settled(state),
                    },
                )
            }
        };

        let mut t = s.clone();
        t.insert(name, next);
        Some(t)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every state of TwoPhase.tla with so many resource managers.
    fn all_states(rms: usize) -> BTreeSet<TwoPhaseState> {
        let model = two_phase(rms, Faithful);
        let (mut seen, mut waiting) = (BTreeSet::new(), model.init_states());
        while let Some(state) = waiting.pop() {
            if seen.insert(state) {
                let mut actions = Vec::new();
                model.actions(&state, &mut actions);
                waiting.extend(
                    actions
                        .into_iter()
                        .filter_map(|a| model.next_state(&state, a)),
                );
            }
        }
        seen
    }

    #[test]
    fn what_is_forgotten_of_a_decided_transaction_makes_no_difference() {
        let model = two_phase(3, Faithful);
        let states = all_states(3);
        assert_eq!(states.len(), 288, "as TLC counts");
        for state in &states {
            let mut actions = Vec::new();
            model.actions(state, &mut actions);
            model.actions(&settled(*state), &mut actions);
            for action in actions {
                // A vote that is received late is not received at all; without it, that cannot be told.
                let next = |from| model.next_state(&from, action).map(settled);
                assert_eq!(
                    next(*state),
                    next(settled(*state)),
                    "{action:?} of {state:?}"
                );
            }
        }
    }

    #[test]
    fn an_instance_has_the_states_of_its_model_once_they_are_settled() {
        let settled: BTreeSet<_> = all_states(3).into_iter().map(settled).collect();
        let model = ManyTwoPhase {
            listed: vec![((), vec![1, 2, 3])],
            rules: Faithful,
        };
        let (mut seen, mut waiting) = (BTreeSet::new(), model.init_states());
        while let Some(state) = waiting.pop() {
            if seen.insert(state.clone()) {
                let mut actions = Vec::new();
                model.actions(&state, &mut actions);
                waiting.extend(
                    actions
                        .into_iter()
                        .filter_map(|a| model.next_state(&state, a)),
                );
            }
        }
        assert_eq!(
            seen.len(),
            settled.len() + 1,
            "and the one before it begins"
        );
    }

    #[test]
    fn transactions_do_not_touch_each_other() {
        let model = ManyTwoPhase::<u8, &str>::default();
        let step = |state, action| model.next_state(&state, action).expect("it can happen");
        let mut state = model.init_states().remove(0);
        state = step(state, Action::Begin(1, vec!["a", "b"]));
        state = step(state, Action::Begin(2, vec!["b"]));
        state = step(state, Action::Step(2, Step::TMAbort));
        assert_eq!(state[&1].state.tm_state, TmState::Init);
        assert_eq!(state[&2].state.tm_state, TmState::Aborted);
        assert_eq!(model.next_state(&state, Action::Begin(1, vec![])), None);
        assert_eq!(
            model.next_state(&state, Action::Step(3, Step::TMAbort)),
            None
        );
        assert_eq!(
            model.next_state(&state, Action::Step(1, Step::TMCommit)),
            None
        );
    }
}
