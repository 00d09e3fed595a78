//! What must hold of the replicated ring, and how it refines the map.

use concur_rules::replicated_ring::RepRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Property;

use crate::kit::{Faults, Id, Refines, Spec, StepProperty};
use crate::ring::claims::extends;
use crate::ring::replicated::messages::Message;
use crate::ring::replicated::{Copy, ReplicatedRing, State};
use crate::ring::spec::KeyMap;
use crate::ring::{Key, Map, Node, PerKey, Write};

// ----------------------------------------------------------------------------------------------------------- Properties

pub(super) fn properties<S: RuleSet<Rule>>(
    _: &ReplicatedRing<S>,
) -> Vec<Property<ReplicatedRing<S>>> {
    let mut properties = safety();
    properties.extend(witnesses_of_steps());
    properties
}

fn safety<S: RuleSet<Rule>>() -> Vec<Property<ReplicatedRing<S>>> {
    vec![
        Property::<ReplicatedRing<S>>::always("No Acknowledged Write Lost", |m, s| {
            Key::first(m.keys).all(|k| m.survives(s, k))
        }),
        Property::<ReplicatedRing<S>>::sometimes(
            "No Acknowledged Write Lost: one outlives a crash, and the copies are restored",
            |_, s| s.clients.acknowledged() && s.faults.crashes > 0 && s.lost.is_empty(),
        ),
        Property::<ReplicatedRing<S>>::always("Enough Copies", |m, s| {
            Key::first(m.keys).all(|k| m.enough_copies(s, k))
        }),
        Property::<ReplicatedRing<S>>::sometimes(
            "Enough Copies: of an acknowledged write there is one less",
            |m, s| !s.lost.is_empty() && Key::first(m.keys).any(|k| !s.done(k).is_empty()),
        ),
        // Nobody has routed a write by a later view: what the replicas have, the owner has sent of its own accord.
        Property::<ReplicatedRing<S>>::sometimes(
            "Enough Copies: they are restored without another write",
            |m, s| {
                let now = s.current();
                let later = |message| matches!(message, Message::Write(_, e) if e > 1);
                let restored = |k| {
                    let list = m.list(s.view(now), k);
                    let in_sync = copies(s, k).filter(|copy| copy.since == now);
                    list.len() == m.replicas && in_sync.count() == m.replicas
                };
                now > 1
                    && !s.messages.iter().any(later)
                    && Key::first(m.keys).any(|k| !s.done(k).is_empty() && restored(k))
            },
        ),
        Property::<ReplicatedRing<S>>::always("Copies Of An Epoch Agree", |m, s| {
            Key::first(m.keys).all(|k| m.copies_agree(s, k))
        }),
        Property::<ReplicatedRing<S>>::sometimes(
            "Copies Of An Epoch Agree: a replica lags behind",
            |m, s| {
                Key::first(m.keys).any(|k| {
                    copies(s, k).any(|a| {
                        copies(s, k).any(|b| a.since == b.since && a.value.len() < b.value.len())
                    })
                })
            },
        ),
        Property::<ReplicatedRing<S>>::always("Current Lookup Reaches Owner", |m, s| {
            Key::first(m.keys).all(|k| m.lookup_reaches_owner(s, k))
        }),
        Property::<ReplicatedRing<S>>::sometimes(
            "Current Lookup Reaches Owner: another one than before",
            |m, s| {
                let now = s.current();
                let begun = |k| copies(s, k).any(|copy| copy.since == now);
                let owner = |k, e| m.owner(s.view(e), k);
                now > 1
                    && Key::first(m.keys).any(|k| begun(k) && owner(k, now) != owner(k, now - 1))
            },
        ),
        Property::<ReplicatedRing<S>>::always("At Most Once", |_, s| {
            s.live().all(|(_, memory)| {
                let copies = memory.copies.values().iter();
                copies.clone().all(|copy| !copy.value.has_repetition())
            })
        }),
        Property::<ReplicatedRing<S>>::sometimes(
            "At Most Once: one has taken effect, in the first epoch",
            |m, s| s.current() == 1 && Key::first(m.keys).any(|k| !s.done(k).is_empty()),
        ),
    ]
}

fn witnesses_of_steps<S: RuleSet<Rule>>() -> Vec<Property<ReplicatedRing<S>>> {
    vec![
        Property::<ReplicatedRing<S>>::sometimes(
            "One Writer Per Epoch: a write is acknowledged in a later epoch",
            |m, s| {
                Key::first(m.keys).any(|k| {
                    let later = |copy: Copy| copy.since > 1 && !copy.value.is_empty();
                    !s.done(k).is_empty() && copies(s, k).any(later)
                })
            },
        ),
        Property::<ReplicatedRing<S>>::sometimes(
            "Closed Epochs Stay Closed: a node is in an old epoch while a new one has begun",
            |m, s| {
                Key::first(m.keys).any(|k| {
                    let since = copies(s, k).map(|copy| copy.since).max();
                    s.live()
                        .any(|(_, memory)| since.is_some_and(|e| e > memory.copies[k].since))
                })
            },
        ),
        Property::<ReplicatedRing<S>>::sometimes(
            "Epochs Never Go Back: a node that has restarted has installed a view",
            |_, s| {
                s.faults.crashes > 0
                    && s.nodes.values().iter().all(|node| !node.is_down())
                    && s.live().all(|(_, memory)| memory.epoch == s.current())
            },
        ),
        Property::<ReplicatedRing<S>>::sometimes(
            "Views Are A Log: there is a second view",
            |_, s| s.current() > 1,
        ),
        Property::<ReplicatedRing<S>>::sometimes(
            "Room Is Freed: a stranger has no copy",
            |m, s| {
                Key::first(m.keys).any(|k| {
                    let list = m.list(s.view(s.current()), k);
                    let freed = |n| !list.contains(&n) && m.list(s.view(1), k).contains(&n);
                    s.faults.crashes == 0
                        && s.live()
                            .any(|(n, memory)| freed(n) && memory.copies[k].since == 0)
                })
            },
        ),
        Property::<ReplicatedRing<S>>::sometimes(
            "Reads Are Current: a read sees a write",
            |m, s| m.map(s).read_a_write(),
        ),
    ]
}

