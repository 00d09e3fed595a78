//! Chord's ring maintenance as published: while nodes only join it keeps one ordered ring, and when they fail it does not.
//!
//! Stoica et al. (SIGCOMM 2001; ToN 2003): join, stabilize and notify are the pseudocode; lists of successors, and what becomes of dead nodes in them, are
//! from the text (reconcile, update and flush are Zave's names for it, *Using Lightweight Modeling to Understand Chord*, 2012). Each step is
//! atomic, with what it asks of one other node. Which invariants are claimed is a parameter, so that each broken one has its own shortest counterexample.
//!
//! What is found, on three nodes: AtMostOneRing and OrderedRing break although each failure leaves each member a live node in its list (a node fails and joins
//! again while others still point to it). AtLeastOneRing and ConnectedAppendages follow from just that (who goes on to live nodes comes to a ring), and break by
//! one failure where it is not so: who has just joined knows one successor only, whatever the length of lists. OrderedMerges breaks by joins alone.
//! OrderedSuccessorLists and NoDuplicates were not claimed; the corrected version needs them, and failures break them.
//!
//! Left out: fingers (they only make lookups faster, and the right successor is enough for the right answer), keys, and voluntary leaves (a failure
//! that is announced). A node that has failed may join again, with nothing. Ideal progress is liveness, and not asked here.

pub mod configs;
pub mod corrected;
pub mod pointers;
pub mod reach;

use concur_rules::chord::ChordRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Anything, Id, NodeSet, Refines, Spec, StepProperty, given};
use crate::ring::Node;
use crate::ring::chord::pointers::{List, Pointers, between};

/// Nodes of Chord on a ring of as many positions.
#[derive(Clone, Debug)]
pub struct Chord<S = Faithful> {
    /// How many nodes there are, members or not.
    pub nodes: usize,
    /// How many members there are at first, on an ideal ring.
    pub first: usize,
    /// How long a list of successors is.
    pub list: usize,
    /// Which nodes fail.
    pub fails: Fails,
    /// Whether nodes join after the beginning.
    pub joins: bool,
    /// What is claimed beyond the local properties: a position in [`CLAIMS`].
    pub claim: usize,
    /// The rules that are kept.
    pub rules: S,
}

/// Which nodes fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// None: nodes only join.
    Never,
    /// Any, as long as each member keeps a live node in its list: the assumption under which Chord is claimed to work.
    Sparing,
    /// Any but the last.
    Any,
}

/// What may be claimed: the local properties alone, everything, what joins alone do not break, or one of Zave's invariants.
pub const CLAIMS: &[&str] = &[
    "local",
    "all",
    "rings",
    "AtLeastOneRing",
    "AtMostOneRing",
    "OrderedRing",
    "ConnectedAppendages",
    "OrderedMerges",
    "OneOrderedRing",
    "OrderedSuccessorLists",
    "NoDuplicates",
];

/// What joins alone do not break, even from a ring of one.
const RINGS: &[&str] = &[
    "AtLeastOneRing",
    "AtMostOneRing",
    "OrderedRing",
    "ConnectedAppendages",
    "OneOrderedRing",
];

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What the nodes do, and what happens to them.
    pub enum Action {
        /// A node joins, by asking a member.
        Join(Node, Node),
        /// A member asks its successor for its predecessor.
        Stabilize(Node),
        /// A member notifies its successor.
        Notify(Node),
        /// A member copies its successor's list.
        Reconcile(Node),
        /// A member replaces a dead successor by the next one.
        Update(Node),
        /// A member forgets a dead predecessor.
        Flush(Node),
        /// A member fails.
        Fail(Node),
    }
}

impl<S: RuleSet<Rule>> Chord<S> {
    fn join(&self, s: &Pointers, n: Node, m: Node) -> Option<Pointers> {
        let head = self.live_head(s, m)?;
        given(self.joins && n != m)?;
        self.rules
            .when(Rule::ChordJoinStranger, !s.members.contains(n))?;
        self.rules
            .when(Rule::ChordJoinPlace, between(self.nodes, m, n, head))?;

        let mut t = *s;
        t.fail(n);
        if self.rules.performs(Rule::ChordJoinAdds) {
            t.members.insert(n);
        }
        if self.rules.performs(Rule::ChordJoinSuccessor) {
            t.succ[n].push(head);
        }
        Some(t)
    }

    fn stabilize(&self, s: &Pointers, n: Node) -> Option<Pointers> {
        let head = self.live_head(s, n)?;
        let x = s.prdc[head].filter(|&x| x != n)?;
        self.rules
            .when(Rule::ChordStabilizeCloser, between(self.nodes, n, x, head))?;

        let mut t = *s;
        if self.rules.performs(Rule::ChordStabilizeSuccessor) {
            t.succ[n] = self.behind(x, &s.succ[n]);
        }
        Some(t)
    }

