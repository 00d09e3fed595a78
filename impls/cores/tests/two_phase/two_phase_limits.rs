//! What a site does not do: answer twice, count what is not for it, decide without those who must; and what its host may look at.

use std::collections::BTreeMap;

use crate::support::n;
use crate::support::script::{
    Sites, applied, asked, decided, deliver, flush, is_commit, lose, receive, sent, sites, submit,
    vote,
};
use concur_cores::two_phase::{
    Ballot, Branch, Cast, InDoubt, Message, Mode, Outcome, Plan, Request, Timer, TransactionId,
    Value, Vote,
};
use concur_cores::{Input, NodeId};

use Mode::{PaxosCommit, TwoPhase};
use Outcome::{Abort, Commit};

/// A ballot of that site's first incarnation.
fn ballot(round: u64, leader: u64) -> Ballot {
    Ballot {
        round,
        leader: n(leader),
        incarnation: 1,
    }
}

/// n3's part in it, with three acceptors.
fn plan() -> Plan {
    let branch = Branch {
        site: n(3),
        incarnation: 1,
    };
    Plan {
        participants: vec![branch],
        acceptors: vec![n(1), n(2), n(3)],
    }
}

fn phase2a(transaction: TransactionId, ballot: Ballot, value: Value) -> Message {
    Message::Phase2a {
        transaction,
        plan: plan(),
        ballot,
        values: BTreeMap::from([(n(3), value)]),
    }
}

fn phase1b(transaction: TransactionId, ballot: Ballot, votes: &[Cast]) -> Message {
    let votes = votes.iter().map(|cast| (n(3), *cast)).collect();
    Message::Phase1b {
        transaction,
        ballot,
        votes,
    }
}

/// The ballots in which promises are asked for.
fn ballots(sent: &[(NodeId, Message)]) -> Vec<Ballot> {
    let ballot = |(_, message): &(NodeId, Message)| match message {
        Message::Phase1a { ballot, .. } => Some(*ballot),
        _ => None,
    };
    sent.iter().filter_map(ballot).collect()
}

/// What is proposed for n3's instance.
fn proposed(sent: &[(NodeId, Message)]) -> Vec<Value> {
    let value = |(_, message): &(NodeId, Message)| match message {
        Message::Phase2a { values, .. } => values.get(&n(3)).copied(),
        _ => None,
    };
    sent.iter().filter_map(value).collect()
}

#[test]
fn a_site_knows_its_name_how_often_it_has_started_and_what_is_not_written() {
    let mut cluster = sites(3, 0);
    cluster.crash(n(2));
    cluster.restart(n(2));
    assert_eq!(cluster.core(n(2)).id(), n(2));
    assert_eq!(cluster.core(n(2)).incarnation(), 2);
    let both = [(); 2].map(|()| asked(&mut cluster, TwoPhase, &[2, 3]));
    for t in both {
        vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    }
    cluster.settle();
    assert_eq!(cluster.core(n(2)).unwritten(), 0);
    for (t, unwritten) in both.into_iter().zip(1..) {
        applied(&mut cluster, t, &[2]);
        assert_eq!(cluster.core(n(2)).unwritten(), unwritten);
    }
    flush(&mut cluster, &[2]);
    assert_eq!(cluster.core(n(2)).unwritten(), 0);
}

#[test]
fn a_log_is_clear_only_when_no_role_has_anything_left() {
    let mut cluster = sites(3, 1);
    assert!(cluster.core(n(1)).image().is_clear());
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    assert!(!cluster.core(n(2)).image().is_clear(), "it is in doubt");
    cluster.settle();
    assert!(!cluster.core(n(1)).image().is_clear(), "it must tell");
    applied(&mut cluster, t, &[2, 3]);
    flush(&mut cluster, &[2, 3]);
    cluster.settle();
    assert!(cluster.core(n(1)).image().is_clear());
    let t = asked(&mut cluster, PaxosCommit, &[2]);
    vote(&mut cluster, t, Vote::Yes, &[2]);
    cluster.settle();
    assert!(!cluster.core(n(1)).image().is_clear(), "it has voted");
}

#[test]
fn an_operator_sees_what_was_taken_and_then_that_it_was_wrong() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    let resolve = Request::Resolve {
        transaction: t,
        outcome: Abort,
    };
    cluster.request(n(3), resolve);
    let seen = |cluster: &Sites| cluster.core(n(3)).in_doubt().collect::<Vec<_>>();
    let resolved = |decided| {
        let took = Abort;
        [(t, InDoubt::Resolved { took, decided })]
    };
    assert_eq!(seen(&cluster), resolved(None));
    cluster.settle();
    assert_eq!(seen(&cluster), resolved(Some(Commit)));
}

#[test]
fn a_transaction_is_submitted_once() {
    let mut cluster = sites(3, 0);
    let t = submit(&mut cluster, TwoPhase, &[2, 3]);
    assert_eq!(sent(&mut cluster).len(), 2);
    let again = Request::Commit {
        transaction: t,
        branches: Vec::new(),
        mode: TwoPhase,
    };
    cluster.request(n(1), again.clone());
    cluster.request(n(2), again);
    assert_eq!(decided(&cluster, t), None);
    assert_eq!(cluster.refused()["SubmitOnce"], 1);
}

