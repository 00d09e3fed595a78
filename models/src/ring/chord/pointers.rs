//! The pointers of Chord's nodes, and what Zave's invariants say of the rings that they make.

use crate::kit::{Id, NodeSet, PerNode, ShortVec, symmetry};
use crate::ring::Node;

/// The most nodes that a model of Chord holds.
pub const MAX_NODES: usize = 6;
/// The longest list of successors.
pub const MAX_LIST: usize = 3;

/// The successors of a node, the nearest first.
pub type List = ShortVec<Node, MAX_LIST>;

/// Who is a member, and whom each member knows. A node that is no member knows nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointers {
    /// The nodes that have joined and not failed since.
    pub members: NodeSet<Node>,
    /// The successors of each.
    pub succ: PerNode<Node, List, MAX_NODES>,
    /// The predecessor of each, if it has one.
    pub prdc: PerNode<Node, Option<Node>, MAX_NODES>,
}

/// Whether `x` lies strictly between `a` and `b`, clockwise on a ring of `nodes` positions. Between a node and itself lies every other.
pub fn between(nodes: usize, a: Node, x: Node, b: Node) -> bool {
    let from_a = |n: Node| (n.index() + nodes - a.index()) % nodes;
    match a == b {
        true => x != a,
        false => 0 < from_a(x) && from_a(x) < from_a(b),
    }
}

impl Pointers {
    /// The ring in which each of `members` knows the next `list` members, and the one before.
    pub fn ideal(nodes: usize, members: NodeSet<Node>, list: usize) -> Self {
        let around = |n: Node, steps: usize| {
            (0..)
                .map(move |step| Node::new((n.index() + 1 + step) % nodes))
                .filter(move |&m| members.contains(m))
                .take(steps)
        };
        let before = |n: Node| around(n, members.len().max(2) - 1).last();
        Self {
            members,
            succ: PerNode::from_fn(nodes, |n| match members.contains(n) {
                true => around(n, list).collect(),
                false => List::new(),
            }),
            prdc: PerNode::from_fn(nodes, |n| {
                before(n).filter(|_| members.contains(n) && members.len() > 1)
            }),
        }
    }

    /// How many positions the ring has: each is a node's.
    pub fn nodes(&self) -> usize {
        self.succ.values().len()
    }

    /// Takes a node out, with what it knew.
    pub fn fail(&mut self, n: Node) {
        self.members.remove(n);
        self.succ[n] = List::new();
        self.prdc[n] = None;
    }

    /// The first live node of a list: where lookups go on.
    pub fn best(&self, n: Node) -> Option<Node> {
        let mut list = self.succ[n].iter().copied();
        list.find(|&m| self.members.contains(m))
    }

    /// The members that a member reaches by best successors, in one step or more.
    fn reached(&self, n: Node) -> NodeSet<Node> {
        let mut reached = NodeSet::empty();
        let mut at = self.best(n);
        while let Some(m) = at.filter(|&m| !reached.contains(m)) {
            reached.insert(m);
            at = self.best(m);
        }
        reached
    }

    /// The members of rings: those that reach themselves.
    pub fn ring(&self) -> NodeSet<Node> {
        let on_ring = |&n: &Node| self.reached(n).contains(n);
        self.members.iter().filter(on_ring).collect()
    }

    /// The members on no ring.
    pub fn appendages(&self) -> NodeSet<Node> {
        let ring = self.ring();
        self.members.iter().filter(|&n| !ring.contains(n)).collect()
    }

    /// AtLeastOneRing.
    pub fn at_least_one_ring(&self) -> bool {
        self.members.is_empty() || !self.ring().is_empty()
    }

    /// AtMostOneRing: from each member of a ring every other one is reached.
    pub fn at_most_one_ring(&self) -> bool {
        let ring = self.ring();
        ring.iter().all(|n| ring.is_subset(self.reached(n)))
    }

    /// OrderedRing: on a ring no member of it is left out between one and the next.
    pub fn ordered_ring(&self) -> bool {
        let ring = self.ring();
        ring.iter().all(|n| {
            let next = self.best(n).unwrap_or(n);
            let own = self.reached(n);
            own.iter().all(|m| !between(self.nodes(), n, m, next))
        })
    }

    /// ConnectedAppendages: from each member a ring is reached.
    pub fn connected_appendages(&self) -> bool {
        let ring = self.ring();
        let mut members = self.members.iter();
        members.all(|n| !self.reached(n).intersection(ring).is_empty())
    }

