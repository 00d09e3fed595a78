//! Paxos Commit, after PaxosCommit.tla of Gray & Lamport, *Consensus on Transaction Commit* (ACM TODS 31(1), 2006, §4).
//!
//! `TCommit ⊐ PaxosCommit`: the promise is that of two-phase commit, [`TCommit`](crate::two_phase::spec::TCommit). Where
//! two-phase commit trusts one transaction manager, each resource manager's vote is decided by an instance of Paxos of its own: a
//! failed leader is replaced in a higher ballot, and blocks nobody.
//!
//! `PaxosCommit ⊐ DurablePaxosCommit`: [`durable`] keeps it across crashes, and shows that nobody is blocked. `PaxosCommit ⊐ UnboundedPaxosCommit`: [`unbounded`] has ballots without end,
//! for the clusters of cores that are held against it.

pub mod configs;
pub mod durable;
pub mod messages;
mod properties;
pub mod protocol;
pub mod state;
pub mod unbounded;

use std::fmt;

pub use crate::paxos::{Acceptor, Ballot};
pub use crate::two_phase::Rm;

/// The most resource managers that a model holds.
pub const MAX_RMS: usize = 4;

/// The most acceptors that a model holds.
pub const MAX_ACCEPTORS: usize = 5;

/// The most ballots that a model holds.
pub const MAX_BALLOTS: usize = 3;

/// What an instance of Paxos may choose: whether its resource manager is prepared.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// It is prepared.
    #[default]
    Prepared,
    /// It has aborted, or shall.
    Aborted,
}

impl Value {
    /// All values.
    pub const ALL: [Self; 2] = [Self::Prepared, Self::Aborted];
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prepared => "prepared",
            Self::Aborted => "aborted",
        })
    }
}

/// A vote for a value in a ballot, or none where a vote may be missing. Prints as `prepared@0`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// In which ballot.
    pub bal: Ballot,
    /// For which value.
    pub val: Value,
}

impl Vote {
    /// No vote.
    pub const NONE: Self = Self {
        bal: Ballot::NONE,
        val: Value::Prepared,
    };

    /// The vote for `val` in `bal`.
    pub const fn new(bal: Ballot, val: Value) -> Self {
        Self { bal, val }
    }

    /// Whether this is no vote.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl fmt::Debug for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("none"),
            Self { bal, val } => write!(f, "{val:?}@{bal:?}"),
        }
    }
}
