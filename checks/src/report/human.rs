//! Findings for people, on a terminal.

use std::fmt::Write;
use std::path::Path;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use concur_models::kit::{Config, LiveConfig, Tier};
use indicatif::HumanCount;

use crate::family::Family;
use crate::methods::assumptions::Dropped;
use crate::methods::omission::{Caught, Omission};
use crate::registry::RUNGS;
use crate::selector::explain;
use crate::trace::{Behaviour, Trace, save, story as tell};
use crate::verdict::{CheckResult, Promised, Property, Reach, Status, Verdict};

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

/// All results in a table, and what they come to.
pub fn summary(results: &[CheckResult], not_run: &[String]) -> String {
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
    text + &closing(results, not_run)
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    table
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

fn closing(results: &[CheckResult], not_run: &[String]) -> String {
    let seconds: f64 = results.iter().map(|result| result.seconds).sum();
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

/// One rule left out, in one line.
pub fn omission(omission: &Omission) -> String {
    let mark = if omission.as_expected { "✓" } else { "✗" };
    let what = match (&omission.caught, omission.redundant) {
        (Some(caught), _) => format!("{} in {}", by(caught), caught.config),
        (None, Some(because)) => format!("redundant: {because}"),
        (None, None) if omission.verdict == Verdict::Unknown => {
            "UNKNOWN: a search ended early".to_owned()
        }
        (None, None) => "NOBODY NOTICED".to_owned(),
    };
    let symmetry = match &omission.with_symmetry {
        None => "",
        Some(with) if with.is_some() == omission.caught.is_some() => ", also with symmetry",
        Some(_) => ", NOT THE SAME WITH SYMMETRY",
    };
    format!(
        "{mark} {} without {}: {what}{symmetry}",
        omission.rung, omission.rule
    )
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
    let caught = omissions
        .iter()
        .filter(|omission| omission.caught.is_some())
        .count();
    let redundant = omissions
        .iter()
        .filter(|omission| omission.redundant.is_some())
        .count();
    let surprises = omissions
        .iter()
        .filter(|omission| !omission.as_expected)
        .count();
    let mut text = format!(
        "\n{} rules left out, one at a time: {caught} caught, {redundant} declared redundant, {surprises} not as expected\n",
        omissions.len(),
    );
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

/// The families and their named sizes.
pub fn list(families: &[Family]) -> String {
    families.iter().map(family).collect()
}

fn family(family: &Family) -> String {
    let mut text = match family {
        Family::Rung(rung) => {
            let about = rung.about();
            format!(
                "{} refines {}: {}\n  source: {}\n  rules: {}; symmetry: {}\n",
                about.id(),
                about.refines,
                about.claim,
                about.source,
                about.rules.len(),
                about.symmetry.unwrap_or("none"),
            )
        }
        Family::Live(live) => {
            let about = live.about();
            format!(
                "{} promises: {}\n  source: {}\n",
                about.id(),
                about.claim,
                about.source
            )
        }
    };
    for param in family.params() {
        let _ = writeln!(text, "  --param {}", explain(param));
    }
    let mut table = table(&["  configuration", "tier", "expected"]);
    let row = |name: &str, tier: Tier, expected| {
        [
            format!("  {}/{name}", family.id()),
            tier.to_string(),
            expected,
        ]
    };
    match family {
        Family::Rung(rung) => {
            for config in rung.about().configs {
                table.add_row(row(config.name, config.tier, expected(config)));
            }
        }
        Family::Live(live) => {
            for config in live.about().configs {
                table.add_row(row(config.name, config.tier, expected_of_promises(config)));
            }
        }
    }
    let _ = writeln!(text, "{table}\n");
    text
}

/// What is expected of the promises at a size, in words.
pub fn expected_of_promises(config: &LiveConfig) -> String {
    let broken: Vec<_> = config
        .broken
        .iter()
        .map(|broken| {
            format!(
                "\"{}\" is broken by a lasso of {} and {} steps",
                broken.promise, broken.stem, broken.cycle
            )
        })
        .collect();
    let verdict = match broken.is_empty() {
        true => "holds".to_owned(),
        false => broken.join("; "),
    };
    format!(
        "{verdict}: {} states, {} steps",
        HumanCount(config.distinct),
        HumanCount(config.steps)
    )
}

/// What is expected of a configuration, in words.
pub fn expected(config: &Config) -> String {
    use concur_models::kit::Outcome;
    match config.expect.outcome {
        Outcome::Fails { property, states } => format!("{property} fails after {states} states"),
        Outcome::Holds => format!(
            "holds: {} states at depth {}{}",
            HumanCount(config.expect.distinct),
            config.expect.depth,
            if config.expect.tlc { ", as TLC" } else { "" },
        ),
    }
}
