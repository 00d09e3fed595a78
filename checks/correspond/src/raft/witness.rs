//! For which steps of the model a step of a Raft core stands.
//!
//! A core does in one step what the model does in several: it learns of a term, handles a message, writes, commits, sends. [`Plan`] takes the model's steps one by one towards the state
//! that the cluster has come to. It may take a wrong one, or none: whoever asked takes the steps again, and compares.

use std::collections::BTreeSet;

use concur_cores::raft::{Answer, Body as Said};
use concur_models::kit::Mapped;
use concur_models::raft::Server;
use concur_models::raft::asynchronous::Action;
use concur_models::raft::asynchronous::state::{Body, Memory, Message, Node, Part, State, Write};
use concur_rules::RuleSet;
use concur_rules::raft_core::RaftNodeRule as Rule;
use stateright::Model;

use super::mapping::{self, kept, server};
use super::{AboveRaft, Core};
use crate::cluster::{Event, State as Cluster};

/// Once for what an input leads to; once for what the disk's report leads to, where it comes at once; once for what that one's does.
const ROUNDS: usize = 3;

/// The steps of the model for which that step of the cluster stands.
pub(super) fn witness<S: RuleSet<Rule>>(
    before: &Cluster<Core<S>>,
    event: &Event<Core<S>>,
    mapped: Mapped<'_, AboveRaft>,
) -> Vec<Action> {
    let mut plan = Plan {
        above: mapped.above,
        i: server(event.node()),
        state: mapped.from.clone(),
        target: mapped.to,
        actions: Vec::new(),
    };
    match event {
        Event::Crash(id, durable) => {
            plan.take(Action::Crash(plan.i, kept(before.node(*id), *durable)));
            return plan.actions;
        }
        Event::Restart(_) => {
            plan.take(Action::Restart(plan.i));
        }
        Event::Sync(id) => {
            if kept(before.node(*id), 1) == 1 {
                plan.take(Action::Sync(plan.i));
            }
        }
        Event::Deliver(packet) => {
            if let Some(m) = mapping::message(&plan.state.nodes, packet) {
                plan.receive(&packet.message.body, m);
            }
        }
        Event::Request(..) | Event::Elapse(..) | Event::Given(..) => {}
    }
    for _ in 0..ROUNDS {
        if plan.state == *mapped.to {
            break;
        }
        plan.approach();
    }
    plan.actions
}

/// Steps of the model, towards a state.
struct Plan<'p> {
    above: &'p AboveRaft,
    /// The server to which something happens: nobody else takes a step.
    i: Server,
    state: State,
    target: &'p State,
    actions: Vec<Action>,
}

