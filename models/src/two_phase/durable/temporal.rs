//! What two-phase commit with logs promises to do: AC4 and AC5 of Bernstein, Hadzilacos & Goodman (1987, chapter 7), and where it blocks.
//!
//! Sites crash again and again, for ever ([`Endless`]), and come back. So most actions must be treated *strongly* fairly: what a crash prevents again and again must get
//! its turn in the end. If crashes cease, that is no more than weak fairness, since every message that was ever sent stays in the network: so AC5 as published, "if all
//! existing failures are repaired and no new failures occur for sufficiently long", follows.
//!
//! In TLA+, for each participant `rm` and each site: `WF(Prepare(rm) \/ VoteRead(rm) \/ ChooseToAbort(rm))`, `SF(TimeOut(rm))`, `SF(RcvCommit(rm) \/ RcvAbort(rm))`,
//! `SF(Sync(site))`, `WF(Restart(site))`; of the coordinator, `WF(Commit \/ Abort)`, `SF(TellCommit(rm))`, `SF(Answer(rm))`; of other participants,
//! `SF(\E peer : AnswerCommit(peer, rm) \/ AnswerAbort(peer, rm))`; and for AC4 `WF(RcvVote(rm))` and `WF(Commit)`. The formulas: `AC4` is
//! `(yes = RM) ~> (AllCommitted \/ CoordinatorGaveUp)`, `AC5` is `<>[]AllDecided`, both of what is on disk.

use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::configs::DurableTwoPhaseRung;
use super::{Action, Coordinator, DurableTwoPhase, Log, Memory, Record, State};
use crate::kit::{
    Broken, Claim, Endless, Fairness, Faults, Faulty, Id, Live, LiveConfig, NoSuchModel, Param,
    Promise, Rung, Strength, Temporal, Tier, Values,
};
use crate::two_phase::{Rm, Site};

const WORKS: &str = "a participant that has not voted prepares, or gives up, at some time";
const DECIDES: &str = "a coordinator that collects votes does not collect for ever";
const VOTES_ARRIVE: &str = "a vote that was sent is received, at some time";
const COMMITS: &str = "a coordinator that can commit decides, at some time";
const TELLS: &str =
    "a coordinator that is up again and again with a commit on its log tells everyone";
const INQUIRES: &str = "a participant that is in doubt again and again inquires";
const ANSWERS: &str =
    "a coordinator that is up again and again and knows nothing of a transaction answers inquiries";
const PEERS_ANSWER: &str =
    "an inquiry is answered if other participants are up again and again that can answer it";
const DECISIONS_ARRIVE: &str = "a participant that is up again and again receives what it was told";
const DISKS_SYNC: &str = "a disk that is written again and again is synced again and again";
const COORDINATOR_RESTARTS: &str = "a coordinator that is down comes back";
const PARTICIPANTS_RESTART: &str = "a participant that is down comes back";

impl<S: RuleSet<Rule>> Faulty for DurableTwoPhase<S> {
    fn faults(s: &mut State) -> &mut Faults {
        &mut s.faults
    }
}

impl<S: RuleSet<Rule>> Temporal for Endless<DurableTwoPhase<S>> {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        let mut all = of_participants();
        all.extend(of_coordinator());
        all.push(Fairness::each(
            DISKS_SYNC,
            Strength::Strong,
            |_, _, a| match a {
                Action::Sync(Site::Coordinator) => Some(0),
                Action::Sync(Site::Rm(rm)) => Some(1 + rm.index()),
                _ => None,
            },
        ));
        all
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        vec![
            Promise {
                name: "AC4: if all vote YES, all commit, unless the coordinator gives up or fails before its decision is on disk",
                claim: Claim::LeadsTo(all_voted_yes, |m, s| all_committed(m, s) || gave_up(s)),
                needs: &[
                    VOTES_ARRIVE,
                    COMMITS,
                    TELLS,
                    DECISIONS_ARRIVE,
                    DISKS_SYNC,
                    COORDINATOR_RESTARTS,
                    PARTICIPANTS_RESTART,
                ],
            },
            Promise {
                name: "AC5: everyone decides, for ever, if sites that crash come back",
                claim: Claim::EventuallyAlways(all_decided),
                needs: &[
                    WORKS,
                    DECIDES,
                    TELLS,
                    INQUIRES,
                    ANSWERS,
                    DECISIONS_ARRIVE,
                    DISKS_SYNC,
                    COORDINATOR_RESTARTS,
                    PARTICIPANTS_RESTART,
                ],
            },
            Promise {
                name: "cooperative termination: once one participant has logged a decision, everyone decides, even if the coordinator stays down",
                claim: Claim::LeadsTo(one_logged, all_decided),
                needs: &[
                    INQUIRES,
                    PEERS_ANSWER,
                    DECISIONS_ARRIVE,
                    DISKS_SYNC,
                    PARTICIPANTS_RESTART,
                ],
            },
            Promise {
                name: BLOCKS,
                claim: Claim::LeadsTo(all_in_doubt, all_decided),
                needs: &[
                    WORKS,
                    DECIDES,
                    TELLS,
                    INQUIRES,
                    ANSWERS,
                    PEERS_ANSWER,
                    DECISIONS_ARRIVE,
                    DISKS_SYNC,
                    PARTICIPANTS_RESTART,
                ],
            },
        ]
    }
}

