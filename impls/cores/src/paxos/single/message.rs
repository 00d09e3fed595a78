//! What nodes tell each other.

use core::fmt;

use crate::paxos::{Ballot, Ranked};

/// What nodes tell each other to get a value chosen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Message<V> {
    /// From a proposer: promise this ballot.
    Phase1a {
        /// The ballot.
        ballot: Ballot,
    },
    /// From an acceptor: it has promised.
    Phase1b {
        /// The ballot promised.
        ballot: Ballot,
        /// Its last vote, if it has voted.
        vote: Option<Ranked<V>>,
    },
    /// From a proposer: vote for this.
    Phase2a(Ranked<V>),
    /// From an acceptor: it has voted for this.
    Phase2b(Ranked<V>),
    /// From an acceptor: it has promised that higher ballot, and refuses.
    Preempted {
        /// The ballot promised.
        promised: Ballot,
    },
    /// What was chosen?
    Learn,
    /// That was chosen.
    Chosen {
        /// The value.
        value: V,
    },
}

impl<V: fmt::Display> fmt::Display for Message<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase1a { ballot } => write!(f, "Phase1a {ballot}"),
            Self::Phase1b { ballot, vote: None } => write!(f, "Phase1b {ballot}"),
            Self::Phase1b {
                ballot,
                vote: Some(vote),
            } => write!(f, "Phase1b {ballot} voted {vote}"),
            Self::Phase2a(proposal) => write!(f, "Phase2a {proposal}"),
            Self::Phase2b(vote) => write!(f, "Phase2b {vote}"),
            Self::Preempted { promised } => write!(f, "Preempted by {promised}"),
            Self::Learn => write!(f, "Learn"),
            Self::Chosen { value } => write!(f, "Chosen {value}"),
        }
    }
}
