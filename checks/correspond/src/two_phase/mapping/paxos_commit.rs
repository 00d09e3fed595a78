//! PaxosCommit.tla above sites: every promise and every vote stays, for ever.

use std::sync::Arc;

use concur_models::paxos_commit::Value;
use concur_models::paxos_commit::unbounded::Ballot;
use concur_models::paxos_commit::unbounded::protocol::{
    Action as Step, UnboundedPaxosCommit, proposal,
};
use concur_models::paxos_commit::unbounded::state::{Message, State};
use concur_models::two_phase::{Decision, Rm, RmState, RmStates};
use concur_rules::paxos_commit::PaxosCommitRule;
use concur_rules::{AllBut, Card};

use super::Above;
use crate::correspondence::without_each;
use crate::two_phase::facts::Facts;

impl Above for UnboundedPaxosCommit<AllBut<PaxosCommitRule>> {
    fn relaxed(&self) -> Vec<(&'static Card, Self)> {
        without_each(|rules| Self {
            rules,
            ..self.clone()
        })
    }

    /// One that has aborted before it has voted has proposed so, whether or not anybody will ever hear of it.
    fn state(facts: &Facts, rm_state: RmStates) -> State {
        let past = facts.ballots.as_ref().map(|ballots| ballots.past.clone());
        let mut state = past.unwrap_or_else(|| State::initial(facts.branches.len()));
        for rm in rm_state.nodes() {
            if rm_state[rm] == RmState::Aborted && !proposed(&state, rm, Value::Prepared) {
                state.send(proposal(rm, Value::Aborted));
            }
        }
        State { rm_state, ..state }
    }

    fn steps(was: &State, now: &State) -> Vec<Step> {
        let changed = || {
            let rms = now.rm_state.nodes();
            rms.filter(|rm| was.rm_state[*rm] != now.rm_state[*rm])
        };
        let votes = changed().filter(|rm| was.rm_state[*rm] == RmState::Working);
        let votes = votes.map(|rm| match proposed(now, rm, Value::Aborted) {
            true => Step::RMChooseToAbort(rm),
            false => Step::RMPrepare(rm),
        });
        let told = changed().filter_map(|rm| match now.rm_state[rm] {
            RmState::Committed => Some(Step::RMRcvCommitMsg(rm)),
            RmState::Aborted if !proposed(now, rm, Value::Aborted) => Some(Step::RMRcvAbortMsg(rm)),
            _ => None,
        });
        votes.chain(sent(was, now)).chain(told).collect()
    }

    fn rm_states(state: &State) -> &RmStates {
        &state.rm_state
    }

    fn decision(state: &State) -> Option<Decision> {
        if state.was_sent(Message::Commit) {
            Some(Decision::Commit)
        } else {
            let aborted = state.was_sent(Message::Abort);
            aborted.then_some(Decision::Abort)
        }
    }

    /// Only a majority makes anything certain.
    fn is_certain(_: &State, _: Decision) -> bool {
        false
    }
}

fn proposed(state: &State, rm: Rm, value: Value) -> bool {
    state.was_sent(proposal(rm, value))
}

/// The actions that send what was not sent before: a ballot's before those of higher ones, each in the order of the phases; at last, what is decided.
fn sent(was: &State, now: &State) -> Vec<Step> {
    if Arc::ptr_eq(&was.msgs, &now.msgs) {
        return Vec::new();
    }
    let new = now.msgs.difference(&was.msgs);
    let mut steps: Vec<_> = new.filter_map(|message| step(*message)).collect();
    steps.sort_by_key(|(when, _)| *when);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// The action that sends a message, and its place in the order of all of them. What resource managers propose goes out when they prepare, or abort.
fn step(message: Message) -> Option<((bool, Ballot, u8), Step)> {
    let in_ballot = |bal, phase, step| Some(((false, bal, phase), step));
    match message {
        Message::P2a(_, vote) if vote.bal == Ballot::ZERO => None,
        Message::P1a(rm, bal) => in_ballot(bal, 0, Step::Phase1a(rm, bal)),
        Message::P1b(rm, a, bal, _) => in_ballot(bal, 1, Step::Phase1b(rm, a, bal)),
        Message::P2a(rm, vote) => in_ballot(vote.bal, 2, Step::Phase2a(rm, vote)),
        Message::P2b(rm, a, vote) => in_ballot(vote.bal, 3, Step::Phase2b(rm, a, vote)),
        Message::Commit => Some(((true, Ballot::ZERO, 0), Step::DecideCommit)),
        Message::Abort => Some(((true, Ballot::ZERO, 0), Step::DecideAbort)),
    }
}
