//! Findings for people, on a terminal: a line for each result as it comes in, and what needs more than a line.

mod list;
mod rules;
mod table;

use std::fmt::Write;
use std::path::Path;

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::HumanCount;

use crate::trace::{Behaviour, Trace, save, story as tell};
use crate::verdict::{CheckResult, Promised, Reach, Status, Verdict};

pub use list::{expected, expected_of_promises, list};
pub use rules::{dropped, omission, omissions, rule, rules};
pub use table::summary;

/// How many steps of a trace are told before the rest is left to `--format json`.
const LONGEST_STORY: usize = 60;

/// One result in one line, as it comes in.
pub fn line(result: &CheckResult) -> String {
    format!(
        "{} {:<8} {}  {}{}",
        if result.as_expected { "✓" } else { "✗" },
        result.verdict,
        result.id,
        size(&result.findings.reach),
        if result.as_expected && result.verdict == Verdict::Fails {
            ", as expected"
        } else {
            ""
        },
    )
}

/// How much was looked at.
fn size(reach: &Reach) -> String {
    match reach {
        Reach::Sampled { extent, .. } => {
            format!("{} events", HumanCount(extent.generated.unwrap_or(0)))
        }
        Reach::Every(extent) | Reach::Bounded { extent, .. } => {
            format!("{} states", HumanCount(extent.distinct))
        }
    }
}

/// What needs more than a line: what fails, and what is not as expected. `traces` are its counterexamples as documents; `saved` is the folder that has them, if one does.
pub fn details(result: &CheckResult, traces: &[Trace], saved: Option<&Path>) -> String {
    let mut text = String::new();
    for remark in result.remarks.iter().filter(|_| !result.as_expected) {
        let _ = writeln!(text, "    {remark}");
    }
    for promised in &result.findings.promises {
        if promised.status == Status::Fails && !result.as_expected {
            text += &broken(promised);
        }
    }
    if let Some(failure) = &result.findings.failure
        && !result.as_expected
    {
        let _ = writeln!(text, "\n    {} fails:", failure.property);
        for broken in &failure.breaks {
            let _ = writeln!(
                text,
                "    the last step breaks {}. {}",
                broken.rule, broken.says
            );
        }
        text += &story(failure.trace.as_ref());
        text.push('\n');
    }
    if !result.as_expected {
        text += &commands(traces, saved);
    }
    text
}

/// What to do next with each counterexample.
fn commands(traces: &[Trace], saved: Option<&Path>) -> String {
    let mut text = String::new();
    for trace in traces {
        for (verb, command) in save::commands(trace, saved) {
            let _ = writeln!(text, "    {:11} {command}", format!("{verb}:"));
        }
        text.push('\n');
    }
    text
}

/// A promise that is broken, and how.
fn broken(promised: &Promised) -> String {
    let mut text = format!("\n    \"{}\" is broken, although\n", promised.name);
    for fair in promised.lasso.iter().flat_map(|lasso| &lasso.lasso) {
        for fair in &fair.fair {
            let _ = writeln!(text, "      {fair}");
        }
    }
    text.push('\n');
    for line in promised.lasso.iter().flat_map(tell) {
        let _ = writeln!(text, "    {line}");
    }
    text + "\n"
}

/// A trace, indented.
fn story(trace: Option<&Behaviour>) -> String {
    let Some(trace) = trace else {
        return "    (this engine gives no shortest counterexample; --engine concur does)\n"
            .to_owned();
    };
    let lines = tell(trace);
    let mut text = String::new();
    for line in lines.iter().take(LONGEST_STORY) {
        let _ = writeln!(text, "    {line}");
    }
    if lines.len() > LONGEST_STORY {
        let more = lines.len() - LONGEST_STORY;
        let _ = writeln!(text, "    … and {more} more steps; see --format json");
    }
    text
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    table
}
