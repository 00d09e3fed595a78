//! stateright's own checkers, run so that their verdicts can be trusted: to the end, with panics noticed.
//!
//! They stop once every property has a discovery, and swallow panics unless joined; see the traps in the tests.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};

use stateright::{Checker, Expectation, HasDiscoveries, Model};

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

/// What became of a search for one property's failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hunt {
    /// Distinct states when the search ended. It looks up only now and then, so that there are more than it took.
    pub distinct: u64,
    /// States on the counterexample, the initial one included, if there is one.
    pub states: Option<u32>,
    /// Whether it ended because it had generated as many states as it may.
    pub cut_short: bool,
}

/// Has one of stateright's checkers look for a state in which the `always` property of that name is false, on one thread, so that each run is the same.
/// It gives up when it has generated about `most` states.
///
/// # Errors
/// If the model panics.
pub fn hunt<M>(
    model: M,
    strategy: Strategy,
    property: &'static str,
    most: usize,
) -> Result<Hunt, Panicked>
where
    M: Model<State: Hash + Clone + PartialEq + Send + Sync, Action: Clone + PartialEq>
        + Send
        + Sync
        + 'static,
    M::State: 'static,
{
    let wanted = HasDiscoveries::AllOf(BTreeSet::from([property]));
    let checker = model
        .checker()
        .finish_when(wanted)
        .target_state_count(most)
        .threads(1);
    let run = AssertUnwindSafe(|| match strategy {
        Strategy::Bfs => hunted(&checker.spawn_bfs().join(), property, most),
        Strategy::Dfs => hunted(&checker.spawn_dfs().join(), property, most),
    });
    catch_unwind(run).map_err(|_| Panicked)
}

fn hunted<M: Model<State: Clone + PartialEq, Action: Clone + PartialEq>>(
    checker: &impl Checker<M>,
    property: &'static str,
    most: usize,
) -> Hunt {
    let path = checker.discovery(property);
    Hunt {
        distinct: checker.unique_state_count() as u64,
        cut_short: path.is_none() && checker.state_count() >= most,
        states: path.map(|path| path.into_states().len() as u32),
    }
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
