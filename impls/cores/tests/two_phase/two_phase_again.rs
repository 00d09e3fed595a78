//! What a participant answers when it is asked again, and whom it asks itself.

use crate::support::n;
use crate::support::script::{Sites, asked, enlist, lose, receive, sent, sites, submit, vote};
use concur_cores::NodeId;
use concur_cores::two_phase::{
    Ballot, Message, Mode, Outcome, Plan, Request, Timer, TransactionId, Value, Vote,
};

use Mode::{PaxosCommit, TwoPhase};
use Outcome::{Abort, Commit};

/// A transaction of n1's, of which n2 and n3 have heard; and the PREPARE that n2 got.
fn prepared(acceptors: u64, mode: Mode) -> (Sites, TransactionId, Message) {
    let mut cluster = sites(3, acceptors);
    let t = submit(&mut cluster, mode, &[2, 3]);
    let prepare = cluster.network().packets()[0].message.clone();
    cluster.settle();
    sent(&mut cluster);
    (cluster, t, prepare)
}

fn vote_of(transaction: TransactionId, vote: Vote) -> (NodeId, Message) {
    (n(1), Message::Vote { transaction, vote })
}

/// What n2 proposes in ballot 0, to each acceptor.
fn proposals(sent: &[(NodeId, Message)]) -> Vec<(NodeId, Value)> {
    let proposal = |(to, message): &(NodeId, Message)| match message {
        Message::Phase2a { ballot, values, .. } if *ballot == Ballot::ZERO => {
            Some((*to, values[&n(2)]))
        }
        _ => None,
    };
    sent.iter().filter_map(proposal).collect()
}

#[test]
fn a_participant_that_is_asked_again_repeats_its_vote() {
    for (cast, again) in [
        (Vote::Yes, Vote::Yes),
        (Vote::Read, Vote::Read),
        (Vote::No, Vote::No),
    ] {
        let (mut cluster, t, prepare) = prepared(0, TwoPhase);
        receive(&mut cluster, 2, 1, prepare.clone());
        assert_eq!(sent(&mut cluster), [], "its host has been asked");
        vote(&mut cluster, t, cast, &[2]);
        assert_eq!(sent(&mut cluster), [vote_of(t, cast)]);
        receive(&mut cluster, 2, 1, prepare);
        assert_eq!(sent(&mut cluster), [vote_of(t, again)]);
    }
}

#[test]
fn a_participant_of_paxos_commit_that_is_asked_again_proposes_again() {
    for (cast, value) in [
        (Vote::Yes, Value::Prepared),
        (Vote::Read, Value::Prepared),
        (Vote::No, Value::Aborted),
    ] {
        let (mut cluster, t, prepare) = prepared(1, PaxosCommit);
        vote(&mut cluster, t, cast, &[2]);
        assert_eq!(proposals(&sent(&mut cluster)), [(n(1), value)]);
        receive(&mut cluster, 2, 1, prepare);
        assert_eq!(proposals(&sent(&mut cluster)), [(n(1), value)]);
    }
}

#[test]
fn who_knows_the_decision_has_no_vote_any_more() {
    for (outcome, mode, acceptors) in [
        (Commit, TwoPhase, 0),
        (Abort, TwoPhase, 0),
        (Commit, PaxosCommit, 1),
        (Abort, PaxosCommit, 1),
    ] {
        let (mut cluster, t, prepare) = prepared(acceptors, mode);
        vote(&mut cluster, t, Vote::Yes, &[2]);
        let decision = Message::Decision {
            transaction: t,
            outcome,
            acknowledge: false,
        };
        receive(&mut cluster, 2, 1, decision);
        sent(&mut cluster);
        receive(&mut cluster, 2, 1, prepare);
        assert_eq!(sent(&mut cluster), []);
    }
}

#[test]
fn a_single_participant_that_is_asked_again_tells_what_it_has_decided() {
    for (cast, outcome) in [(Vote::Yes, Commit), (Vote::Read, Commit), (Vote::No, Abort)] {
        let mut cluster = sites(2, 0);
        let t = submit(&mut cluster, TwoPhase, &[2]);
        let prepare = cluster.network().packets()[0].message.clone();
        cluster.settle();
        vote(&mut cluster, t, cast, &[2]);
        let done = Message::OnePhaseDone {
            transaction: t,
            outcome,
        };
        assert_eq!(sent(&mut cluster), [(n(1), done.clone())]);
        receive(&mut cluster, 2, 1, prepare);
        assert_eq!(sent(&mut cluster), [(n(1), done)]);
    }
}

#[test]
fn a_participant_answers_for_the_work_of_its_own_incarnation_only() {
    let mut cluster = sites(3, 0);
    let t = submit(&mut cluster, TwoPhase, &[3]);
    cluster.crash(n(2));
    cluster.restart(n(2));
    enlist(&mut cluster, t, &[2]);
    sent(&mut cluster);
    let inquiry = |incarnation| Message::Inquiry {
        transaction: t,
        incarnation: Some(incarnation),
    };
    receive(&mut cluster, 2, 3, inquiry(1));
    let uncertain = Message::Uncertain { transaction: t };
    assert_eq!(sent(&mut cluster), [(n(3), uncertain)]);
    receive(&mut cluster, 2, 3, inquiry(2));
    let abort = Message::Decision {
        transaction: t,
        outcome: Abort,
        acknowledge: false,
    };
    assert_eq!(sent(&mut cluster), [(n(3), abort)]);
}

#[test]
fn who_waits_asks_everyone_once() {
    let mut cluster = sites(3, 0);
    let t = asked(&mut cluster, TwoPhase, &[1, 2]);
    vote(&mut cluster, t, Vote::Yes, &[1, 2]);
    lose(&mut cluster, |_| true);
    for (site, whom, incarnation) in [(2, vec![1], Some(1)), (1, vec![1, 2], None)] {
        cluster.elapse(n(site), Timer::Participant(t));
        let sent = sent(&mut cluster);
        let to: Vec<u64> = sent.iter().map(|(to, _)| to.0).collect();
        assert_eq!(to, whom);
        let transaction = t;
        let inquiry = Message::Inquiry {
            transaction,
            incarnation,
        };
        assert_eq!(sent[0].1, inquiry);
    }
}

#[test]
fn an_operators_site_leads_a_paxos_commit_to_its_decision() {
    let (mut cluster, t, _) = prepared(1, PaxosCommit);
    vote(&mut cluster, t, Vote::Yes, &[2]);
    let resolve = Request::Resolve {
        transaction: t,
        outcome: Abort,
    };
    cluster.request(n(2), resolve);
    sent(&mut cluster);
    cluster.elapse(n(2), Timer::Participant(t));
    let sent = sent(&mut cluster);
    assert!(
        matches!(&sent[..], [(to, Message::Phase1a { plan, .. })] if *to == n(1) && Plan::is_paxos(plan)),
        "{sent:?}"
    );
}
