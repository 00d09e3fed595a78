//! The committed reports: generated, reviewed as a difference, compared by a test. They hold no times and no paths.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use concur_models::kit::{Config, Outcome};
use indicatif::HumanCount;

use super::concordance::concordance;
use super::promises::promises;
use super::source::Sources;
use crate::methods::assumptions::Dropped;
use crate::methods::omission::Omission;
use crate::methods::zoo::Specimen;
use crate::registry::RUNGS;
use crate::temporal::LIVES;
use crate::trace::save::of_omission;
use crate::trace::{View, story};
use crate::verdict::{CheckResult, Reach, Verdict};

/// What the reports are written from.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The results of all checks.
    pub results: Vec<CheckResult>,
    /// What became of each rule left out.
    pub omissions: Vec<Omission>,
    /// What became of each assumption dropped.
    pub assumptions: Vec<Dropped>,
    /// What became of each published bug.
    pub zoo: Vec<Specimen>,
    /// Where the rules are kept.
    pub sources: Sources,
}

/// Files by their path below the folder of the reports.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, String>);

/// The folder below which each rule's story is.
pub(super) const WITHOUT: &str = "without";

/// All reports.
pub fn reports(evidence: &Evidence) -> Files {
    let mut files = without(&evidence.omissions);
    files.insert("README.md".into(), overview(evidence));
    files.insert("verification.md".into(), verification(&evidence.results));
    files.insert("concordance.md".into(), concordance(evidence));
    files.insert("promises.md".into(), promises(evidence));
    files.insert("zoo.md".into(), super::zoo::page(&evidence.zoo));
    files.extend(figure(&evidence.omissions));
    Files(files)
}

/// The page of all checks alone.
pub fn verification_page(results: &[CheckResult]) -> Files {
    let page = verification(results);
    Files(BTreeMap::from([("verification.md".into(), page)]))
}

/// The page of published bugs alone.
pub fn zoo_page(specimens: &[Specimen]) -> Files {
    let page = super::zoo::page(specimens);
    Files(BTreeMap::from([("zoo.md".into(), page)]))
}

impl Files {
    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(Path::new(path)).map(String::as_str)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes all files below `dir`, and removes the stories of rules that are no more.
    ///
    /// # Errors
    /// If a file cannot be read, written or removed.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        for (path, text) in &self.0 {
            let path = dir.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        for path in self.strays(dir)? {
            fs::remove_file(dir.join(path))?;
        }
        Ok(())
    }

    /// The paths of files below `dir` that differ, are missing, or should not be there: where there are stories, stories of nothing.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn stale(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let differs = |(path, text): &(&PathBuf, &String)| {
            fs::read_to_string(dir.join(path)).is_ok_and(|found| found == **text)
        };
        let mut stale: Vec<_> = self
            .0
            .iter()
            .filter(|file| !differs(file))
            .map(|(path, _)| path.clone())
            .collect();
        stale.extend(self.strays(dir)?);
        Ok(stale)
    }

    fn strays(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let mut strays = Vec::new();
        let without = dir.join(WITHOUT);
        let has_stories = self.0.keys().any(|path| path.starts_with(WITHOUT));
        if !has_stories || !without.is_dir() {
            return Ok(strays);
        }
        for protocol in fs::read_dir(without)? {
            for story in fs::read_dir(protocol?.path())? {
                let path = story?.path();
                let below = path
                    .strip_prefix(dir)
                    .map(Path::to_path_buf)
                    .unwrap_or(path);
                if !self.0.contains_key(&below) {
                    strays.push(below);
                }
            }
        }
        Ok(strays)
    }
}

