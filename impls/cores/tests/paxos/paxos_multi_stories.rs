//! A log of slots, told as stories.

use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::Quorums;
use concur_cores::paxos::multi::{
    Config, Entry, Message, Node, Notice, Record, Request, Slot, Snapshot, Timer,
};
use concur_harness::Cluster;
use insta::assert_snapshot;

use crate::support::nodes;

type Paxos = Cluster<Node<&'static str>>;

const N1: NodeId = NodeId(1);
const N2: NodeId = NodeId(2);
const N3: NodeId = NodeId(3);

fn three() -> Paxos {
    with_window(64)
}

fn with_window(window: usize) -> Paxos {
    let quorums = Quorums::majority(nodes(3)).unwrap();
    let all = nodes(3).into_iter().map(|me| {
        let config = Config::new(me, quorums.clone());
        (me, Config { window, ..config })
    });
    let mut cluster = Cluster::new(all);
    cluster.story();
    cluster
}

/// Three nodes, of which n1 leads; the story begins after that.
fn led() -> Paxos {
    let mut cluster = three();
    lead(&mut cluster, N1);
    cluster.story();
    cluster
}

fn lead(cluster: &mut Paxos, id: NodeId) {
    cluster.elapse(id, Timer::Election);
    cluster.settle();
    assert!(cluster.core(id).leads());
}

