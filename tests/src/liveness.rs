//! What the tests of liveness share: questions about a fair graph, and their answers.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::naive::Opinion;
use concur_checks::engine::liveness::{Judged, Lasso, Liveness, Outcome, Plan};

use crate::fair_graph::{Edge, FairGraph, NAMES};

/// What our engine finds out about a promise of a graph, if only `assumed` may be assumed.
pub fn judged(graph: &FairGraph, promise: &str, assumed: &[&str]) -> Judged<u8, Edge> {
    let progress = Progress::default();
    judged_by(&of(graph, &progress), promise, assumed)
}

/// The graph, ready for questions.
///
/// # Panics
/// Never: it is small.
pub fn of<'m>(graph: &'m FairGraph, progress: &'m Progress) -> Liveness<'m, FairGraph> {
    Liveness::of(graph, &Plan::default(), progress).expect("it is small")
}

/// The same of a graph that is ready.
///
/// # Panics
/// If there is no such promise.
pub fn judged_by(
    liveness: &Liveness<'_, FairGraph>,
    promise: &str,
    assumed: &[&str],
) -> Judged<u8, Edge> {
    let dropped: Vec<_> = NAMES
        .into_iter()
        .filter(|name| !assumed.contains(name))
        .collect();
    liveness.judge(promise, &dropped).expect("it is small")
}

/// The verdict of our engine.
pub fn outcome(graph: &FairGraph, promise: &str, assumed: &[&str]) -> Opinion {
    opinion(&judged(graph, promise, assumed).outcome)
}

/// A verdict in the naive judge's words.
pub fn opinion<S, A>(outcome: &Outcome<S, A>) -> Opinion {
    match outcome {
        Outcome::Holds => Opinion::Holds,
        Outcome::Fails(..) => Opinion::Fails,
        Outcome::Bounded(_) => Opinion::Bounded,
    }
}

/// The lasso that our engine shows.
///
/// # Panics
/// If it finds none.
pub fn lasso(graph: &FairGraph, promise: &str, assumed: &[&str]) -> Lasso<u8, Edge> {
    match judged(graph, promise, assumed).outcome {
        Outcome::Fails(lasso, _) => lasso,
        other => panic!("it fails, and not: {other:?}"),
    }
}
