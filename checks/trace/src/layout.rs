//! Where everything in the picture is: the columns are as wide as their texts, the rows as high as their notes.

use crate::diagram::{Diagram, Row};
use crate::text::fit;

/// Pixels that a character of an action takes.
const LABEL: f64 = 7.3;
/// Pixels that a character of a note takes.
const NOTE: f64 = 6.7;
/// The longest action and the longest note, in characters.
const LONGEST: (usize, usize) = (38, 40);
/// How far an arrow is below what is above it.
pub(crate) const ARROW: f64 = 22.0;
/// How high the box of an action is.
pub(crate) const BOX: f64 = 24.0;
/// How far a note is below what is above it.
pub(crate) const LINE: f64 = 15.0;
/// Between one row and the next.
const GAP: f64 = 14.0;
/// Left of the first column: the steps' numbers.
const GUTTER: f64 = 56.0;

/// Places, in pixels.
pub(crate) struct Layout {
    /// The middle of each column.
    pub(crate) columns: Vec<f64>,
    /// The top of each row, and of what is below the last one.
    pub(crate) rows: Vec<f64>,
    /// How wide everything is.
    pub(crate) width: f64,
    /// Where the steps' numbers are.
    pub(crate) numbers: f64,
}

impl Layout {
    /// Room for a diagram that begins at `top`.
    pub(crate) fn of(diagram: &Diagram, top: f64) -> Self {
        let mut columns = Vec::new();
        let mut right = GUTTER;
        for lane in 0..diagram.lanes.len() {
            let wide = width(diagram, lane);
            columns.push(right + wide / 2.0);
            right += wide;
        }
        let mut rows = vec![top];
        for at in 0..diagram.rows.len() {
            rows.push(rows[at] + height(diagram, at));
        }
        Self {
            columns,
            rows,
            width: right.max(360.0) + 16.0,
            numbers: GUTTER / 2.0 + 6.0,
        }
    }

    /// Where actions of nobody are.
    pub(crate) fn middle(&self) -> f64 {
        let ends = self.columns.first().zip(self.columns.last());
        ends.map_or(self.width / 2.0, |(first, last)| (first + last) / 2.0)
    }

    /// The top of the box of a row.
    pub(crate) fn box_top(&self, diagram: &Diagram, at: usize) -> f64 {
        self.rows[at] + ARROW * diagram.ending_in(at).count() as f64 + 4.0
    }
}

/// An action as far as it fits into its box, and how wide that is.
pub(crate) fn label(row: &Row) -> (String, f64) {
    let label = fit(&format!("{}{}", row.kind.mark(), row.label), LONGEST.0);
    let wide = label.chars().count() as f64 * LABEL + 18.0;
    (label, wide)
}

/// A note as far as it fits.
pub(crate) fn note(text: &str) -> String {
    fit(text, LONGEST.1)
}

/// The lines of notes in a column; what belongs to no node is told where the actor is.
pub(crate) fn notes(row: &Row, column: Option<usize>) -> Vec<&str> {
    let its = |lane: Option<usize>| lane == column || lane.is_none() && row.lane == column;
    let notes = row.notes.iter().filter(|(lane, _)| its(*lane));
    notes
        .flat_map(|(_, lines)| lines.iter().map(String::as_str))
        .collect()
}

fn width(diagram: &Diagram, lane: usize) -> f64 {
    let mut widest: f64 = 120.0;
    for row in &diagram.rows {
        if row.lane == Some(lane) {
            widest = widest.max(label(row).1);
        }
        for line in notes(row, Some(lane)) {
            widest = widest.max(note(line).chars().count() as f64 * NOTE);
        }
    }
    widest + 26.0
}

fn height(diagram: &Diagram, at: usize) -> f64 {
    let row = &diagram.rows[at];
    let lanes = (0..diagram.lanes.len()).map(Some).chain([None]);
    let tallest = lanes.map(|lane| notes(row, lane).len()).max().unwrap_or(0);
    ARROW * diagram.ending_in(at).count() as f64 + 4.0 + BOX + LINE * tallest as f64 + GAP
}
