//! Quorum systems: majorities, flexible quorums, grids, and one that is no quorum system at all.

use super::symmetry::Permutation;
use super::{Id, NodeSet};

/// Which sets of acceptors are quorums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorumKind {
    /// More than half, in both phases (Lamport, *The Part-Time Parliament*).
    Majority,
    /// Phase 1 asks all but one, phase 2 any two (Howard, Malkhi & Spiegelman, *Flexible Paxos*): only a phase-1
    /// quorum and a phase-2 quorum must intersect.
    Flexible,
    /// Acceptors in rows of two: phase 1 asks a row, phase 2 a column (a grid quorum system in the sense of Flexible Paxos).
    Grid,
    /// Every acceptor alone. Quorums do not intersect: an expected failure.
    Single,
}

impl QuorumKind {
    /// The names by which the command line knows the kinds, in the order of [`QuorumKind::from_choice`].
    pub const NAMES: &'static [&'static str] = &["majority", "flexible", "grid", "single"];

    /// The kind of that position in [`QuorumKind::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Majority, Self::Flexible, Self::Grid, Self::Single][choice as usize]
    }
}

/// The minimal phase-1 and phase-2 quorums over the first `n` nodes.
///
/// Minimal ones suffice: what a larger set allows, one of its minimal subsets allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorums<I: Id> {
    /// Whom a new ballot must hear from.
    pub phase1: Vec<NodeSet<I>>,
    /// Who must accept for a value to be chosen.
    pub phase2: Vec<NodeSet<I>>,
}

impl<I: Id> Quorums<I> {
    /// The quorum system of that kind over the first `n` nodes.
    pub fn new(kind: QuorumKind, n: usize) -> Self {
        let majority = n / 2 + 1;
        match kind {
            QuorumKind::Majority => Self::of_sizes(n, majority, majority),
            QuorumKind::Flexible => {
                let phase2 = 2.min(n);
                Self::of_sizes(n, n + 1 - phase2, phase2)
            }
            QuorumKind::Grid => Self::grid(n),
            QuorumKind::Single => Self::of_sizes(n, 1, 1),
        }
    }

    /// Whether every phase-1 quorum meets every phase-2 quorum, which is what Paxos needs.
    pub fn intersect(&self) -> bool {
        self.phase1.iter().all(|q1| {
            self.phase2
                .iter()
                .all(|q2| !q1.intersection(*q2).is_empty())
        })
    }

    /// Whether `voters` contain a phase-2 quorum.
    #[inline]
    pub fn chosen_by(&self, voters: NodeSet<I>) -> bool {
        self.phase2.iter().any(|quorum| quorum.is_subset(voters))
    }

    /// Whether the quorums stay the same when the nodes are permuted, so that the permutation is a symmetry.
    pub fn are_kept_by(&self, permutation: &Permutation) -> bool {
        let permuted = |q: &NodeSet<I>| q.iter().map(|node| permutation.apply(node)).collect();
        let kept = |all: &[NodeSet<I>]| all.iter().all(|q| all.contains(&permuted(q)));
        kept(&self.phase1) && kept(&self.phase2)
    }

    /// Any `phase1` nodes for phase 1, any `phase2` for phase 2.
    pub fn of_sizes(n: usize, phase1: usize, phase2: usize) -> Self {
        Self {
            phase1: subsets_of_size(n, phase1),
            phase2: subsets_of_size(n, phase2),
        }
    }

    fn grid(n: usize) -> Self {
        const COLUMNS: usize = 2;
        let column = |c: usize| (c..n).step_by(COLUMNS).map(I::new).collect();
        let row = |r: usize| (r..(r + COLUMNS).min(n)).map(I::new).collect();
        Self {
            phase1: (0..n - n % COLUMNS).step_by(COLUMNS).map(row).collect(),
            phase2: (0..COLUMNS.min(n)).map(column).collect(),
        }
    }
}

fn subsets_of_size<I: Id>(n: usize, size: usize) -> Vec<NodeSet<I>> {
    (0u32..1 << n)
        .filter(|bits| bits.count_ones() as usize == size)
        .map(|bits| NodeSet::from_bits(bits as u16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::ids! { #[allow(unreachable_pub)] pub Node = "n"; }

    #[test]
    fn a_grid_keeps_its_rows_and_columns() {
        let symmetries = |kind| {
            let quorums = Quorums::<Node>::new(kind, 4);
            let kept = |permutation: &Permutation| quorums.are_kept_by(permutation);
            Permutation::all(4).iter().filter(|p| kept(p)).count()
        };
        assert_eq!(symmetries(QuorumKind::Majority), 24);
        assert_eq!(symmetries(QuorumKind::Flexible), 24);
        assert_eq!(symmetries(QuorumKind::Grid), 4, "rows swap, columns swap");
    }
}
