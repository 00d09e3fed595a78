//! A state of a cluster: each node with its disk and its alarms, and every message that was ever sent.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::Hash;

use concur_cores::{Input, NodeId, Protocol};
use concur_harness::{Disk, Packet};
use concur_models::kit::{self, Happening};

use super::shared::Shared;
use crate::Core;

/// A state of a cluster.
///
/// Messages stay where they are: each may arrive at any time, any number of times, or never. So loss, duplication and delay need no steps of their own, and what was sent need not be
/// remembered beside it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct State<P: Core, H = ()> {
    /// The nodes, in the order of their configurations.
    pub nodes: Vec<Shared<Node<P>>>,
    /// The messages, in an order of their own: a set.
    pub packets: Shared<Vec<Shared<Packet<P>>>>,
    /// How often a node has crashed.
    pub crashes: u32,
    /// Who was told something that is not so, if anybody was.
    pub misled: Option<NodeId>,
    /// How many lines of the story have happened with which a size begins.
    pub told: u16,
    /// What has happened, as far as the mapping needs it and neither cores nor messages show it: a history variable (Abadi & Lamport, *The Existence of Refinement Mappings*, 1991).
    pub history: Shared<H>,
}

/// A node.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Node<P: Core> {
    /// Who it is.
    pub id: NodeId,
    /// The core, if the node is up.
    pub core: Option<P>,
    /// Its disk.
    pub disk: Disk<P>,
    /// The alarms that are set.
    pub alarms: BTreeSet<P::Timer>,
    /// How many requests it has had: the host's numbering, which outlives crashes.
    pub requests: u32,
}

/// An order that is exact, and means nothing.
impl<P: Core, H: Hash + Eq> Ord for State<P, H> {
    fn cmp(&self, other: &Self) -> Ordering {
        let rest = |s: &Self| (s.crashes, s.misled, s.told);
        let nodes = self.nodes.cmp(&other.nodes);
        let packets = || self.packets.cmp(&other.packets);
        let history = || self.history.cmp(&other.history);
        let rest = || rest(self).cmp(&rest(other));
        nodes.then_with(packets).then_with(history).then_with(rest)
    }
}

impl<P: Core, H: Hash + Eq> PartialOrd for State<P, H> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P: Core, H> State<P, H> {
    /// The position of that node.
    pub fn position(&self, id: NodeId) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    /// That node.
    ///
    /// # Panics
    /// If there is none.
    pub fn node(&self, id: NodeId) -> &Node<P> {
        let position = self.position(id).expect("the node exists");
        &self.nodes[position]
    }

    /// The cores that are up.
    pub fn up(&self) -> impl Iterator<Item = (NodeId, &P)> + '_ {
        self.nodes
            .iter()
            .filter_map(|node| Some((node.id, node.core.as_ref()?)))
    }

    /// The messages that were sent.
    pub fn sent(&self) -> impl Iterator<Item = &Packet<P>> + '_ {
        self.packets.iter().map(|packet| &**packet)
    }

    /// The messages that were sent since `before`, a state on the way to this one.
    pub fn sent_since<'s>(&'s self, before: &'s Self) -> impl Iterator<Item = &'s Packet<P>> {
        let new = self.packets.len() - before.packets.len();
        let all = if new == 0 { 0 } else { self.packets.len() };
        // Both are in the same order, and nothing was taken away.
        let mut known = before.packets.iter().peekable();
        let packets = self.packets[..all].iter();
        let is_new = move |packet: &&Shared<Packet<P>>| known.next_if_eq(packet).is_none();
        packets.filter(is_new).map(|packet| &**packet)
    }

    /// Whether that message was sent.
    pub fn was_sent(&self, packet: &Shared<Packet<P>>) -> bool {
        self.packets.binary_search(packet).is_ok()
    }

    /// Adds a message, if it was not sent before.
    pub(super) fn send(&mut self, from: NodeId, to: NodeId, message: P::Message) {
        let packet = Shared::new(Packet { from, to, message });
        if let Err(place) = self.packets.binary_search(&packet) {
            let mut packets = Vec::with_capacity(self.packets.len() + 1);
            packets.extend_from_slice(&self.packets[..place]);
            packets.push(packet);
            packets.extend_from_slice(&self.packets[place..]);
            self.packets = Shared::new(packets);
        }
    }
}

/// What happens to a cluster, whatever else is going on in it: so a schedule can be shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<P: Core> {
    /// A client, or the host, asks a node for something.
    Request(NodeId, P::Request),
    /// A node is given what nobody honest gives it.
    Given(NodeId, Given<P>),
    /// A message arrives.
    Deliver(Shared<Packet<P>>),
    /// An alarm goes off.
    Elapse(NodeId, P::Timer),
    /// A disk's oldest unsynced write becomes durable.
    Sync(NodeId),
    /// A node stops. So many of its unsynced writes, the oldest ones, happen to have reached the disk; the others are lost.
    Crash(NodeId, usize),
    /// A node that is down starts again, from what its disk holds.
    Restart(NodeId),
}

