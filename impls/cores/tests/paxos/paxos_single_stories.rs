//! One decision, told as stories.

use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::Quorums;
use concur_cores::paxos::single::{Config, Message, Node, Notice, Record, Request, Timer};
use concur_harness::Cluster;
use insta::assert_snapshot;

use crate::support::nodes;

type Paxos = Cluster<Node<&'static str>>;

const N1: NodeId = NodeId(1);
const N2: NodeId = NodeId(2);
const N3: NodeId = NodeId(3);
const N4: NodeId = NodeId(4);
const N5: NodeId = NodeId(5);

fn among(quorums: &Quorums) -> Paxos {
    let members = quorums.members().to_vec();
    let mut cluster = Cluster::new(
        members
            .into_iter()
            .map(|me| (me, Config::new(me, quorums.clone()))),
    );
    cluster.story();
    cluster
}

fn three() -> Paxos {
    among(&Quorums::majority(nodes(3)).unwrap())
}

fn propose(cluster: &mut Paxos, id: NodeId, value: &'static str) {
    cluster.request(id, Request::Propose(value));
}

fn learned(cluster: &Paxos, id: NodeId) -> Option<&'static str> {
    cluster.core(id).learned().copied()
}

fn all_learned(cluster: &Paxos, value: &str) {
    for (id, core) in cluster.up() {
        assert_eq!(core.learned().copied(), Some(value), "{id}");
    }
}

/// Delivers what goes to these nodes only.
fn deliver_to(cluster: &mut Paxos, ids: &[NodeId]) {
    cluster.deliver_where(|packet| ids.contains(&packet.to) && ids.contains(&packet.from));
}

#[test]
fn one_proposer_gets_its_value_chosen_in_two_round_trips() {
    let mut cluster = three();
    propose(&mut cluster, N1, "tea");
    cluster.settle();
    all_learned(&cluster, "tea");
    assert_eq!(cluster.notices(N3), [Notice::Learned("tea")]);
    assert_snapshot!(cluster.story());
}

#[test]
fn duelling_proposers_preempt_each_other_until_one_is_left_alone() {
    let mut cluster = three();
    cluster.say("each gets its promise from n3, and the other one's before it has proposed");
    propose(&mut cluster, N1, "tea");
    cluster.deliver_where(|p| p.from == N1 && p.to == N3);
    propose(&mut cluster, N2, "coffee");
    cluster.deliver_where(|p| p.from == N2 && p.to == N3);
    for id in [N1, N2, N1, N2] {
        cluster.deliver_where(|p| p.from == N3 && p.to == id);
        cluster.deliver_where(|p| p.from == id && p.to == N3);
        cluster.deliver_where(|p| p.from == N3 && p.to == id);
        assert_eq!(learned(&cluster, id), None);
        cluster.elapse(id, Timer::Retry);
        cluster.deliver_where(|p| p.from == id && p.to == N3);
    }
    assert_eq!(cluster.refused()["AcceptNotBelowPromise"], 4);
    cluster.say("n2 gives up");
    cluster.crash(N2);
    cluster.settle();
    cluster.elapse(N1, Timer::Retry);
    cluster.settle();
    all_learned(&cluster, "tea");
    assert_snapshot!(cluster.story());
}

#[test]
fn an_acceptor_that_restarts_between_promise_and_vote_keeps_its_promise() {
    let mut cluster = three();
    propose(&mut cluster, N1, "tea");
    cluster.deliver_where(|p| p.from == N1 && p.to == N3);
    cluster.deliver_where(|p| p.from == N3 && p.to == N1);
    cluster.say("n1 has proposed; n3 promises n2 a higher ballot, and restarts");
    propose(&mut cluster, N2, "coffee");
    cluster.deliver_where(|p| p.from == N2 && p.to == N3);
    cluster.crash(N3);
    cluster.restart(N3);
    cluster.deliver_where(|p| p.from == N1 && p.to == N3);
    assert_eq!(cluster.refused()["AcceptNotBelowPromise"], 1);
    cluster.settle();
    all_learned(&cluster, "coffee");
    assert_snapshot!(cluster.story());
}

#[test]
fn a_proposer_that_restarts_does_not_begin_its_ballot_again() {
    let mut cluster = three();
    propose(&mut cluster, N1, "tea");
    cluster.deliver_where(|p| p.to == N3);
    cluster.crash(N1);
    cluster.restart(N1);
    cluster.say("what n1 knew of its ballot is gone, but for the ballot itself");
    propose(&mut cluster, N1, "milk");
    let begun = cluster.disk(N1).durable();
    let rounds = begun.iter().map(|record| match record {
        Record::Promised(ballot) => ballot.round,
        Record::Accepted(vote) => vote.ballot.round,
    });
    assert_eq!(rounds.collect::<Vec<_>>(), [1, 2]);
    cluster.settle();
    assert!(cluster.refused()["CollectCurrentBallot"] > 0);
    all_learned(&cluster, "milk");
    assert_snapshot!(cluster.story());
}

