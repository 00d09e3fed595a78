//! Raft with a record of what was committed, and there the promise.
//!
//! raft.tla carries history variables for its proof: every election with the voters' logs, and every log there ever was. One
//! smaller variable is enough here: the committed log, by the paper's definition (§5.3, §5.4.2). It is made of what leaders
//! were told by a majority, not of anybody's `commitIndex`, so that a `commitIndex` that runs ahead is found out.

use std::fmt;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::properties::{leaders, raft_properties, raft_step_properties};
use super::protocol::{Action, Raft};
use super::spec::{self, ReplicatedLog};
use super::start::replay;
use super::state::{ServerState, State};
use super::{Entry, MAX_LOG, Role, Server, is_quorum};
use crate::kit::{History, PerNode, Recorded, Refines, Remembered, ShortVec, StepProperty};

/// Raft with the committed log.
pub type RaftHistory<S = Faithful> = Recorded<Raft<S>, CommittedLog>;

/// What is recorded: the committed log. An entry is committed once the leader of its term has it acknowledged by a majority, itself
/// counted, and with it all that precedes it in the leader's log.
#[derive(Clone, Copy, Debug)]
pub struct CommittedLog;

/// The committed entries, printed as `a@2/3`: the entry `a@2`, committed in term 3.
pub type Record = ShortVec<Committed, { MAX_LOG + 1 }>;

/// A committed entry.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Committed {
    /// The entry.
    pub entry: Entry,
    /// The term of the leader that had it acknowledged.
    pub in_term: u8,
}

impl fmt::Debug for Committed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{}", self.entry, self.in_term)
    }
}

impl AsRef<State> for Remembered<State, Record> {
    fn as_ref(&self) -> &State {
        &self.state
    }
}

impl<S: RuleSet<Rule>> History<Raft<S>> for CommittedLog {
    type Record = Record;

    fn init_states(recorded: &RaftHistory<S>) -> Vec<Remembered<State, Record>> {
        let size = &recorded.model.size;
        let first = Remembered {
            state: State::new(size.servers),
            history: Record::new(),
        };
        vec![replay(recorded, first, size.start.script())]
    }

    /// If what a leader commits contradicts the record, the record is rewritten, and the promise is seen to be broken.
    fn record(_: &Raft<S>, before: &Record, _: &State, _: &Action, t: &State) -> Record {
        let mut record = *before;
        for (i, leader) in leaders(t) {
            let log = &leader.log[..acknowledged(i, leader, t.servers.values().len())];
            let mut known = record.iter().map(|committed| &committed.entry);
            if !log.iter().all(|entry| known.next() == Some(entry)) {
                record = with(&record, log, leader.term);
            }
        }
        record
    }

    fn properties() -> Vec<Property<RaftHistory<S>>> {
        let mut all = raft_properties();
        all.extend([
            Property::<RaftHistory<S>>::always("Leader Completeness", |_, s| {
                leader_completeness(s)
            }),
            Property::<RaftHistory<S>>::sometimes("Leader Completeness: a later leader", |_, s| {
                s.history
                    .iter()
                    .any(|c| later_leaders(s, c).next().is_some())
            }),
            Property::<RaftHistory<S>>::always("State Machine Safety", |_, s| {
                state_machine_safety(s)
            }),
            Property::<RaftHistory<S>>::sometimes("State Machine Safety: one applies", |_, s| {
                s.state.servers.values().iter().any(|i| i.commit_index > 0)
            }),
        ]);
        all
    }

    fn step_properties() -> Vec<StepProperty<RaftHistory<S>>> {
        raft_step_properties()
    }
}

/// Up to where the leader `i` has its log committed: the last entry of its own term that a majority has acknowledged.
fn acknowledged(i: Server, leader: &ServerState, servers: usize) -> usize {
    let committed = |&upto: &usize| {
        leader.log[upto - 1].term == leader.term && is_quorum(leader.agree(i, upto as u8), servers)
    };
    (1..=leader.log.len()).rev().find(committed).unwrap_or(0)
}

/// The record of `log`, committed in `term` as far as it is not in the record already.
fn with(record: &Record, log: &[Entry], term: u8) -> Record {
    let old = record
        .iter()
        .zip(log)
        .take_while(|(c, entry)| c.entry == **entry);
    let mut new: Record = old.map(|(committed, _)| *committed).collect();
    for &entry in &log[new.len()..] {
        new.push(Committed {
            entry,
            in_term: term,
        });
    }
    new
}

/// The leaders of terms after the one in which the entry was committed. An older leader may not know yet that it is deposed.
fn later_leaders<'s>(
    s: &'s Remembered<State, Record>,
    committed: &'s Committed,
) -> impl Iterator<Item = &'s ServerState> {
    let leaders = s.state.servers.values().iter();
    leaders.filter(|i| i.role == Role::Leader && i.term > committed.in_term)
}

/// Leader Completeness: what was committed in a term is in the logs of the leaders of all later terms (§5.4, Figure 3).
fn leader_completeness(s: &Remembered<State, Record>) -> bool {
    let mut committed = s.history.iter().enumerate();
    committed.all(|(at, c)| later_leaders(s, c).all(|leader| leader.log.get(at) == Some(&c.entry)))
}

/// State Machine Safety: what servers apply is committed, so that no two apply different entries at one index (§5.4.3, Figure 3).
fn state_machine_safety(s: &Remembered<State, Record>) -> bool {
    s.state.servers.values().iter().all(|i| {
        (0..i.commit_index as usize).all(|at| {
            let committed = s.history.get(at).map(|c| &c.entry);
            committed.is_some() && committed == i.log.get(at)
        })
    })
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for RaftHistory<S> {
    type Abstract = ReplicatedLog;

    fn abstract_model(&self) -> ReplicatedLog {
        let size = &self.model.size;
        ReplicatedLog {
            servers: size.servers,
            values: size.values,
            max_term: size.max_term,
            max_log: size.max_log,
            start: self.abstract_state(&self.init_states()[0]),
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &Remembered<State, Record>) -> spec::State {
        spec::State {
            committed: s.history.iter().map(|committed| committed.entry).collect(),
            known: PerNode::from_fn(self.model.size.servers, |i| s.state.servers[i].commit_index),
        }
    }
}
