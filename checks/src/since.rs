//! What a change can affect: the files that git says have changed, mapped to the protocols whose checks depend on them. What is not known affects everything.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Serialize;
use thiserror::Error;

use crate::selector::Target;

/// Each folder of models, and the other folders that it uses: its rungs refine theirs, or borrow from them. A test compares this with the sources.
pub const FOLDERS: &[(&str, &[&str])] = &[
    ("two_phase", &[]),
    ("paxos", &[]),
    ("paxos_commit", &["paxos", "two_phase"]),
    ("raft", &[]),
    ("ring", &[]),
];

/// What a change of one file can affect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "affects", content = "protocols")]
pub enum Affects {
    /// No check.
    Nothing,
    /// The checks of these protocols.
    Only(BTreeSet<String>),
    /// Every check.
    Everything,
}

/// What a change of the file of that path, below the root of the project, can affect.
pub fn affects(path: &str) -> Affects {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        _ if is_read_only_by_people(&parts) => Affects::Nothing,
        ["models", "src", "kit", ..] => Affects::Everything,
        ["models", "src", folder, _, ..] | ["impls", "cores", "src", folder, _, ..] => of(folder),
        ["models", "tests", ..] | ["impls", "cores" | "harness", "tests", ..] => Affects::Nothing,
        ["impls", "runtime" | "benches" | "fuzz", ..] => Affects::Nothing,
        ["checks", "tests", ..] | ["checks", _, "tests" | "benches", ..] | ["tests", ..] => {
            Affects::Nothing
        }
        _ => Affects::Everything,
    }
}

/// Documents, reports, and what only tells others how to build.
fn is_read_only_by_people(parts: &[&str]) -> bool {
    let name = parts.last().copied().unwrap_or_default();
    let folder = matches!(parts[0], "reports" | ".ci" | ".github" | "docs");
    folder || name.ends_with(".md") || name.starts_with("LICENSE") || name == ".gitignore"
}

/// The protocols whose models use that folder, be it through others.
fn of(folder: &str) -> Affects {
    if !FOLDERS.iter().any(|(known, _)| *known == folder) {
        return Affects::Everything;
    }
    let protocols = FOLDERS.iter().filter(|(user, _)| uses(user, folder));
    Affects::Only(protocols.map(|(user, _)| user.replace('_', "-")).collect())
}

fn uses(user: &str, folder: &str) -> bool {
    let its = FOLDERS.iter().find(|(known, _)| *known == user);
    user == folder || its.is_some_and(|(_, used)| used.iter().any(|used| uses(used, folder)))
}

/// A file that has changed, and what that can affect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its path below the root of the project.
    pub path: String,
    /// What the change can affect.
    #[serde(flatten)]
    pub affects: Affects,
}

/// What has changed since a revision.
#[derive(Clone, Debug, Serialize)]
pub struct Since {
    /// The revision, as it was asked for.
    pub revision: String,
    /// Its commit.
    pub commit: String,
    /// Every file that differs from it in the work tree, those included that git does not follow yet.
    pub changes: Vec<Change>,
}

/// Why nobody knows what has changed.
#[derive(Debug, Error)]
pub enum SinceError {
    /// git is not there.
    #[error("--since needs git, which cannot be run: {0}")]
    NoGit(#[source] io::Error),
    /// The folder is in no work tree.
    #[error(
        "--since needs a work tree of git, and {} is in none; run this in the project",
        .0.display()
    )]
    NoWorkTree(PathBuf),
    /// git knows no such revision.
    #[error(
        "git knows no revision `{0}`: name a commit, a branch or a tag, such as main or HEAD~1"
    )]
    UnknownRevision(String),
    /// git failed otherwise.
    #[error("git {what} failed: {why}")]
    Failed {
        /// What was asked of it.
        what: String,
        /// What it said.
        why: String,
    },
}

