//! The table: a row for each step, a column for each node, and in each cell what changes.

use comfy_table::{ContentArrangement, Table, presets};

use crate::document::{Step, Trace};
use crate::nodes::Nodes;
use crate::story::headline;
use crate::text::notes;

/// The table, with what broke above it.
pub(crate) fn table(trace: &Trace) -> String {
    let behaviour = &trace.behaviour;
    let nodes = Nodes::of(behaviour);
    let (stem, _) = behaviour.stem_and_cycle();
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled);
    let header = ["", "action"].into_iter();
    let names = nodes.names().iter().map(String::as_str);
    table.set_header(header.chain(names).chain(["beside them"]));
    for (number, step) in (1..).zip(&behaviour.steps) {
        let again = if number > stem { "↺" } else { "" };
        table.add_row(row(format!("{number}{again}"), step, &nodes));
    }
    let lines: Vec<_> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    format!("{}\n\n{}\n", headline(trace), lines.join("\n"))
}

fn row(number: String, step: &Step, nodes: &Nodes) -> Vec<String> {
    let mut cells = vec![number, step.words().to_owned()];
    cells.resize(nodes.names().len() + 3, String::new());
    let beside = cells.len() - 1;
    for note in notes(step, nodes) {
        let lane = note.node.and_then(|node| nodes.lane(node));
        cells[lane.map_or(beside, |lane| lane + 2)] = note.lines.join("\n");
    }
    cells
}
