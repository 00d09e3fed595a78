//! The published bugs, for people: on a terminal, and as the committed page.

use std::fmt::Write;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::HumanCount;

use crate::methods::zoo::{Matrix, Rival, Sighting, Specimen};
use crate::verdict::{PropertyKind, Verdict};
use crate::zoo::ELSEWHERE;

/// One bug in one line, as it comes in.
pub fn line(specimen: &Specimen) -> String {
    let mark = if specimen.as_expected { "✓" } else { "✗" };
    let found = match specimen.verdict {
        Verdict::Fails => caught(specimen),
        Verdict::Holds => format!("NOT FOUND: {} does not fail", specimen.breaks),
        Verdict::Unknown => "UNKNOWN: the search ended early".to_owned(),
    };
    format!(
        "{mark} {:<4} {}\n       {}, {}: {found}",
        specimen.id, specimen.what, specimen.rung, specimen.seed
    )
}

/// What the named property's failure looks like.
fn caught(specimen: &Specimen) -> String {
    let by = specimen.breaks;
    match (specimen.kind, specimen.sighting.states, &specimen.lasso) {
        (_, _, Some(lasso)) => {
            let (stem, cycle) = lasso.stem_and_cycle();
            format!("\"{by}\" is broken by a lasso of {stem} and {cycle} steps")
        }
        (Some(PropertyKind::Coverage), ..) => format!("never seen: {by}"),
        (_, Some(states), _) => format!("{by} fails after {states} states"),
        _ => format!("{by} fails"),
    }
}

/// All bugs in a table, and what they come to.
pub fn summary(specimens: &[Specimen], not_run: &[String], took: Duration) -> String {
    let mut header = vec!["bug", "breaks", "source", "length", "states"];
    let matrix = specimens.iter().any(|specimen| specimen.matrix.is_some());
    if matrix {
        header.extend(["symmetry", "stateright BFS", "stateright DFS"]);
    }
    header.push("seconds");
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for specimen in specimens {
        let mut row = vec![
            specimen.id.to_owned(),
            specimen.breaks.to_owned(),
            specimen.source.to_owned(),
            length(&specimen.sighting),
            HumanCount(specimen.sighting.distinct).to_string(),
        ];
        if matrix {
            row.extend(columns(specimen));
        }
        row.push(format!("{:.2}", specimen.seconds));
        table.add_row(row);
    }
    for column in [3, 4, if matrix { 8 } else { 5 }] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("\n{table}\n\n{}", closing(specimens, not_run, took))
}

fn closing(specimens: &[Specimen], not_run: &[String], took: Duration) -> String {
    let found = specimens.iter().filter(|s| s.sighting.found).count();
    let surprises = specimens.iter().filter(|s| !s.as_expected).count();
    let seconds = took.as_secs_f64();
    let distinct: u64 = specimens.iter().map(|s| s.sighting.distinct).sum();
    let mut text = format!(
        "{} bugs planted: {found} found for the property that their source names, {surprises} not as expected; {} states in {seconds:.1} s\n",
        specimens.len(),
        HumanCount(distinct),
    );
    if !not_run.is_empty() {
        let _ = writeln!(text, "interrupted: {} were not looked for", not_run.len());
    }
    text
}

/// How long the counterexample is.
fn length(sighting: &Sighting) -> String {
    match (sighting.found, sighting.states) {
        (true, Some(states)) => states.to_string(),
        (true, None) => "–".to_owned(),
        (false, _) if sighting.stop.is_some() => "unknown".to_owned(),
        (false, _) => "NOT FOUND".to_owned(),
    }
}

/// The columns of the matrix.
fn columns(specimen: &Specimen) -> [String; 3] {
    specimen.matrix.as_ref().map_or_else(
        || ["–", "–", "–"].map(str::to_owned),
        |matrix: &Matrix| {
            [
                reduced(matrix.symmetry, specimen),
                rival(matrix.stateright_bfs, specimen),
                rival(matrix.stateright_dfs, specimen),
            ]
        },
    )
}

fn reduced(symmetry: Option<Sighting>, specimen: &Specimen) -> String {
    match symmetry {
        None if specimen.kind == Some(PropertyKind::Liveness) => "not sound".to_owned(),
        None => "none".to_owned(),
        Some(sighting) if sighting.found => match sighting.states {
            Some(states) => format!("{states} in {}", HumanCount(sighting.distinct)),
            None => format!("found in {}", HumanCount(sighting.distinct)),
        },
        Some(Sighting { stop: Some(_), .. }) => "**unknown**".to_owned(),
        Some(_) => "**hidden**".to_owned(),
    }
}

