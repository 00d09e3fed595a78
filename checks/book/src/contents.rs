//! The table of contents: what the book begins with, and in which order it goes on.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::Error;
use crate::page::Page;

/// The parts of the book, in order.
#[derive(Clone, Debug)]
pub(crate) struct Contents {
    pub(crate) parts: Vec<Part>,
}

/// A part of the book.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) title: &'static str,
    pub(crate) chapters: Vec<Chapter>,
}

/// A page and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Chapter {
    pub(crate) page: Page,
    /// How far below the first chapters of its part: 0, 1, 2.
    pub(crate) depth: usize,
    /// Whether the table of contents shows it; the others are reached from the chapter before, and page by page.
    pub(crate) shown: bool,
}

/// The folders of the protocols, in the order in which they are best read; others follow them.
const FIRST: &[&str] = &["two_phase", "paxos_commit", "paxos", "raft", "ring"];
/// What all protocols share is read last.
const LAST: &str = "kit";

impl Contents {
    /// The contents of the book of a repository.
    pub(crate) fn of(root: &Path) -> Result<Self, Error> {
        let files = |title, paths: &[&str]| {
            let there = paths.iter().filter(|path| root.join(path).is_file());
            let chapters = there.map(|path| chapter(root, path, 0));
            Ok::<_, Error>(Part {
                title,
                chapters: chapters.collect::<Result<_, _>>()?,
            })
        };
        let parts = vec![
            files("Concur", &["README.md", "ARCHITECTURE.md"])?,
            promises(root)?,
            folders(root, "The models", "models/src")?,
            folders(root, "The cores", "impls/cores/src")?,
            files(
                "What was found",
                &[
                    "reports/README.md",
                    "reports/verification.md",
                    "reports/promises.md",
                    "reports/concordance.md",
                    "reports/zoo.md",
                ],
            )?,
            without(root)?,
            files("Formats", &["checks/JSON.md", "checks/trace/TRACE.md"])?,
            files("Taking part", &["CONTRIBUTING.md", "CHANGELOG.md"])?,
        ];
        Ok(Self {
            parts: parts
                .into_iter()
                .filter(|part| !part.chapters.is_empty())
                .collect(),
        })
    }

    /// All chapters, in order.
    pub(crate) fn chapters(&self) -> impl Iterator<Item = &Chapter> {
        self.parts.iter().flat_map(|part| &part.chapters)
    }
}

fn chapter(root: &Path, path: &str, depth: usize) -> Result<Chapter, Error> {
    Ok(Chapter {
        page: Page::read(root, path)?,
        depth,
        shown: true,
    })
}

/// What must be believed: the top of each ladder.
fn promises(root: &Path) -> Result<Part, Error> {
    let mut chapters = Vec::new();
    for name in protocols(root, "models/src") {
        let folder = format!("models/src/{name}");
        let mut specs = vec![format!("{folder}/spec.rs")];
        specs.extend(
            entries(root, &folder)
                .into_iter()
                .map(|name| format!("{folder}/{name}/spec.rs")),
        );
        for spec in specs.iter().filter(|spec| root.join(spec).is_file()) {
            chapters.push(chapter(root, spec, 0)?);
        }
    }
    Ok(Part {
        title: "The promises",
        chapters,
    })
}

/// The page of a crate, and that of each of its folders, protocol by protocol.
fn folders(root: &Path, title: &'static str, sources: &str) -> Result<Part, Error> {
    let mut chapters = Vec::new();
    let top = format!("{sources}/lib.rs");
    if root.join(&top).is_file() {
        chapters.push(chapter(root, &top, 0)?);
    }
    for name in protocols(root, sources)
        .iter()
        .map(String::as_str)
        .chain([LAST])
    {
        descend(root, &format!("{sources}/{name}"), 0, &mut chapters)?;
    }
    Ok(Part { title, chapters })
}

fn descend(
    root: &Path,
    folder: &str,
    depth: usize,
    chapters: &mut Vec<Chapter>,
) -> Result<(), Error> {
    let path = format!("{folder}/mod.rs");
    if root.join(&path).is_file() {
        chapters.push(chapter(root, &path, depth)?);
    }
    for name in entries(root, folder) {
        descend(root, &format!("{folder}/{name}"), depth + 1, chapters)?;
    }
    Ok(())
}

/// The folders of the protocols below a folder of sources.
fn protocols(root: &Path, sources: &str) -> Vec<String> {
    let mut names = entries(root, sources);
    names.retain(|name| name != LAST && root.join(sources).join(name).is_dir());
    let place = |name: &String| FIRST.iter().position(|first| first == name);
    names.sort_by_key(|name| place(name).unwrap_or(FIRST.len()));
    names
}

/// The stories of the rules left out: a list for each protocol, and then they follow one another.
fn without(root: &Path) -> Result<Part, Error> {
    let mut chapters = Vec::new();
    for protocol in entries(root, "reports/without") {
        let folder = format!("reports/without/{protocol}");
        let mut pages = Vec::new();
        for name in entries(root, &folder)
            .iter()
            .filter(|name| name.ends_with(".md"))
        {
            let mut page = chapter(root, &format!("{folder}/{name}"), 1)?;
            page.shown = false;
            pages.push(page);
        }
        let mut list = format!(
            "# {protocol} without each rule\n\nWhat follows where one rule is left out, and nothing else is changed.\n\n"
        );
        for page in pages.iter().map(|chapter| &chapter.page) {
            let says = page
                .markdown
                .lines()
                .skip(1)
                .find(|line| !line.trim().is_empty());
            let name = page.title.trim_start_matches("Without ");
            let file = page.path.rsplit_once('/').map_or("", |(_, file)| file);
            let _ = writeln!(list, "- [`{name}`]({file}): {}", says.unwrap_or_default());
        }
        chapters.push(Chapter {
            page: Page::document(&format!("{folder}/README.md"), list),
            depth: 0,
            shown: true,
        });
        chapters.extend(pages);
    }
    Ok(Part {
        title: "Without each rule",
        chapters,
    })
}

/// The names in a folder, in order; none if there is no such folder.
pub(crate) fn entries(root: &Path, folder: &str) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(root.join(folder))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}
