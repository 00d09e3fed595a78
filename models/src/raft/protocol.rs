//! Raft: raft.tla, action for action, without the variables that are there for the proof.
//!
//! A message of which no copy is left is gone, where raft.tla keeps it with a count of 0. AdvanceCommitIndex that would change nothing is
//! not a step. Everything else is to the letter, so that the numbers of states are TLC's.

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::events::event;
use super::properties::{raft_properties, raft_step_properties};
use super::start::{Start, replay};
use super::state::{Body, Message, State};
use super::{Server, Value};
use crate::kit::symmetry::{Permutation, least};
use crate::kit::{Anything, Event, Refines, Spec, StepProperty, given};

/// Servers that replicate a log by messages.
#[derive(Clone, Debug)]
pub struct Raft<S = Faithful> {
    /// How large the model is.
    pub size: Size,
    /// The rules that are kept.
    pub rules: S,
}

/// How large a model of Raft is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many servers there are.
    pub servers: usize,
    /// How many values clients ask for.
    pub values: usize,
    /// The largest term. Terms begin at 1.
    pub max_term: u8,
    /// The largest length of a log.
    pub max_log: usize,
    /// The most messages in flight, duplicates counted.
    pub max_msgs: usize,
    /// Where the exploration begins.
    pub start: Start,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of raft.tla. `Receive` is split into what it does.
    pub enum Action {
        /// A server forgets all that is not durable.
        Restart(Server),
        /// A server starts an election.
        Timeout(Server),
        /// The first server asks the second one for its vote.
        RequestVote(Server, Server),
        /// A candidate that has won becomes leader.
        BecomeLeader(Server),
        /// A leader takes a request.
        ClientRequest(Server, Value),
        /// A leader sees what is committed.
        AdvanceCommitIndex(Server),
        /// The first server sends the second one an entry, or a heartbeat.
        AppendEntries(Server, Server),
        /// The receiver adopts the message's newer term. The message stays in flight.
        UpdateTerm(Message),
        /// The receiver votes or refuses to.
        HandleRequestVoteRequest(Message),
        /// The receiver counts a vote.
        HandleRequestVoteResponse(Message),
        /// The receiver does the next thing that a request to append asks for, until it can answer.
        HandleAppendEntriesRequest(Message),
        /// The receiver takes note of an acknowledgement or a refusal.
        HandleAppendEntriesResponse(Message),
        /// The receiver drops an answer of an older term.
        DropStaleResponse(Message),
        /// The network duplicates a message.
        DuplicateMessage(Message),
        /// The network loses a message.
        DropMessage(Message),
    }
}

/// What each kind of message asks of its receiver, apart from its term.
pub(super) fn handler(m: Message) -> Action {
    match m.body {
        Body::RequestVoteRequest { .. } => Action::HandleRequestVoteRequest(m),
        Body::RequestVoteResponse { .. } => Action::HandleRequestVoteResponse(m),
        Body::AppendEntriesRequest { .. } => Action::HandleAppendEntriesRequest(m),
        Body::AppendEntriesResponse { .. } => Action::HandleAppendEntriesResponse(m),
    }
}

impl<S: RuleSet<Rule>> Raft<S> {
    fn duplicate_message(&self, s: &State, m: Message) -> Option<State> {
        given(s.messages.contains(&m))?;

        let mut t = *s;
        t.messages.insert(m);
        Some(t)
    }

    fn drop_message(&self, s: &State, m: Message) -> Option<State> {
        given(s.messages.contains(&m))?;

        let mut t = *s;
        t.messages.remove(&m);
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for Raft<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![replay(
            self,
            State::new(self.size.servers),
            self.size.start.script(),
        )]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for i in s.servers.nodes() {
            actions.extend([
                Action::Restart(i),
                Action::Timeout(i),
                Action::BecomeLeader(i),
                Action::AdvanceCommitIndex(i),
            ]);
            let values = Value::ALL[..self.size.values].iter();
            actions.extend(values.map(|&v| Action::ClientRequest(i, v)));
            for j in s.servers.nodes() {
                actions.push(Action::RequestVote(i, j));
                if i != j {
                    actions.push(Action::AppendEntries(i, j));
                }
            }
        }
        for &m in s.messages.distinct() {
            actions.extend([
                Action::UpdateTerm(m),
                handler(m),
                Action::DuplicateMessage(m),
                Action::DropMessage(m),
            ]);
            if m.is_response() {
                actions.push(Action::DropStaleResponse(m));
            }
        }
    }

    #[inline(always)]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Restart(i) => self.restart(s, i),
            Action::Timeout(i) => self.timeout(s, i),
            Action::RequestVote(i, j) => self.request_vote(s, i, j),
            Action::BecomeLeader(i) => self.become_leader(s, i),
            Action::ClientRequest(i, v) => self.client_request(s, i, v),
            Action::AdvanceCommitIndex(i) => self.advance_commit_index(s, i),
            Action::AppendEntries(i, j) => self.append_entries(s, i, j),
            Action::UpdateTerm(m) => self.update_term(s, m),
            Action::HandleRequestVoteRequest(m) => self.handle_request_vote_request(s, m),
            Action::HandleRequestVoteResponse(m) => self.handle_request_vote_response(s, m),
            Action::HandleAppendEntriesRequest(m) => self.handle_append_entries_request(s, m),
            Action::HandleAppendEntriesResponse(m) => self.handle_append_entries_response(s, m),
            Action::DropStaleResponse(m) => self.drop_stale_response(s, m),
            Action::DuplicateMessage(m) => self.duplicate_message(s, m),
            Action::DropMessage(m) => self.drop_message(s, m),
        }
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        raft_properties()
    }
}

impl<S: RuleSet<Rule>> Spec for Raft<S> {
    const BOUNDS: &'static [&'static str] = &["max_term", "max_log", "max_msgs"];
    const SYMMETRY: Option<&'static str> = Some("permutations of servers");

    fn exceeded(&self, s: &State) -> Option<usize> {
        let mut servers = s.servers.values().iter();
        if servers.clone().any(|i| i.term > self.size.max_term) {
            Some(0)
        } else if servers.any(|i| i.log.len() > self.size.max_log) {
            Some(1)
        } else if s.messages.len() > self.size.max_msgs {
            Some(2)
        } else {
            None
        }
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        raft_step_properties()
    }

    fn event(&self, before: &State, action: &Action) -> Event {
        event(before, action, self.next_state(before, *action).as_ref())
    }

    fn canonical(&self, s: &State) -> State {
        least(Permutation::group(self.size.servers), |to| s.permuted(to))
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

/// What is committed cannot be read off a state of raft.tla, so that this rung alone is mapped to nothing. The same actions with a
/// record of what was committed refine the promise: see [`history`](super::history).
impl<S: RuleSet<Rule>> Refines for Raft<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
