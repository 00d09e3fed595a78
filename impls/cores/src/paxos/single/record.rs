//! What outlives a crash: the acceptor's memory.

use core::fmt;

use crate::paxos::{Acceptor, Ballot, Ranked};

/// A change of the acceptor's memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Record<V> {
    /// It has promised a ballot. On the ballot's owner: it has begun it.
    Promised(Ballot),
    /// It has voted, and takes part in that ballot. Says all there is to say, so it is a checkpoint.
    Accepted(Ranked<V>),
}

impl<V: Clone> Record<V> {
    /// What the acceptor remembers after this.
    pub(super) fn apply(&self, acceptor: &mut Acceptor<Option<Ranked<V>>>) {
        match self {
            Self::Promised(ballot) => acceptor.take_part(*ballot),
            Self::Accepted(vote) => {
                acceptor.take_part(vote.ballot);
                acceptor.votes = Some(vote.clone());
            }
        }
    }
}

impl<V: fmt::Display> fmt::Display for Record<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Promised(ballot) => write!(f, "Promised {ballot}"),
            Self::Accepted(vote) => write!(f, "Accepted {vote}"),
        }
    }
}

/// What is durable, of the acceptor's memory: so a later receipt stands for all earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// The highest ballot that it has taken part in.
    pub promised: Ballot,
    /// In which ballot its last vote was, if it has voted.
    pub voted: Option<Ballot>,
}
