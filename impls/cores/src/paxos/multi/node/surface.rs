//! What a host asks of a node, and what it is told.

use alloc::vec::Vec;
use core::fmt;

use crate::NodeId;
use crate::paxos::Ballot;
use crate::paxos::multi::entry::list;
use crate::paxos::multi::{Entries, Slot, Snapshot};

/// What a client, or the host, asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Request<C> {
    /// That these commands be chosen, each for a slot of its own, in this order.
    Propose(Vec<C>),
    /// That what the snapshot covers be forgotten. Refused if some of it is not known to be chosen.
    Compact(Snapshot),
}

/// The alarms of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Timer {
    /// Nothing was heard from a leader for a while.
    Election,
    /// The leader should be heard of.
    Heartbeat,
}

/// What the host is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Notice<C> {
    /// Execute these. They follow on what was executed before.
    Chosen {
        /// The slot of the first entry.
        first: Slot,
        /// The entries, slot by slot.
        entries: Entries<C>,
    },
    /// Forget what was executed, and take this for it.
    Restored(Snapshot),
    /// This node leads.
    Leading(Ballot),
    /// This node leads no more. What it proposed, and did not report as chosen, is in doubt.
    Deposed,
    /// These commands were not taken.
    Rejected {
        /// The commands.
        commands: Vec<C>,
        /// Who might take them, if that is known. This node itself if too much is under way.
        leader: Option<NodeId>,
    },
}

impl<C: fmt::Display> fmt::Display for Request<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Propose(commands) => {
                f.write_str("Propose ")?;
                list(f, commands)
            }
            Self::Compact(snapshot) => write!(f, "Compact {snapshot}"),
        }
    }
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<C: fmt::Display> fmt::Display for Notice<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen { first, entries } => write!(f, "Chosen {first}:{entries}"),
            Self::Restored(snapshot) => write!(f, "Restored {snapshot}"),
            Self::Leading(ballot) => write!(f, "Leading {ballot}"),
            Self::Deposed => write!(f, "Deposed"),
            Self::Rejected { commands, leader } => {
                f.write_str("Rejected ")?;
                list(f, commands)?;
                match leader {
                    Some(id) => write!(f, ", ask {id}"),
                    None => Ok(()),
                }
            }
        }
    }
}
