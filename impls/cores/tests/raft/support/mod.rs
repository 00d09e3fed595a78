//! What the tests of Raft share: a rule set that leaves a rule out, clusters, and the checks of every step.

pub(crate) mod history;
pub(crate) mod lemmas;
pub(crate) mod run;

use concur_cores::raft::{
    Body, Config, Entry, Limits, Message, Position, Raft, Request, Role, Timer,
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
