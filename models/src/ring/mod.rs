//! The hash ring: who owns a key, and how a key changes hands without losing a write.
//!
//! `KeyMap ⊐ Ownership ⊐ Ring`: [`spec`] is the promise, a map from keys to values that loses no acknowledged write;
//! [`ownership`] keeps it with owners and hand-over; [`protocol`] with views, messages, stale clients and crashes ([`messages`] is what is
//! sent, [`claims`] what must hold). [`placement`] shows apart from them that *where* a key lives is a function of the members alone.
//!
//! After Karger et al., *Consistent Hashing and Random Trees* (STOC 1997), Stoica et al., *Chord* (SIGCOMM 2001), and DeCandia et al.,
//! *Dynamo* (SOSP 2007). The ladder takes only the successor from Chord: its views come from an agreed log, since Chord's ring maintenance is
//! known to be wrong (Zave 2017).
//!
//! Beside the ladder: [`replicated`] has N copies of each key in memory, and crashes that take copies away; [`chord`] is ring maintenance
//! as published, which breaks, and [`chord::corrected`] and [`chord::reach`] are two forms of Zave's correction, which hold; [`placement::weighted`] adds
//! weights and zones to placement, and [`placement::bounded_loads`] a capacity.

pub mod chord;
pub mod claims;
pub mod configs;
pub mod messages;
pub mod ownership;
pub mod placement;
pub mod protocol;
pub mod replicated;
pub mod spec;
pub mod unbounded;
mod value;

pub use value::Value;

use crate::kit::PerNode;

crate::ids! {
    /// A node of the ring.
    pub Node = "n";
    /// A key.
    pub Key = "k";
    /// A write: each is asked for by one client, which may send its request many times.
    pub Write = "w";
}

/// The most nodes that a model of the ladder holds.
pub const MAX_NODES: usize = 3;
/// The most keys that a model of the ladder holds.
pub const MAX_KEYS: usize = 2;
/// The most writes that a model of the ladder holds.
pub const MAX_WRITES: usize = 3;
/// The most epochs that a model of the ladder holds.
pub const MAX_EPOCHS: usize = 4;

/// Something for each key.
pub type PerKey<T> = PerNode<Key, T, MAX_KEYS>;

/// How far a write has come, as its client sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WriteState {
    /// Not asked for.
    #[default]
    New,
    /// Asked for, to this key.
    Asked(Key),
    /// Acknowledged.
    Acked(Key),
}

impl WriteState {
    /// The key that is written, once the write has been asked for.
    #[inline]
    pub fn key(self) -> Option<Key> {
        match self {
            Self::New => None,
            Self::Asked(k) | Self::Acked(k) => Some(k),
        }
    }
}

/// How far the read has come, as its client sees it. One read sees what any read would see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadState {
    /// Not asked for.
    #[default]
    New,
    /// Asked for, when the key had that value: what the read returns must be no older.
    Asked(Key, Value),
    /// Returned.
    Got(Key, Value),
}

impl ReadState {
    /// The key that is read, once the read has been asked for.
    #[inline]
    pub fn key(self) -> Option<Key> {
        match self {
            Self::New => None,
            Self::Asked(k, _) | Self::Got(k, _) => Some(k),
        }
    }
}

/// What the clients have asked for and been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clients {
    /// Each write.
    pub writes: PerNode<Write, WriteState, MAX_WRITES>,
    /// The read.
    pub read: ReadState,
}

impl Clients {
    /// Clients that have asked for nothing yet.
    pub fn new(writes: usize) -> Self {
        Self {
            writes: PerNode::all(writes, WriteState::New),
            read: ReadState::New,
        }
    }

    /// Whether a write has been acknowledged.
    pub fn acknowledged(&self) -> bool {
        self.writes
            .values()
            .iter()
            .any(|w| matches!(w, WriteState::Acked(_)))
    }
}

/// What the promise speaks of: the value of each key, and the clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Map {
    /// The value of each key.
    pub values: PerKey<Value>,
    /// The clients.
    pub clients: Clients,
}

impl Map {
    /// No Acknowledged Write Lost: the value of its key holds every write that was acknowledged.
    pub fn keeps_acknowledged(&self) -> bool {
        self.clients.writes.iter().all(|(w, state)| match *state {
            WriteState::Acked(k) => self.values[k].contains(w),
            _ => true,
        })
    }

    /// At Most Once: no value holds a write twice.
    pub fn at_most_once(&self) -> bool {
        self.values
            .values()
            .iter()
            .all(|value| !value.has_repetition())
    }

    /// Only What Was Asked For: a value holds only writes to its key.
    pub fn only_asked(&self) -> bool {
        self.values.iter().all(|(k, value)| {
            value
                .writes()
                .all(|w| self.clients.writes[w].key() == Some(k))
        })
    }

    /// Whether some write has taken effect.
    pub fn written(&self) -> bool {
        self.values.values().iter().any(|value| !value.is_empty())
    }

    /// Values Only Grow, of one step: a write takes effect behind those that have, and none is undone.
    pub fn grows_to(&self, after: &Self) -> bool {
        self.values
            .iter()
            .all(|(k, value)| after.values[k].starts_with(*value))
    }

    /// Reads Are Current, of one step: what a read returns was the key's value at an instant since the read was asked for.
    pub fn reads_currently(&self, after: &Self) -> bool {
        match (self.clients.read, after.clients.read) {
            (ReadState::Asked(k, since), ReadState::Got(_, got)) => {
                got.starts_with(since) && self.values[k].starts_with(got)
            }
            _ => true,
        }
    }

    /// Whether the read returned a value that holds a write.
    pub fn read_a_write(&self) -> bool {
        matches!(self.clients.read, ReadState::Got(_, value) if !value.is_empty())
    }
}
