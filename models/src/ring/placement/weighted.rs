//! Placement with weights and zones: a node of weight w has w times the points, and a key's replicas lie in distinct zones.
//!
//! DeCandia et al. 2007 (Dynamo), §4.2 (a node has as many virtual nodes as its capacity allows), §4.3 (preference lists), §4.6 (several data centres). As in
//! `placement`, *every* assignment of virtual nodes to positions of a tiny ring is an initial state. The table is a bag of points here, so that virtual
//! nodes of one node that coincide need no care; that a set of points can be kept right, too, is what `placement` shows.

use concur_rules::bounded_loads::WeightRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Anything, Id, PerNode, Refines, ShortVec, Spec, StepProperty, given};
use crate::ring::Node;
use crate::ring::placement::{MAX_NODES, Point, Replicas, Table};

/// The most virtual nodes of a node.
pub const MAX_VNODES: usize = 3;

/// A ring of a few positions, and nodes with weights and zones.
#[derive(Clone, Debug)]
pub struct WeightedPlacement<S = Faithful> {
    /// How many nodes there are, members or not.
    pub nodes: usize,
    /// How many virtual nodes a node of weight 1 has.
    pub unit: usize,
    /// The largest weight.
    pub weights: usize,
    /// How many positions the ring has.
    pub positions: usize,
    /// How many nodes are to hold each key.
    pub replicas: usize,
    /// How many zones there are. Nodes lie in them by turns.
    pub zones: usize,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The assignment that a behaviour starts from, the weights, and the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Where the virtual nodes of each node lie. Stands for the hash function; never changes.
    pub hash: PerNode<Node, ShortVec<u8, MAX_VNODES>, MAX_NODES>,
    /// The weight of each node: 0 if it is no member.
    pub weight: PerNode<Node, u8, MAX_NODES>,
    /// The points on the ring, in order, as often as virtual nodes lie on them.
    pub table: Table,
}

impl State {
    fn members(&self) -> impl Iterator<Item = Node> {
        self.weight.nodes().filter(|&n| self.weight[n] > 0)
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What happens to the members.
    pub enum Action {
        /// A node joins, leaves (weight 0), or gets another weight.
        Reweigh(Node, u8),
    }
}

impl<S: RuleSet<Rule>> WeightedPlacement<S> {
    fn reweigh(&self, s: &State, n: Node, weight: u8) -> Option<State> {
        let (before, after) = (self.points(s.weight[n]), self.points(weight));
        given(s.weight[n] != weight)?;
        // There is room, unless a mutant has left points behind.
        let room = self.nodes * self.unit * self.weights;
        given(s.table.len() + after.saturating_sub(before) <= room)?;

        let mut t = *s;
        t.weight[n] = weight;
        for v in before..after {
            let point = point(s, n, v);
            let at = t.table.partition_point(|other| *other < point);
            t.table.insert(at, point);
        }
        for v in after..before {
            if self.rules.performs(Rule::WeightRemovesLost) {
                let lost = point(s, n, v);
                let at = t.table.iter().position(|other| *other == lost);
                at.map(|at| t.table.remove(at));
            }
        }
        Some(t)
    }

    /// How many virtual nodes a node of a weight has.
    fn points(&self, weight: u8) -> usize {
        match self.rules.performs(Rule::WeightMultiplies) {
            true => self.unit * weight as usize,
            false => self.unit * usize::from(weight > 0),
        }
    }
}

fn point(s: &State, n: Node, v: usize) -> Point {
    Point {
        position: s.hash[n][v],
        node: n,
    }
}

// -------------------------------------------------------------------------------------------------------------- Lookups

impl<S: RuleSet<Rule>> WeightedPlacement<S> {
    /// The nodes of the points from a position on, once around the ring.
    fn walk(&self, s: &State, from: u8) -> ShortVec<Node, 12> {
        let mut start = s.table.partition_point(|point| point.position < from);
        if !self.rules.performs(Rule::WeightLookupByRing) && !s.table.is_empty() {
            let member = from as usize % s.members().count().max(1);
            let first = s.members().nth(member);
            let at = s.table.iter().position(|point| Some(point.node) == first);
            start = at.unwrap_or(start);
        }
        let follows = self.rules.performs(Rule::WeightLookupFollows);
        let around = s.table[start..].iter().chain(&s.table[..start]);
        around
            .filter(|point| follows || point.position == from)
            .map(|point| point.node)
            .collect()
    }

    /// The node to which a position belongs.
    pub fn owner(&self, s: &State, position: u8) -> Option<Node> {
        self.walk(s, position).first().copied()
    }

    /// The replicas of a position: the owner, then the next nodes in other zones; and when all zones have one, the next nodes of any.
    pub fn replicas(&self, s: &State, position: u8) -> Replicas {
        let walk = self.walk(s, position);
        let from_owner = self.rules.performs(Rule::WeightReplicaOwner);
        let near = &walk[usize::from(!from_owner && !walk.is_empty())..];
        let mut list = Replicas::new();
        for &n in near {
            let new = list.iter().all(|&m| self.zone(m) != self.zone(n));
            if self.rules.requires(Rule::WeightReplicaZone, new) {
                self.add(&mut list, n);
            }
        }
        if self.rules.performs(Rule::WeightReplicaFills) {
            near.iter().for_each(|&n| self.add(&mut list, n));
        }
        list
    }

