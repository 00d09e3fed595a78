//! What placement is, by definition: a function of the hash and the members, without a table and without a history.

use super::{MAX_NODES, Placement, Point, Replicas, State, Table};
use crate::kit::{Id, ShortVec};
use crate::ring::Node;

/// The nodes with a point on the ring, in the order of their identity.
pub fn members(s: &State) -> impl Iterator<Item = Node> {
    s.weight
        .iter()
        .filter(|&(_, &weight)| weight > 0)
        .map(|(n, _)| n)
}

/// The points of all members, those that coincide, too.
pub fn points(s: &State) -> impl Iterator<Item = Point> {
    members(s).flat_map(|n| {
        let hash = &s.hash[n][..s.weight[n] as usize];
        hash.iter()
            .map(move |&position| Point { position, node: n })
    })
}

/// The points of all members as a set, by position and then by identity.
pub fn table(s: &State) -> Table {
    let mut last: Option<Point> = None;
    let mut table = Table::new();
    while let Some(next) = points(s)
        .filter(|&p| last.is_none_or(|last| p > last))
        .min()
    {
        table.push(next);
        last = Some(next);
    }
    table
}

/// How far a node lies from a position, clockwise, by the nearest of its virtual nodes.
fn distance<S>(m: &Placement<S>, s: &State, n: Node, position: u8) -> usize {
    let clockwise =
        |point: Point| (point.position as usize + m.positions - position as usize) % m.positions;
    points(s)
        .filter(|point| point.node == n)
        .map(clockwise)
        .min()
        .unwrap_or(m.positions)
}

/// The nearest member clockwise; of equally near ones that with the least identity.
pub fn owner<S>(m: &Placement<S>, s: &State, position: u8) -> Option<Node> {
    members(s).min_by_key(|&n| (distance(m, s, n, position), n.index()))
}

/// The nearest members clockwise, as many as there are to be replicas, or all.
pub fn replicas<S>(m: &Placement<S>, s: &State, position: u8) -> Replicas {
    let mut near: ShortVec<(usize, Node), MAX_NODES> = members(s)
        .map(|n| (distance(m, s, n, position), n))
        .collect();
    near.sort_unstable();
    near.iter().take(m.replicas).map(|&(_, n)| n).collect()
}
