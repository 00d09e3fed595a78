//! Work side by side: its results come in order, and nothing begins after somebody has broken off.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use concur_checks::side_by_side::in_order;
use proptest::prelude::*;

/// Work that takes the longer the lower the item: on several threads the last ones are done first.
fn work(item: usize) -> usize {
    let slow = (20_000_usize).saturating_sub(item * 500);
    std::hint::black_box((0..slow).fold(0, |sum: usize, n| std::hint::black_box(sum ^ n)));
    item * item
}

proptest! {
    #[test]
    fn results_come_in_the_order_of_the_work(threads in 0usize..6, items in 0usize..50) {
        let mut results = Vec::new();
        let ended = in_order(threads, 0..items, work, |result| -> std::ops::ControlFlow<()> {
            results.push(result);
            Continue(())
        });
        prop_assert_eq!(ended, Continue(()));
        prop_assert_eq!(results, (0..items).map(|item| item * item).collect::<Vec<_>>());
    }

    #[test]
    fn who_breaks_off_has_seen_everything_before_and_nothing_after(threads in 1usize..6, last in 0usize..50) {
        let mut taken = 0;
        let ended = in_order(threads, 0.., work, |result| {
            taken += 1;
            if result == last * last { Break(result) } else { Continue(()) }
        });
        prop_assert_eq!(ended, Break(last * last));
        prop_assert_eq!(taken, last + 1);
    }
}

#[test]
fn after_somebody_has_broken_off_the_rest_is_left() {
    const ITEMS: usize = 10_000;
    let begun = AtomicUsize::new(0);
    let work = |_| {
        begun.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(1));
    };
    let ended = in_order(4, 0..ITEMS, work, |()| Break(()));
    assert_eq!(ended, Break(()));
    // Until the first result is heard, threads go on: a few items, and not all of them.
    let begun = begun.into_inner();
    assert!(begun < ITEMS / 2, "{begun} of {ITEMS} began");
}
