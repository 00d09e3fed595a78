//! Source files as pages: the text of their `//!` lines, the code below it, and the names in brackets that lead to other modules and to definitions.

use std::fs;
use std::path::Path;

use crate::links::{Aim, folder};

/// The `//!` lines at the top of a file, as Markdown, and how many lines they take.
pub(crate) fn documentation(source: &str) -> (String, usize) {
    let lines = source.lines().take_while(|line| line.starts_with("//!"));
    let count = lines.clone().count();
    let text = lines.map(|line| {
        let line = line.trim_start_matches("//!");
        line.strip_prefix(' ').unwrap_or(line)
    });
    (hide(text), count)
}

/// The lines without those of examples that rustdoc hides, too.
fn hide<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut within = false;
    let mut text = String::new();
    for line in lines {
        if line.starts_with("```") {
            within = !within;
        }
        if !(within && (line == "#" || line.starts_with("# "))) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// What a file is called: the first words of its documentation, up to the first pause.
pub(crate) fn title(documentation: &str) -> String {
    let first = documentation.lines().next().unwrap_or_default();
    let pause = [", after ", ": ", "; ", ". ", " ("];
    let end = pause.iter().filter_map(|mark| first.find(mark)).min();
    let words = &first[..end.unwrap_or(first.len())];
    words
        .trim_end_matches(['.', ':', ','])
        .replace(['`', '*', '[', ']'], "")
}

/// What the name `to` in the documentation of `from` means: a module of the same crate, or the line of a definition.
pub(crate) fn aim(root: &Path, from: &str, to: &str) -> Aim {
    let name = to.trim_matches('`').trim_end_matches("()");
    let parts: Vec<_> = name.split("::").collect();
    let is_name = |part: &&str| part.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !parts.iter().all(is_name) {
        return Aim::Nowhere;
    }
    let mut at = from.to_owned();
    for (index, part) in parts.iter().enumerate() {
        let next = match *part {
            "crate" => top(root, from),
            "self" => Some(at.clone()),
            "super" => above(root, &at),
            part => module(root, &at, part),
        };
        match next {
            Some(next) => at = next,
            None => return definition(root, &at, parts[index]),
        }
    }
    Aim::File {
        path: at,
        anchor: String::new(),
    }
}

/// The first page of the crate that a file is in.
fn top(root: &Path, from: &str) -> Option<String> {
    let end = from.rfind("src/")?;
    let path = format!("{}src/lib.rs", &from[..end]);
    root.join(&path).is_file().then_some(path)
}

/// The folder that a module's own modules are in.
fn inside(path: &str) -> String {
    let is_top = ["mod.rs", "lib.rs", "main.rs"]
        .iter()
        .any(|top| path.ends_with(&format!("/{top}")));
    if is_top {
        folder(path).to_owned()
    } else {
        path.trim_end_matches(".rs").to_owned()
    }
}

fn module(root: &Path, at: &str, name: &str) -> Option<String> {
    let folder = inside(at);
    [
        format!("{folder}/{name}.rs"),
        format!("{folder}/{name}/mod.rs"),
    ]
    .into_iter()
    .find(|path| root.join(path).is_file())
}

fn above(root: &Path, at: &str) -> Option<String> {
    let inside = inside(at);
    let parent = folder(&inside);
    [
        format!("{parent}/mod.rs"),
        format!("{parent}/lib.rs"),
        format!("{parent}.rs"),
    ]
    .into_iter()
    .find(|path| root.join(path).is_file())
}

/// The line of the file at which something of that name is defined.
fn definition(root: &Path, path: &str, name: &str) -> Aim {
    let source = fs::read_to_string(root.join(path)).unwrap_or_default();
    let kinds = [
        "struct", "enum", "trait", "fn", "type", "const", "static", "mod", "union",
    ];
    let defines = |line: &str| {
        let words: Vec<_> = line
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        words
            .windows(2)
            .any(|pair| kinds.contains(&pair[0]) && pair[1] == name)
    };
    let line = source
        .lines()
        .position(|line| !line.trim_start().starts_with("//") && defines(line));
    line.map_or(Aim::Word, |line| Aim::File {
        path: path.to_owned(),
        anchor: format!("L{}", line + 1),
    })
}
