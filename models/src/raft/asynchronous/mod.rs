//! Raft on disks that are written asynchronously, over a network that forgets nothing: the rung that an implementation can be held against, step by step.
//!
//! `ReplicatedLog ⊐ AsynchronousRaft`. The actions are raft.tla's, with these differences:
//! - Messages are a set that only grows. One that was sent may arrive at any time, any number of times, or never; so loss, repetition and reordering are no actions.
//! - What a server has decided is *written*, and later *synced* ([`disk`]); several steps may be gathered into one write, and several writes may be under way. What a server
//!   says waits for the write that makes it true, except for a leader's entries, which leave at once (thesis, §10.2.1). Term, vote and log are one store, whose writes become durable
//!   in order; a crash may come between any two.
//! - AppendEntries carries any part of the leader's log, so that there is no `nextIndex`, and a request says what a heartbeat, a repetition, a window of messages or a snapshot say.
//!   What a snapshot covers is a prefix that its server knows to be committed: an index on the disk ([`state::Store::covered`]), and a request from the first entry on.
//! - Timeouts come when they like: asked by the leader, after a pre-vote, while a leader is heard. Who leads or stands may give up. All that counts in a refusal is its term.
//! - No number is bounded by a type: sizes are, where they are explored ([`Size`]), and what is asked about single steps of long runs is not.
//!
//! What is committed is a history variable ([`history`]).

pub mod configs;
pub mod disk;
pub mod elections;
pub mod history;
pub mod lemmas;
pub mod replication;
pub mod start;
pub mod state;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Model;

use crate::kit::Spec;
use crate::raft::Server;
use crate::raft::asynchronous::start::Start;
use crate::raft::asynchronous::state::{Body, Memory, Message, Node, Part, State};

/// Servers that do not wait for their disks.
#[derive(Clone, Debug)]
pub struct AsynchronousRaft<S = Faithful> {
    /// What is explored of it.
    pub size: Size,
    /// The rules that are kept.
    pub rules: S,
}

/// What is explored. Nothing of this restricts a step that is asked about.
#[derive(Clone, Debug)]
pub struct Size {
    /// How many servers there are.
    pub servers: usize,
    /// How many values clients ask for.
    pub values: usize,
    /// The largest term. Terms begin at 0.
    pub max_term: u64,
    /// The largest length of a log.
    pub max_log: u64,
    /// The most messages that were ever sent, or wait for a disk.
    pub max_msgs: usize,
    /// The most writes of one server that are under way.
    pub max_writes: usize,
    /// How often servers crash.
    pub crashes: u32,
    /// Whether a server may take several steps before it writes.
    pub gathers: bool,
    /// Whether refusals are sent.
    pub refuses: bool,
    /// Whether there are snapshots.
    pub covers: bool,
    /// Where the exploration begins.
    pub start: Start,
}

impl Size {
    /// Whatever so many servers do.
    pub fn unbounded(servers: usize) -> Self {
        Self {
            servers,
            values: 1,
            max_term: u64::MAX,
            max_log: u64::MAX,
            max_msgs: usize::MAX,
            max_writes: usize::MAX,
            crashes: u32::MAX,
            gathers: true,
            refuses: true,
            covers: true,
            start: Start::Fresh,
        }
    }
}

crate::actions! {
    /// What happens.
    pub enum Action: Clone {
        /// What a server has decided goes to its disk.
        Write(Server),
        /// A server's oldest write becomes durable, and what waited for it is sent.
        Sync(Server),
        /// A server stops, and so many of its writes reach the disk.
        Crash(Server, usize),
        /// A server comes back with what is on its disk.
        Restart(Server),
        /// A server's disk is to hold that its log is committed up to that index.
        Cover(Server, u64),
        /// A server starts an election.
        Timeout(Server),
        /// The first server asks the second one for its vote.
        RequestVote(Server, Server),
        /// A server decides to give its vote.
        HandleRequestVoteRequest(Message),
        /// A candidate counts a vote.
        HandleRequestVoteResponse(Message),
        /// A candidate counts its own vote, which its disk has.
        CountOwnVote(Server),
        /// A candidate has enough votes.
        BecomeLeader(Server),
        /// A server learns of a newer term.
        UpdateTerm(Message),
        /// A server gives up what it is.
        StepDown(Server),
        /// The first server refuses what the second one has asked.
        Refuse(Server, Server),
        /// A leader takes a request for that value.
        ClientRequest(Server, u64),
        /// The first server sends the second one what follows an index, up to an index, and a commit index.
        AppendEntries(Server, Server, u64, u64, u64),
        /// A follower takes entries.
        HandleAppendEntriesRequest(Message),
        /// A follower acknowledges what it knows to be committed.
        AcknowledgeCommitted(Message),
        /// A leader takes note of an acknowledgement.
        HandleAppendEntriesResponse(Message),
        /// A leader commits its log up to that index.
        AdvanceCommitIndex(Server, u64),
    }
}

