//! What the models promise to do: kept under the fairness that is stated, by two judges, and broken without any one part of it.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::{Liveness, Outcome, Plan};
use concur_models::kit::QuorumKind;
use concur_models::paxos::{Size, protocol::Paxos};
use concur_models::two_phase::protocol::{Action, TwoPhase};
use concur_rules::Faithful;
use concur_tests::promises::are_kept_and_need_what_they_say;

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
