//! The formats that other programs read: each is well formed, says the same as the results, and survives text that looks like markup.

mod schema;

use std::path::PathBuf;
use std::process::{Command, Output};

use concur_checks::clusters::CLUSTERS;
use concur_checks::conformance::walk;
use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::conformance::Walks;
use concur_checks::registry::{RUNGS, values_of};
use concur_checks::report::cases::{Case, Outcome, Suite, Topic, of_checks};
use concur_checks::report::source::{Place, Sources};
use concur_checks::report::{github, junit, markdown, sarif};
use concur_checks::trace::Behaviour;
use concur_checks::verdict::{CheckResult, Failure};
use concur_models::kit::Values;
use concur_trace::{Event, Step, Value as Tree};
use serde_json::Value;

use crate::schema::Schema;

/// Fails, and should not.
const FAILS: &[&str] = &[
    "check",
    "paxos/paxos",
    "--param",
    "quorums=single",
    "--param",
    "acceptors=2",
];
/// Holds.
const HOLDS: &[&str] = &["check", "two-phase/two-phase/rms=3"];
/// Nobody knows.
const UNKNOWN: &[&str] = &["check", "two-phase/two-phase/rms=5", "--max-depth", "3"];
/// Says nothing of some properties, and is declared to.
const VACUOUS: &[&str] = &[
    "check",
    "two-phase/durable-two-phase/participants=2,crashes=0,read_only=0",
];
/// Fails, as it should.
const EXPECTED: &[&str] = &["check", "two-phase/durable-two-phase/votes=none"];

fn concur(args: &[&str], format: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concur"));
    command
        .args(args)
        .args(["--threads", "1", "--format", format])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env_remove("GITHUB_STEP_SUMMARY");
    command
}

fn run(args: &[&str], format: &str) -> (String, Option<i32>) {
    let Output { stdout, status, .. } = concur(args, format).output().expect("concur runs");
    let text = String::from_utf8(stdout).expect("concur prints text");
    (text, status.code())
}

