//! Paxos cores that keep a log, and their model, at sizes of a second.

mod support;

use concur_cores::paxos::multi::Rule;
use concur_correspond::cluster::Negligence;
use concur_correspond::paxos::{AbovePaxos, MultiPaxosCoresRung};
use concur_models::paxos::Acceptor;
use concur_models::paxos::unbounded::protocol::Action;
use concur_models::paxos::unbounded::{Slot, Value};
use concur_rules::multi_paxos::MultiPaxosRule as Model;
use concur_rules::multi_paxos_core::MultiPaxosCoreRule as Core;
use support::Gap;
use support::rounds::{ROUND_BY_ROUND, owner};

#[test]
fn every_step_of_the_cores_is_one_of_the_model() {
    support::conforms::<MultiPaxosCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    let never = support::never_taken::<MultiPaxosCoresRung>();
    assert_eq!(never, Vec::<&str>::new());
}

const TWO: &[(&str, u32)] = &[("rounds", 2), ("ballots", 2)];
const ONE_SLOT_AT_A_TIME: &[(&str, u32)] = &[("slots", 2), ("requests", 2)];
const SNAPSHOTS: &[(&str, u32)] = &[("compact", 1), ("requests", 2), ("crashes", 1)];

/// The leader chooses by itself, and the other lags behind.
const LAGS: &[(&str, u32)] = &[
    ("phase2", 1),
    ("proposers", 1),
    ("slots", 2),
    ("requests", 2),
];
const LAGS_AND_CRASHES: &[(&str, u32)] = &[
    ("phase2", 1),
    ("proposers", 1),
    ("slots", 2),
    ("requests", 2),
    ("slow", 1),
    ("crashes", 1),
];

/// A leader leads by its own promise, and needs the other's vote.
const LEADS_AGAIN: &[(&str, u32)] = &[
    ("phase2", 2),
    ("proposers", 1),
    ("rounds", 2),
    ("ballots", 2),
    ("slow", 1),
    ("crashes", 1),
    ("requests", 2),
];
const CATCHES_UP: &[(&str, u32)] = &[
    ("slots", 2),
    ("window", 2),
    ("rounds", 2),
    ("ballots", 2),
    ("crashes", 1),
];
const THREE: &[(&str, u32)] = &[("nodes", 3), ("ballots", 2), ("heartbeats", 1)];
const THREE_BALLOTS: &[(&str, u32)] = &[
    ("nodes", 3),
    ("proposers", 3),
    ("rounds", 2),
    ("ballots", 3),
    ("quiet", 1),
];

#[test]
fn each_guard_left_out_is_noticed() {
    let told = "HostsToldTrue";
    support::notices_each::<MultiPaxosCoresRung>(&[
        (Model::ReplicaPromiseHigher.into(), TWO, "Refinement"),
        (Model::LeadQuorumPromised.into(), TWO, told),
        (Model::LeadKeepsHighest.into(), THREE_BALLOTS, "Refinement"),
        (Model::LeaderProposesReported.into(), TWO, "Refinement"),
        (Model::ReplicaAcceptNotBelow.into(), TWO, "Refinement"),
        (Model::ExecuteQuorum.into(), TWO, told),
        (
            Model::ExecuteInOrder.into(),
            LAGS_AND_CRASHES,
            "DisksRemember",
        ),
        (Model::CatchUpExecuted.into(), CATCHES_UP, "SaidIsDone"),
        (Model::TruncateExecuted.into(), SNAPSHOTS, "DisksRemember"),
        (Core::LeadCountsOwnBallot.into(), TWO, told),
        (Core::LeaderCountsOwnBallot.into(), LEADS_AGAIN, told),
        (Core::FollowVotedInBallot.into(), THREE, told),
        (
            Core::ProposeWithinWindow.into(),
            ONE_SLOT_AT_A_TIME,
            "WithinWindow",
        ),
        (Core::AcceptWithinWindow.into(), LAGS, "WithinWindow"),
    ]);
}

/// Why clusters of two nodes, in one round, do not do what the model does where they come to rest.
const GAPS: &[Gap<AbovePaxos>] = &[
    ROUND_BY_ROUND,
    Gap {
        because: "a leader proposes what its clients ask for, slot after slot",
        is: |s, action| match action {
            Action::Phase2a(slot, b, value) => {
                let own = owner(*b);
                let proposed = |slot| s.proposed(Slot(slot), *b);
                let next = (0..).find(|slot| !proposed(*slot)).unwrap_or_default();
                let asked = Value(next * 2 + own as u64 + 1);
                (*slot, *value) != (Slot(next), asked)
            }
            _ => false,
        },
    },
    Gap {
        because: "its window is one slot, which is not chosen",
        is: |s, action| match action {
            Action::Phase2a(Slot(slot @ 1..), b, _) => {
                let before = Slot(slot - 1);
                let mut acceptors = (0..2).map(Acceptor);
                !acceptors.all(|a| s.vote_in(a, before, *b).is_some())
            }
            _ => false,
        },
    },
];

#[test]
fn the_cores_do_what_the_model_does() {
    let slots = [("slots", 2), ("requests", 2)];
    support::does_all_but::<MultiPaxosCoresRung>(&[&[], &slots], GAPS);
    support::does_everything::<MultiPaxosCoresRung>(&[]);
    support::does_everything::<MultiPaxosCoresRung>(TWO);
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<MultiPaxosCoresRung>(0..10);
}

#[test]
fn a_random_run_without_a_guard_is_shortened_to_a_story() {
    let rule: Rule = Model::ReplicaAcceptNotBelow.into();
    let (_, story) =
        support::walk_without::<MultiPaxosCoresRung>(rule, 0..200).expect("some seed finds it");
    assert!(story.lines().count() < 40, "{story}");
}

// ------------------------------------------------------------------------------------------------- Lines broken by hand

#[test]
fn a_replica_that_answers_before_its_disk_is_noticed() {
    let hasty = Negligence::SendsBeforeTheDisk;
    let slow = &[("slow", 1), ("crashes", 1)];
    support::breaks_on::<MultiPaxosCoresRung, _>(hasty, slow, "SaidIsDone");
}
