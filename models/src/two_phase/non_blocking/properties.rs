//! What non-blocking atomic commitment keeps: the promise, that nobody aborts without a reason, and that nobody blocks, or only those who must.

use concur_rules::non_blocking::NonBlockingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Refines, StepProperty};
use crate::two_phase::non_blocking::state::{Participant, State};
use crate::two_phase::non_blocking::{Action, NonBlocking};
use crate::two_phase::spec::TCommit;
use crate::two_phase::{Decision, RmState, RmStates, ac1, ac2, ac3};

/// What a transaction promises, however the decision is broadcast.
pub(super) fn of_promise<S: RuleSet<Rule>>() -> Vec<Property<NonBlocking<S>>> {
    type P<S> = Property<NonBlocking<S>>;
    vec![
        P::<S>::always("AC1", |_, s| ac1(&s.images())),
        P::<S>::sometimes(
            "AC1: one commits, stops, and another is undecided",
            |_, s| {
                let stopped = |p: &Participant| !p.up && p.decision == Some(Decision::Commit);
                all(s).any(stopped) && s.up().any(|(_, p)| p.decision.is_none())
            },
        ),
        P::<S>::sometimes("AC1: one aborts alone", |_, s| {
            let c = &s.coordinator;
            c.up && c.decision.is_none() && s.images().contains(RmState::Aborted)
        }),
        P::<S>::always("AC3", |_, s| ac3(&s.images())),
        P::<S>::sometimes("AC3: one commits", |_, s| {
            s.images().contains(RmState::Committed)
        }),
        P::<S>::sometimes("AC2: one commits", |_, s| {
            s.images().contains(RmState::Committed)
        }),
        P::<S>::sometimes("AC2: one aborts", |_, s| {
            s.images().contains(RmState::Aborted)
        }),
    ]
}

/// Why one may abort.
pub(super) fn of_failures<S: RuleSet<Rule>>() -> Vec<Property<NonBlocking<S>>> {
    type P<S> = Property<NonBlocking<S>>;
    vec![
        // Where all vote YES and nobody stops, nobody aborts.
        P::<S>::always("AC4", |_, s| {
            let flawless = s.coordinator.up && all(s).all(|p| p.up && p.yes);
            !flawless || !aborts(s)
        }),
        P::<S>::sometimes(
            "AC4: all vote YES, one stops, and the rest abort",
            |_, s| all(s).all(|p| p.yes) && s.coordinator.up && aborts(s),
        ),
    ]
}

/// What a uniform broadcast is for.
pub(super) fn of_non_blocking<S: RuleSet<Rule>>() -> Vec<Property<NonBlocking<S>>> {
    type P<S> = Property<NonBlocking<S>>;
    vec![
        P::<S>::always("NonBlocking", |m, s| {
            s.up().all(|(_, p)| p.decision.is_some()) || moves(m, s)
        }),
        P::<S>::sometimes(
            "NonBlocking: nobody who is up was told, and one is",
            |_, s| {
                let c = &s.coordinator;
                let waits = |p: &Participant| p.voted && p.yes && p.decision.is_none();
                let told = s.up().any(|(rm, _)| c.told.contains(rm));
                !c.up && !c.told.is_empty() && !told && s.up().any(|(_, p)| waits(p))
            },
        ),
        P::<S>::sometimes(
            "NonBlocking: one commits whom the coordinator has not told",
            |_, s| {
                let c = &s.coordinator;
                let mut commits = s.up().filter(|(_, p)| p.decision == Some(Decision::Commit));
                !c.up && commits.any(|(rm, _)| !c.told.contains(rm))
            },
        ),
    ]
}

/// What is left of that where the broadcast is simple.
pub(super) fn of_blocking<S: RuleSet<Rule>>() -> Vec<Property<NonBlocking<S>>> {
    type P<S> = Property<NonBlocking<S>>;
    vec![
        P::<S>::always("BlockedOnlyWhenUncertain", |m, s| {
            let c = &s.coordinator;
            let mut waiting = s.up().filter(|(_, p)| p.decision.is_none());
            moves(m, s) || waiting.all(|(rm, p)| p.voted && p.yes && !c.up && !c.told.contains(rm))
        }),
        P::<S>::sometimes(
            "BlockedOnlyWhenUncertain: one waits for ever for what another has committed",
            |m, s| {
                let stays = s.up().any(|(_, p)| p.decision.is_none()) && !moves(m, s);
                stays && s.images().contains(RmState::Committed)
            },
        ),
        P::<S>::sometimes(
            "BlockedOnlyWhenUncertain: all who are up wait for ever",
            |m, s| {
                let mut up = s.up().peekable();
                up.peek().is_some() && up.all(|(_, p)| p.decision.is_none()) && !moves(m, s)
            },
        ),
    ]
}

/// Whether the protocol goes on by itself. Every step of its own leads forward and never back, so a live site that could never decide would come to a
/// state in which it does not.
fn moves<S: RuleSet<Rule>>(m: &NonBlocking<S>, s: &State) -> bool {
    let moves = |action| m.next_state(s, action).is_some_and(|t| t != *s);
    m.own_steps().any(moves)
}

/// The properties of steps.
pub(super) fn of_steps<S: RuleSet<Rule>>() -> Vec<StepProperty<NonBlocking<S>>> {
    vec![StepProperty {
        name: "AC2",
        holds: |_, s, _: &Action, t| ac2(&s.images(), &t.images()),
    }]
}

fn all(s: &State) -> impl Iterator<Item = &Participant> {
    s.participants.values().iter()
}

fn aborts(s: &State) -> bool {
    s.coordinator.decision == Some(Decision::Abort) || s.images().contains(RmState::Aborted)
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for NonBlocking<S> {
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