impl<S: RuleSet<Rule>> Model for AsynchronousRaft<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self.size.servers)]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for (i, node) in s.servers().zip(&s.nodes) {
            let Some(memory) = node.up() else {
                actions.push(Action::Restart(i));
                continue;
            };
            actions.extend([Action::Write(i), Action::Sync(i)]);
            actions.extend((0..=node.writes.len()).map(|kept| Action::Crash(i, kept)));
            if self.may_go_on(node, memory) {
                self.own_actions(s, i, memory, actions);
            }
        }
        for m in s.messages.iter() {
            let node = s.node(m.dest);
            if node.up().is_some_and(|memory| self.may_go_on(node, memory)) {
                actions.push(Action::UpdateTerm(m.clone()));
                handlers(m, actions);
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Write(i) => self.write(s, i),
            Action::Sync(i) => self.sync(s, i),
            Action::Crash(i, kept) => self.crash(s, i, kept),
            Action::Restart(i) => self.restart(s, i),
            Action::Cover(i, index) => self.cover(s, i, index),
            Action::Timeout(i) => self.timeout(s, i),
            Action::RequestVote(i, j) => self.request_vote(s, i, j),
            Action::HandleRequestVoteRequest(m) => self.handle_request_vote_request(s, &m),
            Action::HandleRequestVoteResponse(m) => self.handle_request_vote_response(s, &m),
            Action::CountOwnVote(i) => self.count_own_vote(s, i),
            Action::BecomeLeader(i) => self.become_leader(s, i),
            Action::UpdateTerm(m) => self.update_term(s, &m),
            Action::StepDown(i) => self.step_down(s, i),
            Action::Refuse(i, j) => self.refuse(s, i, j),
            Action::ClientRequest(i, value) => self.client_request(s, i, value),
            Action::AppendEntries(i, j, prev, upto, commit_index) => {
                self.append_entries(s, (i, j), (prev, upto), commit_index)
            }
            Action::HandleAppendEntriesRequest(m) => self.handle_append_entries_request(s, &m),
            Action::AcknowledgeCommitted(m) => self.acknowledge_committed(s, &m),
            Action::HandleAppendEntriesResponse(m) => self.handle_append_entries_response(s, &m),
            Action::AdvanceCommitIndex(i, index) => self.advance_commit_index(s, i, index),
        }
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }
}

impl<S: RuleSet<Rule>> AsynchronousRaft<S> {
    /// Where steps are not gathered, a server writes what it has decided before it goes on. That is a schedule, and no rule.
    fn may_go_on(&self, node: &Node, memory: &Memory) -> bool {
        self.size.gathers || (memory.outbox.is_empty() && memory.store == *node.written())
    }

    fn own_actions(&self, s: &State, i: Server, memory: &Memory, actions: &mut Vec<Action>) {
        let indices = 1..=memory.store.last_index();
        actions.extend([
            Action::Timeout(i),
            Action::CountOwnVote(i),
            Action::BecomeLeader(i),
            Action::StepDown(i),
        ]);
        actions.extend((0..self.size.values as u64).map(|value| Action::ClientRequest(i, value)));
        actions.extend(indices.clone().map(|at| Action::AdvanceCommitIndex(i, at)));
        if self.size.covers {
            actions.extend(indices.map(|at| Action::Cover(i, at)));
        }
        for j in s.servers().filter(|&j| j != i) {
            actions.push(Action::RequestVote(i, j));
            if self.size.refuses {
                actions.push(Action::Refuse(i, j));
            }
            requests(i, j, memory, actions);
        }
    }
}

/// Every request for entries that a server could send, if it led.
fn requests(i: Server, j: Server, memory: &Memory, actions: &mut Vec<Action>) {
    let last = memory.store.last_index();
    for prev in 0..=last {
        for upto in prev..=last {
            let commits = 0..=memory.commit_index;
            actions.extend(commits.map(|commit| Action::AppendEntries(i, j, prev, upto, commit)));
        }
    }
}

fn handlers(m: &Message, actions: &mut Vec<Action>) {
    match &m.body {
        Body::RequestVoteRequest { .. } => {
            actions.push(Action::HandleRequestVoteRequest(m.clone()));
        }
        Body::RequestVoteResponse => actions.push(Action::HandleRequestVoteResponse(m.clone())),
        Body::AppendEntriesRequest { .. } => actions.extend([
            Action::HandleAppendEntriesRequest(m.clone()),
            Action::AcknowledgeCommitted(m.clone()),
        ]),
        Body::AppendEntriesResponse { .. } => {
            actions.push(Action::HandleAppendEntriesResponse(m.clone()));
        }
        Body::Refusal => {}
    }
}

impl<S: RuleSet<Rule>> Spec for AsynchronousRaft<S> {
    const BOUNDS: &'static [&'static str] =
        &["max_term", "max_log", "max_msgs", "max_writes", "crashes"];

    fn exceeded(&self, s: &State) -> Option<usize> {
        let size = &self.size;
        let stores = || s.up().map(|(_, memory)| &memory.store);
        [
            stores().any(|store| store.term > size.max_term),
            stores().any(|store| store.last_index() > size.max_log),
            s.said() > size.max_msgs,
            s.nodes
                .iter()
                .any(|node| node.writes.len() > size.max_writes),
            s.crashes > size.crashes,
        ]
        .iter()
        .position(|&exceeded| exceeded)
    }
}

/// What the leader knows each server to hold, if it leads.
pub(super) fn match_index(memory: &Memory) -> Option<&[u64]> {
    match &memory.part {
        Part::Leader(known) => Some(known),
        Part::Follower | Part::Candidate(_) => None,
    }
}
