//! The search through all objects of a history, and how far it may go.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::memo::{Exact, Memo};
use crate::partition::{Found, Partition};
use crate::verdict::Verdict;
use crate::{CallId, Fate, History, Specification};

/// How far the search may go. What is reached first ends it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many operations may be tried at how many places, for all objects together. Each new configuration is remembered: some 100 bytes, and a state.
    pub steps: u64,
    /// How long it may take.
    pub time: Option<Duration>,
}

impl Default for Limits {
    /// Ten million steps, and as long as they take.
    fn default() -> Self {
        Self {
            steps: 10_000_000,
            time: None,
        }
    }
}

/// The limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// [`Limits::steps`].
    Steps(u64),
    /// [`Limits::time`].
    Time(Duration),
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "{steps} steps"),
            Self::Time(time) => write!(f, "{time:?}"),
        }
    }
}

/// What is left of the limits.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    began: Instant,
    taken: u64,
}

impl Budget {
    pub(crate) fn of(limits: Limits) -> Self {
        Self {
            limits,
            began: Instant::now(),
            taken: 0,
        }
    }

    /// Takes a step, if there is one left. The clock is asked now and then.
    pub(crate) fn step(&mut self) -> Result<(), Reached> {
        const GLANCE: u64 = 256;
        if self.taken == self.limits.steps {
            return Err(Reached::Steps(self.taken));
        }
        self.taken += 1;
        match self.limits.time {
            Some(time) if self.taken % GLANCE == 1 && self.began.elapsed() >= time => {
                Err(Reached::Time(time))
            }
            _ => Ok(()),
        }
    }
}

/// Judges a history.
///
/// Objects of few operations are looked at first, so that a limit leaves as few undecided as can be; one that is not linearizable settles it.
pub fn check<'h, S: Specification>(
    spec: &S,
    history: &'h History<S::Operation, S::Answer>,
    limits: Limits,
) -> Verdict<'h, S> {
    check_with::<S, Exact<S::State>>(spec, history, limits)
}

/// The same with another memory: for a test that forgets something.
pub(crate) fn check_with<'h, S: Specification, M: Memo<S::State>>(
    spec: &S,
    history: &'h History<S::Operation, S::Answer>,
    limits: Limits,
) -> Verdict<'h, S> {
    let mut budget = Budget::of(limits);
    let (mut orders, mut reached) = (Vec::new(), None);
    for (key, calls) in objects(spec, history) {
        let partition = Partition::new(spec, history, key, calls);
        match partition.search(M::default(), &mut budget) {
            Found::Order(order) => orders.push(order),
            Found::Nothing(found) => return Verdict::NotLinearizable(found),
            Found::Limit(limit) => reached = reached.or(Some(limit)),
        }
    }
    match reached {
        Some(limit) => Verdict::Unknown(limit),
        None => Verdict::Linearizable(together(history, orders)),
    }
}

/// The operations that count, by the object that they are about; the object with the fewest first.
fn objects<S: Specification>(
    spec: &S,
    history: &History<S::Operation, S::Answer>,
) -> Vec<(S::Key, Vec<CallId>)> {
    let mut objects: BTreeMap<S::Key, Vec<CallId>> = BTreeMap::new();
    for (at, operation) in history.operations().iter().enumerate() {
        let counts = match operation.fate {
            Fate::Returned(..) => true,
            Fate::Refused(_) => false,
            Fate::Open => !spec.only_reads(&operation.operation),
        };
        if counts {
            let key = spec.key(&operation.operation);
            objects.entry(key).or_default().push(CallId(at));
        }
    }
    let mut objects: Vec<_> = objects.into_iter().collect();
    objects.sort_by_key(|(_, calls)| calls.len());
    objects
}

/// One order of all, from one of each object: each operation as early as its own call and its object's order allow.
fn together<O, A>(history: &History<O, A>, orders: Vec<Vec<CallId>>) -> Vec<CallId> {
    let mut all: Vec<(usize, CallId)> = Vec::new();
    for order in orders {
        let mut now = 0;
        for call in order {
            now = now.max(history.operations()[call.0].called);
            all.push((now, call));
        }
    }
    // Stable: what happens at the same time is of one object, since each event is one operation's.
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, call)| call).collect()
}