impl Since {
    /// What has changed since `revision` in the work tree that `dir` is in.
    ///
    /// # Errors
    /// If git cannot be run, `dir` is in no work tree, or the revision is unknown.
    pub fn of(revision: &str, dir: &Path) -> Result<Self, SinceError> {
        let inside = git(dir, &["rev-parse", "--show-toplevel"])?;
        if !inside.status.success() {
            return Err(SinceError::NoWorkTree(dir.to_path_buf()));
        }
        let root = PathBuf::from(text(&inside).trim_end_matches('\n'));
        let wanted = format!("{revision}^{{commit}}");
        let known = git(
            &root,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &wanted,
            ],
        )?;
        if !known.status.success() {
            return Err(SinceError::UnknownRevision(revision.to_owned()));
        }
        let commit = text(&known).trim().to_owned();
        let changed = paths(
            &root,
            &["diff", "--name-only", "--no-renames", "-z", &commit],
        )?;
        let new = paths(&root, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        let all: BTreeSet<String> = changed.into_iter().chain(new).collect();
        let change = |path: String| Change {
            affects: affects(&path),
            path,
        };
        Ok(Self {
            revision: revision.to_owned(),
            commit,
            changes: all.into_iter().map(change).collect(),
        })
    }

    /// Whether what has changed can affect that check.
    pub fn concerns(&self, target: &Target) -> bool {
        self.concerns_protocol(&protocol(target))
    }

    fn concerns_protocol(&self, protocol: &str) -> bool {
        self.changes.iter().any(|change| match &change.affects {
            Affects::Nothing => false,
            Affects::Only(protocols) => protocols.contains(protocol),
            Affects::Everything => true,
        })
    }

    /// What runs, what is left out, and why, in lines.
    pub fn explain(&self, targets: &[Target]) -> Vec<String> {
        let short = self.commit.get(..10).unwrap_or(&self.commit);
        let files = self.changes.len();
        let mut lines = vec![format!(
            "since {} ({short}): {files} file{} changed",
            self.revision,
            if files == 1 { "" } else { "s" }
        )];
        lines.extend(self.without_effect());
        lines.extend(self.with_effect(targets));
        lines
    }

    /// The files that no check depends on.
    fn without_effect(&self) -> Option<String> {
        let changes = self.changes.iter();
        let mut idle = changes.filter(|change| change.affects == Affects::Nothing);
        let first = idle.next()?;
        Some(format!(
            "  no check depends on {}",
            and_more(&first.path, idle.count())
        ))
    }

    /// For each protocol that was selected, why it runs or not.
    fn with_effect(&self, targets: &[Target]) -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for target in targets {
            *counts.entry(protocol(target)).or_default() += 1;
        }
        let line = |(protocol, checks): (&String, &usize)| {
            let concerns = |change: &&Change| match &change.affects {
                Affects::Nothing => false,
                Affects::Only(protocols) => protocols.contains(protocol),
                Affects::Everything => true,
            };
            let mut causes = self.changes.iter().filter(concerns);
            let plural = if *checks == 1 { "" } else { "s" };
            match causes.next() {
                Some(first) => format!(
                    "  runs {protocol} ({checks} check{plural}): it depends on {}",
                    and_more(&first.path, causes.count())
                ),
                None => format!(
                    "  leaves out {protocol} ({checks} check{plural}): nothing that it depends on has changed"
                ),
            }
        };
        counts.iter().map(line).collect()
    }
}

fn protocol(target: &Target) -> String {
    let id = target.id();
    id.split('/').next().unwrap_or_default().to_owned()
}

fn and_more(first: &str, more: usize) -> String {
    match more {
        0 => first.to_owned(),
        1 => format!("{first} and 1 more file"),
        more => format!("{first} and {more} more files"),
    }
}

fn git(dir: &Path, args: &[&str]) -> Result<Output, SinceError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(args);
    command.output().map_err(SinceError::NoGit)
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The paths that a command of git lists, each ended by a zero.
fn paths(root: &Path, args: &[&str]) -> Result<Vec<String>, SinceError> {
    let output = git(root, args)?;
    if !output.status.success() {
        return Err(SinceError::Failed {
            what: args[0].to_owned(),
            why: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    let text = text(&output);
    let paths = text.split('\0').filter(|path| !path.is_empty());
    Ok(paths.map(str::to_owned).collect())
}
