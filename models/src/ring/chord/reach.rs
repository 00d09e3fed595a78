//! Chord's ring maintenance as corrected, in first-order logic: who reaches the origin is computed by steps of its own.
//!
//! The form in which Zave's correction is used as a benchmark for proofs with Ivy (Padon et al., *Ivy*, PLDI 2016; a TLA+ translation is in will62794/scimitar). A base of two, the origin and one
//! other, of which only the origin never fails; lists of two successors; and instead of the rule on live predecessors a rule on failures: nobody may fail whose
//! neighbours have no way around it. The numbers of states are TLC's, with *between* read as there: between a node and itself lies every other.
//!
//! `reach` is a ghost: its two actions compute, in any order, who has a way to the origin, and no other action reads it. The benchmark raises an error at a
//! node that the computation, when it has come to rest, has left out; here that is the invariant ErrorFree.

use concur_rules::chord::ChordRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Anything, Id, NodeSet, PerNode, Refines, Spec, StepProperty, given, symmetry};
use crate::ring::Node;
use crate::ring::chord::pointers::{Pointers, between};

/// Nodes of Chord on a ring of as many positions.
#[derive(Clone, Debug)]
pub struct ChordReach<S = Faithful> {
    /// How many nodes there are, active or not.
    pub nodes: usize,
    /// Whether nodes fail.
    pub fails: bool,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The variables of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `a`, `s1`, `s2` and `p`: the active nodes, the two successors and the predecessor of each.
    pub ring: Pointers,
    /// `org`: the node that never fails.
    pub org: Node,
    /// `other`: the second one at first.
    pub other: Node,
    /// `reach`: the nodes known to reach the origin.
    pub reach: NodeSet<Node>,
}

impl State {
    fn active(&self, n: Node) -> bool {
        self.ring.members.contains(n)
    }

    fn first(&self, n: Node) -> Option<Node> {
        self.ring.succ[n].first().copied()
    }

    fn second(&self, n: Node) -> Option<Node> {
        self.ring.succ[n].get(1).copied()
    }

    /// Whether a node has, by one step, a way to a node that is known to reach the origin.
    fn leads_on(&self, n: Node) -> bool {
        let known = |m: Node| self.active(m) && self.reach.contains(m);
        self.first(n).is_some_and(|first| match self.active(first) {
            true => known(first),
            false => self.second(n).is_some_and(known),
        })
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of the benchmark.
    pub enum Action {
        /// A node joins, with an active one as successor.
        Join(Node, Node),
        /// A node takes its successor's predecessor as successor.
        Stabilize(Node),
        /// A node notifies its successor.
        Notify(Node),
        /// A node takes its successor's successor as its second one.
        Inherit(Node),
        /// A node removes a successor that has failed.
        Remove(Node),
        /// A node fails.
        Fail(Node),
        /// A node is found to reach the origin.
        ReachOrg(Node),
        /// A node is found not to reach the origin.
        RemoveOrg(Node),
    }
}

impl<S: RuleSet<Rule>> ChordReach<S> {
    fn join(&self, s: &State, x: Node, y: Node) -> Option<State> {
        let across = between(self.nodes, x, s.org, y);
        given(s.active(y) && x != y)?;
        self.rules.when(Rule::ReachJoinStranger, !s.active(x))?;
        self.rules.when(Rule::ReachJoinNotAcross, !across)?;

        let mut t = *s;
        t.ring.fail(x);
        if self.rules.performs(Rule::ReachJoinSuccessor) {
            t.ring.members.insert(x);
            t.ring.succ[x].push(y);
        }
        Some(t)
    }

    fn stabilize(&self, s: &State, x: Node) -> Option<State> {
        let y = s.first(x)?;
        given(s.active(y))?;
        let z = s.ring.prdc[y]?;
        self.rules
            .when(Rule::ReachStabilizeBetween, between(self.nodes, x, z, y))?;

        let mut t = *s;
        if self.rules.performs(Rule::ReachStabilizeSuccessors) {
            t.ring.succ[x] = [z, y].into_iter().collect();
        }
        Some(t)
    }

    fn notify(&self, s: &State, x: Node) -> Option<State> {
        let y = s.first(x)?;
        given(s.active(y))?;
        let closer = match s.ring.prdc[y] {
            Some(z) => between(self.nodes, z, x, y),
            None => x != y,
        };
        self.rules.when(Rule::ReachNotifyBetween, closer)?;

        let mut t = *s;
        if self.rules.performs(Rule::ReachNotifyPredecessor) {
            t.ring.prdc[y] = Some(x);
        }
        Some(t)
    }

