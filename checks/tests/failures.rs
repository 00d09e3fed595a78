//! Whatever fails is saved as a trace that shows, replays and opens in the Explorer: one test for each kind of failure that has a behaviour to tell. `checks/trace/TRACE.md` lists those that have none.

mod program;

use std::path::PathBuf;

use concur_checks::trace::{BrokenKind, Trace};

use crate::program::{Explorer, Saved, concur, read, said, text};

/// The trace whose name begins so shows, replays as told, and opens in the Explorer at its end.
fn all_works(saved: &Saved, begins: &str) -> Trace {
    let file = saved.file(begins);
    let (path, trace) = (text(file), read(file));
    let steps = &trace.behaviour.steps;

    let shown = said(&concur(&["trace", "show", path, "--as", "story"]));
    let last = format!("\n {:>2}  ", steps.len());
    assert!(shown.contains(&last), "{} steps:\n{shown}", steps.len());
    let page = said(&concur(&["trace", "show", path, "--as", "html"]));
    assert!(page.contains("<svg"), "{page}");
    let replayed = concur(&["trace", "replay", path]);
    let told = said(&replayed);
    assert_eq!(replayed.status.code(), Some(0), "{told}");
    assert!(told.contains("broken, as told"), "{told}");
    let nothing = "(nothing happens)";
    let happens = steps.iter().filter(|step| step.action != nothing);
    let choices = Explorer::with(&["--trace", path]).choices.len();
    assert_eq!(choices, 1 + happens.count(), "{path}");
    trace
}

#[test]
fn a_property_of_states_that_fails() {
    let args = [
        "check",
        "paxos/paxos",
        "--param",
        "quorums=single",
        "--param",
        "acceptors=2",
    ];
    let trace = all_works(&Saved::by("states", &args, 1), "paxos.paxos");
    assert_eq!(trace.about.broken.kind, BrokenKind::Property);
}

#[test]
fn a_property_of_steps_that_fails_where_a_rule_is_left_out() {
    let saved = Saved::by("steps", &["rule", "TMRcvPreparedInit"], 0);
    let trace = all_works(&saved, "two-phase.two-phase");
    assert_eq!(trace.about.broken.property, "StableDecision");
    assert_eq!(
        trace.about.without.expect("a rule").rule,
        "TMRcvPreparedInit"
    );
}

#[test]
fn a_step_of_a_cluster_of_cores_that_the_model_does_not_allow() {
    let saved = Saved::by(
        "refinement",
        &["rule", "ReceiptOfTerm", "--tier", "small"],
        0,
    );
    let trace = all_works(&saved, "raft.cores");
    assert_eq!(trace.about.broken.property, "Refinement");
}

#[test]
fn a_promise_that_is_broken_for_ever() {
    let saved = Saved::by(
        "promise",
        &["check", "two-phase/durable-two-phase/live,participants=2"],
        0,
    );
    let trace = all_works(&saved, "two-phase.durable-two-phase");
    assert_eq!(trace.about.broken.kind, BrokenKind::Promise);
}

#[test]
fn a_walk_that_breaks_something() {
    let args = [
        "differ",
        "paxos/cores",
        "--without",
        "AcceptNotBelowPromise",
        "--cases",
        "40",
    ];
    let saved = Saved::by("walk", &args, 1);
    let trace = all_works(&saved, "paxos.cores.walks");
    let without = trace.about.without.as_ref().expect("a rule");
    assert_eq!(without.rule, "AcceptNotBelowPromise");
    // The commands that are printed are those that work.
    assert!(
        saved.printed.contains("concur trace replay"),
        "{}",
        saved.printed
    );
    // The command that finds it again does.
    let again: Vec<_> = trace.about.reproduce.split(' ').skip(1).collect();
    let again = all_works(&Saved::by("walk-again", &again, 1), "paxos.cores.walks");
    assert_eq!(again.behaviour, trace.behaviour);
}

#[test]
fn a_published_bug_that_is_found() {
    let trace = all_works(
        &Saved::by("bug", &["zoo", "PX03"], 0),
        "paxos.durable-paxos",
    );
    assert_eq!(trace.about.broken.property, "Agreement");
    let trace = all_works(
        &Saved::by("bug-for-ever", &["zoo", "PX17"], 0),
        "paxos.duel",
    );
    assert_eq!(trace.about.broken.kind, BrokenKind::Promise);
}

#[test]
fn what_is_never_seen_has_no_trace() {
    let saved = Saved::by("never", &["rule", "RMPrepareSends"], 0);
    assert!(saved.printed.contains("never seen"), "{}", saved.printed);
    assert_eq!(saved.files, Vec::<PathBuf>::new());
}