/// What nobody honest gives a node: it must see to that itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<P: Core> {
    /// A request that makes no sense.
    Request(P::Request),
    /// A message that was never sent, in someone's name.
    Message(NodeId, P::Message),
    /// An alarm that was taken back.
    Alarm(P::Timer),
    /// A disk's report to an earlier boot of the node.
    Receipt(P::Receipt),
}

impl<P: Core> From<Given<P>> for Input<P> {
    fn from(given: Given<P>) -> Self {
        match given {
            Given::Request(request) => Self::Request(request),
            Given::Message(from, message) => Self::Receive { from, message },
            Given::Alarm(timer) => Self::Elapsed(timer),
            Given::Receipt(receipt) => Self::Persisted(receipt),
        }
    }
}

impl<P: Core> fmt::Display for Given<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(request) => write!(f, "{request}, which makes no sense"),
            Self::Message(from, message) => write!(f, "{message}, which {from} never sent"),
            Self::Alarm(timer) => write!(f, "{timer}, which was taken back"),
            Self::Receipt(receipt) => write!(f, "{receipt:?}, of an earlier boot"),
        }
    }
}

impl<P: Core> Event<P> {
    /// To which node it happens.
    pub fn node(&self) -> NodeId {
        match self {
            Self::Request(id, _)
            | Self::Given(id, _)
            | Self::Elapse(id, _)
            | Self::Sync(id)
            | Self::Crash(id, _)
            | Self::Restart(id) => *id,
            Self::Deliver(packet) => packet.to,
        }
    }
}

impl<P: Core> Event<P> {
    /// What it is to someone who watches the nodes, apart from what is sent.
    pub(super) fn seen(&self) -> kit::Event {
        let event = kit::Event::of(self.node());
        match self {
            Self::Request(_, request) => {
                event.receives(format_args!("client"), format_args!("{request}"))
            }
            Self::Given(_, what) => event.receives(format_args!("nobody"), what),
            Self::Deliver(packet) => event.receives(packet.from, &packet.message),
            Self::Elapse(..) => event.as_kind(Happening::Timeout),
            Self::Sync(_) => event,
            Self::Crash(..) => event.as_kind(Happening::Crash),
            Self::Restart(_) => event.as_kind(Happening::Restart),
        }
    }
}

/// In the notation of the stories.
impl<P: Core> fmt::Display for Event<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(id, request) => write!(f, "{id} ← {request}"),
            Self::Given(id, what) => write!(f, "{id} ← {what}"),
            Self::Deliver(packet) => {
                write!(f, "{} → {} {}", packet.from, packet.to, packet.message)
            }
            Self::Elapse(id, timer) => write!(f, "{id} ⏰ {timer}"),
            Self::Sync(id) => write!(f, "{id} disk has synced"),
            Self::Crash(id, 0) => write!(f, "{id} ⚡"),
            Self::Crash(id, kept) => write!(f, "{id} ⚡ after {kept} writes reached its disk"),
            Self::Restart(id) => write!(f, "{id} starts"),
        }
    }
}

/// A line for each node, for each disk that holds something, and for the messages: what a counterexample shows of it.
impl<P: Core, H: fmt::Debug> fmt::Debug for State<P, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = f.debug_map();
        for node in &self.nodes {
            let id = node.id;
            match &node.core {
                Some(core) => lines.entry(&id, &format_args!("{core}")),
                None => lines.entry(&id, &format_args!("down")),
            };
            let durable = node.disk.durable();
            if !durable.is_empty() {
                let records = durable.iter().map(ToString::to_string).collect::<Vec<_>>();
                let disk = records.join(", ");
                lines.entry(&format_args!("{id} disk"), &format_args!("{disk}"));
            }
            if node.disk.unsynced() > 0 {
                let waits = node.disk.unsynced();
                lines.entry(&format_args!("{id} unsynced writes"), &waits);
            }
        }
        let sent = self
            .sent()
            .map(|p| format!("{} → {} {}", p.from, p.to, p.message));
        let sent = sent
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>();
        let sent = sent.join(", ");
        lines.entry(&format_args!("sent"), &format_args!("[{sent}]"));
        if let Some(id) = self.misled {
            lines.entry(&format_args!("misled"), &id);
        }
        lines.finish()
    }
}

/// A node that is up is told by its core.
impl<P: Core> fmt::Debug for Node<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.core {
            Some(core) => write!(f, "{core}"),
            None => write!(f, "{} down", self.id),
        }
    }
}

/// Whether starting from either of these records gives the same core.
pub(super) fn say_the_same<P: Protocol>(
    config: &P::Config,
    one: &[P::Record],
    other: &[P::Record],
) -> bool {
    let start = |records| {
        let mut effects = concur_cores::Effects::new();
        let core = P::recover(config.clone(), records, &mut effects);
        (core, effects)
    };
    start(one) == start(other)
}
