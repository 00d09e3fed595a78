//! All results in a table, what they come to, and all that is known of a single one.

use std::fmt::Write;
use std::time::Duration;

use comfy_table::CellAlignment;
use indicatif::HumanCount;

use super::{broken, story, table};
use crate::verdict::{CheckResult, Property, Reach, Status, Verdict};

/// All results in a table, and what they come to; `took` is how long all of them took together, side by side.
pub fn summary(results: &[CheckResult], not_run: &[String], took: Duration) -> String {
    let mut table = table(&[
        "check",
        "verdict",
        "reach",
        "distinct",
        "depth",
        "TLC",
        "agreed by",
        "seconds",
    ]);
    for result in results {
        let extent = result.findings.reach.extent();
        let agreed = result
            .opinions
            .iter()
            .filter(|opinion| opinion.agrees)
            .count();
        table.add_row([
            result.id.clone(),
            verdict(result),
            reach(&result.findings.reach),
            distinct(&result.findings.reach),
            extent
                .depth
                .map_or_else(String::new, |depth| depth.to_string()),
            tlc(result),
            if result.opinions.is_empty() {
                String::new()
            } else {
                format!("{agreed} of {}", result.opinions.len())
            },
            format!("{:.2}", result.seconds),
        ]);
    }
    for column in [3, 4, 7] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = format!("\n{table}\n\n");
    if let [result] = results {
        text += &one(result);
    }
    text + &closing(results, not_run, took)
}

fn verdict(result: &CheckResult) -> String {
    match (result.verdict, result.as_expected) {
        (Verdict::Fails, true) => "fails, as expected".to_owned(),
        (verdict, true) => verdict.to_string(),
        (verdict, false) => format!("{} (not as expected)", verdict.to_string().to_uppercase()),
    }
}

fn reach(reach: &Reach) -> String {
    match reach {
        Reach::Every(_) => "every state".to_owned(),
        Reach::Sampled { cases, extent, .. } => {
            let events = HumanCount(extent.generated.unwrap_or(0));
            format!("sampled: {cases} schedules, {events} events")
        }
        Reach::Bounded { by, .. } => {
            let by: Vec<_> = by
                .iter()
                .map(|by| by.split(" (").next().unwrap_or(by))
                .collect();
            let mut text = format!("bounded: {}", by.join(", "));
            const WIDEST: usize = 50;
            if text.chars().count() > WIDEST {
                text = text.chars().take(WIDEST - 1).chain(['…']).collect();
            }
            text
        }
    }
}

/// Distinct states, where states were counted.
fn distinct(reach: &Reach) -> String {
    match reach {
        Reach::Sampled { .. } => String::new(),
        Reach::Every(extent) | Reach::Bounded { extent, .. } => {
            HumanCount(extent.distinct).to_string()
        }
    }
}

fn tlc(result: &CheckResult) -> String {
    let extent = result.findings.reach.extent();
    match result.tlc {
        Some(tlc) if (tlc.distinct, Some(tlc.depth)) == (extent.distinct, extent.depth) => {
            "same".to_owned()
        }
        Some(tlc) => format!("{} at {}", HumanCount(tlc.distinct), tlc.depth),
        None => String::new(),
    }
}

/// All that is known of a single check.
fn one(result: &CheckResult) -> String {
    let mut text = format!("claim   {}\nmethod  {}\n", result.claim, result.method);
    for property in &result.findings.properties {
        let _ = writeln!(text, "        {}", describe(property));
        let promises = &result.findings.promises;
        let promised = promises.iter().find(|p| p.name == property.name);
        for assumed in promised.iter().flat_map(|p| &p.assuming) {
            let _ = writeln!(text, "          if ({}) {}", assumed.fairness, assumed.name);
        }
    }
    for remark in result.remarks.iter().filter(|_| result.as_expected) {
        let _ = writeln!(text, "        {remark}");
    }
    let extent = result.findings.reach.extent();
    if let Reach::Bounded { by, .. } = &result.findings.reach {
        let _ = writeln!(text, "bounded {}", by.join(", "));
    }
    let counted = !matches!(result.findings.reach, Reach::Sampled { .. });
    if let Some(generated) = extent.generated.filter(|_| counted) {
        let _ = writeln!(
            text,
            "steps   {}, {:.1} per state; collision probability {:.1e}",
            HumanCount(generated),
            generated as f64 / extent.distinct.max(1) as f64,
            extent.collision_probability,
        );
    }
    let actions: Vec<_> = result
        .findings
        .actions
        .iter()
        .map(|action| format!("{} {}", action.name, HumanCount(action.count)))
        .collect();
    if !actions.is_empty() {
        let _ = writeln!(text, "actions {}", actions.join(", "));
    }
    for promised in result
        .findings
        .promises
        .iter()
        .filter(|_| result.as_expected)
    {
        if promised.status == Status::Fails {
            text += &broken(promised);
        }
    }
    if let Some(failure) = result
        .findings
        .failure
        .as_ref()
        .filter(|_| result.as_expected)
    {
        let _ = writeln!(text, "\n    {} fails, as expected:", failure.property);
        text += &story(failure.trace.as_ref());
    }
    text + "\n"
}

fn describe(property: &Property) -> String {
    let status = match property.status {
        Status::Holds => "holds",
        Status::Fails => "FAILS",
        Status::Vacuous => "vacuous",
        Status::Unknown => "unknown",
        Status::Unchecked => "not looked at by this engine",
    };
    format!("{}: {status}", property.name)
}

fn closing(results: &[CheckResult], not_run: &[String], took: Duration) -> String {
    let seconds = took.as_secs_f64();
    let distinct: u64 = results
        .iter()
        .map(|result| result.findings.reach.extent().distinct)
        .sum();
    let surprises = results.iter().filter(|result| !result.as_expected).count();
    let mut text = format!(
        "{}, {} as expected, {surprises} not; {} states in {seconds:.1} s\n",
        counted(results.len(), "check"),
        results.len() - surprises,
        HumanCount(distinct),
    );
    if !not_run.is_empty() {
        let _ = writeln!(
            text,
            "interrupted: {} did not run",
            counted(not_run.len(), "check")
        );
    }
    text
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
