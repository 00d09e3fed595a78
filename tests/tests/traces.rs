//! Counterexamples become documents: a search's finding told by its model, saved, read, and taken again.

use concur_checks::engine::explore::Plan;
use concur_checks::engine::lens::Breach;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::omission::omit;
use concur_checks::registry::RUNGS;
use concur_checks::trace::replay::{Outcome, replay};
use concur_checks::trace::save::of_omission;
use concur_checks::trace::{Trace, of_counterexample, story};
use concur_models::kit::{Spec, Tier};
use concur_tests::ours_shortest;
use stateright::Model;

/// The counterexample that follows from leaving a rule out.
fn without(rung: &str, rule: &str) -> Trace {
    let rung = RUNGS
        .iter()
        .find(|r| r.about().id() == rung)
        .expect("it is a rung");
    let about = rung.about();
    let card = about
        .rules
        .iter()
        .find(|card| card.name == rule)
        .expect("it is a rule");
    let (plan, progress) = (Plan::default(), Progress::default());
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &progress,
    };
    let omission = omit(*rung, card, Tier::Small, how).expect("its sizes give models");
    of_omission(&omission).expect("somebody misses the rule")
}

#[test]
fn a_story_tells_only_what_changed() {
    let trace = without("two-phase/two-phase", "TMCommitAllPrepared");
    let lines = story(&trace.behaviour);
    assert_eq!(
        lines[1..],
        [
            "  1  TMCommit             tm: tm_state Init ⇨ Committed; msgs.commit false ⇨ true",
            "  2  RMRcvCommitMsg(rm1)  rm1: rm_state Working ⇨ Committed",
        ]
    );
    assert_eq!(
        Trace::read(&trace.write()).expect("it was written here"),
        trace
    );
}

#[test]
fn a_trace_is_taken_again() {
    for (rung, rule) in [
        ("two-phase/two-phase", "TMCommitAllPrepared"),
        ("raft/abstract-raft", "CommitOwnTerm"),
        ("raft/durable-raft", "VoteSynced"),
        ("paxos/paxos", "P1bHigherBallot"),
        ("ring/ring", "RingAcceptEpoch"),
    ] {
        let trace = without(rung, rule);
        let replayed = replay(&trace).expect("the check exists");
        assert_eq!(replayed.outcome, Outcome::AsTold, "{rung} without {rule}");
        assert_eq!(replayed.path.len(), trace.behaviour.steps.len() + 1);
    }
}

#[test]
fn with_the_rule_the_trace_no_longer_applies() {
    let mut trace = without("two-phase/two-phase", "TMCommitAllPrepared");
    trace.about.without = None;
    let replayed = replay(&trace).expect("the check exists");
    assert!(
        matches!(replayed.outcome, Outcome::Gone(1, _)),
        "{replayed:?}"
    );
}

#[test]
fn a_step_that_leads_elsewhere_is_named_with_what_differs() {
    let mut trace = without("two-phase/two-phase", "TMCommitAllPrepared");
    trace.behaviour.steps[1].changes[0].to = None;
    let replayed = replay(&trace).expect("the check exists");
    let Outcome::Gone(2, why) = &replayed.outcome else {
        panic!("{replayed:?}");
    };
    assert!(
        why.contains("rm_state.rm1 is Committed, not nothing"),
        "{why}"
    );
}

#[test]
fn a_trace_that_ends_too_early_breaks_nothing() {
    let mut trace = without("two-phase/two-phase", "TMCommitAllPrepared");
    trace.behaviour.steps.pop();
    let replayed = replay(&trace).expect("the check exists");
    assert_eq!(
        replayed.outcome,
        Outcome::Otherwise("AC3 is kept".to_owned())
    );
}

concur_models::actions! {
    /// What happens to a fuse.
    pub enum Burn {
        /// It burns down by one.
        Shorter,
    }
}

/// A model that panics in its second step.
#[derive(Clone, Debug)]
struct Fuse;

impl Model for Fuse {
    type State = u8;
    type Action = Burn;

    fn init_states(&self) -> Vec<u8> {
        vec![1]
    }

    fn actions(&self, _: &u8, actions: &mut Vec<Burn>) {
        actions.push(Burn::Shorter);
    }

    fn next_state(&self, left: &u8, _: Burn) -> Option<u8> {
        Some(left.checked_sub(1).expect("there is something left"))
    }
}

impl Spec for Fuse {}

#[test]
fn a_panic_of_a_model_is_told_saved_and_read() {
    let behaviour = of_counterexample(&Fuse, &ours_shortest(&Fuse, Breach::Panic));
    let last = behaviour.steps.last().expect("it takes steps");
    assert!(last.panics && last.changes.is_empty(), "{last:?}");
    let mut trace = without("two-phase/two-phase", "TMCommitAllPrepared");
    trace.behaviour = behaviour;
    let read = Trace::read(&trace.write()).expect("it was written here");
    assert_eq!(read, trace);
    let told = story(&read.behaviour).join("\n");
    assert!(told.contains("panic"), "{told}");
}

#[test]
fn a_model_that_does_not_panic_any_more_is_said_to() {
    let mut trace = without("two-phase/two-phase", "TMCommitAllPrepared");
    let last = trace.behaviour.steps.last_mut().expect("it takes steps");
    last.panics = true;
    last.changes.clear();
    let replayed = replay(&trace).expect("the check exists");
    let Outcome::Gone(2, why) = &replayed.outcome else {
        panic!("{replayed:?}");
    };
    assert!(why.contains("does not make the model panic"), "{why}");
}
