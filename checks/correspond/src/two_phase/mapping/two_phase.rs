//! TwoPhase.tla above sites: nothing is left of a decided transaction but what was decided.

use concur_models::kit::{Id, NodeSet};
use concur_models::two_phase::protocol::{Action as Step, Messages, State, TmState, TwoPhase};
use concur_models::two_phase::{Decision, Rm, RmState, RmStates};
use concur_rules::two_phase::TwoPhaseRule;
use concur_rules::{AllBut, Card};

use super::Above;
use crate::correspondence::without_each;
use crate::two_phase::facts::Facts;

impl Above for TwoPhase<AllBut<TwoPhaseRule>> {
    fn relaxed(&self) -> Vec<(&'static Card, Self)> {
        without_each(|rules| Self { rules, ..*self })
    }

    fn state(facts: &Facts, rm_state: RmStates) -> State {
        let tm_state = match (facts.committed, facts.aborted) {
            (true, _) => TmState::Committed,
            (false, true) => TmState::Aborted,
            (false, false) => TmState::Init,
        };
        State {
            rm_state,
            tm_state,
            tm_prepared: undecided(tm_state, &rm_state, |rm| {
                facts.read.contains(&facts.branches[rm.index()].site)
            }),
            msgs: Messages {
                prepared: undecided(tm_state, &rm_state, |rm| rm_state[rm] == RmState::Prepared),
                commit: tm_state == TmState::Committed,
                abort: tm_state == TmState::Aborted,
            },
        }
    }

    fn steps(was: &State, now: &State) -> Vec<Step> {
        let rms = || now.rm_state.nodes();
        let told = now.tm_state == TmState::Aborted;
        let mut steps = Vec::new();
        for rm in rms().filter(|rm| was.rm_state[*rm] == RmState::Working) {
            match now.rm_state[rm] {
                RmState::Working => {}
                RmState::Prepared | RmState::Committed => steps.push(Step::RMPrepare(rm)),
                RmState::Aborted if told => {}
                RmState::Aborted => steps.push(Step::RMChooseToAbort(rm)),
            }
        }
        let counted = |rm: &Rm| match now.tm_state {
            TmState::Init => now.tm_prepared.contains(*rm),
            // Those who have voted: that nobody else has is for the model to say.
            TmState::Committed => {
                matches!(now.rm_state[*rm], RmState::Prepared | RmState::Committed)
            }
            TmState::Aborted => false,
        };
        if was.tm_state == TmState::Init {
            let counts = rms().filter(|rm| counted(rm) && !was.tm_prepared.contains(*rm));
            steps.extend(counts.map(Step::TMRcvPrepared));
        }
        if was.tm_state != now.tm_state {
            steps.push(match now.tm_state {
                TmState::Committed => Step::TMCommit,
                TmState::Init | TmState::Aborted => Step::TMAbort,
            });
        }
        for rm in rms().filter(|rm| was.rm_state[*rm] != now.rm_state[*rm]) {
            match now.rm_state[rm] {
                RmState::Committed => steps.push(Step::RMRcvCommitMsg(rm)),
                RmState::Aborted if told => steps.push(Step::RMRcvAbortMsg(rm)),
                _ => {}
            }
        }
        steps
    }

    fn rm_states(state: &State) -> &RmStates {
        &state.rm_state
    }

    fn decision(state: &State) -> Option<Decision> {
        match state.tm_state {
            TmState::Init => None,
            TmState::Committed => Some(Decision::Commit),
            TmState::Aborted => Some(Decision::Abort),
        }
    }

    /// Where all have only read, the transaction manager may still do either, and nobody but the client is concerned. An abort is certain when one has aborted.
    fn is_certain(state: &State, decision: Decision) -> bool {
        let all = NodeSet::first(state.rm_state.nodes().count());
        let aborts = decision == Decision::Abort && state.rm_state.contains(RmState::Aborted);
        state.tm_state == TmState::Init && (state.tm_prepared == all || aborts)
    }
}

/// Some resource managers, as long as it makes a difference who they are.
fn undecided(tm: TmState, rms: &RmStates, which: impl Fn(Rm) -> bool) -> NodeSet<Rm> {
    let rms = rms.nodes().filter(|rm| tm == TmState::Init && which(*rm));
    rms.collect()
}