/// One row per rung: what its checks and its rules come to.
fn overview(evidence: &Evidence) -> String {
    let mut text = "# Reports\n\n\
        Written by `cargo run --release -- report` from what the checks find, and compared by `cargo run --release -- report --check`: \
        [verification.md](verification.md) has a row for each check, [promises.md](promises.md) says what is promised to happen and what that assumes, [concordance.md](concordance.md) has a row for each rule, [zoo.md](zoo.md) one for each published bug, and `without/` tells the shortest \
        disaster that follows from leaving each rule out. Written by hand: [mutants.md](mutants.md), what cargo-mutants finds in the cores.\n\n\
        | rung | refines | checks | as expected | distinct states | same numbers as TLC | rules | caught | redundant |\n\
        |---|---|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for rung in RUNGS {
        let about = rung.about();
        let prefix = format!("{}/", about.id());
        let results = || {
            evidence.results.iter().filter(|result| {
                result.id.starts_with(&prefix) && result.findings.promises.is_empty()
            })
        };
        let omissions = || {
            evidence
                .omissions
                .iter()
                .filter(|omission| omission.rung == about.id())
        };
        let distinct: u64 = results()
            .map(|result| result.findings.reach.extent().distinct)
            .sum();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            about.id(),
            about.refines,
            results().count(),
            results().filter(|result| result.as_expected).count(),
            HumanCount(distinct),
            results()
                .filter(|result| result.tlc.is_some() && result.as_expected)
                .count(),
            about.rules.len(),
            omissions()
                .filter(|omission| omission.caught.is_some())
                .count(),
            omissions()
                .filter(|omission| omission.redundant.is_some())
                .count(),
        );
    }
    text + &overview_of_promises(evidence)
}

/// One row per family of models whose promises are judged.
fn overview_of_promises(evidence: &Evidence) -> String {
    let mut text = "\n| model | what is promised | checks | as expected | assumptions | each of them missed |\n|---|---|--:|--:|--:|--:|\n".to_owned();
    for live in LIVES {
        let about = live.about();
        let prefix = format!("{}/", about.id());
        let results = || {
            let its =
                |r: &&CheckResult| r.id.starts_with(&prefix) && !r.findings.promises.is_empty();
            evidence.results.iter().filter(its)
        };
        let dropped = || {
            evidence
                .assumptions
                .iter()
                .filter(|dropped| dropped.model == about.id())
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            about.id(),
            about.claim,
            results().count(),
            results().filter(|result| result.as_expected).count(),
            dropped().count(),
            dropped().filter(|dropped| dropped.as_expected).count(),
        );
    }
    text
}

fn verification(results: &[CheckResult]) -> String {
    let mut text = "# What was verified\n\n\
        Written by `cargo run --release -- report`; `cargo run --release -- report --check` compares. Each row is one check: a \
        configuration of a rung, explored with invariants on every state and refinement on every step, or what the \
        configurations of a rung make happen, taken together (coverage). *Every state* means every reachable state of the configuration; \
        *bounded* says by what. *Orbits* are the distinct states under the rung's full symmetry, as `--symmetry on` counts them. \
        The numbers of tier full are those that `cargo run --release -- check --tier full` holds its findings against. TLC's numbers are those that it finds on the published specification. A failure that is expected is a \
        result, too.\n"
        .to_owned();
    for rung in RUNGS {
        let about = rung.about();
        let id = format!("{}/", about.id());
        let _ = write!(
            text,
            "\n## {} ⊑ {}\n\n{}. Source: {}.\n\n| check | reach | distinct | orbits | depth | TLC says | other engines | verdict |\n|---|---|--:|--:|--:|---|---|---|\n",
            about.id(),
            about.refines,
            capitalized(about.claim),
            about.source,
        );
        let its = |result: &&CheckResult| {
            result.id.starts_with(&id) && result.findings.promises.is_empty()
        };
        for result in results.iter().filter(its) {
            let name = result.id.trim_start_matches(&id);
            let config = about.configs.iter().find(|config| config.name == name);
            let orbits = config.and_then(|config| config.expect.orbits);
            let _ = writeln!(text, "{}", row(result, name, orbits));
        }
        let ran = |config: &&Config| {
            results
                .iter()
                .any(|r| r.id == format!("{id}{}", config.name))
        };
        for config in about.configs.iter().filter(|config| !ran(config)) {
            let _ = writeln!(text, "{}", expected(config));
        }
    }
    text
}

/// A number that may be missing.
fn or_dash(number: Option<u64>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| HumanCount(number).to_string())
}