    fn inherit(&self, s: &State, x: Node) -> Option<State> {
        let y = s.first(x)?;
        given(s.active(y))?;
        let z = s.first(y)?;

        let mut t = *s;
        if self.rules.performs(Rule::ReachInheritSecond) {
            t.ring.succ[x] = [y, z].into_iter().collect();
        }
        Some(t)
    }

    fn remove(&self, s: &State, x: Node) -> Option<State> {
        let (y, z) = (s.first(x)?, s.second(x)?);
        self.rules.when(Rule::ReachRemoveFailed, !s.active(y))?;

        let mut t = *s;
        if self.rules.performs(Rule::ReachRemoveShifts) {
            t.ring.succ[x] = [z].into_iter().collect();
        }
        Some(t)
    }

    fn fail(&self, s: &State, x: Node) -> Option<State> {
        let nodes = || Node::first(self.nodes);
        let mut before = nodes().filter(|&y| s.first(y) == Some(x));
        let has_second = before.clone().all(|y| s.second(y).is_some());
        let second_active = before.all(|y| s.second(y).is_none_or(|z| s.active(z)));
        let first_active = nodes()
            .filter(|&w| s.second(w) == Some(x))
            .all(|w| s.first(w).is_some_and(|y| y != x && s.active(y)));
        given(self.fails && s.active(x))?;
        self.rules.when(Rule::ReachFailNotOrigin, x != s.org)?;
        self.rules.when(Rule::ReachFailSecond, has_second)?;
        self.rules
            .when(Rule::ReachFailSecondActive, second_active)?;
        self.rules.when(Rule::ReachFailFirstActive, first_active)?;

        let mut t = *s;
        t.ring.fail(x);
        Some(t)
    }

    fn reach_org(&self, s: &State, x: Node) -> Option<State> {
        given(s.leads_on(x))?;

        let mut t = *s;
        t.reach.insert(x);
        Some(t)
    }