#[test]
fn a_ballot_that_is_not_on_the_disk_was_never_heard_of() {
    let mut cluster = three();
    cluster.slow_disk(N1);
    propose(&mut cluster, N1, "tea");
    assert!(
        cluster.network().packets().is_empty(),
        "nobody is asked yet"
    );
    cluster.crash(N1);
    cluster.restart(N1);
    propose(&mut cluster, N1, "milk");
    cluster.prompt_disk(N1);
    cluster.settle();
    all_learned(&cluster, "milk");
    assert_snapshot!(cluster.story());
}

#[test]
fn a_proposer_adopts_the_vote_of_the_highest_ballot_that_is_reported() {
    let mut cluster = among(&Quorums::majority(nodes(5)).unwrap());
    cluster.say("tea gets one vote, that of n1; coffee gets one later, that of n2");
    for (id, value) in [(N1, "tea"), (N2, "coffee")] {
        propose(&mut cluster, id, value);
        cluster.deliver_where(|p| p.from == id && (p.to == N3 || p.to == N4));
        cluster.deliver_where(|p| p.to == id);
        cluster.drop_where(|_| true);
    }
    cluster.say("n5 hears of both");
    propose(&mut cluster, N5, "milk");
    deliver_to(&mut cluster, &[N1, N2, N5]);
    assert_eq!(learned(&cluster, N5), Some("coffee"));
    assert_snapshot!(cluster.story());
}

#[test]
fn messages_that_are_lost_or_come_twice_do_no_harm() {
    let mut cluster = three();
    propose(&mut cluster, N1, "tea");
    cluster.drop_where(|p| p.to == N3);
    cluster.duplicate(0);
    cluster.say("n2 promises twice, and is counted once");
    cluster.deliver_where(|p| matches!(p.message, Message::Phase1a { .. }));
    cluster.duplicate(0);
    cluster.deliver_where(|p| matches!(p.message, Message::Phase1b { .. }));
    cluster.drop_where(|p| p.to == N3);
    cluster.duplicate(0);
    cluster.settle();
    assert_eq!(cluster.notices(N1), [Notice::Learned("tea")]);
    assert_eq!(
        cluster.disk(N2).durable().len(),
        1,
        "one vote is on the disk"
    );
    assert_snapshot!(cluster.story());
}

#[test]
fn whoever_missed_the_votes_asks_what_was_chosen() {
    let mut cluster = three();
    cluster.partition(&[&[N1, N2], &[N3]]);
    propose(&mut cluster, N1, "tea");
    cluster.settle();
    assert_eq!(learned(&cluster, N3), None);
    cluster.heal();
    cluster.elapse(N3, Timer::Learn);
    cluster.settle();
    all_learned(&cluster, "tea");
    assert_snapshot!(cluster.story());
}

#[test]
fn with_flexible_quorums_two_of_four_choose_and_three_begin() {
    let mut cluster = among(&Quorums::flexible(nodes(4), 3, 2).unwrap());
    propose(&mut cluster, N1, "tea");
    deliver_to(&mut cluster, &[N1, N2]);
    assert_eq!(learned(&cluster, N1), None, "two promises are too few");
    cluster.deliver_where(|p| !matches!(p.message, Message::Phase2a(_)));
    cluster.say("three have promised; n2 alone hears of the proposal");
    deliver_to(&mut cluster, &[N1, N2]);
    assert_eq!(learned(&cluster, N1), Some("tea"));
    assert_snapshot!(cluster.story());
}

#[test]
fn in_a_grid_a_row_begins_and_a_column_chooses() {
    let rows = [nodes(2), vec![N3, N4]];
    let mut cluster = among(&Quorums::grid(&rows).unwrap());
    propose(&mut cluster, N1, "tea");
    cluster.say("n1 and n2 are a row");
    deliver_to(&mut cluster, &[N1, N2]);
    assert_eq!(learned(&cluster, N1), None, "a row is too few to choose");
    cluster.say("n1 and n3 are a column");
    deliver_to(&mut cluster, &[N1, N3]);
    assert_eq!(learned(&cluster, N1), Some("tea"));
    assert_snapshot!(cluster.story());
}

#[test]
fn who_is_no_acceptor_can_propose_and_learn() {
    let quorums = Quorums::majority(nodes(3)).unwrap();
    let all = nodes(4).into_iter().map(|me| {
        let others = Arc::new([N4]);
        let config = Config::new(me, quorums.clone());
        (me, Config { others, ..config })
    });
    let mut cluster: Paxos = Cluster::new(all);
    cluster.story();
    propose(&mut cluster, N4, "tea");
    cluster.settle();
    all_learned(&cluster, "tea");
    assert!(
        matches!(cluster.disk(N4).durable(), [Record::Promised(_), ..]),
        "its ballot is on its disk all the same"
    );
    assert_snapshot!(cluster.story());
}
