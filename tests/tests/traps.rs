//! The traps of stateright 0.31, one test each: where it falls in, our engine does not.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use concur_checks::engine::lens::Breach;
use concur_checks::engine::limits::{Limits, Stop};
use concur_tests::graph::Graph;
use concur_tests::{ours, ours_shortest};
use stateright::{Checker, Model, Property};

const BAD: Breach = Breach::Property(0);

/// A long path to a bad state that is generated first, and a short one.
fn long_and_short() -> Graph {
    let long = (0..1_000).map(|n| (n, n + 1));
    let short = [(0, 2_000), (2_000, 2_001), (2_001, 1_000)];
    let mut graph = Graph::of(&[0], long.chain(short));
    graph.bad.insert(1_000);
    graph.bad.extend(2_001..2_002);
    graph
}

#[test]
fn the_counterexample_is_the_shortest_whatever_the_number_of_threads() {
    let graph = long_and_short();
    for threads in 1..=4 {
        let found = ours(&graph, threads, Limits::default());
        assert_eq!((found.breach, found.depth()), (Some(BAD), 3));
    }
    let trace = ours_shortest(&graph, BAD);
    assert_eq!(trace.initial, 0);
    assert_eq!(trace.steps, [(2_000, Some(2_000)), (2_001, Some(2_001))]);
}

#[test]
fn stateright_reports_a_later_violation_than_the_shortest() {
    let found = long_and_short().checker().spawn_bfs().join();
    let path = found.discovery("never bad").expect("it is found");
    assert!(
        path.into_actions().len() > 2,
        "the trap is gone: update STATERIGHT's entry in ARCHITECTURE.md"
    );
}

/// A model whose only property is that something is possible.
#[derive(Clone)]
struct OnlySometimes;

impl Model for OnlySometimes {
    type State = u32;
    type Action = ();

    fn init_states(&self) -> Vec<u32> {
        vec![0]
    }

    fn actions(&self, state: &u32, actions: &mut Vec<()>) {
        actions.extend((*state < 10_000).then_some(()));
    }

    fn next_state(&self, state: &u32, (): ()) -> Option<u32> {
        Some(state + 1)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::<Self>::sometimes("one", |_, state| *state == 1)]
    }
}

#[test]
fn the_search_goes_on_when_every_property_has_a_discovery() {
    let theirs = OnlySometimes.checker().spawn_bfs().join();
    assert!(theirs.unique_state_count() < 10_001);
    let found = ours(&OnlySometimes, 2, Limits::default());
    assert_eq!((found.distinct, found.depth()), (10_001, 10_001));
    assert_eq!(found.witnessed, [true]);
}

/// A wide, deep graph without anything wrong.
fn tree(depth: u32) -> Graph {
    let size = 1 << depth;
    Graph::of(
        &[1],
        (1..size / 2).flat_map(|n| [(n, 2 * n), (n, 2 * n + 1)]),
    )
}

#[test]
fn a_limit_that_is_reached_is_unknown_and_says_what_was_covered() {
    let limits = |max_states, max_memory, timeout| Limits {
        max_states,
        max_memory,
        timeout,
        ..Limits::default()
    };
    let graph = tree(14);
    for threads in 1..=2 {
        let found = ours(&graph, threads, limits(Some(1_000), None, None));
        assert_eq!(found.stop, Some(Stop::MaxStates));
        assert!((1_000..16_383).contains(&found.distinct));
        let found = ours(&graph, threads, limits(None, Some(1), None));
        assert_eq!(found.stop, Some(Stop::MaxMemory));
        let found = ours(&graph, threads, limits(None, None, Some(Duration::ZERO)));
        assert_eq!(found.stop, Some(Stop::Timeout));
        let found = ours(&graph, threads, limits(Some(16_384), None, None));
        assert_eq!((found.stop, found.distinct), (None, 16_383));
    }
    let theirs = graph.checker().target_state_count(1_000).spawn_bfs().join();
    theirs.assert_properties_anyway();
}

trait Anyway {
    fn assert_properties_anyway(&self);
}

impl<C: Checker<Graph>> Anyway for C {
    /// stateright passes although it stopped at a limit: only the witness is missed, the invariant "holds".
    fn assert_properties_anyway(&self) {
        assert!(self.unique_state_count() < 16_383);
        assert!(self.discovery("never bad").is_none());
    }
}

#[test]
fn ctrl_c_ends_the_search_with_what_was_found() {
    let limits = Limits::default();
    limits.interrupted.store(true, Ordering::Relaxed);
    for threads in 1..=3 {
        let found = ours(&tree(12), threads, limits.clone());
        assert_eq!(found.stop, Some(Stop::Interrupted));
        assert_eq!(found.distinct, 1);
    }
}

/// Each step takes a while.
#[derive(Clone)]
struct Slow;

