//! Canonical forms under permutation.

use std::sync::OnceLock;

use super::{Id, NodeSet};

/// A permutation of the first nodes of a kind: where each one goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permutation {
    to: Vec<u8>,
}

impl Permutation {
    /// Where `node` goes.
    #[inline]
    pub fn apply<I: Id>(&self, node: I) -> I {
        I::new(self.to[node.index()] as usize)
    }

    /// The nodes to which `nodes` go.
    #[inline]
    pub fn apply_set<I: Id>(&self, nodes: NodeSet<I>) -> NodeSet<I> {
        nodes.iter().map(|node| self.apply(node)).collect()
    }

    /// All permutations of `n` nodes, at most 8, computed once.
    pub fn group(n: usize) -> &'static [Self] {
        static GROUPS: [OnceLock<Vec<Permutation>>; 9] = [const { OnceLock::new() }; 9];
        GROUPS[n].get_or_init(|| Self::all(n))
    }

    /// All permutations of `n` nodes, the identity first.
    pub fn all(n: usize) -> Vec<Self> {
        let mut all = vec![Vec::new()];
        for next in 0..n as u8 {
            all = all
                .iter()
                .flat_map(|shorter: &Vec<u8>| {
                    (0..=shorter.len()).rev().map(move |at| {
                        let mut longer = shorter.clone();
                        longer.insert(at, next);
                        longer
                    })
                })
                .collect();
        }
        all.into_iter().map(|to| Self { to }).collect()
    }
}

/// The least of `state` under all of `permutations`: an exact canonical form if these are a whole group.
pub fn least<P, S: Ord>(permutations: impl IntoIterator<Item = P>, permuted: impl Fn(P) -> S) -> S {
    permutations
        .into_iter()
        .map(permuted)
        .min()
        .expect("a group has an identity")
}
