//! What a replica of a log does not do: believe promises that leave something out, count what is of another ballot, ask, tell or write more than it must.

use concur_cores::paxos::multi::{
    Config, Entries, Entry, Message, Node, Receipt, Record, Request, Slot, Suffix, Timer,
};
use concur_cores::paxos::{Ballot, Quorums, Ranked};
use concur_cores::{Effects, Input, NodeId, Protocol as _};
use concur_harness::Cluster;

use crate::support::nodes;

type Core = Node<&'static str>;
type Said = Message<&'static str>;

const N1: NodeId = NodeId(1);
const N2: NodeId = NodeId(2);
const N3: NodeId = NodeId(3);
/// The node that only learns.
const N9: NodeId = NodeId(9);

/// That many acceptors, and n9.
fn cluster(acceptors: u64) -> Cluster<Core> {
    let quorums = Quorums::majority(nodes(acceptors)).unwrap();
    let all = nodes(acceptors).into_iter().chain([N9]);
    Cluster::new(all.map(|me| {
        let mut config = Config::new(me, quorums.clone());
        config.learners = [N9].into();
        config.batch = 2;
        (me, config)
    }))
}

fn led() -> Cluster<Core> {
    let mut cluster = cluster(3);
    cluster.elapse(N1, Timer::Election);
    cluster.settle();
    assert!(cluster.core(N1).leads());
    cluster
}

