//! The command line: help, lists, results, errors and exit codes, as snapshots.

use std::process::{Command, Output};

use concur_rules::Rule as _;
use concur_rules::paxos::PaxosRule;
use serde_json::Value;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_concur"))
        .args(args)
        .env("COLUMNS", "110")
        .output()
        .expect("concur runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("concur prints text")
}

/// The output of a run that ends with `code`; times are left out.
fn snapshot(name: &str, args: &[&str], code: i32) {
    let output = run(args);
    let all = format!(
        "$ concur {}\n{}{}exit code {}\n",
        args.join(" "),
        text(&output.stdout),
        text(&output.stderr),
        output.status.code().expect("it ends by itself")
    );
    assert_eq!(output.status.code(), Some(code), "{all}");
    insta::with_settings!({
        filters => vec![(r"\d+\.\d\d ?\n", "[seconds]\n"), (r"in \d+\.\d s\n", "in [seconds] s\n")],
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, all);
    });
}

fn json(args: &[&str]) -> (Value, i32) {
    let output = run(args);
    let document = serde_json::from_slice(&output.stdout).expect("one document, nothing else");
    (document, output.status.code().expect("it ends by itself"))
}

#[test]
fn help_says_what_there_is() {
    snapshot("help", &["--help"], 0);
    for command in [
        "check",
        "list",
        "rule",
        "omit",
        "zoo",
        "explore",
        "trace",
        "report",
        "completions",
    ] {
        snapshot(&format!("help_{command}"), &[command, "--help"], 0);
    }
}

#[test]
fn a_ladder_is_listed_with_its_sizes() {
    snapshot("list_two_phase", &["list", "two-phase"], 0);
}

#[test]
fn a_check_shows_what_holds_and_how_far_it_looked() {
    snapshot(
        "check_one",
        &["check", "two-phase/two-phase/rms=3", "--threads", "1"],
        0,
    );
    snapshot(
        "check_ladder",
        &["check", "two-phase", "--tier", "small", "--threads", "1"],
        0,
    );
    snapshot(
        "check_symmetry",
        &["check", "two-phase/two-phase/rms=5", "--symmetry", "on"],
        0,
    );
}

#[test]
fn threads_make_no_difference_to_what_is_said() {
    let said = |command: &[&str], threads| {
        let output = run(&[command, &["--threads", threads]].concat());
        let said = text(&output.stdout) + &text(&output.stderr);
        // All but seconds, and lines that are as wide as they are.
        let words = said.split_whitespace();
        let words = words.filter(|word| word.parse::<f64>().is_err() || !word.contains('.'));
        let words = words.filter(|word| word.chars().any(|letter| letter.is_ascii_graphic()));
        let words: Vec<_> = words.map(str::to_owned).collect();
        (words, output.status.code())
    };
    for command in [
        &["check", "two-phase/two-phase", "two-phase/cores/walks"][..],
        &["omit", "paxos/voting"],
        &["zoo", "CH06", "TP12"],
        &["differ", "paxos/cores", "--cases", "4", "--steps", "40"],
        &["differ", "paxos/cores", "--without", "PromiseHigher"],
    ] {
        let one = said(command, "1");
        assert_eq!(one, said(command, "3"), "{command:?}");
    }
}

#[test]
fn an_expected_failure_is_a_result() {
    let id = "paxos/paxos/acceptors=3,values=2,max_ballot=1,quorums=single";
    snapshot(
        "check_expected_failure",
        &["check", id, "--threads", "1"],
        0,
    );
}

#[test]
fn a_published_bug_is_found_for_what_its_source_names() {
    let args = ["zoo", "CH06", "CH09", "TP12", "--matrix", "--threads", "1"];
    snapshot("zoo_matrix", &args, 0);
    snapshot("zoo_elsewhere", &["zoo", "RF50"], 2);
    let (document, code) = json(&["zoo", "CH06", "--format", "json"]);
    assert_eq!(code, 0);
    assert_eq!(document["bugs"][0]["breaks"], "Total Lookup");
    assert_eq!(document["bugs"][0]["sighting"]["found"], true);
}

#[test]
fn an_unexpected_failure_is_told_as_a_story() {
    let args = [
        "check",
        "paxos/paxos",
        "--threads",
        "1",
        "--param",
        "quorums=single",
        "--param",
        "acceptors=2",
    ];
    snapshot("check_unexpected_failure", &args, 1);
}

#[test]
fn a_limit_is_unknown_and_never_a_pass() {
    for limit in [
        ["--max-states", "100"],
        ["--max-depth", "3"],
        ["--max-memory", "1B"],
        ["--timeout", "0s"],
    ] {
        let mut args = vec!["check", "two-phase/two-phase/rms=5", "--format", "json"];
        args.extend(limit);
        let (document, code) = json(&args);
        assert_eq!(code, 3, "{limit:?}");
        let check = &document["checks"][0];
        assert_eq!(check["verdict"], "unknown");
        assert_eq!(check["as_expected"], false);
        assert_eq!(check["reach"]["kind"], "bounded");
        assert!(check["stop"].is_string());
    }
    snapshot(
        "check_limited",
        &["check", "two-phase/two-phase/rms=5", "--max-depth", "3"],
        3,
    );
}

