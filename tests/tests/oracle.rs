//! The outside oracle: what TLC finds on the published specifications, our models find, to the state.
//!
//! The sizes are given as parameters, as a user would on the command line, and not as the named configurations, whose expectations are
//! data that this test does not believe.

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::selector::{Only, select};
use concur_checks::suite::{Engine, Options, run};
use concur_checks::verdict::{Findings, Verdict};
use concur_models::kit::Tier;

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
