//! The variables and messages of raft.tla.

use std::fmt;

use super::{Entry, Log, MAX_MSGS, MAX_SERVERS, Role, Server};
use crate::kit::symmetry::Permutation;
use crate::kit::{Bag, Nibbles, NodeSet, PerNode};

/// The variables of raft.tla, but for those that are there for the proof.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What each server remembers.
    pub servers: PerNode<Server, ServerState, MAX_SERVERS>,
    /// `messages`: those in flight, duplicates counted.
    pub messages: Bag<Message, { MAX_MSGS + 1 }>,
}

/// What a server remembers. The term, the vote and the log are durable; a restart forgets the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerState {
    /// `currentTerm`.
    pub term: u8,
    /// `state`.
    pub role: Role,
    /// `votedFor`: for whom it voted in its term.
    pub voted_for: Option<Server>,
    /// `commitIndex`: up to where it knows its log to be committed.
    pub commit_index: u8,
    /// `votesResponded`: who has answered the candidate.
    pub votes_responded: NodeSet<Server>,
    /// `votesGranted`: who has voted for the candidate.
    pub votes_granted: NodeSet<Server>,
    /// `log`.
    pub log: Log,
    /// `nextIndex`: the entry that the leader will send next to each follower.
    pub next_index: Nibbles<Server>,
    /// `matchIndex`: up to where each follower has acknowledged the leader's log.
    pub match_index: Nibbles<Server>,
}

/// A message in flight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// `mterm`: the sender's term when it was sent.
    pub term: u8,
    /// `msource`: who sent it.
    pub source: Server,
    /// `mdest`: for whom it is.
    pub dest: Server,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// A candidate asks for a vote.
    RequestVoteRequest {
        /// `mlastLogTerm`: the term of the candidate's last entry.
        last_log_term: u8,
        /// `mlastLogIndex`: the index of the candidate's last entry.
        last_log_index: u8,
    },
    /// A server answers a candidate.
    RequestVoteResponse {
        /// `mvoteGranted`: whether it votes for the candidate.
        vote_granted: bool,
    },
    /// A leader sends an entry, or none: a heartbeat.
    AppendEntriesRequest {
        /// `mprevLogIndex`: the index of the entry that precedes.
        prev_log_index: u8,
        /// `mprevLogTerm`: the term of the entry that precedes.
        prev_log_term: u8,
        /// `mentries`: at most one.
        entry: Option<Entry>,
        /// `mcommitIndex`: up to where the log is committed.
        commit_index: u8,
    },
    /// A follower answers a leader.
    AppendEntriesResponse {
        /// `msuccess`: whether the log agrees with the leader's.
        success: bool,
        /// `mmatchIndex`: up to where it does, 0 in a refusal.
        match_index: u8,
    },
}

const _: () = assert!(size_of::<Message>() <= 8, "messages are packed");

impl Default for Message {
    /// Fills the room for messages that are not in flight.
    fn default() -> Self {
        Self {
            term: 0,
            source: Server::default(),
            dest: Server::default(),
            body: Body::RequestVoteResponse {
                vote_granted: false,
            },
        }
    }
}

impl State {
    /// `Init`.
    pub fn new(servers: usize) -> Self {
        Self {
            servers: PerNode::all(servers, ServerState::new(servers)),
            messages: Bag::new(),
        }
    }

    /// The same with the servers renamed.
    pub fn permuted(&self, to: &Permutation) -> Self {
        let mut t = *self;
        for (i, server) in self.servers.iter() {
            t.servers[to.apply(i)] = server.permuted(to);
        }
        t.messages = self.messages.iter().map(|m| m.permuted(to)).collect();
        t
    }
}

impl ServerState {
    /// A server that remembers nothing, one of so many.
    pub fn new(servers: usize) -> Self {
        Self {
            term: 1,
            role: Role::Follower,
            voted_for: None,
            commit_index: 0,
            votes_responded: NodeSet::empty(),
            votes_granted: NodeSet::empty(),
            log: Log::new(),
            next_index: Nibbles::all(servers, 1),
            match_index: Nibbles::all(servers, 0),
        }
    }

