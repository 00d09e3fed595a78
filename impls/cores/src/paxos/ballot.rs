//! Ballots, and values ranked by them.

use core::fmt::{self, Debug, Display};

use crate::NodeId;

/// An attempt to get a value chosen. No two nodes share one, since it names its owner; no node uses one twice, since its disk knows the last round.
///
/// Ordered by round, then by owner. The default, round 0, is lower than all that are ever begun.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ballot {
    /// How many rounds came before, as far as the owner knew.
    pub round: u64,
    /// The owner.
    pub node: NodeId,
}

impl Ballot {
    /// The lowest ballot of `node` that is higher than this one, unless the rounds are exhausted.
    pub fn next(self, node: NodeId) -> Option<Self> {
        let round = self.round.checked_add(1)?;
        Some(Self { round, node })
    }
}

impl Debug for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.round, self.node)
    }
}

impl Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}

/// A value in a ballot: a vote, or a proposal. Prints as `c1@2.n3`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ranked<V> {
    /// In which ballot.
    pub ballot: Ballot,
    /// Which value.
    pub value: V,
}

impl<V> Ranked<V> {
    /// That value in that ballot.
    pub fn new(ballot: Ballot, value: V) -> Self {
        Self { ballot, value }
    }
}

impl<V: Display> Display for Ranked<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.value, self.ballot)
    }
}
