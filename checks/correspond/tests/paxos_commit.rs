//! Clusters of sites that commit by the votes of acceptors, and PaxosCommit.tla, at sizes of a second.

mod support;

use concur_cores::two_phase::TransactionId;
use concur_correspond::cluster::Negligence;
use concur_correspond::two_phase::{AbovePaxosCommit, AboveSites, PaxosCommitCoresRung};
use concur_models::paxos_commit::unbounded::protocol::{Action as Step, proposal};
use concur_models::paxos_commit::unbounded::state::{Message, State};
use concur_models::paxos_commit::unbounded::{Ballot, Vote};
use concur_models::paxos_commit::{Acceptor, Rm, Value};
use concur_models::two_phase::RmState;
use concur_models::two_phase::many::Action;
use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as Durable;
use concur_rules::paxos_commit::PaxosCommitRule as Rule;
use stateright::Model;
use support::Gap;

#[test]
fn every_step_of_sites_whose_acceptors_decide_is_one_of_the_model() {
    support::conforms::<PaxosCommitCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    let never = support::never_taken::<PaxosCommitCoresRung>();
    assert_eq!(never, Vec::<&str>::new());
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<PaxosCommitCoresRung>(0..5);
}

/// Where a disk lets go of what waited for it, a leader asks for votes and begins a ballot in one step.
#[test]
fn a_ballot_that_begins_with_its_transaction_conforms() {
    support::walks_conform::<PaxosCommitCoresRung>(63..64);
}

#[test]
fn every_guard_left_out_is_noticed() {
    support::notices_every_guard_but::<PaxosCommitCoresRung>(&[]);
}

// --------------------------------------------------------------------------------- What of the model no step stands for

type Above = AboveSites<AbovePaxosCommit>;
type Steps = Action<TransactionId, concur_cores::two_phase::Branch, Step>;

const FIRST: Rm = Rm(0);
const ONLY: Acceptor = Acceptor(0);

/// What is done in the instance of a transaction.
fn in_instance<'s>(s: &'s <Above as Model>::State, action: &Steps) -> Option<(&'s State, Step)> {
    match action {
        Action::Step(transaction, step) => Some((&s[transaction].state, *step)),
        Action::Begin(..) => None,
    }
}

fn voted(s: &State, rm: Rm, bal: Ballot, val: Value) -> bool {
    s.was_sent(Message::P2b(rm, ONLY, Vote::new(bal, val)))
}

fn proposed(s: &State, rm: Rm, bal: Ballot) -> bool {
    s.proposals(rm, bal).next().is_some()
}

fn proposed_prepared(s: &State, rm: Rm) -> bool {
    s.was_sent(proposal(rm, Value::Prepared))
}

/// The highest ballot that was begun.
fn highest(s: &State) -> Ballot {
    let begun = s.msgs.iter().filter_map(|message| match message {
        Message::P1a(_, bal) => Some(*bal),
        _ => None,
    });
    begun.max().unwrap_or_default()
}

const BY_ITSELF: Gap<Above> = Gap {
    because: "one that has not voted aborts by itself, whatever it is told",
    is: |s, action| {
        let working = |s: &State, rm| s.rm_state[rm] == RmState::Working;
        matches!(in_instance(s, action), Some((s, Step::RMRcvAbortMsg(rm))) if working(s, rm))
    },
};

/// A leader leads all instances together, and an acceptor promises and votes in all of them at once: in the model, the first comes first.
const TOGETHER: Gap<Above> = Gap {
    because: "the first instance comes first",
    is: |s, action| {
        let not_yet = |s: &State, step| match step {
            Step::Phase1a(_, bal) => !s.was_sent(Message::P1a(FIRST, bal)),
            Step::Phase1b(_, a, bal) => s.reports(FIRST, a, bal).next().is_none(),
            Step::Phase2a(_, vote) => !proposed(s, FIRST, vote.bal),
            Step::Phase2b(_, _, vote) => {
                let alone = vote.bal == Ballot::ZERO
                    && (vote.val == Value::Aborted || highest(s) > Ballot::ZERO);
                let any = |val| voted(s, FIRST, vote.bal, val);
                !alone && !Value::ALL.into_iter().any(any)
            }
            _ => false,
        };
        let later = |step| match step {
            Step::Phase1a(rm, _)
            | Step::Phase1b(rm, ..)
            | Step::Phase2a(rm, _)
            | Step::Phase2b(rm, ..) => rm != FIRST,
            _ => false,
        };
        in_instance(s, action).is_some_and(|(s, step)| later(step) && not_yet(s, step))
    },
};

