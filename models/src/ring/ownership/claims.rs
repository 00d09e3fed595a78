//! What must hold of ownership.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;
use stateright::Property;

use super::{Action, Claim, Ownership, Place, State};
use crate::kit::{Spec, StepProperty};

pub(super) fn properties<S: RuleSet<Rule>>() -> Vec<Property<Ownership<S>>> {
    vec![
        Property::<Ownership<S>>::always("No Acknowledged Write Lost", |_, s| {
            s.map().keeps_acknowledged()
        }),
        Property::<Ownership<S>>::sometimes(
            "No Acknowledged Write Lost: one outlives a hand-over",
            |_, s| s.clients.acknowledged() && moved(s),
        ),
        Property::<Ownership<S>>::always("At Most Once", |_, s| s.map().at_most_once()),
        Property::<Ownership<S>>::sometimes("At Most Once: one has taken effect", |_, s| {
            s.map().written()
        }),
        Property::<Ownership<S>>::always("One Owner Or In Flight", one_owner_or_in_flight),
        Property::<Ownership<S>>::sometimes(
            "One Owner Or In Flight: a key is in flight",
            |_, s| in_flight(s),
        ),
        Property::<Ownership<S>>::sometimes(
            "One Owner Or In Flight: the old owner has deleted its copy",
            |_, s| moved(s) && one_copy_each(s),
        ),
        Property::<Ownership<S>>::sometimes("One Writer Per Epoch: a key has moved", |_, s| {
            moved(s)
        }),
        Property::<Ownership<S>>::sometimes("Only The Owner Writes: one has accepted", |_, s| {
            !s.accepted.is_empty()
        }),
        Property::<Ownership<S>>::sometimes("Reads Are Current: a read sees a write", |_, s| {
            s.map().read_a_write()
        }),
    ]
}

impl<S: RuleSet<Rule>> Spec for Ownership<S> {
    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            StepProperty {
                name: "One Writer Per Epoch",
                holds: |_, s, _, t| s.claims.iter().all(|(k, was)| succeeds(was, &t.claims[k])),
            },
            StepProperty {
                name: "Only The Owner Writes",
                holds: |_, s, action, _| match *action {
                    Action::Accept(n, w) => s.clients.writes[w]
                        .key()
                        .is_some_and(|k| s.claims[k].place == Place::At(n)),
                    _ => true,
                },
            },
            StepProperty {
                name: "Reads Are Current",
                holds: |_, s, _, t| s.map().reads_currently(&t.map()),
            },
        ]
    }
}

/// In one epoch of a key one node writes: where the writer changes, the epoch grows.
fn succeeds(was: &Claim, is: &Claim) -> bool {
    is.epoch > was.epoch || is.epoch == was.epoch && is.place.writer() == was.place.writer()
}

/// Whoever has the key, or has last had it, has its data; and no key is in flight to where it is.
fn one_owner_or_in_flight<S>(_: &Ownership<S>, s: &State) -> bool {
    s.claims.iter().all(|(k, claim)| {
        let has_data = s.copies[claim.place.source()][k].is_some();
        has_data && !matches!(claim.place, Place::Moving(from, to) if from == to)
    })
}

fn in_flight(s: &State) -> bool {
    let moving = |claim: &Claim| matches!(claim.place, Place::Moving(..));
    s.claims.values().iter().any(moving)
}

fn moved(s: &State) -> bool {
    let moved = |claim: &Claim| claim.epoch > 1 && matches!(claim.place, Place::At(_));
    s.claims.values().iter().any(moved)
}

fn one_copy_each(s: &State) -> bool {
    s.claims
        .nodes()
        .all(|k| s.copies.values().iter().filter(|c| c[k].is_some()).count() == 1)
}
