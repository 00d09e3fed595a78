//! Two-phase commit, told as stories: what happens when someone dies at the worst moment, and what nobody may do then.

use crate::support::n;
use crate::support::script::{
    Sites, applied, asked, begin, decided, deliver, enlist, flush, is_commit, is_decision, lose,
    sites, submit, told, vote,
};
use concur_cores::two_phase::{
    Image, InDoubt, Message, Mode, Notice, Outcome, Request, Timer, TransactionId, Vote,
};

use Mode::TwoPhase;
use Outcome::{Abort, Commit};

/// Takes the story and compares it with the one that was approved.
macro_rules! tell {
    ($cluster:expr) => {
        insta::assert_snapshot!($cluster.story())
    };
}

#[test]
fn all_vote_yes_and_everyone_commits() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.settle();
    applied(&mut cluster, t, &[2, 3]);
    flush(&mut cluster, &[2, 3]);
    cluster.settle();
    flush(&mut cluster, &[1]);

    assert_eq!(decided(&cluster, t), Some(Commit));
    assert_eq!(told(&cluster, 2, t), [Commit]);
    assert!(cluster.core(n(1)).coordinated().is_empty());
    assert!(Image::of(cluster.disk(n(1)).durable()).is_clear());
    tell!(cluster);
}

#[test]
fn one_votes_no_and_the_coordinator_aborts_without_writing() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    let before = cluster.syncs(n(1));
    vote(&mut cluster, t, Vote::Yes, &[2]);
    vote(&mut cluster, t, Vote::No, &[3]);
    cluster.settle();

    assert_eq!(decided(&cluster, t), Some(Abort));
    assert_eq!(told(&cluster, 2, t), [Abort]);
    assert_eq!(cluster.syncs(n(1)), before);
    tell!(cluster);
}

#[test]
fn the_coordinator_dies_while_it_collects_votes_and_presumes_an_abort_afterwards() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.crash(n(1));
    cluster.settle();
    cluster.restart(n(1));
    cluster.elapse(n(2), Timer::Participant(t));
    cluster.settle();

    assert_eq!(told(&cluster, 2, t), [Abort]);
    tell!(cluster);
}

#[test]
fn the_coordinator_dies_before_its_commit_record_is_on_disk_and_nobody_was_told_to_commit() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.slow_disk(n(1));
    cluster.settle();
    assert!(told(&cluster, 2, t).is_empty() && decided(&cluster, t).is_none());
    cluster.crash(n(1));
    cluster.restart(n(1));
    cluster.prompt_disk(n(1));
    cluster.elapse(n(3), Timer::Participant(t));
    cluster.settle();

    assert_eq!(told(&cluster, 3, t), [Abort]);
    tell!(cluster);
}

#[test]
fn the_coordinator_dies_after_its_commit_record_and_tells_everyone_when_it_returns() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    deliver(&mut cluster, |message| {
        matches!(message, Message::Vote { .. })
    });
    cluster.crash(n(1));
    lose(&mut cluster, is_commit);
    cluster.restart(n(1));
    cluster.settle();

    assert_eq!(told(&cluster, 2, t), [Commit]);
    assert_eq!(told(&cluster, 3, t), [Commit]);
    tell!(cluster);
}

#[test]
fn a_participant_dies_before_prepared_is_on_disk_and_its_vote_never_leaves() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    cluster.slow_disk(n(3));
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.crash(n(3));
    cluster.settle();
    cluster.restart(n(3));
    cluster.prompt_disk(n(3));
    cluster.elapse(n(1), Timer::Coordinator(t));
    cluster.settle();

    assert_eq!(decided(&cluster, t), Some(Abort));
    assert!(cluster.core(n(3)).participations().is_empty());
    tell!(cluster);
}

#[test]
fn a_participant_dies_after_prepared_is_on_disk_and_asks_when_it_returns() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.crash(n(3));
    cluster.settle();
    cluster.restart(n(3));
    assert!(
        cluster
            .notices(n(3))
            .contains(&Notice::InDoubt { transaction: t })
    );
    cluster.elapse(n(3), Timer::Participant(t));
    cluster.settle();

    assert_eq!(told(&cluster, 3, t), [Commit]);
    tell!(cluster);
}