impl<S: RuleSet<Rule>> Spec for ReplicatedRing<S> {
    const BOUNDS: &'static [&'static str] = Faults::BOUNDS;

    fn exceeded(&self, s: &State) -> Option<usize> {
        s.faults.exceeded(&self.most)
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        use crate::ring::replicated::Action;
        vec![
            // An epoch has one view, and a view one owner for each key: so there is one writer, if each accepts as that owner.
            StepProperty {
                name: "One Writer Per Epoch",
                holds: |m, s, action, t| match *action {
                    Action::Accept(n, w, _) => m.writes_as_owner(s, n, w, t),
                    _ => true,
                },
            },
            StepProperty {
                name: "Closed Epochs Stay Closed",
                holds: |_, s, action, _| match *action {
                    Action::Commit(n, k, _) => s.nodes[n]
                        .up()
                        .is_some_and(|memory| copies(s, k).all(|copy| copy.since <= memory.epoch)),
                    _ => true,
                },
            },
            StepProperty {
                name: "Epochs Never Go Back",
                holds: |_, s, action, t| match *action {
                    Action::Crash(_) => true,
                    Action::Restart(n) => t.nodes[n]
                        .up()
                        .is_some_and(|memory| memory.epoch == s.current()),
                    _ => s.live().all(|(n, before)| {
                        let after = t.nodes[n].up();
                        after.is_some_and(|after| after.epoch >= before.epoch)
                    }),
                },
            },
            StepProperty {
                name: "Views Are A Log",
                holds: |_, s, _, t| extends(&s.views, &t.views),
            },
            StepProperty {
                name: "Room Is Freed",
                holds: |_, _, action, t| match *action {
                    Action::Delete(n, k) => t.nodes[n]
                        .up()
                        .is_some_and(|memory| memory.copies[k] == Copy::default()),
                    _ => true,
                },
            },
            StepProperty {
                name: "Reads Are Current",
                holds: |m, s, _, t| m.map(s).reads_currently(&m.map(t)),
            },
        ]
    }
}

/// The copies of a key that there are.
fn copies(s: &State, k: Key) -> impl Iterator<Item = Copy> + Clone {
    let copies = s.live().map(move |(_, memory)| memory.copies[k]);
    copies.filter(|copy| copy.since > 0)
}

impl<S: RuleSet<Rule>> ReplicatedRing<S> {
    /// Some copy survives; and whichever an owner may still take over has every write that was acknowledged.
    fn survives(&self, s: &State, k: Key) -> bool {
        let done = s.done(k);
        let latest = copies(s, k).map(|copy| copy.since).max();
        done.is_empty()
            || latest.is_some()
                && copies(s, k)
                    .filter(|copy| Some(copy.since) == latest)
                    .all(|copy| copy.value.starts_with(done))
    }

    /// Every acknowledged write is on as many live nodes as there are to be replicas, less those lost since their number was restored.
    fn enough_copies(&self, s: &State, k: Key) -> bool {
        let done = s.done(k);
        let holders = copies(s, k).filter(|copy| copy.value.starts_with(done));
        done.is_empty() || holders.count() + s.lost.len() >= self.replicas
    }

    /// A node accepts a write as the owner of its epoch, with the data of that epoch, and has it from then on.
    fn writes_as_owner(&self, s: &State, n: Node, w: Write, t: &State) -> bool {
        let (Some(k), Some(before), Some(after)) =
            (s.clients.writes[w].key(), s.nodes[n].up(), t.nodes[n].up())
        else {
            return false;
        };
        before.copies[k].since == before.epoch
            && self.owner(s.view(before.epoch), k) == Some(n)
            && after.copies[k].value.contains(w)
    }

    fn copies_agree(&self, s: &State, k: Key) -> bool {
        copies(s, k).all(|a| {
            copies(s, k).all(|b| {
                a.since != b.since || a.value.starts_with(b.value) || b.value.starts_with(a.value)
            })
        })
    }

    /// Where the current epoch of a key has begun, the node that a client with the current view reaches has its data, or is down.
    fn lookup_reaches_owner(&self, s: &State, k: Key) -> bool {
        let now = s.current();
        let begun = now > 1 && copies(s, k).any(|copy| copy.since == now);
        let reached = self.owner(s.view(now), k).and_then(|n| s.nodes[n].up());
        !begun || reached.is_none_or(|memory| memory.copies[k].since == now)
    }

    fn map(&self, s: &State) -> Map {
        Map {
            values: PerKey::from_fn(self.keys, |k| s.done(k)),
            clients: s.clients,
        }
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for ReplicatedRing<S> {
    type Abstract = KeyMap;

    fn abstract_model(&self) -> KeyMap {
        KeyMap {
            keys: self.keys,
            writes: self.writes,
            reads: self.reads,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> Map {
        self.map(s)
    }
}
