//! What the tests of Raft share: a rule set that leaves a rule out, clusters, and the checks of every step.

pub(crate) mod history;
pub(crate) mod lemmas;
pub(crate) mod run;

use concur_cores::raft::{
    Answer, Body, Config, Entry, Limits, Message, Position, Raft, Request, Role, Timer,
};
use concur_cores::{Input, NodeId, Protocol};
use concur_harness::Cluster;
use concur_rules::raft_core::RaftNodeRule;

pub(crate) use concur_harness::Without;

/// A server under a check; its commands are numbers.
pub(crate) type Server = Raft<u64, Without<RaftNodeRule>>;

/// A name.
pub(crate) fn n(id: u64) -> NodeId {
    NodeId(id)
}

/// Limits so small that short runs meet them.
pub(crate) fn small_limits() -> Limits {
    Limits {
        message_bytes: 60,
        inflight_messages: 3,
        inflight_bytes: 100,
        uncommitted_bytes: 200,
        chunk_bytes: 8,
    }
}

/// The configuration of one of `servers` servers.
pub(crate) fn config(
    id: u64,
    servers: u64,
    rules: Without<RaftNodeRule>,
) -> Config<Without<RaftNodeRule>> {
    Config::new(n(id), (1..=servers).map(n)).with_rules(rules)
}

/// A cluster of that many servers, all rules kept.
pub(crate) fn cluster(servers: u64) -> Cluster<Server> {
    cluster_of(servers, |config| config)
}

/// The same, configured further.
pub(crate) fn cluster_of(
    servers: u64,
    change: impl Fn(Config<Without<RaftNodeRule>>) -> Config<Without<RaftNodeRule>>,
) -> Cluster<Server> {
    Cluster::new((1..=servers).map(|id| (n(id), change(config(id, servers, Without(None))))))
}

/// A request to replicate these commands.
pub(crate) fn propose(commands: &[u64]) -> <Server as Protocol>::Request {
    Request::Propose(commands.to_vec())
}

/// That server's election alarm goes off, and it wins.
pub(crate) fn elect(cluster: &mut Cluster<Server>, id: u64) {
    cluster.elapse(n(id), Timer::Election);
    cluster.settle();
    assert_eq!(cluster.core(n(id)).role(), Role::Leader);
}

/// The leader sends heartbeats, and all is delivered.
pub(crate) fn heartbeat(cluster: &mut Cluster<Server>, id: u64) {
    cluster.elapse(n(id), Timer::Heartbeat);
    cluster.settle();
}

/// The terms in a server's log.
pub(crate) fn terms(cluster: &Cluster<Server>, id: u64) -> Vec<u64> {
    let entries = cluster.core(n(id)).entries();
    entries.iter().map(|entry| entry.term).collect()
}

/// The server gets a log from a leader of the term in which it ends: what happened earlier.
pub(crate) fn give_log(
    cluster: &mut Cluster<Server>,
    id: u64,
    from: u64,
    terms: &[u64],
    term: u64,
) {
    let entry = |(at, term): (usize, &u64)| Entry {
        term: *term,
        command: Some(10 * *term + at as u64),
    };
    let body = Body::AppendEntriesRequest {
        prev: Position::default(),
        entries: terms.iter().enumerate().map(entry).collect(),
        commit_index: 0,
    };
    receive(cluster, id, from, term, body);
    cluster.drop_where(|_| true);
}

pub(crate) fn receive(
    cluster: &mut Cluster<Server>,
    id: u64,
    from: u64,
    term: u64,
    body: Body<u64>,
) {
    let (from, message) = (n(from), Message { term, body });
    cluster.input(n(id), Input::Receive { from, message });
}

/// How often a rule has refused something.
pub(crate) fn refused(cluster: &Cluster<Server>, rule: &str) -> u64 {
    cluster.refused().get(rule).copied().unwrap_or(0)
}

pub(crate) fn at(index: u64, term: u64) -> Position {
    Position { index, term }
}

pub(crate) fn entry(term: u64, command: u64) -> Entry<u64> {
    let command = Some(command);
    Entry { term, command }
}

pub(crate) fn append(prev: Position, entries: &[Entry<u64>], commit_index: u64) -> Body<u64> {
    let entries = entries.into();
    Body::AppendEntriesRequest {
        prev,
        entries,
        commit_index,
    }
}

pub(crate) fn answered(answer: Answer) -> Body<u64> {
    Body::AppendEntriesResponse(answer)
}

/// What is on its way, which is lost: to whom, and what.
pub(crate) fn sent(cluster: &mut Cluster<Server>) -> Vec<(NodeId, Body<u64>)> {
    let packets = cluster.network().packets().iter();
    let sent = packets.map(|packet| (packet.to, packet.message.body.clone()));
    let sent = sent.collect();
    cluster.drop_where(|_| true);
    sent
}

/// How many entries each message to that server has.
pub(crate) fn batches_to(sent: &[(NodeId, Body<u64>)], id: u64) -> Vec<usize> {
    let entries = |(to, body): &(NodeId, Body<u64>)| match body {
        Body::AppendEntriesRequest { entries, .. } if *to == n(id) => Some(entries.len()),
        _ => None,
    };
    sent.iter().filter_map(entries).collect()
}

/// A leader whose followers have everything but what it is asked for now.
pub(crate) fn led(limits: Limits) -> Cluster<Server> {
    let mut cluster = cluster_of(3, |mut config| {
        config.limits = limits.clone();
        config
    });
    elect(&mut cluster, 1);
    heartbeat(&mut cluster, 1);
    cluster
}
