//! Stories of Raft: the paper's figures, the thesis's extensions, and the faults of disks.

use std::sync::Arc;

use concur_cores::Input;
use concur_cores::raft::{Body, Flow, Position, Receipt, Request, Role, Timer};
use concur_harness::Cluster;

use crate::support::{
    Server, cluster, cluster_of, elect, give_log, heartbeat, n, propose, refused, terms,
};

/// Servers of the paper alone: no pre-vote, no check-quorum, an entry a message.
fn plain(servers: u64) -> Cluster<Server> {
    cluster_of(servers, |mut config| {
        config.pre_vote = false;
        config.check_quorum = false;
        config.limits.message_bytes = 1;
        config
    })
}

#[test]
fn a_leader_is_elected_and_replicates_a_command() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.request(n(1), propose(&[7]));
    cluster.settle();
    heartbeat(&mut cluster, 1);

    for id in [1, 2, 3] {
        assert_eq!(cluster.core(n(id)).commit_index(), 2);
        let told = cluster.notices(n(id)).iter().map(ToString::to_string);
        assert_eq!(told.filter(|notice| notice == "apply 2@1 7").count(), 1);
    }
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn a_single_server_leads_once_its_vote_is_durable_and_commits_once_its_entries_are() {
    let mut cluster = cluster(1);
    cluster.slow_disk(n(1));
    cluster.elapse(n(1), Timer::Election);
    assert_eq!(cluster.core(n(1)).role(), Role::Candidate);
    assert!(cluster.sync(n(1)));
    assert_eq!(cluster.core(n(1)).role(), Role::Leader);
    cluster.request(n(1), propose(&[7]));
    assert_eq!(cluster.core(n(1)).commit_index(), 0);
    while cluster.sync(n(1)) {}
    assert_eq!(cluster.core(n(1)).commit_index(), 2);
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn figure_7_a_leader_brings_every_kind_of_log_into_agreement() {
    let mut cluster = plain(7);
    let leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    give_log(&mut cluster, 1, 2, &leader, 7);
    let followers: [&[u64]; 6] = [
        &[1, 1, 1, 4, 4, 5, 5, 6, 6],
        &[1, 1, 1, 4],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
        &[1, 1, 1, 4, 4, 4, 4],
        &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    ];
    for (id, log) in (2..).zip(followers) {
        give_log(&mut cluster, id, 1, log, 7);
    }
    cluster.story();
    elect(&mut cluster, 1);

    let agreed = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8];
    for id in 1..=7 {
        assert_eq!(terms(&cluster, id), agreed);
    }
    assert_eq!(refused(&cluster, "LogUpToDateTerm"), 1, "d refuses to vote");
    assert_eq!(
        refused(&cluster, "LogUpToDateLength"),
        1,
        "c refuses to vote"
    );
    insta::assert_snapshot!(cluster.story());
}

/// S1 leads in term 2, S5 in term 3; S1 leads again, in term 4, and brings its entry of term 2 to a majority.
fn figure_8_up_to_c() -> Cluster<Server> {
    let mut cluster = plain(5);
    elect(&mut cluster, 1);
    cluster.crash(n(1));
    cluster.restart(n(1));
    cluster.elapse(n(1), Timer::Election);
    let votes = |body: &Body<u64>| {
        matches!(
            body,
            Body::RequestVoteRequest { .. } | Body::RequestVoteResponse { .. }
        )
    };
    cluster.deliver_where(|packet| votes(&packet.message.body));
    cluster.say("a: S1 leads in term 2, and only S2 has its entry");
    cluster.deliver_where(|packet| packet.to == n(2) || packet.from == n(2));
    cluster.drop_where(|_| true);
    cluster.crash(n(1));
    cluster.crash(n(2));
    cluster.say("b: S5 leads in term 3, and nobody has its entry");
    cluster.elapse(n(5), Timer::Election);
    cluster.deliver_where(|packet| votes(&packet.message.body));
    cluster.drop_where(|_| true);
    assert_eq!(terms(&cluster, 5), [1, 3]);
    cluster.crash(n(5));
    cluster.restart(n(1));
    cluster.restart(n(2));
    cluster.say("c: S1 leads in term 4, and brings its entry of term 2 to S3, too");
    while cluster.core(n(1)).role() != Role::Leader {
        cluster.elapse(n(1), Timer::Election);
        cluster.deliver_where(|packet| votes(&packet.message.body));
    }
    cluster.drop_where(|packet| packet.to != n(3));
    while cluster.core(n(3)).last().term < 2 {
        cluster.deliver(0);
    }
    cluster.deliver_where(|packet| packet.from == n(3));
    cluster.drop_where(|_| true);
    cluster
}