fn rival(rival: Rival, specimen: &Specimen) -> String {
    match rival {
        Rival::Found { states, distinct } => format!("{states} in {}", HumanCount(distinct)),
        Rival::Missed { distinct } => format!("missed in {}", HumanCount(distinct)),
        Rival::GaveUp { distinct } => format!("not within {}", HumanCount(distinct)),
        Rival::Panicked => "panics".to_owned(),
        Rival::NoWord => match specimen.kind {
            Some(PropertyKind::Step) => "knows no steps",
            Some(PropertyKind::Refinement) => "knows no refinement",
            Some(PropertyKind::Liveness) => "knows no fairness",
            _ => "does not ask what is never seen",
        }
        .to_owned(),
    }
}

/// The committed page: one row per bug.
pub fn page(specimens: &[Specimen]) -> String {
    let mut text = "# Published bugs\n\n\
        Written by `cargo run --release -- report`; `cargo run --release -- zoo --matrix` shows the same. Each bug is planted in a model, by leaving a rule out or by a parameter, and looked for until the property fails that *its source* names, \
        whatever else fails before. *Length* counts the states on a shortest counterexample (the steps of a lasso, where a promise is broken), *states* those that were distinct when the search ended. *First* is what fails first where that is something else: an \
        invariant near the mistake. The last columns are the same search up to the rung's symmetry, and by stateright's own checkers on one thread: length and states. They look up once in 1,500 states, and give up after 2,000,000 generated ones.\n\n\
        | bug | what is wrong | source | planted | at | breaks | length | states | first | symmetry | stateright BFS | stateright DFS |\n\
        |---|---|---|---|---|---|--:|--:|---|---|---|---|\n"
        .to_owned();
    for specimen in specimens {
        let _ = writeln!(text, "{}", row(specimen));
    }
    let _ = write!(
        text,
        "\n{}\nNear these, and not here:\n\n",
        tally(specimens)
    );
    text.extend(ELSEWHERE.iter().map(|bug| format!("- {bug}\n")));
    text
}

fn row(specimen: &Specimen) -> String {
    let sighting = &specimen.sighting;
    let [symmetry, bfs, dfs] = columns(specimen);
    let first = specimen.first.map_or_else(
        || "–".to_owned(),
        |first| format!("{} after {}", first.by, first.states),
    );
    let length = match sighting.found {
        true => length(sighting),
        false => "**not found**".to_owned(),
    };
    format!(
        "| {} | {} | {} | {} | `{}` | {} | {length} | {} | {first} | {symmetry} | {bfs} | {dfs} |",
        specimen.id,
        specimen.what,
        specimen.source,
        planted(specimen),
        specimen.size,
        specimen.breaks,
        HumanCount(sighting.distinct),
    )
}

/// Where and how, with a link to the story of the rule.
fn planted(specimen: &Specimen) -> String {
    let protocol = specimen.rung.split('/').next().unwrap_or_default();
    match specimen.seed.strip_prefix("without ") {
        Some(rule) => format!(
            "{} without [{rule}](without/{protocol}/{rule}.md)",
            specimen.rung
        ),
        None => format!("{} by a parameter", specimen.rung),
    }
}

/// What the columns come to.
fn tally(specimens: &[Specimen]) -> String {
    let matrices = || specimens.iter().filter_map(|s| s.matrix.as_ref());
    let count = |wanted: &dyn Fn(&Matrix) -> bool| matrices().filter(|m| wanted(m)).count();
    let found = |rival: Rival| matches!(rival, Rival::Found { .. });
    format!(
        "{} planted, {} found; {} of {} also with symmetry. stateright finds {} breadth first and {} depth first, and has no word for {}.\n",
        specimens.len(),
        specimens.iter().filter(|s| s.sighting.found).count(),
        count(&|m| m.symmetry.is_some_and(|symmetry| symmetry.found)),
        count(&|m| m.symmetry.is_some()),
        count(&|m| found(m.stateright_bfs)),
        count(&|m| found(m.stateright_dfs)),
        count(&|m| m.stateright_bfs == Rival::NoWord),
    )
}
