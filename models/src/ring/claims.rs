//! What must hold of the ring: its properties, and how it refines ownership.

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Property;

use super::messages::{Held, Message};
use super::ownership::{Claim, Ownership, Place, State as Owned};
use super::protocol::{Action, Ring, State, View};
use super::{Key, Map, Node, PerKey, Value, Write};
use crate::kit::{Event, Id, MsgSet, PerNode, Refines, Spec, StepProperty};

// ----------------------------------------------------------------------------------------------------------- Properties

/// The properties of states. `owner` below is the definition; [`Ring::lookup`] is what nodes and clients run.
pub(super) fn properties<S: RuleSet<Rule>>(m: &Ring<S>) -> Vec<Property<Ring<S>>> {
    let mut properties = vec![
        Property::always("No Acknowledged Write Lost", |m: &Ring<S>, s| {
            m.map(s).keeps_acknowledged()
        }),
        Property::sometimes(
            "No Acknowledged Write Lost: one outlives a hand-over",
            |m: &Ring<S>, s: &State| s.clients.acknowledged() && m.handed_over(s),
        ),
        Property::always("At Most Once", |m: &Ring<S>, s| m.map(s).at_most_once()),
        Property::sometimes("At Most Once: one has taken effect", |m: &Ring<S>, s| {
            m.map(s).written()
        }),
        Property::always("One Owner Or In Flight", |m: &Ring<S>, s| {
            Key::first(m.keys).all(|k| m.owners(s, k) + m.flights(s, k).count() == 1)
        }),
        Property::sometimes(
            "One Owner Or In Flight: a key is in flight",
            |m: &Ring<S>, s| Key::first(m.keys).any(|k| m.flights(s, k).count() == 1),
        ),
        Property::sometimes(
            "One Owner Or In Flight: the old owner has deleted its copy",
            |m: &Ring<S>, s| m.handed_over(s) && m.one_copy_each(s),
        ),
        Property::always("In Flight Can Arrive", |m: &Ring<S>, s| m.can_arrive(s)),
        Property::sometimes(
            "In Flight Can Arrive: a key is in flight to a node that has still to learn of it",
            |m: &Ring<S>, s| {
                Key::first(m.keys).any(|k| {
                    m.flights(s, k)
                        .any(|(_, e)| s.epoch[m.owner(s.view(e), k)] < e)
                })
            },
        ),
        Property::always("Lookup Is Clockwise", |m: &Ring<S>, s: &State| {
            s.views
                .iter()
                .all(|&v| Key::first(m.keys).all(|k| m.lookup(v, k) == Some(m.owner(v, k))))
        }),
        Property::sometimes(
            "Lookup Is Clockwise: a key wraps around",
            |m: &Ring<S>, s| m.some_lookup(s, |at, token| token < at),
        ),
        Property::sometimes(
            "Lookup Is Clockwise: a key lies on its owner's token",
            |m: &Ring<S>, s| m.some_lookup(s, |at, token| token == at),
        ),
        Property::always("Current Lookup Reaches Owner", |m: &Ring<S>, s| {
            m.lookups_reach_owner(s)
        }),
        Property::sometimes(
            "Current Lookup Reaches Owner: after a hand-over",
            |m: &Ring<S>, s| m.handed_over(s),
        ),
        Property::sometimes(
            "One Writer Per Epoch: a write was accepted after a hand-over",
            |m: &Ring<S>, s| m.written_after_hand_over(s),
        ),
        Property::sometimes(
            "Epochs Never Go Back: a node has installed a view",
            |_, s: &State| s.epoch.values().iter().any(|&e| e > 1),
        ),
        Property::sometimes("Views Are A Log: there is a second view", |_, s: &State| {
            s.current() > 1
        }),
        Property::sometimes(
            "Reads Are Current: a read sees a write",
            |m: &Ring<S>, s| m.map(s).read_a_write(),
        ),
    ];
    properties.extend(m.restart_witness());
    properties
}

impl<S: RuleSet<Rule>> Spec for Ring<S> {
    fn event(&self, before: &State, action: &Action) -> Event {
        self.seen(before, action)
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            // An epoch has one view, and a view one owner for each key: so there is one writer, if each accepts as that owner.
            StepProperty {
                name: "One Writer Per Epoch",
                holds: |m, s, action, _| match *action {
                    Action::Accept(n, w, _) => s.clients.writes[w]
                        .key()
                        .is_some_and(|k| m.owner(s.view(s.epoch[n]), k) == n),
                    _ => true,
                },
            },
            StepProperty {
                name: "Epochs Never Go Back",
                holds: |_, s, _, t| s.epoch.iter().all(|(n, e)| t.epoch[n] >= *e),
            },
            StepProperty {
                name: "Views Are A Log",
                holds: |_, s, _, t| extends(&s.views, &t.views),
            },
            StepProperty {
                name: "Reads Are Current",
                holds: |m, s, _, t| m.map(s).reads_currently(&m.map(t)),
            },
        ]
    }
}

/// A step appends at most one view, which has a member and differs from the one before in one.
pub(super) fn extends(before: &[View], after: &[View]) -> bool {
    match after.strip_prefix(before) {
        Some([]) => true,
        Some([view]) => {
            let changed = view.bits() ^ before[before.len() - 1].bits();
            !view.is_empty() && changed.count_ones() == 1
        }
        _ => false,
    }
}

