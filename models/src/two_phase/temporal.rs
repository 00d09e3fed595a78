//! What two-phase commit promises to do: everyone decides, if the transaction manager does.
//!
//! Without that it blocks, however fair messages are: a resource manager that is prepared must wait for ever (Gray & Lamport 2006, §3).
//! In TLA+: `WF_vars(TMCommit \/ TMAbort)` and, for each resource manager, `WF_vars(RMRcvCommitMsg(rm) \/ RMRcvAbortMsg(rm))`.

use concur_rules::two_phase::TwoPhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::configs::TwoPhaseRung;
use super::protocol::{Action, State, TmState, TwoPhase};
use super::{RmState, decided};
use crate::kit::{
    Claim, Fairness, Id, Live, LiveConfig, NoSuchModel, Param, Promise, Rung, Strength, Temporal,
    Tier, Values,
};

const TM_DECIDES: &str = "a transaction manager that can decide does so at some time";
const DECISIONS_ARRIVE: &str =
    "a decision that was sent is received, at some time, by each resource manager";

impl<S: RuleSet<Rule>> Temporal for TwoPhase<S> {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        vec![
            Fairness::weak(TM_DECIDES, |_, _, action| {
                matches!(action, Action::TMCommit | Action::TMAbort)
            }),
            Fairness::each(
                DECISIONS_ARRIVE,
                Strength::Weak,
                |_, _, action| match action {
                    Action::RMRcvCommitMsg(rm) | Action::RMRcvAbortMsg(rm) => Some(rm.index()),
                    _ => None,
                },
            ),
        ]
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        vec![
            Promise {
                name: "every resource manager decides, and stays decided",
                claim: Claim::EventuallyAlways(all_decided),
                needs: &[TM_DECIDES, DECISIONS_ARRIVE],
            },
            Promise {
                name: "whenever a resource manager is prepared, all decide at some time",
                claim: Claim::LeadsTo(|_, s| s.rm_state.contains(RmState::Prepared), all_decided),
                needs: &[TM_DECIDES, DECISIONS_ARRIVE],
            },
            Promise {
                name: "once the transaction manager has decided, every resource manager does",
                claim: Claim::LeadsTo(|_, s| s.tm_state != TmState::Init, all_decided),
                needs: &[DECISIONS_ARRIVE],
            },
        ]
    }
}

fn all_decided<S>(_: &TwoPhase<S>, s: &State) -> bool {
    s.rm_state.values().all(decided)
}

/// What two-phase commit promises as long as nothing fails.
pub struct TwoPhaseLive;

impl Live for TwoPhaseLive {
    type Model = TwoPhase<Faithful>;

    const PROTOCOL: &'static str = TwoPhaseRung::PROTOCOL;
    const NAME: &'static str = TwoPhaseRung::NAME;
    const CLAIM: &'static str = "every resource manager decides, if the transaction manager does";
    const SOURCE: &'static str = "Gray & Lamport 2006, §3";
    const PARAMS: &'static [Param] = TwoPhaseRung::PARAMS;
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small("live,rms=3", &[], 288, 761),
        LiveConfig::small("live,rms=7", &[("rms", 7)], 296_448, 1_735_809).at(Tier::Ci),
    ];

    fn model(values: &Values) -> Result<Self::Model, NoSuchModel> {
        TwoPhaseRung::model(values, Faithful)
    }
}
