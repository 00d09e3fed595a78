//! Many transactions at a time: for each that has begun, an instance of a model of one.
//!
//! In TwoPhase.tla, what nothing reads any more is forgotten: once the transaction manager has decided, it receives no vote, so that who has sent Prepared, and whom it knows to be
//! prepared, makes no difference. So a state says the same of a transaction whether or not the logs still tell how it came about.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use concur_rules::RuleSet;
use concur_rules::two_phase::TwoPhaseRule;
use stateright::{Model, Property};

use super::protocol::{State as TwoPhaseState, TmState, TwoPhase};
use super::{MAX_RMS, Rm};
use crate::kit::{Flat, Id, Named, NodeSet, given};

/// A model of one transaction.
pub trait OneTransaction: Model<State: Flat, Action: Named> + Clone {
    /// The same, with so many resource managers.
    fn among(&self, rms: usize) -> Self;

    /// The state without what makes no difference any more.
    fn settled(state: Self::State) -> Self::State {
        state
    }
}

impl<S: RuleSet<TwoPhaseRule>> OneTransaction for TwoPhase<S> {
    fn among(&self, rms: usize) -> Self {
        let rules = self.rules.clone();
        Self { rms, rules }
    }

    fn settled(mut state: TwoPhaseState) -> TwoPhaseState {
        if state.tm_state != TmState::Init {
            state.tm_prepared = NodeSet::empty();
            state.msgs.prepared = NodeSet::empty();
        }
        state
    }
}

/// Any number of transactions, each with participants of its own: names `K` for transactions, `P` for participants.
#[derive(Clone, Debug)]
pub struct Many<K, P, T> {
    /// Transactions that whoever explores the model may let begin: of all that may, nobody can make a list.
    pub listed: Vec<(K, Vec<P>)>,
    /// What each of them is.
    pub each: T,
}

/// A transaction: its participants, which are the resource managers of that order, and its state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance<P, V> {
    /// Who takes part.
    pub participants: Vec<P>,
    /// The variables of the model of one transaction.
    pub state: V,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq)]
pub enum Action<K, P, A> {
    /// A transaction begins, with those participants.
    Begin(K, Vec<P>),
    /// An action of the model of one, in the instance of that transaction.
    Step(K, A),
}

/// An action begins with its name in the model of one transaction.
impl<K: Debug, P: Debug, A: Debug> Debug for Action<K, P, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin(name, participants) => write!(f, "Begin({name:?}, {participants:?})"),
            Self::Step(name, step) => write!(f, "{step:?} of {name:?}"),
        }
    }
}

impl<P, V> Instance<P, V> {
    /// The participants, by the names that the model of one transaction gives them.
    pub fn rms(&self) -> impl Iterator<Item = (Rm, &P)> {
        Rm::first(self.participants.len()).zip(&self.participants)
    }
}

impl<K, P, T: OneTransaction> Many<K, P, T> {
    /// A transaction of which nothing has happened yet. None has more than [`MAX_RMS`] participants.
    pub fn begun(&self, participants: Vec<P>) -> Option<Instance<P, T::State>> {
        given(participants.len() <= MAX_RMS)?;
        let state = self.each.among(participants.len()).init_states().remove(0);
        Some(Instance {
            participants,
            state,
        })
    }

    /// The model of that transaction.
    fn of(&self, instance: &Instance<P, T::State>) -> T {
        self.each.among(instance.participants.len())
    }
}

impl<K: Flat, P: Flat, T: OneTransaction> Model for Many<K, P, T> {
    type State = BTreeMap<K, Instance<P, T::State>>;
    type Action = Action<K, P, T::Action>;

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
            self.of(instance).actions(&instance.state, &mut steps);
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
                (name, self.begun(participants)?)
            }
            Action::Step(name, step) => {
                let instance = s.get(&name)?;
                let state = self.of(instance).next_state(&instance.state, step)?;
                let participants = instance.participants.clone();
                (
                    name,
                    Instance {
                        participants,
                        state: T::settled(state),
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

    use concur_rules::Faithful;

    use super::super::protocol::Action as Step;
    use super::*;

    const TWO_PHASE: TwoPhase = TwoPhase {
        rms: 0,
        rules: Faithful,
    };

    fn settled(state: TwoPhaseState) -> TwoPhaseState {
        TwoPhase::<Faithful>::settled(state)
    }

    /// Every state of TwoPhase.tla with so many resource managers.
    fn all_states(rms: usize) -> BTreeSet<TwoPhaseState> {
        let model = TWO_PHASE.among(rms);
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
        let model = TWO_PHASE.among(3);
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
        let model = Many {
            listed: vec![((), vec![1, 2, 3])],
            each: TWO_PHASE,
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
        let model = Many::<u8, &str, _> {
            listed: Vec::new(),
            each: TWO_PHASE,
        };
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
