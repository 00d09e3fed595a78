//! The diagram in Mermaid's language, for pages that draw it themselves, such as GitHub's.

use std::fmt::Write;

use crate::diagram::{Arrow, Diagram, Fate, Row};
use crate::document::Trace;
use crate::text::fit;

/// The longest text of a note.
const LONGEST: usize = 90;

/// A `sequenceDiagram`.
pub(crate) fn mermaid(trace: &Trace) -> String {
    let diagram = Diagram::of(&trace.behaviour);
    let mut text = "sequenceDiagram\n".to_owned();
    if diagram.lanes.is_empty() {
        text += "    participant p0 as model\n";
    }
    for (lane, name) in diagram.lanes.iter().enumerate() {
        let _ = writeln!(text, "    participant p{lane} as {}", plain(name));
    }
    for (at, row) in diagram.rows.iter().enumerate() {
        if diagram.again == Some(at) {
            text += "    loop again and again\n";
        }
        if row.breaks {
            text += "    rect rgb(255, 214, 214)\n";
        }
        for arrow in diagram.ending_in(at) {
            let _ = writeln!(text, "    {}", message(arrow));
        }
        let _ = writeln!(text, "    {}", note(&diagram, at, row));
        if row.breaks {
            let _ = writeln!(
                text,
                "    Note over {}: ✗ {}",
                across(&diagram),
                plain(&trace.about.broken.property)
            );
            text += "    end\n";
        }
    }
    if diagram.again.is_some() {
        text += "    end\n";
    }
    text
}

fn message(arrow: &Arrow) -> String {
    let head = match arrow.fate {
        Fate::Arrives => "->>",
        Fate::Lost => "-x",
        Fate::InFlight => "--)",
    };
    format!(
        "p{}{head}p{}: {}",
        arrow.from.1,
        arrow.to.1,
        plain(&fit(&arrow.says, LONGEST))
    )
}

fn note(diagram: &Diagram, at: usize, row: &Row) -> String {
    let over = row
        .lane
        .map_or_else(|| across(diagram), |lane| format!("p{lane}"));
    let mut lines = vec![format!("{} {}{}", at + 1, row.kind.mark(), row.label)];
    for (lane, changes) in &row.notes {
        let whose = lane.filter(|lane| Some(*lane) != row.lane);
        let whose = whose.map_or_else(String::new, |lane| format!("{}: ", diagram.lanes[lane]));
        lines.extend(changes.iter().map(|change| format!("{whose}{change}")));
    }
    let lines: Vec<_> = lines
        .iter()
        .map(|line| plain(&fit(line, LONGEST)))
        .collect();
    format!("Note over {over}: {}", lines.join("<br/>"))
}

/// All lifelines together.
fn across(diagram: &Diagram) -> String {
    match diagram.lanes.len() {
        0 | 1 => "p0".to_owned(),
        lanes => format!("p0,p{}", lanes - 1),
    }
}

/// A text in which nothing means anything to Mermaid.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '&' | '"' | '{' | '}' => {
                let _ = write!(plain, "#{};", u32::from(c));
            }
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_means_anything() {
        assert_eq!(
            plain("a; b #1 <br>\n{x}"),
            "a#59; b #35;1 #60;br#62; #123;x#125;"
        );
    }
}
