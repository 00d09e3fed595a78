//! The promise of consensus: Consensus.tla. Must be believed.

use concur_rules::paxos::PaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::Value;
use crate::kit::{Anything, Id, NodeSet, Refines, Spec, StepProperty};

/// A choice of one value.
#[derive(Clone, Debug)]
pub struct Consensus<S = Faithful> {
    /// How many values may be chosen.
    pub values: usize,
    /// The rules that are kept.
    pub rules: S,
}

/// The values that are chosen.
pub type Chosen = NodeSet<Value>;

crate::actions! {
    /// All that can happen.
    pub enum Action {
        /// A value is chosen.
        Choose(Value),
    }
}

impl<S: RuleSet<Rule>> Consensus<S> {
    fn choose(&self, chosen: &Chosen, value: Value) -> Option<Chosen> {
        self.rules.when(Rule::ConsensusOnce, chosen.is_empty())?;

        Some(Chosen::from_iter([value]))
    }
}

impl<S: RuleSet<Rule>> Model for Consensus<S> {
    type State = Chosen;
    type Action = Action;

    fn init_states(&self) -> Vec<Chosen> {
        vec![Chosen::empty()]
    }

    fn actions(&self, _: &Chosen, actions: &mut Vec<Action>) {
        actions.extend(Value::first(self.values).map(Action::Choose));
    }

    fn next_state(&self, chosen: &Chosen, Action::Choose(value): Action) -> Option<Chosen> {
        self.choose(chosen, value)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |_, chosen| chosen.len() <= 1),
            Property::<Self>::sometimes("Agreement: a value is chosen", |_, chosen| {
                !chosen.is_empty()
            }),
            Property::<Self>::sometimes("Stability: a value is chosen", |_, chosen| {
                !chosen.is_empty()
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> Spec for Consensus<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of values");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "Stability",
            holds: |_, before, _, after| before.is_subset(*after),
        }]
    }

    fn canonical(&self, chosen: &Chosen) -> Chosen {
        Chosen::first(chosen.len())
    }
}

impl<S: RuleSet<Rule>> Refines for Consensus<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &Chosen) {}
}
