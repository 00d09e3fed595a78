//! The ring's placement that ships gives what the models of placement give: over every assignment of points to a tiny circle, every set of members, and every change of them.

mod ring_given;

use std::collections::{HashMap, VecDeque};

use concur_cores::ring::{Move, Replica, Ring};
use concur_models::ring::Node;
use concur_models::ring::placement as model;
use concur_models::ring::placement::weighted;
use concur_rules::Faithful;
use ring_given::{Given, Wrong, same};
use stateright::Model;

/// What a ring of the core says, in the model's words.
struct Said<'r> {
    by: &'r Given,
    ring: &'r Ring<Given>,
}

impl Said<'_> {
    fn table(&self) -> Vec<(u8, Node)> {
        let point = |(position, id)| ((position >> 56) as u8, self.by.node(id));
        self.ring.points().map(point).collect()
    }

    fn owner(&self, small: u8) -> Node {
        self.by.node(self.ring.owner_at(self.by.from(small)))
    }

    fn replicas(&self, small: u8, wanted: usize) -> Vec<Node> {
        let mut list = vec![Replica::default(); wanted];
        let _ = self.ring.replicas_at(self.by.from(small), &mut list);
        list.truncate(self.ring.view().members().len());
        list.iter()
            .map(|replica| self.by.node(replica.id))
            .collect()
    }

    /// From whom and to whom a position moves, if it does, in exactly one range.
    fn moved(&self, moves: &[Move], small: u8) -> Result<Option<(Node, Node)>, String> {
        let place = self.by.from(small);
        let mut of = moves.iter().filter(|moved| moved.range.contains(place));
        let moved = of
            .next()
            .map(|moved| (self.by.node(moved.from), self.by.node(moved.to)));
        match of.next() {
            Some(_) => Err(format!("{small} moves twice")),
            None => Ok(moved),
        }
    }
}

// -------------------------------------------------------------------------------------------------- Points and replicas

/// A model of placement, with what it says of a state.
trait Defined: Model<State: Clone + Eq + std::hash::Hash + std::fmt::Debug> {
    fn hash(&self, s: &Self::State) -> Vec<Vec<u8>>;
    fn weights(&self, s: &Self::State) -> Vec<u8>;
    fn table(&self, s: &Self::State) -> Vec<(u8, Node)>;
    fn owner(&self, s: &Self::State, small: u8) -> Option<Node>;
    fn replicas(&self, s: &Self::State, small: u8) -> Vec<Node>;
    /// How many positions, virtual nodes of a unit of weight, replicas and zones there are.
    fn sizes(&self) -> (u8, u32, usize, usize);
}

impl Defined for model::Placement {
    fn hash(&self, s: &model::State) -> Vec<Vec<u8>> {
        s.hash
            .values()
            .iter()
            .map(|points| points.to_vec())
            .collect()
    }

    fn weights(&self, s: &model::State) -> Vec<u8> {
        s.weight.values().to_vec()
    }

    fn table(&self, s: &model::State) -> Vec<(u8, Node)> {
        s.table
            .iter()
            .map(|point| (point.position, point.node))
            .collect()
    }

    fn owner(&self, s: &model::State, small: u8) -> Option<Node> {
        self.owner(&s.table, small)
    }

    fn replicas(&self, s: &model::State, small: u8) -> Vec<Node> {
        self.replicas(&s.table, small).to_vec()
    }

    fn sizes(&self) -> (u8, u32, usize, usize) {
        (self.positions as u8, 1, self.replicas, 1)
    }
}

impl Defined for weighted::WeightedPlacement {
    fn hash(&self, s: &weighted::State) -> Vec<Vec<u8>> {
        s.hash
            .values()
            .iter()
            .map(|points| points.to_vec())
            .collect()
    }

    fn weights(&self, s: &weighted::State) -> Vec<u8> {
        s.weight.values().to_vec()
    }

    /// A bag there, a set in the core: virtual nodes of one node that coincide are one point.
    fn table(&self, s: &weighted::State) -> Vec<(u8, Node)> {
        let mut table: Vec<_> = s
            .table
            .iter()
            .map(|point| (point.position, point.node))
            .collect();
        table.dedup();
        table
    }

    fn owner(&self, s: &weighted::State, small: u8) -> Option<Node> {
        self.owner(s, small)
    }

    fn replicas(&self, s: &weighted::State, small: u8) -> Vec<Node> {
        self.replicas(s, small).to_vec()
    }

    fn sizes(&self) -> (u8, u32, usize, usize) {
        (
            self.positions as u8,
            self.unit as u32,
            self.replicas,
            self.zones,
        )
    }
}

/// The table, and every lookup.
fn lookups<M: Defined>(m: &M, s: &M::State, said: &Said<'_>) -> Result<(), String> {
    let (positions, _, replicas, _) = m.sizes();
    same("points", said.table(), m.table(s))?;
    for small in 0..positions {
        same("the owner", Some(said.owner(small)), m.owner(s, small))?;
        same(
            "the replicas",
            said.replicas(small, replicas),
            m.replicas(s, small),
        )?;
    }
    Ok(())
}