/// The output without its times.
fn snapshot(name: &str, text: &str) {
    insta::with_settings!({
        filters => vec![
            (r#"time="\d+\.\d+""#, r#"time="[seconds]""#),
            (r"\| \d+\.\d\d \|", "| [seconds] |"),
        ],
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

fn schema() -> Schema {
    Schema::parse(include_str!("schemas/junit.xsd"))
}

// ---------------------------------------------------------------------------------------------------------------- JUnit

#[test]
fn junit_is_valid_and_counts_what_is_not_as_expected() {
    for (args, code, failures, errors) in [
        (HOLDS, 0, "0", "0"),
        (EXPECTED, 0, "0", "0"),
        (VACUOUS, 0, "0", "0"),
        (FAILS, 1, "1", "0"),
    ] {
        let (text, ended) = run(args, "junit");
        assert_eq!(ended, Some(code), "{args:?}");
        let document = roxmltree::Document::parse(&text).expect("it is XML");
        schema().validate(&document).expect("it is valid");
        let root = document.root_element();
        assert_eq!(root.attribute("failures"), Some(failures), "{args:?}");
        assert_eq!(root.attribute("errors"), Some(errors), "{args:?}");
    }
}

#[test]
fn what_is_unknown_is_an_error_and_what_is_vacuous_says_so() {
    let (text, code) = run(UNKNOWN, "junit");
    assert_eq!(code, Some(3));
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    schema().validate(&document).expect("it is valid");
    assert_ne!(document.root_element().attribute("errors"), Some("0"));
    let (text, _) = run(VACUOUS, "junit");
    assert!(
        text.contains(r#"<skipped message="vacuous: not claimed at this size"#),
        "{text}"
    );
}

/// A schema that accepts anything would be no test.
#[test]
fn the_schema_refuses_what_is_not_junit() {
    let (text, _) = run(FAILS, "junit");
    for (right, wrong) in [
        ("<failure ", "<mistake "),
        (" classname=", " class="),
        (r#"tests=""#, r#"tests="many "#),
        ("<testcase ", "<testsuite "),
    ] {
        let text = text.replace(right, wrong).replace(
            "</failure>",
            match wrong {
                "<mistake " => "</mistake>",
                _ => "</failure>",
            },
        );
        let refused = roxmltree::Document::parse(&text)
            .map_or_else(|_| true, |document| schema().validate(&document).is_err());
        assert!(refused, "{wrong}");
    }
}

/// The interpreter of the schema above is ours; where the usual one is installed, it is asked, too.
#[test]
fn xmllint_agrees_where_it_is_installed() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/junit.xsd");
    for args in [HOLDS, FAILS, UNKNOWN] {
        let file = scratch("xmllint.xml");
        std::fs::write(&file, run(args, "junit").0).expect("there is room");
        let ran = Command::new("xmllint")
            .args(["--noout", "--schema", schema])
            .arg(&file)
            .output();
        let _ = std::fs::remove_file(&file);
        match ran {
            Ok(output) => assert!(output.status.success(), "{output:?}"),
            Err(_) => return eprintln!("skipped: there is no xmllint"),
        }
    }
}

#[test]
fn junit_and_github_look_like_this() {
    snapshot("junit_fails", &run(FAILS, "junit").0);
    snapshot("github_fails", &run(FAILS, "github").0);
    snapshot("markdown_fails", &run(FAILS, "markdown").0);
    snapshot("sarif_fails", &run(FAILS, "sarif").0);
    snapshot("junit_expected", &run(EXPECTED, "junit").0);
}

// ------------------------------------------------------------------------------------------------------ Broken rules

/// Acceptors without this guard promise whatever they are asked to.
const WITHOUT: &str = "PromiseHigher";
/// The rule of the model above that they break.
const BREAKS: &str = "P1bHigherBallot";

fn quietly<T>(look: impl FnOnce(How<'_>) -> T) -> T {
    look(How {
        plan: &Plan::default(),
        symmetry: false,
        progress: &Progress::default(),
    })
}

/// A random walk of such acceptors, as the result of a check.
fn walked() -> CheckResult {
    let walkers = CLUSTERS.iter().find(|of| of.id() == "paxos/cores");
    let walkers = *walkers.expect("there are such clusters");
    let size = &walkers.walks()[0];
    let walks = Walks {
        values: &Values::new(walkers.params(), size.settings),
        without: Some(WITHOUT),
        seed: 0,
        cases: 1,
        steps: size.steps,
    };
    let id = "paxos/cores/walks".to_owned();
    quietly(|how| walk(walkers, id, walks, how)).expect("a size for walks fits")
}

/// A shortest story of such acceptors at the first size that has one.
fn searched() -> Option<Failure> {
    let rung = RUNGS.iter().find(|rung| rung.about().id() == "paxos/cores");
    let rung = rung.expect("there is such a rung");
    let about = rung.about();
    about.configs.iter().find_map(|config| {
        let values = values_of(about.params, config);
        let found = quietly(|how| rung.examine(&values, Some(WITHOUT), how));
        found.expect("a named size fits").failure
    })
}

#[test]
fn every_format_names_the_rule_that_a_step_breaks() {
    let results = [walked()];
    let suites = of_checks(&results, &[], &Sources::around(&root()));
    let named = format!("by a step that breaks {BREAKS}");
    for text in [
        junit::document(&suites).expect("it can be written"),
        sarif::document(&suites).expect("it can be written"),
        github::annotations(&suites),
        markdown::document("walks", &suites),
    ] {
        assert!(text.contains(&named), "{text}");
    }
}

#[test]
fn a_search_names_the_rule_that_a_walk_names() {
    let names = |failure: Option<&Failure>| -> Vec<_> {
        let rules = failure.into_iter().flat_map(|it| &it.breaks);
        rules.map(|it| it.rule).collect()
    };
    assert_eq!(names(walked().findings.failure.as_ref()), [BREAKS]);
    assert_eq!(names(searched().as_ref()), [BREAKS]);
}

// ---------------------------------------------------------------------------------------------------------- Odd text

const ODD: &str = "a<b>&\"'|`x`]]>%\r\n::error::\u{1b}[31m\u{0}, @someone, file=x";

fn odd_trace() -> Behaviour {
    let mut told = Behaviour::begin("before");
    let (before, after) = (told.initial.clone(), Tree::of_debug("after"));
    let words = format!("```\n{ODD}");
    let step = Step::new(
        ODD.to_owned(),
        Some(words),
        Event::default(),
        &before,
        Some(&after),
    );
    told.steps.push(step);
    told
}

fn odd(trace: &Behaviour) -> Vec<Suite<'_>> {
    let case = |outcome| Case {
        name: ODD.to_owned(),
        outcome,
        topic: Topic {
            id: ODD.to_owned(),
            says: ODD.to_owned(),
            source: ODD.to_owned(),
        },
        place: Some(Place {
            file: "models/src/a,b:c%.rs".to_owned(),
            line: 7,
        }),
    };
    vec![Suite {
        id: ODD.to_owned(),
        claim: ODD.to_owned(),
        facts: vec![("reach", ODD.to_owned())],
        cases: vec![
            case(Outcome::Passed(Some(ODD.to_owned()))),
            case(Outcome::Skipped(ODD.to_owned())),
            case(Outcome::Unknown(ODD.to_owned())),
            case(Outcome::Failed {
                what: ODD.to_owned(),
                story: Some(trace),
            }),
        ],
        seconds: 0.5,
    }]
}

#[test]
fn odd_text_is_no_markup_in_junit() {
    let trace = odd_trace();
    let text = junit::document(&odd(&trace)).expect("it can be written");
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    schema().validate(&document).expect("it is valid");
    let failure = document
        .descendants()
        .find(|node| node.has_tag_name("failure"));
    let message = failure
        .and_then(|node| node.attribute("message"))
        .expect("there is one");
    assert!(message.contains("a<b>&\"'|`x`]]>%"), "{message}");
    assert!(!text.contains(['\u{0}', '\u{1b}']), "not allowed in XML");
}

#[test]
fn odd_text_ends_no_command_of_the_workflow() {
    let trace = odd_trace();
    let text = github::annotations(&odd(&trace));
    let commands: Vec<_> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.len(), 2, "{text}");
    assert_eq!(
        text.lines().count(),
        3,
        "two annotations and a last line: {text}"
    );
    for command in commands {
        assert!(command.starts_with("::error file=models/src/a%2Cb%3Ac%25.rs,line=7,title="));
        let properties = command.split("::").nth(1).expect("they come first");
        assert_eq!(properties.matches(',').count(), 2, "{properties}");
        assert!(!command.contains('\r'));
    }
}

#[test]
fn odd_text_is_no_markup_in_markdown() {
    let trace = odd_trace();
    let text = markdown::document(ODD, &odd(&trace));
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 3, "a header, a rule and one row: {rows:#?}");
    let bars = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(
        rows.iter().all(|row| bars(row) == bars(rows[0])),
        "{rows:#?}"
    );
    let (before, story) = text.split_once("<details>").expect("there is a story");
    let in_code = before.matches("`` a<b>").count();
    assert_eq!(before.matches("<b>").count(), in_code, "{before}");
    assert!(!before.contains(['\u{0}', '\u{1b}']), "{before}");
    assert!(
        story.contains("\n````text\n"),
        "the fence is longer than what it holds: {story}"
    );
}

#[test]
fn odd_text_survives_in_sarif() {
    let trace = odd_trace();
    let text = sarif::document(&odd(&trace)).expect("it can be written");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(document["runs"][0]["tool"]["driver"]["rules"][0]["id"], ODD);
    check_sarif(&document);
}

// ---------------------------------------------------------------------------------------------------------------- SARIF

/// What SARIF 2.1.0 asks of the parts that are written here.
fn check_sarif(document: &Value) {
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"]
        .as_array()
        .expect("there are rules");
    let ids: std::collections::BTreeSet<_> = rules.iter().map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids.len(), rules.len(), "each rule has an id of its own");
    for result in run["results"].as_array().expect("there are results") {
        let index = result["ruleIndex"].as_u64().expect("a number") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string());
        let level = result["level"].as_str();
        match result["kind"].as_str() {
            Some("fail") => assert_eq!(level, Some("error")),
            // The standard wants no level of what is not a failure.
            Some("open") => assert_eq!(level, Some("none")),
            other => panic!("{other:?}"),
        }
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().is_none_or(|line| line > 0));
        for flow in result["codeFlows"].as_array().into_iter().flatten() {
            let steps = flow["threadFlows"][0]["locations"]
                .as_array()
                .expect("there are steps");
            assert!(
                steps
                    .iter()
                    .all(|step| step["location"]["message"]["text"].is_string())
            );
        }
    }
}

