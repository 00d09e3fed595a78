//! The two-word surface of every core: [`Protocol::recover`] and [`Protocol::step`].

use alloc::vec::Vec;
use core::fmt::{self, Debug, Display};
use core::hash::Hash;
use core::iter;

use concur_rules::Rule;

/// The name of a node, chosen by whoever configures the cluster.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NodeId(pub u64);

impl Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}

/// One node's share of an algorithm.
///
/// `Display` is the notation of the stories: `n1@2 leader …` for a node, `AppendEntries prev=1@1 [2@2]` for a message.
pub trait Protocol: Sized + Clone + Eq + Hash + Debug + Display {
    /// What a node is told about itself and its cluster, before it starts.
    type Config: Clone + Debug;
    /// What a client, or the host, asks for.
    type Request: Clone + Debug + Display;
    /// What nodes tell each other. May be lost, duplicated and reordered.
    type Message: Clone + Eq + Hash + Debug + Display;
    /// A named alarm.
    type Timer: Copy + Ord + Hash + Debug + Display;
    /// What must outlive a crash.
    type Record: Clone + Eq + Hash + Debug + Display;
    /// Which [`Effects::persist`] has become durable; given back by [`Input::Persisted`].
    type Receipt: Copy + Eq + Hash + Debug;
    /// What the host is told: an answer to a client, a command to apply, a change of role.
    type Notice: Clone + Eq + Hash + Debug + Display;
    /// The rules by whose name something can be refused.
    type Rule: Rule;

    /// Starts a node, or starts it again: `records` is everything that it has persisted and that became durable, in order; empty on a new node.
    fn recover(config: Self::Config, records: &[Self::Record], effects: &mut Effects<Self>)
    -> Self;

    /// Whether `record` says everything that the records before it say, so that the host may delete those.
    fn is_checkpoint(_record: &Self::Record) -> bool {
        false
    }

    /// Takes one input, and adds what is to be done to `effects`. Never panics, whatever a message says.
    fn step(&mut self, input: Input<Self>, effects: &mut Effects<Self>);
}

/// What can happen to a node.
#[derive(Clone, Debug)]
pub enum Input<P: Protocol> {
    /// A client, or the host, asks for something.
    Request(P::Request),
    /// A message arrives.
    Receive {
        /// Who sent it; the host has made sure of that.
        from: NodeId,
        /// What it says.
        message: P::Message,
    },
    /// An alarm goes off that [`Effects::arm`] has set.
    Elapsed(P::Timer),
    /// What was persisted under that receipt is durable now.
    Persisted(P::Receipt),
}

/// What the host must do after a step. The order of the fields is the order in which it must act.
///
/// Effects of several steps may be gathered before the host acts (that is batching): it then persists once for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Effects<P: Protocol> {
    /// 1. Messages that say nothing of this node's disk: they may leave at once, beside the writing.
    pub send_ahead: Vec<(NodeId, P::Message)>,
    /// 2. What the host is told that rests on no write of this node which is still under way, but on other disks, say: it may know at once, beside the writing. No
    ///    later notice overtakes an earlier one of this list; those of [`Effects::notify`] come when they come.
    pub notify_ahead: Vec<P::Notice>,
    /// 3. Records to append to the disk, in order.
    pub persist: Vec<P::Record>,
    /// 4. If there is one: to be given back by [`Input::Persisted`] once everything persisted so far, these records included, is durable.
    ///    A later receipt stands for all earlier ones.
    pub receipt: Option<P::Receipt>,
    /// 5. Messages that leave only when everything persisted so far, by this step and by all earlier ones, is durable.
    pub send: Vec<(NodeId, P::Message)>,
    /// 6. Alarms to set. Setting one that is set already starts it anew; the host chooses how long it takes, and when it dares to be random.
    pub arm: Vec<P::Timer>,
    /// 7. Alarms to take back.
    pub disarm: Vec<P::Timer>,
    /// 8. What the host is told, once everything persisted so far is durable.
    pub notify: Vec<P::Notice>,
    /// By which rule the input was refused, if it was: for the log. Nothing needs to be done about it.
    pub refused: Option<P::Rule>,
}

impl<P: Protocol> Default for Effects<P> {
    fn default() -> Self {
        Self {
            send_ahead: Vec::new(),
            notify_ahead: Vec::new(),
            persist: Vec::new(),
            receipt: None,
            send: Vec::new(),
            arm: Vec::new(),
            disarm: Vec::new(),
            notify: Vec::new(),
            refused: None,
        }
    }
}

impl<P: Protocol> Effects<P> {
    /// No effects yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.send_ahead.is_empty()
            && self.notify_ahead.is_empty()
            && self.persist.is_empty()
            && self.receipt.is_none()
            && self.send.is_empty()
            && self.arm.is_empty()
            && self.disarm.is_empty()
            && self.notify.is_empty()
    }

    /// Forgets everything, and keeps the memory for the next step.
    pub fn clear(&mut self) {
        self.send_ahead.clear();
        self.notify_ahead.clear();
        self.persist.clear();
        self.receipt = None;
        self.send.clear();
        self.arm.clear();
        self.disarm.clear();
        self.notify.clear();
        self.refused = None;
    }
}

/// Puts what `make` makes at the end. [`Vec::push`] takes a value that it must be able to drop, should the vector not grow: that is built elsewhere first, and copied.
#[inline(always)]
pub(crate) fn push_with<T>(to: &mut Vec<T>, make: impl FnOnce() -> T) {
    to.extend(iter::once_with(make));
}