fn propose(cluster: &mut Paxos, id: NodeId, commands: &[&'static str]) {
    cluster.request(id, Request::Propose(commands.to_vec()));
}

fn beat(cluster: &mut Paxos, id: NodeId) {
    cluster.elapse(id, Timer::Heartbeat);
    cluster.settle();
}

/// What that node knows to be chosen and has not forgotten.
fn log(cluster: &Paxos, id: NodeId) -> Vec<String> {
    let log = cluster.core(id).log();
    let entries = log.entries(log.first(), log.chosen());
    entries.map(|entry| entry.to_string()).collect()
}

fn all_have(cluster: &Paxos, entries: &[&str]) {
    for (id, _) in cluster.up() {
        assert_eq!(log(cluster, id), entries, "{id}");
    }
}

fn compact(cluster: &mut Paxos, id: NodeId, upto: u64) {
    let state = Arc::from(&b"state"[..]);
    let upto = Slot(upto);
    cluster.request(id, Request::Compact(Snapshot { upto, state }));
}

/// Two others have voted for it, durably: so the leader executes it, and may forget it.
#[test]
fn a_command_is_executed_before_the_leaders_own_disk_has_it_and_outlives_the_leaders_crash() {
    let mut cluster = led();
    cluster.slow_disk(N1);
    cluster.take_notices(N1);
    propose(&mut cluster, N1, &["tea"]);
    cluster.settle();
    let entries = [Entry::Command("tea")].into_iter().collect();
    let first = Slot(0);
    let chosen = Notice::Chosen { first, entries };
    assert_eq!(cluster.take_notices(N1), std::slice::from_ref(&chosen));
    assert_eq!(cluster.disk(N1).unsynced(), 1, "it is still writing");

    cluster.crash(N1);
    cluster.restart(N1);
    assert!(log(&cluster, N1).is_empty(), "it has forgotten the command");
    cluster.prompt_disk(N1);
    lead(&mut cluster, N2);
    beat(&mut cluster, N2);
    for id in [N1, N2, N3] {
        assert!(cluster.take_notices(id).contains(&chosen), "{id}");
    }
    assert_snapshot!(cluster.story());
}

#[test]
fn a_leader_asks_once_for_all_slots_and_then_needs_one_round_trip() {
    let mut cluster = three();
    lead(&mut cluster, N1);
    propose(&mut cluster, N1, &["a"]);
    cluster.settle();
    propose(&mut cluster, N1, &["b"]);
    cluster.settle();
    assert_eq!(log(&cluster, N1), ["a", "b"]);
    assert_eq!(log(&cluster, N2), ["a"], "b is chosen, n2 will hear of it");
    beat(&mut cluster, N1);
    all_have(&cluster, &["a", "b"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn several_commands_share_a_message_and_the_watermark_rides_on_the_next() {
    let mut cluster = led();
    propose(&mut cluster, N1, &["a", "b", "c"]);
    cluster.settle();
    propose(&mut cluster, N1, &["d"]);
    let riding = cluster.network().packets().iter().filter(
        |packet| matches!(packet.message, Message::Phase2a { chosen, .. } if chosen == Slot(3)),
    );
    assert_eq!(riding.count(), 2);
    cluster.settle();
    assert_eq!(log(&cluster, N3), ["a", "b", "c"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_new_leader_adopts_every_value_above_the_watermark() {
    let mut cluster = led();
    propose(&mut cluster, N1, &["a"]);
    cluster.settle();
    propose(&mut cluster, N1, &["b", "c"]);
    cluster.say("b and c are chosen: n2 has voted for them too; but nobody knows");
    cluster.deliver_where(|p| p.to == N2);
    cluster.crash(N1);
    cluster.drop_where(|_| true);
    cluster.say("n3 has never heard of b and c");
    lead(&mut cluster, N3);
    beat(&mut cluster, N3);
    all_have(&cluster, &["a", "b", "c"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_new_leader_fills_a_gap_with_a_no_op() {
    let mut cluster = led();
    propose(&mut cluster, N1, &["a"]);
    cluster.drop_where(|_| true);
    propose(&mut cluster, N1, &["b"]);
    cluster.deliver_where(|p| p.to == N2);
    cluster.crash(N1);
    cluster.drop_where(|_| true);
    cluster.say("n2 has voted in s1, and nobody but n1 in s0");
    lead(&mut cluster, N3);
    beat(&mut cluster, N3);
    all_have(&cluster, &["no-op", "b"]);
    cluster.restart(N1);
    beat(&mut cluster, N3);
    cluster.say("a was lost; n1 learns the no-op in its place");
    all_have(&cluster, &["no-op", "b"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn what_a_replica_voted_for_in_a_lower_ballot_is_not_what_was_chosen() {
    let mut cluster = led();
    propose(&mut cluster, N1, &["lost"]);
    cluster.drop_where(|_| true);
    cluster.partition(&[&[N1], &[N2, N3]]);
    lead(&mut cluster, N2);
    propose(&mut cluster, N2, &["kept"]);
    cluster.settle();
    cluster.heal();
    cluster.say("n1 hears that s0 is chosen, and has a vote there; it asks all the same");
    beat(&mut cluster, N2);
    assert!(!cluster.core(N1).leads());
    all_have(&cluster, &["kept"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn the_leaders_own_vote_counts_when_its_disk_has_synced() {
    let mut cluster = led();
    cluster.partition(&[&[N1, N2], &[N3]]);
    cluster.slow_disk(N1);
    propose(&mut cluster, N1, &["a"]);
    cluster.settle();
    assert!(log(&cluster, N1).is_empty(), "n2's vote alone is no quorum");
    assert_eq!(
        cluster.disk(N2).durable().len(),
        2,
        "n2 had no need to wait"
    );
    cluster.sync(N1);
    assert_eq!(log(&cluster, N1), ["a"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_proposal_that_was_lost_is_repeated() {
    let mut cluster = led();
    propose(&mut cluster, N1, &["a", "b"]);
    cluster.drop_where(|_| true);
    beat(&mut cluster, N1);
    assert!(log(&cluster, N1).is_empty(), "it had just been proposed");
    beat(&mut cluster, N1);
    beat(&mut cluster, N1);
    all_have(&cluster, &["a", "b"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn votes_that_come_twice_count_once() {
    let mut cluster = led();
    cluster.slow_disk(N1);
    propose(&mut cluster, N1, &["a"]);
    cluster.deliver_where(|p| p.to == N2);
    cluster.drop_where(|p| p.to == N3);
    cluster.duplicate(0);
    cluster.duplicate(0);
    cluster.settle();
    assert!(log(&cluster, N1).is_empty(), "n2 is one acceptor");
    cluster.prompt_disk(N1);
    assert_eq!(log(&cluster, N1), ["a"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_replica_that_lags_behind_asks_for_what_was_chosen() {
    let mut cluster = led();
    cluster.partition(&[&[N1, N2], &[N3]]);
    propose(&mut cluster, N1, &["a", "b"]);
    cluster.settle();
    cluster.heal();
    propose(&mut cluster, N1, &["c"]);
    cluster.settle();
    assert_eq!(log(&cluster, N3), ["a", "b", "c"]);
    beat(&mut cluster, N1);
    all_have(&cluster, &["a", "b", "c"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn what_is_forgotten_is_passed_on_as_a_snapshot() {
    let mut cluster = led();
    cluster.partition(&[&[N1, N2], &[N3]]);
    propose(&mut cluster, N1, &["a", "b", "c"]);
    cluster.settle();
    compact(&mut cluster, N1, 2);
    assert!(
        matches!(cluster.disk(N1).durable(), [Record::Checkpoint { .. }]),
        "the checkpoint stands for all that was on the disk"
    );
    cluster.heal();
    beat(&mut cluster, N1);
    beat(&mut cluster, N1);
    assert_eq!(log(&cluster, N3), ["c"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn nobody_forgets_what_it_does_not_know_to_be_chosen() {
    let mut cluster = led();
    cluster.partition(&[&[N1], &[N2, N3]]);
    propose(&mut cluster, N1, &["a"]);
    compact(&mut cluster, N1, 1);
    assert_eq!(cluster.refused()["TruncateExecuted"], 1);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_candidate_that_lags_behind_a_snapshot_gets_it_before_any_promise() {
    let mut cluster = led();
    cluster.partition(&[&[N1, N2], &[N3]]);
    propose(&mut cluster, N1, &["a", "b"]);
    cluster.settle();
    beat(&mut cluster, N1);
    compact(&mut cluster, N1, 2);
    compact(&mut cluster, N2, 2);
    cluster.heal();
    lead(&mut cluster, N3);
    assert_eq!(cluster.core(N3).log().first(), Slot(2));
    propose(&mut cluster, N3, &["c"]);
    cluster.settle();
    beat(&mut cluster, N3);
    all_have(&cluster, &["c"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_replica_that_restarts_begins_anew_from_its_checkpoint() {
    let mut cluster = led();
    propose(&mut cluster, N1, &["a", "b"]);
    cluster.settle();
    beat(&mut cluster, N1);
    compact(&mut cluster, N2, 1);
    propose(&mut cluster, N1, &["c"]);
    cluster.settle();
    cluster.take_notices(N2);
    cluster.crash(N2);
    cluster.restart(N2);
    let notices = cluster.take_notices(N2);
    let again = Notice::Chosen {
        first: Slot(1),
        entries: [Entry::Command("b")].into_iter().collect(),
    };
    assert!(matches!(notices[0], Notice::Restored(_)));
    assert_eq!(
        notices[1], again,
        "c is voted for; that it is chosen n2 must hear"
    );
    assert_snapshot!(cluster.story());
}

#[test]
fn a_leader_that_restarts_takes_a_higher_ballot() {
    let mut cluster = led();
    propose(&mut cluster, N1, &["a"]);
    cluster.say("the proposal has left before n1 crashes; what n1 wrote of it is lost");
    cluster.drop_where(|p| p.to == N3);
    cluster.crash(N1);
    cluster.restart(N1);
    let first = cluster.core(N1).promised();
    cluster.elapse(N1, Timer::Election);
    assert!(cluster.core(N1).promised() > first);
    cluster.settle();
    beat(&mut cluster, N1);
    all_have(&cluster, &["a"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_deposed_leader_says_that_its_proposals_are_in_doubt() {
    let mut cluster = led();
    cluster.partition(&[&[N1], &[N2, N3]]);
    propose(&mut cluster, N1, &["a"]);
    lead(&mut cluster, N2);
    cluster.heal();
    beat(&mut cluster, N1);
    assert!(cluster.take_notices(N1).contains(&Notice::Deposed));
    propose(&mut cluster, N1, &["b"]);
    beat(&mut cluster, N2);
    propose(&mut cluster, N1, &["b"]);
    let rejected = |leader| Notice::Rejected {
        commands: vec!["b"],
        leader,
    };
    assert_eq!(
        cluster.notices(N1),
        [rejected(None), rejected(Some(N2))],
        "once it hears of the new leader it says so"
    );
    assert_snapshot!(cluster.story());
}

#[test]
fn a_leader_does_not_run_ahead_of_what_is_chosen() {
    let mut cluster = with_window(2);
    lead(&mut cluster, N1);
    cluster.story();
    propose(&mut cluster, N1, &["a", "b"]);
    propose(&mut cluster, N1, &["c"]);
    assert_eq!(cluster.refused()["ProposeWithinWindow"], 1);
    cluster.settle();
    propose(&mut cluster, N1, &["c"]);
    cluster.settle();
    assert_eq!(log(&cluster, N1), ["a", "b", "c"]);
    assert_snapshot!(cluster.story());
}

#[test]
fn a_replica_votes_late_slots_only_when_it_has_caught_up() {
    let mut cluster = with_window(2);
    lead(&mut cluster, N1);
    cluster.story();
    cluster.partition(&[&[N1, N2], &[N3]]);
    for command in ["a", "b", "c"] {
        propose(&mut cluster, N1, &[command]);
        cluster.settle();
    }
    cluster.heal();
    propose(&mut cluster, N1, &["d"]);
    cluster.deliver_where(|p| p.to == N3 && p.from == N1);
    assert_eq!(cluster.refused()["AcceptWithinWindow"], 1);
    cluster.settle();
    beat(&mut cluster, N1);
    all_have(&cluster, &["a", "b", "c", "d"]);
    assert_snapshot!(cluster.story());
}
