//! What nodes tell each other, what clients and hosts ask for, and what they are told.

use alloc::vec::Vec;
use core::fmt;

use super::Entry;
use crate::NodeId;
use crate::ring::{KeyRange, View};

/// A key or a value.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bytes(pub Vec<u8>);

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Who asks, for what, and by which view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ask {
    /// Who asks.
    pub client: u64,
    /// The number of the request: greater than those of the client's earlier ones, and the same when it asks again.
    pub sequence: u64,
    /// The epoch of the view by which the client found the node.
    pub epoch: u64,
    /// Of which key.
    pub key: Bytes,
}

impl fmt::Display for Ask {
    /// `c1#2@3 k`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            sequence,
            epoch,
            key,
        } = self;
        write!(f, "c{client}#{sequence}@{epoch} {key}")
    }
}

/// What a client or the host asks a node for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Request {
    /// The host offers a view of the log.
    Install(View),
    /// A client writes a value.
    Write(Ask, Bytes),
    /// A client reads.
    Read(Ask),
    /// The host would like to switch the node off for good.
    Retire,
    /// The host would like to delete old records.
    Checkpoint,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install(view) => write!(f, "Install {view}"),
            Self::Write(ask, value) => write!(f, "Write {ask}={value}"),
            Self::Read(ask) => write!(f, "Read {ask}"),
            Self::Retire => write!(f, "Retire"),
            Self::Checkpoint => write!(f, "Checkpoint"),
        }
    }
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Message {
    /// The owner before that epoch sends the owner from that epoch on the data of a range.
    Data {
        /// Since when the receiver owns the range.
        epoch: u64,
        /// Which range.
        range: KeyRange,
        /// Every key in it that has a value.
        entries: Vec<(Bytes, Entry)>,
    },
    /// The data of that range and epoch has arrived, and is durable.
    Got {
        /// The epoch of the data.
        epoch: u64,
        /// Its range.
        range: KeyRange,
    },
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data {
                epoch,
                range,
                entries,
            } => {
                write!(f, "Data@{epoch} {range}")?;
                show(f, entries.iter().map(|(key, entry)| (key, entry)))
            }
            Self::Got { epoch, range } => write!(f, "Got@{epoch} {range}"),
        }
    }
}

/// ` [k=v#2 …]`.
pub(super) fn show<'e>(
    f: &mut fmt::Formatter<'_>,
    entries: impl Iterator<Item = (&'e Bytes, &'e Entry)>,
) -> fmt::Result {
    write!(f, " [")?;
    for (at, (key, entry)) in entries.enumerate() {
        write!(f, "{}{key}={entry}", if at == 0 { "" } else { " " })?;
    }
    write!(f, "]")
}

/// The one alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Timer {
    /// Send again what was handed over and not acknowledged.
    Resend,
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resend")
    }
}

/// Why a client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Why {
    /// It routed by another epoch than the node's, which is this one.
    Epoch(u64),
    /// That node owns the key.
    NotOwner(NodeId),
    /// The node has gained the key, and its data is still on its way.
    NotYet,
    /// The client has written to this key since.
    Superseded,
}

/// What a client or the host is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Notice {
    /// The write is stored.
    Written {
        /// What was asked.
        ask: Ask,
        /// The how manieth write to the key it is.
        version: u64,
    },
    /// What the key holds, with its version; nothing if it was never written.
    Value {
        /// What was asked.
        ask: Ask,
        /// The version and the value.
        found: Option<(u64, Bytes)>,
    },
    /// The request was refused.
    Refused {
        /// What was asked.
        ask: Ask,
        /// Why not.
        why: Why,
    },
    /// Everything that the node's view of that epoch has given it has arrived: it can take the next view.
    Settled(u64),
    /// Everything that the node has handed over has arrived elsewhere.
    HandedOver,
    /// The node holds nothing that anybody needs.
    Retired,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written { ask, version } => write!(f, "Written {ask} #{version}"),
            Self::Value { ask, found: None } => write!(f, "Value {ask} none"),
            Self::Value {
                ask,
                found: Some((version, value)),
            } => {
                write!(f, "Value {ask}={value}#{version}")
            }
            Self::Refused { ask, why } => write!(f, "Refused {ask} {why:?}"),
            Self::Settled(epoch) => write!(f, "Settled @{epoch}"),
            Self::HandedOver => write!(f, "HandedOver"),
            Self::Retired => write!(f, "Retired"),
        }
    }
}
