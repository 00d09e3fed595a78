//! What Paxos Commit promises to do: everyone decides while a majority of the acceptors comes back after each crash, and a leader keeps going; the others may stay down.
//!
//! Sites crash again and again, for ever ([`Endless`]). Whoever has synced or sent something has it for good, so that strong fairness is enough to get on: what a crash
//! prevents again and again gets its turn in the end. The acceptors of which something is assumed are the first F+1 of 2F+1, without loss of generality, since they are
//! all alike; the others may stay down for ever, from the start.
//!
//! In TLA+, for each resource manager `rm`: `WF(RMPrepare(rm) \/ RMChooseToAbort(rm))`, `SF(Propose(rm))`, `SF(RMRcvCommitMsg(rm) \/ RMRcvAbortMsg(rm))`; for each live acceptor
//! `a` and each `rm`: `SF(\E b, v : Phase1b(rm, a, b) \/ Phase2b(rm, a, b, v))`, `SF(Reply(rm, a))`; for each live site `SF(Sync(site))`, `WF(Restart(site))`; of the leader,
//! `WF(\E rm, v : Phase1a(rm, B) \/ Phase2a(rm, B, v) \/ DecideCommit \/ DecideAbort)` with B the last ballot, if there is one after ballot 0. The formula: `<>[]AllDecided`, of what is on disk.

use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::configs::DurablePaxosCommitRung;
use super::{Action, DurablePaxosCommit, Site, State};
use crate::kit::{
    Broken, Claim, Endless, Fairness, Faults, Faulty, Id, Live, LiveConfig, NoSuchModel, Param,
    Promise, Rung, Strength, Temporal, Tier, Values,
};
use crate::paxos_commit::{Acceptor, Ballot, MAX_ACCEPTORS, Rm};
use crate::two_phase::RmState;

const WORKS: &str = "a resource manager that works prepares, or aborts, at some time";
const PROPOSES: &str = "a resource manager that is up again and again proposes what it has done";
const DECISIONS_ARRIVE: &str =
    "a resource manager that is up again and again learns what was decided";
const LEADER_GOES_ON: &str = "the leader of the last ballot does what it can, at some time";
const MAJORITY_ANSWERS: &str =
    "each acceptor of a majority, if it is up again and again, takes what reaches it";
const MAJORITY_REPLIES: &str =
    "each acceptor of a majority, if it is up again and again, says what it has written";
const DISKS_SYNC: &str =
    "the disks of resource managers and of a majority of acceptors are synced again and again";
const RMS_RESTART: &str = "a resource manager that is down comes back";
const OTHER_RMS_RESTART: &str =
    "a resource manager that is down comes back, unless it is the last one";
const MAJORITY_RESTARTS: &str = "each acceptor of a majority, if it is down, comes back";
const MINORITY_RESTARTS: &str = "each acceptor of that majority but one, if it is down, comes back";

impl<S: RuleSet<Rule>> DurablePaxosCommit<S> {
    /// F + 1 of 2F + 1.
    fn majority(&self) -> usize {
        self.above.acceptors / 2 + 1
    }

    fn is_live(&self, a: Acceptor) -> bool {
        a.index() < self.majority()
    }

    fn is_last_rm(&self, rm: Rm) -> bool {
        rm.index() + 1 == self.above.rms
    }

    /// Whether there is a ballot after the resource managers' own.
    fn has_leaders(&self) -> bool {
        self.above.max_ballot > Ballot(0)
    }

    fn is_last(&self, bal: Ballot) -> bool {
        self.above.max_ballot == bal
    }
}

impl<S: RuleSet<Rule>> Faulty for DurablePaxosCommit<S> {
    fn faults(s: &mut State) -> &mut Faults {
        &mut s.faults
    }
}

