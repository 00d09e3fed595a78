//! The list of published bugs names rules, configurations and properties that exist; a bug is found for the property that its source names, and what is no bug is not found.

use std::collections::BTreeSet;

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::zoo::{Rival, Safari, Specimen, plant};
use concur_checks::registry::{About, RUNGS};
use concur_checks::temporal::LIVES;
use concur_checks::verdict::{PropertyKind, Verdict};
use concur_checks::zoo::{Bug, ELSEWHERE, Seed, ZOO, select};
use concur_models::kit::{Outcome, Tier};

#[test]
fn every_bug_is_planted_somewhere() {
    for bug in ZOO {
        let planted = match bug.seed {
            // Where nobody misses the rule, omission fails; here it only has to exist.
            Seed::Without(rule) => rungs(bug.rung).any(|about| named(&about, rule)),
            Seed::Config(name) => {
                rungs(bug.rung).any(|about| fails(&about, name)) || breaks(bug.rung, name)
            }
            Seed::Set => rungs(bug.rung).count() == 1 && !bug.at.is_empty(),
        };
        assert!(planted, "{} ({}): {:?}", bug.id, bug.rung, bug.seed);
        assert!(
            !bug.source.is_empty() && !bug.breaks.is_empty(),
            "{}",
            bug.id
        );
    }
}

fn rungs(id: &str) -> impl Iterator<Item = About> {
    let all = RUNGS.iter().map(|rung| rung.about());
    all.filter(move |about| about.id() == id)
}

fn named(about: &About, rule: &str) -> bool {
    about.rules.iter().any(|card| card.name == rule)
}

fn fails(about: &About, config: &str) -> bool {
    about
        .configs
        .iter()
        .any(|c| c.name == config && matches!(c.expect.outcome, Outcome::Fails { .. }))
}

/// Whether a promise of that model is expected to be broken at that size.
fn breaks(id: &str, config: &str) -> bool {
    let lives = LIVES.iter().map(|live| live.about());
    let mut configs = lives
        .filter(|about| about.id() == id)
        .flat_map(|about| about.configs);
    configs.any(|c| c.name == config && !c.broken.is_empty())
}

#[test]
fn every_size_of_a_bug_sets_parameters_that_exist() {
    for bug in ZOO {
        for (name, _) in bug.at {
            let mut params = rungs(bug.rung).flat_map(|about| about.params);
            assert!(
                params.any(|param| param.name == *name),
                "{}: {name}",
                bug.id
            );
        }
    }
}

#[test]
fn no_bug_is_planted_by_a_rule_that_is_redundant() {
    for bug in ZOO {
        let Seed::Without(rule) = bug.seed else {
            continue;
        };
        let rung = RUNGS.iter().find(|rung| rung.about().id() == bug.rung);
        let redundant = &rung.expect("it exists").about().redundant;
        assert!(!redundant.iter().any(|(name, _)| *name == rule), "{rule}");
    }
}

#[test]
fn no_bug_is_both_planted_and_said_to_belong_elsewhere() {
    for bug in ELSEWHERE {
        let planted = |other: &&Bug| (other.id, other.what) == (bug.id, bug.what);
        assert!(
            ZOO.iter().find(planted).is_none(),
            "{}: {}",
            bug.id,
            bug.what
        );
        assert!(
            !bug.because.ends_with('.'),
            "{}: the report ends the sentence",
            bug.id
        );
    }
}

/// The families of the list, and how many numbers each has.
const NUMBERS: &[(&str, usize)] = &[("PX", 19), ("RF", 66), ("TP", 22), ("CH", 19), ("PB", 9)];

#[test]
fn every_number_of_the_list_is_planted_or_said_to_belong_elsewhere() {
    let planted = ZOO.iter().map(|bug| bug.id);
    let all: BTreeSet<_> = planted.chain(ELSEWHERE.iter().map(|bug| bug.id)).collect();
    for (family, last) in NUMBERS {
        for number in 1..=*last {
            let id = format!("{family}{number:02}");
            assert!(all.contains(id.as_str()), "{id}");
        }
    }
    assert!(ZOO.len() >= 60);
}

#[test]
fn a_selector_is_a_number_a_protocol_or_a_rung() {
    let count = |selector: &str| select(&[selector.to_owned()]).map_or(0, |bugs| bugs.len());
    assert_eq!(count("px03"), 1);
    assert_eq!(count("RF24"), 3);
    assert!(count("raft") > count("raft/coarse-raft"));
    assert_eq!(count("raft/coarse"), 0);
    let unknown = select(&["RF50".to_owned()]).expect_err("no model shows it");
    assert!(unknown.to_string().contains("not here: RF50"), "{unknown}");
}

// --------------------------------------------------------------------------------------------------------- What is found

fn bug(id: &str) -> &'static Bug {
    let bug = ZOO.iter().find(|bug| bug.id == id);
    bug.expect("it is in the list")
}

fn look(bug: &'static Bug, matrix: bool) -> Specimen {
    let (plan, progress) = (Plan::default(), Progress::default());
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &progress,
    };
    let tier = Tier::Small;
    plant(bug, Safari { tier, matrix, how }).expect("its size gives a model")
}