#[test]
fn an_old_inquiry_is_answered_after_the_commit_is_forgotten_and_harms_nobody() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.elapse(n(2), Timer::Participant(t));
    deliver(&mut cluster, |message| {
        !matches!(message, Message::Inquiry { .. })
    });
    applied(&mut cluster, t, &[2, 3]);
    flush(&mut cluster, &[2, 3]);
    deliver(&mut cluster, |message| {
        !matches!(message, Message::Inquiry { .. })
    });
    assert!(cluster.core(n(1)).coordinated().is_empty());
    cluster.settle();

    assert_eq!(told(&cluster, 2, t), [Commit]);
    tell!(cluster);
}

#[test]
fn a_commit_is_remembered_until_the_last_acknowledgement() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.settle();
    applied(&mut cluster, t, &[2, 3]);
    flush(&mut cluster, &[2, 3]);
    cluster.drop_where(|packet| packet.from == n(3));
    cluster.settle();
    assert!(cluster.core(n(1)).image().commits.contains_key(&t));
    cluster.elapse(n(1), Timer::Coordinator(t));
    cluster.settle();

    assert!(cluster.core(n(1)).image().is_clear());
    assert_eq!(told(&cluster, 3, t), [Commit]);
    tell!(cluster);
}

#[test]
fn a_participant_that_knows_the_decision_helps_one_that_is_in_doubt() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    deliver(&mut cluster, |message| {
        matches!(message, Message::Vote { .. })
    });
    cluster.drop_where(|packet| packet.to == n(3));
    cluster.settle();
    cluster.crash(n(1));
    cluster.elapse(n(3), Timer::Participant(t));
    cluster.settle();

    assert_eq!(told(&cluster, 3, t), [Commit]);
    tell!(cluster);
}

#[test]
fn a_participant_that_has_not_voted_aborts_so_that_it_can_help() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2]);
    cluster.crash(n(1));
    cluster.settle();
    cluster.elapse(n(2), Timer::Participant(t));
    cluster.settle();

    assert_eq!(told(&cluster, 2, t), [Abort]);
    assert_eq!(told(&cluster, 3, t), [Abort]);
    tell!(cluster);
}

#[test]
fn everyone_is_uncertain_and_waits_until_the_coordinator_returns() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    cluster.crash(n(1));
    cluster.settle();
    for site in [2, 3] {
        cluster.elapse(n(site), Timer::Participant(t));
        cluster.settle();
        let in_doubt: Vec<_> = cluster.core(n(site)).in_doubt().collect();
        assert_eq!(in_doubt, [(t, InDoubt::Waiting)]);
        assert!(told(&cluster, site, t).is_empty());
    }
    cluster.restart(n(1));
    for site in [2, 3] {
        cluster.elapse(n(site), Timer::Participant(t));
    }
    cluster.settle();

    assert_eq!(told(&cluster, 2, t), [Abort]);
    tell!(cluster);
}

#[test]
fn a_reader_is_left_out_of_the_second_phase() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Read, &[2]);
    vote(&mut cluster, t, Vote::Yes, &[3]);
    cluster.settle();

    assert_eq!(decided(&cluster, t), Some(Commit));
    assert!(told(&cluster, 2, t).is_empty());
    assert_eq!(told(&cluster, 3, t), [Commit]);
    tell!(cluster);
}

#[test]
fn a_single_participant_decides_alone_and_remembers_until_the_coordinator_has_heard() {
    let mut cluster = sites(2, 0);
    let t = asked(&mut cluster, TwoPhase, &[2]);
    vote(&mut cluster, t, Vote::Yes, &[2]);
    applied(&mut cluster, t, &[2]);
    lose(&mut cluster, |message| {
        matches!(message, Message::OnePhaseDone { .. })
    });
    cluster.request(n(1), Request::Rollback { transaction: t });
    assert_eq!(decided(&cluster, t), None);
    cluster.elapse(n(1), Timer::Coordinator(t));
    cluster.settle();

    assert_eq!(decided(&cluster, t), Some(Commit));
    assert!(cluster.core(n(2)).image().is_clear());
    tell!(cluster);
}

#[test]
fn a_prepare_that_arrives_after_the_decision_opens_nothing_again() {
    let mut cluster = sites(3, 0);
    let t = submit(&mut cluster, TwoPhase, &[2, 3]);
    // This PREPARE will arrive again.
    cluster.duplicate(0);
    vote(&mut cluster, t, Vote::Yes, &[2]);
    cluster.request(n(1), Request::Rollback { transaction: t });
    deliver(&mut cluster, is_decision);
    assert_eq!(told(&cluster, 2, t), [Abort]);
    cluster.settle();
    cluster.request(n(2), Request::Enlist { transaction: t });

    assert!(cluster.core(n(2)).participations().is_empty());
    assert_eq!(cluster.refused()["EnlistOpen"], 1);
    assert!(cluster.refused()["DPrepareWorking"] >= 1);
    tell!(cluster);
}

