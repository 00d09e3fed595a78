//! Small things that several views need: short forms of changes, and texts that fit.

use crate::change::Change;
use crate::document::Step;
use crate::nodes::Nodes;
use crate::value::Value;

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
    let restates = |node: Option<&str>| {
        let whole = |(place, change): &(crate::nodes::Place<'_>, &Change)| {
            place.node == node && place.variable.is_empty() && change.to.is_some()
        };
        places.iter().any(whole)
    };
    for (place, change) in &places {
        // What a node no more has is no news where it is something else altogether, such as down.
        if change.to.is_none() && place.node.is_some() && restates(place.node) {
            continue;
        }
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
        (None, Some(to)) => format!("{variable} = {}", bare(to)),
        (Some(_), None) => format!("{variable} gone"),
        (Some(from), Some(to)) => arrow(variable, &bare(from), &bare(to)),
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

/// A value without the name of its type.
pub(crate) fn bare(value: &Value) -> String {
    let text = value.to_string();
    let plain = |head: &str| !head.is_empty() && head.chars().all(char::is_alphanumeric);
    match (value, text.split_once(" {")) {
        (Value::Fields(_), Some((head, rest))) if plain(head) && !rest.starts_with('}') => {
            format!("{{{rest}")
        }
        _ => text,
    }
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
