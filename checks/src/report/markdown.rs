//! Cases as Markdown: a table, and counterexamples that are folded away.

use std::fmt::Write;

use super::cases::{Case, Outcome, Suite, Sum};
use crate::trace::story as tell;

/// How many steps of a story are told.
const LONGEST_STORY: usize = 200;

/// The document.
pub fn document(title: &str, suites: &[Suite<'_>]) -> String {
    let mut text = format!("## {}\n\n{}\n\n", escaped(title), closing(suites));
    text +=
        "| | check | cases | reach | states | depth | seconds |\n|---|---|--:|---|--:|--:|--:|\n";
    for suite in suites {
        let fact = |name: &str| {
            let fact = suite.facts.iter().find(|(known, _)| *known == name);
            fact.map_or_else(|| "–".to_owned(), |(_, value)| escaped(value))
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            word(suite.sum()),
            code(&suite.id),
            suite.cases.len(),
            fact("reach"),
            fact("distinct"),
            fact("depth"),
            seconds(suite.seconds),
        );
    }
    for suite in suites {
        let bad = |case: &&Case<'_>| case.outcome.sum() != Sum::AsExpected;
        for case in suite.cases.iter().filter(bad) {
            text += &details(suite, case);
        }
    }
    text
}

/// What all suites come to, in a sentence. What is skipped is neither as expected nor wrong.
pub fn closing(suites: &[Suite<'_>]) -> String {
    let cases = || suites.iter().flat_map(|suite| &suite.cases);
    let count = |wanted: fn(&Outcome<'_>) -> bool| cases().filter(|c| wanted(&c.outcome)).count();
    format!(
        "Cases: {}, of which {} are as expected, {} failed, {} are unknown, and {} were skipped.",
        cases().count(),
        count(|outcome| matches!(outcome, Outcome::Passed(_))),
        count(|outcome| matches!(outcome, Outcome::Failed { .. })),
        count(|outcome| matches!(outcome, Outcome::Unknown(_))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    )
}

fn seconds(seconds: f64) -> String {
    match seconds > 0.0 {
        true => format!("{seconds:.2}"),
        false => "–".to_owned(),
    }
}

fn word(sum: Sum) -> &'static str {
    match sum {
        Sum::AsExpected => "✓",
        Sum::Unknown => "**unknown**",
        Sum::Failed => "**failed**",
    }
}

/// What is wrong with one case: the story, folded away.
fn details(suite: &Suite<'_>, case: &Case<'_>) -> String {
    let (what, story) = match &case.outcome {
        Outcome::Failed { what, story } => (what.as_str(), *story),
        Outcome::Unknown(why) => (why.as_str(), None),
        Outcome::Passed(_) | Outcome::Skipped(_) => return String::new(),
    };
    let name = escaped(&case.name);
    let mut text = format!("\n### {} in {}\n\n", name, code(&suite.id));
    let _ = write!(text, "{}: {}.", word(case.outcome.sum()), escaped(what));
    if !case.topic.source.is_empty() {
        let _ = write!(text, " Source: {}.", escaped(&case.topic.source));
    }
    if let Some(place) = &case.place {
        let _ = write!(
            text,
            " Claimed in {}.",
            code(&format!("{}:{}", place.file, place.line))
        );
    }
    text.push('\n');
    if let Some(story) = story {
        let mut lines = tell(story);
        let more = lines.len().saturating_sub(LONGEST_STORY);
        lines.truncate(LONGEST_STORY);
        if more > 0 {
            lines.push(format!("… and {more} more steps; see --format json"));
        }
        let fence = fence(&lines);
        let _ = write!(
            text,
            "\n<details><summary>A shortest counterexample</summary>\n\n{fence}text\n{}\n{fence}\n\n</details>\n",
            lines.join("\n"),
        );
    }
    text
}

/// A fence that none of the lines ends.
fn fence(lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max();
    "`".repeat(longest.unwrap_or(0).max(2) + 1)
}

/// How many backticks follow one another at most.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Text as code, which may be in a table.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let text = text.replace('|', "\\|").replace(char::is_control, " ");
    match fence.len() {
        1 => format!("`{text}`"),
        _ => format!("{fence} {text} {fence}"),
    }
}

/// Text that is no markup, wherever it is.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            c if c.is_control() => safe.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}
