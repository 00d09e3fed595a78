//! What a node is told before it starts.

use alloc::sync::Arc;

use concur_rules::Faithful;

use crate::NodeId;
use crate::paxos::Quorums;

/// What a node is told about itself and its cluster. All but `me` must be the same on all nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config<S = Faithful> {
    /// This node.
    pub me: NodeId,
    /// The acceptors, each of which may lead, and which of them are enough.
    pub quorums: Quorums,
    /// Nodes that only learn.
    pub learners: Arc<[NodeId]>,
    /// For how many slots ahead of what is chosen a leader may propose.
    pub window: usize,
    /// The most entries in one message to a node that lags behind.
    pub batch: usize,
    /// The rules that are kept.
    pub rules: S,
}

impl Config {
    /// Node `me` among those acceptors, without learners, with a window of 65,536 slots and batches of 4,096 entries.
    pub fn new(me: NodeId, quorums: Quorums) -> Self {
        Self {
            me,
            quorums,
            learners: Arc::new([]),
            window: 1 << 16,
            batch: 1 << 12,
            rules: Faithful,
        }
    }
}

impl<S> Config<S> {
    /// Whether this node is an acceptor.
    pub(super) fn is_member(&self) -> bool {
        self.quorums.position(self.me).is_some()
    }

    /// The other acceptors.
    pub(super) fn other_members(&self) -> impl Iterator<Item = NodeId> + '_ {
        let members = self.quorums.members().iter().copied();
        members.filter(|id| *id != self.me)
    }

    /// The other nodes.
    pub(super) fn other_nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let learners = self.learners.iter().copied();
        self.other_members()
            .chain(learners.filter(|id| *id != self.me))
    }
}