    fn permuted(&self, to: &Permutation) -> Self {
        let mut t = *self;
        t.voted_for = self.voted_for.map(|j| to.apply(j));
        t.votes_responded = to.apply_set(self.votes_responded);
        t.votes_granted = to.apply_set(self.votes_granted);
        for (j, next) in self.next_index.iter() {
            t.next_index.set(to.apply(j), next);
            t.match_index.set(to.apply(j), self.match_index[j]);
        }
        t
    }
}

impl Message {
    fn permuted(&self, to: &Permutation) -> Self {
        Self {
            source: to.apply(self.source),
            dest: to.apply(self.dest),
            ..*self
        }
    }
}

impl AsRef<State> for State {
    fn as_ref(&self) -> &State {
        self
    }
}

// ---------------------------------------------------------------------------------------------------------- How it prints

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("State");
        for (i, server) in self.servers.iter() {
            shown.field(NAMES[i.0 as usize], server);
        }
        shown.field("messages", &self.messages).finish()
    }
}

const NAMES: [&str; MAX_SERVERS] = ["n1", "n2", "n3", "n4", "n5"];

impl fmt::Debug for ServerState {
    /// `Leader@2 voted=n1 log=[a@2] commit=1 votes={n1, n2}/{n1, n2} next=[1, 2] match=[0, 1]`: votes granted / answers, and
    /// indices in the order of the servers. What is as it was in the beginning is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}", self.role, self.term)?;
        if let Some(j) = self.voted_for {
            write!(f, " voted={j:?}")?;
        }
        write!(f, " log=[")?;
        for (at, entry) in self.log.iter().enumerate() {
            write!(f, "{}{entry:?}", if at > 0 { ", " } else { "" })?;
        }
        write!(f, "]")?;
        if self.commit_index > 0 {
            write!(f, " commit={}", self.commit_index)?;
        }
        if !self.votes_responded.is_empty() {
            write!(f, " votes={}", Nodes(self.votes_granted))?;
            write!(f, "/{}", Nodes(self.votes_responded))?;
        }
        for (name, indices, first) in [("next", self.next_index, 1), ("match", self.match_index, 0)]
        {
            if indices.values().any(|index| index != first) {
                write!(f, " {name}={:?}", indices.values().collect::<Vec<_>>())?;
            }
        }
        Ok(())
    }
}

/// A set of servers on one line, even where the rest is spread out.
struct Nodes(NodeSet<Server>);

impl fmt::Display for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|i| NAMES[i.0 as usize]).collect();
        write!(f, "{{{}}}", names.join(", "))
    }
}

impl fmt::Debug for Message {
    /// `n1→n2@2 AppendEntriesRequest prev=0@0 [a@2] commit=0`, where `@2` is the message's term and `prev` is index@term.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}→{:?}@{} ", self.source, self.dest, self.term)?;
        match self.body {
            Body::RequestVoteRequest {
                last_log_term,
                last_log_index,
            } => write!(
                f,
                "RequestVoteRequest last={last_log_index}@{last_log_term}"
            ),
            Body::RequestVoteResponse { vote_granted } => {
                write!(f, "RequestVoteResponse granted={vote_granted}")
            }
            Body::AppendEntriesRequest {
                prev_log_index,
                prev_log_term,
                entry,
                commit_index,
            } => {
                write!(
                    f,
                    "AppendEntriesRequest prev={prev_log_index}@{prev_log_term} ["
                )?;
                entry.map_or(Ok(()), |entry| write!(f, "{entry:?}"))?;
                write!(f, "] commit={commit_index}")
            }
            Body::AppendEntriesResponse {
                success,
                match_index,
            } => write!(
                f,
                "AppendEntriesResponse success={success} match={match_index}"
            ),
        }
    }
}
