//! PaxosCommit.tla without bounds: any number of ballots, each a leader's own, for whoever is too large for the flat [`protocol`](crate::paxos_commit::protocol).
//!
//! `PaxosCommit ⊐ UnboundedPaxosCommit`. The actions are those of PaxosCommit.tla, and at the sizes of the flat model this has as many states, to the same depth. How many ballots
//! there are is asked only when actions are listed.

pub mod configs;
pub mod protocol;
pub mod state;

use std::fmt;

use super::Value;

/// A ballot. Ballot 0 is the resource manager's own; of the others each belongs to one leader, in one of its incarnations, so that none is used twice. Prints as `2`, or as `2@n1~3`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// Higher rounds come later.
    pub round: u64,
    /// Who leads it, where that is told.
    pub leader: u64,
    /// In which of its incarnations.
    pub incarnation: u64,
}

impl Ballot {
    /// The resource manager's own.
    pub const ZERO: Self = Self::of_round(0);

    /// The ballot of a round that has only one.
    pub const fn of_round(round: u64) -> Self {
        Self {
            round,
            leader: 0,
            incarnation: 0,
        }
    }
}

impl fmt::Debug for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.round)?;
        match self.leader {
            0 => Ok(()),
            leader => write!(f, "@n{leader}~{}", self.incarnation),
        }
    }
}

/// A vote for a value in a ballot, or a proposal. Prints as `prepared@0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// In which ballot.
    pub bal: Ballot,
    /// For which value.
    pub val: Value,
}

impl Vote {
    /// The vote for `val` in `bal`.
    pub const fn new(bal: Ballot, val: Value) -> Self {
        Self { bal, val }
    }
}

impl fmt::Debug for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:?}", self.val, self.bal)
    }
}
