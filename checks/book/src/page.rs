//! A page of the book: one file of the repository, or a list that the book adds.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use pulldown_cmark::HeadingLevel;

use crate::Error;
use crate::contents::entries;
use crate::links::{Aim, aim, folder};
use crate::markdown::{Heading, escape, headings};
use crate::rust;

/// One page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The file that it is made from, below the root of the repository.
    pub(crate) path: String,
    /// The file that it becomes, below the folder of the book.
    pub(crate) out: String,
    /// What it is called.
    pub(crate) title: String,
    /// What it says.
    pub(crate) markdown: String,
    /// The headings of what it says.
    pub(crate) headings: Vec<Heading>,
    /// The lines of a file that is shown as it is, and the number of the first one.
    pub(crate) listing: Option<(usize, String)>,
}

impl Page {
    /// The page of a file.
    pub(crate) fn read(root: &Path, path: &str) -> Result<Self, Error> {
        let at = root.join(path);
        let text = fs::read_to_string(&at).map_err(|error| Error::Read(at, error))?;
        Ok(match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("md") => Self::document(path, text),
            Some("rs") => Self::source(root, path, &text),
            _ => Self {
                listing: Some((1, text)),
                ..Self::document(path, format!("# {}\n", name(path)))
            },
        })
    }

    /// The page of a text in Markdown.
    pub(crate) fn document(path: &str, markdown: String) -> Self {
        let headings = headings(&markdown);
        let first = headings
            .iter()
            .find(|heading| heading.level == HeadingLevel::H1);
        Self {
            path: path.to_owned(),
            out: out(path),
            title: first.map_or_else(|| name(path).to_owned(), |heading| heading.text.clone()),
            markdown,
            headings,
            listing: None,
        }
    }

    fn source(root: &Path, path: &str, text: &str) -> Self {
        let (documentation, lines) = rust::documentation(text);
        let title = rust::title(&documentation);
        let mut markdown = format!("# {title}\n\n`{path}`\n\n{documentation}\n");
        if path.ends_with("/mod.rs") || path.ends_with("/lib.rs") {
            markdown.push_str(&beside(root, path));
        }
        let blank = |line: &&str| line.trim().is_empty();
        let before = lines + text.lines().skip(lines).take_while(blank).count();
        let code = text.lines().skip(before);
        let code = code.fold(String::new(), |all, line| all + line + "\n");
        Self {
            listing: Some((before + 1, code)),
            ..Self::document(path, markdown)
        }
    }

    /// What the link `to` on this page means.
    pub(crate) fn aim(&self, root: &Path, to: &str) -> Aim {
        let looks_like_a_file = to.contains(['/', '#', '.']);
        if self.path.ends_with(".rs") && !looks_like_a_file {
            return rust::aim(root, &self.path, to);
        }
        aim(root, &self.path, to)
    }

    /// Whether there is a place of that name on this page.
    pub(crate) fn has(&self, anchor: &str) -> bool {
        let line = || {
            let number: usize = anchor.strip_prefix('L')?.parse().ok()?;
            let (first, code) = self.listing.as_ref()?;
            Some(number >= *first && number < first + code.lines().count())
        };
        self.headings.iter().any(|heading| heading.id == anchor) || line() == Some(true)
    }

    /// The lines that are shown as they are, each of which can be linked to.
    pub(crate) fn lines(&self) -> String {
        let Some((first, code)) = &self.listing else {
            return String::new();
        };
        let mut html = String::from("<pre class=\"lines\"><code>");
        for (index, line) in code.lines().enumerate() {
            let class = match line.trim_start().starts_with("//") {
                true => " class=\"says\"",
                false => "",
            };
            let _ = write!(
                html,
                "<span id=\"L{}\"{class}>{}</span>",
                first + index,
                escape(line)
            );
        }
        html + "</code></pre>\n"
    }
}

/// The files and folders beside the first file of a folder, and what each is for.
fn beside(root: &Path, path: &str) -> String {
    let folder = folder(path);
    let names = entries(root, folder);
    let lines = names.iter().filter_map(|name| {
        let file = match name.ends_with(".rs") {
            true => name.clone(),
            false => format!("{name}/mod.rs"),
        };
        let text = fs::read_to_string(root.join(folder).join(&file)).ok()?;
        let line = text
            .lines()
            .next()?
            .strip_prefix("//! ")?
            .replace(['[', ']'], "");
        (!path.ends_with(&format!("/{file}"))).then(|| format!("- [`{name}`](./{file}): {line}\n"))
    });
    let list: String = lines.collect();
    match list.as_str() {
        "" => list,
        _ => format!("\n## In this folder\n\n{list}\n"),
    }
}

/// The file that a page becomes. A README is what a folder shows.
fn out(path: &str) -> String {
    if let Some(folder) = path.strip_suffix("README.md") {
        return format!("{folder}index.html");
    }
    match path.strip_suffix(".md") {
        Some(path) => format!("{path}.html"),
        None => format!("{path}.html"),
    }
}

fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
