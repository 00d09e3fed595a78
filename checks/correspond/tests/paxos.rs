//! Paxos cores and their model, at sizes of a second.

mod support;

use concur_correspond::paxos::PaxosCoresRung;
use concur_rules::durable_paxos::DurablePaxosRule as Rule;

#[test]
fn every_step_of_the_cores_is_one_of_the_model() {
    support::conforms::<PaxosCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    assert_eq!(support::never_taken::<PaxosCoresRung>(), Vec::<&str>::new());
}

#[test]
fn the_cores_do_everything_that_the_model_does() {
    support::does_everything::<PaxosCoresRung>(&[]);
    support::does_everything::<PaxosCoresRung>(&[("rounds", 2)]);
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<PaxosCoresRung>(0..30);
}

#[test]
fn a_random_run_without_a_guard_is_shortened_to_a_story() {
    let (what, story) =
        support::walk_without::<PaxosCoresRung>(Rule::AcceptNotBelowPromise, 0..200)
            .expect("some seed finds it");
    assert_eq!(what, "Refinement");
    assert!(story.lines().count() < 20, "{story}");
}
