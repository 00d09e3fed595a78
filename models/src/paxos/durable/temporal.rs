//! What Paxos with disks promises to do: a value is chosen, and learned, if the leader of the last ballot keeps going and a majority of the acceptors comes back after each crash.
//!
//! Acceptors and the other proposers crash again and again, for ever ([`Endless`]), and of the acceptors outside of that majority nothing is assumed. The leader
//! of the last ballot does not crash: after a crash it would need one more ballot, and here there is none. That there is a last ballot is what makes the promise
//! true, as without disks ([`crate::paxos::temporal`]); [`crate::paxos::duel`] shows what happens without one.
//!
//! In TLA+, with `p` the owner of the last ballot `B`: `WF(Begin(p, B))`, `WF(Phase1a(p) \/ \E v : Phase2a(p, v))`, for each live acceptor `a` `WF(\E b, v : Collect(p, a, b, v))`,
//! `SF(\E b, v : Phase1b(a, b) \/ Phase2b(a, b, v))`, `SF(SendPromise(a) \/ SendVote(a))`, `WF(Restart(a))`; `SF(Sync(node))` for `p` and the live acceptors; `WF(\E v : Hear(a, v))`
//! for each acceptor. The formulas: `<>[](learned # {})` and `(chosen # {}) ~> (learned # {})`.

use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::configs::DurablePaxosRung;
use super::protocol::{Action, DurablePaxos};
use super::state::{Node, Proposer, State, owner};
use crate::kit::{
    Broken, Claim, Endless, Fairness, Faults, Faulty, Id, Live, LiveConfig, NoSuchModel, Param,
    Promise, Rung, Strength, Temporal, Tier, Values,
};
use crate::paxos::{Acceptor, Ballot, MAX_ACCEPTORS};

const LEADER_BEGINS: &str = "the owner of the last ballot begins it, at some time";
const LEADER_GOES_ON: &str = "the owner of the last ballot asks and proposes, at some time";
const PROMISES_ARRIVE: &str = "the owner of the last ballot receives promises, at some time, from each acceptor of a majority";
const MAJORITY_ANSWERS: &str =
    "each acceptor of a majority, if it is up again and again, takes what reaches it";
const MAJORITY_SENDS: &str =
    "each acceptor of a majority, if it is up again and again, sends what it owes";
const MAJORITY_RESTARTS: &str = "each acceptor of a majority, if it is down, comes back";
const MINORITY_RESTARTS: &str = "each acceptor of that majority but one, if it is down, comes back";
const DISKS_SYNC: &str =
    "the disks of that owner and of a majority of acceptors are synced again and again";
const LEARNER_HEARS: &str = "the learner receives, at some time, each acceptor's votes";

impl<S: RuleSet<Rule>> DurablePaxos<S> {
    fn last_ballot(&self) -> Ballot {
        Ballot(self.size.max_ballot as i8)
    }

    fn is_leader(&self, p: Proposer) -> bool {
        owner(self.last_ballot(), self.proposers) == p
    }

    fn majority(&self) -> usize {
        self.quorums.phase1.max(self.quorums.phase2)
    }

    /// An acceptor of which something is assumed.
    fn live(&self, a: Acceptor) -> Option<usize> {
        (a.index() < self.majority()).then(|| a.index())
    }
}

impl<S: RuleSet<Rule>> Faulty for DurablePaxos<S> {
    fn faults(s: &mut State) -> &mut Faults {
        &mut s.faults
    }
}

impl<S: RuleSet<Rule>> Temporal for Endless<DurablePaxos<S>> {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        let mut all = of_leader();
        all.extend(of_acceptors());
        all.push(Fairness::each(
            DISKS_SYNC,
            Strength::Strong,
            |m, _, a| match *a {
                Action::Sync(Node::Proposer(p)) => m.model.is_leader(p).then_some(MAX_ACCEPTORS),
                Action::Sync(Node::Acceptor(a)) => m.model.live(a),
                _ => None,
            },
        ));
        all.push(Fairness::each(
            LEARNER_HEARS,
            Strength::Weak,
            |_, _, a| match a {
                Action::Hear(a, _) => Some(a.index()),
                _ => None,
            },
        ));
        all
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        let learned = |_: &Self, s: &State| !s.learner.learned.is_empty();
        vec![
            Promise {
                name: "a value is learned, for ever, though all but a majority of the acceptors stay down",
                claim: Claim::EventuallyAlways(learned),
                needs: &[
                    LEADER_BEGINS,
                    LEADER_GOES_ON,
                    PROMISES_ARRIVE,
                    MAJORITY_ANSWERS,
                    MAJORITY_SENDS,
                    MAJORITY_RESTARTS,
                    DISKS_SYNC,
                    LEARNER_HEARS,
                ],
            },
            Promise {
                name: "whenever a value is chosen, one is learned at some time",
                claim: Claim::LeadsTo(|m, s| !s.chosen(m.model.quorums.phase2).is_empty(), learned),
                needs: &[LEARNER_HEARS],
            },
            Promise {
                name: BLOCKS,
                claim: Claim::EventuallyAlways(learned),
                needs: &[
                    LEADER_BEGINS,
                    LEADER_GOES_ON,
                    PROMISES_ARRIVE,
                    MAJORITY_ANSWERS,
                    MAJORITY_SENDS,
                    MINORITY_RESTARTS,
                    DISKS_SYNC,
                    LEARNER_HEARS,
                ],
            },
        ]
    }
}

