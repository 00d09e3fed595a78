//! The promise of Raft: a log that is only appended to (§2, Figure 1). Must be believed.

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::{Entry, Log, MAX_SERVERS, Server, Value};
use crate::kit::{Id, PerNode, given};

mod claims;

/// A log that is replicated on servers.
#[derive(Clone, Debug)]
pub struct ReplicatedLog<S = Faithful> {
    /// How many servers there are.
    pub servers: usize,
    /// How many values clients ask for.
    pub values: usize,
    /// The largest term of an entry.
    pub max_term: u8,
    /// The largest length of the log.
    pub max_log: usize,
    /// Where it begins: with nothing committed, unless a rung below begins its exploration later.
    pub start: State,
    /// The rules that are kept.
    pub rules: S,
}

/// What is committed, and who knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The committed entries.
    pub committed: Log,
    /// How many of them each server knows to be committed.
    pub known: PerNode<Server, u8, MAX_SERVERS>,
}

impl State {
    /// Nothing is committed.
    pub fn new(servers: usize) -> Self {
        Self {
            committed: Log::new(),
            known: PerNode::all(servers, 0),
        }
    }
}

crate::actions! {
    /// What can happen to a replicated log.
    pub enum Action {
        /// These entries, one or more, are committed.
        Commit(Log),
        /// A server knows that so many entries are committed. It may also forget: what it knows is not durable.
        Learn(Server, u8),
    }
}

impl<S: RuleSet<Rule>> ReplicatedLog<S> {
    fn commit(&self, s: &State, entries: Log) -> Option<State> {
        given(s.committed.len() + entries.len() <= self.max_log)?;

        let mut t = *s;
        if self.rules.performs(Rule::CommitExtends) {
            entries.iter().for_each(|&entry| t.committed.push(entry));
        }
        Some(t)
    }

    fn learn(&self, s: &State, server: Server, length: u8) -> Option<State> {
        self.rules
            .when(Rule::LearnCommitted, length as usize <= s.committed.len())?;

        let mut t = *s;
        if self.rules.performs(Rule::LearnNotes) {
            t.known[server] = length;
        }
        Some(t)
    }

    /// Every sequence of 1 to `room` entries.
    fn sequences(&self, room: usize) -> Vec<Log> {
        let (mut all, mut longest) = (Vec::new(), vec![Log::new()]);
        for _ in 0..room {
            longest = longest.iter().flat_map(|log| self.extended(log)).collect();
            all.extend(&longest);
        }
        all
    }

    fn extended(&self, log: &Log) -> impl Iterator<Item = Log> + use<'_, S> {
        let (log, values) = (*log, &Value::ALL[..self.values]);
        (1..=self.max_term).flat_map(move |term| {
            values.iter().map(move |&value| {
                let mut longer = log;
                longer.push(Entry { term, value });
                longer
            })
        })
    }
}

impl<S: RuleSet<Rule>> Model for ReplicatedLog<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.start]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        let room = self.max_log - s.committed.len();
        actions.extend(self.sequences(room).into_iter().map(Action::Commit));
        for server in Server::first(self.servers) {
            actions.extend((0..=self.max_log as u8).map(|length| Action::Learn(server, length)));
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Commit(entries) => self.commit(s, entries),
            Action::Learn(server, length) => self.learn(s, server, length),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        claims::properties()
    }
}
