//! Cases as SARIF 2.1.0 (OASIS): what is not as expected, beside the line that claims it, with the counterexample as a flow of code.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::cases::{Case, Outcome, Suite, Sum, Topic};
use super::source::Place;
use crate::trace::{Behaviour, story};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The document: a rule for each thing that is claimed, and a result for each case that is not as expected.
///
/// # Errors
/// None that is known; serialization is fallible by type.
pub fn document(suites: &[Suite<'_>]) -> serde_json::Result<String> {
    let cases = || {
        suites
            .iter()
            .flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
    };
    let mut topics: BTreeMap<&str, &Topic> = BTreeMap::new();
    for (_, case) in cases() {
        topics.entry(&case.topic.id).or_insert(&case.topic);
    }
    let index = |topic: &Topic| topics.keys().position(|id| *id == topic.id);
    let results: Vec<_> = cases()
        .filter_map(|(suite, case)| result(suite, case, index(&case.topic)?))
        .collect();
    let unfinished = suites.iter().any(|suite| suite.sum() == Sum::Unknown);
    serde_json::to_string_pretty(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "concur",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": topics.values().map(|topic| rule(topic)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": !unfinished}],
            "results": results,
        }],
    }))
}

fn message(text: impl Into<String>) -> Value {
    json!({"text": text.into()})
}

fn rule(topic: &Topic) -> Value {
    let mut rule = json!({
        "id": topic.id,
        "name": topic.id,
        "shortDescription": message(if topic.says.is_empty() { &topic.id } else { &topic.says }),
    });
    if !topic.source.is_empty() {
        rule["help"] = message(format!("Source: {}.", topic.source));
    }
    rule
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<Value>,
    partial_fingerprints: Value,
}

/// A result, if the case is not as expected. What is unknown is *open*, which is SARIF's word for it.
fn result(suite: &Suite<'_>, case: &Case<'_>, rule_index: usize) -> Option<SarifResult> {
    let (kind, level, what, story) = match &case.outcome {
        Outcome::Failed { what, story } => ("fail", "error", what, *story),
        Outcome::Unknown(why) => ("open", "none", why, None),
        Outcome::Passed(_) | Outcome::Skipped(_) => return None,
    };
    Some(SarifResult {
        rule_id: case.topic.id.clone(),
        rule_index,
        kind,
        level,
        message: message(format!("{} in {}: {what}", case.name, suite.id)),
        locations: vec![location(suite, case.place.as_ref(), None)],
        code_flows: story.iter().map(|story| flow(suite, case, story)).collect(),
        partial_fingerprints: json!({"check/v1": format!("{}/{}", suite.id, case.name)}),
    })
}

/// Where something is said, and of which model; the place in the source is left out where it is not known.
fn location(suite: &Suite<'_>, place: Option<&Place>, text: Option<String>) -> Value {
    let mut location = json!({
        "logicalLocations": [{"fullyQualifiedName": suite.id, "kind": "module"}],
    });
    if let Some(place) = place {
        location["physicalLocation"] = json!({
            "artifactLocation": {"uri": place.file, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line},
        });
    }
    if let Some(text) = text {
        location["message"] = message(text);
    }
    location
}

/// The steps of a counterexample, the first state before them.
fn flow(suite: &Suite<'_>, case: &Case<'_>, behaviour: &Behaviour) -> Value {
    let step = |(order, text): (usize, String)| {
        json!({
            "executionOrder": order + 1,
            "location": location(suite, case.place.as_ref(), Some(text.trim().to_owned())),
        })
    };
    let steps: Vec<_> = story(behaviour).into_iter().enumerate().map(step).collect();
    json!({"threadFlows": [{"locations": steps}]})
}
