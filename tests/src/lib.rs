//! The suite on itself: what its tests share.

pub mod graph;

use concur_checks::engine::explore::{Exploration, Plan, explore};
use concur_checks::engine::lens::{Breach, Plain};
use concur_checks::engine::limits::{Limits, Progress};
use concur_checks::engine::shortest::{Counterexample, shortest};
use stateright::Model;

/// Our engine on any model, on so many threads.
pub fn ours<M>(model: &M, threads: usize, limits: Limits) -> Exploration
where
    M: Model<State: std::hash::Hash + Eq + Clone + Send + Sync, Action: Clone> + Sync,
{
    let plan = Plan {
        threads,
        limits,
        seed: 0,
    };
    explore(model, &Plain(model), &plan, &Progress::default())
}

/// The shortest counterexample that our engine gives.
pub fn ours_shortest<M>(model: &M, breach: Breach) -> Counterexample<M::State, M::Action>
where
    M: Model<State: std::hash::Hash + Eq + Clone + Send + Sync, Action: Clone> + Sync,
{
    shortest(model, &Plain(model), breach, 0).expect("what was breached has a path")
}