#[test]
fn only_participants_have_a_vote() {
    let mut cluster = sites(4, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    let no = Message::Vote {
        transaction: t,
        vote: Vote::No,
    };
    receive(&mut cluster, 1, 4, no.clone());
    assert_eq!(decided(&cluster, t), None);
    receive(&mut cluster, 1, 3, no);
    assert_eq!(decided(&cluster, t), Some(Abort));
}

#[test]
fn an_acceptor_promises_a_ballot_once_and_tells_leaders_that_they_are_outvoted() {
    let mut cluster = sites(3, 3);
    let t = submit(&mut cluster, PaxosCommit, &[3]);
    sent(&mut cluster);
    let ask = Message::Phase1a {
        transaction: t,
        plan: plan(),
        ballot: ballot(1, 2),
    };
    receive(&mut cluster, 1, 2, ask.clone());
    assert_eq!(sent(&mut cluster), [(n(2), phase1b(t, ballot(1, 2), &[]))]);
    let outvoted = Message::Outvoted {
        transaction: t,
        promised: ballot(1, 2),
    };
    receive(&mut cluster, 1, 2, ask);
    assert_eq!(sent(&mut cluster), [(n(2), outvoted.clone())]);
    receive(&mut cluster, 1, 1, phase2a(t, ballot(1, 1), Value::Aborted));
    assert_eq!(sent(&mut cluster), [(n(1), outvoted)]);
    // A participant leads nothing: there is nothing for it to try again.
    receive(
        &mut cluster,
        1,
        3,
        phase2a(t, Ballot::ZERO, Value::Prepared),
    );
    assert_eq!(sent(&mut cluster), []);
    assert_eq!(cluster.refused()["PC2bNotBelowPromise"], 2);
}

#[test]
fn paxos_commit_without_acceptors_or_participants_aborts() {
    for (acceptors, participants) in [(0, &[2][..]), (1, &[])] {
        let mut cluster = sites(2, acceptors);
        let t = submit(&mut cluster, PaxosCommit, participants);
        assert_eq!(decided(&cluster, t), Some(Abort));
    }
}

#[test]
fn a_participant_that_cannot_propose_makes_the_leader_decide_at_once() {
    let mut cluster = sites(3, 3);
    let t = asked(&mut cluster, PaxosCommit, &[3]);
    let vote = |vote| Message::Vote {
        transaction: t,
        vote,
    };
    receive(&mut cluster, 1, 3, vote(Vote::Yes));
    assert_eq!(ballots(&sent(&mut cluster)), []);
    receive(&mut cluster, 1, 3, vote(Vote::No));
    assert_eq!(ballots(&sent(&mut cluster)), [ballot(1, 1); 3]);
}

#[test]
fn a_leader_that_was_outvoted_begins_above() {
    let mut cluster = sites(3, 3);
    let t = asked(&mut cluster, PaxosCommit, &[3]);
    let outvoted = |round| Message::Outvoted {
        transaction: t,
        promised: ballot(round, 2),
    };
    receive(&mut cluster, 1, 2, outvoted(7));
    receive(&mut cluster, 1, 2, outvoted(3));
    cluster.elapse(n(1), Timer::Leader(t));
    assert_eq!(ballots(&sent(&mut cluster)), [ballot(8, 1); 3]);
}

#[test]
fn a_leader_proposes_what_was_voted_for_in_the_highest_ballot_of_a_majority() {
    let at = |round, value| Cast {
        ballot: ballot(round, 2),
        value,
    };
    let prepared = at(1, Value::Prepared);
    let aborted = at(2, Value::Aborted);
    for reports in [[prepared, aborted], [aborted, prepared]] {
        let mut cluster = sites(3, 3);
        let t = asked(&mut cluster, PaxosCommit, &[3]);
        cluster.input(n(1), Input::Elapsed(Timer::Leader(t)));
        let mine = ballot(1, 1);
        assert_eq!(ballots(&sent(&mut cluster)), [mine; 3]);
        receive(&mut cluster, 1, 2, phase1b(t, ballot(1, 2), &[]));
        receive(&mut cluster, 1, 3, phase1b(t, ballot(1, 2), &[]));
        assert_eq!(proposed(&sent(&mut cluster)), [], "that is another ballot");
        receive(&mut cluster, 1, 1, phase1b(t, mine, &reports[..1]));
        assert_eq!(proposed(&sent(&mut cluster)), [], "one of three");
        receive(&mut cluster, 1, 2, phase1b(t, mine, &reports[1..]));
        assert_eq!(proposed(&sent(&mut cluster)), [Value::Aborted; 3]);
    }
}

#[test]
fn a_commit_that_is_told_is_acknowledged_by_who_was_told() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[2, 3]);
    vote(&mut cluster, t, Vote::Yes, &[2, 3]);
    deliver(&mut cluster, |message| {
        matches!(message, Message::Vote { .. })
    });
    lose(&mut cluster, is_commit);
    let ack = Message::Ack {
        transaction: t,
        mismatch: None,
    };
    receive(&mut cluster, 1, 2, ack.clone());
    receive(&mut cluster, 1, 2, ack.clone());
    assert!(!cluster.core(n(1)).coordinated().is_empty());
    receive(&mut cluster, 1, 3, ack);
    assert!(cluster.core(n(1)).coordinated().is_empty());
}
