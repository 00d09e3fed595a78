//! What a state of a cluster of Raft cores is to the model.

use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::raft::{
    Answer, Ballot, Body as Said, Message as CoreMessage, Position, Raft, Record, Role, Rules,
};
use concur_models::kit::NodeSet;
use concur_models::raft::Server;
use concur_models::raft::asynchronous::state::{
    Body, Entry, Log, Memory, Message, Node, Part, State, Store, Write,
};

use super::entries::{decode, entry};
use crate::cluster::{Node as ClusterNode, Packet, State as Cluster};

/// The model's name of a server.
pub(super) fn server(id: NodeId) -> Server {
    Server(id.0 as u8 - 1)
}

/// The model's state. What the mapping forgets: pre-votes, what a leader knows of its followers beyond `matchIndex`, who is thought to lead, boots, alarms.
pub(super) fn state<S: Rules>(cluster: &Cluster<Raft<u64, S>>) -> State
where
    Raft<u64, S>: crate::Core,
{
    let nodes: Vec<Node> = cluster.nodes.iter().map(|node| self::node(node)).collect();
    let sent = cluster.sent().filter_map(|packet| message(&nodes, packet));
    State {
        messages: sent.collect(),
        nodes,
        crashes: 0,
    }
}

fn node<S: Rules>(node: &ClusterNode<Raft<u64, S>>) -> Node
where
    Raft<u64, S>: crate::Core,
{
    let synced = replayed(Store::new(), node.disk.durable());
    Node {
        writes: writes(node, &synced).into_iter().flatten().collect(),
        memory: node.core.as_ref().map(|core| memory(core, node.disk.unsynced() > 0)),
        synced,
    }
}
