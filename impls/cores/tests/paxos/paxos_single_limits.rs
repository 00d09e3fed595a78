//! One decision: what a node makes of a second wish and of a refusal, and which quorums there can be.

use concur_cores::paxos::single::{Config, Message, Node, Request, Timer};
use concur_cores::paxos::{Ballot, QuorumError, Quorums, Ranked};
use concur_cores::{Input, NodeId};
use concur_harness::Cluster;

use crate::support::nodes;

const N1: NodeId = NodeId(1);
const N2: NodeId = NodeId(2);

const MINE: Ballot = Ballot { round: 1, node: N1 };

fn three() -> Cluster<Node<&'static str>> {
    let quorums = Quorums::majority(nodes(3)).unwrap();
    let config = |me| (me, Config::new(me, quorums.clone()));
    Cluster::new(nodes(3).into_iter().map(config))
}

fn propose(cluster: &mut Cluster<Node<&'static str>>, value: &'static str) {
    cluster.request(N1, Request::Propose(value));
}

fn promise(cluster: &mut Cluster<Node<&'static str>>) {
    let message = Message::Phase1b {
        ballot: MINE,
        vote: None,
    };
    cluster.input(N1, Input::Receive { from: N2, message });
}

/// Whether n1 has proposed that in its first ballot.
fn has_proposed(cluster: &Cluster<Node<&'static str>>, value: &'static str) -> bool {
    let proposal = Message::Phase2a(Ranked::new(MINE, value));
    let packets = cluster.network().packets().iter();
    packets
        .map(|packet| &packet.message)
        .any(|it| *it == proposal)
}

#[test]
fn a_second_wish_replaces_the_first_in_the_same_ballot_until_one_is_proposed() {
    let mut cluster = three();
    propose(&mut cluster, "first");
    propose(&mut cluster, "second");
    assert_eq!(cluster.core(N1).seen(), MINE);
    promise(&mut cluster);
    assert!(has_proposed(&cluster, "second") && !has_proposed(&cluster, "first"));
    propose(&mut cluster, "third");
    assert_eq!(cluster.core(N1).seen().round, 2);
}

#[test]
fn a_ballot_is_over_when_a_higher_one_was_promised_and_only_then() {
    for (promised, over) in [(MINE, false), (Ballot { round: 1, node: N2 }, true)] {
        let mut cluster = three();
        propose(&mut cluster, "value");
        let message = Message::Preempted { promised };
        cluster.input(N1, Input::Receive { from: N2, message });
        assert_eq!(cluster.core(N1).seen(), promised);
        promise(&mut cluster);
        assert_eq!(has_proposed(&cluster, "value"), !over);
    }
}

#[test]
fn who_has_learned_asks_nobody() {
    let mut cluster = three();
    cluster.elapse(N2, Timer::Learn);
    assert_eq!(cluster.network().packets().len(), 2);
    propose(&mut cluster, "value");
    cluster.settle();
    assert_eq!(cluster.core(N2).learned(), Some(&"value"));
    cluster.input(N2, Input::Elapsed(Timer::Learn));
    assert!(cluster.network().packets().is_empty());
}

#[test]
fn quorums_of_all_and_of_one_meet_and_a_phase_without_quorums_is_refused() {
    assert!(Quorums::flexible(nodes(4), 4, 1).is_ok());
    assert!(Quorums::flexible(nodes(4), 1, 4).is_ok());
    let all = [nodes(2)];
    let without = Err(QuorumError::Unsatisfiable);
    assert_eq!(Quorums::sets(nodes(2), &[], &all), without);
    assert_eq!(Quorums::sets(nodes(2), &all, &[]), without);
}
