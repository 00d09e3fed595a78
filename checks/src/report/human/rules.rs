//! Rules left out and assumptions dropped: a line for each, what they come to, and everything about one rule.

use std::fmt::Write;

use super::story;
use crate::methods::assumptions::Dropped;
use crate::methods::omission::{Caught, Omission};
use crate::registry::RUNGS;
use crate::verdict::{Status, Verdict};

/// One rule left out, in one line.
pub fn omission(omission: &Omission) -> String {
    let mark = if omission.as_expected { "✓" } else { "✗" };
    let what = match (&omission.caught, omission.verdict, omission.redundant) {
        (Some(caught), ..) => format!("{} in {}", by(caught), caught.config),
        (None, Verdict::Unknown, _) => "UNKNOWN: a search ended early".to_owned(),
        (None, _, Some(because)) => format!("redundant: {because}"),
        (None, _, None) => "NOBODY NOTICED".to_owned(),
    };
    let symmetry = with_symmetry(omission);
    format!(
        "{mark} {} without {}: {what}{symmetry}",
        omission.rung, omission.rule
    )
}

/// Whether symmetry makes a difference, as the end of a line.
fn with_symmetry(omission: &Omission) -> &'static str {
    let stopped = omission.stop.is_some();
    match (&omission.caught, &omission.with_symmetry) {
        (_, None) => "",
        (Some(_), Some(None)) if stopped => ", UNKNOWN WITH SYMMETRY",
        (None, Some(_)) if stopped => "",
        (plain, Some(with)) if with.is_some() == plain.is_some() => ", also with symmetry",
        _ => ", NOT THE SAME WITH SYMMETRY",
    }
}

/// One assumption dropped, in one line.
pub fn dropped(dropped: &Dropped) -> String {
    let mark = if dropped.as_expected { "✓" } else { "✗" };
    let promise = dropped.promised.name;
    let what = match (&dropped.promised.lasso, dropped.promised.status) {
        (Some(lasso), _) => {
            let (stem, cycle) = lasso.stem_and_cycle();
            format!(
                "\"{promise}\" is broken by a lasso of {stem} and {cycle} steps in {}",
                dropped.config
            )
        }
        (None, Status::Unknown) => format!("\"{promise}\" is UNKNOWN"),
        (None, _) => format!("\"{promise}\": NOBODY MISSES IT"),
    };
    format!(
        "{mark} {} without \"{}\": {what}",
        dropped.model, dropped.assumption
    )
}

fn by(caught: &Caught) -> String {
    match &caught.trace {
        Some(trace) => format!("{} fails after {} states", caught.by, trace.states()),
        None => caught.by.clone(),
    }
}

/// What omissions come to.
pub fn omissions(omissions: &[Omission], assumptions: &[Dropped], not_run: &[String]) -> String {
    let of = |as_expected, verdict| {
        let its = |omission: &&Omission| {
            (omission.as_expected, omission.verdict) == (as_expected, verdict)
        };
        omissions.iter().filter(its).count()
    };
    let mut text = format!(
        "\n{} rules left out, one at a time: {} caught, {} declared redundant, {} not as expected",
        omissions.len(),
        of(true, Verdict::Fails),
        of(true, Verdict::Holds),
        of(false, Verdict::Fails) + of(false, Verdict::Holds),
    );
    match of(false, Verdict::Unknown) {
        0 => text.push('\n'),
        unknown => text += &format!(", {unknown} unknown\n"),
    }
    if !assumptions.is_empty() {
        let missed = assumptions
            .iter()
            .filter(|dropped| dropped.as_expected)
            .count();
        let _ = writeln!(
            text,
            "{} assumptions dropped, one at a time: {missed} break the promise that needs them, {} not as expected",
            assumptions.len(),
            assumptions.len() - missed,
        );
    }
    if !not_run.is_empty() {
        let _ = writeln!(text, "interrupted: {} did not run", not_run.len());
    }
    text
}

/// Everything about one rule.
pub fn rule(omissions: &[Omission]) -> String {
    let mut text = String::new();
    if let Some(first) = omissions.first() {
        let _ = writeln!(
            text,
            "{} ({})\n\n  {}\n  Source: {}.",
            first.rule, first.kind, first.says, first.source
        );
    }
    for each in omissions {
        let _ = writeln!(text, "\n{}", omission(each));
        if let Some(trace) = each
            .caught
            .as_ref()
            .and_then(|caught| caught.trace.as_ref())
        {
            text += &story(Some(trace));
        }
    }
    text
}

/// The names of all rules, by rung.
pub fn rules() -> String {
    let mut text = "the rules are:\n".to_owned();
    for rung in RUNGS {
        let about = rung.about();
        let names: Vec<_> = about.rules.iter().map(|card| card.name).collect();
        let _ = writeln!(text, "  {}: {}", about.id(), names.join(", "));
    }
    text
}
