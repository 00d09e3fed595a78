//! Fingerprints: sets of them are sets, and what the chance of a collision is.

use concur_checks::engine::fingerprint::{Fingerprinter, collision_probability};
use concur_checks::engine::visited::Visited;

#[test]
fn a_set_of_fingerprints_is_a_set() {
    let set: Visited = Visited::new();
    let fingerprints = Fingerprinter::new(0);
    let of = |n: u32| fingerprints.of(&n);
    assert!((0..100_000).all(|n| set.with_room_for(1, |room| room.insert(of(n)))));
    set.with_room_for(0, |room| {
        assert!((0..100_000).all(|n| !room.insert(of(n)) && room.contains(of(n))));
        assert!((100_000..200_000).all(|n| !room.contains(of(n))));
    });
    assert!(set.bytes() <= 20 * 100_000);
}

#[test]
fn the_last_slots_wrap_around() {
    let set: Visited = Visited::new();
    let high: Vec<u64> = (0..40).map(|n| u64::MAX - (n << 32)).collect();
    set.with_room_for(high.len(), |room| {
        assert!(high.iter().all(|&f| room.insert(f)));
        assert!(high.iter().all(|&f| room.contains(f)));
    });
}

/// Each batch leaves the set with room for the next, and none that it did not need is kept from others.
#[test]
fn a_set_grows_when_room_is_asked_for_and_no_more_than_it_must() {
    let set: Visited<1, 4> = Visited::new();
    let bytes = |slots: u64| slots * 8;
    for _ in 0..10 {
        assert!(!set.with_room_for(3, |room| room.contains(1)));
    }
    assert_eq!(set.bytes(), bytes(4));
    assert!(set.with_room_for(4, |room| (1..=4).all(|f| room.insert(f))));
    assert_eq!(set.bytes(), bytes(8));
    set.with_room_for(100, |_| {});
    assert_eq!(set.bytes(), bytes(256));
    assert!(set.with_room_for(0, |room| (1..=4).all(|f| room.contains(f))));
}

#[test]
#[should_panic(expected = "room was asked for")]
fn nothing_new_is_added_without_room_for_it() {
    let set: Visited = Visited::new();
    set.with_room_for(1, |room| room.insert(1) && room.insert(2));
}

#[test]
fn the_collision_probability_is_that_of_birthdays() {
    assert_eq!(collision_probability(1), 0.0);
    let hundred_million = collision_probability(100_000_000);
    assert!((0.000_27..0.000_28).contains(&hundred_million));
}
