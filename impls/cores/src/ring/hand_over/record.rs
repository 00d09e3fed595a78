//! What a node writes to its disk.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use super::Bytes;
use super::message::show;
use crate::NodeId;
use crate::ring::{KeyRange, View};

/// What a key holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entry {
    /// How many writes there were.
    pub version: u64,
    /// The last one's value.
    pub value: Bytes,
    /// The last write of each client, by which one that comes again is known.
    pub applied: BTreeMap<u64, Applied>,
}

/// A client's last write to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Applied {
    /// The number that the client gave it.
    pub sequence: u64,
    /// The version that it made.
    pub version: u64,
}

impl fmt::Display for Entry {
    /// `v#2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.value, self.version)
    }
}

/// A range that was handed over and is not known to have arrived.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Handing {
    /// The epoch in which it changed hands.
    pub epoch: u64,
    /// To whom.
    pub to: NodeId,
    /// Its data.
    pub entries: Vec<(Bytes, Entry)>,
}

/// All that a node must know after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Checkpoint {
    /// The view that the node is in.
    pub view: View,
    /// What it serves.
    pub entries: Vec<(Bytes, Entry)>,
    /// What the view has given it and has not arrived, and who sends it.
    #[cfg_attr(feature = "serde", serde(with = "crate::pairs"))]
    pub awaited: BTreeMap<KeyRange, NodeId>,
    /// What the view has given it and has arrived.
    pub arrived: BTreeSet<KeyRange>,
    /// What it has handed over.
    #[cfg_attr(feature = "serde", serde(with = "crate::pairs"))]
    pub handing: BTreeMap<KeyRange, Handing>,
}

/// What must outlive a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Record {
    /// The node is in a new view.
    Installed(View),
    /// A key was written.
    Stored(Bytes, Entry),
    /// The data of a range has arrived.
    Arrived(KeyRange, Vec<(Bytes, Entry)>),
    /// The data of a range that was handed over is no longer needed here.
    Deleted(KeyRange),
    /// Nothing is needed here.
    Retired,
    /// Everything: the records before are not needed.
    Checkpoint(Box<Checkpoint>),
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed(view) => write!(f, "Installed {view}"),
            Self::Stored(key, entry) => write!(f, "Stored {key}={entry}"),
            Self::Arrived(range, entries) => {
                write!(f, "Arrived {range}")?;
                show(f, entries.iter().map(|(key, entry)| (key, entry)))
            }
            Self::Deleted(range) => write!(f, "Deleted {range}"),
            Self::Retired => write!(f, "Retired"),
            Self::Checkpoint(all) => {
                write!(f, "Checkpoint {}", all.view)?;
                show(f, all.entries.iter().map(|(key, entry)| (key, entry)))
            }
        }
    }
}
