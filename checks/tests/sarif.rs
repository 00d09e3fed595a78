//! What is written as SARIF is what the official schema of SARIF 2.1.0 asks for, whatever the results.

#[path = "schema/json.rs"]
mod json;

use std::process::Command;

use serde_json::{Value, json};

use crate::json::JsonSchema;

/// What is wrong with a document, each with its place.
fn wrong(document: &Value) -> Vec<String> {
    JsonSchema::parse(include_str!("schemas/sarif-2.1.0.json")).wrong(document)
}

fn concur(args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_concur"))
        .args(args)
        .args(["--threads", "1", "--format", "sarif"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("concur runs");
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

#[test]
fn failures_unknowns_rules_left_out_and_bugs_are_as_the_official_schema_says() {
    let fails = [
        "check",
        "paxos/paxos",
        "--param",
        "quorums=single",
        "--param",
        "acceptors=2",
    ];
    let unknown = ["check", "two-phase/two-phase/rms=5", "--max-depth", "3"];
    let holds = ["check", "two-phase/two-phase/rms=3"];
    let broken = [
        "check",
        "two-phase/durable-two-phase",
        "--only",
        "liveness",
        "--tier",
        "small",
    ];
    let omitted = ["omit", "two-phase/tcommit"];
    let bug = ["zoo", "TP11"];
    for args in [&fails[..], &unknown, &holds, &broken, &omitted, &bug] {
        let document = concur(args);
        assert_eq!(wrong(&document), Vec::<String>::new(), "{args:?}");
    }
}

#[test]
fn what_is_no_sarif_is_found() {
    let right = concur(&["check", "two-phase/two-phase/rms=5", "--max-depth", "3"]);
    assert_eq!(wrong(&right), Vec::<String>::new());
    let spoil: [fn(&mut Value); 4] = [
        |document| document["version"] = json!("2.2.0"),
        |document| document["runs"][0]["results"][0]["level"] = json!("terrible"),
        |document| document["runs"][0]["results"][0]["message"] = json!("a bare string"),
        |document| document["runs"][0]["tool"]["driver"] = json!({"version": "1"}),
    ];
    for (nth, spoil) in spoil.iter().enumerate() {
        let mut document = right.clone();
        spoil(&mut document);
        assert_ne!(wrong(&document), Vec::<String>::new(), "{nth}");
    }
}
