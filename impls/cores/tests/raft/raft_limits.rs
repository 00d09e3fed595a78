//! What Raft does not do: send more than its limits, repair a log in more messages than it must, or believe what no server says.

use std::sync::Arc;

use concur_cores::codec::Encode as _;
use concur_cores::raft::{Answer, Body, Entry, Limits, Message, Position, Request, Timer};
use concur_cores::{Input, NodeId};

use crate::support::{
    cluster, cluster_of, elect, give_log, heartbeat, n, propose, receive, refused, terms,
};

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