#[test]
fn figure_8_an_entry_of_an_earlier_term_on_a_majority_is_not_committed_and_may_be_lost() {
    let mut cluster = figure_8_up_to_c();
    assert_eq!(terms(&cluster, 3), [1, 2]);
    assert_eq!(cluster.core(n(1)).progress()[1].match_index, 2);
    assert!(cluster.core(n(1)).commit_index() < 2);
    cluster.crash(n(1));
    cluster.restart(n(5));
    cluster.say("d: S5 leads, and overwrites the entry of term 2");
    while cluster.core(n(5)).role() != Role::Leader {
        cluster.elapse(n(5), Timer::Election);
        cluster.settle();
    }
    for id in [2, 3, 4, 5] {
        assert_eq!(terms(&cluster, id)[..2], [1, 3]);
    }
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn figure_8_with_an_entry_of_its_own_term_the_leader_commits_the_earlier_one_too() {
    let mut cluster = figure_8_up_to_c();
    cluster.say("e: the entry of term 4 is on a majority, so both are committed");
    heartbeat(&mut cluster, 1);
    assert_eq!(terms(&cluster, 3), [1, 2, 4]);
    assert_eq!(cluster.core(n(1)).commit_index(), 3);
    cluster.crash(n(1));
    cluster.restart(n(5));
    cluster.elapse(n(5), Timer::Election);
    cluster.settle();
    assert_ne!(cluster.core(n(5)).role(), Role::Leader, "S5 cannot win");
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn a_partitioned_server_with_pre_vote_does_not_disturb_the_leader_when_it_returns() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.partition(&[&[n(1), n(2)], &[n(3)]]);
    for _ in 0..3 {
        cluster.elapse(n(3), Timer::Election);
        cluster.settle();
    }
    assert_eq!(cluster.core(n(3)).ballot().term, 1, "it begins no term");
    cluster.heal();
    cluster.elapse(n(3), Timer::Election);
    cluster.settle();
    heartbeat(&mut cluster, 1);
    assert_eq!(cluster.core(n(1)).role(), Role::Leader);
    assert_eq!(cluster.core(n(3)).leader(), Some(n(1)));
    assert_eq!(refused(&cluster, "LeaderSticky"), 2);
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn a_leader_that_misses_its_quorum_steps_down() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.elapse(n(1), Timer::Quorum);
    assert_eq!(
        cluster.core(n(1)).role(),
        Role::Leader,
        "it has just heard of both"
    );
    cluster.partition(&[&[n(1)], &[n(2), n(3)]]);
    heartbeat(&mut cluster, 1);
    cluster.elapse(n(1), Timer::Quorum);
    assert_eq!(cluster.core(n(1)).role(), Role::Follower);
    cluster.request(n(1), propose(&[7]));
    assert_eq!(refused(&cluster, "ClientRequestLeader"), 1);
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn who_takes_over_is_brought_up_to_date_first_and_requests_wait() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.request(n(1), propose(&[7]));
    cluster.drop_where(|packet| packet.to == n(2));
    cluster.settle();
    cluster.request(n(1), Request::Transfer(n(2)));
    cluster.request(n(1), propose(&[8]));
    assert_eq!(refused(&cluster, "NoRequestInTransfer"), 1);
    assert_eq!(cluster.core(n(2)).last().index, 1);
    heartbeat(&mut cluster, 1);
    assert_eq!(cluster.core(n(2)).role(), Role::Leader);
    assert_eq!(terms(&cluster, 2), [1, 1, 2]);
    assert_eq!(cluster.core(n(1)).leader(), Some(n(2)));
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn a_transfer_that_takes_too_long_is_abandoned() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.crash(n(2));
    cluster.request(n(1), propose(&[7]));
    cluster.request(n(1), Request::Transfer(n(2)));
    cluster.settle();
    cluster.elapse(n(1), Timer::Transfer);
    cluster.request(n(1), propose(&[8]));
    cluster.settle();
    assert_eq!(cluster.core(n(1)).commit_index(), 3);
    cluster.request(n(1), Request::Transfer(n(1)));
    assert_eq!(refused(&cluster, "TransferToPeer"), 1);
    insta::assert_snapshot!(cluster.story());
}

/// A leader with a snapshot of 20 bytes that `n3` needs, in pieces of 8.
fn a_leader_with_a_snapshot() -> Cluster<Server> {
    let mut cluster = cluster_of(3, |mut config| {
        config.limits.chunk_bytes = 8;
        config
    });
    elect(&mut cluster, 1);
    cluster.crash(n(3));
    cluster.request(n(1), propose(&[7, 8]));
    cluster.settle();
    let data = Arc::from([5; 20]);
    cluster.request(n(1), Request::Compact { index: 3, data });
    cluster.restart(n(3));
    cluster.story();
    cluster
}

#[test]
fn a_follower_that_lacks_what_was_compacted_gets_the_snapshot_in_pieces() {
    let mut cluster = a_leader_with_a_snapshot();
    cluster.elapse(n(1), Timer::Heartbeat);
    let first_pieces =
        |body: &Body<u64>| matches!(body, Body::InstallSnapshotRequest { offset: 8.., .. });
    while !cluster
        .network()
        .packets()
        .iter()
        .any(|p| first_pieces(&p.message.body))
    {
        cluster.deliver(0);
    }
    cluster.drop_where(|packet| first_pieces(&packet.message.body));
    cluster.say("a piece was lost; the next heartbeat finds out");
    heartbeat(&mut cluster, 1);
    assert_eq!(
        cluster.core(n(3)).snapshot().last,
        Position { index: 3, term: 1 }
    );
    assert_eq!(cluster.core(n(3)).snapshot().data.as_ref(), [5; 20]);
    assert_eq!(cluster.core(n(1)).progress()[1].flow, Flow::Replicate);
    cluster.crash(n(3));
    cluster.restart(n(3));
    assert_eq!(
        cluster.core(n(3)).commit_index(),
        3,
        "one record has it all"
    );
    insta::assert_snapshot!(cluster.story());
}

/// The fault of etcd's issue 1690: completions that are told apart by index alone.
#[test]
fn a_completion_of_another_term_or_boot_does_not_count() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.request(n(1), propose(&[7]));
    cluster.settle();
    cluster.crash(n(1));
    cluster.restart(n(1));
    heartbeat_is_due(&mut cluster);
    cluster.slow_disk(n(1));
    for index in 4..=5 {
        cluster.request(n(1), propose(&[index]));
    }
    let Receipt { term, boot, .. } = receipt_of(&cluster, 5);
    let before = cluster.core(n(1)).synced();
    for stale in [
        Receipt {
            term: term - 1,
            index: 5,
            boot,
        },
        Receipt {
            term,
            index: 5,
            boot: boot - 1,
        },
    ] {
        cluster.input(n(1), Input::Persisted(stale));
        assert_eq!(cluster.core(n(1)).synced(), before);
    }
    assert_eq!(refused(&cluster, "ReceiptOfTerm"), 1);
    assert_eq!(refused(&cluster, "ReceiptOfBoot"), 1);
    while cluster.sync(n(1)) {}
    assert_eq!(cluster.core(n(1)).synced(), 5, "the true ones do count");
    insta::assert_snapshot!(cluster.story());
}

