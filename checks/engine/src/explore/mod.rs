//! The search: breadth first, level by level, in parallel, with the same result whatever the number of threads.
//!
//! All workers look up successors in one set of fingerprints, a batch at a time. A state stays with the worker that found it first: only
//! fingerprints are shared, not states, until a worker has none left and takes of another's. All workers finish a level before any begins
//! the next, so that a state's level is the length of a shortest path to it.
//!
//! No parent pointers are kept: a counterexample is found by a second, sequential search to the depth where this one
//! stopped ([`super::shortest`]). That costs time only where something is wrong, and leaves 10 to 20 bytes per state.

mod worker;

use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Instant;

use stateright::Model;

use super::frontier::Frontier;
use super::lens::{Breach, Lens};
use super::limits::{Limits, Progress, Stop};
use super::rendezvous::Rendezvous;
use super::visited::Visited;
use worker::{Found, Report, Worker};

/// How to search.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many workers there are.
    pub threads: usize,
    /// How far they go.
    pub limits: Limits,
    /// The seed of the fingerprints.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            threads: 1,
            limits: Limits::default(),
            seed: 0,
        }
    }
}

/// What a search saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploration {
    /// Distinct states within the bounds.
    pub distinct: u64,
    /// Initial states, and steps to a state within the bounds, as TLC counts.
    pub generated: u64,
    /// Distinct states per level; the first level holds the initial states. Their number is the depth.
    pub levels: Vec<u64>,
    /// Steps per kind of action.
    pub taken: Vec<u64>,
    /// Steps that led outside, per bound.
    pub cut: Vec<u64>,
    /// For each of the model's properties, whether a `sometimes` was seen true.
    pub witnessed: Vec<bool>,
    /// What is wrong, at the depth reached: the search ends with the level where something is.
    pub breach: Option<Breach>,
    /// Why the search ended early.
    pub stop: Option<Stop>,
}

impl Exploration {
    /// States on the longest of all shortest paths, the initial state alone being 1.
    pub fn depth(&self) -> u32 {
        self.levels.len() as u32
    }
}

/// Explores every state of `model` that its bounds and the plan's limits allow.
pub fn explore<M, L>(model: &M, lens: &L, plan: &Plan, progress: &Progress) -> Exploration
where
    M: Model<State: Hash + Eq + Clone + Send + Sync + 'static, Action: Clone> + Sync,
    L: Lens<M>,
{
    let workers = plan.threads.max(1);
    let shared = Shared {
        plan,
        workers,
        progress,
        started: Instant::now(),
        stop: AtomicBool::new(false),
        beside: AtomicU64::new(0),
        visited: Visited::default(),
        frontier: Frontier::new(workers),
        level_end: Rendezvous::new(workers),
    };
    let work = |id| Worker::new(id, model, lens, &shared).run();
    // Who calls is the first worker: a thread more, even one that only waits, and two workers may find themselves on one core.
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers)
            .map(|id| {
                let work: Box<dyn FnOnce() -> Exploration + Send> = Box::new(move || work(id));
                scope.spawn(work)
            })
            .collect();
        let first = work(0);
        others.into_iter().fold(first, |all, other| {
            let other = other.join().expect("a worker catches what the model does");
            merge(all, other)
        })
    })
}

fn merge(mut a: Exploration, b: Exploration) -> Exploration {
    fn add(a: &mut [u64], b: &[u64]) {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    }
    a.distinct += b.distinct;
    a.generated += b.generated;
    add(&mut a.levels, &b.levels);
    add(&mut a.taken, &b.taken);
    add(&mut a.cut, &b.cut);
    for (a, b) in a.witnessed.iter_mut().zip(&b.witnessed) {
        *a |= b;
    }
    a
}

/// What all workers share.
struct Shared<'p, S> {
    plan: &'p Plan,
    workers: usize,
    progress: &'p Progress,
    started: Instant,
    stop: AtomicBool,
    /// Bytes that the process occupied when they were measured, beside what the workers knew of.
    beside: AtomicU64,
    /// The fingerprints of all states that were seen.
    visited: Visited,
    frontier: Frontier<Vec<Found<S>>>,
    level_end: Rendezvous<Report>,
}
