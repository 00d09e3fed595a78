//! Fingerprints: sets of them are sets, and what the chance of a collision is.

use concur_checks::engine::fingerprint::{FingerprintSet, Fingerprinter, collision_probability};

#[test]
fn a_set_of_fingerprints_is_a_set() {
    let mut set = FingerprintSet::default();
    let fingerprints = Fingerprinter::new(0);
    let of = |n: u32| fingerprints.of(&n);
    assert!((0..100_000).all(|n| set.insert(of(n))));
    assert!((0..100_000).all(|n| !set.insert(of(n)) && set.contains(of(n))));
    assert!((100_000..200_000).all(|n| !set.contains(of(n))));
    assert_eq!(set.len(), 100_000);
    assert!(set.bytes() <= 20 * set.len());
}

#[test]
fn the_last_slots_wrap_around() {
    let mut set = FingerprintSet::default();
    let high: Vec<u64> = (0..40).map(|n| u64::MAX - (n << 32)).collect();
    assert!(high.iter().all(|&f| set.insert(f)));
    assert!(high.iter().all(|&f| set.contains(f)));
}

#[test]
fn the_collision_probability_is_that_of_birthdays() {
    assert_eq!(collision_probability(1), 0.0);
    let hundred_million = collision_probability(100_000_000);
    assert!((0.000_27..0.000_28).contains(&hundred_million));
}
