//! The page that has a row for each rule: what it says, where it is said, which model and which core keep it, in which story it is at work, and what follows without it.

use std::fmt::Write;

use super::files::{Evidence, WITHOUT};
use super::source::{Sources, names};
use crate::methods::omission::Omission;
use crate::registry::{About, RUNGS};

/// Where the cores are.
const CORES: &str = "impls/cores/src/";
/// Where their stories are, as they were told last.
const STORIES: &str = "impls/cores/tests/";
/// How many stories of a rule are named before the rest is only counted.
const MOST_STORIES: usize = 2;

/// The page.
pub(super) fn concordance(evidence: &Evidence) -> String {
    let mut text = "# Every rule\n\n\
        Written by `cargo run --release -- report`. A rule is what a paper states in one sentence. *Model* and *core* are the files that keep it; a core \
        that refuses something names the rule, and *story* is a test that shows it refusing. Left out, a rule must be missed: the last column \
        names the property that fails, and the number of states in a shortest counterexample, which is told behind the link.\n"
        .to_owned();
    let kept = Kept::by(&evidence.sources);
    for rung in RUNGS {
        let about = rung.about();
        let _ = write!(
            text,
            "\n## {}\n\n| rule | what it says | source | model | core | story | without it |\n|---|---|---|---|---|---|---|\n",
            about.id()
        );
        let its = |omission: &&Omission| omission.rung == about.id();
        for omission in evidence.omissions.iter().filter(its) {
            let _ = writeln!(
                text,
                "| `{}` ({}) | {} | {} | {} | {} | {} | {} |",
                omission.rule,
                omission.kind,
                omission.says,
                omission.source,
                kept.model(&about, omission.rule),
                kept.core(omission.rule),
                kept.story(omission.rule),
                consequence(omission, about.protocol),
            );
        }
    }
    text
}

/// Where rules are kept, and told of.
struct Kept<'a> {
    sources: &'a Sources,
    cores: Vec<(String, String)>,
    stories: Vec<(String, String)>,
}

impl<'a> Kept<'a> {
    fn by(sources: &'a Sources) -> Self {
        Self {
            sources,
            cores: sources.files(CORES, ".rs"),
            stories: sources.files(STORIES, ".snap"),
        }
    }

    /// The file of the model that keeps a rule. A cluster of cores has no model of its own.
    fn model(&self, about: &About, rule: &str) -> String {
        let place = self.sources.place(about.model, rule);
        let file = place.map(|place| place.file).unwrap_or_default();
        match file.strip_prefix("models/src/") {
            Some(name) => format!("[{name}](../{file})"),
            None => "–".to_owned(),
        }
    }

    fn core(&self, rule: &str) -> String {
        let rule = format!("::{rule}");
        let keep = self.cores.iter().filter(|(_, text)| names(text, &rule));
        listed(keep.map(|(file, _)| {
            let name = file.trim_start_matches(CORES);
            format!("[{name}](../{file})")
        }))
    }

    fn story(&self, rule: &str) -> String {
        let tell = self.stories.iter().filter(|(_, text)| names(text, rule));
        let mut told: Vec<_> = tell.map(|(file, _)| story(file)).collect();
        let more = told.len().saturating_sub(MOST_STORIES);
        told.truncate(MOST_STORIES);
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        listed(told.into_iter())
    }
}

/// A link to a story, whose name is a sentence.
fn story(file: &str) -> String {
    let name = file.trim_end_matches(".snap");
    let sentence = name.split("__").last().unwrap_or(name).replace('_', " ");
    format!("[{sentence}](../{file})")
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    match items.is_empty() {
        true => "–".to_owned(),
        false => items.join("; "),
    }
}

fn consequence(omission: &Omission, protocol: &str) -> String {
    match (&omission.caught, omission.redundant) {
        (Some(caught), _) => match &caught.trace {
            Some(trace) => format!(
                "[{} fails after {} states]({WITHOUT}/{protocol}/{}.md)",
                caught.by,
                trace.states(),
                omission.rule
            ),
            None => format!("[{}]({WITHOUT}/{protocol}/{}.md)", caught.by, omission.rule),
        },
        (None, Some(because)) => format!("redundant: {because}"),
        (None, None) => "**nobody notices**".to_owned(),
    }
}
