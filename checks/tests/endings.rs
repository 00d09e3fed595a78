//! How commands end: where nobody reads what they print, where a search is cut short, where a folder cannot be used.

mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::{Limits, Progress};
use concur_checks::methods::How;
use concur_checks::methods::omission::omit;
use concur_checks::methods::zoo::{Safari, plant};
use concur_checks::registry::RUNGS;
use concur_checks::report::cut_short::of_evidence;
use concur_checks::report::files::Evidence;
use concur_checks::selector::{Only, select};
use concur_checks::suite::{Engine, Options, run};
use concur_checks::zoo;
use concur_models::kit::Tier;

use crate::program::{command, concur, said, text};

// ------------------------------------------------------------------------------------------------ Nobody reads

/// The exit code where the reader of standard output, or of standard error, is gone from the start.
fn unread(args: &[&str], output: bool) -> Option<i32> {
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("there are pipes");
        drop(reader);
        Stdio::from(writer)
    };
    let mut command = command(args);
    match output {
        true => command.stdout(gone()).stderr(Stdio::null()),
        false => command.stdout(Stdio::null()).stderr(gone()),
    };
    let status = command.status().expect("concur runs");
    status.code()
}

#[test]
fn what_only_prints_succeeds_where_nobody_reads_on() {
    for args in [&["list", "two-phase"][..], &["completions", "bash"]] {
        assert_eq!(unread(args, true), Some(0), "{args:?}");
    }
}

#[test]
fn what_judges_does_not_succeed_where_nobody_reads_on() {
    let size = "two-phase/two-phase/rms=3";
    for args in [
        &["check", size][..],
        &["check", size, "--max-depth", "3", "--format", "json"],
        &["rule", "PrepareWorking"],
        &["omit", "two-phase/tcommit"],
        &["zoo", "CH06"],
    ] {
        assert_eq!(unread(args, true), Some(141), "{args:?}");
    }
}

#[test]
fn an_error_that_nobody_reads_is_an_error() {
    assert_eq!(unread(&["check", "nosuch"], false), Some(2));
}

#[test]
#[cfg(target_os = "linux")]
fn a_script_that_cannot_be_written_is_an_error() {
    let full = std::fs::File::create("/dev/full").expect("it is there");
    let mut command = command(&["completions", "bash"]);
    let output = command.stdout(full).output().expect("concur runs");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).starts_with("error: "), "{}", said(&output));
}

// ------------------------------------------------------------------------------------------------ Cut short

/// A folder of its own, empty.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("endings-{name}"));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("there is room");
    dir
}

