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
    /// The acceptors, and which of them are enough.
    pub quorums: Quorums,
    /// Nodes that are no acceptors: they propose and learn only.
    pub others: Arc<[NodeId]>,
    /// The rules that are kept.
    pub rules: S,
}

impl Config {
    /// Node `me` among those acceptors, with nobody else.
    pub fn new(me: NodeId, quorums: Quorums) -> Self {
        Self {
            me,
            quorums,
            others: Arc::new([]),
            rules: Faithful,
        }
    }
}

impl<S> Config<S> {
    /// The other acceptors.
    pub(super) fn other_members(&self) -> impl Iterator<Item = NodeId> + '_ {
        let members = self.quorums.members().iter().copied();
        members.filter(|id| *id != self.me)
    }

    /// The other nodes, acceptors or not.
    pub(super) fn other_nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let others = self.others.iter().copied();
        self.other_members()
            .chain(others.filter(|id| *id != self.me))
    }
}
