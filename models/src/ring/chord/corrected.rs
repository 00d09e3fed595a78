//! Chord's ring maintenance as corrected by Zave: whole lists, live nodes only, and a stable base.
//!
//! Zave, *How to Make Chord Correct* (arXiv 1610.01140, 2015). What is new against [`crate::ring::chord`]: the ring begins with a base of at least one member more than a
//! list is long, which never fails; a node joins with a whole list, and lists are copied whole; a node considers its head's predecessor only while that
//! is alive; and a predecessor that is dead is replaced by whoever notifies (rectify), not forgotten. Our reading of the paper, whose Alloy model was not at hand.
//!
//! Each step is atomic with what it asks of one other node, as there. Stabilizing is two steps (first the successor is asked, then its predecessor),
//! and the candidate is the predecessor at the time of the second one; rectifying may come at any time: both allow more than the paper's order.

use concur_rules::chord::ChordRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Anything, Id, NodeSet, Refines, Spec, StepProperty, given, symmetry};
use crate::ring::Node;
use crate::ring::chord::pointers::{List, Pointers, between};

/// Nodes of Chord on a ring of as many positions.
#[derive(Clone, Debug)]
pub struct ChordCorrected<S = Faithful> {
    /// How many nodes there are, members or not.
    pub nodes: usize,
    /// How many members there are at first, on an ideal ring.
    pub first: usize,
    /// How many of them are the stable base.
    pub base: usize,
    /// How long a list of successors is.
    pub list: usize,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The stable base, and the nodes' pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The members that never fail. A constant of the behaviour.
    pub base: NodeSet<Node>,
    /// The members and what they know.
    pub ring: Pointers,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What the nodes do, and what happens to them.
    pub enum Action {
        /// A node joins behind a member.
        Join(Node, Node),
        /// A member asks its successor for its list; or drops it, dead.
        StabilizeFromSuccessor(Node),
        /// A member asks its successor's predecessor for its list.
        StabilizeFromPredecessor(Node),
        /// A member's successor is notified.
        Rectify(Node),
        /// A member fails.
        Fail(Node),
    }
}

impl<S: RuleSet<Rule>> ChordCorrected<S> {
    fn join(&self, s: &State, n: Node, m: Node) -> Option<State> {
        let head = *s.ring.succ[m].first()?;
        given(n != m)?;
        self.rules
            .when(Rule::CorrectJoinStranger, !s.ring.members.contains(n))?;
        self.rules
            .when(Rule::CorrectJoinPlace, between(self.nodes, m, n, head))?;

        let mut t = *s;
        t.ring.fail(n);
        if self.rules.performs(Rule::CorrectJoinAdds) {
            t.ring.members.insert(n);
        }
        t.ring.succ[n].push(head);
        if self.rules.performs(Rule::CorrectJoinList) {
            t.ring.succ[n] = s.ring.succ[m];
        }
        if self.rules.performs(Rule::CorrectJoinPredecessor) {
            t.ring.prdc[n] = Some(m);
        }
        Some(t)
    }

    fn stabilize_from_successor(&self, s: &State, n: Node) -> Option<State> {
        let head = *s.ring.succ[n].first()?;
        let live = s.ring.members.contains(head);

        let mut t = *s;
        if self.rules.requires(Rule::CorrectDropDead, !live) && s.ring.succ[n].len() > 1 {
            if self.rules.performs(Rule::CorrectDropShifts) {
                t.ring.succ[n] = self.shifted(&s.ring.succ[n]);
            }
        } else if live && self.rules.performs(Rule::CorrectCopyList) {
            t.ring.succ[n] = self.behind(head, &s.ring.succ[head]);
        }
        Some(t)
    }