    fn notify(&self, s: &Pointers, n: Node) -> Option<Pointers> {
        let head = self.live_head(s, n)?;
        let closer = s.prdc[head].is_none_or(|p| between(self.nodes, p, n, head));
        self.rules.when(Rule::ChordNotifyCloser, closer)?;

        let mut t = *s;
        if self.rules.performs(Rule::ChordNotifyPredecessor) {
            t.prdc[head] = Some(n);
        }
        Some(t)
    }

    fn reconcile(&self, s: &Pointers, n: Node) -> Option<Pointers> {
        let head = self.live_head(s, n)?;

        let mut t = *s;
        if self.rules.performs(Rule::ChordReconcileList) {
            t.succ[n] = self.behind(head, &s.succ[head]);
        }
        Some(t)
    }

    fn update(&self, s: &Pointers, n: Node) -> Option<Pointers> {
        let head = *s.succ[n].first()?;
        given(s.succ[n].len() > 1)?;
        self.rules
            .when(Rule::ChordUpdateDead, !s.members.contains(head))?;

        let mut t = *s;
        if self.rules.performs(Rule::ChordUpdateNext) {
            t.succ[n].remove(0);
        }
        Some(t)
    }

    fn flush(&self, s: &Pointers, n: Node) -> Option<Pointers> {
        let p = s.prdc[n]?;
        self.rules
            .when(Rule::ChordFlushDead, !s.members.contains(p))?;

        let mut t = *s;
        if self.rules.performs(Rule::ChordFlushForgets) {
            t.prdc[n] = None;
        }
        Some(t)
    }

    fn fail(&self, s: &Pointers, n: Node) -> Option<Pointers> {
        let mut t = *s;
        t.fail(n);
        given(self.fails != Fails::Never && s.members.contains(n))?;
        given(!t.members.is_empty())?;
        let spares = self.fails == Fails::Any || t.one_live_successor();
        self.rules.when(Rule::ChordFailSpares, spares)?;

        Some(t)
    }

    /// The first of a member's successors, if that can be asked.
    fn live_head(&self, s: &Pointers, n: Node) -> Option<Node> {
        let head = *s.succ[n].first()?;
        s.members.contains(head).then_some(head)
    }