#[test]
fn sarif_names_the_line_that_claims_what_fails_and_tells_the_steps() {
    let (text, code) = run(FAILS, "sarif");
    assert_eq!(code, Some(1));
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    check_sarif(&document);
    let result = &document["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    let file = place["artifactLocation"]["uri"].as_str().expect("a file");
    let line = place["region"]["startLine"].as_u64().expect("a line") as usize;
    let text = std::fs::read_to_string(root().join(file)).expect("it is there");
    let claimed = text.lines().nth(line - 1).expect("it has that line");
    let property = result["ruleId"]
        .as_str()
        .and_then(|id| id.rsplit('/').next());
    assert!(
        claimed.contains(property.expect("a name")),
        "{file}:{line}: {claimed}"
    );
    assert!(result["codeFlows"][0]["threadFlows"][0]["locations"][1].is_object());

    let (text, code) = run(UNKNOWN, "sarif");
    assert_eq!(code, Some(3));
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    check_sarif(&document);
    assert_eq!(document["runs"][0]["results"][0]["kind"], "open");
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn every_model_has_a_source_file() {
    let sources = Sources::around(&root());
    let rungs = concur_checks::registry::RUNGS
        .iter()
        .map(|rung| rung.about().model);
    let lives = concur_checks::temporal::LIVES
        .iter()
        .map(|live| live.about().model);
    for model in rungs.chain(lives) {
        let place = sources.place(model, "no such property");
        assert!(place.is_some_and(|place| place.line == 1), "{model}");
    }
    let nowhere = Sources::around(&std::env::temp_dir());
    assert_eq!(
        nowhere.place("concur_models::raft::protocol::Raft", "x"),
        None
    );
}

// --------------------------------------------------------------------------------------------------------------- GitHub

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("concur-formats-{}-{name}", std::process::id()))
}

#[test]
fn the_summary_of_a_step_is_appended_to() {
    let file = scratch("summary.md");
    std::fs::write(&file, "what was there\n").expect("there is room");
    let output = concur(FAILS, "github")
        .env("GITHUB_STEP_SUMMARY", &file)
        .output()
        .expect("concur runs");
    let text = std::fs::read_to_string(&file).expect("it is there");
    let _ = std::fs::remove_file(&file);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.starts_with("what was there\n## concur check\n"),
        "{text}"
    );
    assert!(text.contains("<details><summary>A shortest counterexample</summary>"));
}
