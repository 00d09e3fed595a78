//! What a site does with what comes late or again: decisions, floors, operators who were right, hosts that have forgotten.

use std::collections::BTreeMap;

use crate::support::script::{
    Sites, applied, asked, decided, deliver, enlist, flush, lose, receive, sites, told, vote,
};
use crate::support::{configs, n};
use concur_cores::NodeId;
use concur_cores::two_phase::{
    Ballot, InDoubt, Message, Mode, Notice, Outcome, Participation, Plan, Record, Request,
    TransactionId, Value, Vote,
};
use concur_rules::Faithful;

use Mode::{PaxosCommit, TwoPhase};
use Outcome::{Abort, Commit};

fn decision(transaction: TransactionId, outcome: Outcome) -> Message {
    Message::Decision {
        transaction,
        outcome,
        acknowledge: true,
    }
}

fn resolve(cluster: &mut Sites, site: u64, transaction: TransactionId, outcome: Outcome) {
    let resolve = Request::Resolve {
        transaction,
        outcome,
    };
    cluster.request(n(site), resolve);
}

fn in_doubt(cluster: &Sites, site: u64) -> Vec<(TransactionId, InDoubt)> {
    cluster.core(n(site)).in_doubt().collect()
}

/// Who has told that host of a mismatch, and how often.
fn mismatches(cluster: &Sites, site: u64) -> usize {
    let notices = cluster.notices(n(site)).iter();
    let mismatch = |notice: &&Notice| matches!(notice, Notice::Mismatch { .. });
    notices.filter(mismatch).count()
}

/// To whom that site's acknowledgements are on their way.
fn acknowledged(cluster: &Sites, by: u64) -> Vec<NodeId> {
    let packets = cluster.network().packets().iter();
    let acks = packets.filter(|packet| packet.from == n(by));
    let acks = acks.filter(|packet| matches!(packet.message, Message::Ack { .. }));
    acks.map(|packet| packet.to).collect()
}

#[test]
fn an_operator_who_was_right_is_told_of_nothing() {
    for (outcome, votes) in [(Commit, [Vote::Yes; 2]), (Abort, [Vote::Yes, Vote::No])] {
        let mut cluster = sites(3, 0);
        let t = asked(&mut cluster, TwoPhase, &[2, 3]);
        vote(&mut cluster, t, votes[0], &[2]);
        resolve(&mut cluster, 2, t, outcome);
        vote(&mut cluster, t, votes[1], &[3]);
        cluster.settle();
        applied(&mut cluster, t, &[2, 3]);
        flush(&mut cluster, &[2, 3]);
        cluster.settle();
        assert_eq!(decided(&cluster, t), Some(outcome));
        assert_eq!((mismatches(&cluster, 1), mismatches(&cluster, 2)), (0, 0));
        assert!(in_doubt(&cluster, 2).is_empty());
        assert_eq!(told(&cluster, 2, t)[0], outcome);
        assert!(cluster.core(n(2)).image().is_clear());
    }
}

#[test]
fn a_decision_that_comes_again_does_not_hide_that_the_operator_was_wrong() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2]);
    resolve(&mut cluster, 2, t, Commit);
    for _ in 0..2 {
        receive(&mut cluster, 2, 1, decision(t, Abort));
        let resolved = InDoubt::Resolved {
            took: Commit,
            decided: Some(Abort),
        };
        assert_eq!(in_doubt(&cluster, 2), [(t, resolved)]);
    }
    assert_eq!(mismatches(&cluster, 2), 1);
}

#[test]
fn a_leader_hears_once_that_an_operator_was_wrong_and_never_that_one_was_right() {
    for (took, times) in [(Abort, 1), (Commit, 0)] {
        let mut cluster = sites(3, 3);
        let t = asked(&mut cluster, PaxosCommit, &[3]);
        vote(&mut cluster, t, Vote::Yes, &[3]);
        resolve(&mut cluster, 3, t, took);
        lose(&mut cluster, |message| {
            matches!(message, Message::Ack { .. })
        });
        deliver(&mut cluster, |message| {
            matches!(message, Message::Phase2a { .. } | Message::Phase2b { .. })
        });
        let ack = |mismatch| Message::Ack {
            transaction: t,
            mismatch,
        };
        for _ in 0..2 {
            receive(&mut cluster, 1, 3, ack(Some(took)));
        }
        assert_eq!(mismatches(&cluster, 1), times);
        assert_eq!(decided(&cluster, t), Some(Commit));
    }
}

#[test]
fn everyone_who_told_of_a_commit_hears_when_it_is_carried_out() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    lose(&mut cluster, |_| true);
    receive(&mut cluster, 3, 1, decision(t, Commit));
    receive(&mut cluster, 3, 2, decision(t, Commit));
    assert_eq!(told(&cluster, 3, t), [Commit], "once");
    assert_eq!(acknowledged(&cluster, 3), []);
    applied(&mut cluster, t, &[3]);
    flush(&mut cluster, &[3]);
    assert_eq!(acknowledged(&cluster, 3), [n(1), n(2)]);
}

