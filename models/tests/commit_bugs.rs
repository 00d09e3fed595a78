//! Published bugs of two-phase and three-phase commit break the promise itself: seen by stateright, which looks at nothing but invariants.

use concur_models::kit::{Observed, Rung, Settings, Values};
use concur_models::two_phase::durable::configs::DurableTwoPhaseRung as Durable;
use concur_models::two_phase::three_phase::configs::ThreePhaseRung;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::three_phase::ThreePhaseRule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Checker, Model};

/// Which of AC1 and AC3 fail somewhere.
fn broken<R: Rung>(settings: Settings, rules: impl RuleSet<R::Rule>) -> Vec<&'static str> {
    let values = Values::new(R::PARAMS, settings);
    let model = R::model(&values, rules).expect("there is a model");
    let checker = model.checker().spawn_bfs().join();
    let fails = |name: &&'static str| checker.discovery(name).is_some();
    ["AC1", "AC3"].into_iter().filter(fails).collect()
}

#[test]
fn the_protocol_keeps_the_promise() {
    let settings = &[("participants", 2), ("crashes", 2), ("read_only", 1)];
    assert!(broken::<Durable>(settings, Faithful).is_empty());
}

#[test]
fn rules_that_the_field_left_out_break_it() {
    const TWO: Settings = &[("crashes", 1)];
    for (bug, rule) in [
        ("decision sent before it is logged", Rule::DTellCommitSynced),
        ("unilateral abort after YES", Rule::DChooseToAbortWorking),
        ("YES not logged", Rule::DYesSynced),
        ("YES without a record", Rule::DPrepareWrites),
        ("commit without all votes", Rule::DCommitAllVoted),
        (
            "forgotten before everyone acknowledged",
            Rule::DForgetAllAcked,
        ),
        ("acknowledged before it is logged", Rule::DAckSynced),
        ("a repeated vote counted", Rule::DVoteOnce),
        ("abort after the decision to commit", Rule::DAbortUndecided),
        (
            "an uncertain participant answers abort",
            Rule::DAnswerAbortCertain,
        ),
        (
            "votes of an earlier attempt counted",
            Rule::DRestartPresumes,
        ),
        (
            "the presumption obeyed by one that has committed",
            Rule::DRcvAbortUndecided,
        ),
    ] {
        assert!(
            broken::<Durable>(TWO, Observed::without(rule)).contains(&"AC1"),
            "{bug}"
        );
    }
}

#[test]
fn parameters_that_the_field_chose_break_it() {
    for (bug, settings) in [
        (
            "commit on a majority of votes",
            &[("participants", 3), ("votes", 1)][..],
        ),
        ("commit without asking", &[("votes", 2)]),
        ("abort on a timeout in doubt", &[("in_doubt", 1)]),
        ("commit on a timeout in doubt", &[("in_doubt", 2)]),
        (
            "presumed commit over the log of presumed abort",
            &[("presume", 1)],
        ),
    ] {
        assert!(
            broken::<Durable>(settings, Faithful).contains(&"AC1"),
            "{bug}"
        );
    }
}

#[test]
fn three_phase_commit_breaks_where_the_network_parts_or_recovery_is_not_alone() {
    let parts = &[("participants", 2), ("crashes", 0), ("partition", 1)];
    assert!(broken::<ThreePhaseRung>(parts, Faithful).contains(&"AC1"));
    for rule in [
        ThreePhaseRule::T3ElectTimedOut,
        ThreePhaseRule::T3ElectAlone,
        ThreePhaseRule::T3RecoveredStayOut,
        ThreePhaseRule::T3CommitAllAcked,
    ] {
        let broken = broken::<ThreePhaseRung>(&[("crashes", 3)], Observed::without(rule));
        assert!(broken.contains(&"AC1"), "{rule:?}");
    }
}
