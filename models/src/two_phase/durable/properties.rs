//! What durable two-phase commit keeps: the promise, across crashes, and what each log record and each presumption is for.

use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Property;

use crate::kit::{Event, Faults, Mapped, Refines, Spec, StepProperty};
use crate::two_phase::durable::events::event;
use crate::two_phase::durable::{
    Action, Coordinator, DurableTwoPhase, Log, MAX_PARTICIPANTS, Memory, Record, State,
};
use crate::two_phase::protocol::{self, Action as Abstract, TmState, TwoPhase};
use crate::two_phase::{Rm, RmState, Site, ac2, can_commit};

/// The properties of states: the promise, and the invariants `near` the bugs if they are asked for.
pub(super) fn of_states<S: RuleSet<Rule>>(near: bool) -> Vec<Property<DurableTwoPhase<S>>> {
    let mut all = of_promise();
    if near {
        all.extend(of_logs());
        all.extend(of_answers());
    }
    all
}

fn of_promise<S: RuleSet<Rule>>() -> Vec<Property<DurableTwoPhase<S>>> {
    type P<S> = Property<DurableTwoPhase<S>>;
    vec![
        P::<S>::always("AC1", |_, s| {
            !(s.commits() && rms(s).any(|rm| s.has_aborted(rm)))
        }),
        P::<S>::sometimes("AC1: one commits", |_, s| any(s, Memory::Committed)),
        P::<S>::sometimes("AC1: one aborts alone", |_, s| {
            s.msgs.abort.is_empty() && any(s, Memory::Aborted)
        }),
        P::<S>::always("AC3", |_, s| {
            !s.commits() || rms(s).all(|rm| can_commit(s.image(rm)))
        }),
        P::<S>::sometimes("AC3: all vote, one commits", |_, s| {
            any(s, Memory::Committed)
        }),
        P::<S>::sometimes("AC2: one has committed", |_, s| {
            any_logged(s, Record::Committed)
        }),
        P::<S>::sometimes(
            "AC2: a prepared one has aborted, and did not ask",
            |_, s| s.msgs.inquiry.is_empty() && any_logged(s, Record::Aborted),
        ),
    ]
}

/// What each record is for.
fn of_logs<S: RuleSet<Rule>>() -> Vec<Property<DurableTwoPhase<S>>> {
    type P<S> = Property<DurableTwoPhase<S>>;
    vec![
        P::<S>::always("MemoryFollowsLog", |_, s| rms(s).all(|rm| follows(s, rm))),
        P::<S>::sometimes("MemoryFollowsLog: one writes a record", |_, s| {
            !rms(s).all(|rm| s.participants[rm].disk.is_synced())
        }),
        P::<S>::always("YesIsLogged", |_, s| {
            s.msgs.yes.iter().all(|rm| s.record(rm) != Record::Empty)
        }),
        P::<S>::sometimes("YesIsLogged: one votes YES", |_, s| !s.msgs.yes.is_empty()),
        P::<S>::always("CommitIsLogged", |_, s| {
            s.msgs.commit.is_empty() || s.decision() == TmState::Committed
        }),
        P::<S>::sometimes("CommitIsLogged: one is told", |_, s| {
            !s.msgs.commit.is_empty()
        }),
        P::<S>::always("AckIsLogged", |_, s| {
            let logged = |rm| s.record(rm) == Record::Committed;
            s.msgs.ack.iter().all(logged)
        }),
        P::<S>::sometimes("AckIsLogged: one acknowledges", |_, s| {
            !s.msgs.ack.is_empty()
        }),
        P::<S>::always("ReadersLeftAlone", |_, s| {
            s.msgs.read.intersection(s.msgs.commit).is_empty()
        }),
        P::<S>::sometimes(
            "ReadersLeftAlone: one votes READ, another commits",
            |_, s| !s.msgs.read.is_empty() && any(s, Memory::Committed),
        ),
    ]
}

/// That presumptions are right, and that nobody waits who could be helped.
fn of_answers<S: RuleSet<Rule>>() -> Vec<Property<DurableTwoPhase<S>>> {
    type P<S> = Property<DurableTwoPhase<S>>;
    vec![
        // The proof obligation of presumed abort: whoever may still ask is answered rightly.
        P::<S>::always("ForgottenIsPresumedRight", |_, s| {
            !(s.forgotten() && s.commits() && rms(s).any(|rm| may_ask(s, rm)))
        }),
        P::<S>::sometimes("ForgottenIsPresumedRight: a commit is forgotten", |_, s| {
            s.forgotten() && *s.coordinator.disk.synced() == Log::End
        }),
        P::<S>::sometimes(
            "ForgottenIsPresumedRight: a vote was lost, and one asks",
            |_, s| {
                let asks = |rm| s.in_doubt(rm) && s.msgs.inquiry.contains(rm);
                s.forgotten() && !s.commits() && rms(s).any(asks)
            },
        ),
        P::<S>::sometimes(
            "ForgottenIsPresumedRight: an old inquiry is answered",
            |_, s| {
                s.msgs
                    .commit
                    .intersection(s.msgs.abort)
                    .iter()
                    .any(|rm| s.has_committed(rm))
            },
        ),
        P::<S>::always("BlockedOnlyWhenUncertain", |m, s| {
            rms(s)
                .filter(|&rm| waits(s, rm) && helped(s, rm))
                .all(|rm| m.answers(s, rm).any(|t| t.msgs.told(rm)))
        }),
        P::<S>::sometimes(
            "BlockedOnlyWhenUncertain: the coordinator is down, and all live participants are uncertain",
            |_, s| {
                let mut live = rms(s).filter(|&rm| !s.is_down(Site::Rm(rm))).peekable();
                s.is_down(Site::Coordinator) && live.peek().is_some() && live.all(|rm| waits(s, rm))
            },
        ),
    ]
}