impl<S: RuleSet<Rule>> Ring<S> {
    /// The owner of a key by definition: the member whose token is the nearest clockwise.
    pub fn owner(&self, view: View, k: Key) -> Node {
        let distance =
            |n: &Node| (self.token(*n) + self.positions - self.position(k)) % self.positions;
        // A view without a member, which only a mutant makes, has no owner: any answer is as wrong.
        view.iter().min_by_key(distance).unwrap_or_default()
    }

    /// What a client with the current view reaches is the node that serves the key in this epoch; where that node still has an
    /// older view, or nobody serves the key, it is on its way.
    fn lookups_reach_owner(&self, s: &State) -> bool {
        Key::first(self.keys).all(|k| {
            let reached = self.lookup(s.view(s.current()), k);
            s.held.iter().all(|(n, held)| {
                let serves = held[k].is_here() && s.epoch[n] == s.current();
                !serves || reached == Some(n)
            })
        })
    }

    /// The node that a key in flight is addressed to has not moved past the epoch in which it may take it.
    fn can_arrive(&self, s: &State) -> bool {
        Key::first(self.keys).all(|k| {
            self.flights(s, k)
                .all(|(_, e)| s.epoch[self.owner(s.view(e), k)] <= e)
        })
    }

    fn owners(&self, s: &State, k: Key) -> usize {
        s.held.values().iter().filter(|h| h[k].is_here()).count()
    }

    /// From whom a key is in flight, and for which epoch: handed over, not yet taken.
    fn flights(&self, s: &State, k: Key) -> impl Iterator<Item = (Node, u8)> {
        s.held.iter().filter_map(move |(n, held)| match held[k] {
            Held::Handing(_, e) if !s.messages.contains(Message::Got(k, e)) => Some((n, e)),
            _ => None,
        })
    }

    fn handed_over(&self, s: &State) -> bool {
        let got = |k| (2..=s.current()).any(|e| s.messages.contains(Message::Got(k, e)));
        Key::first(self.keys).any(got)
    }

    fn one_copy_each(&self, s: &State) -> bool {
        let holders = |k: Key| {
            s.held
                .values()
                .iter()
                .filter(move |h| h[k] != Held::Nothing)
        };
        Key::first(self.keys).all(|k| holders(k).count() == 1)
    }

    fn some_lookup(&self, s: &State, lies: impl Fn(usize, usize) -> bool) -> bool {
        Key::first(self.keys).any(|k| {
            let token = self.lookup(s.view(s.current()), k).map(|n| self.token(n));
            token.is_some_and(|token| lies(self.position(k), token))
        })
    }

    /// Some key has a write that its last owner had not when it sent the data.
    fn written_after_hand_over(&self, s: &State) -> bool {
        s.messages.iter().any(|message| match message {
            Message::Data(k, _, sent) => self.value(s, k).len() > sent.len(),
            _ => false,
        })
    }

    /// The witness of what only happens where nodes crash.
    fn restart_witness(&self) -> Option<Property<Self>> {
        (self.crashes > 0).then(|| {
            Property::sometimes(
                "Epochs Never Go Back: a node has restarted",
                |_, s: &State| s.crashes > 0 && s.down.is_empty() && s.epoch.values().contains(&2),
            )
        })
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for Ring<S> {
    type Abstract = Ownership;

    fn abstract_model(&self) -> Ownership {
        Ownership {
            nodes: self.nodes,
            keys: self.keys,
            writes: self.writes,
            reads: self.reads,
            epochs: self.epochs,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> Owned {
        let answers = |value: &Value| s.messages.contains(Message::Answer(*value));
        Owned {
            clients: s.clients,
            accepted: Write::first(self.writes)
                .filter(|&w| s.messages.contains(Message::Done(w)))
                .collect(),
            answers: Value::all(self.writes)
                .filter(answers)
                .collect::<MsgSet<_, 1>>(),
            claims: PerKey::from_fn(self.keys, |k| self.claim(s, k)),
            copies: PerNode::from_fn(self.nodes, |n| {
                PerKey::from_fn(self.keys, |k| s.held[n][k].value())
            }),
        }
    }
}

impl<S: RuleSet<Rule>> Ring<S> {
    /// Who owns a key: the node that serves it, or else the two that it is in flight between.
    fn claim(&self, s: &State, k: Key) -> Claim {
        if let Some((n, _)) = s.held.iter().find(|(_, held)| held[k].is_here()) {
            return Claim {
                epoch: self.appointed(s, k, s.epoch[n]),
                place: Place::At(n),
            };
        }
        match self.flights(s, k).next() {
            Some((from, e)) => Claim {
                epoch: e,
                place: Place::Moving(from, self.owner(s.view(e), k)),
            },
            // Lost: an epoch that ownership does not know.
            None => Claim {
                epoch: 0,
                place: Place::At(Node(0)),
            },
        }
    }

    /// Since which epoch the owner of a key in epoch `now` has been its owner.
    fn appointed(&self, s: &State, k: Key, now: u8) -> u8 {
        let changes = |&e: &u8| self.owner(s.view(e), k) != self.owner(s.view(e - 1), k);
        (2..=now).rev().find(changes).unwrap_or(1)
    }

    /// The value of a key.
    pub(super) fn value(&self, s: &State, k: Key) -> Value {
        let source = self.claim(s, k).place.source();
        s.held[source][k].value().unwrap_or_default()
    }

    fn map(&self, s: &State) -> Map {
        Map {
            values: PerKey::from_fn(self.keys, |k| self.value(s, k)),
            clients: s.clients,
        }
    }
}
