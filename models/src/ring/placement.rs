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
    /// The rules that are kept.
    pub rules: S,
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
                self.remove(&mut t.table, point(v));
            }
        }
        Some(t)
    }

    /// `None` if there is no room, which only a point that is in the table twice can bring about.
    fn insert(&self, table: &mut Table, point: Point) -> Option<()> {
        let new = !table.contains(&point);
        if !self.rules.requires(Rule::PlaceInsertOnce, new) {
            return Some(());
        }
        given(table.len() < self.nodes * self.vnodes)?;
        if !self.rules.performs(Rule::PlaceInsertKeepsOther) {
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

    fn remove(&self, table: &mut Table, point: Point) {
        retain(table, |other| {
            let own = other.node == point.node;
            other.position != point.position || !self.rules.requires(Rule::PlaceRemoveOwn, own)
        });
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

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Pure Function Of Members", |_, s| {
                s.table == definition::table(s)
            }),
            Property::<Self>::sometimes(
                "Pure Function Of Members: points of two members collide",
                |_, s| collide(s),
            ),
            Property::<Self>::always("Each Member Owns Its Points", |_, s| {
                definition::points(s).all(|point| s.table.contains(&point))
            }),
            Property::<Self>::sometimes(
                "Each Member Owns Its Points: two members share a position",
                |_, s| collide(s),
            ),
            Property::<Self>::always("Total Lookup", |m, s| {
                m.all_positions(|p| m.owner(&s.table, p) == definition::owner(m, s, p))
            }),
            Property::<Self>::sometimes("Total Lookup: a position lies on a point", |m, s| {
                m.some_position(s, |p| s.table.iter().any(|point| point.position == p))
            }),
            Property::<Self>::sometimes("Total Lookup: a position wraps around", |m, s| {
                m.some_position(s, |p| s.table.iter().all(|point| point.position < p))
            }),
            Property::<Self>::always("Distinct Replicas", |m, s| {
                m.all_positions(|p| m.replicas(&s.table, p) == definition::replicas(m, s, p))
            }),
            Property::<Self>::sometimes(
                "Distinct Replicas: fewer members than replicas",
                |m, s| (1..m.replicas).contains(&definition::members(s).count()),
            ),
            Property::<Self>::sometimes(
                "Distinct Replicas: the next point is of the same node",
                |m, s| {
                    let repeats = |pair: &[Point]| pair[0].node == pair[1].node;
                    definition::members(s).count() >= m.replicas && s.table.windows(2).any(repeats)
                },
            ),
            Property::<Self>::always("First Replica Is Owner", |m, s| {
                m.all_positions(|p| {
                    m.replicas(&s.table, p).first().copied() == m.owner(&s.table, p)
                })
            }),
            Property::<Self>::sometimes("First Replica Is Owner: there is a second", |m, s| {
                m.some_position(s, |p| m.replicas(&s.table, p).len() > 1)
            }),
            Property::<Self>::sometimes(
                "Minimal Movement: positions have several owners",
                |m, s| {
                    let first = m.owner(&s.table, 0);
                    m.some_position(s, |p| m.owner(&s.table, p) != first)
                },
            ),
        ]
    }
}

impl<S: RuleSet<Rule>> Placement<S> {
    fn all_positions(&self, holds: impl FnMut(u8) -> bool) -> bool {
        (0..self.positions as u8).all(holds)
    }

    fn some_position(&self, s: &State, holds: impl FnMut(u8) -> bool) -> bool {
        !s.table.is_empty() && (0..self.positions as u8).any(holds)
    }

    /// A position moves only to the node that grows, or from the one that shrinks; and of its replicas only that node comes or goes.
    fn moves_minimally(&self, s: &State, n: Node, t: &State) -> bool {
        let (small, large) = match s.weight[n] < t.weight[n] {
            true => (&s.table, &t.table),
            false => (&t.table, &s.table),
        };
        self.all_positions(|p| {
            let (fewer, more) = (self.replicas(small, p), self.replicas(large, p));
            let others = more.iter().filter(|&&m| m != n);
            let kept = fewer.iter().filter(|&&m| m != n);
            let owner = self.owner(large, p);
            (owner == Some(n) || owner == self.owner(small, p))
                && others.zip(kept).all(|(other, kept)| other == kept)
        })
    }
}

/// Whether points of two members lie at one position.
fn collide(s: &State) -> bool {
    definition::points(s)
        .any(|a| definition::points(s).any(|b| a.position == b.position && a.node != b.node))
}

impl<S: RuleSet<Rule>> Spec for Placement<S> {
    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "Minimal Movement",
            holds: |m, s, action, t| match *action {
                Action::Join(n) | Action::Leave(n) | Action::Reweigh(n, _) => {
                    m.moves_minimally(s, n, t)
                }
            },
        }]
    }
}

impl<S: RuleSet<Rule>> Refines for Placement<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