/// Whether a participant that is up remembers what it has written.
fn follows(s: &State, rm: Rm) -> bool {
    s.memory(rm)
        .is_none_or(|memory| match s.participants[rm].disk.written() {
            Record::Empty => !matches!(memory, Memory::Prepared | Memory::Committed),
            Record::Prepared => memory == Memory::Prepared,
            Record::Committed => memory == Memory::Committed,
            Record::Aborted => memory == Memory::Aborted,
        })
}

/// Whether a participant may still ask what was decided: it is prepared, and has not voted READ.
fn may_ask(s: &State, rm: Rm) -> bool {
    s.image(rm) == RmState::Prepared && !s.msgs.read.contains(rm)
}

/// Whether a participant is in doubt, has inquired, and no decision is on its way to it.
fn waits(s: &State, rm: Rm) -> bool {
    s.in_doubt(rm) && s.msgs.inquiry.contains(rm) && !s.msgs.told(rm)
}

/// Whether someone is up who knows the decision, or can still make it.
fn helped(s: &State, rm: Rm) -> bool {
    let certain = |memory| {
        matches!(
            memory,
            Memory::Working | Memory::Committed | Memory::Aborted
        )
    };
    let coordinator = match s.coordinator.up() {
        Some(Coordinator::Committing) => s.coordinator.disk.is_synced(),
        Some(Coordinator::Forgotten) => true,
        Some(Coordinator::Collecting(_)) | None => false,
    };
    coordinator || rms(s).any(|peer| peer != rm && s.memory(peer).is_some_and(certain))
}

fn rms(s: &State) -> impl Iterator<Item = Rm> + use<> {
    s.participants.nodes()
}

fn any(s: &State, memory: Memory) -> bool {
    rms(s).any(|rm| s.memory(rm) == Some(memory))
}

fn any_logged(s: &State, record: Record) -> bool {
    rms(s).any(|rm| s.record(rm) == record)
}

impl<S: RuleSet<Rule>> Spec for DurableTwoPhase<S> {
    const BOUNDS: &'static [&'static str] = Faults::BOUNDS;
    const SYMMETRY: Option<&'static str> = Some("permutations of participants");

    fn exceeded(&self, s: &State) -> Option<usize> {
        s.faults.exceeded(&self.most)
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "AC2",
            holds: |_, s, _, t| {
                let kept = s.decision() == TmState::Init || s.decision() == t.decision();
                kept && ac2(&s.images(), &t.images()) && rms(s).all(|rm| remembers(s, t, rm))
            },
        }]
    }

    fn event(&self, before: &State, action: &Action) -> Event {
        event(before, action)
    }

    fn canonical(&self, s: &State) -> State {
        s.sorted()
    }
}

/// Whether a participant that acts as if it had decided goes on doing so while it is up.
fn remembers(s: &State, t: &State, rm: Rm) -> bool {
    match (s.memory(rm), t.memory(rm)) {
        (Some(was @ (Memory::Committed | Memory::Aborted)), Some(is)) => is == was,
        _ => true,
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for DurableTwoPhase<S> {
    /// The transaction manager of TwoPhase.tla takes note of all votes, and commits, in the moment in which the commit record is on disk.
    const STEPS: usize = MAX_PARTICIPANTS + 1;

    type Abstract = TwoPhase;

    fn abstract_model(&self) -> TwoPhase {
        TwoPhase {
            rms: self.participants,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> protocol::State {
        s.two_phase()
    }

    fn witness(
        &self,
        _: &State,
        _: &crate::two_phase::durable::Action,
        _: &State,
        Mapped { from, to, .. }: Mapped<'_, Self::Abstract>,
    ) -> Vec<Abstract> {
        let changed = from
            .rm_state
            .iter()
            .filter(|&(rm, state)| to.rm_state[rm] != state);
        let mut steps: Vec<_> = changed
            .map(|(rm, was)| match (was, to.rm_state[rm]) {
                (RmState::Working, RmState::Aborted) => Abstract::RMChooseToAbort(rm),
                (_, RmState::Aborted) => Abstract::RMRcvAbortMsg(rm),
                (_, RmState::Committed) => Abstract::RMRcvCommitMsg(rm),
                (_, RmState::Working | RmState::Prepared) => Abstract::RMPrepare(rm),
            })
            .collect();
        match (from.tm_state, to.tm_state) {
            (TmState::Init, TmState::Committed) => {
                steps.extend(to.tm_prepared.iter().map(Abstract::TMRcvPrepared));
                steps.push(Abstract::TMCommit);
            }
            (TmState::Init, TmState::Aborted) => steps.push(Abstract::TMAbort),
            _ => {}
        }
        steps
    }
}
