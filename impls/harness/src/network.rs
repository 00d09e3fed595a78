//! A network that may lose, duplicate and reorder messages, and that can be cut.

use std::collections::BTreeSet;

use concur_cores::{NodeId, Protocol};

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packet<P: Protocol> {
    /// Who sent it.
    pub from: NodeId,
    /// Whom it is for.
    pub to: NodeId,
    /// What it says.
    pub message: P::Message,
}

/// The messages on their way, oldest first, and who cannot reach whom.
#[derive(Clone, Debug)]
pub struct Network<P: Protocol> {
    packets: Vec<Packet<P>>,
    cut: BTreeSet<(NodeId, NodeId)>,
}

impl<P: Protocol> Default for Network<P> {
    fn default() -> Self {
        Self {
            packets: Vec::new(),
            cut: BTreeSet::new(),
        }
    }
}

impl<P: Protocol> Network<P> {
    /// The messages on their way, oldest first.
    pub fn packets(&self) -> &[Packet<P>] {
        &self.packets
    }

    /// Whether a message from `from` would reach `to`.
    pub fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        !self.cut.contains(&(from, to))
    }

    /// Puts a message on its way.
    pub fn push(&mut self, packet: Packet<P>) {
        self.packets.push(packet);
    }

    /// Takes the message at that position off the network.
    pub fn take(&mut self, position: usize) -> Packet<P> {
        self.packets.remove(position)
    }

    /// Cuts what `from` sends to `to`, one way; what is on its way stays there.
    pub fn cut(&mut self, from: NodeId, to: NodeId) {
        self.cut.insert((from, to));
    }

    /// Mends every cut.
    pub fn heal(&mut self) {
        self.cut.clear();
    }
}
