//! What nodes tell each other.

use core::fmt;

use super::{Entries, Slot, Snapshot, Suffix};
use crate::paxos::Ballot;

/// What nodes tell each other to keep a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Message<C> {
    /// From a candidate: promise this ballot, in all slots.
    Phase1a {
        /// The ballot.
        ballot: Ballot,
        /// From where on the candidate must be told: all below it knows to be chosen.
        first: Slot,
    },
    /// From an acceptor: it has promised.
    Phase1b {
        /// The ballot promised.
        ballot: Ballot,
        /// All that it knows, and has voted for, from the slot on that was asked for.
        told: Suffix<C>,
    },
    /// From a leader: vote for these.
    Phase2a {
        /// The ballot.
        ballot: Ballot,
        /// The slot of the first entry.
        first: Slot,
        /// The entries, slot by slot.
        entries: Entries<C>,
        /// Everything below is chosen.
        chosen: Slot,
    },
    /// From an acceptor: it has voted in these slots.
    Phase2b {
        /// The ballot.
        ballot: Ballot,
        /// The first slot.
        first: Slot,
        /// The slot after the last.
        end: Slot,
    },
    /// From an acceptor: it has promised that higher ballot, and refuses.
    Preempted {
        /// The ballot promised.
        promised: Ballot,
    },
    /// From a leader: it is there.
    Heartbeat {
        /// The ballot.
        ballot: Ballot,
        /// Everything below is chosen.
        chosen: Slot,
    },
    /// What was chosen, from this slot on?
    Learn {
        /// The slot.
        first: Slot,
    },
    /// These were chosen.
    Chosen {
        /// The slot of the first entry.
        first: Slot,
        /// The entries, slot by slot.
        entries: Entries<C>,
        /// The sender knows that everything below is chosen.
        chosen: Slot,
    },
    /// What was chosen in the first slots is forgotten; this is what it led to.
    Snapshot(Snapshot),
}

impl<C: fmt::Display> fmt::Display for Message<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase1a { ballot, first } => write!(f, "Phase1a {ballot} from {first}"),
            Self::Phase1b { ballot, told } => write!(f, "Phase1b {ballot} {told}"),
            Self::Phase2a {
                ballot,
                first,
                entries,
                chosen,
            } => write!(f, "Phase2a {ballot} chosen<{chosen} {first}:{entries}"),
            Self::Phase2b { ballot, first, end } => write!(f, "Phase2b {ballot} {first}..{end}"),
            Self::Preempted { promised } => write!(f, "Preempted by {promised}"),
            Self::Heartbeat { ballot, chosen } => write!(f, "Heartbeat {ballot} chosen<{chosen}"),
            Self::Learn { first } => write!(f, "Learn from {first}"),
            Self::Chosen {
                first,
                entries,
                chosen,
            } => write!(f, "Chosen chosen<{chosen} {first}:{entries}"),
            Self::Snapshot(snapshot) => write!(f, "Snapshot {snapshot}"),
        }
    }
}