    /// OrderedMerges: an appendage that leads to a member of the ring lies between that one and the one before it on the ring.
    pub fn ordered_merges(&self) -> bool {
        let ring = self.ring();
        self.merges().all(|(n, to)| {
            let mut before = ring.iter().filter(|&m| self.best(m) == Some(to));
            before.all(|m| between(self.nodes(), m, n, to))
        })
    }

    /// The appendages that lead directly to a member of the ring, with that one.
    pub fn merges(&self) -> impl Iterator<Item = (Node, Node)> {
        let ring = self.ring();
        let next = self
            .appendages()
            .iter()
            .filter_map(|n| Some((n, self.best(n)?)));
        next.filter(move |&(_, to)| ring.contains(to))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Whether a member's list, with itself before it, has nobody twice.
    pub fn no_duplicates(&self) -> bool {
        self.members.iter().all(|n| {
            let list = &self.succ[n];
            (0..list.len()).all(|at| list[at] != n && !list[..at].contains(&list[at]))
        })
    }

    /// OrderedSuccessorLists: a member's list, with itself before it, goes clockwise, at most once around.
    pub fn ordered_lists(&self) -> bool {
        self.members.iter().all(|n| {
            let list = &self.succ[n];
            let pairs = list.windows(2);
            pairs
                .into_iter()
                .all(|pair| between(self.nodes(), n, pair[0], pair[1]))
        })
    }

    /// BaseNotSkipped, of one node: it does not lie between two neighbours of a member's list, with that member before it.
    pub fn not_skipped(&self, base: Node) -> bool {
        self.members.iter().all(|n| {
            let extended = [n].into_iter().chain(self.succ[n].iter().copied());
            let next = self.succ[n].iter().copied();
            extended
                .zip(next)
                .all(|(a, b)| !between(self.nodes(), a, base, b))
        })
    }

    /// OneLiveSuccessor: each member has a live node in its list.
    pub fn one_live_successor(&self) -> bool {
        self.members.iter().all(|n| self.best(n).is_some())
    }

    /// Whether each member knows the next members and the one before, as many as there is room for.
    pub fn is_ideal(&self, list: usize) -> bool {
        *self == Self::ideal(self.nodes(), self.members, list)
    }

    /// The same with every node moved on by `by` positions.
    pub fn rotated(&self, by: usize) -> Self {
        let nodes = self.nodes();
        let to = |n: Node| Node::new((n.index() + by) % nodes);
        let from = |n: Node| Node::new((n.index() + nodes - by) % nodes);
        Self {
            members: self.members.iter().map(to).collect(),
            succ: PerNode::from_fn(nodes, |n| {
                self.succ[from(n)].iter().map(|&m| to(m)).collect()
            }),
            prdc: PerNode::from_fn(nodes, |n| self.prdc[from(n)].map(to)),
        }
    }

    /// The least of all rotations: nothing but their order on the ring distinguishes nodes.
    pub fn least_rotation(&self) -> Self {
        symmetry::least(0..self.nodes(), |by| self.rotated(by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ideal_ring_has_every_property_and_a_broken_one_does_not() {
        let mut ring = Pointers::ideal(5, NodeSet::from_bits(0b10111), 2);
        assert_eq!(ring.ring(), ring.members);
        assert!(ring.at_least_one_ring() && ring.at_most_one_ring() && ring.ordered_ring());
        assert!(ring.no_duplicates() && ring.ordered_lists() && ring.is_ideal(2));
        assert_eq!(ring.prdc[Node(0)], Some(Node(4)));
        ring.succ[Node(0)] = [Node(2)].into_iter().collect();
        assert_eq!(ring.appendages(), NodeSet::from_bits(0b10));
        assert!(ring.connected_appendages() && ring.ordered_merges());
        assert!(!ring.not_skipped(Node(1)) && !ring.is_ideal(2));
        ring.succ[Node(2)] = [Node(0)].into_iter().collect();
        ring.succ[Node(4)] = [Node(4)].into_iter().collect();
        assert!(!ring.at_most_one_ring());
        assert_eq!(ring.rotated(2).rotated(3), ring);
        assert_eq!(ring.rotated(2).least_rotation(), ring.least_rotation());
    }

    #[test]
    fn between_goes_clockwise_and_once_around_from_a_node_to_itself() {
        assert!(between(4, Node(3), Node(0), Node(1)) && !between(4, Node(1), Node(0), Node(3)));
        assert!(between(4, Node(2), Node(1), Node(2)) && !between(4, Node(2), Node(2), Node(2)));
        assert!(!between(4, Node(0), Node(0), Node(2)) && !between(4, Node(0), Node(2), Node(2)));
    }
}
