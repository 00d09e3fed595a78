//! Raft where it must come to an end: elections and replication by messages, with a budget of disturbances and terms that know only their order.
//!
//! [`temporal`] is what it promises, under which fairness. The paper's argument (§5.6: broadcast time ≪ election timeout ≪ time between failures) is made of
//! two things here that need no clock. *Timers that go off apart*: where it is [quiet](State::is_quiet), a timer may go off at any time, since the election before is
//! over; anywhere else a timer that goes off is a *disturbance*, as crashes and losses are. *A budget of disturbances*, which is part of the state: once it is spent, none is
//! offered. Nothing says when they come, nor that they come, so a promise speaks of every finite schedule of them, however late. No action leads outside of the
//! model, which has no bounds: "holds" is unconditional.
//!
//! Terms grow without bound, so [`ranks`] keeps only their order, which is all that Raft looks at.
//!
//! Left out, and why that is safe here:
//! - A server has at most one request and one reply under way to each other server; it sends the next one when that has arrived, or is lost. Requests of one sender
//!   do not overtake each other, then. What reordering does to safety, [`protocol`](crate::raft::protocol) shows; a promise speaks of what arrives in the end.
//! - A newer term is adopted, a vote is counted and the leader made, an acknowledgement is noted and the entry committed, in one step each: nobody looks between.
//! - A crash breaks the connections to the server: what was under way to it is lost, and nobody sends to it until it is back. What it had sent arrives.
//! - What only a candidate or a leader reads is forgotten when a server becomes a follower. Disks are synced at once ([`durable`](crate::raft::durable)).
//! - A log has room for so many entries, and a leader whose log is full takes no request. To take one is a step that nobody needs.

mod elections;
pub mod ranks;
mod replication;
pub mod state;
pub mod temporal;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Spec, given};
use crate::raft::live::ranks::NewTerm;
use crate::raft::live::state::{Budget, State};
use crate::raft::state::ServerState;
use crate::raft::{Role, Server};

/// The most servers that this model holds.
pub const MAX_LIVE_SERVERS: usize = 3;

/// Servers that elect a leader and replicate its log.
#[derive(Clone, Debug)]
pub struct LiveRaft<S = Faithful> {
    /// How many servers there are.
    pub servers: usize,
    /// The largest length of a log.
    pub max_log: usize,
    /// When timers go off.
    pub timers: Timers,
    /// The disturbances that there may be.
    pub budget: Budget,
    /// What an implementation does otherwise.
    pub habit: Habit,
    /// The rules that are kept.
    pub rules: S,
}

/// When timers go off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timers {
    /// One where it is quiet; elsewhere as often as the budget says. That is what randomised timeouts are for (§5.2).
    Apart,
    /// All at once where it is quiet, as timeouts that are not randomised may: an expected failure, split votes for ever.
    Together,
}

/// What an implementation does otherwise than the paper. Each keeps Raft safe, and keeps it from going on: expected failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Nothing.
    Faithful,
    /// A server begins a new term when it gives its vote.
    VoterBeginsTerm,
    /// A leader that looks for entries to commit stops at the first one that is of an older term.
    CommitStopsAtOldTerm,
    /// A server begins a new term when it gives its vote, and takes the vote along, so that it has none to give there.
    VoterRaisesTerm,
}

impl Timers {
    /// The names by which the command line knows them, in the order of [`Timers::from_choice`].
    pub const NAMES: &'static [&'static str] = &["apart", "together"];

    /// The ones of that position in [`Timers::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Apart, Self::Together][choice as usize]
    }
}

impl Habit {
    /// The names by which the command line knows them, in the order of [`Habit::from_choice`].
    pub const NAMES: &'static [&'static str] = &[
        "faithful",
        "voter-begins-term",
        "commit-stops",
        "voter-raises-term",
    ];

    /// The one of that position in [`Habit::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [
            Self::Faithful,
            Self::VoterBeginsTerm,
            Self::CommitStopsAtOldTerm,
            Self::VoterRaisesTerm,
        ][choice as usize]
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What happens.
    pub enum Action {
        /// A server starts an election, in a term that lies there among the terms that exist.
        Timeout(Server, NewTerm),
        /// All servers do at once.
        TimeoutTogether,
        /// A candidate asks a server for its vote.
        RequestVote(Server, Server),
        /// A leader takes a request.
        ClientRequest(Server),
        /// A leader sends the next entry, or none.
        AppendEntries(Server, Server),
        /// The first server's request arrives at the second one.
        ReceiveRequest(Server, Server),
        /// The first server's reply arrives at the second one.
        ReceiveResponse(Server, Server),
        /// The first server's request to the second one is lost.
        DropRequest(Server, Server),
        /// The first server's reply to the second one is lost.
        DropResponse(Server, Server),
        /// A server stops.
        Crash(Server),
        /// A server comes back with what is on its disk.
        Restart(Server),
    }
}

