//! Placement: who owns a position of the ring is a function of the members alone, and moves no more than it must.
//!
//! A table of points is maintained as implementations do it, inserting and removing points as members come, go, grow and shrink, for
//! *every* assignment of virtual nodes to positions on a tiny ring. So every collision of points occurs, between nodes and within one,
//! which on a ring of 2⁶⁴ positions no test would ever meet. The properties compare the table with [`definition`].
//!
//! After Karger et al. 1997, §4, and DeCandia et al. 2007 (Dynamo), §4.2 and §4.3.

use std::fmt;

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::Node;
use crate::kit::{Anything, Id, PerNode, Refines, ShortVec, Spec, StepProperty, given};

pub mod bounded_loads;
pub mod configs;
pub mod definition;
pub mod load_configs;
mod properties;
pub mod weighted;

/// The most nodes that a model holds.
pub const MAX_NODES: usize = 4;
/// The most virtual nodes of a node that a model holds.
pub const MAX_VNODES: usize = 3;
/// Room for every point.
const MAX_POINTS: usize = MAX_NODES * MAX_VNODES;

/// A ring of a few positions, and nodes with virtual nodes.
#[derive(Clone, Debug)]
pub struct Placement<S = Faithful> {
    /// How many nodes there are, members or not.
    pub nodes: usize,
    /// How many virtual nodes a node has at full weight.
    pub vnodes: usize,
    /// How many positions the ring has.
    pub positions: usize,
    /// How many nodes are to hold each key.
    pub replicas: usize,
    /// How the table tells points apart.
    pub points: Points,
    /// What is claimed.
    pub judge: Judge,
    /// The rules that are kept.
    pub rules: S,
}

/// How the table tells points apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Points {
    /// By their positions and their nodes.
    ByNode,
    /// By their positions alone, as a map from positions to nodes does: an expected failure. Of two points that collide one takes the other's place, and
    /// with it goes the last that was there.
    ByPosition,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// That the table and all lookups are what the members define.
    Definition,
    /// That every position has some owner, and nothing else.
    Coverage,
}

impl Points {
    /// The names by which the command line knows them, in the order of [`Points::from_choice`].
    pub const NAMES: &'static [&'static str] = &["by-node", "by-position"];

    /// The one of that position in [`Points::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::ByNode, Self::ByPosition][choice as usize]
    }
}

impl Judge {
    /// The names by which the command line knows them, in the order of [`Judge::from_choice`].
    pub const NAMES: &'static [&'static str] = &["definition", "coverage"];

    /// The one of that position in [`Judge::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Definition, Self::Coverage][choice as usize]
    }
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The assignment that a behaviour starts from, the members, and the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Where the virtual nodes of each node lie. Stands for the hash function; never changes.
    pub hash: PerNode<Node, ShortVec<u8, MAX_VNODES>, MAX_NODES>,
    /// How many of its virtual nodes each node has on the ring: 0 if it is no member.
    pub weight: PerNode<Node, u8, MAX_NODES>,
    /// The points on the ring, in order.
    pub table: Table,
}

/// A point on the ring. Prints as `n1@0`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// Where it is.
    pub position: u8,
    /// Whose it is.
    pub node: Node,
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}", self.node, self.position)
    }
}

/// Points in order.
pub type Table = ShortVec<Point, MAX_POINTS>;

/// The nodes that hold a key, the owner first.
pub type Replicas = ShortVec<Node, MAX_NODES>;

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What happens to the members.
    pub enum Action {
        /// A node joins, with all its virtual nodes.
        Join(Node),
        /// A node leaves.
        Leave(Node),
        /// A member gets another weight.
        Reweigh(Node, u8),
    }
}

impl<S: RuleSet<Rule>> Placement<S> {
    fn join(&self, s: &State, n: Node) -> Option<State> {
        given(s.weight[n] == 0)?;

        self.with_weight(s, n, self.vnodes as u8)
    }

    fn leave(&self, s: &State, n: Node) -> Option<State> {
        given(s.weight[n] > 0)?;

        self.with_weight(s, n, 0)
    }

    fn reweigh(&self, s: &State, n: Node, weight: u8) -> Option<State> {
        given(s.weight[n] > 0 && s.weight[n] != weight)?;

        self.with_weight(s, n, weight)
    }

    /// The change of the table that a change of one node's weight makes: its new virtual nodes come, its lost ones go. (A mutant
    /// that does not insert or remove *all* of them stops after the first.)
    fn with_weight(&self, s: &State, n: Node, weight: u8) -> Option<State> {
        let mut t = *s;
        t.weight[n] = weight;
        let point = |v: u8| Point {
            position: s.hash[n][v as usize],
            node: n,
        };
        for v in s.weight[n]..weight {
            if v == 0 || self.rules.performs(Rule::PlaceInsertAll) {
                self.insert(&mut t.table, point(v))?;
            }
        }
        for v in weight..s.weight[n] {
            let shared = (0..weight).any(|kept| point(kept) == point(v));
            if self.rules.requires(Rule::PlaceRemoveUnshared, !shared)
                && (v == weight || self.rules.performs(Rule::PlaceRemoveAll))
            {
                self.remove(&mut t.table, point(v))?;
            }
        }
        Some(t)
    }