    fn remove_org(&self, s: &State, x: Node) -> Option<State> {
        given(x != s.org && s.first(x).is_some() && !s.leads_on(x))?;

        let mut t = *s;
        t.reach.remove(x);
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for ChordReach<S> {
    type State = State;
    type Action = Action;

    /// The origin and another node, each the successor and the predecessor of the other.
    fn init_states(&self) -> Vec<State> {
        let pairs = Node::first(self.nodes)
            .flat_map(|org| Node::first(self.nodes).map(move |other| (org, other)));
        pairs
            .filter(|(org, other)| org != other)
            .map(|(org, other)| {
                let to = |n| {
                    [(org, other), (other, org)]
                        .into_iter()
                        .find(|(m, _)| *m == n)
                };
                let next = |n| to(n).map(|(_, next)| next);
                State {
                    ring: Pointers {
                        members: [org, other].into_iter().collect(),
                        succ: PerNode::from_fn(self.nodes, |n| next(n).into_iter().collect()),
                        prdc: PerNode::from_fn(self.nodes, next),
                    },
                    org,
                    other,
                    reach: [org].into_iter().collect(),
                }
            })
            .collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for x in Node::first(self.nodes) {
            actions.extend(Node::first(self.nodes).map(|y| Action::Join(x, y)));
            actions.extend([Action::Stabilize(x), Action::Notify(x), Action::Inherit(x)]);
            actions.extend([Action::Remove(x), Action::Fail(x)]);
            actions.extend([Action::ReachOrg(x), Action::RemoveOrg(x)]);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Join(x, y) => self.join(s, x, y),
            Action::Stabilize(x) => self.stabilize(s, x),
            Action::Notify(x) => self.notify(s, x),
            Action::Inherit(x) => self.inherit(s, x),
            Action::Remove(x) => self.remove(s, x),
            Action::Fail(x) => self.fail(s, x),
            Action::ReachOrg(x) => self.reach_org(s, x),
            Action::RemoveOrg(x) => self.remove_org(s, x),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("ErrorFree", |m, s| m.error_free(s)),
            Property::<Self>::sometimes(
                "ErrorFree: one that has joined is known to reach it",
                |_, s| {
                    s.reach
                        .iter()
                        .any(|n| s.active(n) && n != s.org && n != s.other)
                },
            ),
            Property::<Self>::sometimes("ErrorFree: one by its second successor", |_, s| {
                let around = |n| s.first(n).is_some_and(|y| !s.active(y));
                s.reach.iter().any(|n| s.active(n) && around(n))
            }),
            Property::<Self>::always("OriginReached", |_, s| {
                s.ring.ring().contains(s.org) && s.ring.connected_appendages()
            }),
            Property::<Self>::sometimes("OriginReached: by one that is not on the ring", |_, s| {
                !s.ring.appendages().is_empty()
            }),
            Property::<Self>::always("AtMostOneRing", |_, s| s.ring.at_most_one_ring()),
            Property::<Self>::sometimes("AtMostOneRing: of three", |_, s| s.ring.ring().len() > 2),
            Property::<Self>::always("OrderedRing", |_, s| s.ring.ordered_ring()),
            Property::<Self>::sometimes("OrderedRing: of three", |_, s| s.ring.ring().len() > 2),
            Property::<Self>::always("OneLiveSuccessor", |_, s| s.ring.one_live_successor()),
            // From an origin that still knows the other one as first successor only removal leads there.
            Property::<Self>::sometimes("OneLiveSuccessor: the origin is alone", |m, s| {
                !m.fails || s.first(s.org) == Some(s.org)
            }),
            Property::<Self>::sometimes("OneLiveSuccessor: the second one", |_, s| {
                let around = |n| s.first(n).is_some_and(|y| !s.active(y));
                s.ring.members.iter().any(around)
            }),
            Property::<Self>::sometimes("Active Nodes Change One By One: all are", |m, s| {
                s.ring.members.len() == m.nodes
            }),
            Property::<Self>::sometimes("Pointers Come Closer: all are ideal", |m, s| {
                s.ring.members.len() == m.nodes && s.ring.is_ideal(2)
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> ChordReach<S> {
    /// Where the computation rests, and all between a node and the origin are known to reach it, the node is, too.
    fn error_free(&self, s: &State) -> bool {
        let rests = Node::first(self.nodes).all(|n| !s.leads_on(n) || s.reach.contains(n));
        let misses = |x: &Node| {
            let between = |&y: &Node| between(self.nodes, *x, y, s.org);
            let mut behind = s.ring.members.iter().filter(between);
            !s.reach.contains(*x) && behind.all(|y| s.reach.contains(y))
        };
        !rests || !s.ring.members.iter().any(|x| misses(&x))
    }
}

impl<S: RuleSet<Rule>> Spec for ChordReach<S> {
    const SYMMETRY: Option<&'static str> = Some("rotations of the ring");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            StepProperty {
                name: "Active Nodes Change One By One",
                holds: |_, s, action, t| match *action {
                    Action::Join(x, _) => {
                        !s.active(x) && t.ring.members.len() == s.ring.members.len() + 1
                    }
                    Action::Fail(x) => !t.active(x) && x != s.org,
                    _ => s.ring.members == t.ring.members,
                },
            },
            // A live successor is given up only for a node in between, and a predecessor for one in between.
            StepProperty {
                name: "Pointers Come Closer",
                holds: |m, s, action, t| match *action {
                    Action::Stabilize(x) | Action::Inherit(x) | Action::Remove(x) => {
                        s.first(x).filter(|&y| s.active(y)).is_none_or(|y| {
                            let after = t.first(x);
                            after == Some(y) || after.is_some_and(|z| between(m.nodes, x, z, y))
                        })
                    }
                    Action::Notify(x) => s.first(x).is_none_or(|y| {
                        let (before, after) = (s.ring.prdc[y], t.ring.prdc[y]);
                        after != Some(y)
                            && before.is_none_or(|z| between(m.nodes, z, x, y) && after == Some(x))
                    }),
                    _ => true,
                },
            },
        ]
    }

    fn canonical(&self, s: &State) -> State {
        symmetry::least(0..self.nodes, |by| {
            let to = |n: Node| Node::new((n.index() + by) % self.nodes);
            State {
                ring: s.ring.rotated(by),
                org: to(s.org),
                other: to(s.other),
                reach: s.reach.iter().map(to).collect(),
            }
        })
    }
}

impl<S: RuleSet<Rule>> Refines for ChordReach<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
