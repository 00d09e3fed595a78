//! What Paxos Commit keeps: the promise of transaction commit, and in each instance that of consensus.

use concur_rules::paxos_commit::PaxosCommitRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Property;

use super::messages::Message;
use super::protocol::PaxosCommit;
use super::state::State;
use super::{Ballot, Rm, Value, Vote};
use crate::kit::symmetry::{self, Permutation};
use crate::kit::{Id, Refines, Spec, StepProperty};
use crate::two_phase::spec::TCommit;
use crate::two_phase::{RmState, RmStates, ac1, ac2, ac3, decided};

/// The properties of states; AC2 is one of steps.
pub(super) fn of_states<S: RuleSet<Rule>>() -> Vec<Property<PaxosCommit<S>>> {
    let mut all = of_commit();
    all.extend(of_consensus());
    all
}

fn of_commit<S: RuleSet<Rule>>() -> Vec<Property<PaxosCommit<S>>> {
    type P<S> = Property<PaxosCommit<S>>;
    vec![
        P::<S>::always("AC1", |_, s| ac1(&s.rm_state)),
        P::<S>::sometimes("AC1: one commits", |_, s| s.any_rm(RmState::Committed)),
        P::<S>::sometimes("AC1: one aborts alone", |_, s| {
            s.unannounced() && s.any_rm(RmState::Aborted)
        }),
        P::<S>::always("AC3", |_, s| ac3(&s.rm_state)),
        P::<S>::sometimes("AC3: one commits", |_, s| s.any_rm(RmState::Committed)),
        P::<S>::sometimes("AC2: one has decided", |_, s| {
            s.rm_state.values().any(decided)
        }),
        P::<S>::sometimes("AC2: a prepared one aborts", |m, s| {
            Rm::first(m.rms).any(|rm| prepared(s, rm) && s.rm_state[rm] == RmState::Aborted)
        }),
        // Whichever leaders announce a decision announce the same one.
        P::<S>::always("OneDecision", |_, s| {
            !(s.msgs.contains(Message::Commit) && s.msgs.contains(Message::Abort))
        }),
        P::<S>::sometimes("OneDecision: to commit", |_, s| {
            s.msgs.contains(Message::Commit)
        }),
        P::<S>::sometimes("OneDecision: to abort", |_, s| {
            s.msgs.contains(Message::Abort)
        }),
    ]
}

fn of_consensus<S: RuleSet<Rule>>() -> Vec<Property<PaxosCommit<S>>> {
    type P<S> = Property<PaxosCommit<S>>;
    vec![
        P::<S>::always("Agreement", |m, s| {
            Rm::first(m.rms).all(|rm| !Value::ALL.iter().all(|&val| m.has_chosen(s, rm, val)))
        }),
        P::<S>::sometimes("Agreement: prepared is chosen", |m, s| {
            Rm::first(m.rms).any(|rm| m.has_chosen(s, rm, Value::Prepared))
        }),
        P::<S>::sometimes("Agreement: aborted is chosen", |m, s| {
            Rm::first(m.rms).any(|rm| m.has_chosen(s, rm, Value::Aborted))
        }),
        P::<S>::always("PromisesKept", |_, s| s.promises_kept()),
        P::<S>::sometimes("PromisesKept: one reports a vote", |_, s| {
            s.any_sent(|m| matches!(m, Message::P1b(_, _, _, vote) if !vote.is_none()))
        }),
        P::<S>::always("LastVotesRemembered", |_, s| s.last_votes_remembered()),
        P::<S>::sometimes("LastVotesRemembered: one votes", |_, s| any_voted(s)),
        P::<S>::always("OneProposalPerBallot", |m, s| {
            let once = |rm| m.ballots().all(|bal| s.proposals(rm, bal).count() <= 1);
            Rm::first(m.rms).all(once)
        }),
        P::<S>::sometimes("OneProposalPerBallot: one proposes", |_, s| {
            s.any_sent(|m| matches!(m, Message::P2a(..)))
        }),
        P::<S>::always("VotesWereProposed", |_, s| s.votes_were_proposed()),
        P::<S>::sometimes("VotesWereProposed: one votes", |_, s| any_voted(s)),
    ]
}

/// Whether a resource manager has prepared, whatever has become of it.
fn prepared(s: &State, rm: Rm) -> bool {
    let vote = Vote::new(Ballot(0), Value::Prepared);
    s.msgs.contains(Message::P2a(rm, vote))
}

fn any_voted(s: &State) -> bool {
    s.any_sent(|m| matches!(m, Message::P2b(..)))
}

impl<S: RuleSet<Rule>> Spec for PaxosCommit<S> {
    const SYMMETRY: Option<&'static str> =
        Some("permutations of resource managers and of acceptors");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "AC2",
            holds: |_, s, _, t| ac2(&s.rm_state, &t.rm_state),
        }]
    }

    fn canonical(&self, s: &State) -> State {
        symmetry::least(&self.renamings, |(rms, acceptors)| {
            renamed(s, rms, acceptors)
        })
    }
}

fn renamed(s: &State, rms: &Permutation, acceptors: &Permutation) -> State {
    let mut t = *s;
    for (rm, instance) in s.acceptors.iter() {
        let to = rms.apply(rm);
        t.rm_state.set(to, s.rm_state[rm]);
        for (a, &memory) in instance.iter() {
            t.acceptors[to][acceptors.apply(a)] = memory;
        }
    }
    t.msgs = s.msgs.iter().map(|m| m.renamed(rms, acceptors)).collect();
    t
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for PaxosCommit<S> {
    type Abstract = TCommit;

    fn abstract_model(&self) -> TCommit {
        TCommit {
            rms: self.rms,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> RmStates {
        s.rm_state
    }
}