impl<S: RuleSet<Rule>> LiveRaft<S> {
    fn drop_request(&self, s: &State, i: Server, j: Server) -> Option<State> {
        given(s.requests[i][j].is_some())?;

        let mut t = *s;
        t.left.losses = s.left.losses.checked_sub(1)?;
        t.requests[i][j] = None;
        Some(t)
    }

    fn drop_response(&self, s: &State, i: Server, j: Server) -> Option<State> {
        given(s.responses[i][j].is_some())?;

        let mut t = *s;
        t.left.losses = s.left.losses.checked_sub(1)?;
        t.responses[i][j] = None;
        Some(t)
    }

    /// What was under way to the server is lost with it.
    fn crash(&self, s: &State, i: Server) -> Option<State> {
        given(s.is_up(i))?;

        let mut t = *s;
        t.left.crashes = s.left.crashes.checked_sub(1)?;
        t.down.insert(i);
        t.servers[i] = ServerState {
            term: s.servers[i].term,
            voted_for: s.servers[i].voted_for,
            log: s.servers[i].log,
            ..ServerState::new(self.servers)
        };
        for j in s.servers.nodes() {
            t.requests[j][i] = None;
            t.responses[j][i] = None;
        }
        Some(t)
    }

    fn restart(&self, s: &State, i: Server) -> Option<State> {
        given(s.down.contains(i))?;

        let mut t = *s;
        t.down.remove(i);
        Some(t)
    }

    /// A server that is not, or no longer, at the head of anything.
    fn follow(&self, server: &mut ServerState) {
        *server = ServerState {
            role: Role::Follower,
            term: server.term,
            voted_for: server.voted_for,
            log: server.log,
            commit_index: server.commit_index,
            ..ServerState::new(self.servers)
        };
    }

    /// A newer term is adopted, without a vote in it.
    fn adopt(&self, server: &mut ServerState, term: u8) {
        let newer = term > server.term;
        if !self.rules.requires(Rule::UpdateTermNewer, newer) {
            return;
        }
        if self.rules.performs(Rule::UpdateTermAdopts) {
            server.term = term;
        }
        if self.rules.performs(Rule::UpdateTermStepsDown) {
            self.follow(server);
        }
        if self.rules.performs(Rule::UpdateTermClearsVote) {
            server.voted_for = None;
        }
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> LiveRaft<S> {
    /// What an action does. The terms are not numbered anew; nothing depends on how they are numbered.
    pub fn taken(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Timeout(i, new) => self.timeout(s, i, new),
            Action::TimeoutTogether => self.timeout_together(s),
            Action::RequestVote(i, j) => self.request_vote(s, i, j),
            Action::ClientRequest(i) => self.client_request(s, i),
            Action::AppendEntries(i, j) => self.append_entries(s, i, j),
            Action::ReceiveRequest(i, j) => self.receive_request(s, i, j),
            Action::ReceiveResponse(i, j) => self.receive_response(s, i, j),
            Action::DropRequest(i, j) => self.drop_request(s, i, j),
            Action::DropResponse(i, j) => self.drop_response(s, i, j),
            Action::Crash(i) => self.crash(s, i),
            Action::Restart(i) => self.restart(s, i),
        }
    }
}

impl<S: RuleSet<Rule>> Model for LiveRaft<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self.servers, self.budget)]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        actions.push(Action::TimeoutTogether);
        for i in s.servers.nodes() {
            actions.extend(NewTerm::ALL.map(|new| Action::Timeout(i, new)));
            actions.extend([
                Action::ClientRequest(i),
                Action::Crash(i),
                Action::Restart(i),
            ]);
            for j in s.servers.nodes().filter(|&j| j != i) {
                actions.extend([
                    Action::RequestVote(i, j),
                    Action::AppendEntries(i, j),
                    Action::ReceiveRequest(i, j),
                    Action::ReceiveResponse(i, j),
                    Action::DropRequest(i, j),
                    Action::DropResponse(i, j),
                ]);
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        let mut t = self.taken(s, action)?;
        t.renumber();
        Some(t)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        Vec::new()
    }
}

impl<S: RuleSet<Rule>> Spec for LiveRaft<S> {}
