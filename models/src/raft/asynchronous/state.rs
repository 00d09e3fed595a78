//! The state of asynchronous Raft: servers with disks that lag behind, and every message that was ever sent.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::kit::NodeSet;
use crate::raft::{Role, Server};

/// The servers, the network, and how many crashes there were. States share what does not change between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Each server.
    pub nodes: Vec<Arc<Node>>,
    /// Every message that was ever sent: it may arrive at any time, any number of times, or never.
    pub messages: Arc<BTreeSet<Message>>,
    /// How often a server has crashed.
    pub crashes: u32,
}

/// A server: its disk, and its memory while it is up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// What a crash leaves.
    pub synced: Store,
    /// What was written and is not durable yet, the oldest first.
    pub writes: Vec<Write>,
    /// What a crash takes; nothing while the server is down.
    pub memory: Option<Memory>,
}

/// What has to outlive a crash (Figure 2, persistent state).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store {
    /// `currentTerm`.
    pub term: u64,
    /// `votedFor`.
    pub voted_for: Option<Server>,
    /// `log`.
    pub log: Log,
    /// Up to where the log is known to be committed, also after a crash: what a snapshot covers.
    pub covered: u64,
}

/// Something that is on its way to the disk, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write {
    /// What the disk will hold.
    pub store: Store,
    /// What is sent then.
    pub messages: BTreeSet<Message>,
}

/// What a crash takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// The persistent state as the server reads it. It may be ahead of what was written.
    pub store: Store,
    /// `commitIndex`.
    pub commit_index: u64,
    /// What the server does.
    pub part: Part,
    /// Messages that wait for the next write.
    pub outbox: BTreeSet<Message>,
}

/// What a server does, and what it needs for that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// It answers.
    Follower,
    /// It asks for votes, and has these.
    Candidate(NodeSet<Server>),
    /// It takes requests and replicates them: `matchIndex` of each server, its own left at 0.
    Leader(Vec<u64>),
}

/// An entry of a log, printed as `1@2`: the value 1, taken by the leader of term 2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The term of the leader that took the request.
    pub term: u64,
    /// The request, by a number; what a leader begins its term with may be one, too.
    pub value: u64,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.value, self.term)
    }
}

/// A log, or a part of it. The first entry of a log has index 1. Disks and messages share what nobody changes any more.
pub type Log = Arc<[Entry]>;

/// A message that was sent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// The sender's term.
    pub term: u64,
    /// Who sent it.
    pub source: Server,
    /// For whom it is.
    pub dest: Server,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// A candidate asks for a vote.
    RequestVoteRequest {
        /// The term of the candidate's last entry.
        last_log_term: u64,
        /// The index of the candidate's last entry.
        last_log_index: u64,
    },
    /// A server gives its vote.
    RequestVoteResponse,
    /// A leader sends entries, or none: a heartbeat.
    AppendEntriesRequest {
        /// The index of the entry that precedes.
        prev_log_index: u64,
        /// The term of the entry that precedes.
        prev_log_term: u64,
        /// The entries.
        entries: Log,
        /// Up to where the leader knows its log to be committed.
        commit_index: u64,
    },
    /// A follower's log agrees with the leader's up to there.
    AppendEntriesResponse {
        /// Up to where.
        match_index: u64,
    },
    /// A server refuses what it was asked. All that counts is its term.
    Refusal,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (i, j, term) = (self.source, self.dest, self.term);
        write!(f, "{i:?}→{j:?}@{term} ")?;
        match &self.body {
            Body::AppendEntriesRequest {
                prev_log_index,
                prev_log_term,
                entries,
                commit_index,
            } => {
                let prev = format_args!("{prev_log_index}@{prev_log_term}");
                write!(
                    f,
                    "AppendEntries prev={prev} {entries:?} commit={commit_index}"
                )
            }
            other => other.fmt(f),
        }
    }
}

impl State {
    /// Nothing has happened.
    pub fn new(servers: usize) -> Self {
        Self {
            nodes: std::iter::repeat_n(Arc::new(Node::new()), servers).collect(),
            messages: Arc::default(),
            crashes: 0,
        }
    }

    /// The servers.
    pub fn servers(&self) -> impl Iterator<Item = Server> + Clone + use<> {
        (0..self.nodes.len()).map(|i| Server(i as u8))
    }

    /// That server.
    #[inline]
    pub fn node(&self, i: Server) -> &Node {
        &self.nodes[i.0 as usize]
    }

    #[inline]
    pub(super) fn node_mut(&mut self, i: Server) -> &mut Node {
        Arc::make_mut(&mut self.nodes[i.0 as usize])
    }

    /// Sends messages; those that were sent before stay the same.
    pub(super) fn send(&mut self, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            if !self.messages.contains(&message) {
                Arc::make_mut(&mut self.messages).insert(message);
            }
        }
    }

    /// How many messages were sent, or wait for a disk.
    pub(super) fn said(&self) -> usize {
        let waiting = self.nodes.iter().map(|node| {
            let outbox = node.up().map_or(0, |memory| memory.outbox.len());
            let writes = node.writes.iter().map(|write| write.messages.len());
            outbox + writes.sum::<usize>()
        });
        self.messages.len() + waiting.sum::<usize>()
    }

    /// The servers that are up, with their memories.
    pub fn up(&self) -> impl Iterator<Item = (Server, &Memory)> + Clone {
        let nodes = self.servers().zip(&self.nodes);
        nodes.filter_map(|(i, node)| Some((i, node.memory.as_ref()?)))
    }

    /// The servers that lead, with what they know of the others.
    pub fn leaders(&self) -> impl Iterator<Item = (Server, &Memory, &[u64])> + Clone {
        self.up().filter_map(|(i, memory)| match &memory.part {
            Part::Leader(match_index) => Some((i, memory, match_index.as_slice())),
            _ => None,
        })
    }
}

impl Node {
    /// A server that has never done anything.
    pub fn new() -> Self {
        let store = Store::new();
        Self {
            memory: Some(Memory::new(store.clone())),
            synced: store,
            writes: Vec::new(),
        }
    }

    /// The memory, if the server is up. A guard that is physics.
    #[inline]
    pub fn up(&self) -> Option<&Memory> {
        self.memory.as_ref()
    }

    /// What the disk will hold once everything that was written is durable.
    pub fn written(&self) -> &Store {
        self.writes.last().map_or(&self.synced, |last| &last.store)
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty disk.
    pub fn new() -> Self {
        Self {
            term: 0,
            voted_for: None,
            log: Arc::from([]),
            covered: 0,
        }
    }

    /// The index of the last entry.
    #[inline]
    pub fn last_index(&self) -> u64 {
        self.log.len() as u64
    }

    /// The term of the last entry, 0 if there is none.
    #[inline]
    pub fn last_term(&self) -> u64 {
        self.log.last().map_or(0, |entry| entry.term)
    }

    /// The term of the entry at `index`, 0 if there is none.
    #[inline]
    pub fn term_at(&self, index: u64) -> u64 {
        let at = (index as usize).checked_sub(1);
        at.and_then(|at| self.log.get(at))
            .map_or(0, |entry| entry.term)
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// What a server knows when it comes up and finds `store` on its disk.
    pub fn new(store: Store) -> Self {
        Self {
            commit_index: store.covered,
            store,
            part: Part::Follower,
            outbox: BTreeSet::new(),
        }
    }

    /// What the server is (Figure 4).
    pub fn role(&self) -> Role {
        match self.part {
            Part::Follower => Role::Follower,
            Part::Candidate(_) => Role::Candidate,
            Part::Leader(_) => Role::Leader,
        }
    }
}
