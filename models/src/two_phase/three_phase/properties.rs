//! What three-phase commit keeps: the promise, and that nobody blocks.

use concur_rules::three_phase::ThreePhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Faults, Refines, Spec, StepProperty};
use crate::two_phase::spec::TCommit;
use crate::two_phase::three_phase::{
    Action, Coordinator, Participant, Phase, State, Status, ThreePhase,
};
use crate::two_phase::{Rm, RmStates, Site, ac2, can_commit};

/// The properties of states. What is meant to keep the promise is claimed only where the network does not part.
pub(super) fn of_states<S: RuleSet<Rule>>(parts: bool) -> Vec<Property<ThreePhase<S>>> {
    let mut all = of_promise();
    if !parts {
        all.extend(of_phases());
    }
    all
}

fn of_promise<S: RuleSet<Rule>>() -> Vec<Property<ThreePhase<S>>> {
    type P<S> = Property<ThreePhase<S>>;
    vec![
        P::<S>::always("AC1", |_, s| !(commits(s) && aborts(s))),
        P::<S>::sometimes("AC1: one commits", |_, s| any(s, Phase::Committed)),
        P::<S>::sometimes("AC1: one aborts alone", |_, s| {
            let waiting = (Coordinator::Waiting, Status::Up);
            (s.coordinator, s.status) == waiting && any(s, Phase::Aborted)
        }),
        P::<S>::sometimes("AC1: one is told to abort", |_, s| {
            let voted = |p: &Participant| p.voted && p.phase == Phase::Aborted;
            s.status == Status::Up && all(s).any(voted)
        }),
        P::<S>::always("AC3", |_, s| {
            !commits(s) || s.images().values().all(can_commit)
        }),
        P::<S>::sometimes("AC3: one commits", |_, s| any(s, Phase::Committed)),
        P::<S>::sometimes("AC2: one has decided", |_, s| {
            all(s).any(|p| p.phase.decided())
        }),
    ]
}

fn of_phases<S: RuleSet<Rule>>() -> Vec<Property<ThreePhase<S>>> {
    type P<S> = Property<ThreePhase<S>>;
    vec![
        // Skeen's condition: nobody commits while a live site is uncertain.
        P::<S>::always("NoCommitWhileUncertain", |_, s| {
            let uncertain = |p: &Participant| {
                p.status == Status::Up && matches!(p.phase, Phase::Working | Phase::Uncertain)
            };
            !(commits(s) && all(s).any(uncertain))
        }),
        P::<S>::sometimes(
            "NoCommitWhileUncertain: a commit, and one that was down is uncertain",
            |_, s| commits(s) && any(s, Phase::Uncertain),
        ),
        P::<S>::always("CommittableMeansAllVoted", |_, s| {
            let known = s.coordinator == Coordinator::Precommitting || any(s, Phase::Committable);
            !(known && any(s, Phase::Working))
        }),
        P::<S>::sometimes("CommittableMeansAllVoted: one is committable", |_, s| {
            any(s, Phase::Committable)
        }),
        // Every step of the protocol's own leads forward and never back, so a live site that could never decide would come to a state without one.
        P::<S>::always("NonBlocking", |m, s| {
            let waits = |p: &Participant| p.status == Status::Up && !p.phase.decided();
            let moves = |action| m.next_state(s, action).is_some_and(|t| t != *s);
            !all(s).any(waits) || m.own_steps().any(moves)
        }),
        P::<S>::sometimes(
            "NonBlocking: the coordinator is down, all live participants are uncertain",
            |_, s| {
                let mut live = all(s).filter(|p| p.status == Status::Up).peekable();
                s.status == Status::Down
                    && live.peek().is_some()
                    && live.all(|p| p.phase == Phase::Uncertain)
            },
        ),
        P::<S>::sometimes("NonBlocking: a backup commits", |_, s| {
            s.coordinator == Coordinator::Precommitting && any(s, Phase::Committed)
        }),
        P::<S>::sometimes("NonBlocking: a backup aborts", |_, s| {
            s.status == Status::Down
                && s.coordinator == Coordinator::Precommitting
                && any(s, Phase::Aborted)
        }),
        P::<S>::always("RecoveredDecide", |m, s| {
            let asks = |rm, of| m.next_state(s, Action::Ask(rm, of));
            let learns = |rm| {
                Site::all(m.participants)
                    .any(|of| asks(rm, of).is_some_and(|t| t.phase(rm).decided()))
            };
            let mut rms = s.participants.nodes();
            rms.all(|rm| !could_ask(m, s, rm) || learns(rm))
        }),
        P::<S>::sometimes("RecoveredDecide: one that was down can ask", |m, s| {
            s.participants.nodes().any(|rm| could_ask(m, s, rm))
        }),
    ]
}

/// Whether a site that was down is undecided, while someone whom it reaches has decided.
fn could_ask<S: RuleSet<Rule>>(m: &ThreePhase<S>, s: &State, rm: Rm) -> bool {
    let back = s.participants[rm].status == Status::Back && !s.phase(rm).decided();
    let decided = |of| s.decision(of).is_some();
    back && Site::all(m.participants).any(|of| s.reaches(rm, of) && decided(of))
}

fn all(s: &State) -> impl Iterator<Item = &Participant> {
    s.participants.values().iter()
}

fn any(s: &State, phase: Phase) -> bool {
    all(s).any(|p| p.phase == phase)
}

/// Whether a site has decided to commit, be it up or down.
fn commits(s: &State) -> bool {
    s.coordinator == Coordinator::Committed || any(s, Phase::Committed)
}

/// Whether a site has decided to abort, be it up or down.
fn aborts(s: &State) -> bool {
    s.coordinator == Coordinator::Aborted || any(s, Phase::Aborted)
}

impl<S: RuleSet<Rule>> Spec for ThreePhase<S> {
    const BOUNDS: &'static [&'static str] = Faults::BOUNDS;
    const SYMMETRY: Option<&'static str> = Some("permutations of participants");

    fn exceeded(&self, s: &State) -> Option<usize> {
        s.faults.exceeded(&self.most)
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "AC2",
            holds: |_, s, _, t| {
                let decided =
                    matches!(s.coordinator, Coordinator::Committed | Coordinator::Aborted);
                ac2(&s.images(), &t.images()) && (!decided || s.coordinator == t.coordinator)
            },
        }]
    }

    /// Nothing relates two participants, so sorting all that is known of each is exact.
    fn canonical(&self, s: &State) -> State {
        let mut t = *s;
        t.participants.values_mut().sort_unstable();
        t
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for ThreePhase<S> {
    type Abstract = TCommit;

    fn abstract_model(&self) -> TCommit {
        TCommit {
            rms: self.participants,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> RmStates {
        s.images()
    }
}
