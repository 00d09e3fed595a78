//! Snapshots of Raft at their edges: what they replace, what they keep, and what ends the sending of one.

use std::sync::Arc;

use concur_cores::raft::{Answer, Body, Flow, Limits, Position, Request, Timer};
use concur_harness::Cluster;

use crate::support::{
    Server, answered, append, at, batches_to, cluster, elect, entry, heartbeat, led, n, propose,
    receive, refused, sent, terms,
};

/// A follower whose log begins behind a snapshot of the first two of three entries.
fn compacted() -> Cluster<Server> {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.request(n(1), propose(&[7, 8]));
    cluster.settle();
    heartbeat(&mut cluster, 1);
    let data: Arc<[u8]> = Arc::from([0; 20]);
    cluster.request(n(2), Request::Compact { index: 2, data });
    assert_eq!(cluster.core(n(2)).snapshot().last, at(2, 1));
    cluster
}

#[test]
fn what_a_snapshot_has_replaced_is_not_compared_and_what_it_ends_in_is() {
    let log = [entry(1, 7), entry(1, 8), entry(1, 9)];
    let mut cluster = compacted();
    receive(&mut cluster, 2, 1, 1, append(at(1, 1), &log, 0));
    assert_eq!(terms(&cluster, 2), [1, 1]);
    let match_index = 4;
    let accepted = answered(Answer::Accepted { match_index });
    assert_eq!(sent(&mut cluster), [(n(1), accepted)]);
    let lies = [entry(9, 7), entry(1, 8)];
    receive(&mut cluster, 2, 1, 1, append(at(1, 1), &lies, 0));
    assert_eq!(refused(&cluster, "CommittedStays"), 0);
    receive(&mut cluster, 2, 1, 1, append(at(2, 9), &lies, 0));
    assert_eq!(refused(&cluster, "PrevLogMatches"), 1);
}

/// A leader that has begun to send a snapshot of 20 bytes to n3, in pieces of 8.
fn sending() -> Cluster<Server> {
    let mut cluster = led(Limits {
        chunk_bytes: 8,
        ..Limits::default()
    });
    cluster.partition(&[&[n(1), n(2)], &[n(3)]]);
    cluster.request(n(1), propose(&[7, 8]));
    cluster.settle();
    let data: Arc<[u8]> = Arc::from([5; 20]);
    cluster.request(n(1), Request::Compact { index: 2, data });
    let refusal = Answer::Refused {
        prev_index: 2,
        hint: at(0, 0),
    };
    cluster.heal();
    receive(&mut cluster, 1, 3, 1, answered(refusal));
    let flow = Flow::Snapshot {
        index: 2,
        offset: 0,
    };
    assert_eq!(cluster.core(n(1)).progress()[1].flow, flow);
    sent(&mut cluster);
    cluster
}

#[test]
fn what_was_acknowledged_before_does_not_end_a_snapshot_that_is_being_sent() {
    let mut cluster = sending();
    let answer = |received| Body::InstallSnapshotResponse {
        last_index: 2,
        received,
    };
    receive(&mut cluster, 1, 3, 1, answer(8));
    let flow = Flow::Snapshot {
        index: 2,
        offset: 8,
    };
    assert_eq!(cluster.core(n(1)).progress()[1].flow, flow);
    let match_index = 1;
    let accepted = answered(Answer::Accepted { match_index });
    receive(&mut cluster, 1, 3, 1, accepted);
    assert_eq!(cluster.core(n(1)).progress()[1].flow, flow);
    receive(&mut cluster, 1, 3, 1, answer(21));
    receive(&mut cluster, 1, 2, 1, answer(8));
    assert_eq!(refused(&cluster, "ChunkAnswerCurrent"), 2);
}

#[test]
fn the_next_entry_lies_behind_what_was_acknowledged_while_a_snapshot_is_sent_too() {
    let mut cluster = cluster(3);
    cluster.partition(&[&[n(1), n(2)], &[n(3)]]);
    elect(&mut cluster, 1);
    cluster.request(n(1), propose(&[7]));
    cluster.settle();
    let data: Arc<[u8]> = Arc::from([5; 20]);
    cluster.request(n(1), Request::Compact { index: 2, data });
    cluster.elapse(n(1), Timer::Heartbeat);
    let indices = |cluster: &Cluster<Server>| {
        let follower = &cluster.core(n(1)).progress()[1];
        assert!(matches!(follower.flow, Flow::Snapshot { index: 2, .. }));
        (follower.match_index, follower.next_index)
    };
    assert_eq!(indices(&cluster), (0, 1));
    let match_index = 1;
    let accepted = answered(Answer::Accepted { match_index });
    receive(&mut cluster, 1, 3, 1, accepted);
    assert_eq!(indices(&cluster), (1, 2));
}