/// In ballot 0, an acceptor's vote that the first is prepared waits for what the others propose, or for a leader.
const WAITS: Gap<Above> = Gap {
    because: "nothing is decided before the last has proposed",
    is: |s, action| match in_instance(s, action) {
        Some((s, Step::Phase2b(FIRST, _, vote))) => {
            let mut others = s.rm_state.nodes().skip(1);
            vote == Vote::new(Ballot::ZERO, Value::Prepared)
                && highest(s) == Ballot::ZERO
                && !others.all(|rm| proposed(s, rm, Ballot::ZERO))
        }
        _ => false,
    },
};

/// The only leader listens to votes in its own last ballot.
const UNHEARD: Gap<Above> = Gap {
    because: "the leader has begun a higher ballot since",
    is: |s, action| match in_instance(s, action) {
        Some((s, Step::RMRcvCommitMsg(_))) => {
            let mut rms = s.rm_state.nodes();
            !rms.all(|rm| voted(s, rm, highest(s), Value::Prepared))
        }
        Some((s, Step::RMRcvAbortMsg(rm))) if s.rm_state[rm] == RmState::Prepared => {
            let mut rms = s.rm_state.nodes();
            !rms.any(|rm| voted(s, rm, highest(s), Value::Aborted))
        }
        _ => false,
    },
};

/// There is one leader, which has told of the decision.
const TOLD: Gap<Above> = Gap {
    because: "the leader has told of the decision",
    is: |s, action| {
        let told = |s: &State, rm| match s.rm_state[rm] {
            RmState::Committed => true,
            RmState::Aborted => proposed_prepared(s, rm),
            RmState::Working | RmState::Prepared => false,
        };
        match in_instance(s, action) {
            Some((s, Step::Phase1a(..))) => s.rm_state.nodes().any(|rm| told(s, rm)),
            _ => false,
        }
    },
};

#[test]
fn sites_do_what_the_model_does() {
    let quiet = ("alarms", 2);
    let two = [("leaders", 0), ("no", 1), ("readers", 2), ("rollback", 1)];
    let one = [("participants", 1), ("no", 1), quiet];
    let gaps = [BY_ITSELF, TOGETHER, WAITS, UNHEARD, TOLD];
    support::does_all_but::<PaxosCommitCoresRung>(&[&two, &one], &gaps);
}

// ------------------------------------------------------------------------------------------------- Lines broken by hand

const SLOW: &[(&str, u32)] = &[("leaders", 0), ("slow", 1), ("crashes", 1)];

#[test]
fn an_acceptor_that_answers_before_its_disk_is_noticed() {
    let hasty = Negligence::SendsBeforeTheDisk;
    support::breaks_on::<PaxosCommitCoresRung, _>(hasty, SLOW, "SaidIsDone");
    support::breaks_without::<PaxosCommitCoresRung>(Durable::DPReplySynced, SLOW, "SaidIsDone");
}

/// One participant and three acceptors, after a story in which ballots cross.
const fn crossing(after: u32) -> [(&'static str, u32); 7] {
    [
        ("participants", 1),
        ("acceptors", 3),
        ("leaders", 0),
        ("rounds", 2),
        ("alarms", 2),
        ("quiet", 1),
        ("after", after),
    ]
}

#[test]
fn a_leader_or_an_acceptor_that_breaks_a_rule_is_told_which() {
    let small: &[_] = &[("participants", 1), ("no", 1), ("alarms", 2)];
    let rounds: &[_] = &[("participants", 1), ("rounds", 2), ("alarms", 2)];
    let broken: &[(Rule, &[_], &str)] = &[
        (Rule::PC1bHigherBallot, rounds, "PC1bHigherBallot"),
        (Rule::PC2aOncePerBallot, &crossing(2), "PC2aOncePerBallot"),
        (
            Rule::PC2aMajorityPromised,
            &crossing(3),
            "PC2aMajorityPromised",
        ),
        (Rule::PC2aFreeAborts, small, "PC2aFreeAborts"),
        (
            Rule::PC2aHighestBallot,
            &crossing(4),
            "PC2aMajorityPromised, PC2aHighestBallot",
        ),
        (Rule::PC2bNotBelowPromise, small, "PC2bNotBelowPromise"),
        (Rule::PCDecideCommitAll, small, "PCDecideCommitAll"),
    ];
    for (rule, size, named) in broken {
        support::breaks_without::<PaxosCommitCoresRung>(*rule, size, named);
    }
}