    /// `None` if the point cannot be put there: a crash, of which only a mutant is capable.
    fn insert(&self, table: &mut Table, point: Point) -> Option<()> {
        let new = !table.contains(&point);
        if !self.rules.requires(Rule::PlaceInsertOnce, new) {
            return Some(());
        }
        let taken = table.iter().any(|other| other.position == point.position);
        given(table.len() < self.nodes * self.vnodes)?;
        given(!taken || self.rules.performs(Rule::PlaceInsertShares))?;
        if self.points == Points::ByPosition || !self.rules.performs(Rule::PlaceInsertKeepsOther) {
            retain(table, |other| other.position != point.position);
        }
        let at = if self.rules.performs(Rule::PlaceTieByIdentity) {
            table.partition_point(|other| *other < point)
        } else {
            table.partition_point(|other| other.position <= point.position)
        };
        table.insert(at, point);
        Some(())
    }

    /// `None` if there is no such point to be removed: a crash, of which only a mutant is capable.
    fn remove(&self, table: &mut Table, point: Point) -> Option<()> {
        let own = |other: Point| self.points == Points::ByPosition || other.node == point.node;
        let there = |other: &Point| other.position == point.position && own(*other);
        let there = table.iter().any(there);
        if !self.rules.requires(Rule::PlaceRemoveOnce, there) {
            return Some(());
        }
        given(there)?;
        retain(table, |other| {
            other.position != point.position
                || !self.rules.requires(Rule::PlaceRemoveOwn, own(other))
        });
        Some(())
    }
}

fn retain(table: &mut Table, keeps: impl Fn(Point) -> bool) {
    for at in (0..table.len()).rev() {
        if !keeps(table[at]) {
            table.remove(at);
        }
    }
}

// -------------------------------------------------------------------------------------------------------------- Lookups

impl<S: RuleSet<Rule>> Placement<S> {
    /// The points from a position on, once around the ring.
    fn walk<'t>(&self, table: &'t Table, from: u8) -> impl Iterator<Item = &'t Point> + Clone {
        let or_at = self.rules.performs(Rule::PlaceLookupAtOrAfter);
        let start = table
            .partition_point(|point| point.position < from || !or_at && point.position == from);
        let wraps = self.rules.performs(Rule::PlaceLookupWraps);
        let before = if wraps { &table[..start] } else { &[] };
        table[start..].iter().chain(before)
    }

    /// The node to which a position belongs.
    pub fn owner(&self, table: &Table, position: u8) -> Option<Node> {
        self.walk(table, position).next().map(|point| point.node)
    }

    /// The preference list of a position: the first distinct nodes from it on.
    pub fn replicas(&self, table: &Table, position: u8) -> Replicas {
        let mut list = Replicas::new();
        let from_owner = self.rules.performs(Rule::PlaceReplicaFromOwner);
        for point in self.walk(table, position).skip(usize::from(!from_owner)) {
            let distinct = !list.contains(&point.node);
            if list.len() < self.replicas
                && self.rules.requires(Rule::PlaceReplicaDistinct, distinct)
            {
                list.push(point.node);
            }
        }
        list
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for Placement<S> {
    type State = State;
    type Action = Action;

    /// Every assignment of virtual nodes to positions; no member.
    fn init_states(&self) -> Vec<State> {
        let points = (self.nodes * self.vnodes) as u32;
        let position = |code: usize, n: Node, v: usize| {
            let digit = (n.index() * self.vnodes + v) as u32;
            (code / self.positions.pow(digit) % self.positions) as u8
        };
        (0..self.positions.pow(points))
            .map(|code| State {
                hash: PerNode::from_fn(self.nodes, |n| {
                    (0..self.vnodes).map(|v| position(code, n, v)).collect()
                }),
                weight: PerNode::all(self.nodes, 0),
                table: Table::new(),
            })
            .collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for n in Node::first(self.nodes) {
            actions.extend([Action::Join(n), Action::Leave(n)]);
            actions.extend((1..=self.vnodes as u8).map(|weight| Action::Reweigh(n, weight)));
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Join(n) => self.join(s, n),
            Action::Leave(n) => self.leave(s, n),
            Action::Reweigh(n, weight) => self.reweigh(s, n, weight),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        match self.judge {
            Judge::Definition => properties::of_definition(),
            Judge::Coverage => vec![properties::coverage()],
        }
    }
}

impl<S: RuleSet<Rule>> Spec for Placement<S> {
    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        match self.judge {
            Judge::Definition => properties::of_steps(),
            Judge::Coverage => Vec::new(),
        }
    }
}

impl<S: RuleSet<Rule>> Refines for Placement<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