impl Plan<'_> {
    /// Takes a step, if the model has it.
    fn take(&mut self, action: Action) {
        if let Some(next) = self.above.next_state(&self.state, action.clone()) {
            self.state = next;
            self.actions.push(action);
        }
    }

    fn node(&self) -> &Node {
        &self.state.nodes[self.i.0 as usize]
    }

    fn aim(&self) -> &Node {
        &self.target.nodes[self.i.0 as usize]
    }

    /// What the server remembers now, and what it is to remember.
    fn memories(&self) -> Option<(&Memory, &Memory)> {
        Some((self.node().up()?, self.aim().up()?))
    }

    fn receive(&mut self, said: &Said<u64>, m: Message) {
        let Some((now, then)) = self.memories() else {
            return;
        };
        let covers = now.store.covered < then.store.covered;
        let known = now.commit_index;
        let adopts = now.store.term < m.term && m.term <= then.store.term;
        if adopts {
            self.take(Action::UpdateTerm(m.clone()));
        }
        match said {
            Said::RequestVoteRequest { .. } => self.take(Action::HandleRequestVoteRequest(m)),
            Said::RequestVoteResponse { granted: true } => {
                self.take(Action::HandleRequestVoteResponse(m));
            }
            Said::AppendEntriesRequest { .. } => self.take(Action::HandleAppendEntriesRequest(m)),
            Said::AppendEntriesResponse(Answer::Accepted { .. }) => {
                self.take(Action::HandleAppendEntriesResponse(m));
            }
            Said::InstallSnapshotRequest { .. } if covers => {
                self.take(Action::HandleAppendEntriesRequest(m));
            }
            Said::InstallSnapshotRequest { last, .. } => {
                self.step_down();
                if last.index <= known {
                    self.take(Action::AcknowledgeCommitted(m));
                }
            }
            _ => {}
        }
    }

    /// Steps in the order in which a core takes them.
    fn approach(&mut self) {
        self.elect();
        self.append();
        self.refuse();
        self.commit();
        self.write();
        self.commit();
        self.write();
        self.send();
    }

    fn elect(&mut self) {
        let i = self.i;
        let Some((now, then)) = self.memories() else {
            return;
        };
        if now.store.term < then.store.term && then.store.voted_for == Some(i) {
            self.take(Action::Timeout(i));
            for j in self.state.servers().filter(|&j| j != i) {
                if self.said(|m| m.dest == j && matches!(m.body, Body::RequestVoteRequest { .. })) {
                    self.take(Action::RequestVote(i, j));
                }
            }
        }
        self.step_down();
        let Some((now, then)) = self.memories() else {
            return;
        };
        if let Part::Candidate(voters) = now.part
            && !voters.contains(i)
            && !matches!(then.part, Part::Candidate(voters) if !voters.contains(i))
        {
            self.take(Action::CountOwnVote(i));
        }
        if let Some((_, then)) = self.memories()
            && let Part::Leader(_) = then.part
        {
            self.take(Action::BecomeLeader(i));
        }
    }

    fn step_down(&mut self) {
        if let Some((now, then)) = self.memories()
            && then.part == Part::Follower
            && now.part != Part::Follower
        {
            self.take(Action::StepDown(self.i));
        }
    }

    /// A leader's new entries.
    fn append(&mut self) {
        let Some((now, then)) = self.memories() else {
            return;
        };
        let new = then.store.log.get(now.store.log.len()..);
        let values: Vec<u64> = new.unwrap_or_default().iter().map(|e| e.value).collect();
        if let Part::Leader(_) = then.part {
            for value in values {
                self.take(Action::ClientRequest(self.i, value));
            }
        }
    }

    fn refuse(&mut self) {
        let i = self.i;
        for j in self.state.servers().filter(|&j| j != i) {
            if self.says(|m| m.dest == j && m.body == Body::Refusal) {
                self.take(Action::Refuse(i, j));
            }
        }
    }

    /// Hands to the disk what there is; what is not to wait there is durable at once.
    fn write(&mut self) {
        self.take(Action::Write(self.i));
        while self.node().writes.len() > self.aim().writes.len() {
            self.take(Action::Sync(self.i));
        }
    }

    fn commit(&mut self) {
        let Some((now, then)) = self.memories() else {
            return;
        };
        let (commits, covers) = (then.commit_index, then.store.covered);
        if now.commit_index < commits {
            self.take(Action::AdvanceCommitIndex(self.i, commits));
        }
        if self
            .memories()
            .is_some_and(|(now, _)| now.store.covered < covers)
        {
            self.take(Action::Cover(self.i, covers));
        }
    }

    /// What a leader sends ahead of its disk.
    fn send(&mut self) {
        let new = self.target.messages.difference(&self.state.messages);
        let sends: Vec<Action> = new.filter_map(|m| request(self.i, m)).collect();
        for action in sends {
            self.take(action);
        }
    }

    /// Whether there is such a message of the server, in its term, in the state to come that is not there now: sent, or waiting for the newest write.
    fn says(&self, such: impl Fn(&Message) -> bool) -> bool {
        let none = BTreeSet::new();
        let newest =
            |writes: &[Write], at: usize| writes.get(at).map(|write| write.messages.clone());
        let at = self.aim().writes.len();
        let (then, now) = match at.checked_sub(1) {
            Some(at) => (
                newest(&self.aim().writes, at),
                newest(&self.node().writes, at),
            ),
            None => (None, None),
        };
        let (then, now) = (then.unwrap_or_default(), now.unwrap_or(none));
        let waits = then.difference(&now);
        let sent = self.target.messages.difference(&self.state.messages);
        waits.chain(sent).any(|m| m.source == self.i && such(m))
    }

    /// Whether there is such a message of the server, in its new term, in the state to come.
    fn said(&self, such: impl Fn(&Message) -> bool) -> bool {
        let waiting = self.aim().writes.iter().flat_map(|write| &write.messages);
        let mut all = waiting.chain(self.target.messages.iter());
        let term = self.aim().up().map(|memory| memory.store.term);
        all.any(|m| m.source == self.i && Some(m.term) == term && such(m))
    }
}

/// The step by which a leader sends that.
fn request(i: Server, m: &Message) -> Option<Action> {
    match &m.body {
        Body::AppendEntriesRequest {
            prev_log_index: prev,
            entries,
            commit_index,
            ..
        } if m.source == i => {
            let upto = prev + entries.len() as u64;
            Some(Action::AppendEntries(i, m.dest, *prev, upto, *commit_index))
        }
        _ => None,
    }
}