    fn stabilize_from_predecessor(&self, s: &State, n: Node) -> Option<State> {
        let head = *s.ring.succ[n].first()?;
        given(s.ring.members.contains(head))?;
        let p = s.ring.prdc[head].filter(|&p| p != n)?;
        let live = s.ring.members.contains(p);
        self.rules
            .when(Rule::CorrectAdoptCloser, between(self.nodes, n, p, head))?;
        self.rules.when(Rule::CorrectAdoptLive, live)?;

        let mut t = *s;
        t.ring.succ[n] = self.behind(p, &s.ring.succ[n]);
        if self.rules.performs(Rule::CorrectAdoptList) && live {
            t.ring.succ[n] = self.behind(p, &s.ring.succ[p]);
        }
        Some(t)
    }

    fn rectify(&self, s: &State, n: Node) -> Option<State> {
        let head = *s.ring.succ[n].first()?;
        given(s.ring.members.contains(head))?;
        let closer = s.ring.prdc[head]
            .is_none_or(|p| between(self.nodes, p, n, head) || !s.ring.members.contains(p));
        self.rules.when(Rule::CorrectRectifyCloser, closer)?;

        let mut t = *s;
        if self.rules.performs(Rule::CorrectRectifyPredecessor) {
            t.ring.prdc[head] = Some(n);
        }
        Some(t)
    }

    fn fail(&self, s: &State, n: Node) -> Option<State> {
        let mut t = *s;
        t.ring.fail(n);
        given(s.ring.members.contains(n))?;
        self.rules
            .when(Rule::CorrectFailBase, !s.base.contains(n))?;
        self.rules
            .when(Rule::CorrectFailSpares, t.ring.one_live_successor())?;

        Some(t)
    }

    fn behind(&self, head: Node, list: &List) -> List {
        let entries = [head].into_iter().chain(list.iter().copied());
        entries.take(self.list).collect()
    }

