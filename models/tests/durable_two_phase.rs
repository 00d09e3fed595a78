//! Published bugs of two-phase commit break the promise itself: seen by stateright, which looks at nothing but invariants.

use concur_models::kit::{Rung, Settings, Values};
use concur_models::two_phase::durable_configs::DurableTwoPhaseRung as Durable;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::{Faithful, RuleSet, Without};
use stateright::{Checker, Model};

/// Which of AC1 and AC3 fail somewhere. Invariants near the bugs are not asked.
fn broken<S: RuleSet<Rule>>(settings: Settings, rules: S) -> Vec<&'static str> {
    let mut values = Values::new(Durable::PARAMS, settings);
    values.set("near", 0);
    let model = Durable::model(&values, rules).expect("there is a model");
    let checker = model.checker().spawn_bfs().join();
    let fails = |name: &&'static str| checker.discovery(name).is_some();
    ["AC1", "AC3"].into_iter().filter(fails).collect()
}

#[test]
fn the_protocol_keeps_the_promise() {
    let settings = &[("participants", 2), ("crashes", 2), ("read_only", 1)];
    assert!(broken(settings, Faithful).is_empty());
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
        assert!(broken(TWO, Without(rule)).contains(&"AC1"), "{bug}");
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
        assert!(broken(settings, Faithful).contains(&"AC1"), "{bug}");
    }
}
