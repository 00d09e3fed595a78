//! The shared ring and the load counters under loom: every interleaving, up to the bound that is stated and printed.
//!
//! loom takes the place of std through `crate::sync`; the production files are included as they are. Beside each check stands the same thing done
//! wrong, in which loom must find the fault.

#[path = "../src/balancer.rs"]
#[allow(unreachable_pub, dead_code)]
mod balancer;
#[path = "../src/membership.rs"]
#[allow(unreachable_pub)]
mod membership;
mod scenarios;
mod sync;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc as Count;
use std::sync::atomic::{AtomicUsize, Ordering as By};

use balancer::Balancer;
use concur_cores::NodeId;
use concur_cores::ring::Ring;
use loom::thread::spawn;
use membership::Membership;
use scenarios::{KEYS, Size, as_many_requests_as_members, owners, view, view_of};
use sync::{Arc, AtomicU64, Ordering, Swap};

/// Runs `body` in every interleaving with at most `preemptions` preemptions. How many there were.
fn explore(what: &str, preemptions: usize, body: impl Fn() + Sync + Send + 'static) -> usize {
    let executions = Count::new(AtomicUsize::new(0));
    let count = Count::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        count.fetch_add(1, By::Relaxed);
        body();
    });
    let executions = executions.load(By::Relaxed);
    eprintln!("{what}: at most {preemptions} preemptions, {executions} executions");
    assert!(executions > 1, "loom saw more than one interleaving");
    executions
}

/// Whether loom finds a fault.
fn finds(what: &str, preemptions: usize, body: impl Fn() + Sync + Send + 'static) -> bool {
    catch_unwind(AssertUnwindSafe(|| explore(what, preemptions, body))).is_err()
}

#[test]
fn a_reader_sees_one_view_and_epochs_only_grow() {
    let size = Size {
        writers: 1,
        readers: 1,
        epochs: 3,
        looks: 3,
    };
    explore("one writer, one reader", 3, move || {
        scenarios::readers_and_writers(size);
    });
}

/// ZOO CH11: points and the table of owners in two stores.
#[test]
fn loom_finds_a_ring_that_is_swapped_in_two_stores() {
    struct TwoStores {
        epoch: Swap<u64>,
        owners: Swap<Vec<NodeId>>,
    }
    let found = finds("two stores", 2, || {
        let owners_of = |epoch| owners(&Ring::new(view_of(epoch, 2)));
        let shared = Arc::new(TwoStores {
            epoch: Swap::new(1),
            owners: Swap::new(owners_of(1)),
        });
        let writer = Arc::clone(&shared);
        let writes = spawn(move || {
            writer.epoch.store(2);
            writer.owners.store(owners_of(2));
        });
        let (epoch, owners) = (shared.epoch.load(), shared.owners.load());
        assert_eq!(*owners, owners_of(*epoch));
        writes.join().expect("the writer ends");
    });
    assert!(found);
}

#[test]
fn of_two_writers_the_newer_view_stays() {
    let size = Size {
        writers: 2,
        readers: 1,
        epochs: 3,
        looks: 1,
    };
    explore("two writers", 3, move || {
        scenarios::readers_and_writers(size);
    });
}

#[test]
fn loom_finds_a_writer_that_looks_before_it_locks() {
    let found = finds("looking without the lock", 2, || {
        let shared = Arc::new(Swap::new(1_u64));
        let install = |shared: &Swap<u64>, epoch| {
            if epoch > *shared.load() {
                shared.store(epoch);
            }
        };
        let other = Arc::clone(&shared);
        let third = spawn(move || install(&other, 3));
        install(&shared, 2);
        third.join().expect("the other writer ends");
        assert_eq!(*shared.load(), 3);
    });
    assert!(found);
}

#[test]
fn two_requests_at_once_do_not_overload_a_member() {
    explore("two requests at once", 3, || as_many_requests_as_members(2));
}

/// Checking for room and taking it in two steps.
#[test]
fn loom_finds_a_counter_that_looks_before_it_takes() {
    let found = finds("looking, then taking", 2, || {
        let requests = Arc::new(AtomicU64::new(0));
        let take = |requests: &AtomicU64| {
            if requests.load(Ordering::Acquire) < 1 {
                requests.fetch_add(1, Ordering::AcqRel);
            }
        };
        let other = Arc::clone(&requests);
        let second = spawn(move || take(&other));
        take(&requests);
        second.join().expect("the other request is served");
        assert!(requests.load(Ordering::Acquire) <= 1);
    });
    assert!(found);
}

/// The key goes to the member that is removed: else the test would say nothing.
#[test]
fn no_load_leaks_when_a_member_is_removed() {
    assert_eq!(Ring::new(view(2, 1..=3)).owner(KEYS[0]), NodeId(1));
    explore("departure, removal and arrival", 2, || {
        scenarios::removal(1)
    });
}

/// ZOO CH14: whether the member is still there is asked before its load is taken off.
#[test]
fn loom_finds_a_departure_that_asks_before_it_counts() {
    let found = finds("asking, then counting", 2, || {
        let (removed, total) = (AtomicU64::new(0), AtomicU64::new(1));
        let shared = Arc::new((removed, total));
        let writer = Arc::clone(&shared);
        let removal = spawn(move || {
            writer.0.store(1, Ordering::Release);
            writer.1.fetch_sub(1, Ordering::AcqRel);
        });
        if shared.0.load(Ordering::Acquire) == 0 {
            shared.1.fetch_sub(1, Ordering::AcqRel);
        }
        removal.join().expect("the writer ends");
        assert_eq!(shared.1.load(Ordering::Acquire), 0);
    });
    assert!(found);
}