    /// Without the head, and with the position behind the last entry in the end: a node that may exist or not.
    fn shifted(&self, list: &List) -> List {
        let mut shifted = *list;
        shifted.remove(0);
        if let Some(last) = shifted.last() {
            shifted.push(Node::new((last.index() + 1) % self.nodes));
        }
        shifted
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for ChordCorrected<S> {
    type State = State;
    type Action = Action;

    /// The ideal ring of any members, so many, with any base among them.
    fn init_states(&self) -> Vec<State> {
        let sets = || (0..1 << self.nodes).map(NodeSet::from_bits);
        let sized = |size: usize| sets().filter(move |set: &NodeSet<Node>| set.len() == size);
        sized(self.first)
            .flat_map(|first| sized(self.base).map(move |base| (first, base)))
            .filter(|(first, base)| base.is_subset(*first))
            .map(|(first, base)| State {
                base,
                ring: Pointers::ideal(self.nodes, first, self.list),
            })
            .collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for n in Node::first(self.nodes) {
            actions.extend(Node::first(self.nodes).map(|m| Action::Join(n, m)));
            actions.extend([Action::StabilizeFromSuccessor(n), Action::Rectify(n)]);
            actions.extend([Action::StabilizeFromPredecessor(n), Action::Fail(n)]);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Join(n, m) => self.join(s, n, m),
            Action::StabilizeFromSuccessor(n) => self.stabilize_from_successor(s, n),
            Action::StabilizeFromPredecessor(n) => self.stabilize_from_predecessor(s, n),
            Action::Rectify(n) => self.rectify(s, n),
            Action::Fail(n) => self.fail(s, n),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = rings();
        properties.extend(lists());
        properties
    }
}

fn rings<S: RuleSet<Rule>>() -> Vec<Property<ChordCorrected<S>>> {
    vec![
        Property::<ChordCorrected<S>>::always("AtLeastOneRing", |_, s| s.ring.at_least_one_ring()),
        Property::<ChordCorrected<S>>::sometimes("AtLeastOneRing: of all nodes", |m, s| {
            s.ring.ring().len() == m.nodes
        }),
        Property::<ChordCorrected<S>>::always("AtMostOneRing", |_, s| s.ring.at_most_one_ring()),
        Property::<ChordCorrected<S>>::sometimes("AtMostOneRing: of all nodes", |m, s| {
            s.ring.ring().len() == m.nodes
        }),
        Property::<ChordCorrected<S>>::always("OrderedRing", |_, s| s.ring.ordered_ring()),
        Property::<ChordCorrected<S>>::sometimes("OrderedRing: of all nodes", |m, s| {
            s.ring.ring().len() == m.nodes
        }),
        Property::<ChordCorrected<S>>::sometimes(
            "OrderedRing: all that is known is ideal",
            |m, s| s.ring.members.len() == m.nodes && s.ring.is_ideal(m.list),
        ),
        Property::<ChordCorrected<S>>::always("ConnectedAppendages", |_, s| {
            s.ring.connected_appendages()
        }),
        Property::<ChordCorrected<S>>::sometimes("ConnectedAppendages: there is one", |_, s| {
            !s.ring.appendages().is_empty()
        }),
        Property::<ChordCorrected<S>>::sometimes(
            "OrderedRing: all is ideal again after a failure",
            |m, s| m.first == m.base || s.ring.members == s.base && s.ring.is_ideal(m.list),
        ),
        Property::<ChordCorrected<S>>::sometimes(
            "Members Change One By One: all have joined",
            |m, s| s.ring.members.len() == m.nodes,
        ),
    ]
}

fn lists<S: RuleSet<Rule>>() -> Vec<Property<ChordCorrected<S>>> {
    vec![
        Property::<ChordCorrected<S>>::always("NoDuplicates", |_, s| s.ring.no_duplicates()),
        Property::<ChordCorrected<S>>::sometimes(
            "NoDuplicates: a list has a node that has failed",
            |_, s| {
                let dead = |n: &Node| !s.ring.members.contains(*n);
                s.ring
                    .members
                    .iter()
                    .any(|n| s.ring.succ[n].iter().any(dead))
            },
        ),
        Property::<ChordCorrected<S>>::always("OrderedSuccessorLists", |_, s| {
            s.ring.ordered_lists()
        }),
        Property::<ChordCorrected<S>>::sometimes(
            "OrderedSuccessorLists: one has a member that has joined",
            |_, s| {
                let joined = |m: &Node| s.ring.members.contains(*m) && !s.base.contains(*m);
                s.ring
                    .members
                    .iter()
                    .any(|n| s.ring.succ[n].iter().any(joined))
            },
        ),
        Property::<ChordCorrected<S>>::always("BaseNotSkipped", |_, s| {
            s.base.iter().all(|b| s.ring.not_skipped(b))
        }),
        Property::<ChordCorrected<S>>::sometimes("BaseNotSkipped: another member is", |_, s| {
            let joined = |n: &Node| !s.base.contains(*n);
            s.ring
                .members
                .iter()
                .filter(joined)
                .any(|n| !s.ring.not_skipped(n))
        }),
        Property::<ChordCorrected<S>>::always("OneLiveSuccessor", |_, s| {
            s.ring.one_live_successor()
        }),
        Property::<ChordCorrected<S>>::sometimes("OneLiveSuccessor: not the first one", |_, s| {
            let live = |n| s.ring.succ[n].first().copied() == s.ring.best(n);
            s.ring.members.iter().any(|n| !live(n))
        }),
        Property::<ChordCorrected<S>>::always("WholeLists", |m, s| {
            let mut members = s.ring.members.iter();
            members.all(|n| s.ring.succ[n].len() == m.list && s.ring.prdc[n].is_some())
        }),
        Property::<ChordCorrected<S>>::sometimes("WholeLists: of one that has joined", |m, s| {
            s.ring.members.len() > m.first
        }),
        Property::<ChordCorrected<S>>::sometimes(
            "Lists Are Copied Whole: not all are up to date",
            |m, s| s.ring.ring() == s.ring.members && !s.ring.is_ideal(m.list),
        ),
        Property::<ChordCorrected<S>>::sometimes(
            "Heads Are Taken Alive: a dead one lies in between",
            |m, s| {
                s.ring.members.iter().any(|n| {
                    let head = s.ring.succ[n].first().copied();
                    let head = head.filter(|&head| s.ring.members.contains(head));
                    head.is_some_and(|head| {
                        s.ring.prdc[head].is_some_and(|p| {
                            !s.ring.members.contains(p) && between(m.nodes, n, p, head)
                        })
                    })
                })
            },
        ),
        Property::<ChordCorrected<S>>::sometimes(
            "Successors Come Closer: a head is dead",
            |_, s| {
                let dead = |n| {
                    s.ring.succ[n]
                        .first()
                        .is_some_and(|&m| !s.ring.members.contains(m))
                };
                s.ring.members.iter().any(dead)
            },
        ),
        Property::<ChordCorrected<S>>::sometimes(
            "Predecessors Come Closer: one is dead",
            |_, s| {
                let dead = |n| s.ring.prdc[n].is_some_and(|p| !s.ring.members.contains(p));
                s.ring.members.iter().any(dead)
            },
        ),
    ]
}

impl<S: RuleSet<Rule>> Spec for ChordCorrected<S> {
    const SYMMETRY: Option<&'static str> = Some("rotations of the ring");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            StepProperty {
                name: "Members Change One By One",
                holds: |m, s, action, t| match *action {
                    Action::Join(n, by) => {
                        !s.ring.members.contains(n)
                            && t.ring.members.len() == s.ring.members.len() + 1
                            && s.ring.succ[by]
                                .first()
                                .is_some_and(|&next| between(m.nodes, by, n, next))
                    }
                    Action::Fail(n) => !t.ring.members.contains(n) && !s.base.contains(n),
                    _ => s.ring.members == t.ring.members,
                },
            },
            StepProperty {
                name: "Successors Come Closer",
                holds: |m, s, action, t| match *action {
                    Action::StabilizeFromSuccessor(n) | Action::StabilizeFromPredecessor(n) => {
                        s.ring.best(n) == t.ring.best(n)
                            || s.ring
                                .best(n)
                                .zip(t.ring.best(n))
                                .is_some_and(|(before, after)| between(m.nodes, n, after, before))
                    }
                    _ => true,
                },
            },
            StepProperty {
                name: "Lists Are Copied Whole",
                holds: |m, s, action, t| match *action {
                    Action::StabilizeFromSuccessor(n) | Action::StabilizeFromPredecessor(n) => {
                        t.ring.succ[n].first().is_none_or(|&head| {
                            let dropped = s.ring.succ[n]
                                .first()
                                .is_some_and(|&dead| !s.ring.members.contains(dead));
                            dropped || t.ring.succ[n] == m.behind(head, &s.ring.succ[head])
                        })
                    }
                    _ => true,
                },
            },
            StepProperty {
                name: "Heads Are Taken Alive",
                holds: |_, s, action, t| match *action {
                    Action::StabilizeFromPredecessor(n) => {
                        let head = t.ring.succ[n].first();
                        head.is_some_and(|&head| s.ring.members.contains(head))
                    }
                    _ => true,
                },
            },
            StepProperty {
                name: "Predecessors Come Closer",
                holds: |m, s, action, t| match *action {
                    Action::Rectify(_) => {
                        s.ring
                            .members
                            .iter()
                            .all(|n| match (s.ring.prdc[n], t.ring.prdc[n]) {
                                (Some(before), Some(after)) if s.ring.members.contains(before) => {
                                    before == after || between(m.nodes, before, after, n)
                                }
                                _ => true,
                            })
                    }
                    _ => true,
                },
            },
        ]
    }

    fn canonical(&self, s: &State) -> State {
        symmetry::least(0..self.nodes, |by| {
            let to = |n: Node| Node::new((n.index() + by) % self.nodes);
            State {
                base: s.base.iter().map(to).collect(),
                ring: s.ring.rotated(by),
            }
        })
    }
}

impl<S: RuleSet<Rule>> Refines for ChordCorrected<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
