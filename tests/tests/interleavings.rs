//! Our own concurrent parts under loom: every interleaving, up to the bound that is stated and printed.
//!
//! loom takes the place of std through `sync`; the production files are included as they are.

#[path = "../../checks/engine/src/rendezvous.rs"]
#[allow(unreachable_pub)]
mod rendezvous;

#[path = "../../checks/engine/src/frontier.rs"]
#[allow(unreachable_pub)]
mod frontier;

#[path = "../../checks/engine/src/visited.rs"]
#[allow(unreachable_pub, dead_code)]
mod visited;

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use loom::sync::{Condvar, Mutex, RwLock, RwLockReadGuard};

    /// What loom lacks: whoever is first makes the value, and the others wait for it.
    #[derive(Debug)]
    pub(crate) struct OnceLock<T> {
        turn: Mutex<()>,
        value: std::sync::OnceLock<T>,
    }

    impl<T> OnceLock<T> {
        pub(crate) fn new() -> Self {
            Self {
                turn: Mutex::new(()),
                value: std::sync::OnceLock::new(),
            }
        }

        pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
            let _turn = self.turn.lock().expect("no worker panics here");
            self.value.get_or_init(make)
        }

        pub(crate) fn get(&self) -> Option<&T> {
            let _turn = self.turn.lock().expect("no worker panics here");
            self.value.get()
        }

        pub(crate) fn take(&mut self) -> Option<T> {
            self.value.take()
        }
    }

    /// To look once is enough: loom tries when.
    pub(crate) fn briefly(done: impl Fn() -> bool) {
        done();
    }
}

/// The set of what was seen, with a seeded bug: a slot is claimed in two steps, and between them somebody else may claim it.
#[path = "."]
mod torn {
    #[path = "../../checks/engine/src/visited.rs"]
    #[allow(unreachable_pub, dead_code, clippy::duplicate_mod)]
    pub(crate) mod visited;

    mod sync {
        pub(crate) use crate::sync::{Mutex, OnceLock, Ordering, RwLock, RwLockReadGuard};

        #[derive(Debug)]
        pub(crate) struct AtomicU64(loom::sync::atomic::AtomicU64);

        impl AtomicU64 {
            pub(crate) fn new(value: u64) -> Self {
                Self(loom::sync::atomic::AtomicU64::new(value))
            }

            pub(crate) fn load(&self, ordering: Ordering) -> u64 {
                self.0.load(ordering)
            }

            pub(crate) fn store(&self, value: u64, ordering: Ordering) {
                self.0.store(value, ordering);
            }

            pub(crate) fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
                self.0.fetch_add(value, ordering)
            }

            pub(crate) fn fetch_sub(&self, value: u64, ordering: Ordering) -> u64 {
                self.0.fetch_sub(value, ordering)
            }

            pub(crate) fn compare_exchange(
                &self,
                current: u64,
                new: u64,
                ordering: Ordering,
                _: Ordering,
            ) -> Result<u64, u64> {
                let there = self.0.load(ordering);
                if there != current {
                    return Err(there);
                }
                self.0.store(new, ordering);
                Ok(there)
            }
        }
    }
}

/// The set of what was seen, with a seeded bug: nobody waits for who fills a larger table, and who comes later fills one of its own with what is left.
#[path = "."]
mod hasty {
    #[path = "../../checks/engine/src/visited.rs"]
    #[allow(unreachable_pub, dead_code, clippy::duplicate_mod)]
    pub(crate) mod visited;

    mod sync {
        pub(crate) use crate::sync::{AtomicU64, Mutex, Ordering, RwLock, RwLockReadGuard};

        #[derive(Debug)]
        pub(crate) struct OnceLock<T>(crate::sync::OnceLock<T>);

        impl<T> OnceLock<T> {
            pub(crate) fn new() -> Self {
                Self(crate::sync::OnceLock::new())
            }

            pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
                let mine = self.0.get().is_none().then(make);
                self.0.get_or_init(|| mine.expect("there was none"))
            }

            pub(crate) fn take(&mut self) -> Option<T> {
                self.0.take()
            }
        }
    }
}

use std::sync::atomic::{AtomicUsize, Ordering};

use frontier::Frontier;
use loom::sync::Arc;
use rendezvous::Rendezvous;

const LEVELS: usize = 3;

/// Runs `scenario` in every interleaving with at most `preemptions` preemptions; how many there are.
fn interleave(preemptions: usize, scenario: impl Fn() + Send + Sync + 'static) -> usize {
    let executions = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        scenario();
    });
    executions.load(Ordering::Relaxed)
}

/// Has `workers` meet on each of a few levels, in every interleaving with at most `preemptions` preemptions; how many there are.
fn meet<const SLOTS: usize>(workers: usize, preemptions: usize) -> usize {
    interleave(preemptions, move || {
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
    })
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
    interleave(3, || {
        let shared = Arc::new((Frontier::<usize, PLACES>::new(2), Rendezvous::new(2)));
        let other = Arc::clone(&shared);
        let other = loom::thread::spawn(move || take_each_level(1, &other));
        let mut taken = take_each_level(0, &shared);
        taken.extend(other.join().expect("a worker ends"));
        taken.sort_unstable();
        assert_eq!(taken, [0, 0, 1, 1], "each state is expanded once");
    })
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

/// Has two workers look up what one has found and what both have, in a set of so many tables of so many slots that holds one state and must grow meanwhile,
/// in every interleaving with at most three preemptions; how many there are.
macro_rules! find {
    ($visited:ident, $tables:literal, $slots:literal) => {{
        type Visited = $visited::Visited<$tables, $slots>;
        interleave(3, || {
            let visited = Arc::new(Visited::new());
            visited.with_room_for(1, |room| room.insert(4));
            let of_other = Arc::clone(&visited);
            let look_up = |visited: &Visited, found: [u64; 2]| {
                visited.with_room_for(2, |room| {
                    found.into_iter().filter(|&f| room.insert(f)).count()
                })
            };
            let other = loom::thread::spawn(move || look_up(&of_other, [1, 2]));
            let new = look_up(&visited, [2, 3]) + other.join().expect("a worker ends");
            assert_eq!(new, 3, "each state is new to one worker");
            visited.with_room_for(0, |room| {
                assert!((1..=4).all(|f| room.contains(f)), "nothing is lost");
            });
        })
    }};
}

#[test]
fn every_state_is_new_to_one_worker_however_the_set_grows() {
    for (tables, executions) in [(1, find!(visited, 1, 4)), (2, find!(visited, 2, 2))] {
        eprintln!(
            "2 workers, 2 states each, {tables} tables, at most 3 preemptions: {executions} executions"
        );
        assert!(executions > 1, "loom saw more than one interleaving");
    }
}

#[test]
#[should_panic(expected = "each state is new to one worker")]
fn where_a_slot_is_claimed_in_two_steps_a_state_is_new_to_both() {
    use torn::visited;
    find!(visited, 1, 4);
}

#[test]
#[should_panic(expected = "nothing is lost")]
fn where_nobody_waits_for_a_larger_table_what_was_seen_is_lost() {
    use hasty::visited;
    find!(visited, 1, 4);
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
