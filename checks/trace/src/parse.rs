//! Reads the `Debug` form of a state as a tree. It understands structs, maps, sets and lists, and the short forms that models print: `Leader@2 voted=n1 log=[a@2]`,
//! `Memory { … } disk: Store { … }`, `x (synced: y)`. What it does not understand stays text, so it never fails.

use crate::value::{Value, told_apart};

/// The tree that `text` shows.
pub(crate) fn value(text: &str) -> Value {
    let text = text.trim();
    let words = split(text, char::is_whitespace);
    if let [.., last] = words[..]
        && words.len() <= 2
        && let Some(inside) = inside(last, '{', '}')
    {
        let head = words.len() == 2;
        return braces(inside, head.then_some(words[0]));
    }
    if let Some(inside) = inside(text, '[', ']') {
        return Value::Items(elements(inside));
    }
    variant(text).unwrap_or_else(|| side_by_side(text, &words))
}

/// What stands between two braces: the fields of a struct or the entries of a map, if they have names, or else the elements of a set.
fn braces(inside: &str, head: Option<&str>) -> Value {
    let mut fields: Vec<(String, String)> = Vec::new();
    let parts = elements(inside);
    for part in &parts {
        match (entry(part), fields.last_mut()) {
            (Some((name, rest)), _) => fields.push((name.to_owned(), rest.to_owned())),
            // A comma that belongs to the value before it.
            (None, Some((_, value))) => *value = format!("{value}, {part}"),
            (None, None) => return Value::Items(parts),
        }
    }
    if !told_apart(&fields) {
        // Elements that look like entries: `{rm1: 2a, rm1: 2b}` is a set of messages.
        return Value::Items(parts);
    }
    if fields.is_empty() && head.is_none() {
        return Value::Items(Vec::new());
    }
    let head = head.map(|head| (String::new(), Value::Text(head.to_owned())));
    let fields = fields
        .iter()
        .map(|(name, text)| (name.clone(), value(text)));
    Value::Fields(head.into_iter().chain(fields).collect())
}

/// `Leader(Leading { … })`: the parts of what it holds, under the variant's name.
fn variant(text: &str) -> Option<Value> {
    let open = text.find('(').filter(|open| *open > 0)?;
    let held = inside(&text[open..], '(', ')')?;
    let head = (String::new(), Value::Text(text[..open].to_owned()));
    match value(held) {
        Value::Fields(fields) if is_word(&text[..open]) => {
            let named = fields.into_iter().filter(|(name, _)| !name.is_empty());
            Some(Value::Fields(std::iter::once(head).chain(named).collect()))
        }
        _ => None,
    }
}

/// Words one after the other, some of them with a name: `name=value`, `name: value`, `(name: value)`. Without any name it is plain text, and so it is with a name that comes twice:
/// messages one after the other are no parts of a whole.
fn side_by_side(text: &str, words: &[&str]) -> Value {
    let mut heads: Vec<&str> = Vec::new();
    let mut fields: Vec<(String, Value)> = Vec::new();
    let mut rest = words;
    while let Some((&word, after)) = rest.split_first() {
        rest = after;
        if let Some(name) = word.strip_suffix(':').filter(|name| is_word(name)) {
            let (of, after) = operand(after);
            fields.push((name.to_owned(), value(&of)));
            rest = after;
        } else if let Some((name, part)) = key(word, '=') {
            fields.push((name.to_owned(), value(part)));
        } else if let Some((name, part)) = inside(word, '(', ')').and_then(|w| key(w, ':')) {
            fields.push((name.to_owned(), value(part)));
        } else if let Some(Value::Fields(parts)) = after
            .first()
            // Only what is in braces as a whole is shorter when it is read: otherwise this would never end.
            .filter(|next| inside(next, '{', '}').is_some())
            .map(|next| value(&format!("{word} {next}")))
        {
            heads.push(word);
            fields.extend(parts.into_iter().filter(|(name, _)| !name.is_empty()));
            rest = &after[1..];
        } else if word != "()" {
            heads.push(word);
        }
    }
    if fields.is_empty() || !told_apart(&fields) {
        return Value::Text(text.to_owned());
    }
    let head = (!heads.is_empty()).then(|| (String::new(), Value::Text(heads.join(" "))));
    Value::Fields(head.into_iter().chain(fields).collect())
}

/// The value that follows a name: one word, or two if the second is what the first one holds.
fn operand<'w, 't>(words: &'w [&'t str]) -> (String, &'w [&'t str]) {
    match words {
        [head, braces, rest @ ..] if braces.starts_with('{') => (format!("{head} {braces}"), rest),
        [word, note, rest @ ..] if note.starts_with('(') => (format!("{word} {note}"), rest),
        [word, rest @ ..] => ((*word).to_owned(), rest),
        [] => (String::new(), words),
    }
}

/// A name, and what follows it.
fn key(text: &str, mark: char) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(mark)?;
    (is_word(name) && !rest.is_empty()).then(|| (name.trim(), rest.trim()))
}

