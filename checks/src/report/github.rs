//! Cases as commands of GitHub's workflow runner: an annotation for each one that is not as expected; and the summary of the step.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use super::cases::{Case, Outcome, Suite};
use super::markdown;
use crate::trace::story as tell;

/// What one step's summary may hold, in bytes.
const LARGEST_SUMMARY: usize = 1 << 20;
/// How many lines of a story are in an annotation.
const LINES: usize = 30;

/// A line for each check, and an annotation for each case that is not as expected: what is unknown, too, is an error.
pub fn annotations(suites: &[Suite<'_>]) -> String {
    let mut text = String::new();
    for suite in suites {
        let bad = suite
            .cases
            .iter()
            .filter_map(|case| annotation(suite, case));
        bad.for_each(|line| {
            text += &line;
            text.push('\n');
        });
    }
    text + &markdown::closing(suites) + "\n"
}

fn annotation(suite: &Suite<'_>, case: &Case<'_>) -> Option<String> {
    let (word, what, story) = match &case.outcome {
        Outcome::Failed { what, story } => ("", what, *story),
        Outcome::Unknown(why) => ("unknown: ", why, None),
        Outcome::Passed(_) | Outcome::Skipped(_) => return None,
    };
    let mut message = format!("{} {word}{what}", case.name);
    if let Some(story) = story {
        let lines = tell(story);
        let more = lines.len().saturating_sub(LINES);
        message += "\n";
        message += &lines[..lines.len() - more].join("\n");
        if more > 0 {
            message += &format!("\n… and {more} more steps");
        }
    }
    let place = case.place.as_ref().map_or_else(String::new, |place| {
        format!("file={},line={},", property(&place.file), place.line)
    });
    let title = property(&format!("{}: {}", suite.id, case.name));
    Some(format!("::error {place}title={title}::{}", data(&message)))
}

/// The message of a command: what would end the line is written as a number.
pub fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command: what would end the property is, too.
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Appends a summary to the file that the runner names.
///
/// # Errors
/// If the file cannot be written.
pub fn summarize(path: &Path, title: &str, suites: &[Suite<'_>]) -> io::Result<()> {
    let mut text = markdown::document(title, suites);
    if text.len() > LARGEST_SUMMARY {
        text = cut(&text).to_owned() + "\n\n… the rest is too long for a summary.\n";
    }
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// As many whole sections as fit, with some room for the last sentence.
fn cut(text: &str) -> &str {
    let mut end = LARGEST_SUMMARY - 256;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let last = text.rfind("\n### ").or_else(|| text.rfind('\n'));
    &text[..last.unwrap_or(end)]
}
