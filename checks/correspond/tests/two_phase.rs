//! Clusters of sites that commit, and TwoPhase.tla, at sizes of a second.

mod support;

use concur_cores::two_phase::Rule;
use concur_correspond::two_phase::{PaxosCommitCoresRung, TwoPhaseCoresRung};
use concur_models::kit::Rung as _;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as TwoPhase;

#[test]
fn every_step_of_sites_that_commit_in_two_phases_is_one_of_the_model() {
    support::conforms::<TwoPhaseCoresRung>();
}

#[test]
fn every_step_of_sites_whose_acceptors_decide_is_one_of_the_model() {
    support::conforms::<PaxosCommitCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    let never = support::never_taken::<TwoPhaseCoresRung>();
    assert_eq!(never, Vec::<&str>::new());
    let never = support::never_taken::<PaxosCommitCoresRung>();
    assert_eq!(never, Vec::<&str>::new());
}

#[test]
fn sites_do_what_the_model_does() {
    let sizes = [("no", 1), ("readers", 2), ("rollback", 1)];
    support::does_everything::<TwoPhaseCoresRung>(&sizes);
    let acceptors = [("leaders", 0), ("no", 1), ("readers", 2), ("rollback", 1)];
    support::does_everything::<PaxosCommitCoresRung>(&acceptors);
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<TwoPhaseCoresRung>(0..5);
    support::walks_conform::<PaxosCommitCoresRung>(0..5);
}

#[test]
fn a_random_run_without_a_guard_is_shortened_to_a_story() {
    let rule = Rule::TwoPhase(TwoPhase::DYesSynced);
    let found = support::walk_without::<TwoPhaseCoresRung>(rule, 0..50);
    let (_, story) = found.expect("some seed finds it");
    assert!(story.lines().count() < 40, "{story}");
}

/// What a participant in doubt may not do any more takes more states than a test should look at: `concur omit` does.
const TOO_LARGE: Rule = Rule::TwoPhase(TwoPhase::DReadWorking);

#[test]
fn every_guard_left_out_is_noticed() {
    for rule in TwoPhaseCoresRung::RULES {
        if *rule != TOO_LARGE {
            let noticed = support::noticed::<TwoPhaseCoresRung>(*rule);
            assert!(noticed.is_some(), "{rule:?}");
        }
    }
    for rule in PaxosCommitCoresRung::RULES {
        let noticed = support::noticed::<PaxosCommitCoresRung>(*rule);
        assert!(noticed.is_some(), "{rule:?}");
    }
}