#[test]
fn a_host_that_has_carried_out_a_commit_says_so_again_after_a_restart() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.settle();
    cluster.crash(n(3));
    cluster.restart(n(3));
    assert_eq!(in_doubt(&cluster, 3), [(t, InDoubt::Waiting)]);
    applied(&mut cluster, t, &[3]);
    assert!(in_doubt(&cluster, 3).is_empty());
    assert_eq!(cluster.core(n(3)).outcome(t), Some(Commit));
    flush(&mut cluster, &[3]);
    assert!(cluster.core(n(3)).image().is_clear());
}

#[test]
fn who_takes_part_may_say_so_again_until_it_is_asked() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    enlist(&mut cluster, t, &[2]);
    assert_eq!(cluster.refused()["EnlistOpen"], 1);
    let other = TransactionId { number: 9, ..t };
    enlist(&mut cluster, other, &[2]);
    enlist(&mut cluster, other, &[2]);
    assert_eq!(cluster.refused()["EnlistOpen"], 1);
}

/// A PREPARE that opens nothing, with that floor.
fn floor(cluster: &mut Sites, to: u64, from: u64, floor: TransactionId) {
    let prepare = Message::Prepare {
        transaction: floor,
        plan: Plan::default(),
        floor,
    };
    receive(cluster, to, from, prepare);
}

#[test]
fn below_a_coordinators_floor_nothing_is_remembered_and_nothing_opens() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    let coordinator = n(3);
    let others = TransactionId { coordinator, ..t };
    enlist(&mut cluster, others, &[2]);
    for transaction in [t, others] {
        cluster.request(n(2), Request::Withdraw { transaction });
    }
    let closed = |cluster: &Sites| {
        let closed = cluster.core(n(2)).closed().keys();
        closed.copied().collect::<Vec<_>>()
    };
    assert_eq!(closed(&cluster), [t, others]);
    let next = TransactionId { number: 5, ..t };
    floor(&mut cluster, 2, 3, next);
    assert_eq!(closed(&cluster), [t, others], "a floor of its own only");
    floor(&mut cluster, 2, 1, t);
    assert_eq!(closed(&cluster), [t, others], "the floor itself is open");
    floor(&mut cluster, 2, 1, next);
    assert_eq!(closed(&cluster), [others]);
    floor(&mut cluster, 2, 1, t);
    enlist(&mut cluster, t, &[2]);
    assert_eq!(cluster.refused()["EnlistOpen"], 1, "it does not sink");
    enlist(&mut cluster, next, &[2]);
    assert_eq!(cluster.refused()["EnlistOpen"], 1);
}

#[test]
fn a_checkpoint_is_written_after_so_many_records() {
    let mut cluster = Sites::new(configs(2, 0, 3, Faithful));
    let checkpoints = |cluster: &Sites| {
        let records = cluster.disk(n(2)).durable();
        let last = records.last();
        (records.len(), matches!(last, Some(Record::Checkpoint(_))))
    };
    assert_eq!(checkpoints(&cluster), (1, false), "its incarnation");
    for (_, expected) in [((), (2, false)), ((), (1, true)), ((), (2, false))] {
        let t = asked(&mut cluster, TwoPhase, &[2]);
        vote(&mut cluster, t, Vote::Yes, &[2]);
        assert_eq!(checkpoints(&cluster), expected);
    }
}

#[test]
fn votes_of_a_ballot_are_told_to_its_leader_all_together() {
    let mut cluster = sites(3, 3);
    let t = asked(&mut cluster, PaxosCommit, &[2, 3]);
    let Some(Participation::Preparing(_)) = cluster.core(n(3)).participations().get(&t) else {
        panic!("it was asked");
    };
    let plan = cluster.core(n(1)).leaders()[&t].plan.clone();
    let ballot = Ballot {
        round: 4,
        leader: n(2),
        incarnation: 1,
    };
    let phase2a = |ballot, values: &[(NodeId, Value)]| Message::Phase2a {
        transaction: t,
        plan: plan.clone(),
        ballot,
        values: BTreeMap::from_iter(values.iter().copied()),
    };
    let one = [(n(2), Value::Prepared)];
    receive(&mut cluster, 1, 2, phase2a(Ballot::ZERO, &one));
    assert!(cluster.network().packets().is_empty(), "one of two");
    let both = [(n(2), Value::Prepared), (n(3), Value::Prepared)];
    receive(&mut cluster, 1, 2, phase2a(ballot, &both));
    let votes = Message::Phase2b {
        transaction: t,
        ballot,
        values: BTreeMap::from(both),
    };
    let packet = &cluster.network().packets()[0];
    assert_eq!((packet.to, &packet.message), (n(2), &votes));
}
