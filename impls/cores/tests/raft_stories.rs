//! Stories of Raft: the paper's figures, the thesis's extensions, and the faults that peers have had.

mod raft_support;

use std::sync::Arc;

use concur_cores::codec::Encode as _;
use concur_cores::raft::{
    Answer, Body, Entry, Flow, Limits, Message, Position, Receipt, Request, Role, Timer,
};
use concur_cores::{Input, NodeId};
use concur_harness::Cluster;

use raft_support::{Server, cluster, cluster_of, n, propose};

/// That server's election alarm goes off, and it wins.
fn elect(cluster: &mut Cluster<Server>, id: u64) {
    cluster.elapse(n(id), Timer::Election);
    cluster.settle();
    assert_eq!(cluster.core(n(id)).role(), Role::Leader);
}

/// The leader sends heartbeats, and all is delivered.
fn heartbeat(cluster: &mut Cluster<Server>, id: u64) {
    cluster.elapse(n(id), Timer::Heartbeat);
    cluster.settle();
}

/// The terms in a server's log.
fn terms(cluster: &Cluster<Server>, id: u64) -> Vec<u64> {
    let entries = cluster.core(n(id)).entries();
    entries.iter().map(|entry| entry.term).collect()
}

/// The server gets a log from a leader of the term in which it ends: what happened earlier.
fn give_log(cluster: &mut Cluster<Server>, id: u64, from: u64, terms: &[u64], term: u64) {
    let entry = |(at, term): (usize, &u64)| Entry {
        term: *term,
        command: Some(10 * *term + at as u64),
    };
    let body = Body::AppendEntriesRequest {
        prev: Position::default(),
        entries: terms.iter().enumerate().map(entry).collect(),
        commit_index: 0,
    };
    receive(cluster, id, from, term, body);
    cluster.drop_where(|_| true);
}

fn receive(cluster: &mut Cluster<Server>, id: u64, from: u64, term: u64, body: Body<u64>) {
    let (from, message) = (n(from), Message { term, body });
    cluster.input(n(id), Input::Receive { from, message });
}

/// How often a rule has refused something.
fn refused(cluster: &Cluster<Server>, rule: &str) -> u64 {
    cluster.refused().get(rule).copied().unwrap_or(0)
}

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

#[test]
fn a_log_that_has_diverged_for_hundreds_of_entries_is_repaired_in_few_messages() {
    let mut cluster = cluster_of(3, |mut config| {
        config.check_quorum = false;
        config
    });
    let long = |terms: &[u64]| -> Vec<u64> {
        let many = terms
            .iter()
            .flat_map(|term| std::iter::repeat_n(*term, 300));
        many.collect()
    };
    give_log(&mut cluster, 1, 2, &long(&[1, 3, 5]), 6);
    give_log(&mut cluster, 2, 1, &long(&[1, 3]), 6);
    give_log(&mut cluster, 3, 1, &long(&[1, 2, 4]), 6);
    cluster.elapse(n(1), Timer::Election);
    let mut sent = 0;
    while let Some(packet) = cluster.network().packets().first() {
        let entries = matches!(packet.message.body, Body::AppendEntriesRequest { .. });
        sent += usize::from(entries && packet.to == n(3));
        cluster.deliver(0);
    }
    assert_eq!(terms(&cluster, 3), terms(&cluster, 1));
    assert_eq!(cluster.core(n(3)).entries(), cluster.core(n(1)).entries());
    assert!(sent <= 4, "{sent} messages for two conflicting terms");
}

#[test]
fn a_request_beyond_the_limit_of_uncommitted_bytes_is_refused_with_a_reason() {
    let mut cluster = cluster_of(3, |mut config| {
        config.limits.uncommitted_bytes = 100;
        config
    });
    elect(&mut cluster, 1);
    cluster.partition(&[&[n(1)], &[n(2), n(3)]]);
    cluster.request(n(1), propose(&[1, 2, 3]));
    cluster.request(n(1), propose(&[4, 5]));
    assert_eq!(refused(&cluster, "UncommittedLimit"), 1);
    assert_eq!(cluster.core(n(1)).last().index, 4);
    cluster.drop_where(|_| true);
    cluster.heal();
    heartbeat(&mut cluster, 1);
    cluster.request(n(1), propose(&[4, 5]));
    assert_eq!(
        cluster.core(n(1)).last().index,
        6,
        "what was committed makes room"
    );
    insta::assert_snapshot!(cluster.story());
}

#[test]
fn a_window_bounds_the_messages_and_the_bytes_on_their_way() {
    let windows = |limits: Limits| {
        let mut cluster = cluster_of(3, |mut config| {
            config.limits = limits.clone();
            config
        });
        elect(&mut cluster, 1);
        for command in 0..9 {
            cluster.request(n(1), propose(&[command]));
        }
        let in_flight = cluster.core(n(1)).progress()[0].in_flight();
        cluster.settle();
        heartbeat(&mut cluster, 1);
        assert_eq!(
            cluster.core(n(2)).commit_index(),
            10,
            "all arrives in the end"
        );
        in_flight
    };
    let usual = Limits::default();
    let few = Limits {
        inflight_messages: 2,
        ..usual.clone()
    };
    let light = Limits {
        inflight_bytes: 70,
        ..usual.clone()
    };
    assert_eq!(windows(usual), (9, 9 * 24));
    assert_eq!(windows(few), (2, 2 * 24));
    assert_eq!(windows(light), (3, 3 * 24));
}

