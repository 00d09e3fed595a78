//! Raft, after Ongaro & Ousterhout, *In Search of an Understandable Consensus Algorithm* (USENIX ATC 2014), raft.tla of
//! Ongaro and AbstractRaft.tla of Schultz.
//!
//! `ReplicatedLog ⊐ AbstractRaft` and `ReplicatedLog ⊐ Raft`: [`spec`] is the promise, a log that is only appended to.
//! [`abstract_raft`] keeps it with elections and appends that are atomic, where the argument of §5.4 is seen bare and Figure 8 is
//! found early ([`abstract_properties`]). [`protocol`] is raft.tla, message by message: [`elections`] and [`replication`] hold its actions,
//! [`properties`] what is checked. Its state does not tell what is committed, as the paper's proof does not read it off the state
//! either; [`history`] records it, and there all of Figure 3 is checked and the promise kept.
//!
//! `Raft ⊐ CoarseRaft`: [`coarse`] takes elections and replication in one step each, which [`coarse::steps`] shows to be sequences of
//! raft.tla's own, and so reaches the faults that need many terms or servers. `ReplicatedLog ⊐ DurableRaft`: [`durable`] has disks that must be
//! synced, several entries in a request, and the thesis's pre-vote, check-quorum and leadership transfer. `ReplicatedLog ⊐ AsynchronousRaft`: [`asynchronous`] lets
//! servers go on while their disks lag behind, over a network that forgets nothing; below it stand the servers that ship.
//!
//! Beside the ladder, [`live`] is what Raft promises to *do*, once disturbances end: elect a leader, and apply what it takes.
//!
//! Left out, as in raft.tla: membership changes, snapshots (§6, §7), and the clients' sessions (§8).

pub mod abstract_properties;
pub mod abstract_raft;
pub mod asynchronous;
pub mod coarse;
pub mod configs;
pub mod durable;
pub mod elections;
mod events;
pub mod history;
pub mod live;
pub mod properties;
pub mod protocol;
pub mod replication;
pub mod spec;
pub mod start;
pub mod state;

use std::fmt;

use crate::kit::{NodeSet, ShortVec};

crate::ids! {
    /// A server.
    pub Server = "n";
}

/// The most servers that a model holds.
pub const MAX_SERVERS: usize = 5;
/// The largest bound on terms.
pub const MAX_TERM: usize = 7;
/// The largest bound on the length of a log. A log itself may be one longer, in a state just outside the bound.
pub const MAX_LOG: usize = 3;
/// The largest bound on the messages in flight. The bag itself may hold one more, in a state just outside the bound.
pub const MAX_MSGS: usize = 4;

/// What a client asks for.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// One request.
    #[default]
    A,
    /// Another one.
    B,
    /// A third one.
    C,
}

impl Value {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
        })
    }
}

/// An entry of a log, printed as `a@2`: the value `a`, taken by the leader of term 2.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The term of the leader that took the request.
    pub term: u8,
    /// The request.
    pub value: Value,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}", self.value, self.term)
    }
}

/// A log. Its entries have the indices 1, 2, …, as in the paper.
pub type Log = ShortVec<Entry, { MAX_LOG + 1 }>;

/// What a server is (Figure 4). A rung whose elections are atomic has no candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It answers.
    Follower,
    /// It asks for votes.
    Candidate,
    /// It takes requests and replicates them.
    Leader,
}

/// The term of the entry at `index`, 0 if there is none: 0 is no entry's term.
#[inline]
pub fn term_at(log: &[Entry], index: u8) -> u8 {
    (index as usize)
        .checked_sub(1)
        .and_then(|at| log.get(at))
        .map_or(0, |entry| entry.term)
}

/// The term of the last entry, 0 if there is none.
#[inline]
pub fn last_term(log: &[Entry]) -> u8 {
    log.last().map_or(0, |entry| entry.term)
}

/// Whether these are a majority of `servers` servers.
#[inline]
pub fn is_quorum(nodes: NodeSet<Server>, servers: usize) -> bool {
    2 * nodes.len() > servers
}

/// Log Matching: if two logs hold an entry with the same index and term, they are the same up to there (§5.3, Figure 3).
pub fn log_matching<'a>(logs: impl Iterator<Item = &'a Log> + Clone) -> bool {
    let mut rest = logs;
    while let Some(log) = rest.next() {
        if !rest.clone().all(|other| logs_match(log, other)) {
            return false;
        }
    }
    true
}

fn logs_match(log: &[Entry], other: &[Entry]) -> bool {
    let shared = log.len().min(other.len());
    let last = (0..shared).rev().find(|&at| log[at].term == other[at].term);
    last.is_none_or(|at| log[..=at] == other[..=at])
}

/// Leader Append-Only of one log and step: what is there stays, and what is new is of the leader's own `term` (§5.3, Figure 3).
pub fn append_only(before: &[Entry], after: &[Entry], term: u8) -> bool {
    after.starts_with(before) && after[before.len()..].iter().all(|new| new.term == term)
}