impl Model for Slow {
    type State = u64;
    type Action = ();

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, _: &u64, actions: &mut Vec<()>) {
        actions.push(());
    }

    fn next_state(&self, state: &u64, (): ()) -> Option<u64> {
        std::thread::sleep(Duration::from_micros(200));
        Some(state + 1)
    }
}

#[test]
fn a_timeout_is_honoured_on_one_thread() {
    let started = Instant::now();
    let timeout = Some(Duration::from_millis(200));
    let found = ours(
        &Slow,
        1,
        Limits {
            timeout,
            ..Limits::default()
        },
    );
    assert_eq!(found.stop, Some(Stop::Timeout));
    // An infinite state space: that it ends at all is the point. The margin is for a loaded machine.
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_depth_limit_is_exact_and_checks_the_states_at_that_depth() {
    let mut graph = Graph::of(&[0], (0..9).map(|n| (n, n + 1)));
    graph.bad.insert(4);
    let depth = |max_depth| Limits {
        max_depth: Some(max_depth),
        ..Limits::default()
    };
    for threads in 1..=2 {
        let found = ours(&graph, threads, depth(5));
        assert_eq!((found.breach, found.stop), (Some(BAD), None));
        let found = ours(&graph, threads, depth(4));
        assert_eq!((found.breach, found.stop), (None, Some(Stop::MaxDepth)));
        assert_eq!((found.distinct, found.depth()), (4, 4));
    }
    // stateright does not look at the states at the limit.
    let theirs = graph
        .clone()
        .checker()
        .target_max_depth(5)
        .spawn_bfs()
        .join();
    assert!(theirs.discovery("never bad").is_none());
}

#[test]
fn a_depth_limit_that_nothing_exceeds_is_no_limit() {
    let graph = Graph::of(&[0], [(0, 1), (1, 2), (2, 0)]);
    let limits = Limits {
        max_depth: Some(3),
        ..Limits::default()
    };
    let found = ours(&graph, 2, limits);
    assert_eq!((found.stop, found.distinct, found.depth()), (None, 3, 3));
    assert_eq!(
        found.generated, 4,
        "the last level's steps were looked at, too"
    );
}

#[test]
fn a_state_with_a_shorter_path_is_not_missed_at_a_depth_limit() {
    // Depth first, 3 is reached at depth 4 and cut off; its own successor at depth 3 is never seen.
    let graph = Graph::of(&[0], [(0, 1), (1, 2), (2, 3), (3, 4), (0, 3)]);
    let limits = Limits {
        max_depth: Some(3),
        ..Limits::default()
    };
    let found = ours(&graph, 1, limits);
    assert_eq!((found.stop, found.distinct), (None, 5));
}

#[test]
fn a_panic_in_the_model_is_a_failure_that_names_the_action() {
    let mut graph = tree(8);
    graph.panics = Some((5, 11));
    for threads in 1..=3 {
        let found = ours(&graph, threads, Limits::default());
        assert_eq!((found.breach, found.depth()), (Some(Breach::Panic), 4));
    }
    let trace = ours_shortest(&graph, Breach::Panic);
    assert_eq!(trace.steps.last(), Some(&(11, None)));
    assert_eq!(trace.states(), 4);
}

#[test]
fn a_state_outside_the_boundary_is_neither_counted_nor_explored() {
    let mut graph = Graph::of(&[0, 9], [(0, 1), (1, 2), (2, 3), (0, 4)]);
    graph.outside.extend([2, 9]);
    let found = ours(&graph, 2, Limits::default());
    assert_eq!((found.distinct, found.depth()), (3, 2));
    assert_eq!(found.cut, [2], "one step and one initial state");
}

#[test]
fn an_invariant_that_fails_in_an_initial_state_has_a_trace_of_one_state() {
    let mut graph = Graph::of(&[7, 8], [(7, 8)]);
    graph.bad.insert(8);
    let found = ours(&graph, 2, Limits::default());
    assert_eq!((found.breach, found.depth()), (Some(BAD), 1));
    let trace = ours_shortest(&graph, BAD);
    assert_eq!((trace.initial, trace.states()), (8, 1));
}

/// The states that stateright's hashable sets confuse: an element in the first set, or in the second.
#[test]
fn adjacent_collections_do_not_collide() {
    use concur_checks::engine::fingerprint::Fingerprinter;
    use stateright::util::HashableHashSet;
    let (with, without) = (HashableHashSet::from_iter([7]), HashableHashSet::new());
    let fingerprints = Fingerprinter::new(0);
    let theirs = |state: &(HashableHashSet<i32>, HashableHashSet<i32>)| fingerprints.of(state);
    let left = (with.clone(), without.clone());
    let right = (without, with);
    assert_eq!(theirs(&left), theirs(&right), "the trap is gone");
    use std::collections::BTreeSet;
    let (with, without) = (BTreeSet::from([7]), BTreeSet::<i32>::new());
    assert_ne!(
        fingerprints.of(&(with.clone(), without.clone())),
        fingerprints.of(&(without, with))
    );
}
