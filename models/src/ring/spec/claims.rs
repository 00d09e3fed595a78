//! What must hold of the promise, so that it promises what its readers think.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;
use stateright::Property;

use super::KeyMap;
use crate::kit::{Anything, Refines, Spec, StepProperty};
use crate::ring::Map;

pub(super) fn properties<S: RuleSet<Rule>>() -> Vec<Property<KeyMap<S>>> {
    vec![
        Property::<KeyMap<S>>::always("No Acknowledged Write Lost", |_, s| s.keeps_acknowledged()),
        Property::<KeyMap<S>>::sometimes(
            "No Acknowledged Write Lost: one is acknowledged",
            |_, s| s.clients.acknowledged(),
        ),
        Property::<KeyMap<S>>::always("At Most Once", |_, s| s.at_most_once()),
        Property::<KeyMap<S>>::sometimes("At Most Once: one has taken effect", |_, s| s.written()),
        Property::<KeyMap<S>>::always("Only What Was Asked For", |_, s| s.only_asked()),
        Property::<KeyMap<S>>::sometimes(
            "Only What Was Asked For: one has taken effect",
            |_, s| s.written(),
        ),
        Property::<KeyMap<S>>::sometimes("Values Only Grow: one has a write", |_, s| s.written()),
        Property::<KeyMap<S>>::sometimes("Reads Are Current: a read sees a write", |_, s| {
            s.read_a_write()
        }),
    ]
}

impl<S: RuleSet<Rule>> Spec for KeyMap<S> {
    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            StepProperty {
                name: "Values Only Grow",
                holds: |_, s, _, t| s.grows_to(t),
            },
            StepProperty {
                name: "Reads Are Current",
                holds: |_, s, _, t| s.reads_currently(t),
            },
        ]
    }
}

impl<S: RuleSet<Rule>> Refines for KeyMap<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &Map) {}
}
