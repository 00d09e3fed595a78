//! What must hold of a cluster of hand-over cores beyond the model's rules: so that it holds at sizes, too, for which the model's own properties were never explored.

use concur_models::kit::{Id, StepProperty};
use concur_models::ring::unbounded::{ReadState, State};
use concur_models::ring::{Key, Node, WriteState};
use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;
use stateright::Property;

use super::RingCores;
use crate::{Clustered, Correspondence as _};

type Cluster<S> = Clustered<RingCores<S>>;

pub(super) fn properties<S: RuleSet<Rule>>() -> Vec<Property<Cluster<S>>> {
    vec![
        Property::<Cluster<S>>::always("Nothing Lost, One Owner", |m, s| {
            let above = m.correspondence.mapped(s);
            let keys = m.correspondence.above.keys;
            keeps_acknowledged(&above)
                && Key::first(keys).all(|k| one_owner_or_in_flight(&above, k))
        }),
        Property::<Cluster<S>>::sometimes(
            "Nothing Lost, One Owner: an acknowledged write has changed hands, and the old owner has deleted it",
            |m, s| {
                let above = m.correspondence.mapped(s);
                let holders = |k| {
                    above
                        .held
                        .iter()
                        .filter(move |held| held[Key::index(k)].value().is_some())
                };
                let moved = above.epoch.iter().all(|e| *e > 1);
                let mut acked = above.writes.iter().filter_map(|w| match w {
                    WriteState::Acked(k) => Some(*k),
                    _ => None,
                });
                moved && acked.any(|k| holders(k).count() == 1 && changed(m, &above, k))
            },
        ),
        Property::<Cluster<S>>::sometimes("One Writer Per Epoch: a write is stored", |m, s| {
            m.correspondence.has_told(s)
        }),
        Property::<Cluster<S>>::sometimes("Reads Are Current: one has seen a write", |m, s| {
            let seen =
                |read: &ReadState| matches!(read, ReadState::Got(_, value) if !value.is_empty());
            m.correspondence.mapped(s).reads.iter().any(seen)
        }),
    ]
}

pub(super) fn of_steps<S: RuleSet<Rule>>() -> Vec<StepProperty<Cluster<S>>> {
    vec![
        StepProperty {
            name: "One Writer Per Epoch",
            holds: |m, s, _, t| {
                s.nodes == t.nodes
                    || one_writer(m, &m.correspondence.mapped(s), &m.correspondence.mapped(t))
            },
        },
        StepProperty {
            name: "Reads Are Current",
            holds: |m, s, _, t| {
                let outside = |s| super::mapping::outside(s).map(|outside| &outside.reads);
                outside(s) == outside(t)
                    || reads_are_current(&m.correspondence.mapped(s), &m.correspondence.mapped(t))
            },
        },
    ]
}

fn keeps_acknowledged(s: &State) -> bool {
    s.writes.iter().enumerate().all(|(w, state)| match state {
        WriteState::Acked(k) => s.value(*k).contains(&Id::new(w)),
        _ => true,
    })
}

fn one_owner_or_in_flight(s: &State, k: Key) -> bool {
    let serve = s.held.iter().filter(|held| held[k.index()].is_here());
    serve.count() + s.flights(k).count() == 1
}

/// Whether a key is elsewhere than it was in the beginning.
fn changed<S: RuleSet<Rule>>(m: &Cluster<S>, s: &State, k: Key) -> bool {
    let owner = |view| m.correspondence.above.lookup(view, k);
    let owners: Vec<_> = s.views.iter().map(owner).collect();
    owners.first() != owners.last()
}

/// A write is stored by the owner of its key in that node's epoch: an epoch has one view, and that one owner.
fn one_writer<S: RuleSet<Rule>>(m: &Cluster<S>, s: &State, t: &State) -> bool {
    let ring = &m.correspondence.above;
    let grew = |n: Node, k: Key| match (s.held(n, k).value(), t.held(n, k).value()) {
        (Some(old), Some(new)) => old.len() < new.len() && s.epoch[n.index()] == t.epoch[n.index()],
        _ => false,
    };
    let owns = |n: Node, k: Key| ring.lookup(t.view(t.epoch[n.index()]), k) == Some(n);
    ring.nodes()
        .all(|n| Key::first(ring.keys).all(|k| !grew(n, k) || owns(n, k)))
}

/// What a read returns was the key's value at an instant since the read was asked for.
fn reads_are_current(s: &State, t: &State) -> bool {
    s.reads.iter().zip(&t.reads).all(|pair| match pair {
        (ReadState::Asked(k, since), ReadState::Got(_, got)) => {
            got.starts_with(since) && s.value(*k).starts_with(got)
        }
        _ => true,
    })
}
