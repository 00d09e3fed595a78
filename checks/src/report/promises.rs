//! The page of promises: what happens at some time, what that assumes, and what becomes of it without each assumption.

use std::fmt::Write;

use indicatif::HumanCount;

use super::files::{Evidence, capitalized};
use super::human::expected_of_promises;
use crate::temporal::{AnyLive, LIVES};
use crate::trace::{Behaviour, story};
use crate::verdict::{CheckResult, Promised, Status, Verdict};

/// The page.
pub(super) fn promises(evidence: &Evidence) -> String {
    let mut text = "# What is promised to happen\n\n\
        Written by `cargo run --release -- report`. Each promise is judged on every fair behaviour of the configuration: fair in the sense that is written beside it. \
        *Weak*: what stays possible happens at some time. *Strong*: what is possible again and again does. Nothing else is assumed, not even that anything happens at all. \
        Without any one of its assumptions a promise is broken, by a lasso: so many steps, and then a cycle for ever. A promise that is broken under everything that it could ask for \
        is an expected result, and its lasso is told.\n"
        .to_owned();
    for live in LIVES {
        text += &family(*live, evidence);
    }
    text
}

fn family(live: &dyn AnyLive, evidence: &Evidence) -> String {
    let about = live.about();
    let mut text = format!(
        "\n## {}\n\n{}. Source: {}.\n\n| configuration | states | steps | naive judge | verdict |\n|---|--:|--:|---|---|\n",
        about.id(),
        capitalized(about.claim),
        about.source
    );
    let mut judged = Vec::new();
    for config in about.configs {
        let id = format!("{}/{}", about.id(), config.name);
        match evidence.results.iter().find(|result| result.id == id) {
            Some(result) => {
                judged.push((config.name, result));
                let _ = writeln!(text, "{}", row(config.name, result));
            }
            None => {
                let expected = expected_of_promises(config);
                let _ = writeln!(
                    text,
                    "| {} | – | – | – | tier {}: not run for this page; expected: {expected} |",
                    config.name, config.tier
                );
            }
        }
    }
    text.push_str("\n| promise | if | without it |\n|---|---|---|\n");
    let mut told: Vec<&str> = Vec::new();
    for promised in judged
        .iter()
        .flat_map(|(_, result)| &result.findings.promises)
    {
        if promised.status == Status::Holds && !told.contains(&promised.name) {
            told.push(promised.name);
            text += &assumptions(promised, &about.id(), evidence);
        }
    }
    for (config, result) in judged {
        for promised in &result.findings.promises {
            if let Some(lasso) = &promised.lasso {
                text += &broken(config, promised, lasso, result);
            }
        }
    }
    text
}

fn row(name: &str, result: &CheckResult) -> String {
    let extent = result.findings.reach.extent();
    let agreed = match result.opinions.first() {
        None => "–",
        Some(opinion) if opinion.agrees => "agrees",
        Some(_) => "**disagrees**",
    };
    let verdict = match (result.as_expected, result.verdict) {
        (true, Verdict::Fails) => "fails, as expected: see below".to_owned(),
        (true, verdict) => verdict.to_string(),
        (false, verdict) => format!("**{verdict}, not as expected**"),
    };
    format!(
        "| {name} | {} | {} | {agreed} | {verdict} |",
        HumanCount(extent.distinct),
        HumanCount(extent.generated.unwrap_or(0)),
    )
}

/// A row for each assumption of a promise, with what happens without it.
fn assumptions(promised: &Promised, model: &str, evidence: &Evidence) -> String {
    let mut text = String::new();
    for assumed in &promised.assuming {
        let dropped = evidence.assumptions.iter().find(|dropped| {
            dropped.model == model
                && dropped.promised.name == promised.name
                && dropped.assumption == assumed.name
        });
        let without =
            match dropped.and_then(|dropped| Some((dropped, dropped.promised.lasso.as_ref()?))) {
                Some((dropped, lasso)) => {
                    let (stem, cycle) = lasso.stem_and_cycle();
                    format!("broken by {stem} and {cycle} steps ({})", dropped.config)
                }
                None => "**nobody misses it**".to_owned(),
            };
        let _ = writeln!(
            text,
            "| {} | {} ({}) | {without} |",
            promised.name, assumed.name, assumed.fairness
        );
    }
    text
}

/// The story of a promise that is broken.
fn broken(config: &str, promised: &Promised, lasso: &Behaviour, result: &CheckResult) -> String {
    let mut text = format!("\n### Broken in {config}: {}\n\n", promised.name);
    for remark in result
        .remarks
        .iter()
        .filter_map(|remark| remark.strip_prefix(promised.name))
    {
        let _ = writeln!(text, "{}\n", capitalized(remark.trim_start_matches(": ")));
    }
    text.push_str("Although:\n\n");
    for fair in lasso.lasso.iter().flat_map(|lasso| &lasso.fair) {
        let _ = writeln!(text, "- {fair}");
    }
    text.push_str("\n```text\n");
    for line in story(lasso) {
        let _ = writeln!(text, "{line}");
    }
    text.push_str("```\n");
    text
}
