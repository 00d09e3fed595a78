//! Our own concurrent parts under loom: every interleaving, up to the bound that is stated and printed.
//!
//! loom takes the place of std through `crate::sync`; the production file is included as it is.

#[path = "../../checks/engine/src/rendezvous.rs"]
#[allow(unreachable_pub)]
mod rendezvous;

#[path = "../../checks/engine/src/frontier.rs"]
#[allow(unreachable_pub)]
mod frontier;

mod sync {
    pub(crate) use loom::sync::{Condvar, Mutex};
}

use std::sync::atomic::{AtomicUsize, Ordering};

use frontier::Frontier;
use loom::sync::Arc;
use rendezvous::Rendezvous;

const LEVELS: usize = 3;

/// Has `workers` meet on each of a few levels, in every interleaving with at most `preemptions` preemptions; how many there are.
fn meet<const SLOTS: usize>(workers: usize, preemptions: usize) -> usize {
    let executions = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        let place = Arc::new(Rendezvous::<usize, SLOTS>::new(workers));
        let others: Vec<_> = (1..workers)
            .map(|id| {
                let place = Arc::clone(&place);
                loom::thread::spawn(move || work(id, workers, &place))
            })
            .collect();
        work(0, workers, &place);
        for other in others {
            other.join().expect("a worker ends");
        }
    });
    executions.load(Ordering::Relaxed)
}

fn work<const SLOTS: usize>(id: usize, workers: usize, place: &Rendezvous<usize, SLOTS>) {
    for level in 0..LEVELS {
        let mut reports = place.meet(level, level * workers + id);
        reports.sort_unstable();
        let all: Vec<_> = (0..workers).map(|id| level * workers + id).collect();
        assert_eq!(reports, all, "worker {id} on level {level}");
    }
}

#[test]
fn every_worker_reads_every_report_of_its_level() {
    for (workers, preemptions) in [(2, 4), (3, 2)] {
        let executions = meet::<2>(workers, preemptions);
        eprintln!(
            "{workers} workers, {LEVELS} levels, at most {preemptions} preemptions: {executions} executions"
        );
        assert!(executions > 1, "loom saw more than one interleaving");
    }
}

/// Has two workers expand a few levels, in every interleaving with at most three preemptions; how many there are.
///
/// Each state is its level. The first worker finds all states, so that the second has to take them from it.
fn expand<const PLACES: usize>() -> usize {
    let executions = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::new((Frontier::<usize, PLACES>::new(2), Rendezvous::new(2)));
        let other = Arc::clone(&shared);
        let other = loom::thread::spawn(move || take_each_level(1, &other));
        let mut taken = take_each_level(0, &shared);
        taken.extend(other.join().expect("a worker ends"));
        taken.sort_unstable();
        assert_eq!(taken, [0, 0, 1, 1], "each state is expanded once");
    });
    executions.load(Ordering::Relaxed)
}

fn take_each_level<const PLACES: usize>(
    id: usize,
    (frontier, level_end): &(Frontier<usize, PLACES>, Rendezvous<usize>),
) -> Vec<usize> {
    let mut taken = Vec::new();
    for level in 0..2 {
        if id == 0 {
            frontier.put(level, id, [level, level]);
        }
        level_end.meet(level, id);
        while let Some(state) = frontier.take(level, id) {
            assert_eq!(state, level, "worker {id} is on level {level}");
            taken.push(state);
        }
    }
    taken
}

#[test]
fn every_state_is_expanded_once_on_its_level_whoever_found_it() {
    let executions = expand::<2>();
    eprintln!("2 workers, 2 levels, at most 3 preemptions: {executions} executions");
    assert!(executions > 1, "loom saw more than one interleaving");
}

#[test]
#[should_panic(expected = "is on level 0")]
fn with_one_place_a_slow_worker_takes_states_of_the_next_level() {
    expand::<1>();
}

/// The seeded bug ends in a deadlock, on which loom aborts the process: so it runs in one of its own.
#[test]
fn with_one_slot_a_fast_worker_disturbs_a_slow_one() {
    const IN_CHILD: &str = "CONCUR_ONE_SLOT";
    if std::env::var_os(IN_CHILD).is_some() {
        meet::<1>(2, 4);
        return;
    }
    let child = std::process::Command::new(std::env::current_exe().expect("a test is a program"))
        .args([
            "--exact",
            "with_one_slot_a_fast_worker_disturbs_a_slow_one",
            "--nocapture",
        ])
        .env(IN_CHILD, "1")
        .output()
        .expect("the test runs again");
    let error = String::from_utf8_lossy(&child.stderr);
    assert!(
        !child.status.success() && error.contains("deadlock"),
        "loom did not find the bug: {error}"
    );
}
