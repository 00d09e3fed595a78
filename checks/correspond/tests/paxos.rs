//! Paxos cores, one decision, and their model, at sizes of a second.

mod support;

use concur_cores::NodeId;
use concur_cores::paxos::single::Message;
use concur_cores::paxos::{Ballot, Ranked};
use concur_correspond::Correspondence as _;
use concur_correspond::cluster::{Event, Packet, Shared, Step};
use concur_correspond::paxos::PaxosCoresRung;
use concur_models::kit::{Rung as _, Values};
use concur_models::paxos::configs::PaxosRung;
use concur_models::paxos::unbounded::configs::UnboundedPaxosRung;
use concur_rules::Faithful;
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use stateright::Model as _;

#[test]
fn paxos_without_bounds_has_as_many_states_as_paxos() {
    for settings in [
        &[("acceptors", 2), ("max_ballot", 1)],
        &[("acceptors", 2), ("max_ballot", 2)],
        &[("acceptors", 3), ("max_ballot", 1)],
        &[("acceptors", 3), ("max_ballot", 2)],
    ] {
        let flat = support::counted::<PaxosRung>(settings);
        assert_eq!(support::counted::<UnboundedPaxosRung>(settings), flat);
    }
}

#[test]
fn every_slot_of_a_log_is_paxos() {
    for slot in 1..=2 {
        let settings = &[("slots", 2), ("looks_at", slot)];
        assert_eq!(
            support::counted::<UnboundedPaxosRung>(settings),
            (3_913, 19)
        );
    }
}

#[test]
fn every_step_of_the_cores_is_one_of_the_model() {
    support::conforms::<PaxosCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    assert_eq!(support::never_taken::<PaxosCoresRung>(), Vec::<&str>::new());
}

#[test]
fn each_guard_left_out_is_noticed() {
    const TWO: &[(&str, u32)] = &[("rounds", 2), ("ballots", 2)];
    const ALONE: &[(&str, u32)] = &[("rounds", 2), ("ballots", 2), ("phase2", 2)];
    const THREE: &[(&str, u32)] = &[("nodes", 3), ("rounds", 2), ("ballots", 3), ("quiet", 1)];
    support::notices_each::<PaxosCoresRung>(&[
        (Rule::PromiseHigher, TWO, "Refinement"),
        (Rule::AcceptNotBelowPromise, TWO, "Refinement"),
        (Rule::CollectCurrentBallot, TWO, "Refinement"),
        (Rule::CollectKeepsHighest, THREE, "Refinement"),
        (Rule::ProposeOnce, ALONE, "Refinement"),
        (Rule::ProposeQuorumPromised, TWO, "Refinement"),
        (Rule::ProposeReported, TWO, "Refinement"),
        (Rule::LearnQuorum, TWO, "HostsToldTrue"),
    ]);
}

#[test]
fn a_vote_that_is_told_and_on_no_disk_is_noticed() {
    let values = Values::new(PaxosCoresRung::PARAMS, &[]);
    let model = PaxosCoresRung::model(&values, Faithful).expect("it fits");
    let before = model.init_states().remove(0);
    let (from, to) = (NodeId(1), NodeId(2));
    let ballot = Ballot {
        round: 1,
        node: from,
    };
    let message = Message::Phase2b(Ranked::new(ballot, 0));
    let mut after = before.clone();
    after.packets = Shared::new(vec![Shared::new(Packet { from, to, message })]);
    let step = Step {
        before: &before,
        event: &Event::Sync(from),
        forced: &[],
        after: &after,
        told: &[],
    };
    let history = model.correspondence.remember(&step);
    assert_eq!(history.and_then(|done| done.unfounded), Some(from));
}

#[test]
fn the_cores_do_what_the_model_does() {
    support::does_everything::<PaxosCoresRung>(&[]);
    support::does_everything::<PaxosCoresRung>(&[("rounds", 2)]);
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<PaxosCoresRung>(0..20);
}

#[test]
fn a_random_run_without_a_guard_is_shortened_to_a_story() {
    let (what, story) =
        support::walk_without::<PaxosCoresRung>(Rule::AcceptNotBelowPromise, 0..200)
            .expect("some seed finds it");
    assert_eq!(what, "Refinement");
    assert!(story.lines().count() < 40, "{story}");
}

fn path(actions: &[&str]) -> Vec<String> {
    actions.iter().map(|action| (*action).to_owned()).collect()
}

#[test]
fn cores_follow_the_model_as_far_as_their_rules_let_them() {
    let good = path(&[
        "Phase1a(0)",
        "Phase1b(a1, 0)",
        "Phase1b(a2, 0)",
        "Phase2a(s0, 0, v0)",
        "Phase2b(a1, s0, 0, v0)",
        "Phase2b(a2, s0, 0, v0)",
    ]);
    let followed = support::followed::<PaxosCoresRung>(&[], &good);
    assert_eq!(followed.taken, good.len(), "{followed:?}");
    // A vote without regard to the promise: what the model does without the rule.
    let bad = path(&[
        "Phase1a(0)",
        "Phase1b(a1, 0)",
        "Phase1b(a2, 0)",
        "Phase2a(s0, 0, v0)",
        "Phase2b(a1, s0, 0, v0)",
        "Phase1a(3)",
        "Phase1b(a2, 3)",
        "Phase2b(a2, s0, 0, v0)",
    ]);
    let followed = support::followed::<PaxosCoresRung>(&[("rounds", 2)], &bad);
    assert_eq!(followed.taken, bad.len() - 1, "{followed:?}");
    assert!(
        followed.refused.contains("AcceptNotBelowPromise"),
        "{followed:?}"
    );
}
