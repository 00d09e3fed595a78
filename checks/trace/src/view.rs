//! The views of a trace, by name.

use crate::document::Trace;
use crate::{html, mermaid, sequence, shiviz, story, svg, table};

/// A way to show a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Numbered actions, each with what it changes.
    Story,
    /// A column for each node, time downwards, in text.
    Sequence,
    /// A row for each step, a column for each node.
    Table,
    /// The document itself.
    Json,
    /// A diagram in Mermaid's language.
    Mermaid,
    /// A picture.
    Svg,
    /// A page that stands alone: diagram, steps, states.
    Html,
    /// A log with vector clocks, for ShiViz.
    Shiviz,
}

impl View {
    /// The trace, shown like that. Ends with a line break.
    pub fn show(self, trace: &Trace) -> String {
        match self {
            Self::Story => story::page(trace),
            Self::Sequence => sequence::sequence(trace),
            Self::Table => table::table(trace),
            Self::Json => trace.write(),
            Self::Mermaid => mermaid::mermaid(trace),
            Self::Svg => svg::svg(trace),
            Self::Html => html::html(trace),
            Self::Shiviz => shiviz::shiviz(trace),
        }
    }
}