#[test]
fn a_vacuous_property_is_not_a_pass() {
    let (document, code) = json(&[
        "check",
        "two-phase/two-phase",
        "--param",
        "rms=1",
        "--format",
        "json",
    ]);
    assert_eq!(
        code, 0,
        "with one resource manager everything can still happen"
    );
    assert_eq!(document["checks"][0]["verdict"], "holds");
    let args = [
        "check",
        "paxos/voting",
        "--param",
        "acceptors=1",
        "--param",
        "values=1",
        "--param",
        "max_ballot=0",
    ];
    snapshot("check_vacuous", &args, 3);
}

#[test]
fn the_json_document_has_the_fields_that_are_documented() {
    let (document, code) = json(&[
        "check",
        "two-phase/two-phase",
        "--param",
        "rms=4",
        "--format",
        "json",
    ]);
    assert_eq!(code, 0);
    assert_eq!(document["schema"], "concur.check");
    assert_eq!(document["version"], 2);
    let check = &document["checks"][0];
    assert_eq!(check["id"], "two-phase/two-phase/rms=4");
    assert_eq!(check["reach"]["kind"], "every");
    assert_eq!(check["reach"]["distinct"], 1_568);
    assert_eq!(check["reach"]["depth"], 14);
    assert_eq!(check["reach"]["generated"], 8_258);
    for (value, what) in [
        (&document, "document"),
        (check, "check"),
        (&check["reach"], "reach"),
    ] {
        is_documented(value, what);
    }
}

fn is_documented(value: &Value, what: &str) {
    let documented = include_str!("../JSON.md");
    for field in value.as_object().expect("an object").keys() {
        assert!(
            documented.contains(&format!("`{field}`")),
            "{field} of the {what} is not documented"
        );
    }
}

/// Acceptors that promise whatever they are asked to: what the model says of that is named, for people and for programs.
#[test]
fn the_rule_of_the_model_that_a_core_breaks_is_named() {
    let walk = &["differ", "paxos/cores", "--without", "PromiseHigher"][..];
    let once = &["--cases", "1", "--threads", "1"][..];
    snapshot("differ_broken_rule", &[walk, once].concat(), 1);
    let (document, code) = json(&[walk, once, &["--format", "json"]].concat());
    assert_eq!(code, 1);
    let failure = &document["checks"][0]["failure"];
    assert_eq!(failure["property"], "Refinement");
    let rule = PaxosRule::P1bHigherBallot.card();
    let named = serde_json::json!([{ "rule": rule.name, "says": rule.says }]);
    assert_eq!(failure["breaks"], named);
    is_documented(failure, "failure");
    is_documented(&failure["breaks"][0], "broken rule");
}

/// What fails of the promise on top breaks no rule of a model above.
#[test]
fn a_property_that_fails_by_steps_of_the_model_above_names_no_rule() {
    let id = "paxos/paxos/acceptors=3,values=2,max_ballot=1,quorums=single";
    let (document, _) = json(&["check", id, "--format", "json"]);
    let failure = &document["checks"][0]["failure"];
    assert!(failure["property"].is_string(), "{failure}");
    assert_eq!(failure.get("breaks"), None);
}

#[test]
fn what_is_wrong_is_said_with_what_is_possible() {
    snapshot("unknown_selector", &["check", "three-phase"], 2);
    let part = ["check", "paxos", "--against", "reports"];
    snapshot("against_a_part", &part, 2);
    snapshot(
        "unknown_configuration",
        &["check", "two-phase/two-phase/rms=99"],
        2,
    );
    snapshot(
        "unknown_parameter",
        &["check", "two-phase/two-phase", "--param", "rm=3"],
        2,
    );
    snapshot(
        "value_out_of_range",
        &["check", "two-phase/two-phase", "--param", "rms=99"],
        2,
    );
    snapshot(
        "value_of_a_choice",
        &["check", "paxos/paxos", "--param", "quorums=most"],
        2,
    );
    snapshot(
        "malformed_parameter",
        &["check", "two-phase", "--param", "rms"],
        2,
    );
    let size = "two-phase/two-phase/rms=3";
    let named_and_set = ["check", size, "--param", "rms=4"];
    snapshot("named_and_set", &named_and_set, 2);
    let rung = "two-phase/two-phase";
    let twice = ["check", rung, "--param", "rms=3", "--param", "rms=4"];
    snapshot("set_twice", &twice, 2);
    let promises = ["check", "ring/placement", "--only", "liveness"];
    snapshot("nothing_promised", &promises, 2);
    snapshot(
        "engine_without_limits",
        &[
            "check",
            "two-phase",
            "--engine",
            "naive",
            "--max-states",
            "9",
        ],
        2,
    );
    snapshot(
        "engine_without_symmetry",
        &["check", "--engine", "stateright-bfs", "--symmetry", "on"],
        2,
    );
    let unknown_rule = text(&run(&["rule", "TMCommitNever"]).stderr);
    assert!(
        unknown_rule.contains("TMCommitAllPrepared"),
        "{unknown_rule}"
    );
}

