//! What Paxos promises to do: some value is chosen, if one leader, whose ballot none exceeds, and a live set of acceptors keep going.
//!
//! "Live" are the acceptors of one quorum of each phase; of the others nothing is assumed: they may have crashed. In TLA+, with `b` the last ballot:
//! `WF_vars(Phase1a(b) \/ \E v : Phase2a(b, v))` and, for each live acceptor, `WF_vars(Phase1b(a) \/ Phase2b(a))`.
//!
//! That there is a last ballot is a constant of the configuration, and is what makes the promise true: without it leaders may duel for ever, which no fairness
//! of messages prevents. With several ballots, only the last one's leader needs to keep going; the others may interfere, or stop.

use concur_rules::paxos::PaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::configs::PaxosRung;
use super::protocol::{Action, Paxos};
use super::{Acceptor, Ballot, Quorum};
use crate::kit::{
    Claim, Fairness, Id, Live, LiveConfig, NoSuchModel, Param, Promise, Rung, Strength, Temporal,
    Values,
};

const LEADER_GOES_ON: &str =
    "the leader of the last ballot, if it can begin or propose, does so at some time";
const LIVE_ANSWER: &str =
    "each acceptor of one quorum of each phase answers, at some time, what reaches it";

impl<S: RuleSet<Rule>> Paxos<S> {
    /// The acceptors that are assumed to be up: a quorum of each phase.
    fn live(&self) -> Quorum {
        let first = |quorums: &[Quorum]| quorums.first().copied().unwrap_or(Quorum::empty());
        first(&self.quorums.phase1).union(first(&self.quorums.phase2))
    }

    fn is_last(&self, bal: Ballot) -> bool {
        self.size.ballots().last() == Some(bal)
    }

    fn if_live(&self, a: Acceptor) -> Option<usize> {
        self.live().contains(a).then(|| a.index())
    }
}

impl<S: RuleSet<Rule>> Temporal for Paxos<S> {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        vec![
            Fairness::weak(LEADER_GOES_ON, |m: &Self, _, action| match action {
                Action::Phase1a(bal) | Action::Phase2a(bal, _) => m.is_last(*bal),
                _ => false,
            }),
            Fairness::each(
                LIVE_ANSWER,
                Strength::Weak,
                |m: &Self, _, action| match action {
                    Action::Phase1b(a, _) | Action::Phase2b(a, _, _) => m.if_live(*a),
                    _ => None,
                },
            ),
        ]
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        vec![Promise {
            name: "a value is chosen, for ever",
            claim: Claim::EventuallyAlways(|m, s| !m.chosen(s).is_empty()),
            needs: &[LEADER_GOES_ON, LIVE_ANSWER],
        }]
    }
}

/// What Paxos promises, with a last ballot.
pub struct PaxosLive;

impl Live for PaxosLive {
    type Model = Paxos;

    const PROTOCOL: &'static str = PaxosRung::PROTOCOL;
    const NAME: &'static str = PaxosRung::NAME;
    const CLAIM: &'static str =
        "a value is chosen, if the leader of the last ballot and a quorum of acceptors keep going";
    const SOURCE: &'static str = "Lamport, Paxos Made Simple, 2001, §2.4";
    const PARAMS: &'static [Param] = PaxosRung::PARAMS;
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small(
            "live,acceptors=3,max_ballot=0",
            &[("max_ballot", 0)],
            73,
            141,
        ),
        LiveConfig::small("live,acceptors=3,max_ballot=1", &[], 3_921, 9_442),
    ];

    fn model(values: &Values) -> Result<Self::Model, NoSuchModel> {
        PaxosRung::model(values, Faithful)
    }
}
