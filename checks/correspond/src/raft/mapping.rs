//! What a state of a cluster of Raft cores is to the model.

use std::sync::Arc;

use concur_cores::raft::{
    Answer, Ballot, Body as Said, Entry as CoreEntry, Position, Record, Role, Snapshot,
};
use concur_cores::{Effects, NodeId};
use concur_models::kit::NodeSet;
use concur_models::raft::Server;
use concur_models::raft::asynchronous::state::{
    Body, Entry, Log, Memory, Message, Node, Part, State, Store, Write,
};
use concur_rules::RuleSet;
use concur_rules::raft_core::RaftNodeRule as Rule;

use super::Core;
use super::entries::{decode, entry};
use crate::cluster::{Node as ClusterNode, Packet, State as Cluster};

/// The model's name of a server.
pub(super) fn server(id: NodeId) -> Server {
    Server(id.0 as u8 - 1)
}

/// The model's state. What the mapping forgets: pre-votes, what a leader knows of its followers beyond `matchIndex`, who is thought to lead, boots, alarms.
pub(super) fn state<S: RuleSet<Rule>>(cluster: &Cluster<Core<S>>) -> State {
    let nodes = cluster.nodes.iter().map(|n| Arc::new(node(n)));
    let nodes: Vec<Arc<Node>> = nodes.collect();
    let sent = cluster.sent().filter_map(|packet| message(&nodes, packet));
    State {
        messages: Arc::new(sent.collect()),
        nodes,
        crashes: cluster.crashes,
    }
}

fn node<S: RuleSet<Rule>>(node: &ClusterNode<Core<S>>) -> Node {
    let synced = replayed(&Store::new(), node.disk.durable());
    Node {
        writes: writes(node, &synced).into_iter().flatten().collect(),
        memory: node.core.as_ref().map(memory),
        synced,
    }
}

/// The model's write for each that waits for the disk; none for one that changes nothing and says nothing, as the count of boots.
fn writes<S: RuleSet<Rule>>(node: &ClusterNode<Core<S>>, synced: &Store) -> Vec<Option<Write>> {
    let mut before = synced.clone();
    let from = node.id;
    let write = |effects: &Effects<Core<S>>| {
        let store = replayed(&before, &effects.persist);
        let said = effects.send.iter().filter_map(|(to, message)| {
            let packet = Packet {
                from,
                to: *to,
                message: message.clone(),
            };
            self::message::<S>(&[], &packet)
        });
        let messages: std::collections::BTreeSet<Message> = said.collect();
        let changes = store != before || !messages.is_empty();
        before = store.clone();
        changes.then_some(Write { store, messages })
    };
    node.disk.waiting().map(write).collect()
}

/// How many of the model's writes the `kept` oldest ones are.
pub(super) fn kept<S: RuleSet<Rule>>(node: &ClusterNode<Core<S>>, kept: usize) -> usize {
    let synced = replayed(&Store::new(), node.disk.durable());
    let writes = writes(node, &synced);
    writes.iter().take(kept).flatten().count()
}

fn memory<S: RuleSet<Rule>>(core: &Core<S>) -> Memory {
    let ballot = core.ballot();
    let snapshot = core.snapshot();
    Memory {
        store: Store {
            term: ballot.term,
            voted_for: ballot.voted_for.map(server),
            log: log(decode(snapshot), core.entries()),
            covered: snapshot.last.index,
        },
        commit_index: core.commit_index(),
        part: part(core),
        outbox: Default::default(),
    }
}

/// Who asks for pre-votes is no candidate yet.
fn part<S: RuleSet<Rule>>(core: &Core<S>) -> Part {
    match core.role() {
        Role::Follower | Role::PreCandidate => Part::Follower,
        Role::Candidate => {
            let voters: NodeSet<Server> = core.supporters().iter().map(|id| server(*id)).collect();
            Part::Candidate(voters)
        }
        Role::Leader => {
            let mut known = vec![0; core.progress().len() + 1];
            for follower in core.progress() {
                known[server(follower.id).0 as usize] = follower.match_index;
            }
            Part::Leader(known)
        }
    }
}

fn log(covered: impl Iterator<Item = Entry>, rest: &[CoreEntry<u64>]) -> Log {
    let all: Vec<Entry> = covered.chain(rest.iter().map(entry)).collect();
    Arc::from(all)
}