#[test]
fn work_that_a_crash_has_lost_cannot_be_voted_for() {
    let mut cluster = sites(3, 0);
    let t = submit(&mut cluster, TwoPhase, &[2, 3]);
    cluster.crash(n(2));
    cluster.restart(n(2));
    enlist(&mut cluster, t, &[2]);
    cluster.settle();

    assert_eq!(decided(&cluster, t), Some(Abort));
    assert_eq!(cluster.refused()["BranchOfThisIncarnation"], 1);
    tell!(cluster);
}

#[test]
fn no_transaction_has_a_name_of_an_earlier_incarnation() {
    let mut cluster = sites(1, 0);
    let first = begin(&mut cluster, n(1));
    cluster.crash(n(1));
    cluster.restart(n(1));
    let second = begin(&mut cluster, n(1));

    assert!(first < second);
    tell!(cluster);
}

#[test]
fn an_operator_was_wrong_and_hears_of_it_even_after_a_restart() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    deliver(&mut cluster, |message| {
        matches!(message, Message::Vote { .. })
    });
    cluster.drop_where(|packet| packet.to == n(3));
    cluster.request(
        n(3),
        Request::Resolve {
            transaction: t,
            outcome: Abort,
        },
    );
    cluster.request(n(3), Request::ForgetMismatch { transaction: t });
    cluster.crash(n(3));
    cluster.restart(n(3));
    cluster.elapse(n(3), Timer::Participant(t));
    cluster.settle();
    let mismatch = Notice::Mismatch {
        transaction: t,
        site: n(3),
        took: Abort,
        decided: Commit,
    };
    assert!(cluster.notices(n(3)).contains(&mismatch));
    assert!(
        cluster.notices(n(1)).contains(&mismatch),
        "the coordinator hears of it, too"
    );
    cluster.crash(n(3));
    cluster.restart(n(3));
    assert_eq!(
        cluster.notices(n(3)).last(),
        Some(&mismatch),
        "it is reported again"
    );
    cluster.request(n(3), Request::ForgetMismatch { transaction: t });

    assert!(cluster.core(n(3)).image().is_clear());
    tell!(cluster);
}

#[test]
fn a_checkpoint_leaves_only_what_is_not_finished() {
    let mut cluster = sites(3, 0);
    let finished = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, finished, Vote::Yes, &[2, 3]);
    cluster.settle();
    applied(&mut cluster, finished, &[2, 3]);
    let open = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, open, Vote::Yes, &[2]);
    cluster.request(n(2), Request::Checkpoint);

    assert_eq!(cluster.disk(n(2)).durable().len(), 1);
    let image = Image::of(cluster.disk(n(2)).durable());
    assert!(image.entries.keys().eq([&open]));
    tell!(cluster);
}

/// PREPARE waits for the disk with what was to be written before it. So the host hears of it when the transaction is over, and right behind, that it is.
#[test]
fn a_notice_that_waits_for_the_disk_is_overtaken_by_an_abort_of_which_the_host_hears_next() {
    let mut cluster = sites(3, 0);
    let other = asked(&mut cluster, TwoPhase, &[2, 3]);
    let t = submit(&mut cluster, TwoPhase, &[2, 3]);
    cluster.slow_disk(n(2));
    vote(&mut cluster, other, Vote::Yes, &[2]);
    deliver(&mut cluster, |message| {
        matches!(message, Message::Prepare { .. })
    });
    vote(&mut cluster, t, Vote::No, &[3]);
    cluster.settle();
    assert_eq!(decided(&cluster, t), Some(Abort));
    assert!(!prepare_is_told(&cluster, t));
    cluster.prompt_disk(n(2));
    cluster.settle();

    assert!(prepare_is_told(&cluster, t));
    assert_eq!(told(&cluster, 2, t), [Abort]);
    vote(&mut cluster, t, Vote::Yes, &[2]);
    cluster.settle();
    assert!(!cluster.core(n(2)).participations().contains_key(&t));
    tell!(cluster);
}

fn prepare_is_told(cluster: &Sites, transaction: TransactionId) -> bool {
    let mut told = cluster.notices(n(2)).iter();
    told.any(|notice| *notice == Notice::Prepare { transaction })
}