fn propose(cluster: &mut Cluster<Core>, commands: &[&'static str]) {
    cluster.request(N1, Request::Propose(commands.to_vec()));
}

fn beat(cluster: &mut Cluster<Core>, id: NodeId) {
    cluster.elapse(id, Timer::Heartbeat);
    cluster.settle();
}

fn receive(cluster: &mut Cluster<Core>, to: NodeId, from: NodeId, message: Said) {
    cluster.input(to, Input::Receive { from, message });
}

/// What is on its way, which is lost: to whom, and what.
fn sent(cluster: &mut Cluster<Core>) -> Vec<(NodeId, Said)> {
    let packets = cluster.network().packets().iter();
    let sent = packets.map(|packet| (packet.to, packet.message.clone()));
    let sent = sent.collect();
    cluster.drop_where(|_| true);
    sent
}

fn entries(commands: &[&'static str]) -> Entries<&'static str> {
    commands.iter().copied().map(Entry::Command).collect()
}

fn ballot(round: u64, node: NodeId) -> Ballot {
    Ballot { round, node }
}

fn voted(ballot: Ballot, command: &'static str) -> Option<Ranked<Entry<&'static str>>> {
    Some(Ranked::new(ballot, Entry::Command(command)))
}

fn promise(
    ballot: Ballot,
    first: u64,
    chosen: u64,
    votes: &[Option<Ranked<Entry<&'static str>>>],
) -> Said {
    let (first, chosen) = (Slot(first), Slot(chosen));
    let votes = votes.to_vec();
    let told = Suffix {
        first,
        chosen,
        votes,
    };
    Message::Phase1b { ballot, told }
}

/// n1 of five stands for election, and its own promise is on its disk.
fn candidate() -> Cluster<Core> {
    let mut cluster = cluster(5);
    cluster.elapse(N1, Timer::Election);
    sent(&mut cluster);
    cluster
}

/// What n1 proposes when it begins to lead.
fn first_proposal(cluster: &mut Cluster<Core>) -> Option<(Slot, Entries<&'static str>)> {
    let proposal = |(_, message)| match message {
        Message::Phase2a { first, entries, .. } => Some((first, entries)),
        _ => None,
    };
    sent(cluster).into_iter().find_map(proposal)
}

#[test]
fn a_promise_that_leaves_out_slots_is_not_heeded() {
    let mut cluster = cluster(3);
    cluster.elapse(N1, Timer::Election);
    let mine = ballot(1, N1);
    receive(&mut cluster, N1, N2, promise(mine, 1, 1, &[]));
    receive(&mut cluster, N1, N2, promise(mine, 0, 1, &[]));
    receive(&mut cluster, N1, N2, promise(mine, 0, 1, &[None]));
    assert!(!cluster.core(N1).leads());
    let a = voted(Ballot::default(), "a");
    receive(&mut cluster, N1, N2, promise(mine, 0, 1, &[a]));
    assert!(cluster.core(N1).leads());
}

#[test]
fn a_promise_that_tells_of_more_than_is_needed_counts() {
    let mut cluster = cluster(3);
    cluster.elapse(N1, Timer::Election);
    let chosen = Message::Chosen {
        first: Slot(0),
        entries: entries(&["a"]),
        chosen: Slot(1),
    };
    receive(&mut cluster, N1, N3, chosen);
    let a = voted(Ballot::default(), "a");
    receive(&mut cluster, N1, N2, promise(ballot(1, N1), 0, 1, &[a]));
    assert!(cluster.core(N1).leads());
}

#[test]
fn what_is_chosen_displaces_every_vote() {
    let mine = ballot(1, N1);
    let vote = promise(mine, 0, 0, &[voted(ballot(1, N3), "no")]);
    let chosen = promise(mine, 0, 1, &[voted(Ballot::default(), "yes")]);
    for promises in [[&vote, &chosen], [&chosen, &vote]] {
        let mut cluster = candidate();
        receive(&mut cluster, N1, N2, promises[0].clone());
        receive(&mut cluster, N1, N3, promises[1].clone());
        assert!(cluster.core(N1).leads());
        let log = cluster.core(N1).log();
        let chosen: Entries<_> = log.entries(Slot(0), log.chosen()).collect();
        assert_eq!(chosen, entries(&["yes"]));
    }
}

#[test]
fn of_votes_above_what_is_chosen_the_highest_is_proposed_again() {
    let mine = ballot(3, N1);
    let higher = promise(mine, 0, 0, &[voted(ballot(2, N2), "higher")]);
    let lower = promise(mine, 0, 0, &[voted(ballot(1, N2), "lower")]);
    for promises in [[&higher, &lower], [&lower, &higher]] {
        let mut cluster = cluster(5);
        for _ in 0..3 {
            cluster.elapse(N1, Timer::Election);
        }
        sent(&mut cluster);
        receive(&mut cluster, N1, N2, promises[0].clone());
        receive(&mut cluster, N1, N3, promises[1].clone());
        let proposal = first_proposal(&mut cluster);
        assert_eq!(proposal, Some((Slot(0), entries(&["higher"]))));
    }
}

#[test]
fn a_candidate_gives_up_for_a_higher_ballot_and_only_for_that() {
    let own = promise(ballot(1, N1), 0, 0, &[]);
    for (promised, leads) in [(ballot(1, N1), true), (ballot(1, N2), false)] {
        let mut cluster = cluster(3);
        cluster.elapse(N1, Timer::Election);
        receive(&mut cluster, N1, N3, Message::Preempted { promised });
        assert_eq!(cluster.core(N1).seen(), promised);
        receive(&mut cluster, N1, N2, own.clone());
        assert_eq!(cluster.core(N1).leads(), leads);
        receive(&mut cluster, N1, N3, Message::Preempted { promised });
        assert_eq!(cluster.core(N1).leads(), leads);
    }
}

#[test]
fn who_leads_is_known_to_all_and_heard_by_those_who_only_learn() {
    let mut cluster = led();
    propose(&mut cluster, &["a"]);
    cluster.settle();
    beat(&mut cluster, N1);
    for id in [N1, N2, N9] {
        assert_eq!(cluster.core(id).leader(), Some(N1), "{id}");
        assert_eq!(cluster.core(id).seen(), ballot(1, N1), "{id}");
        assert_eq!(cluster.core(id).log().chosen(), Slot(1), "{id}");
    }
    cluster.elapse(N1, Timer::Heartbeat);
    let heard = sent(&mut cluster);
    assert!(heard.iter().any(|(to, _)| *to == N9));
    assert!(heard.iter().all(|(to, _)| *to != N1));
}

#[test]
fn neither_a_leader_nor_who_only_learns_stands_for_election() {
    let mut cluster = led();
    assert!(cluster.alarms(N9).next().is_none());
    for id in [N1, N9] {
        cluster.input(id, Input::Elapsed(Timer::Election));
        assert_eq!(sent(&mut cluster), [], "{id}");
    }
    assert!(cluster.core(N1).leads());
}

#[test]
fn a_leader_that_proposes_again_what_is_chosen_is_told() {
    let mut cluster = led();
    propose(&mut cluster, &["a"]);
    cluster.settle();
    propose(&mut cluster, &["b"]);
    cluster.settle();
    beat(&mut cluster, N1);
    let proposal = |chosen, first, command| Message::Phase2a {
        ballot: ballot(2, N3),
        first: Slot(first),
        entries: entries(&[command]),
        chosen: Slot(chosen),
    };
    let told = |cluster: &mut Cluster<Core>| {
        let sent = sent(cluster).into_iter();
        let told = sent.filter(|(_, message)| matches!(message, Message::Chosen { .. }));
        told.collect::<Vec<_>>()
    };
    for (chosen, first) in [(0, 0), (0, 1), (1, 1)] {
        receive(&mut cluster, N2, N3, proposal(chosen, first, "x"));
        let all = entries(&["a", "b"][chosen as usize..]);
        let news = Message::Chosen {
            first: Slot(chosen),
            entries: all,
            chosen: Slot(2),
        };
        assert_eq!(told(&mut cluster), [(N3, news)]);
    }
    receive(&mut cluster, N2, N3, proposal(1, 2, "c"));
    assert_eq!(told(&mut cluster), [], "that is a new slot");
}

#[test]
fn who_lags_far_behind_asks_on_until_it_has_everything() {
    let mut cluster = led();
    cluster.crash(N3);
    for command in ["a", "b", "c", "d", "e"] {
        propose(&mut cluster, &[command]);
        cluster.settle();
    }
    cluster.restart(N3);
    beat(&mut cluster, N1);
    assert_eq!(cluster.core(N3).log().chosen(), Slot(5));
}

#[test]
fn a_proposal_that_comes_again_is_answered_and_not_written() {
    let mut cluster = led();
    propose(&mut cluster, &["a"]);
    let proposal = cluster.network().packets()[0].message.clone();
    receive(&mut cluster, N2, N1, proposal.clone());
    let before = cluster.syncs(N2);
    let answer = sent(&mut cluster);
    receive(&mut cluster, N2, N1, proposal);
    let vote = answer.iter().filter(|(to, _)| *to == N1);
    assert!(vote.eq(sent(&mut cluster).iter()));
    assert_eq!(cluster.syncs(N2), before);
}

/// The vote is the proposal as it came, unless some of it is known to be chosen.
#[test]
fn a_vote_shares_the_entries_of_the_proposal() {
    let cluster = led();
    let mut node = cluster.core(N2).clone();
    let proposed = entries(&["a", "b"]);
    let message = Message::Phase2a {
        ballot: ballot(1, N1),
        first: Slot(0),
        entries: proposed.clone(),
        chosen: Slot(0),
    };
    let mut effects = Effects::new();
    node.step(Input::Receive { from: N1, message }, &mut effects);
    let Some(Record::Accepted { entries, .. }) = effects.persist.first() else {
        panic!("{:?}", effects.persist);
    };
    assert_eq!(entries.as_ptr(), proposed.as_ptr());
}

#[test]
fn a_receipt_of_another_ballot_does_not_count() {
    let mut cluster = led();
    let receipt = |round| Receipt {
        promised: ballot(round, N1),
        end: Slot(5),
    };
    receive(
        &mut cluster,
        N1,
        N2,
        Message::Preempted {
            promised: ballot(2, N2),
        },
    );
    cluster.slow_disk(N1);
    cluster.elapse(N1, Timer::Election);
    cluster.input(N1, Input::Persisted(receipt(1)));
    cluster.prompt_disk(N1);
    cluster.settle();
    assert!(cluster.core(N1).leads());
    cluster.input(N1, Input::Persisted(receipt(1)));
    assert_eq!(cluster.refused().get("LeadCountsOwnBallot"), None);
    assert_eq!(cluster.refused().get("LeaderCountsOwnBallot"), None);
}
