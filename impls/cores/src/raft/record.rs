//! What must outlive a crash, and the receipt for it.

use alloc::sync::Arc;
use core::fmt::{self, Debug, Display};

use super::entry::{Entries, Numbered, Position};
use crate::NodeId;

/// A piece of the persistent state (Figure 2). Together, in order, the records are the term, the vote, the snapshot and the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "C: Clone + serde::Serialize",
        deserialize = "C: serde::Deserialize<'de>"
    ))
)]
pub enum Record<C> {
    /// A new term, a vote, or a boot: one record, so that no crash can part them.
    Ballot(Ballot),
    /// What follows that index in the log is now this, and nothing else.
    Append {
        /// The index before the first of `entries`; what the log had behind it is gone.
        after: u64,
        /// What follows.
        entries: Entries<C>,
    },
    /// Everything: what was written before may be deleted.
    Checkpoint {
        /// The ballot.
        ballot: Ballot,
        /// What the log began with.
        snapshot: Snapshot,
        /// The log behind the snapshot.
        entries: Entries<C>,
    },
}

/// `currentTerm` and `votedFor`, and how often the server has started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ballot {
    /// `currentTerm`.
    pub term: u64,
    /// `votedFor`.
    pub voted_for: Option<NodeId>,
    /// How often the server has started. Not the paper's: it tells the completions of this boot from earlier ones.
    pub boot: u64,
}

/// What the state machine was after some entry: all that is left of the log up to there (extended version, §7).
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Snapshot {
    /// `lastIncludedIndex` and `lastIncludedTerm`: the last entry that the snapshot covers.
    pub last: Position,
    /// The state machine, in whatever form the host gave it.
    #[cfg_attr(feature = "serde", serde(with = "super::bytes"))]
    pub data: Arc<[u8]>,
}

impl Default for Snapshot {
    /// Covers nothing.
    fn default() -> Self {
        Self {
            last: Position::default(),
            data: Arc::from([]),
        }
    }
}

/// Which writing has become durable: everything that the server had written up to `index` of its log, in that term, since that boot.
///
/// An index alone would not do: the same index may since have been written anew, in a later term, and not be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// The server's term when it wrote.
    pub term: u64,
    /// The last index of its log then.
    pub index: u64,
    /// The boot in which it wrote.
    pub boot: u64,
}

impl<C: Display> Display for Record<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ballot(ballot) => write!(f, "{ballot}"),
            Self::Append { after, entries } => {
                let first = after.saturating_add(1);
                write!(f, "log {}", Numbered { first, entries })
            }
            Self::Checkpoint {
                ballot,
                snapshot,
                entries,
            } => {
                let first = snapshot.last.index.saturating_add(1);
                let entries = Numbered { first, entries };
                write!(f, "{ballot} {snapshot:?} log {entries}")
            }
        }
    }
}

impl Display for Ballot {
    /// `ballot@2 voted=n1 boot=1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ballot@{}", self.term)?;
        if let Some(id) = self.voted_for {
            write!(f, " voted={id}")?;
        }
        write!(f, " boot={}", self.boot)
    }
}

impl Debug for Snapshot {
    /// `snapshot 3@1 (8 bytes)`: the data are the host's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "snapshot {} ({} bytes)", self.last, self.data.len())
    }
}
