//! What outlives a crash: the acceptor's memory.

use core::fmt;

use super::{Entries, Log, Slot, Snapshot, Suffix};
use crate::paxos::{Acceptor, Ballot};

/// A change of the acceptor's memory. The memory is what all records make, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Record<C> {
    /// It has promised a ballot. On the ballot's owner: it has begun it.
    Promised(Ballot),
    /// It has voted, and takes part in that ballot.
    Accepted {
        /// The ballot.
        ballot: Ballot,
        /// The slot of the first entry.
        first: Slot,
        /// The entries, slot by slot.
        entries: Entries<C>,
        /// It knew that everything below was chosen. This saves catching up after a restart; nothing depends on it.
        chosen: Slot,
    },
    /// It was told what was chosen.
    Learned {
        /// The slot of the first entry.
        first: Slot,
        /// The entries, slot by slot.
        entries: Entries<C>,
    },
    /// All that it remembers.
    Checkpoint {
        /// The highest ballot that it has taken part in.
        promised: Ballot,
        /// The snapshot of the slots that are forgotten.
        snapshot: Snapshot,
        /// What follows.
        rest: Suffix<C>,
    },
}

impl<C: Clone> Record<C> {
    /// What the acceptor remembers after this.
    pub(super) fn apply(&self, acceptor: &mut Acceptor<Log<C>>) {
        match self {
            Self::Promised(ballot) => acceptor.take_part(*ballot),
            Self::Accepted {
                ballot,
                first,
                entries,
                chosen,
            } => {
                acceptor.take_part(*ballot);
                acceptor.votes.vote(*ballot, *first, entries);
                acceptor.votes.choose(*chosen);
            }
            Self::Learned { first, entries } => acceptor.votes.learn(*first, entries),
            Self::Checkpoint {
                promised,
                snapshot,
                rest,
            } => *acceptor = Acceptor::new(*promised, Log::restored(snapshot.clone(), rest)),
        }
    }

    /// All that the acceptor remembers.
    pub(super) fn checkpoint(acceptor: &Acceptor<Log<C>>) -> Self {
        let log = &acceptor.votes;
        Self::Checkpoint {
            promised: acceptor.promised(),
            snapshot: log.snapshot().clone(),
            rest: log.suffix(log.first()),
        }
    }
}

impl<C: fmt::Display> fmt::Display for Record<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Promised(ballot) => write!(f, "Promised {ballot}"),
            Self::Accepted {
                ballot,
                first,
                entries,
                chosen,
            } => write!(f, "Accepted {ballot} chosen<{chosen} {first}:{entries}"),
            Self::Learned { first, entries } => write!(f, "Learned {first}:{entries}"),
            Self::Checkpoint {
                promised,
                snapshot,
                rest,
            } => write!(f, "Checkpoint {promised} {snapshot} {rest}"),
        }
    }
}

/// What is durable of the acceptor's memory: so a later receipt stands for all earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// The highest ballot that it has taken part in.
    pub promised: Ballot,
    /// Its votes in that ballot, in slots below.
    pub end: Slot,
}