    fn behind(&self, head: Node, list: &List) -> List {
        let entries = [head].into_iter().chain(list.iter().copied());
        entries.take(self.list).collect()
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for Chord<S> {
    type State = Pointers;
    type Action = Action;

    /// An ideal ring of any members, so many.
    fn init_states(&self) -> Vec<Pointers> {
        (1..1 << self.nodes)
            .map(NodeSet::from_bits)
            .filter(|members: &NodeSet<Node>| members.len() == self.first)
            .map(|members| Pointers::ideal(self.nodes, members, self.list.min(self.first)))
            .collect()
    }

    fn actions(&self, _: &Pointers, actions: &mut Vec<Action>) {
        for n in Node::first(self.nodes) {
            actions.extend(Node::first(self.nodes).map(|m| Action::Join(n, m)));
            actions.extend([Action::Stabilize(n), Action::Notify(n)]);
            actions.extend([Action::Reconcile(n), Action::Update(n)]);
            actions.extend([Action::Flush(n), Action::Fail(n)]);
        }
    }

    fn next_state(&self, s: &Pointers, action: Action) -> Option<Pointers> {
        match action {
            Action::Join(n, m) => self.join(s, n, m),
            Action::Stabilize(n) => self.stabilize(s, n),
            Action::Notify(n) => self.notify(s, n),
            Action::Reconcile(n) => self.reconcile(s, n),
            Action::Update(n) => self.update(s, n),
            Action::Flush(n) => self.flush(s, n),
            Action::Fail(n) => self.fail(s, n),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = local();
        if self.fails != Fails::Any {
            properties.extend(spared());
        }
        let claims = |property: &Property<Self>| {
            let claim = CLAIMS[self.claim];
            let name = property.name;
            let kept = |ring: &&str| name.starts_with(ring);
            claim == "all"
                || claim == "rings" && RINGS.iter().any(kept)
                || name
                    .strip_prefix(claim)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        properties.extend(zave().into_iter().filter(claims));
        properties
    }
}

/// What no failure breaks, and what shows that each step does its work.
fn local<S: RuleSet<Rule>>() -> Vec<Property<Chord<S>>> {
    vec![
        Property::<Chord<S>>::sometimes("Members Change One By One: all have joined", |m, s| {
            s.members.len() == m.nodes
        }),
        Property::<Chord<S>>::sometimes("Successors Come Closer: a head is dead", |m, s| {
            m.fails == Fails::Never || s.members.iter().any(|n| m.live_head(s, n).is_none())
        }),
        Property::<Chord<S>>::sometimes("Predecessors Come Closer: one is dead", |m, s| {
            let dead = |n| s.prdc[n].is_some_and(|p| !s.members.contains(p));
            m.fails == Fails::Never || s.members.iter().any(dead)
        }),
        Property::<Chord<S>>::sometimes("Predecessors Come Closer: one is forgotten", |m, s| {
            m.fails == Fails::Never
                || s.members.len() == m.nodes - 1 && s.members.iter().any(|n| s.prdc[n].is_none())
        }),
    ]
}

/// What holds as long as failures spare a live node in each list.
fn spared<S: RuleSet<Rule>>() -> Vec<Property<Chord<S>>> {
    vec![
        Property::<Chord<S>>::always("OneLiveSuccessor", |_, s| s.one_live_successor()),
        Property::<Chord<S>>::sometimes("OneLiveSuccessor: not all is ideal", |m, s| {
            s.members.len() > 1 && !s.is_ideal(m.list)
        }),
        Property::<Chord<S>>::sometimes("OneLiveSuccessor: all is ideal", |m, s| {
            s.members.len() == m.nodes && s.is_ideal(m.list)
        }),
        // Where all are members at first, only update, flush and notify lead there.
        Property::<Chord<S>>::sometimes(
            "OneLiveSuccessor: all is ideal again after a failure",
            |m, s| {
                let all_at_first = m.fails == Fails::Sparing && m.first == m.nodes;
                !all_at_first || s.members.len() == m.nodes - 1 && s.is_ideal(m.list)
            },
        ),
    ]
}

fn zave<S: RuleSet<Rule>>() -> Vec<Property<Chord<S>>> {
    vec![
        Property::<Chord<S>>::always("AtLeastOneRing", |_, s| s.at_least_one_ring()),
        Property::<Chord<S>>::sometimes("AtLeastOneRing: of two", |_, s| s.ring().len() > 1),
        Property::<Chord<S>>::always("AtMostOneRing", |_, s| s.at_most_one_ring()),
        Property::<Chord<S>>::sometimes("AtMostOneRing: of two", |_, s| s.ring().len() > 1),
        Property::<Chord<S>>::always("OrderedRing", |_, s| s.ordered_ring()),
        Property::<Chord<S>>::sometimes("OrderedRing: of three", |_, s| s.ring().len() > 2),
        Property::<Chord<S>>::always("ConnectedAppendages", |_, s| s.connected_appendages()),
        Property::<Chord<S>>::sometimes("ConnectedAppendages: there is one", |_, s| {
            !s.appendages().is_empty()
        }),
        Property::<Chord<S>>::always("OrderedMerges", |_, s| s.ordered_merges()),
        Property::<Chord<S>>::sometimes("OrderedMerges: one leads to a ring of two", |_, s| {
            s.ring().len() > 1 && s.merges().count() > 0
        }),
        Property::<Chord<S>>::always("OneOrderedRing", |_, s| {
            s.at_least_one_ring() && s.at_most_one_ring() && s.ordered_ring()
        }),
        Property::<Chord<S>>::sometimes("OneOrderedRing: of three", |_, s| s.ring().len() > 2),
        Property::<Chord<S>>::always("OrderedSuccessorLists", |_, s| s.ordered_lists()),
        Property::<Chord<S>>::sometimes("OrderedSuccessorLists: one has two", |_, s| {
            s.members.iter().any(|n| s.succ[n].len() > 1)
        }),
        Property::<Chord<S>>::always("NoDuplicates", |_, s| s.no_duplicates()),
        Property::<Chord<S>>::sometimes("NoDuplicates: one has two", |_, s| {
            s.members.iter().any(|n| s.succ[n].len() > 1)
        }),
    ]
}

impl<S: RuleSet<Rule>> Spec for Chord<S> {
    const SYMMETRY: Option<&'static str> = Some("rotations of the ring");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            StepProperty {
                name: "Members Change One By One",
                holds: |m, s, action, t| match *action {
                    Action::Join(n, by) => {
                        !s.members.contains(n)
                            && t.members.len() == s.members.len() + 1
                            && s.best(by).is_some_and(|next| between(m.nodes, by, n, next))
                    }
                    Action::Fail(n) => !t.members.contains(n),
                    _ => s.members == t.members,
                },
            },
            // A live successor is given up only for a node in between, or when it fails; and a node that comes back is one in between.
            StepProperty {
                name: "Successors Come Closer",
                holds: |m, s, action, t| match *action {
                    Action::Stabilize(n) | Action::Update(n) => {
                        s.best(n) == t.best(n)
                            || s.best(n)
                                .zip(t.best(n))
                                .is_some_and(|(before, after)| between(m.nodes, n, after, before))
                    }
                    _ => true,
                },
            },
            StepProperty {
                name: "Predecessors Come Closer",
                holds: |m, s, action, t| match *action {
                    Action::Notify(_) | Action::Flush(_) => {
                        s.members.iter().all(|n| match (s.prdc[n], t.prdc[n]) {
                            (Some(before), after) if s.members.contains(before) => {
                                after == Some(before)
                                    || after.is_some_and(|p| between(m.nodes, before, p, n))
                            }
                            _ => true,
                        })
                    }
                    _ => true,
                },
            },
        ]
    }

    fn canonical(&self, s: &Pointers) -> Pointers {
        s.least_rotation()
    }
}

impl<S: RuleSet<Rule>> Refines for Chord<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &Pointers) {}
}