#[test]
fn a_snapshot_that_was_replaced_is_begun_anew() {
    let mut cluster = sending();
    let data: Arc<[u8]> = Arc::from([6; 10]);
    cluster.request(n(1), Request::Compact { index: 3, data });
    let before = cluster.core(n(1)).progress()[1].flow;
    cluster.elapse(n(1), Timer::Heartbeat);
    let flow = Flow::Snapshot {
        index: 3,
        offset: 0,
    };
    assert_ne!(before, flow);
    assert_eq!(cluster.core(n(1)).progress()[1].flow, flow);
    cluster.settle();
    assert_eq!(cluster.core(n(3)).snapshot().last, at(3, 1));
}

/// A leader without the first two of its three entries, whose follower n3 refuses the last one with that hint.
fn refused_behind_a_snapshot(data: &[u8], hint: Position) -> Cluster<Server> {
    let mut cluster = led(Limits::default());
    cluster.partition(&[&[n(1), n(2)], &[n(3)]]);
    cluster.request(n(1), propose(&[7, 8]));
    cluster.settle();
    let data: Arc<[u8]> = Arc::from(data);
    cluster.request(n(1), Request::Compact { index: 2, data });
    cluster.heal();
    let prev_index = 3;
    let refusal = answered(Answer::Refused { prev_index, hint });
    receive(&mut cluster, 1, 3, 1, refusal);
    cluster
}

#[test]
fn who_has_all_that_a_snapshot_covers_is_sent_entries() {
    let mut cluster = refused_behind_a_snapshot(&[5; 20], at(2, 1));
    assert_eq!(batches_to(&sent(&mut cluster), 3), [1]);
    let mut cluster = refused_behind_a_snapshot(&[5; 20], at(2, 0));
    assert!(batches_to(&sent(&mut cluster), 3).is_empty());
}

#[test]
fn to_ask_how_much_has_arrived_is_not_to_send_the_last_piece() {
    let mut cluster = refused_behind_a_snapshot(&[], at(0, 0));
    let whole = piece(at(2, 1), 0, &[], true);
    assert_eq!(sent(&mut cluster), [(n(3), whole)]);
    cluster.elapse(n(1), Timer::Heartbeat);
    let question = piece(at(2, 1), 0, &[], false);
    assert!(sent(&mut cluster).contains(&(n(3), question)));
}

fn piece(last: Position, offset: u64, data: &[u8], done: bool) -> Body<u64> {
    let data = data.to_vec();
    Body::InstallSnapshotRequest {
        last,
        offset,
        data,
        done,
    }
}

#[test]
fn pieces_of_two_snapshots_are_not_put_together() {
    let mut cluster = cluster(3);
    receive(&mut cluster, 2, 1, 1, piece(at(4, 1), 0, &[1; 8], false));
    receive(&mut cluster, 2, 1, 1, piece(at(5, 1), 8, &[2; 8], true));
    receive(&mut cluster, 2, 1, 1, piece(at(4, 1), 0, &[1; 8], false));
    receive(&mut cluster, 2, 3, 2, piece(at(4, 1), 8, &[2; 8], true));
    assert_eq!(cluster.core(n(2)).snapshot().last, at(0, 0));
    assert_eq!(refused(&cluster, "ChunkInOrder"), 2);
}

#[test]
fn a_snapshot_keeps_what_follows_it_where_the_log_agrees() {
    let log = [entry(1, 7), entry(1, 8), entry(1, 9)];
    for (term, kept) in [(1, vec![1]), (2, vec![])] {
        let mut cluster = cluster(3);
        receive(&mut cluster, 2, 1, 1, append(at(0, 0), &log, 0));
        receive(&mut cluster, 2, 1, 2, piece(at(2, term), 0, &[], true));
        assert_eq!(cluster.core(n(2)).snapshot().last, at(2, term));
        assert_eq!(terms(&cluster, 2), kept);
        assert_eq!(cluster.core(n(2)).term_at(1), None);
        assert_eq!(cluster.core(n(2)).term_at(2), Some(term));
    }
}

#[test]
fn a_snapshot_of_what_is_committed_already_is_acknowledged_and_not_taken() {
    let mut cluster = led(Limits::default());
    let last = cluster.core(n(2)).last();
    assert_eq!(cluster.core(n(2)).commit_index(), last.index);
    receive(&mut cluster, 2, 1, 1, piece(last, 0, &[], true));
    assert_eq!(refused(&cluster, "SnapshotAhead"), 1);
    assert_eq!(cluster.core(n(2)).snapshot().last, at(0, 0));
}
