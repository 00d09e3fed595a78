//! What must hold of the promise, so that it promises what its readers think.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;
use stateright::Property;

use super::{ReplicatedLog, State};
use crate::kit::{Anything, Refines, Spec, StepProperty};

pub(super) fn properties<S: RuleSet<Rule>>() -> Vec<Property<ReplicatedLog<S>>> {
    vec![
        Property::<ReplicatedLog<S>>::always("Known Is Committed", |_, s| {
            let committed = s.committed.len() as u8;
            s.known.values().iter().all(|&known| known <= committed)
        }),
        Property::<ReplicatedLog<S>>::sometimes("Known Is Committed: a server knows", |_, s| {
            s.known.values().iter().any(|&known| known > 0)
        }),
        Property::<ReplicatedLog<S>>::sometimes("Committed Stays: something is", |_, s| {
            !s.committed.is_empty()
        }),
    ]
}

impl<S: RuleSet<Rule>> Spec for ReplicatedLog<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of servers");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "Committed Stays",
            holds: |_, s, _, t| t.committed.starts_with(&s.committed),
        }]
    }

    fn canonical(&self, s: &State) -> State {
        let mut t = *s;
        t.known.values_mut().sort_unstable();
        t
    }
}

impl<S: RuleSet<Rule>> Refines for ReplicatedLog<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
