//! A state of the unbounded ring: what nodes hold, what clients know, and what was sent.

use std::collections::BTreeSet;
use std::fmt;

use super::Read;
use crate::kit::Id;
use crate::ring::{Key, Node, Write, WriteState};

/// The members of a view.
pub type View = BTreeSet<Node>;

/// The value of a key: the writes that took effect, in their order.
pub type Value = Vec<Write>;

/// The log of views, the nodes, the clients, and all that was sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The view of each epoch, from epoch 1 on.
    pub views: Vec<View>,
    /// The epoch that each node is in. On disk.
    pub epoch: Vec<u32>,
    /// What each node holds of each key. On disk.
    pub held: Vec<Vec<Held>>,
    /// The nodes that have crashed and not restarted.
    pub down: BTreeSet<Node>,
    /// How many crashes there were.
    pub crashes: u32,
    /// Each write, as its client sees it.
    pub writes: Vec<WriteState>,
    /// Each read, as its client sees it.
    pub reads: Vec<ReadState>,
    /// Every message ever sent.
    pub messages: BTreeSet<Message>,
}

/// What a node holds of a key, on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// Nothing.
    #[default]
    Nothing,
    /// The key with its data: the node serves it.
    Here(Value),
    /// A copy, kept until the owner from that epoch on has acknowledged it.
    Handing(Value, u32),
}

/// How far a read has come, as its client sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadState {
    /// Not asked for.
    #[default]
    New,
    /// Asked for, when the key had that value: what the read returns must be no older.
    Asked(Key, Value),
    /// Returned.
    Got(Key, Value),
}

/// A message. Who sends and who receives it follows from the epoch and the key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A client asks for its write, routed by the view of that epoch.
    Write(Write, u32),
    /// A node has stored the write.
    Done(Write),
    /// A client asks for the value of the key that it reads, routed by the view of that epoch.
    Read(Read, u32),
    /// A node returns the value that it holds.
    Answer(Read, Value),
    /// The owner before that epoch sends the owner from that epoch on the key's data.
    Data(Key, u32, Value),
    /// The data of that epoch has arrived.
    Got(Key, u32),
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(w, e) => write!(f, "Write({w:?}@{e})"),
            Self::Done(w) => write!(f, "Done({w:?})"),
            Self::Read(r, e) => write!(f, "Read({r:?}@{e})"),
            Self::Answer(r, value) => write!(f, "Answer({r:?}, {value:?})"),
            Self::Data(k, e, value) => write!(f, "Data({k:?}@{e}, {value:?})"),
            Self::Got(k, e) => write!(f, "Got({k:?}@{e})"),
        }
    }
}

impl Held {
    /// The data, if there is any.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Nothing => None,
            Self::Here(value) | Self::Handing(value, _) => Some(value),
        }
    }

    /// The same with other data. A node that stores something under a key holds the key.
    pub fn storing(&self, value: Value) -> Self {
        match self {
            Self::Nothing | Self::Here(_) => Self::Here(value),
            Self::Handing(_, epoch) => Self::Handing(value, *epoch),
        }
    }

    /// Whether the node serves the key.
    pub fn is_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }
}

impl ReadState {
    /// The key that is read, once the read has been asked for.
    pub fn key(&self) -> Option<Key> {
        match self {
            Self::New => None,
            Self::Asked(k, _) | Self::Got(k, _) => Some(*k),
        }
    }
}

impl State {
    /// The current epoch: that of the last view.
    pub fn current(&self) -> u32 {
        self.views.len() as u32
    }

    /// The view of an epoch.
    pub fn view(&self, epoch: u32) -> &View {
        &self.views[epoch as usize - 1]
    }

    /// What a node holds of a key.
    pub fn held(&self, n: Node, k: Key) -> &Held {
        &self.held[n.index()][k.index()]
    }

    /// From whom a key is in flight, and for which epoch: handed over, not yet taken.
    pub fn flights(&self, k: Key) -> impl Iterator<Item = (Node, u32)> + '_ {
        Node::first(self.held.len()).filter_map(move |n| match self.held(n, k) {
            Held::Handing(_, e) if !self.messages.contains(&Message::Got(k, *e)) => Some((n, *e)),
            _ => None,
        })
    }

    /// The value of a key: the copy of the node that serves it, or else of the one whom it is in flight from.
    pub fn value(&self, k: Key) -> Value {
        let serves = Node::first(self.held.len()).find(|n| self.held(*n, k).is_here());
        let source = serves.or_else(|| self.flights(k).next().map(|(from, _)| from));
        let value = source.and_then(|n| self.held(n, k).value());
        value.cloned().unwrap_or_default()
    }

    /// The values with which the data of a key was sent for an epoch: one, unless a mutant sends it. Actions name them by their position.
    pub fn data(&self, k: Key, e: u32) -> impl Iterator<Item = &Value> {
        let of = self.messages.range(Message::Data(k, e, Value::new())..);
        of.map_while(move |message| match message {
            Message::Data(key, epoch, value) if (*key, *epoch) == (k, e) => Some(value),
            _ => None,
        })
    }

    /// The values that a read was answered. Actions name them by their position.
    pub fn answers(&self, r: Read) -> impl Iterator<Item = &Value> {
        let of = self.messages.range(Message::Answer(r, Value::new())..);
        of.map_while(move |message| match message {
            Message::Answer(read, value) if *read == r => Some(value),
            _ => None,
        })
    }
    /// How many nodes have a copy of a key.
    pub(super) fn copies(&self, k: Key) -> usize {
        let of = |held: &&Vec<Held>| held[k.index()] != Held::Nothing;
        self.held.iter().filter(of).count()
    }
}
