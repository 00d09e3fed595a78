//! Paxos Commit, told as stories: the transaction goes on whoever dies, as long as most acceptors live.

use crate::support::n;
use crate::support::script::{
    applied, asked, decided, deliver, flush, is_decision, lose, sites, submit, told, vote,
};
use concur_cores::two_phase::{Image, Message, Mode, Outcome, Participation, Timer, Vote};

use Mode::PaxosCommit;
use Outcome::{Abort, Commit};

/// Takes the story and compares it with the one that was approved.
macro_rules! tell {
    ($cluster:expr) => {
        insta::assert_snapshot!($cluster.story())
    };
}

#[test]
fn paxos_commit_takes_the_votes_to_the_acceptors() {
    let mut cluster = sites(3, 3);
    let t = asked(&mut cluster, PaxosCommit, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.settle();
    applied(&mut cluster, t, &[2, 3]);
    flush(&mut cluster, &[2, 3]);
    cluster.settle();

    assert_eq!(decided(&cluster, t), Some(Commit));
    assert!((1..=3).all(|site| cluster.core(n(site)).image().is_clear()));
    tell!(cluster);
}

#[test]
fn paxos_commit_goes_on_after_the_death_of_its_coordinator() {
    let mut cluster = sites(4, 3);
    let t = asked(&mut cluster, PaxosCommit, &[3, 4]);
    vote(&mut cluster, t, Vote::Yes, &[3, 4]);
    cluster.crash(n(1));
    cluster.settle();
    assert!(told(&cluster, 3, t).is_empty());
    for _ in 0..2 {
        cluster.elapse(n(4), Timer::Participant(t));
        cluster.settle();
    }

    assert_eq!(told(&cluster, 3, t), [Commit]);
    assert_eq!(told(&cluster, 4, t), [Commit]);
    tell!(cluster);
}

#[test]
fn paxos_commit_aborts_without_a_participant_that_never_votes() {
    let mut cluster = sites(4, 3);
    let t = asked(&mut cluster, PaxosCommit, &[3, 4]);
    vote(&mut cluster, t, Vote::Yes, &[4]);
    cluster.crash(n(1));
    cluster.crash(n(3));
    cluster.settle();
    cluster.restart(n(3));
    for _ in 0..2 {
        cluster.elapse(n(4), Timer::Participant(t));
        cluster.settle();
    }

    assert_eq!(told(&cluster, 4, t), [Abort]);
    tell!(cluster);
}

#[test]
fn acceptors_settle_what_everyone_else_has_left() {
    let mut cluster = sites(4, 3);
    let t = asked(&mut cluster, PaxosCommit, &[4]);
    vote(&mut cluster, t, Vote::Yes, &[4]);
    deliver(&mut cluster, |message| !is_decision(message));
    deliver(&mut cluster, is_decision);
    applied(&mut cluster, t, &[4]);
    flush(&mut cluster, &[4]);
    cluster.crash(n(1));
    lose(&mut cluster, |message| {
        matches!(message, Message::Ack { .. } | Message::Forget { .. })
    });
    cluster.restart(n(1));
    cluster.elapse(n(2), Timer::Acceptor(t));
    cluster.settle();
    flush(&mut cluster, &[1, 2, 3]);

    assert_eq!(told(&cluster, 4, t), [Commit]);
    assert!((1..=4).all(|site| Image::of(cluster.disk(n(site)).durable()).is_clear()));
    tell!(cluster);
}

#[test]
fn a_presumption_means_nothing_in_paxos_commit() {
    let mut cluster = sites(4, 3);
    let t = submit(&mut cluster, PaxosCommit, &[3, 4]);
    cluster.elapse(n(3), Timer::Participant(t));
    let inquiry = |message: &Message| matches!(message, Message::Inquiry { .. });
    deliver(&mut cluster, |message| {
        matches!(message, Message::Prepare { .. })
    });
    vote(&mut cluster, t, Vote::Yes, &[3, 4]);
    cluster.crash(n(1));
    cluster.restart(n(1));
    deliver(&mut cluster, inquiry);
    deliver(&mut cluster, |message| {
        matches!(message, Message::Forgotten { .. })
    });

    let participation = cluster.core(n(3)).participations().get(&t);
    assert!(matches!(
        participation,
        Some(Participation::Prepared { .. })
    ));
    assert_eq!(cluster.refused()["PresumeTwoPhase"], 1);
    tell!(cluster);
}