#[test]
fn a_rule_left_out_is_unknown_where_its_searches_were_cut_short() {
    let output = concur(&["omit", "two-phase/tcommit", "--max-depth", "1"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let sum = "0 caught, 0 declared redundant, 0 not as expected, 5 unknown\n";
    assert!(said.contains(sum), "{said}");
    let claims = ["redundant: ", "also with symmetry"];
    assert!(!claims.iter().any(|claim| said.contains(claim)), "{said}");
    for rule in ["DecideCommitPrepared", "PrepareWorking"] {
        let output = concur(&["rule", rule, "--max-depth", "1"]);
        assert_eq!(output.status.code(), Some(3), "{rule}");
    }
}

#[test]
fn what_was_cut_short_is_told_and_by_what() {
    let plan = |max_depth| Plan {
        limits: Limits {
            max_depth,
            ..Limits::default()
        },
        ..Plan::default()
    };
    let (whole, cut) = (of_evidence(&found(plan(None))), plan(Some(2)));
    assert_eq!(whole, Vec::<String>::new());
    let lines = of_evidence(&found(cut));
    let begins = [
        "two-phase/tcommit/rms=3: ",
        "two-phase/tcommit without PrepareWorking: ",
        "TP11, ",
    ];
    assert_eq!(lines.len(), begins.len(), "{lines:?}");
    for (line, begin) in lines.iter().zip(begins) {
        let by = "--max-depth";
        assert!(line.starts_with(begin) && line.contains(by), "{line}");
    }
}

#[test]
fn what_clusters_do_is_unknown_where_their_searches_were_cut_short() {
    for (limit, most) in [
        ("--max-states", "300"),
        ("--max-depth", "5"),
        ("--timeout", "0s"),
    ] {
        let output = concur(&["check", "paxos/cores/repertoire", limit, most]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("unknown: ") && said.contains(limit), "{said}");
    }
}

#[test]
fn a_walk_ends_where_a_limit_is_reached_and_is_unknown() {
    let many = [
        "differ",
        "two-phase",
        "--cases",
        "1",
        "--steps",
        "100000000",
    ];
    for limit in [["--timeout", "1s"], ["--max-memory", "1MB"]] {
        let output = concur(&[&many[..], &limit, &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(3), "{}", said(&output));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let walks = document["checks"].as_array().expect("it has checks");
        let unknown = walks.iter().filter(|walk| {
            assert_eq!(walk["properties"][0]["status"], walk["verdict"], "{walk}");
            walk["verdict"] == "unknown" && walk["remarks"][0].to_string().contains(limit[0])
        });
        assert!(unknown.count() > 0, "{document}");
    }
    let output = concur(&["differ", "two-phase", "--max-states", "3"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn after_the_last_seed_comes_the_first() {
    let last = u64::MAX.to_string();
    let output = concur(&["differ", "paxos/cores", "--cases", "2", "--seed", &last]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn an_expected_failure_is_one_for_each_engine_that_looks_at_it() {
    let broken = "two-phase/durable-two-phase/";
    let code = |size: &str, engine| {
        let size = format!("{broken}{size}");
        let output = concur(&["check", &size, "--engine", engine]);
        output.status.code()
    };
    for engine in ["concur", "naive", "stateright-bfs", "stateright-dfs"] {
        // There AC1 fails, too, and comes first.
        assert_eq!(code("presume=commit", engine), Some(0), "{engine}");
        let sees_steps = ["concur", "naive"].contains(&engine);
        let expected = if sees_steps { Some(0) } else { Some(3) };
        assert_eq!(code("in_doubt=aborts", engine), expected, "{engine}");
    }
}

/// A check, a rule left out, and a bug.
fn found(plan: Plan) -> Evidence {
    let progress = Progress::default();
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &progress,
    };
    let options = Options {
        tier: Tier::Small,
        engine: Engine::Concur,
        plan: plan.clone(),
        symmetry: false,
    };
    let one = ["two-phase/tcommit/rms=3".to_owned()];
    let targets = select(&one, Tier::Small, &[], Only::Everything).expect("it is there");
    let mut rungs = RUNGS.iter();
    let rung = rungs.find(|rung| rung.about().id() == "two-phase/tcommit");
    let rung = rung.expect("it is there");
    let rules = rung.about().rules;
    let card = rules.iter().find(|card| card.name == "PrepareWorking");
    let card = card.expect("it is there");
    let bug = zoo::select(&["TP11".to_owned()]).expect("it is there")[0];
    let safari = Safari {
        tier: Tier::Small,
        matrix: false,
        how,
    };
    Evidence {
        results: vec![run(&targets[0], &options, &progress).expect("it fits")],
        omissions: vec![omit(*rung, card, Tier::Small, how).expect("it fits")],
        zoo: vec![plant(bug, safari).expect("it fits")],
        ..Evidence::default()
    }
}

/// Ctrl-C, as soon as it is listened for.
#[test]
#[cfg(target_os = "linux")]
fn reports_that_are_interrupted_are_not_written() {
    let dir = folder("interrupted");
    let mut report = command(&["report", "--only", "zoo", "--threads", "1"]);
    let report = report.args(["--dir", text(&dir)]);
    let report = report.stdout(Stdio::piped()).stderr(Stdio::piped());
    let report = report.spawn().expect("concur runs");
    let process = report.id();
    while !listens(process) {
        std::thread::yield_now();
    }
    let mut kill = std::process::Command::new("kill");
    let sent = kill.args(["-INT", &process.to_string()]).status();
    assert!(sent.expect("there is such a command").success());
    let output = report.wait_with_output().expect("it ends");
    let said = said(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("nothing was written"), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    let written = fs::read_dir(&dir).expect("it is there").count();
    assert_eq!(written, 0, "{said}");
    let _ = fs::remove_dir_all(&dir);
}

/// Whether a process catches SIGINT, as Linux says; of one that has ended, too, so that nobody waits for it.
#[cfg(target_os = "linux")]
fn listens(process: u32) -> bool {
    const SIGINT: u64 = 1 << 1;
    let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) else {
        return true;
    };
    let mut lines = status.lines();
    let caught = lines.find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_none_or(|caught| caught & SIGINT != 0)
}

// ------------------------------------------------------------------------------------------------ Folders

#[test]
fn folders_that_cannot_be_used_are_found_out_before_anything_runs() {
    let dir = folder("folders");
    let file = dir.join("file");
    fs::write(&file, "no folder").expect("there is room");
    let below = file.join("traces");
    for args in [
        &["check", "two-phase/two-phase/rms=3", "--format", "json"][..],
        &["differ", "paxos/cores", "--cases", "1"],
        &["omit", "two-phase/tcommit"],
        &["rule", "PrepareWorking"],
        &["zoo", "CH06"],
    ] {
        let output = concur(&[args, &["--save-traces", text(&below)]].concat());
        refused(&output, &below);
        assert!(said(&output).contains("--save-traces"), "{args:?}");
    }
    let nowhere = dir.join("nowhere");
    let output = concur(&["check", "--against", text(&nowhere)]);
    refused(&output, &nowhere);
    let _ = fs::remove_dir_all(&dir);
}

/// An error that names the path, and nothing else.
fn refused(output: &Output, path: &Path) {
    assert_eq!(output.status.code(), Some(2), "{}", said(output));
    assert_eq!(output.stdout, b"", "{}", said(output));
    assert!(said(output).contains(text(path)), "{}", said(output));
}
