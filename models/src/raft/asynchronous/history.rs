//! Asynchronous Raft with a record of what was committed, all of Figure 3, and there the promise.

use std::fmt;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{History, PerNode, Recorded, Refines, Remembered, StepProperty};
use crate::raft::asynchronous::replication::holds;
use crate::raft::asynchronous::start::replay;
use crate::raft::asynchronous::state::{Entry, Memory, Part, State};
use crate::raft::asynchronous::{Action, AsynchronousRaft, lemmas};
use crate::raft::spec::{self, ReplicatedLog};
use crate::raft::{self, Role, Server, Value, is_quorum};

/// Asynchronous Raft with the committed log.
pub type AsynchronousHistory<S = Faithful> = Recorded<AsynchronousRaft<S>, CommittedLog>;

/// A state, and what was committed before it.
pub(super) type Known = Remembered<State, Record>;

/// What is recorded, as in [`raft::history`]: an entry is committed once the leader of its term knows it on the disks of a majority, and with it all that precedes it.
#[derive(Clone, Copy, Debug)]
pub struct CommittedLog;

/// The committed entries.
pub type Record = Vec<Committed>;

/// A committed entry, printed as `0@2/3`: the entry `0@2`, committed in term 3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Committed {
    /// The entry.
    pub entry: Entry,
    /// The term of the leader that had it acknowledged.
    pub in_term: u64,
}

impl fmt::Debug for Committed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{}", self.entry, self.in_term)
    }
}

impl<S: RuleSet<Rule>> History<AsynchronousRaft<S>> for CommittedLog {
    type Record = Record;

    fn init_states(recorded: &AsynchronousHistory<S>) -> Vec<Known> {
        let first = |state| Remembered {
            state,
            history: Record::new(),
        };
        let script = recorded.model.size.start.script();
        let states = recorded.model.init_states().into_iter().map(first);
        states.map(|s| replay(recorded, s, &script)).collect()
    }

    /// If what a leader commits contradicts the record, the record is rewritten, and the promise is seen to be broken.
    fn record(
        _: &AsynchronousRaft<S>,
        before: &Record,
        _: &State,
        _: &Action,
        t: &State,
    ) -> Record {
        let mut record = before.clone();
        for (i, leader, match_index) in t.leaders() {
            let upto = acknowledged(t, i, leader, match_index);
            let log = &leader.store.log[..upto];
            let mut known = record.iter().map(|committed| &committed.entry);
            if !log.iter().all(|entry| known.next() == Some(entry)) {
                record = with(&record, log, leader.store.term);
            }
        }
        record
    }

    fn properties() -> Vec<Property<AsynchronousHistory<S>>> {
        let mut all = figure_3();
        all.extend(figure_3_witnesses());
        all.extend(lemmas::properties());
        all
    }

    fn step_properties() -> Vec<StepProperty<AsynchronousHistory<S>>> {
        let mut all = vec![StepProperty {
            name: "Leader Append-Only",
            holds: |_: &AsynchronousHistory<S>, s: &Known, _: &Action, t: &Known| {
                append_only(&s.state, &t.state)
            },
        }];
        all.extend(lemmas::step_properties());
        all
    }
}

/// Up to where the leader `i` has its log committed: the last entry of its own term that is on the disks of a majority, as far as it could know.
fn acknowledged(s: &State, i: Server, leader: &Memory, match_index: &[u64]) -> usize {
    let store = &leader.store;
    let holders = |index: u64| {
        let followers = s.servers().zip(match_index);
        let others = followers.filter(|&(j, &upto)| j != i && upto >= index);
        let own = holds(s.node(i), index).then_some(i);
        others.map(|(j, _)| j).chain(own).collect()
    };
    let committed = |&index: &u64| {
        store.term_at(index) == store.term && is_quorum(holders(index), s.nodes.len())
    };
    (1..=store.last_index())
        .rev()
        .find(committed)
        .map_or(0, |index| index as usize)
}

/// The record of `log`, committed in `term` as far as it is not in the record already.
fn with(record: &Record, log: &[Entry], term: u64) -> Record {
    let old = record
        .iter()
        .zip(log)
        .take_while(|(c, entry)| c.entry == **entry);
    let mut new: Record = old.map(|(committed, _)| *committed).collect();
    let committed = |&entry| Committed {
        entry,
        in_term: term,
    };
    new.extend(log[new.len()..].iter().map(committed));
    new
}

// -------------------------------------------------------------------------------------------------------------- Figure 3

fn figure_3<S: RuleSet<Rule>>() -> Vec<Property<AsynchronousHistory<S>>> {
    vec![
        Property::<AsynchronousHistory<S>>::always("Election Safety", |_, s| {
            election_safety(&s.state)
        }),
        Property::<AsynchronousHistory<S>>::always("Log Matching", |_, s| log_matching(&s.state)),
        Property::<AsynchronousHistory<S>>::always("Leader Completeness", |_, s| {
            let mut committed = s.history.iter().enumerate();
            committed.all(|(at, c)| {
                later_leaders(s, c).all(|leader| leader.store.log.get(at) == Some(&c.entry))
            })
        }),
        Property::<AsynchronousHistory<S>>::always("State Machine Safety", |_, s| {
            s.state.up().all(|(_, memory)| is_committed(s, memory))
        }),
    ]
}

