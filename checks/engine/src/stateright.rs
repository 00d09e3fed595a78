//! stateright's own checkers, run so that their verdicts can be trusted: to the end, with panics noticed.
//!
//! They stop once every property has a discovery, and swallow panics unless joined; see the traps in the tests.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};

use stateright::{Checker, Expectation, Model};

/// Which of stateright's checkers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// `spawn_bfs`.
    Bfs,
    /// `spawn_dfs`.
    Dfs,
}

/// What stateright finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discoveries {
    /// Distinct states, complete only if nothing fails.
    pub distinct: u64,
    /// The deepest path of the search; the diameter only for BFS on one thread.
    pub depth: u32,
    /// The `always` properties that fail.
    pub fails: BTreeSet<&'static str>,
    /// The `sometimes` properties that are witnessed.
    pub witnessed: BTreeSet<&'static str>,
}

/// The model panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

/// Runs one of stateright's checkers to the end.
///
/// # Errors
/// If the model panics.
pub fn explore<M>(model: M, strategy: Strategy, threads: usize) -> Result<Discoveries, Panicked>
where
    M: Model<State: Hash + Clone + PartialEq + Send + Sync, Action: Clone + PartialEq>
        + Send
        + Sync
        + 'static,
    M::State: 'static,
{
    let expectations: Vec<_> = model
        .properties()
        .into_iter()
        .map(|property| (property.name, property.expectation))
        .collect();
    let checker = model.checker().threads(threads);
    let run = AssertUnwindSafe(|| match strategy {
        Strategy::Bfs => discoveries(&checker.spawn_bfs().join(), &expectations),
        Strategy::Dfs => discoveries(&checker.spawn_dfs().join(), &expectations),
    });
    catch_unwind(run).map_err(|_| Panicked)
}

fn discoveries<M: Model<State: Clone + PartialEq, Action: Clone + PartialEq>>(
    checker: &impl Checker<M>,
    expectations: &[(&'static str, Expectation)],
) -> Discoveries {
    let found = checker.discoveries();
    let of = |expectation: Expectation| {
        expectations
            .iter()
            .filter(|(name, expected)| *expected == expectation && found.contains_key(name))
            .map(|(name, _)| *name)
            .collect()
    };
    Discoveries {
        distinct: checker.unique_state_count() as u64,
        depth: checker.max_depth() as u32,
        fails: of(Expectation::Always),
        witnessed: of(Expectation::Sometimes),
    }
}
