//! Clusters of sites that commit in two phases, and TwoPhase.tla, at sizes of a second.

mod support;

use concur_cores::two_phase::Rule;
use concur_correspond::cluster::Negligence;
use concur_correspond::two_phase::{AboveSites, AboveTwoPhase, TwoPhaseCoresRung};
use concur_models::two_phase::many::Action;
use concur_models::two_phase::protocol::{Action as Step, TmState};
use concur_rules::durable_two_phase::DurableTwoPhaseRule as TwoPhase;
use support::Gap;

#[test]
fn every_step_of_sites_that_commit_in_two_phases_is_one_of_the_model() {
    support::conforms::<TwoPhaseCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    let never = support::never_taken::<TwoPhaseCoresRung>();
    assert_eq!(never, Vec::<&str>::new());
}

/// A participant that aborts when the transaction manager has aborted counts as told so.
const TOLD: Gap<AboveSites<AboveTwoPhase>> = Gap {
    because: "it counts as told",
    is: |s, action| match action {
        Action::Step(transaction, Step::RMChooseToAbort(_)) => {
            s[transaction].state.tm_state == TmState::Aborted
        }
        _ => false,
    },
};

#[test]
fn sites_do_what_the_model_does() {
    let sizes = [("no", 1), ("readers", 2), ("rollback", 1)];
    support::does_all_but::<TwoPhaseCoresRung>(&[&sizes], &[TOLD]);
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<TwoPhaseCoresRung>(0..5);
}

#[test]
fn a_random_run_without_a_guard_is_shortened_to_a_story() {
    let rule = Rule::TwoPhase(TwoPhase::DYesSynced);
    let found = support::walk_without::<TwoPhaseCoresRung>(rule, 0..50);
    let (_, story) = found.expect("some seed finds it");
    assert!(story.lines().count() < 20, "{story}");
}

/// What a participant in doubt may not do any more takes more states than a test should look at: `concur omit --cores` does.
const TOO_LARGE: &[Rule] = &[Rule::TwoPhase(TwoPhase::DReadWorking)];

#[test]
fn every_guard_of_two_phase_commit_left_out_is_noticed() {
    support::notices_every_guard_but::<TwoPhaseCoresRung>(TOO_LARGE);
}

// ------------------------------------------------------------------------------------------------- Lines broken by hand

const CRASH: &[(&str, u32)] = &[("slow", 1), ("crashes", 1)];
const HASTY: Negligence = Negligence::SendsBeforeTheDisk;

#[test]
fn a_participant_that_forgets_a_prepared_transaction_is_noticed() {
    let forgetful = Negligence::Loses("Prepared");
    let small = &[("crashes", 1), ("alarms", 2)];
    support::breaks_on::<TwoPhaseCoresRung, _>(forgetful, small, "PreparedIsRemembered");
}

#[test]
fn a_coordinator_that_does_not_wait_for_all_votes_is_noticed() {
    let rule = TwoPhase::DCommitAllVoted;
    support::breaks_without::<TwoPhaseCoresRung>(rule, CRASH, "TMCommitAllPrepared");
}

#[test]
fn a_participant_that_votes_before_its_disk_is_noticed() {
    support::breaks_on::<TwoPhaseCoresRung, _>(HASTY, CRASH, "SaidIsDone");
}

#[test]
fn a_coordinator_that_tells_of_a_commit_before_its_disk_is_noticed() {
    let rule = TwoPhase::DTellCommitSynced;
    support::breaks_without::<TwoPhaseCoresRung>(rule, CRASH, "HostsToldTrue");
}
