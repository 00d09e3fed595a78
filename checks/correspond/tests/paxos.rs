//! Paxos cores, one decision, and their model, at sizes of a second.

mod support;

use std::collections::BTreeSet;

use concur_cores::NodeId;
use concur_cores::paxos::single::Message;
use concur_cores::paxos::{Ballot, Ranked};
use concur_correspond::Correspondence as _;
use concur_correspond::cluster::{Event, Negligence, Packet, Shared, Step};
use concur_correspond::follow::random_path;
use concur_correspond::paxos::{AbovePaxos, PaxosCoresRung};
use concur_models::kit::{Rung as _, Values};
use concur_models::paxos::configs::PaxosRung;
use concur_models::paxos::unbounded::configs::UnboundedPaxosRung;
use concur_models::paxos::unbounded::protocol::Action;
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::{Faithful, Rule as _};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stateright::Model as _;
use support::Gap;
use support::rounds::{ROUND_BY_ROUND, owner};

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

/// Each ballot is one proposer's.
const GAPS: &[Gap<AbovePaxos>] = &[
    ROUND_BY_ROUND,
    Gap {
        because: "who may choose proposes its own value",
        is: |s, action| match action {
            Action::Phase2a(_, b, value) => {
                let none = s.acceptors.iter().all(|memory| memory.votes.is_empty());
                none && value.0 as usize != owner(*b)
            }
            _ => false,
        },
    },
];

#[test]
fn the_cores_do_what_the_model_does() {
    support::does_all_but::<PaxosCoresRung>(&[&[]], GAPS);
    support::does_everything::<PaxosCoresRung>(&[("rounds", 2)]);
}

/// Random paths of the model, of any length: cores take them as far as nothing but a rule of theirs, or a reason of [`GAPS`], is in the way.
#[test]
fn cores_follow_random_paths_of_the_model() {
    let model = UnboundedPaxosRung::model(
        &Values::new(
            UnboundedPaxosRung::PARAMS,
            &[("acceptors", 2), ("max_ballot", 1)],
        ),
        Faithful,
    );
    let model = model.expect("it fits");
    let (mut actions, mut taken, mut whole) = (0, 0, 0);
    let mut refused = BTreeSet::new();
    for seed in 0..40_u64 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let path = random_path(&model, |choices| rng.random_range(0..choices), 30);
        let followed = support::followed::<PaxosCoresRung>(&[], &path);
        assert!(!followed.cut_short);
        whole += usize::from(followed.taken == path.len());
        (actions, taken) = (actions + path.len(), taken + followed.taken);
        refused.extend(followed.refused);
    }
    eprintln!("{taken} of {actions} actions, {whole} of 40 paths whole, refused by {refused:?}");
    assert!(taken * 8 > actions, "{taken} of {actions}");
    let known = PaxosCoresRung::RULES.iter().map(|rule| rule.card().name);
    let known: BTreeSet<_> = known.collect();
    assert!(refused.is_subset(&known), "{refused:?}");
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<PaxosCoresRung>(0..20);
}

/// The step of that run that stands for the most: a node that was slow to write stops, and four of its promises are durable at once.
#[test]
fn a_crash_that_leaves_many_writes_on_a_disk_stands_for_many_actions() {
    support::walks_conform::<PaxosCoresRung>(215..216);
}

#[test]
fn a_random_run_without_a_guard_is_shortened_to_a_story() {
    let (what, story) =
        support::walk_without::<PaxosCoresRung>(Rule::AcceptNotBelowPromise, 0..200)
            .expect("some seed finds it");
    assert_eq!(what, "P2bNotBelowPromise");
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

// ------------------------------------------------------------------------------------------------- Lines broken by hand

#[test]
fn an_acceptor_that_answers_before_its_disk_is_noticed() {
    let hasty = Negligence::SendsBeforeTheDisk;
    let slow = &[("slow", 1), ("crashes", 1)];
    support::breaks_on::<PaxosCoresRung, _>(hasty, slow, "SaidIsDone");
}

#[test]
fn an_acceptor_that_votes_below_its_promise_is_noticed() {
    let two = &[("rounds", 2), ("ballots", 2)];
    support::breaks_without::<PaxosCoresRung>(
        Rule::AcceptNotBelowPromise,
        two,
        "P2bNotBelowPromise",
    );
}
