//! `--save-traces` and `concur trace`: what is saved can be shown and taken again; what is no trace, or applies no more, is said so.

mod program;

use std::fs;
use std::path::Path;

use crate::program::{Saved, concur, read, said, text};

fn replay(file: &Path) -> (Option<i32>, String) {
    let output = concur(&["trace", "replay", text(file)]);
    (output.status.code(), said(&output))
}

#[test]
fn what_fails_is_saved_and_the_commands_that_are_shown_work() {
    let args = [
        "check",
        "paxos/paxos",
        "--param",
        "quorums=single",
        "--param",
        "acceptors=2",
    ];
    let saved = Saved::by("check", &args, 1);
    let [file] = &saved.files[..] else {
        panic!("{:?}", saved.files);
    };
    for command in ["trace replay", "explore --trace", "trace show"] {
        let whole = format!("concur {command} '{}'", file.display());
        let printed = &saved.printed;
        assert!(printed.contains(&whole), "{whole} is not in\n{printed}");
    }
    let (code, replayed) = replay(file);
    assert_eq!(code, Some(0), "{replayed}");
    assert!(replayed.contains("broken, as told"), "{replayed}");
}

#[test]
fn broken_promises_are_saved_as_lassos() {
    let saved = Saved::by(
        "live",
        &["check", "two-phase/durable-two-phase/live,participants=2"],
        0,
    );
    assert!(!saved.files.is_empty());
    for file in &saved.files {
        let (code, replayed) = replay(file);
        assert_eq!(code, Some(0), "{replayed}");
    }
    // Without its cycle a lasso breaks no promise: something that is assumed would happen.
    let file = &saved.files[0];
    let mut trace = read(file);
    trace.behaviour.lasso.as_mut().expect("it is a lasso").stem = 0;
    let steps = &mut trace.behaviour.steps;
    let stutter = steps.pop().expect("it has a cycle");
    *steps = vec![stutter];
    fs::write(file, trace.write()).expect("there is room");
    let (code, replayed) = replay(file);
    assert_eq!(code, Some(1), "{replayed}");
    assert!(replayed.contains("not fair"), "{replayed}");
}

#[test]
fn rules_left_out_are_saved_by_omit() {
    let saved = Saved::by(
        "omit",
        &["omit", "two-phase/two-phase", "--tier", "small"],
        0,
    );
    assert!(saved.files.len() > 5, "{:?}", saved.files);
    let (code, replayed) = replay(&saved.files[0]);
    assert_eq!(code, Some(0), "{replayed}");
}

/// Several messages are sent in one step there, with fields of the same names.
#[test]
fn what_cores_do_without_a_rule_is_saved_and_replays() {
    for rule in ["PreVoteQuorum", "CommitOwnTerm"] {
        let saved = Saved::by(rule, &["rule", rule], 0);
        assert!(!saved.files.is_empty());
        for file in &saved.files {
            let (code, replayed) = replay(file);
            assert_eq!(code, Some(0), "{}: {replayed}", file.display());
        }
    }
}

#[test]
fn every_view_shows_a_trace() {
    let saved = Saved::by("views", &["rule", "TMCommitAllPrepared"], 0);
    let file = text(&saved.files[0]);
    for (view, shows) in [
        ("story", "rm1: rm_state Working ⇨ Committed"),
        ("sequence", "● TMCommit"),
        ("table", "TMCommit"),
        ("json", "\"schema\": \"concur.trace\""),
        ("mermaid", "sequenceDiagram"),
        ("svg", "<svg"),
        ("html", "<!DOCTYPE html>"),
        ("shiviz", "{\"tm\":1}"),
    ] {
        let output = concur(&["trace", "show", file, "--as", view]);
        assert_eq!(output.status.code(), Some(0), "{view}: {}", said(&output));
        assert!(said(&output).contains(shows), "{view}: {}", said(&output));
    }
}

#[test]
fn a_trace_of_another_model_names_the_step_at_which_they_differ() {
    let saved = Saved::by("other", &["rule", "TMCommitAllPrepared"], 0);
    let file = &saved.files[0];
    let text = fs::read_to_string(file).expect("it was written");
    for (from, to, says) in [
        (
            "RMRcvCommitMsg(rm1)",
            "RMRcvCommitMessage(rm1)",
            "not step 2 of 2: there is no RMRcvCommitMessage(rm1)",
        ),
        (
            "\"to\": \"Committed\"",
            "\"to\": \"Done\"",
            "not step 1 of 2: TMCommit leads elsewhere: tm_state is Committed, not Done",
        ),
    ] {
        fs::write(file, text.replacen(from, to, 1)).expect("there is room");
        let (code, replayed) = replay(file);
        assert_eq!(code, Some(1), "{replayed}");
        assert!(replayed.contains(says), "{replayed}");
    }
}

#[test]
fn garbage_is_bad_usage_with_a_reason() {
    let file = std::env::temp_dir().join(format!("concur-garbage-{}.json", std::process::id()));
    for (text, says) in [
        ("garbage", "this is no trace"),
        (
            "{\"schema\": \"concur.check\", \"version\": 2}",
            "concur.check",
        ),
        (
            "{\"schema\": \"concur.trace\", \"version\": 7}",
            "version 7",
        ),
    ] {
        fs::write(&file, text).expect("there is room");
        let (code, said) = replay(&file);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(says), "{said}");
    }
    fs::remove_file(&file).expect("it was written");
    let (code, said) = replay(&file);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn the_traces_that_views_are_tested_with_still_apply() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("trace/tests/traces");
    for file in fs::read_dir(dir).expect("it is there") {
        let (code, replayed) = replay(&file.expect("it can be read").path());
        assert_eq!(code, Some(0), "{replayed}");
    }
}