fn figure_3_witnesses<S: RuleSet<Rule>>() -> Vec<Property<AsynchronousHistory<S>>> {
    vec![
        Property::<AsynchronousHistory<S>>::sometimes("Election Safety: a server leads", |_, s| {
            s.state.leaders().next().is_some()
        }),
        Property::<AsynchronousHistory<S>>::sometimes(
            "Log Matching: all logs are the same",
            |_, s| {
                let mut logs = s.state.up().map(|(_, memory)| &memory.store.log);
                let first = logs.next();
                first.is_some_and(|first| !first.is_empty() && logs.all(|log| log == first))
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "Leader Completeness: a later leader",
            |_, s| {
                s.history
                    .iter()
                    .any(|c| later_leaders(s, c).next().is_some())
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "State Machine Safety: a follower applies",
            |_, s| {
                let mut up = s.state.up();
                up.any(|(_, memory)| memory.role() == Role::Follower && memory.commit_index > 0)
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "Leader Append-Only: a leader has an entry",
            |_, s| {
                let mut leaders = s.state.leaders();
                leaders.any(|(_, leader, _)| !leader.store.log.is_empty())
            },
        ),
    ]
}

/// Election Safety: at most one leader per term (§5.2, Figure 3).
pub fn election_safety(s: &State) -> bool {
    s.leaders().all(|(i, one, _)| {
        let mut others = s.leaders().filter(|(j, _, _)| *j > i);
        others.all(|(_, other, _)| other.store.term != one.store.term)
    })
}

/// Log Matching, of all logs in memories and on disks (§5.3, Figure 3).
pub fn log_matching(s: &State) -> bool {
    let logs: Vec<&[Entry]> = s
        .nodes
        .iter()
        .flat_map(|node| {
            let memory = node.up().map(|memory| &memory.store);
            let written = node.writes.iter().map(|write| &write.store);
            written.chain([&node.synced]).chain(memory)
        })
        .map(|store| &*store.log)
        .collect();
    let pairs =
        |(at, &one): (usize, &&[Entry])| logs[at + 1..].iter().all(|other| logs_match(one, other));
    logs.iter().enumerate().all(pairs)
}

fn logs_match(log: &[Entry], other: &[Entry]) -> bool {
    let shared = log.len().min(other.len());
    let last = (0..shared).rev().find(|&at| log[at].term == other[at].term);
    last.is_none_or(|at| log[..=at] == other[..=at])
}

/// The leaders of terms after the one in which the entry was committed. An older leader may not know yet that it is deposed.
fn later_leaders<'s>(s: &'s Known, committed: &'s Committed) -> impl Iterator<Item = &'s Memory> {
    let leaders = s.state.leaders().map(|(_, leader, _)| leader);
    leaders.filter(|leader| leader.store.term > committed.in_term)
}

/// State Machine Safety: what servers apply is committed, so that no two apply different entries at one index (§5.4.3, Figure 3).
fn is_committed(s: &Known, memory: &Memory) -> bool {
    let upto = memory.commit_index as usize;
    let committed = s.history.iter().map(|c| &c.entry).take(upto);
    s.history.len() >= upto && committed.eq(memory.store.log.iter().take(upto))
}

/// Leader Append-Only: a leader adds entries of its own term, and nothing else (§5.3, Figure 3).
pub fn append_only(s: &State, t: &State) -> bool {
    s.leaders().all(|(i, leader, _)| {
        let (before, after) = (&leader.store, t.node(i).up());
        after.is_none_or(|after| {
            let still = matches!(after.part, Part::Leader(_)) && after.store.term == before.term;
            let new = after.store.log.strip_prefix(&*before.log);
            !still || new.is_some_and(|new| new.iter().all(|entry| entry.term == before.term))
        })
    })
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for AsynchronousHistory<S> {
    type Abstract = ReplicatedLog;

    fn abstract_model(&self) -> ReplicatedLog {
        let size = &self.model.size;
        ReplicatedLog {
            servers: size.servers,
            values: size.values,
            max_term: size.max_term as u8,
            max_log: size.max_log as usize,
            start: self.abstract_state(&self.init_states()[0]),
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &Known) -> spec::State {
        let entry = |c: &Committed| raft::Entry {
            term: c.entry.term as u8,
            value: Value::ALL[c.entry.value as usize],
        };
        let known = |i: Server| {
            let memory = s.state.node(i).up();
            memory.map_or(0, |memory| memory.commit_index as u8)
        };
        spec::State {
            committed: s.history.iter().map(entry).collect(),
            known: PerNode::from_fn(self.model.size.servers, known),
        }
    }
}