const BLOCKS: &str = "once all have prepared, all decide, even if the coordinator stays down";

fn of_participants<S: RuleSet<Rule>>() -> Vec<Fairness<Endless<DurableTwoPhase<S>>>> {
    use Strength::{Strong, Weak};
    vec![
        Fairness::each(WORKS, Weak, |_, _, a| match a {
            Action::Prepare(rm) | Action::VoteRead(rm) | Action::ChooseToAbort(rm) => {
                Some(rm.index())
            }
            _ => None,
        }),
        Fairness::each(INQUIRES, Strong, |_, _, a| match a {
            Action::TimeOut(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(PEERS_ANSWER, Strong, |_, _, a| match a {
            Action::AnswerCommit(_, rm) | Action::AnswerAbort(_, rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(DECISIONS_ARRIVE, Strong, |_, _, a| match a {
            Action::RcvCommit(rm) | Action::RcvAbort(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(PARTICIPANTS_RESTART, Weak, |_, _, a| match a {
            Action::Restart(Site::Rm(rm)) => Some(rm.index()),
            _ => None,
        }),
    ]
}

fn of_coordinator<S: RuleSet<Rule>>() -> Vec<Fairness<Endless<DurableTwoPhase<S>>>> {
    use Strength::{Strong, Weak};
    vec![
        Fairness::weak(DECIDES, |_, _, a| {
            matches!(a, Action::Commit | Action::Abort)
        }),
        Fairness::each(VOTES_ARRIVE, Weak, |_, _, a| match a {
            Action::RcvVote(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::weak(COMMITS, |_, _, a| *a == Action::Commit),
        Fairness::each(TELLS, Strong, |_, _, a| match a {
            Action::TellCommit(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::each(ANSWERS, Strong, |_, _, a| match a {
            Action::Answer(rm) => Some(rm.index()),
            _ => None,
        }),
        Fairness::weak(COORDINATOR_RESTARTS, |_, _, a| {
            *a == Action::Restart(Site::Coordinator)
        }),
    ]
}

/// Whether a participant has decided, so that a crash would not change that, or has nothing to decide: it has only read.
fn decided(s: &State, rm: Rm) -> bool {
    match s.record(rm) {
        Record::Committed | Record::Aborted => true,
        Record::Prepared => false,
        Record::Empty => !matches!(s.memory(rm), Some(Memory::Working | Memory::Prepared)),
    }
}

fn all_decided<M>(_: &M, s: &State) -> bool {
    s.participants.nodes().all(|rm| decided(s, rm))
}

fn all_committed<M>(_: &M, s: &State) -> bool {
    let mut all = s.participants.nodes();
    all.all(|rm| s.record(rm) == Record::Committed)
}

fn all_voted_yes<M>(_: &M, s: &State) -> bool {
    s.participants.nodes().all(|rm| s.msgs.yes.contains(rm))
}

fn all_in_doubt<M>(_: &M, s: &State) -> bool {
    let mut all = s.participants.nodes();
    all.all(|rm| s.record(rm) == Record::Prepared)
}

fn one_logged<M>(_: &M, s: &State) -> bool {
    let mut all = s.participants.nodes();
    all.any(|rm| matches!(s.record(rm), Record::Committed | Record::Aborted))
}

/// Whether the coordinator has nothing on disk, and collects no more.
fn gave_up(s: &State) -> bool {
    let goes_on = matches!(
        s.coordinator.up(),
        Some(Coordinator::Collecting(_) | Coordinator::Committing)
    );
    *s.coordinator.disk.synced() == Log::Empty && !goes_on
}

/// What durable two-phase commit promises, while sites crash again and again.
pub struct DurableTwoPhaseLive;

impl Live for DurableTwoPhaseLive {
    type Model = Endless<DurableTwoPhase>;

    const PROTOCOL: &'static str = DurableTwoPhaseRung::PROTOCOL;
    const NAME: &'static str = DurableTwoPhaseRung::NAME;
    const CLAIM: &'static str = "everyone decides if whoever crashes comes back, and may wait for ever if the coordinator does not";
    const SOURCE: &'static str =
        "Bernstein, Hadzilacos & Goodman 1987, chapter 7; Gray & Lamport 2006, §3";
    const PARAMS: &'static [Param] = DurableTwoPhaseRung::PARAMS;
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small("live,participants=2", &[], 3_299, 14_572).breaks(&[blocked(7)]),
        LiveConfig::small(
            "live,participants=2,read_only=1",
            &[("read_only", 1)],
            4_067,
            17_822,
        )
        .breaks(&[blocked(7)]),
        LiveConfig::small(
            "live,participants=3",
            &[("participants", 3)],
            77_387,
            480_477,
        )
        .at(Tier::Ci)
        .breaks(&[blocked(10)]),
    ];

    fn model(values: &Values) -> Result<Self::Model, NoSuchModel> {
        Ok(Endless {
            model: DurableTwoPhaseRung::model(values, Faithful)?,
            spares: |m, action| m.most.crashes == 0 && matches!(action, Action::Crash(_)),
        })
    }
}

const fn blocked(stem: usize) -> Broken {
    Broken {
        promise: BLOCKS,
        stem,
        cycle: 1,
        because: "a participant that has prepared, and reaches nobody who knows the decision, can neither commit nor abort: the coordinator may have decided either",
    }
}
