//! How many acceptors are enough: quorums by their size, some of which people have got wrong.

use crate::kit::Quorums;
use crate::paxos::Acceptor;

/// How many acceptors a phase must hear from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuorumSizes {
    /// Whom a new ballot must hear from.
    pub phase1: usize,
    /// Who must vote for a value to be chosen.
    pub phase2: usize,
}

impl QuorumSizes {
    /// The names by which the command line knows the kinds, in the order of [`QuorumSizes::new`].
    ///
    /// The last three are mistakes: with `half` and `third` two quorums need not meet, and nobody can be `unsatisfiable`.
    pub const NAMES: &'static [&'static str] =
        &["majority", "flexible", "half", "third", "unsatisfiable"];

    /// The sizes of that kind among `n` acceptors.
    pub fn new(kind: u32, n: usize) -> Self {
        let both = |size| Self {
            phase1: size,
            phase2: size,
        };
        match kind {
            0 => both(n / 2 + 1),
            1 => Self {
                phase1: n + 1 - 2.min(n),
                phase2: 2.min(n),
            },
            2 => both(n / 2),
            3 => both(n.div_ceil(3)),
            _ => both(n + 1),
        }
    }

    /// The same as sets of acceptors.
    pub fn among(self, n: usize) -> Quorums<Acceptor> {
        Quorums::of_sizes(n, self.phase1, self.phase2)
    }
}