impl<S: RuleSet<Rule>> Temporal for Endless<DurablePaxosCommit<S>> {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        let mut all = of_rms();
        all.extend(of_acceptors());
        all.push(Fairness::weak(LEADER_GOES_ON, |m: &Self, _, a| match a {
            Action::Phase1a(_, bal) => m.model.is_last(*bal),
            Action::Phase2a(_, vote) => m.model.is_last(vote.bal),
            Action::DecideCommit | Action::DecideAbort => true,
            _ => false,
        }));
        all.push(Fairness::each(
            DISKS_SYNC,
            Strength::Strong,
            |m, _, a| match *a {
                Action::Sync(Site::Rm(rm)) => Some(MAX_ACCEPTORS + rm.index()),
                Action::Sync(Site::Acceptor(a)) => m.model.is_live(a).then(|| a.index()),
                _ => None,
            },
        ));
        all
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        let mut all = vec![
            Promise {
                name: "everyone decides, for ever, though F of 2F+1 acceptors stay down",
                claim: Claim::EventuallyAlways(all_decided),
                needs: if self.model.has_leaders() {
                    LED
                } else {
                    IN_BALLOT_0
                },
            },
            Promise {
                name: BLOCKS,
                claim: Claim::EventuallyAlways(all_decided),
                needs: BELOW_MAJORITY,
            },
        ];
        if self.model.has_leaders() && self.model.above.rms > 1 {
            all.push(Promise {
                name: "whoever comes back decides, for ever, though a resource manager stays down",
                claim: Claim::EventuallyAlways(|m: &Self, s: &State| {
                    s.rms
                        .nodes()
                        .all(|rm| m.model.is_last_rm(rm) || decided(s, rm))
                }),
                needs: OTHERS,
            });
        }
        all
    }
}

/// Without a ballot of a leader's own, each resource manager must propose itself.
const IN_BALLOT_0: &[&str] = &[
    WORKS,
    PROPOSES,
    DECISIONS_ARRIVE,
    LEADER_GOES_ON,
    MAJORITY_ANSWERS,
    MAJORITY_REPLIES,
    DISKS_SYNC,
    RMS_RESTART,
    MAJORITY_RESTARTS,
];

/// A leader proposes that those abort who have not proposed.
const LED: &[&str] = &[
    DECISIONS_ARRIVE,
    LEADER_GOES_ON,
    MAJORITY_ANSWERS,
    MAJORITY_REPLIES,
    DISKS_SYNC,
    RMS_RESTART,
    MAJORITY_RESTARTS,
];

/// The same, where one resource manager may stay down.
const OTHERS: &[&str] = &[
    DECISIONS_ARRIVE,
    LEADER_GOES_ON,
    MAJORITY_ANSWERS,
    MAJORITY_REPLIES,
    DISKS_SYNC,
    OTHER_RMS_RESTART,
    MAJORITY_RESTARTS,
];

/// All that can be assumed where one acceptor too many stays down.
const BELOW_MAJORITY: &[&str] = &[
    WORKS,
    PROPOSES,
    DECISIONS_ARRIVE,
    LEADER_GOES_ON,
    MAJORITY_ANSWERS,
    MAJORITY_REPLIES,
    DISKS_SYNC,
    RMS_RESTART,
    MINORITY_RESTARTS,
];

const BLOCKS: &str = "everyone decides, even if F+1 of 2F+1 acceptors stay down";

