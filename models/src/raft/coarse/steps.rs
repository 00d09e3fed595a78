//! Of which actions of raft.tla each step of coarse Raft is composed.

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Model;

use crate::kit::{Mapped, NodeSet, Refines};
use crate::raft::coarse::{Action, CoarseRaft, Judge, Node, State, repeated};
use crate::raft::protocol::{self, Raft, Size, handler};
use crate::raft::start::Start;
use crate::raft::state::{self, Message, ServerState};
use crate::raft::{MAX_LOG, MAX_MSGS, MAX_SERVERS, MAX_TERM, Role, Server, Value};

/// An election: a restart, timeouts; of each voter a restart, the request, the newer term, the vote and its counting; one answer repeated; and the
/// leader.
const ELECTION: usize = 1 + (MAX_TERM + 1) + 5 * MAX_SERVERS + 2 + 1;
/// A replication: a restart and a newer term; refusals, of three actions each; of each entry the request, its answer, one action that appends and one that is
/// done; and every removal.
const REPLICATION: usize = 2 + 3 * (MAX_LOG + 1) + 4 * (MAX_LOG + 1) + MAX_LOG;

impl<S: RuleSet<Rule>> Refines for CoarseRaft<S> {
    const STEPS: usize = if ELECTION > REPLICATION {
        ELECTION
    } else {
        REPLICATION
    };

    type Abstract = Raft;

    fn abstract_model(&self) -> Raft {
        Raft {
            size: Size {
                servers: self.servers,
                values: 1,
                max_term: self.max_term,
                max_log: self.max_log,
                max_msgs: MAX_MSGS,
                start: Start::Init,
            },
            rules: Faithful,
        }
    }

    /// The same servers, no message. Nobody has used AdvanceCommitIndex.
    fn abstract_state(&self, s: &State) -> state::State {
        let mut t = state::State::new(self.servers);
        if self.judge == Judge::Raft {
            for (i, node) in s.nodes.iter() {
                t.servers[i] = node.in_raft(self.servers);
            }
        }
        t
    }

    fn witness(
        &self,
        before: &State,
        action: &Action,
        after: &State,
        mapped: Mapped<'_, Self::Abstract>,
    ) -> Vec<protocol::Action> {
        let mut steps = Composition {
            model: mapped.above,
            state: *mapped.from,
            taken: Vec::new(),
        };
        match *action {
            Action::Restart(i) => steps.restart(i),
            Action::Elect(i, voters, timeouts) => steps.elect(i, voters, timeouts),
            Action::ClientRequest(i) => steps.take(protocol::Action::ClientRequest(i, Value::A)),
            Action::Replicate(i, j, upto) => steps.replicate(i, j, upto, &before.nodes[j], after),
            // Judged by Figure 3 alone, where nothing is to be composed.
            Action::Commit(_) | Action::ReplicateAnew(..) => {}
        }
        steps.taken
    }
}

impl Node {
    fn in_raft(&self, servers: usize) -> ServerState {
        let mut server = ServerState::new(servers);
        server.term = self.term;
        server.voted_for = self.voted_for;
        server.log = self.log;
        if let Some(leads) = &self.leads {
            server.role = Role::Leader;
            server.votes_responded = leads.voters;
            server.votes_granted = leads.voters;
            server.match_index = leads.match_index;
            for j in leads.match_index.nodes() {
                server.next_index.set(j, self.next_index(j));
            }
        }
        server
    }
}

/// Actions of raft.tla, one after the other. One that cannot be taken is noted all the same: it is then seen that the composition is none.
struct Composition<'m> {
    model: &'m Raft,
    state: state::State,
    taken: Vec<protocol::Action>,
}

impl Composition<'_> {
    fn take(&mut self, action: protocol::Action) {
        self.taken.push(action);
        if let Some(state) = self.model.next_state(&self.state, action) {
            self.state = state;
        }
    }

    fn restart(&mut self, i: Server) {
        self.take(protocol::Action::Restart(i));
    }

    fn in_flight(&self) -> Option<Message> {
        self.state.messages.iter().next().copied()
    }

    /// Handles what is in flight, as far as one action goes. There is one message, or two that are the same.
    fn handle(&mut self) {
        if let Some(m) = self.in_flight() {
            let newer = m.term > self.state.servers[m.dest].term;
            self.take(if newer {
                protocol::Action::UpdateTerm(m)
            } else {
                handler(m)
            });
        }
    }

    /// Handles what is in flight until nothing is.
    fn settle(&mut self) {
        while !self.state.messages.is_empty() && self.taken.len() <= CoarseRaft::<Faithful>::STEPS {
            self.handle();
        }
    }

    fn elect(&mut self, i: Server, voters: NodeSet<Server>, timeouts: u8) {
        if self.state.servers[i].role == Role::Leader {
            self.restart(i);
        }
        (0..timeouts).for_each(|_| self.take(protocol::Action::Timeout(i)));
        let repeated = repeated(i, voters);
        for v in voters.iter() {
            if self.state.servers[v].role == Role::Leader {
                self.restart(v);
            }
            self.take(protocol::Action::RequestVote(i, v));
            while self.state.messages.iter().any(|m| !m.is_response())
                && self.taken.len() <= CoarseRaft::<Faithful>::STEPS
            {
                self.handle();
            }
            let answer = self.in_flight();
            if let Some(answer) = answer.filter(|_| repeated == Some(v)) {
                self.take(protocol::Action::DuplicateMessage(answer));
            }
            self.settle();
        }
        self.take(protocol::Action::BecomeLeader(i));
    }

    /// The leader sends requests until the follower has acknowledged what it has after the step.
    fn replicate(&mut self, i: Server, j: Server, upto: u8, before: &Node, after: &State) {
        if before.leads.is_some() {
            self.restart(j);
        }
        let goal = after.nodes[i]
            .leads
            .map_or(upto, |leads| leads.match_index[j]);
        loop {
            self.take(protocol::Action::AppendEntries(i, j));
            self.settle();
            let reached = self.state.servers[i].match_index[j] >= goal;
            let accepted = reached && self.state.servers[j].log == after.nodes[j].log;
            if accepted || self.taken.len() > CoarseRaft::<Faithful>::STEPS {
                break;
            }
        }
    }
}
