//! A graph as a model with fairness and promises: the smallest way to make a liveness question of any shape.

use std::collections::BTreeSet;

use concur_models::kit::{Claim, Fairness, Named, Promise, Spec, Strength, Temporal};
use stateright::{Model, Property};

/// How many kinds of classes there are: three of single classes, and one that has a class for each number.
pub const CLASSES: usize = 4;
/// The names of the fairness of each.
pub const NAMES: [&str; CLASSES] = ["a is fair", "b is fair", "c is fair", "each number is fair"];
/// All promises that there are.
pub const PROMISES: [&str; 4] = [
    "eventually p",
    "p leads to q",
    "always eventually p",
    "eventually always p",
];

/// A step: nodes are states, edges are actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Where it begins.
    pub from: u8,
    /// Where it leads.
    pub to: u8,
    /// The classes a, b, c that it belongs to, as bits.
    pub classes: u8,
    /// The class of the fourth kind that it belongs to.
    pub number: Option<usize>,
}

impl Edge {
    /// An edge that belongs to no class.
    pub fn new(from: u8, to: u8) -> Self {
        Self {
            from,
            to,
            classes: 0,
            number: None,
        }
    }

    /// The same edge in the classes named by these letters.
    pub fn of(self, letters: &str) -> Self {
        let bit = |letter| 1 << (letter as u8 - b'a');
        Self {
            classes: letters.chars().map(bit).sum(),
            ..self
        }
    }
}

impl Named for Edge {
    const NAMES: &'static [&'static str] = &["Edge"];

    fn kind(&self) -> usize {
        0
    }
}

/// Nodes, edges, and what is asked of them.
#[derive(Clone, Debug, Default)]
pub struct FairGraph {
    /// Where behaviours begin.
    pub initial: Vec<u8>,
    /// The steps.
    pub edges: Vec<Edge>,
    /// Where p is true.
    pub p: BTreeSet<u8>,
    /// Where q is true.
    pub q: BTreeSet<u8>,
    /// The states outside of the bounds.
    pub outside: BTreeSet<u8>,
    /// Which classes are strongly fair.
    pub strong: [bool; CLASSES],
}

impl FairGraph {
    /// A graph that begins in 0, in which p is true in one state, and q nowhere.
    pub fn of(edges: impl IntoIterator<Item = Edge>, p: u8) -> Self {
        Self {
            initial: vec![0],
            edges: edges.into_iter().collect(),
            p: [p].into(),
            ..Self::default()
        }
    }
}

impl Model for FairGraph {
    type State = u8;
    type Action = Edge;

    fn init_states(&self) -> Vec<u8> {
        self.initial.clone()
    }

    fn actions(&self, state: &u8, actions: &mut Vec<Edge>) {
        actions.extend(self.edges.iter().filter(|edge| edge.from == *state));
    }

    fn next_state(&self, _: &u8, edge: Edge) -> Option<u8> {
        Some(edge.to)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::<Self>::always("true", |_, _| true)]
    }

    fn within_boundary(&self, state: &u8) -> bool {
        self.exceeded(state).is_none()
    }
}

impl Spec for FairGraph {
    const BOUNDS: &'static [&'static str] = &["outside"];

    fn exceeded(&self, state: &u8) -> Option<usize> {
        self.outside.contains(state).then_some(0)
    }
}

fn is_in<const CLASS: usize>(_: &FairGraph, _: &u8, edge: &Edge) -> bool {
    edge.classes >> CLASS & 1 == 1
}

impl Temporal for FairGraph {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        let strength = |class| {
            if self.strong[class] {
                Strength::Strong
            } else {
                Strength::Weak
            }
        };
        let one = |class: usize, is_in| match strength(class) {
            Strength::Weak => Fairness::weak(NAMES[class], is_in),
            Strength::Strong => Fairness::strong(NAMES[class], is_in),
        };
        vec![
            one(0, is_in::<0>),
            one(1, is_in::<1>),
            one(2, is_in::<2>),
            Fairness::each(NAMES[3], strength(3), |_, _, edge: &Edge| edge.number),
        ]
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        let claims = [
            Claim::Eventually(|graph: &Self, s: &u8| graph.p.contains(s)),
            Claim::LeadsTo(
                |graph, s| graph.p.contains(s),
                |graph, s| graph.q.contains(s),
            ),
            Claim::AlwaysEventually(|graph, s| graph.p.contains(s)),
            Claim::EventuallyAlways(|graph, s| graph.p.contains(s)),
        ];
        let promise = |(name, claim)| Promise {
            name,
            claim,
            needs: &NAMES,
        };
        PROMISES.into_iter().zip(claims).map(promise).collect()
    }
}
