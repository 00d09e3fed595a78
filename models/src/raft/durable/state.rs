//! The state of durable Raft: disks, memories, replies in flight.

use std::fmt;

use crate::kit::symmetry::Permutation;
use crate::kit::{Bag, Disk, Durable, Faults, NodeSet, PerNode, Process};
use crate::raft::history::Record;
use crate::raft::{Log, MAX_MSGS, MAX_SERVERS, Role, Server};

/// The servers, the network, what was committed and what has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Each server.
    pub nodes: PerNode<Server, Node, MAX_SERVERS>,
    /// The replies in flight, duplicates counted.
    pub replies: Bag<Reply, { MAX_MSGS + 1 }>,
    /// The committed log. A history variable.
    pub committed: Record,
    /// How often each fault has struck.
    pub faults: Faults,
}

/// A server.
pub type Node = Process<Store, Memory>;

/// What a server has on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store {
    /// `currentTerm` and `votedFor`.
    pub ballot: Durable<Ballot>,
    /// `log`.
    pub log: Durable<Log>,
}

/// A term, and for whom the server voted in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// `currentTerm`.
    pub term: u8,
    /// `votedFor`.
    pub voted_for: Option<Server>,
}

/// What a crash takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// What the server does.
    pub part: Part,
    /// `commitIndex`.
    pub commit_index: u8,
    /// Whether it has heard of its leader of late. Kept only with check-quorum.
    pub hears: bool,
    /// The reply that it will send once that is synced. A newer one takes its place.
    pub owes: Option<Reply>,
}

/// What a server does, and what it needs for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// It answers.
    Follower,
    /// It asks for votes.
    Candidate(Candidacy),
    /// It takes requests and replicates them.
    Leader(Leading),
}

/// What a candidate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Candidacy {
    /// Who has voted for it.
    pub voters: NodeSet<Server>,
    /// How many votes it has counted.
    pub votes: u8,
    /// Whether the leader has asked it to take over.
    pub asked: bool,
}

/// What a leader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leading {
    /// `nextIndex`.
    pub next_index: PerNode<Server, u8, MAX_SERVERS>,
    /// `matchIndex`.
    pub match_index: PerNode<Server, u8, MAX_SERVERS>,
}

/// A reply.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reply {
    /// The term of the request.
    pub term: u8,
    /// Who sends it.
    pub source: Server,
    /// For whom it is.
    pub dest: Server,
    /// What it says.
    pub says: Says,
}

/// What a reply says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Says {
    /// You have my vote.
    Granted,
    /// My log agrees with yours up to this index.
    Accepted(u8),
    /// My log does not have what precedes your entries. It ends at this index.
    Refused(u8),
}

impl Default for Reply {
    /// Fills the room for replies that are not in flight.
    fn default() -> Self {
        Self {
            term: 0,
            source: Server::default(),
            dest: Server::default(),
            says: Says::Granted,
        }
    }
}

impl Disk for Store {
    fn crash(&mut self) {
        self.ballot.crash();
        self.log.crash();
    }
}

impl Store {
    /// The term, as the server that wrote it reads it.
    #[inline]
    pub fn term(&self) -> u8 {
        self.ballot.written().term
    }
}

impl Memory {
    /// What a server knows when it comes up.
    pub fn new() -> Self {
        Self {
            part: Part::Follower,
            commit_index: 0,
            hears: false,
            owes: None,
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

    /// Whether the server has a leader, of which it may be the one.
    pub fn has_leader(&self) -> bool {
        self.hears || self.role() == Role::Leader
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// Nothing has happened.
    pub fn new(servers: usize, node: Node) -> Self {
        Self {
            nodes: PerNode::all(servers, node),
            replies: Bag::new(),
            committed: Record::new(),
            faults: Faults::default(),
        }
    }

    /// The leaders that are up.
    pub fn leaders(&self) -> impl Iterator<Item = (Server, &Node, &Leading)> {
        self.nodes
            .iter()
            .filter_map(|(i, node)| match &node.up()?.part {
                Part::Leader(leading) => Some((i, node, leading)),
                _ => None,
            })
    }

    /// The same with the servers renamed.
    pub fn permuted(&self, to: &Permutation) -> Self {
        let mut t = *self;
        for (i, node) in self.nodes.iter() {
            let renamed = &mut t.nodes[to.apply(i)];
            *renamed = *node;
            let (synced, written) = (*node.disk.ballot.synced(), *node.disk.ballot.written());
            renamed.disk.ballot = Durable::new(synced.permuted(to));
            renamed.disk.ballot.write(written.permuted(to));
            if let Some(memory) = renamed.up_mut() {
                memory.part = memory.part.permuted(to);
                memory.owes = memory.owes.map(|reply| reply.permuted(to));
            }
        }
        t.replies = self.replies.iter().map(|m| m.permuted(to)).collect();
        t
    }
}

impl Ballot {
    fn permuted(&self, to: &Permutation) -> Self {
        Self {
            voted_for: self.voted_for.map(|j| to.apply(j)),
            ..*self
        }
    }
}

impl Part {
    fn permuted(&self, to: &Permutation) -> Self {
        match self {
            Self::Follower => Self::Follower,
            Self::Candidate(candidacy) => Self::Candidate(Candidacy {
                voters: to.apply_set(candidacy.voters),
                ..*candidacy
            }),
            Self::Leader(leading) => {
                let mut t = *leading;
                for (j, &next) in leading.next_index.iter() {
                    t.next_index[to.apply(j)] = next;
                    t.match_index[to.apply(j)] = leading.match_index[j];
                }
                Self::Leader(t)
            }
        }
    }
}

impl Reply {
    fn permuted(&self, to: &Permutation) -> Self {
        Self {
            source: to.apply(self.source),
            dest: to.apply(self.dest),
            ..*self
        }
    }
}

impl fmt::Debug for Ballot {
    /// `@2 voted=n1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.term)?;
        match self.voted_for {
            Some(j) => write!(f, " voted={j:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Reply {
    /// `n2→n1@1 Accepted(1)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            dest,
            term,
            says,
        } = self;
        write!(f, "{source:?}→{dest:?}@{term} {says:?}")
    }
}