/// Everybody has waited long enough, and `n1` is elected again.
fn heartbeat_is_due(cluster: &mut Cluster<Server>) {
    for id in [2, 3] {
        cluster.elapse(n(id), Timer::Election);
    }
    cluster.drop_where(|_| true);
    elect(cluster, 1);
}

fn receipt_of(cluster: &Cluster<Server>, index: u64) -> Receipt {
    let ballot = cluster.core(n(1)).ballot();
    Receipt {
        term: ballot.term,
        index,
        boot: ballot.boot,
    }
}

#[test]
fn a_leader_commits_what_its_followers_have_before_its_own_disk_has_it() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.slow_disk(n(1));
    cluster.request(n(1), propose(&[7]));
    cluster.deliver_where(|packet| packet.to == n(2) || packet.from == n(2));
    assert_eq!(
        cluster.core(n(1)).commit_index(),
        1,
        "one disk of three has it"
    );
    cluster.settle();
    assert_eq!(
        cluster.core(n(1)).commit_index(),
        2,
        "two disks of three have it"
    );
    assert_eq!(cluster.core(n(1)).synced(), 1);
    cluster.crash(n(1));
    cluster.restart(n(1));
    assert_eq!(
        cluster.core(n(1)).last().index,
        1,
        "its own disk has lost it"
    );
    cluster.prompt_disk(n(1));
    elect(&mut cluster, 2);
    assert_eq!(terms(&cluster, 1), [1, 1, 2], "the others have kept it");
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn a_follower_acknowledges_only_what_its_disk_has() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.crash(n(3));
    cluster.slow_disk(n(2));
    cluster.request(n(1), propose(&[7]));
    cluster.settle();
    assert_eq!(cluster.core(n(1)).commit_index(), 1);
    cluster.crash(n(2));
    cluster.restart(n(2));
    assert_eq!(cluster.core(n(2)).last().index, 1);
    cluster.prompt_disk(n(2));
    heartbeat(&mut cluster, 1);
    assert_eq!(cluster.core(n(1)).commit_index(), 2);
    insta::assert_snapshot!(cluster.story());
}
