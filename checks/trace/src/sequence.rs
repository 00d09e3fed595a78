//! The sequence diagram in text: a column for each node, time downwards.

use std::fmt::Write;

use crate::diagram::{Arrow, Diagram, Fate, Row};
use crate::document::Trace;
use crate::story::headline;
use crate::text::fit;

/// Columns between one lifeline and the next.
const APART: usize = 36;
/// Columns before the first lifeline.
const MARGIN: usize = 8;

/// The diagram, with what broke above and below it.
pub(crate) fn sequence(trace: &Trace) -> String {
    let diagram = Diagram::of(&trace.behaviour);
    let mut text = headline(trace) + "\n\n";
    let mut head = Line::new(&diagram, None);
    for (lane, name) in diagram.lanes.iter().enumerate() {
        head.put(column(lane), name);
    }
    text += &head.done();
    for (at, row) in diagram.rows.iter().enumerate() {
        if diagram.again == Some(at) {
            text += "     and then, again and again:\n";
        }
        for arrow in diagram.ending_in(at) {
            text += &arrow_line(&diagram, at, arrow);
        }
        text += &row_lines(&diagram, at, row);
    }
    if diagram.again.is_none() {
        let _ = writeln!(text, "     ✗ {}", trace.about.broken.property);
    }
    text
}

fn column(lane: usize) -> usize {
    MARGIN + lane * APART
}

/// The action where its node is, and below it what changes.
fn row_lines(diagram: &Diagram, at: usize, row: &Row) -> String {
    let mut line = Line::new(diagram, Some(at));
    let mark = if row.breaks { "✗" } else { " " };
    line.put(0, &format!("{:>3} {mark}", at + 1));
    let from = row.lane.map_or(MARGIN + 2, column);
    line.put(from, &format!("● {}{}", row.kind.mark(), row.label));
    let mut text = line.done();
    let tallest = row.notes.iter().map(|(_, lines)| lines.len()).max();
    for nth in 0..tallest.unwrap_or(0) {
        let mut line = Line::new(diagram, Some(at));
        for (lane, lines) in row.notes.iter().filter(|(lane, _)| lane.is_some()) {
            if let (Some(lane), Some(note)) = (lane, lines.get(nth)) {
                line.put(column(*lane) + 2, &fit(note, APART - 3));
            }
        }
        if !line.is_blank() {
            text += &line.done();
        }
    }
    for note in row
        .notes
        .iter()
        .filter(|(lane, _)| lane.is_none())
        .flat_map(|(_, lines)| lines)
    {
        let mut line = Line::new(diagram, Some(at));
        line.put(from + 2, note);
        text += &line.done();
    }
    text
}

fn arrow_line(diagram: &Diagram, at: usize, arrow: &Arrow) -> String {
    let (from, to) = (column(arrow.from.1), column(arrow.to.1));
    let sent = match arrow.from.0 + 1 {
        earlier if arrow.from.0 != at => format!(" (sent at {earlier})"),
        _ => String::new(),
    };
    let says = format!("{}{sent}", arrow.says);
    let mut line = Line::new(diagram, at.checked_sub(1));
    if from == to {
        line.put(from, &format!("↩ {says}"));
        return line.done();
    }
    let (left, right) = (from.min(to), from.max(to));
    let (end, dash) = match arrow.fate {
        Fate::Arrives if to > from => ("▶", "─"),
        Fate::Arrives => ("◀", "─"),
        Fate::Lost => ("✗", "┄"),
        Fate::InFlight => ("…", "┄"),
    };
    line.put(left + 1, &dash.repeat(right - left - 1));
    line.put(if to > from { right - 1 } else { left + 1 }, end);
    line.put(left + 3, &format!(" {} ", fit(&says, right - left - 7)));
    line.done()
}

/// A line on which lifelines show where nothing else is written.
struct Line {
    cells: Vec<char>,
    blank: Vec<char>,
}

impl Line {
    /// The line behind that row, or the one above the first.
    fn new(diagram: &Diagram, row: Option<usize>) -> Self {
        let mut cells = Vec::new();
        for lane in 0..diagram.lanes.len() {
            cells.resize(column(lane), ' ');
            let down = row.is_some_and(|row| diagram.is_down(lane, row));
            cells.push(if down { ' ' } else { '│' });
        }
        Self {
            blank: cells.clone(),
            cells,
        }
    }

    fn put(&mut self, at: usize, text: &str) {
        for (at, c) in (at..).zip(text.chars()) {
            if self.cells.len() <= at {
                self.cells.resize(at + 1, ' ');
            }
            self.cells[at] = c;
        }
    }

    fn is_blank(&self) -> bool {
        self.cells == self.blank
    }

    fn done(self) -> String {
        let line: String = self.cells.into_iter().collect();
        line.trim_end().to_owned() + "\n"
    }
}
