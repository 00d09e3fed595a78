//! What the models promise to do: kept under the fairness that is stated, by two judges, and broken without any one part of it.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::naive::{self, Opinion};
use concur_checks::engine::liveness::validate::validate;
use concur_checks::engine::liveness::{Liveness, Outcome, Plan};
use concur_models::kit::{Broken, Live, NodeSet, QuorumKind, Temporal, Tier, Values};
use concur_models::paxos::duel::temporal::DuelLive;
use concur_models::paxos::duel::{self, Duel};
use concur_models::paxos::durable::temporal::DurablePaxosLive;
use concur_models::paxos::temporal::PaxosLive;
use concur_models::paxos::{Size, protocol::Paxos};
use concur_models::paxos_commit::durable::temporal::DurablePaxosCommitLive;
use concur_models::two_phase::durable::temporal::DurableTwoPhaseLive;
use concur_models::two_phase::protocol::{Action, TwoPhase};
use concur_models::two_phase::temporal::TwoPhaseLive;
use concur_rules::Faithful;
use stateright::{Checker, Model};

/// Each promise holds, and fails without any one of the assumptions that it is said to need. `and_naive`: the naive judge must agree.
fn are_kept_and_need_what_they_say<M: Temporal>(model: &M, and_naive: bool) {
    let progress = Progress::default();
    let liveness = Liveness::of(model, &Plan::default(), &progress).expect("it is small");
    hold_but(model, &liveness, &[], and_naive);
}

/// The same of all promises that are not `broken`.
fn hold_but<M: Temporal>(
    model: &M,
    liveness: &Liveness<'_, M>,
    broken: &[Broken],
    and_naive: bool,
) {
    let is_broken = |name| broken.iter().any(|broken| broken.promise == name);
    for promise in liveness.promises().filter(|p| !is_broken(p.name)) {
        let name = promise.name;
        let kept = liveness.judge(name, &[]).expect("it is small");
        assert_eq!(kept.outcome, Outcome::Holds, "{name}");
        assert!(kept.due > 0, "{name}: it says nothing");
        if and_naive {
            let theirs = naive::judge(model, name, promise.needs);
            assert_eq!(theirs, Opinion::Holds, "{name}");
        }
        for dropped in promise.needs {
            let broken = liveness.judge(name, &[dropped]).expect("it is small");
            let Outcome::Fails(lasso, met) = &broken.outcome else {
                panic!("{name}: it does not need that {dropped}")
            };
            let again = validate(model, name, &broken.assumed, lasso);
            assert_eq!(again.as_ref(), Ok(met));
            if and_naive {
                let theirs = naive::judge(model, name, &broken.assumed);
                assert_eq!(theirs, Opinion::Fails, "{name}, without {dropped}");
            }
        }
    }
}

fn two_phase(rms: usize) -> TwoPhase {
    TwoPhase {
        rms,
        rules: Faithful,
    }
}

#[test]
fn two_phase_commit_decides_if_its_manager_does() {
    are_kept_and_need_what_they_say(&two_phase(2), true);
    are_kept_and_need_what_they_say(&two_phase(3), true);
    are_kept_and_need_what_they_say(&two_phase(5), false);
}

#[test]
fn two_phase_commit_blocks_if_its_manager_does_not_decide() {
    let (model, progress) = (two_phase(3), Progress::default());
    let liveness = Liveness::of(&model, &Plan::default(), &progress).expect("it is small");
    let promise = liveness.promises().nth(1).expect("there is one");
    let manager = promise.needs[0];
    let found = liveness
        .judge(promise.name, &[manager])
        .expect("it is small");
    let Outcome::Fails(lasso, _) = found.outcome else {
        panic!("it blocks")
    };
    // One prepares, and waits for ever.
    let [(Some(Action::RMPrepare(_)), prepared)] = lasso.stem[..] else {
        panic!("{:?}", lasso.stem)
    };
    assert_eq!(lasso.cycle, [(None, prepared)]);
}

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

/// The small sizes of a family are as named: so many states and steps; what is to be broken is, by such a lasso; all else is kept, and needs what it says.
fn small_ones_are_as_named<L: Live>() {
    let progress = Progress::default();
    for config in L::CONFIGS.iter().filter(|c| c.tier == Tier::Small) {
        let model = model_of::<L>(config.settings);
        let liveness = Liveness::of(&model, &Plan::default(), &progress).expect("it is small");
        let size = (liveness.states(), liveness.steps());
        assert_eq!(size, (config.distinct, config.steps), "{}", config.name);
        for broken in config.broken {
            let found = liveness.judge(broken.promise, &[]).expect("it is small");
            let Outcome::Fails(lasso, met) = &found.outcome else {
                panic!("{}: {} is kept", config.name, broken.promise)
            };
            let again = validate(&model, broken.promise, &found.assumed, lasso);
            assert_eq!(again.as_ref(), Ok(met));
            let lengths = (lasso.stem.len(), lasso.cycle.len());
            assert_eq!(lengths, (broken.stem, broken.cycle), "{}", config.name);
        }
        hold_but(&model, &liveness, config.broken, false);
    }
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
fn the_small_sizes_are_as_named() {
    small_ones_are_as_named::<TwoPhaseLive>();
    small_ones_are_as_named::<DurableTwoPhaseLive>();
    small_ones_are_as_named::<DurablePaxosCommitLive>();
    small_ones_are_as_named::<PaxosLive>();
    small_ones_are_as_named::<DurablePaxosLive>();
    small_ones_are_as_named::<DuelLive>();
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
