//! A log that only grows.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::Specification;

/// What can be asked of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogAsk<V> {
    /// Put that at the end. Answered by [`LogAnswer::Index`].
    Append(V),
    /// What is there from that index on, the first being 0? Answered by [`LogAnswer::Entries`].
    Read(usize),
}

/// What a log answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogAnswer<V> {
    /// Where it stands.
    Index(usize),
    /// All entries from there on.
    Entries(Vec<V>),
}

/// One log, empty at first. Its state is the whole log, and the search keeps a copy for each configuration: for logs of some hundred entries.
#[derive(Clone, Copy, Debug)]
pub struct Log<V>(PhantomData<V>);

impl<V> Default for Log<V> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<V: Clone + Eq + Hash + Debug> Specification for Log<V> {
    type Operation = LogAsk<V>;
    type Answer = LogAnswer<V>;
    type Key = ();
    type State = Vec<V>;

    fn key(&self, _: &LogAsk<V>) {}

    fn initial(&self, (): &()) -> Vec<V> {
        Vec::new()
    }

    fn only_reads(&self, ask: &LogAsk<V>) -> bool {
        matches!(ask, LogAsk::Read(_))
    }

    fn apply(
        &self,
        log: &Vec<V>,
        ask: &LogAsk<V>,
        answer: Option<&LogAnswer<V>>,
    ) -> Option<Vec<V>> {
        let right = match (ask, answer) {
            (_, None) => true,
            (LogAsk::Append(_), Some(LogAnswer::Index(index))) => *index == log.len(),
            (LogAsk::Read(from), Some(LogAnswer::Entries(entries))) => {
                log.get(*from..).unwrap_or_default() == entries
            }
            _ => false,
        };
        let more = match ask {
            LogAsk::Append(value) => Some(value),
            LogAsk::Read(_) => None,
        };
        right.then(|| log.iter().chain(more).cloned().collect())
    }
}