/// The name of a field, or the key of an entry, which may have several words, and its value.
fn entry(text: &str) -> Option<(&str, &str)> {
    let nothing = || Some((text.strip_suffix(':')?, ""));
    let (name, rest) = text.split_once(": ").or_else(nothing)?;
    let words = name.split_whitespace().all(is_word) && !name.trim().is_empty();
    words.then(|| (name.trim(), rest.trim()))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// What stands inside, if `text` as a whole is in brackets.
fn inside(text: &str, open: char, close: char) -> Option<&str> {
    let inside = text.strip_prefix(open)?.strip_suffix(close)?;
    // The bracket that opens first must be the one that closes last.
    let mut depth = 0_i32;
    for c in inside.chars() {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        if depth < 0 {
            return None;
        }
    }
    (depth == 0).then_some(inside)
}

/// What commas tell apart, outside of brackets.
fn elements(text: &str) -> Vec<String> {
    let parts = split(text, |c| c == ',').into_iter().map(str::trim);
    parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

/// Splits where `at` is true, outside of brackets.
fn split(text: &str, at: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0_i32, 0);
    for (index, c) in text.char_indices() {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        if depth == 0 && at(c) {
            parts.push(&text[begin..index]);
            begin = index + c.len_utf8();
        }
    }
    parts.push(&text[begin..]);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        value(text).to_string()
    }

    #[test]
    fn structs_maps_sets_and_lists_are_told_apart() {
        let text =
            "State { nodes: {n1: Node { term: 1, log: [a@1, b@2] }}, up: {n1, n2}, none: {} }";
        assert_eq!(
            shown(text),
            "State {nodes: {n1: Node {term: 1, log: [a@1, b@2]}}, up: [n1, n2], none: []}"
        );
    }

    #[test]
    fn brackets_that_do_not_close_stay_text() {
        assert_eq!(shown("n1 {a [b}"), "n1 {a [b}");
        assert_eq!(shown("range {[1, 2), x"), "range {[1, 2), x");
    }

    #[test]
    fn short_forms_have_parts_too() {
        let text = "Leader@2 voted=n1 log=[a@2] votes={n1, n2}/{n1} next=[2, 2]";
        let parts = "Leader@2 {voted: n1, log: [a@2], votes: {n1, n2}/{n1}, next: [2, 2]}";
        assert_eq!(shown(text), parts);
        assert_eq!(
            shown(
                "Memory { part: Leader(Leading { next: {n1: 1} }) } disk: Store { ballot: @1 (synced: @0) }"
            ),
            "Memory {part: Leader {next: {n1: 1}}, disk: Store {ballot: @1 {synced: @0}}}"
        );
        assert_eq!(
            shown("DOWN disk: Prepared (synced: Empty)"),
            "DOWN {disk: Prepared {synced: Empty}}"
        );
        assert_eq!(shown("() disk: {rm1: none}"), "{disk: {rm1: none}}");
    }

    #[test]
    fn a_set_of_what_looks_like_entries_is_a_set() {
        let set = "{rm1: 2a prepared, rm1: a1 2b prepared}";
        let items = ["rm1: 2a prepared", "rm1: a1 2b prepared"];
        assert_eq!(value(set), Value::Items(items.map(str::to_owned).to_vec()));
    }

    #[test]
    fn messages_one_after_the_other_stay_text() {
        for text in [
            "n1 → n2 PreVote@1 last=0@0; n1 → n2 RequestVote@1 last=0@0",
            "a=1 a=1",
            "a=1 (a: 2)",
            "Node {a: 1} Node {a: 2}",
            "Node {a: 1} a=2",
        ] {
            assert_eq!(value(text), Value::Text(text.to_owned()));
        }
    }

    #[test]
    fn a_list_of_messages_is_a_list() {
        let list = "[n1 → n2 PreVote@1 last=0@0, n2 → n1 AppendEntries@1 prev=0@0 [1@1, 2@1 77] commit=0, n2 → n1 Got@2 (1f…, 8a…]]";
        let items = [
            "n1 → n2 PreVote@1 last=0@0",
            "n2 → n1 AppendEntries@1 prev=0@0 [1@1, 2@1 77] commit=0",
            "n2 → n1 Got@2 (1f…, 8a…]",
        ];
        assert_eq!(value(list), Value::Items(items.map(str::to_owned).to_vec()));
    }

    #[test]
    fn every_word_before_the_braces_is_kept() {
        assert_eq!(shown("up Node {a: 1} b=2"), "up Node {a: 1, b: 2}");
        assert_eq!(shown("One {a: 1} Other {b: 2}"), "One Other {a: 1, b: 2}");
    }

    #[test]
    fn names_may_have_several_words() {
        let text = "{n1: 1@0 follower, n1 disk: promised 1, voted 2, sent: }";
        assert_eq!(
            shown(text),
            "{n1: 1@0 follower, n1 disk: promised 1, voted 2, sent: }"
        );
    }

    #[test]
    fn commas_may_belong_to_a_value() {
        let text = "State { faults: crashes 1, losses 2, down: {} }";
        assert_eq!(shown(text), "State {faults: crashes 1, losses 2, down: []}");
    }

    #[test]
    fn what_is_not_understood_stays_text() {
        for text in [
            "",
            "}{",
            "Some(n1)",
            "v1@2",
            "n1→n2@2 Granted",
            "((",
            "a b c",
        ] {
            assert_eq!(value(text), Value::Text(text.to_owned()));
        }
    }
}