#[test]
fn acknowledgements_that_have_not_left_yet_are_one_message() {
    use concur_cores::Protocol as _;

    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    for command in [7, 8, 9] {
        cluster.request(n(1), propose(&[command]));
    }
    let mut follower = cluster.core(n(2)).clone();
    let mut effects = concur_cores::Effects::new();
    for packet in cluster.network().packets().iter().filter(|p| p.to == n(2)) {
        let (from, message) = (packet.from, packet.message.clone());
        follower.step(Input::Receive { from, message }, &mut effects);
    }
    let answer = Answer::Accepted { match_index: 4 };
    let body = Body::AppendEntriesResponse(answer);
    assert_eq!(effects.send, [(n(1), Message { term: 1, body })]);
    assert_eq!(effects.persist.len(), 3);
}

/// What no server says is refused by name, and changes nothing.
#[test]
fn a_forged_message_is_refused_by_name() {
    let last = |index| Position { index, term: 1 };
    let append = |prev, term, commit_index| Body::AppendEntriesRequest {
        prev,
        entries: [Entry {
            term,
            command: Some(66),
        }]
        .into_iter()
        .collect(),
        commit_index,
    };
    let answer = Body::AppendEntriesResponse;
    let forged: [(&str, u64, u64, u64, Body<u64>); 11] = [
        ("FromPeer", 1, 9, 1, append(last(1), 1, 0)),
        ("WithinReach", 1, 2, u64::MAX, append(last(1), 1, 0)),
        ("LeaderAlone", 1, 2, 1, append(last(1), 1, 0)),
        ("CommittedStays", 2, 1, 1, append(last(1), 7, 0)),
        (
            "PrevLogMatches",
            2,
            1,
            1,
            append(last(u64::MAX), 1, u64::MAX),
        ),
        (
            "MatchWithinLog",
            1,
            2,
            1,
            answer(Answer::Accepted { match_index: 99 }),
        ),
        (
            "RefusalCurrent",
            1,
            2,
            1,
            answer(Answer::Refused {
                prev_index: u64::MAX,
                hint: last(u64::MAX),
            }),
        ),
        (
            "ChunkAnswerCurrent",
            1,
            2,
            1,
            Body::InstallSnapshotResponse {
                last_index: 1,
                received: u64::MAX,
            },
        ),
        (
            "WithinReach",
            2,
            1,
            1,
            Body::InstallSnapshotRequest {
                last: last(u64::MAX),
                offset: 0,
                data: Vec::new(),
                done: true,
            },
        ),
        ("TimeoutNowCurrent", 2, 1, 0, Body::TimeoutNow),
        (
            "VoteGranted",
            2,
            1,
            1,
            Body::PreVoteResponse { granted: false },
        ),
    ];
    for (rule, to, from, term, body) in forged {
        let mut cluster = cluster(3);
        elect(&mut cluster, 1);
        cluster.request(n(1), propose(&[7]));
        cluster.settle();
        heartbeat(&mut cluster, 1);
        let before = cluster.core(n(to)).entries().to_vec();
        receive(&mut cluster, to, from, term, body);
        assert_eq!(refused(&cluster, rule), 1, "{rule}");
        assert_eq!(cluster.core(n(to)).entries(), before, "{rule}");
        assert_eq!(cluster.core(n(to)).ballot().term, 1, "{rule}");
    }
}

#[test]
fn a_snapshot_is_refused_if_it_covers_what_is_not_committed_or_not_kept() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    let data: Arc<[u8]> = Arc::from(7_u64.to_bytes());
    for index in [2, 1, 1] {
        let data = data.clone();
        cluster.request(n(1), Request::Compact { index, data });
    }
    assert_eq!(refused(&cluster, "CompactCommitted"), 1);
    let told = cluster.notices(n(1)).iter().map(ToString::to_string);
    assert_eq!(
        told.filter(|notice| notice.contains("not a snapshot"))
            .count(),
        2
    );
    assert_eq!(cluster.core(n(1)).snapshot().last.index, 1);
    assert_eq!(
        cluster.disk(n(1)).durable().len(),
        1,
        "the rest was deleted"
    );
}

#[test]
fn names_in_stories_are_the_papers() {
    let id = NodeId(2);
    assert_eq!(format!("{id}"), "n2");
    let body: Body<u64> = Body::AppendEntriesRequest {
        prev: Position { index: 1, term: 1 },
        entries: [Entry {
            term: 2,
            command: Some(7),
        }]
        .into_iter()
        .collect(),
        commit_index: 1,
    };
    let message = Message { term: 2, body };
    assert_eq!(
        message.to_string(),
        "AppendEntries@2 prev=1@1 [2@2 7] commit=1"
    );
}