/// What moves when `s` becomes `t`, of which `ring` and `next` are the core's rings.
fn moves<M: Defined>(
    m: &M,
    s: &M::State,
    t: &M::State,
    said: &Said<'_>,
    next: &Ring<Given>,
) -> Result<(), String> {
    let moves = said.ring.moves(next);
    for small in 0..m.sizes().0 {
        let (from, to) = (m.owner(s, small), m.owner(t, small));
        let moved = from.zip(to).filter(|_| from != to);
        same("the move", said.moved(&moves, small)?, moved)?;
    }
    Ok(())
}

/// Follows every step of the model, from every assignment, with the core's ring; how many steps there are, or what differs.
fn follows<M: Defined>(m: &M, wrong: Wrong) -> Result<usize, String> {
    let mut steps = 0;
    for start in m.init_states() {
        let by = Given {
            hash: m.hash(&start),
            wrong,
        };
        let mut rings = HashMap::from([(start.clone(), None::<Ring<Given>>)]);
        let mut open = VecDeque::from([start]);
        while let Some(s) = open.pop_front() {
            let ring = rings[&s].clone();
            for t in successors(m, &s) {
                let next = followed(m, &t, &by, ring.as_ref());
                let told = |wrong| format!("{wrong} from {s:?} to {t:?}");
                if let Some(next) = &next {
                    lookups(
                        m,
                        &t,
                        &Said {
                            by: &by,
                            ring: next,
                        },
                    )
                    .map_err(told)?;
                }
                if let Some((ring, next)) = ring.as_ref().zip(next.as_ref()) {
                    moves(m, &s, &t, &Said { by: &by, ring }, next).map_err(told)?;
                }
                steps += 1;
                rings.entry(t.clone()).or_insert_with(|| {
                    open.push_back(t);
                    next
                });
            }
        }
    }
    Ok(steps)
}

fn successors<M: Model>(m: &M, s: &M::State) -> Vec<M::State> {
    let mut actions = Vec::new();
    m.actions(s, &mut actions);
    actions
        .into_iter()
        .filter_map(|action| m.next_state(s, action))
        .collect()
}

/// The core's ring of a state of the model, from that of the state before; none if there are no members.
fn followed<M: Defined>(
    m: &M,
    t: &M::State,
    by: &Given,
    ring: Option<&Ring<Given>>,
) -> Option<Ring<Given>> {
    let (_, unit, _, zones) = m.sizes();
    let view = by.view(unit, &m.weights(t), zones)?;
    Some(match ring {
        Some(ring) => ring.follow(view),
        None => Ring::with(view, by.clone()),
    })
}

fn placement() -> model::Placement {
    model::Placement {
        nodes: 3,
        vnodes: 2,
        positions: 3,
        replicas: 2,
        points: model::Points::ByNode,
        judge: model::Judge::Definition,
        rules: Faithful,
    }
}

fn with_zones(nodes: usize, zones: usize) -> weighted::WeightedPlacement {
    weighted::WeightedPlacement {
        nodes,
        unit: 1,
        weights: 2,
        positions: if nodes > 3 { 2 } else { 3 },
        replicas: nodes - 1,
        zones,
        rules: Faithful,
    }
}

#[test]
fn owners_replicas_and_moves_are_those_of_the_model_whatever_collides() {
    let steps = follows(&placement(), Wrong::Nothing).unwrap_or_else(|wrong| panic!("{wrong}"));
    // Of each of 729 assignments: of one node nine choices for the others, from no weight one way on, from each of two others two.
    assert_eq!(steps, 729 * 3 * 9 * (1 + 2 + 2));
}

#[test]
fn a_member_of_more_weight_has_more_points_and_replicas_lie_in_the_zones_of_the_model() {
    // Every assignment, every choice of weights, and of every node the two other weights.
    for (nodes, zones, assignments) in [(3, 2, 3_usize.pow(6)), (4, 2, 1 << 8), (4, 3, 1 << 8)] {
        let all = assignments * 3_usize.pow(nodes) * 2 * nodes as usize;
        let steps = follows(&with_zones(nodes as usize, zones), Wrong::Nothing);
        assert_eq!(steps, Ok(all), "{nodes} nodes, {zones} zones");
    }
}

#[test]
fn a_ring_that_is_wrong_is_noticed() {
    for (wrong, what) in [
        (Wrong::KeyBehindItsPoint, "the owner"),
        (Wrong::LosesAPoint, "points"),
        (Wrong::TiesTheOtherWay, "points"),
    ] {
        let noticed = follows(&placement(), wrong).unwrap_err();
        assert!(noticed.starts_with(what), "{wrong:?}: {noticed}");
    }
    let noticed = follows(&with_zones(3, 2), Wrong::ForgetsZones).unwrap_err();
    assert!(noticed.starts_with("the replicas"), "{noticed}");
}