/// An acceptor that accepts below its promise is noticed by an invariant long before two values are chosen: what is asked for is the latter.
#[test]
fn what_fails_before_the_named_property_is_passed_over() {
    let specimen = look(bug("PX03"), false);
    let first = specimen.first.expect("something else fails before");
    assert_ne!(first.by, specimen.breaks);
    assert!(specimen.sighting.found && specimen.as_expected);
    let states = specimen.sighting.states.expect("there is a counterexample");
    assert!(states > first.states, "{states} > {}", first.states);
    let trace = specimen.trace.expect("there is a counterexample");
    assert_eq!(trace.states(), states);
}

/// What the sources of some bugs say that they break, where a lemma right beside the mistake fails long before.
const NAMED: &[(&str, &[&str])] = &[
    ("RF22", &["MatchMonotonic", "Leader Completeness"]),
    ("RF23", &["CommittedOnQuorum"]),
    ("RF24", &["Committed On Quorum", "CommittedOnQuorum"]),
    ("RF27", &["NextGtMatch"]),
    ("RF62", &["CommittedOnQuorum"]),
];

#[test]
fn what_a_bug_is_looked_for_is_what_its_source_names() {
    for (id, named) in NAMED {
        let mut its = ZOO.iter().filter(|bug| bug.id == *id);
        assert!(its.clone().count() > 0, "{id}");
        let other = its.find(|bug| !named.contains(&bug.breaks));
        assert!(other.is_none(), "{other:?}");
    }
}

#[test]
fn an_acknowledged_log_that_is_too_long_loses_what_was_committed() {
    let its = |bug: &&Bug| bug.id == "RF22" && bug.seed == Seed::Without("AcknowledgeLastEntry");
    let specimen = look(ZOO.iter().find(its).expect("it is in the list"), false);
    assert!(specimen.as_expected, "{:?}", specimen.sighting);
    let trace = specimen.trace.expect("there is a counterexample");
    assert_eq!(
        (specimen.breaks, trace.states()),
        ("Leader Completeness", 19)
    );
}

/// The protocol as published, in the place of a bug.
const CLEAN: Bug = Bug {
    id: "no bug",
    what: "the protocol as published",
    rung: "paxos/durable-paxos",
    seed: Seed::Set,
    breaks: "Agreement",
    source: "Lamport 2001",
    at: &[("learners", 0)],
};

static NO_BUG: Bug = CLEAN;

#[test]
fn what_is_no_bug_is_not_found() {
    let specimen = look(&NO_BUG, true);
    assert_eq!(specimen.verdict, Verdict::Holds);
    assert!(!specimen.as_expected && !specimen.sighting.found);
    let matrix = specimen.matrix;
    assert!(matrix.is_none(), "there is nothing to compare with");
}

static ANOTHER_PROPERTY: Bug = Bug {
    breaks: "Consistency",
    at: &[("learners", 1)],
    seed: Seed::Without("AskBallotSynced"),
    ..CLEAN
};

#[test]
fn a_bug_is_not_found_for_a_property_that_it_does_not_break() {
    let specimen = look(&ANOTHER_PROPERTY, false);
    assert_eq!(specimen.verdict, Verdict::Holds);
}

static NO_SUCH_PROPERTY: Bug = Bug {
    breaks: "Agreemint",
    ..CLEAN
};

#[test]
fn a_property_that_nobody_claims_is_not_found() {
    let specimen = look(&NO_SUCH_PROPERTY, false);
    assert!(!specimen.as_expected && specimen.kind.is_none());
}

#[test]
fn a_limit_leaves_a_bug_unknown() {
    let mut plan = Plan::default();
    plan.limits.max_states = Some(10);
    let progress = Progress::default();
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &progress,
    };
    let tier = Tier::Small;
    let matrix = false;
    let specimen = plant(bug("PX03"), Safari { tier, matrix, how }).expect("there is a model");
    assert_eq!(specimen.verdict, Verdict::Unknown);
    assert!(!specimen.as_expected);
}

#[test]
fn the_matrix_says_how_reductions_and_stateright_fare() {
    let specimen = look(bug("PX04"), true);
    let matrix = specimen.matrix.expect("it was asked for");
    assert!(matrix.symmetry.is_some_and(|symmetry| symmetry.found));
    assert_eq!(specimen.kind, Some(PropertyKind::Invariant));
    let Rival::Found { states, .. } = matrix.stateright_bfs else {
        panic!("{:?}", matrix.stateright_bfs);
    };
    assert!(Some(states) >= specimen.sighting.states, "ours is shortest");
    assert!(matches!(matrix.stateright_dfs, Rival::Found { .. }));
}

#[test]
fn what_stateright_has_no_word_for_is_said() {
    for (id, kind) in [
        ("CH09", PropertyKind::Step),
        ("TP12", PropertyKind::Liveness),
        ("PX14", PropertyKind::Coverage),
    ] {
        let specimen = look(bug(id), true);
        assert!(specimen.as_expected, "{id}");
        assert_eq!(specimen.kind, Some(kind), "{id}");
        let matrix = specimen.matrix.expect("it was asked for");
        assert_eq!(matrix.stateright_bfs, Rival::NoWord, "{id}");
    }
}
