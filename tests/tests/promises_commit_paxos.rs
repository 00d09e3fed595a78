//! What the commit protocols and Paxos promise to do: where two judges must agree, who waits for whom for ever, and how a duel goes on.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::naive::{self, Opinion};
use concur_checks::engine::liveness::{Liveness, Outcome, Plan};
use concur_models::kit::{Live, NodeSet, QuorumKind, Values};
use concur_models::paxos::duel::temporal::DuelLive;
use concur_models::paxos::duel::{self, Duel};
use concur_models::paxos::durable::temporal::DurablePaxosLive;
use concur_models::paxos::{Size, protocol::Paxos};
use concur_models::paxos_commit::durable::temporal::DurablePaxosCommitLive;
use concur_models::two_phase::durable::temporal::DurableTwoPhaseLive;
use concur_rules::Faithful;
use concur_tests::promises::are_kept_and_need_what_they_say;
use stateright::{Checker, Model};

fn paxos(acceptors: usize, max_ballot: usize, quorums: QuorumKind) -> Paxos {
    let size = Size {
        acceptors,
        values: 2,
        max_ballot,
        quorums,
    };
    Paxos::new(size, Faithful)
}

#[test]
fn paxos_chooses_if_one_leader_and_a_quorum_keep_going() {
    are_kept_and_need_what_they_say(&paxos(3, 0, QuorumKind::Majority), true);
    are_kept_and_need_what_they_say(&paxos(3, 1, QuorumKind::Majority), false);
    are_kept_and_need_what_they_say(&paxos(4, 0, QuorumKind::Flexible), false);
    are_kept_and_need_what_they_say(&paxos(4, 0, QuorumKind::Grid), false);
}

/// The model of a family whose named parameters are so, and all others by default.
fn model_of<L: Live>(settings: &[(&'static str, u32)]) -> L::Model {
    let values = Values::new(L::PARAMS, settings);
    L::model(&values).expect("there is such a model")
}

/// Both judges say the same of each promise, with all that it needs and without any one part of it, whatever that is.
fn both_judges_agree<L: Live>(settings: &[(&'static str, u32)]) {
    let (model, progress) = (model_of::<L>(settings), Progress::default());
    let liveness = Liveness::of(&model, &Plan::default(), &progress).expect("it is small");
    for promise in liveness.promises() {
        let without = promise.needs.iter().map(std::slice::from_ref);
        for dropped in std::iter::once([].as_slice()).chain(without) {
            let ours = liveness.judge(promise.name, dropped).expect("it is small");
            let theirs = naive::judge(&model, promise.name, &ours.assumed);
            let ours = match ours.outcome {
                Outcome::Holds => Opinion::Holds,
                Outcome::Fails(..) => Opinion::Fails,
                Outcome::Bounded(_) => Opinion::Bounded,
            };
            assert_eq!(ours, theirs, "{}, without {dropped:?}", promise.name);
        }
    }
}

#[test]
fn the_naive_judge_agrees_where_sites_crash_for_ever() {
    both_judges_agree::<DurableTwoPhaseLive>(&[("participants", 1)]);
    both_judges_agree::<DurablePaxosCommitLive>(&[("acceptors", 1)]);
    both_judges_agree::<DurablePaxosLive>(&[
        ("acceptors", 1),
        ("max_ballot", 0),
        ("proposers", 1),
        ("crashes", 1),
    ]);
    both_judges_agree::<DuelLive>(&[("acceptors", 1)]);
}

#[test]
fn prepared_participants_wait_for_ever_if_the_coordinator_stays_down() {
    let config = &DurableTwoPhaseLive::CONFIGS[0];
    let (model, progress) = (
        model_of::<DurableTwoPhaseLive>(config.settings),
        Progress::default(),
    );
    let liveness = Liveness::of(&model, &Plan::default(), &progress).expect("it is small");
    let found = liveness.judge(config.broken[0].promise, &[]);
    let Outcome::Fails(lasso, _) = found.expect("it is small").outcome else {
        panic!("it blocks")
    };
    // Nothing happens any more, although both are up, have prepared and inquired: neither can help the other.
    let [(None, end)] = &lasso.cycle[..] else {
        panic!("{:?}", lasso.cycle)
    };
    let both = NodeSet::first(2);
    assert!(end.coordinator.is_down() && end.msgs.inquiry == both);
    assert!(end.participants.nodes().all(|rm| end.in_doubt(rm)));
}

#[test]
fn in_a_duel_both_proposers_begin_and_propose_again_and_again_and_reach_every_acceptor() {
    let config = &DuelLive::CONFIGS[0];
    let (model, progress) = (model_of::<DuelLive>(config.settings), Progress::default());
    let liveness = Liveness::of(&model, &Plan::default(), &progress).expect("it is small");
    let found = liveness.judge(config.broken[0].promise, &[]);
    let Outcome::Fails(lasso, _) = found.expect("it is small").outcome else {
        panic!("they duel")
    };
    let start = lasso.cycle.last().map(|(_, state)| state);
    let start = start.expect("a cycle has a step");
    for p in start.proposers.nodes() {
        let takes = |action| lasso.cycle.iter().any(|(taken, _)| *taken == Some(action));
        assert!(takes(duel::Action::Phase1a(p)) && takes(duel::Action::Phase2a(p)));
        for a in start.acceptors.nodes() {
            assert!(takes(duel::Action::Phase1b(p, a)) || takes(duel::Action::Phase2b(p, a)));
        }
    }
}

#[test]
fn duelling_proposers_agree_if_quorums_meet_and_only_then() {
    Duel::new(2)
        .checker()
        .spawn_bfs()
        .join()
        .assert_properties();
    let disjoint = Duel {
        quorum: 1,
        ..Duel::new(2)
    };
    let found = disjoint.checker().spawn_bfs().join();
    found.assert_any_discovery("Agreement");
}
