//! The outside oracle: what TLC finds on the published specifications, our models find, to the state; and where a specification is broken, as short a counterexample.
//!
//! The sizes are given as parameters, as a user would on the command line, and not as the named configurations, whose expectations are
//! data that this test does not believe.

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::exhaustive::{Hunted, hunt};
use concur_checks::selector::{Only, Target, select};
use concur_checks::suite::{Engine, Options, run};
use concur_checks::verdict::{Findings, Verdict};
use concur_models::kit::{Refines, Spec, Tier, given};
use concur_models::two_phase::protocol::{Action, State, TwoPhase};
use concur_models::two_phase::spec::TCommit;
use concur_models::two_phase::{RmStates, ac1};
use concur_rules::AllBut;
use concur_rules::two_phase::TwoPhaseRule;
use stateright::{Model, Property};

fn explore(rung: &str, sizes: &str, symmetry: bool) -> Findings {
    let params: Vec<String> = sizes.split(' ').map(str::to_owned).collect();
    let options = Options {
        tier: Tier::Full,
        engine: Engine::Concur,
        plan: Plan {
            threads: 2,
            ..Plan::default()
        },
        symmetry,
    };
    let targets = select(&[rung.to_owned()], Tier::Full, &params, Only::Safety)
        .expect("the sizes are possible");
    let [target] = &targets[..] else {
        panic!("{rung} is one rung");
    };
    let result = run(target, &options, &Progress::default()).expect("there is such a model");
    assert_ne!(
        result.verdict,
        Verdict::Fails,
        "{rung} {sizes}: {:?}",
        result.remarks
    );
    result.findings
}

/// Rows of `rung`, `sizes`, distinct states, depth, and distinct states under full symmetry where that is known.
fn check(rows: &[(&str, &str, u64, u32, Option<u64>)]) {
    for &(rung, sizes, distinct, depth, orbits) in rows {
        let extent = explore(rung, sizes, false).reach.extent().clone();
        assert_eq!(
            (extent.distinct, extent.depth),
            (distinct, Some(depth)),
            "{rung} {sizes}"
        );
        if let Some(orbits) = orbits {
            let extent = explore(rung, sizes, true).reach.extent().clone();
            assert_eq!(
                (extent.distinct, extent.depth),
                (orbits, Some(depth)),
                "{rung} {sizes} up to symmetry"
            );
        }
    }
}

#[test]
fn two_phase_commit_has_the_states_that_tlc_finds() {
    check(&[
        ("two-phase/tcommit", "rms=3", 34, 7, None),
        ("two-phase/tcommit", "rms=4", 96, 9, None),
        ("two-phase/tcommit", "rms=5", 274, 11, None),
        ("two-phase/tcommit", "rms=7", 2_314, 15, None),
        ("two-phase/two-phase", "rms=3", 288, 11, Some(80)),
        ("two-phase/two-phase", "rms=4", 1_568, 14, Some(166)),
        ("two-phase/two-phase", "rms=5", 8_832, 17, Some(314)),
        ("two-phase/two-phase", "rms=7", 296_448, 23, Some(920)),
    ]);
}

#[test]
fn two_phase_commit_generates_the_states_that_tlc_generates() {
    for (rms, generated) in [(3, 1_146), (4, 8_258), (5, 58_146), (7, 2_744_706)] {
        let found = explore("two-phase/two-phase", &format!("rms={rms}"), false);
        assert_eq!(found.reach.extent().generated, Some(generated));
    }
}

#[test]
fn two_phase_commit_with_a_backup_has_the_states_that_tlc_finds() {
    check(&[("two-phase/backup-manager", "rms=3", 1_245, 15, None)]);
}

#[test]
fn non_blocking_commit_has_the_states_that_tlc_finds() {
    check(&[("two-phase/non-blocking", "participants=2", 4_284, 19, None)]);
}

#[test]
fn commit_by_a_simple_broadcast_has_the_states_that_tlc_finds() {
    check(&[(
        "two-phase/non-blocking",
        "participants=3 broadcast=simple",
        54_944,
        21,
        None,
    )]);
}

#[test]
fn nine_resource_managers_are_two_thousand_orbits() {
    let found = explore("two-phase/two-phase", "rms=9", true);
    assert_eq!(found.reach.extent().distinct, 2_232);
}

#[test]
fn paxos_has_the_states_that_tlc_finds() {
    check(&[
        (
            "paxos/voting",
            "acceptors=3 values=1 max_ballot=1",
            283,
            11,
            None,
        ),
        (
            "paxos/voting",
            "acceptors=3 values=2 max_ballot=0",
            40,
            6,
            None,
        ),
        (
            "paxos/voting",
            "acceptors=3 values=2 max_ballot=1",
            599,
            11,
            None,
        ),
        (
            "paxos/voting",
            "acceptors=3 values=2 max_ballot=2",
            6_752,
            16,
            None,
        ),
        (
            "paxos/paxos",
            "acceptors=1 values=1 max_ballot=0",
            5,
            5,
            Some(5),
        ),
        (
            "paxos/paxos",
            "acceptors=1 values=1 max_ballot=1",
            25,
            9,
            Some(25),
        ),
        (
            "paxos/paxos",
            "acceptors=2 values=2 max_ballot=1",
            145,
            13,
            Some(56),
        ),
        (
            "paxos/paxos",
            "acceptors=3 values=1 max_ballot=1",
            1_681,
            17,
            Some(373),
        ),
        (
            "paxos/paxos",
            "acceptors=3 values=2 max_ballot=0",
            73,
            9,
            Some(15),
        ),
        (
            "paxos/paxos",
            "acceptors=3 values=2 max_ballot=1",
            3_921,
            17,
            Some(443),
        ),
        (
            "paxos/paxos",
            "acceptors=3 values=2 max_ballot=2",
            185_369,
            25,
            Some(17_153),
        ),
    ]);
}