/// What a disk holds that held `store`, once these records are on it.
fn replayed(store: &Store, records: &[Record<u64>]) -> Store {
    let mut store = store.clone();
    for record in records {
        match record {
            Record::Ballot(ballot) => vote(&mut store, ballot),
            Record::Append { after, entries } => {
                let kept = store.log.iter().copied().take(*after as usize);
                store.log = log(kept, entries);
            }
            Record::Checkpoint {
                ballot,
                snapshot,
                entries,
            } => {
                vote(&mut store, ballot);
                store.covered = snapshot.last.index;
                store.log = log(decode(snapshot), entries);
            }
        }
    }
    store
}

fn vote(store: &mut Store, ballot: &Ballot) {
    store.term = ballot.term;
    store.voted_for = ballot.voted_for.map(server);
}

// ------------------------------------------------------------------------------------------------------------- Messages

/// What a message is to the model. Pre-votes promise nothing, and are nothing. A piece of a snapshot, and being asked to take over, say no more than a heartbeat from the beginning of
/// the log; the last piece stands for all that the snapshot covers. A refusal says its term.
pub(super) fn message<S: RuleSet<Rule>>(
    nodes: &[Arc<Node>],
    packet: &Packet<Core<S>>,
) -> Option<Message> {
    let body = match &packet.message.body {
        Said::PreVoteRequest { .. } | Said::PreVoteResponse { granted: true } => return None,
        Said::RequestVoteRequest { last, .. } => Body::RequestVoteRequest {
            last_log_term: last.term,
            last_log_index: last.index,
        },
        Said::RequestVoteResponse { granted: true } => Body::RequestVoteResponse,
        Said::AppendEntriesRequest {
            prev,
            entries,
            commit_index,
        } => Body::AppendEntriesRequest {
            prev_log_index: prev.index,
            prev_log_term: prev.term,
            entries: log(std::iter::empty(), entries),
            commit_index: *commit_index,
        },
        Said::AppendEntriesResponse(Answer::Accepted { match_index }) => {
            let match_index = *match_index;
            Body::AppendEntriesResponse { match_index }
        }
        Said::InstallSnapshotRequest {
            last, done: true, ..
        } => from_the_first(covered(nodes, *last), last.index),
        Said::InstallSnapshotRequest { .. } | Said::TimeoutNow => from_the_first(Arc::from([]), 0),
        Said::PreVoteResponse { granted: false }
        | Said::RequestVoteResponse { granted: false }
        | Said::AppendEntriesResponse(Answer::Refused { .. })
        | Said::InstallSnapshotResponse { .. } => Body::Refusal,
    };
    Some(Message {
        term: packet.message.term,
        source: server(packet.from),
        dest: server(packet.to),
        body,
    })
}

fn from_the_first(entries: Log, commit_index: u64) -> Body {
    Body::AppendEntriesRequest {
        prev_log_index: 0,
        prev_log_term: 0,
        entries,
        commit_index,
    }
}

/// The log up to an entry that a snapshot covers. It is committed, so that some server has it on its disk; and there is only one (§5.3, Log Matching).
fn covered(nodes: &[Arc<Node>], last: Position) -> Log {
    let memories = nodes.iter().filter_map(|node| node.up());
    let stores = memories.map(|memory| &memory.store);
    let disks = nodes.iter().map(|node| &node.synced);
    let found = stores
        .chain(disks)
        .find(|store| store.term_at(last.index) == last.term);
    found.map_or_else(
        || Arc::from([]),
        |store| Arc::from(&store.log[..last.index as usize]),
    )
}

/// The records of a disk as one, which says the same.
pub(super) fn checkpoint(records: &mut Vec<Record<u64>>) {
    if records.len() < 2 {
        return;
    }
    let mut ballot = Ballot::default();
    let mut snapshot = Snapshot::default();
    let mut entries: Vec<CoreEntry<u64>> = Vec::new();
    for record in records.iter() {
        match record {
            Record::Ballot(new) => ballot = *new,
            Record::Append {
                after,
                entries: new,
            } => {
                entries.truncate(after.saturating_sub(snapshot.last.index) as usize);
                entries.extend_from_slice(new);
            }
            Record::Checkpoint {
                ballot: new,
                snapshot: covers,
                entries: rest,
            } => {
                ballot = *new;
                snapshot = covers.clone();
                entries = rest.to_vec();
            }
        }
    }
    *records = vec![Record::Checkpoint {
        ballot,
        snapshot,
        entries: entries.into(),
    }];
}