const BLOCKS: &str = "a value is learned, even if no majority of the acceptors comes back";

fn of_leader<S: RuleSet<Rule>>() -> Vec<Fairness<Endless<DurablePaxos<S>>>> {
    type M<S> = Endless<DurablePaxos<S>>;
    vec![
        Fairness::weak(LEADER_BEGINS, |m: &M<S>, _, a| match *a {
            Action::Begin(_, bal) => bal == m.model.last_ballot(),
            _ => false,
        }),
        Fairness::weak(LEADER_GOES_ON, |m: &M<S>, _, a| match *a {
            Action::Phase1a(p) | Action::Phase2a(p, _) => m.model.is_leader(p),
            _ => false,
        }),
        Fairness::each(PROMISES_ARRIVE, Strength::Weak, |m: &M<S>, _, a| match *a {
            Action::Collect(p, a, ..) if m.model.is_leader(p) => m.model.live(a),
            _ => None,
        }),
    ]
}

fn of_acceptors<S: RuleSet<Rule>>() -> Vec<Fairness<Endless<DurablePaxos<S>>>> {
    use Strength::{Strong, Weak};
    type M<S> = Endless<DurablePaxos<S>>;
    vec![
        Fairness::each(MAJORITY_ANSWERS, Strong, |m: &M<S>, _, a| match *a {
            Action::Phase1b(a, _) | Action::Phase2b(a, ..) => m.model.live(a),
            _ => None,
        }),
        Fairness::each(MAJORITY_SENDS, Strong, |m: &M<S>, _, a| match *a {
            Action::SendPromise(a) | Action::SendVote(a) => m.model.live(a),
            _ => None,
        }),
        Fairness::each(MAJORITY_RESTARTS, Weak, |m: &M<S>, _, a| match *a {
            Action::Restart(Node::Acceptor(a)) => m.model.live(a),
            _ => None,
        }),
        Fairness::each(MINORITY_RESTARTS, Weak, |m: &M<S>, _, a| match *a {
            Action::Restart(Node::Acceptor(a)) => m
                .model
                .live(a)
                .filter(|index| index + 1 < m.model.majority()),
            _ => None,
        }),
    ]
}

/// What Paxos with disks promises, while acceptors crash again and again.
pub struct DurablePaxosLive;

impl Live for DurablePaxosLive {
    type Model = Endless<DurablePaxos>;

    const PROTOCOL: &'static str = DurablePaxosRung::PROTOCOL;
    const NAME: &'static str = DurablePaxosRung::NAME;
    const CLAIM: &'static str = "a value is chosen and learned, if the leader of the last ballot keeps going and a majority of the acceptors comes back";
    const SOURCE: &'static str = "Lamport, Paxos Made Simple, 2001, §2.3 and §2.4";
    const PARAMS: &'static [Param] = DurablePaxosRung::PARAMS;
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small(
            "live,acceptors=3,max_ballot=0",
            &[
                ("acceptors", 3),
                ("max_ballot", 0),
                ("proposers", 1),
                ("crashes", 1),
            ],
            17_912,
            87_832,
        )
        .breaks(&[blocked(8)]),
        LiveConfig::small(
            "live,acceptors=2,max_ballot=1",
            &[("crashes", 1)],
            31_015,
            148_469,
        )
        .breaks(&[blocked(8)]),
        LiveConfig::small(
            "live,acceptors=2,max_ballot=2",
            &[("max_ballot", 2), ("values", 1), ("crashes", 1)],
            374_790,
            1_950_742,
        )
        .at(Tier::Ci)
        .breaks(&[blocked(8)]),
    ];

    fn model(values: &Values) -> Result<Self::Model, NoSuchModel> {
        Ok(Endless {
            model: DurablePaxosRung::model(values, Faithful)?,
            spares: |m, action| match *action {
                Action::Crash(Node::Proposer(p)) => m.most.crashes == 0 || m.is_leader(p),
                Action::Crash(Node::Acceptor(_)) => m.most.crashes == 0,
                _ => false,
            },
        })
    }
}

const fn blocked(stem: usize) -> Broken {
    Broken {
        promise: BLOCKS,
        stem,
        cycle: 1,
        because: "a leader that hears from fewer than a majority cannot know what those who are down have voted for",
    }
}
