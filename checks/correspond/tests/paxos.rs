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

#[test]
fn cores_follow_the_model_as_far_as_their_rules_let_them() {
    let path = |actions: &[&str]| actions.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>();
    let good = path(&[
        "Phase1a(0)",
        "Phase1b(a1, 0)",
        "Phase1b(a2, 0)",
        "Phase2a(0, v1)",
        "Phase2b(a1, 0, v1)",
        "Phase2b(a2, 0, v1)",
    ]);
    let followed = support::followed::<PaxosCoresRung>(&[], &good);
    assert_eq!(followed.taken, good.len(), "{followed:?}");
    // A vote without regard to the promise: what the model does without the rule.
    let bad = path(&[
        "Phase1a(0)",
        "Phase1b(a1, 0)",
        "Phase1b(a2, 0)",
        "Phase2a(0, v1)",
        "Phase2b(a1, 0, v1)",
        "Phase1a(3)",
        "Phase1b(a2, 3)",
        "Phase2b(a2, 0, v1)",
    ]);
    let followed = support::followed::<PaxosCoresRung>(&[("rounds", 2)], &bad);
    assert_eq!(followed.taken, bad.len() - 1, "{followed:?}");
    assert!(
        followed.refused.contains("AcceptNotBelowPromise"),
        "{followed:?}"
    );
}
