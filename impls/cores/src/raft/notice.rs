//! What the host asks a server for, what it is told, and the alarms.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Display};

use super::record::Snapshot;
use crate::NodeId;

/// What a client, or the host, asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Request<C> {
    /// Replicate these commands, in that order. Answered by exactly one [`Notice::Proposed`] or [`Notice::Refused`], in the order of the requests.
    Propose(Vec<C>),
    /// Forget the log up to `index`: the state machine after that entry, as it was last told to apply, is `data`.
    Compact {
        /// The index of the last entry that the snapshot covers.
        index: u64,
        /// The state machine.
        #[cfg_attr(feature = "serde", serde(with = "super::bytes"))]
        data: Arc<[u8]>,
    },
    /// Hand leadership over to that server. Answered by [`Notice::Refused`], by [`Notice::TransferAbandoned`], or by a new leader.
    Transfer(NodeId),
}

/// What the host is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Notice<C> {
    /// A committed entry: apply the command. In the order of indices, none twice; indices without a command are left out (§5.3).
    Apply {
        /// Its index.
        index: u64,
        /// Its term.
        term: u64,
        /// What to apply.
        command: C,
    },
    /// The state machine is that snapshot now (extended version, §7). So it is after a start, where there is a snapshot.
    Restore(Snapshot),
    /// A request was put in the log. It is committed once [`Notice::Apply`] comes with that term; another term at that index means that it was lost.
    Proposed {
        /// The leader's term.
        term: u64,
        /// The index of the first command.
        first: u64,
        /// The index of the last command; less than `first` if there was none.
        last: u64,
    },
    /// A request was refused; nothing has happened.
    Refused {
        /// Why.
        why: Reason,
        /// Whom to ask instead, if that is known.
        leader: Option<NodeId>,
    },
    /// The server leads from now on.
    Leads {
        /// The term.
        term: u64,
    },
    /// The server follows from now on. Requests that it had put in its log may be lost, or not.
    Follows {
        /// The term.
        term: u64,
        /// The leader, if it is known.
        leader: Option<NodeId>,
    },
    /// That server did not take over in time, and requests are taken again (thesis, §3.10).
    TransferAbandoned {
        /// Who did not take over.
        to: NodeId,
    },
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Reason {
    /// The server does not lead.
    NotLeader,
    /// Too many bytes are uncommitted already: try again later.
    TooMuchUncommitted,
    /// The server is handing leadership over: ask the new leader, or try again later.
    HandsOver,
    /// The server to hand over to is not another one of the configuration.
    NotAPeer,
    /// The snapshot covers something uncommitted, or no more than the one before.
    NotASnapshot,
}

/// The alarms of a server. The host chooses how long they take; the core only says when they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Timer {
    /// The election timeout (§5.2): random, drawn anew each time it is set, from an interval such as 150–300 ms. No less than the time in which servers that hear a leader
    /// must not vote (thesis, §4.2.3).
    Election,
    /// How often a leader sends heartbeats (§5.2): a fraction of the least election timeout.
    Heartbeat,
    /// How long a leader does without answers from a majority (thesis, §6.2): about an election timeout.
    Quorum,
    /// How long a leader waits for another one to take over (thesis, §3.10): about an election timeout.
    Transfer,
}

impl<C: Display> Display for Request<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Propose(commands) => {
                f.write_str("propose")?;
                commands.iter().try_for_each(|c| write!(f, " {c}"))
            }
            Self::Compact { index, data } => write!(f, "compact {index} ({} bytes)", data.len()),
            Self::Transfer(to) => write!(f, "transfer to {to}"),
        }
    }
}

impl<C: Display> Display for Notice<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply {
                index,
                term,
                command,
            } => write!(f, "apply {index}@{term} {command}"),
            Self::Restore(snapshot) => write!(f, "restore {snapshot:?}"),
            Self::Proposed { term, first, last } => write!(f, "proposed {first}..={last} @{term}"),
            Self::Refused { why, leader } => {
                write!(f, "refused: {why}")?;
                leader.map_or(Ok(()), |leader| write!(f, ", ask {leader}"))
            }
            Self::Leads { term } => write!(f, "leads @{term}"),
            Self::Follows { term, leader } => match leader {
                Some(leader) => write!(f, "follows {leader} @{term}"),
                None => write!(f, "follows nobody @{term}"),
            },
            Self::TransferAbandoned { to } => write!(f, "transfer to {to} abandoned"),
        }
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotLeader => "not the leader",
            Self::TooMuchUncommitted => "too much is uncommitted",
            Self::HandsOver => "leadership is being handed over",
            Self::NotAPeer => "no such other server",
            Self::NotASnapshot => "not a snapshot of what is committed and kept",
        })
    }
}

impl Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Election => "election",
            Self::Heartbeat => "heartbeat",
            Self::Quorum => "quorum",
            Self::Transfer => "transfer",
        })
    }
}
