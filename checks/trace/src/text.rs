//! Small things that several views need: short forms of changes, and texts that fit.

use crate::change::Change;
use crate::document::Step;
use crate::nodes::Nodes;

/// What a step does to one node, or to what belongs to none.
pub(crate) struct Note<'t> {
    /// The node.
    pub(crate) node: Option<&'t str>,
    /// What changes, in words: `term 1 ⇨ 2`.
    pub(crate) lines: Vec<String>,
}

/// What a step changes, node by node in the order of the lifelines, and then the rest.
pub(crate) fn notes<'t>(step: &Step, nodes: &'t Nodes) -> Vec<Note<'t>> {
    let actor = step.event.actor.as_deref();
    let mut notes: Vec<Note<'t>> = Vec::new();
    let of = |change: &Change| nodes.place_of(change, actor);
    let mut places: Vec<_> = step
        .changes
        .iter()
        .map(|change| (of(change), change))
        .collect();
    let order =
        |node: Option<&str>| node.map_or(usize::MAX, |node| nodes.lane(node).unwrap_or(usize::MAX));
    places.sort_by_key(|(place, _)| order(place.node));
    // What something no more has is no news where it is something else altogether, such as down.
    let is_news = |change: &Change| {
        let above = change.at.split_last().map_or(&[][..], |(_, above)| above);
        let restates = |other: &Change| {
            let head = other.at.split_last();
            let is_head = head.is_some_and(|(name, path)| name.is_empty() && path == above);
            is_head && other.to.is_some()
        };
        change.to.is_some() || !step.changes.iter().any(restates)
    };
    places.retain(|(_, change)| is_news(change));
    for (place, change) in &places {
        let line = short(&place.variable, change);
        match notes.last_mut() {
            Some(note) if note.node == place.node => note.lines.push(line),
            _ => notes.push(Note {
                node: place.node,
                lines: vec![line],
            }),
        }
    }
    notes
}

/// One change in a few words.
fn short(variable: &str, change: &Change) -> String {
    if let Some((added, removed)) = change.elements() {
        let signed = |sign, elements: Vec<&str>| {
            let elements = elements.into_iter();
            elements
                .map(move |element| format!("{sign} {element}"))
                .collect::<Vec<_>>()
        };
        let both = [signed('+', added), signed('−', removed)].concat();
        return format!("{variable} {}", both.join(" ")).trim().to_owned();
    }
    let told = match (&change.from, &change.to) {
        (None, Some(to)) => format!("{variable} = {}", to),
        (Some(_), None) => format!("{variable} gone"),
        (Some(from), Some(to)) => arrow(variable, &from.to_string(), &to.to_string()),
        (None, None) => String::new(),
    };
    told.trim().trim_start_matches("= ").to_owned()
}

fn arrow(variable: &str, from: &str, to: &str) -> String {
    const LONG: usize = 24;
    if from.chars().count() > LONG {
        return format!("{variable} = {to}");
    }
    format!("{variable} {from} ⇨ {to}")
}

/// As much of a text as fits, with a mark where something was cut.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

/// A text for XML and HTML, in elements and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // No other control character may stand in XML.
            c if c.is_control() && !"\n\t".contains(c) => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes() {
        assert_eq!(
            escape("<a b=\"c\">&'\u{1}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#39;\u{FFFD}"
        );
    }

    #[test]
    fn what_is_cut_is_marked() {
        assert_eq!(fit("n1→n2 Prepared", 6), "n1→n2…");
        assert_eq!(fit("n1→n2", 5), "n1→n2");
    }
}