#[test]
fn paxos_commit_has_the_states_that_tlc_finds() {
    check(&[
        (
            "paxos-commit/paxos-commit",
            "rms=1 acceptors=3 max_ballot=1",
            1_461,
            15,
            None,
        ),
        (
            "paxos-commit/paxos-commit",
            "rms=2 acceptors=3 max_ballot=0",
            545,
            12,
            None,
        ),
    ]);
}

#[test]
fn abstract_raft_has_the_states_that_tlc_finds() {
    check(&[
        (
            "raft/abstract-raft",
            "servers=3 max_term=1 max_log=1",
            67,
            6,
            Some(14),
        ),
        (
            "raft/abstract-raft",
            "servers=3 max_term=2 max_log=1",
            388,
            8,
            Some(72),
        ),
        (
            "raft/abstract-raft",
            "servers=3 max_term=2 max_log=2",
            2_272,
            12,
            Some(404),
        ),
    ]);
}

#[test]
fn raft_has_the_states_that_tlc_finds() {
    let raft = "raft/raft";
    check(&[
        (
            raft,
            "servers=2 values=1 max_term=2 max_log=1 max_msgs=1",
            1_645,
            28,
            Some(831),
        ),
        (
            raft,
            "servers=2 values=1 max_term=2 max_log=1 max_msgs=2",
            22_231,
            33,
            Some(11_139),
        ),
        (
            raft,
            "servers=2 values=1 max_term=2 max_log=2 max_msgs=2",
            53_365,
            43,
            None,
        ),
        (
            raft,
            "servers=3 values=1 max_term=2 max_log=1 max_msgs=1",
            1_931_973,
            53,
            None,
        ),
    ]);
}

#[test]
fn corrected_chord_has_the_states_that_tlc_finds() {
    check(&[
        ("ring/chord-reach", "nodes=2", 60, 9, None),
        ("ring/chord-reach", "nodes=3", 14_616, 21, None),
    ]);
}

// ----------------------------------------------------------------------------------------------- Shortest counterexamples

/// How many states the shortest counterexample to `property` has, with one rule left out if one is named. Whatever else fails, and sooner, is passed over:
/// TLC was asked for that property alone.
fn shortest(rung: &str, sizes: &str, without: Option<&str>, property: &str) -> u32 {
    let params: Vec<String> = sizes.split(' ').map(str::to_owned).collect();
    let targets = select(&[rung.to_owned()], Tier::Full, &params, Only::Safety)
        .expect("the sizes are possible");
    let [
        Target::Configuration {
            rung: model,
            values,
            ..
        },
    ] = &targets[..]
    else {
        panic!("{rung} is one rung");
    };
    if let Some(rule) = without {
        let rules = model.about().rules;
        assert!(rules.iter().any(|card| card.name == rule), "{rule}");
    }
    let hunted = hunting(|how| {
        let hunted = model.hunt(values, without, property, how);
        hunted.expect("there is such a model")
    });
    states(hunted, property)
}

fn hunting(hunt: impl FnOnce(How<'_>) -> Option<Hunted>) -> Hunted {
    let how = How {
        plan: &Plan::default(),
        symmetry: false,
        progress: &Progress::default(),
    };
    hunt(how).expect("it is claimed")
}

fn states(hunted: Hunted, property: &str) -> u32 {
    let failure = hunted.failure.expect("it fails");
    assert_eq!(failure.property, property);
    failure.trace.expect("there is a counterexample").states()
}

#[test]
fn two_phase_commit_fails_as_soon_as_tlc_says() {
    let two_phase = |rule| shortest("two-phase/two-phase", "rms=3", Some(rule), "AC1");
    // One that is prepared may abort alone.
    assert_eq!(two_phase("RMChooseToAbortWorking"), 10);
    // The transaction manager may abort after committing.
    assert_eq!(two_phase("TMAbortInit"), 11);
}

#[test]
fn paxos_with_quorums_that_do_not_meet_fails_as_soon_as_tlc_says() {
    let sizes = "acceptors=3 values=2 max_ballot=1 quorums=single";
    assert_eq!(shortest("paxos/paxos", sizes, None, "Agreement"), 9);
}

/// A transaction manager that commits when any resource manager is prepared. Without its rule it would commit when none is, which TLC was not asked about.
#[derive(Clone)]
struct Hasty(TwoPhase<AllBut<TwoPhaseRule>>);

impl Model for Hasty {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        self.0.init_states()
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        self.0.actions(s, actions);
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        given(action != Action::TMCommit || !s.tm_prepared.is_empty())?;
        self.0.next_state(s, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::<Self>::always("AC1", |_, s| ac1(&s.rm_state))]
    }
}

impl Spec for Hasty {}

impl Refines for Hasty {
    type Abstract = TCommit;

    fn abstract_model(&self) -> TCommit {
        self.0.abstract_model()
    }

    fn abstract_state(&self, s: &State) -> RmStates {
        self.0.abstract_state(s)
    }
}

#[test]
fn two_phase_commit_that_does_not_wait_for_all_fails_as_soon_as_tlc_says() {
    let hasty = Hasty(TwoPhase {
        rms: 3,
        rules: AllBut(Some(TwoPhaseRule::TMCommitAllPrepared)),
    });
    assert_eq!(states(hunting(|how| hunt(&hasty, "AC1", how)), "AC1"), 6);
}