fn of_rms<S: RuleSet<Rule>>() -> Vec<Fairness<Endless<DurablePaxosCommit<S>>>> {
    use Strength::{Strong, Weak};
    vec![
        Fairness::each(WORKS, Weak, |_, _, a| match a {
            Action::RMPrepare(rm) | Action::RMChooseToAbort(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(PROPOSES, Strong, |_, _, a| match a {
            Action::Propose(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(DECISIONS_ARRIVE, Strong, |_, _, a| match a {
            Action::RMRcvCommitMsg(rm) | Action::RMRcvAbortMsg(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(RMS_RESTART, Weak, |_, _, a| match a {
            Action::Restart(Site::Rm(rm)) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(OTHER_RMS_RESTART, Weak, |m, _, a| match a {
            Action::Restart(Site::Rm(rm)) => (!m.model.is_last_rm(*rm)).then(|| rm.index()),
            _ => None,
        }),
    ]
}

fn of_acceptors<S: RuleSet<Rule>>() -> Vec<Fairness<Endless<DurablePaxosCommit<S>>>> {
    use Strength::{Strong, Weak};
    vec![
        Fairness::each(MAJORITY_ANSWERS, Strong, |m, _, a| match *a {
            Action::Phase1b(rm, a, _) | Action::Phase2b(rm, a, _) => {
                let pair = rm.index() * MAX_ACCEPTORS + a.index();
                m.model.is_live(a).then_some(pair)
            }
            _ => None,
        }),
        Fairness::each(MAJORITY_REPLIES, Strong, |m, _, a| match *a {
            Action::Reply(rm, a) => {
                let pair = rm.index() * MAX_ACCEPTORS + a.index();
                m.model.is_live(a).then_some(pair)
            }
            _ => None,
        }),
        Fairness::each(MAJORITY_RESTARTS, Weak, |m, _, a| match *a {
            Action::Restart(Site::Acceptor(a)) => m.model.is_live(a).then(|| a.index()),
            _ => None,
        }),
        Fairness::each(MINORITY_RESTARTS, Weak, |m, _, a| match *a {
            Action::Restart(Site::Acceptor(a)) => {
                (a.index() + 1 < m.model.majority()).then(|| a.index())
            }
            _ => None,
        }),
    ]
}

/// Whether everyone has decided, so that a crash would not change that.
fn all_decided<M>(_: &M, s: &State) -> bool {
    s.rms.nodes().all(|rm| decided(s, rm))
}

fn decided(s: &State, rm: Rm) -> bool {
    matches!(s.image(rm), RmState::Committed | RmState::Aborted)
}

/// What durable Paxos Commit promises, while sites crash again and again.
pub struct DurablePaxosCommitLive;

impl Live for DurablePaxosCommitLive {
    type Model = Endless<DurablePaxosCommit>;

    const PROTOCOL: &'static str = DurablePaxosCommitRung::PROTOCOL;
    const NAME: &'static str = DurablePaxosCommitRung::NAME;
    const CLAIM: &'static str = "everyone decides if a leader keeps going and a majority of the acceptors comes back, and may wait for ever if no majority does";
    const SOURCE: &'static str = "Gray & Lamport 2006, §4";
    const PARAMS: &'static [Param] = DurablePaxosCommitRung::PARAMS;
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small("live,rms=1,max_ballot=0", &[], 1_896, 10_048).breaks(&[blocked(7)]),
        LiveConfig::small(
            "live,rms=2,acceptors=1,max_ballot=1",
            &[("rms", 2), ("acceptors", 1), ("max_ballot", 1)],
            57_214,
            292_986,
        )
        .breaks(&[blocked(8)]),
        LiveConfig::small(
            "live,rms=1,max_ballot=1",
            &[("max_ballot", 1)],
            181_328,
            1_067_876,
        )
        .at(Tier::Ci)
        .breaks(&[blocked(8)]),
        LiveConfig::small("live,rms=2,max_ballot=0", &[("rms", 2)], 331_972, 2_423_804)
            .at(Tier::Ci)
            .breaks(&[blocked(12)]),
    ];

    fn model(values: &Values) -> Result<Self::Model, NoSuchModel> {
        Ok(Endless {
            model: DurablePaxosCommitRung::model(values, Faithful)?,
            spares: |m, action| m.most.crashes == 0 && matches!(action, Action::Crash(_)),
        })
    }
}

const fn blocked(stem: usize) -> Broken {
    Broken {
        promise: BLOCKS,
        stem,
        cycle: 1,
        because: "those who are down may have voted for another value: without a majority nobody can know what was chosen, or may yet be",
    }
}