#[test]
fn what_is_not_there_is_refused_by_each_command_that_selects() {
    let size = "two-phase/two-phase/rms=3";
    for (args, says) in [
        (&["list", "raft/raft/%%%"][..], "no configuration `%%%`"),
        (
            &["omit", "two-phase/two-phase/nope"],
            "no configuration `nope`",
        ),
        (
            &["differ", "two-phase/cores/nope"],
            "no configuration `nope`",
        ),
        (&["differ", "two-phase/two-phase"], "is no cluster of cores"),
        (&["conform", size], "is no cluster of cores"),
        (&["conform", "paxos/duel"], "is no cluster of cores"),
        (
            &["conform", "raft", "--only", "liveness"],
            "concur check --only liveness",
        ),
        (&["check", size, "--only", "liveness"], "promises anything"),
        (
            &[
                "check",
                "two-phase/two-phase/coverage",
                "--only",
                "liveness",
            ],
            "promises anything",
        ),
        (
            &["check", "paxos/duel/live,acceptors=2", "--only", "safety"],
            "says what never happens",
        ),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = text(&output.stderr);
        assert!(
            said.starts_with("error: ") && said.contains(says),
            "{args:?}: {said}"
        );
        assert_eq!(output.stdout, b"", "{args:?}");
    }
}

#[test]
fn a_rule_shows_the_shortest_disaster_without_it() {
    snapshot(
        "rule",
        &["rule", "TMCommitAllPrepared", "--threads", "1"],
        0,
    );
}

#[test]
fn every_engine_can_be_asked() {
    for engine in ["all", "concur", "stateright-bfs", "stateright-dfs", "naive"] {
        let (document, code) = json(&[
            "check",
            "two-phase/two-phase/rms=4",
            "--engine",
            engine,
            "--format",
            "json",
        ]);
        assert_eq!(code, 0, "{engine}");
        assert_eq!(
            document["checks"][0]["reach"]["distinct"], 1_568,
            "{engine}"
        );
    }
}

#[test]
fn omission_covers_every_rule_of_a_rung() {
    snapshot("omit_tcommit", &["omit", "two-phase/tcommit"], 0);
    let (document, code) = json(&[
        "omit",
        "two-phase/two-phase",
        "--tier",
        "small",
        "--format",
        "json",
    ]);
    assert_eq!(code, 0);
    assert_eq!(document["omissions"].as_array().map(Vec::len), Some(16));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success() && text(&output.stdout).contains("explore"));
    }
}

#[test]
fn a_promise_is_shown_with_what_it_assumes_and_a_broken_one_with_its_lasso() {
    let kept = ["check", "two-phase/two-phase/live,rms=3"];
    snapshot("check_promise_kept", &kept, 0);
    let broken = ["check", "raft/live-raft/live,servers=2,timers=together"];
    snapshot("check_promise_broken", &broken, 0);
}

#[test]
fn a_broken_promise_comes_with_its_lasso_for_programs_too() {
    let id = "paxos/duel/live,acceptors=2";
    let (document, code) = json(&["check", id, "--format", "json"]);
    assert_eq!(code, 0);
    let check = &document["checks"][0];
    assert_eq!(check["verdict"], "fails");
    assert_eq!(check["as_expected"], true);
    let promises = check["promises"].as_array().expect("promises were judged");
    let broken = promises.iter().find(|promise| promise["status"] == "fails");
    let broken = broken.expect("nobody wins for ever");
    assert!(
        !broken["assuming"]
            .as_array()
            .expect("it assumes something")
            .is_empty()
    );
    let lasso = &broken["lasso"];
    let steps = lasso["steps"].as_array().expect("something happens").len() as u64;
    let stem = lasso["lasso"]["stem"].as_u64().expect("there is a cycle");
    assert_eq!(steps - stem, 24);
    let fair = lasso["lasso"]["fair"].as_array().expect("it is fair");
    assert!(!fair.is_empty());
}

#[test]
fn a_limit_leaves_a_promise_unknown() {
    let id = "two-phase/two-phase/live,rms=7";
    let (document, code) = json(&["check", id, "--max-states", "1000", "--format", "json"]);
    assert_eq!(code, 3);
    let check = &document["checks"][0];
    assert_eq!(check["verdict"], "unknown");
    assert_eq!(check["stop"], "max-states");
}

#[test]
fn what_is_not_sound_for_promises_is_refused_with_the_reason() {
    let symmetry = ["check", "--only", "liveness", "--symmetry", "on"];
    snapshot("promises_and_symmetry", &symmetry, 2);
    let engine = ["check", "--only", "liveness", "--engine", "stateright-bfs"];
    snapshot("promises_and_stateright", &engine, 2);
}