/// A configuration that was not run for this report: what running it must show.
fn expected(config: &Config) -> String {
    let expect = config.expect;
    format!(
        "| {} | tier {}: not run for this page | {} | {} | {} | – | – | expected: {} |",
        config.name,
        config.tier,
        HumanCount(expect.distinct),
        or_dash(expect.orbits),
        expect.depth,
        match expect.outcome {
            Outcome::Holds => "holds".to_owned(),
            Outcome::Fails { property, states } =>
                format!("{property} fails after {states} states"),
        }
    )
}

fn row(result: &CheckResult, name: &str, orbits: Option<u64>) -> String {
    let extent = result.findings.reach.extent();
    let reach = match &result.findings.reach {
        Reach::Every(_) => "every state".to_owned(),
        Reach::Sampled { cases, seed, .. } => {
            format!("sampled: {cases} schedules from seed {seed} on")
        }
        Reach::Bounded { by, .. } => format!("bounded by {}", by.join("; ")),
    };
    let tlc = result.tlc.map_or_else(
        || "–".to_owned(),
        |tlc| format!("{} at {}", HumanCount(tlc.distinct), tlc.depth),
    );
    let agree: Vec<_> = result
        .opinions
        .iter()
        .map(|opinion| match opinion.agrees {
            true => opinion.engine.to_owned(),
            false => format!("**{} disagrees**", opinion.engine),
        })
        .collect();
    let mut verdict = result.verdict.to_string();
    if let Some(failure) = &result.findings.failure {
        let _ = write!(verdict, ": {failure}");
    }
    if !result.as_expected {
        verdict = format!("**{verdict}, not as expected**");
    } else if result.verdict == Verdict::Fails {
        verdict += ", as expected";
    }
    for remark in &result.remarks {
        let _ = write!(verdict, "; {remark}");
    }
    format!(
        "| {name} | {reach} | {} | {} | {} | {tlc} | {} | {verdict} |",
        HumanCount(extent.distinct),
        or_dash(orbits),
        or_dash(extent.depth.map(u64::from)),
        if agree.is_empty() {
            "–".to_owned()
        } else {
            agree.join(", ")
        },
    )
}

/// One story per rule: the shortest disaster without it, on each rung that keeps it.
fn without(omissions: &[Omission]) -> BTreeMap<PathBuf, String> {
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    for omission in omissions {
        let Some(caught) = &omission.caught else {
            continue;
        };
        let protocol = omission.rung.split('/').next().unwrap_or_default();
        let path = Path::new(WITHOUT)
            .join(protocol)
            .join(format!("{}.md", omission.rule));
        let text = files.entry(path).or_insert_with(|| {
            format!(
                "# Without {}\n\n{}\n\nSource: {}.\n",
                omission.rule, omission.says, omission.source
            )
        });
        let _ = write!(text, "\n## {}/{}\n\n", omission.rung, caught.config);
        match &caught.trace {
            Some(trace) => {
                let _ = writeln!(
                    text,
                    "{} fails after {} states.\n\n```text",
                    caught.by,
                    trace.states()
                );
                for line in story(trace) {
                    let _ = writeln!(text, "{line}");
                }
                text.push_str("```\n");
            }
            None => {
                let _ = writeln!(
                    text,
                    "{}: without the rule no reachable state shows it.",
                    capitalized(&caught.by)
                );
            }
        }
    }
    files
}

/// Figure 8 of the Raft paper, as the search finds it: a page, and a picture for the front page.
fn figure(omissions: &[Omission]) -> impl Iterator<Item = (PathBuf, String)> {
    let its = |omission: &&Omission| {
        omission.rung == "raft/abstract-raft" && omission.rule == "CommitOwnTerm"
    };
    let trace = omissions.iter().find(its).and_then(of_omission);
    let views = [("figure-8.html", View::Html), ("figure-8.svg", View::Svg)];
    let files = trace.map(|trace| views.map(|(name, view)| (name.into(), view.show(&trace))));
    files.into_iter().flatten()
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