    fn add(&self, list: &mut Replicas, n: Node) {
        let distinct = !list.contains(&n);
        if list.len() < self.replicas && self.rules.requires(Rule::WeightReplicaDistinct, distinct)
        {
            list.push(n);
        }
    }

    /// The zone of a node.
    pub fn zone(&self, n: Node) -> usize {
        n.index() % self.zones
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for WeightedPlacement<S> {
    type State = State;
    type Action = Action;

    /// Every assignment of virtual nodes to positions; no member.
    fn init_states(&self) -> Vec<State> {
        let vnodes = self.unit * self.weights;
        let position = |code: usize, n: Node, v: usize| {
            let digit = (n.index() * vnodes + v) as u32;
            (code / self.positions.pow(digit) % self.positions) as u8
        };
        (0..self.positions.pow((self.nodes * vnodes) as u32))
            .map(|code| State {
                hash: PerNode::from_fn(self.nodes, |n| {
                    (0..vnodes).map(|v| position(code, n, v)).collect()
                }),
                weight: PerNode::all(self.nodes, 0),
                table: Table::new(),
            })
            .collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for n in Node::first(self.nodes) {
            actions.extend((0..=self.weights as u8).map(|weight| Action::Reweigh(n, weight)));
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        let Action::Reweigh(n, weight) = action;
        self.reweigh(s, n, weight)
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Points By Weight", |m, s| {
                s.weight.iter().all(|(n, &weight)| {
                    let points = s.table.iter().filter(|point| point.node == n);
                    points.count() == m.unit * weight as usize
                })
            }),
            Property::<Self>::sometimes(
                "Points By Weight: members of different weights",
                |_, s| {
                    s.members()
                        .any(|n| s.members().any(|m| s.weight[n] < s.weight[m]))
                },
            ),
            Property::<Self>::always("Total Lookup", |m, s| {
                let owned = |p| m.owner(s, p).is_some_and(|n| s.weight[n] > 0);
                s.members().next().is_none() || (0..m.positions as u8).all(owned)
            }),
            Property::<Self>::sometimes("Total Lookup: a position without a point", |_, s| {
                !s.table.is_empty() && s.table.iter().all(|point| point.position != 0)
            }),
            Property::<Self>::always("First Replica Is Owner", |m, s| {
                (0..m.positions as u8).all(|p| m.replicas(s, p).first().copied() == m.owner(s, p))
            }),
            Property::<Self>::sometimes("First Replica Is Owner: there is a second", |m, s| {
                m.replicas(s, 0).len() > 1
            }),
            Property::<Self>::always("Distinct Replicas", |m, s| {
                (0..m.positions as u8).all(|p| m.distinct_replicas(s, p))
            }),
            Property::<Self>::sometimes("Distinct Replicas: a node has two points", |m, s| {
                s.members().count() >= m.replicas
                    && s.table.windows(2).any(|pair| pair[0] == pair[1])
            }),
            Property::<Self>::always("Distinct Zones", |m, s| {
                (0..m.positions as u8).all(|p| m.distinct_zones(s, p))
            }),
            Property::<Self>::sometimes("Distinct Zones: the nearest two are in one", |m, s| {
                let walk = m.walk(s, 0);
                walk.windows(2)
                    .any(|pair| pair[0] != pair[1] && m.zone(pair[0]) == m.zone(pair[1]))
            }),
            Property::<Self>::sometimes("Distinct Zones: fewer zones than replicas", |m, s| {
                s.members().count() >= m.replicas && zones(m, s.members()) < m.replicas
            }),
            Property::<Self>::sometimes(
                "Minimal Movement: positions have several owners",
                |m, s| (1..m.positions as u8).any(|p| m.owner(s, p) != m.owner(s, 0)),
            ),
        ]
    }
}

/// In how many zones some nodes are.
fn zones<S: RuleSet<Rule>>(m: &WeightedPlacement<S>, nodes: impl Iterator<Item = Node>) -> usize {
    let mut zones: Vec<usize> = nodes.map(|n| m.zone(n)).collect();
    zones.sort_unstable();
    zones.dedup();
    zones.len()
}

impl<S: RuleSet<Rule>> WeightedPlacement<S> {
    /// The replicas are distinct members, as many as there are to be, or all.
    fn distinct_replicas(&self, s: &State, position: u8) -> bool {
        let list = self.replicas(s, position);
        let distinct = (0..list.len()).all(|at| !list[..at].contains(&list[at]));
        distinct && list.len() == self.replicas.min(s.members().count())
    }

    /// The replicas lie in as many zones as there are, or as there are replicas.
    fn distinct_zones(&self, s: &State, position: u8) -> bool {
        let list = self.replicas(s, position);
        zones(self, list.iter().copied()) == self.replicas.min(zones(self, s.members()))
    }

    /// A position moves only to the node that grows, or from the one that shrinks.
    fn moves_minimally(&self, s: &State, n: Node, t: &State) -> bool {
        (0..self.positions as u8).all(|p| {
            let (before, after) = (self.owner(s, p), self.owner(t, p));
            let changed = match s.weight[n] < t.weight[n] {
                true => after,
                false => before,
            };
            before == after || changed == Some(n)
        })
    }
}

impl<S: RuleSet<Rule>> Spec for WeightedPlacement<S> {
    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "Minimal Movement",
            holds: |m, s, action, t| {
                let Action::Reweigh(n, _) = *action;
                m.moves_minimally(s, n, t)
            },
        }]
    }
}

impl<S: RuleSet<Rule>> Refines for WeightedPlacement<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
