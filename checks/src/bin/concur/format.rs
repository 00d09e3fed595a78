//! How findings are printed: for people, for programs, or for what runs the checks.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use concur_checks::report::cases::Suite;
use concur_checks::report::source::Sources;
use concur_checks::report::{github, junit, markdown, sarif};

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Human,
    /// For programs: one document, described in checks/JSON.md.
    Json,
    /// JUnit's XML: a case for each property; what is unknown is an error.
    Junit,
    /// Annotations of a GitHub workflow, and a summary of the step where GITHUB_STEP_SUMMARY names its file.
    Github,
    /// SARIF 2.1.0: what is not as expected, beside the line that claims it.
    Sarif,
    /// A table, and counterexamples that are folded away.
    Markdown,
}

impl ReportFormat {
    /// Whether results are told in words as they come in.
    pub(crate) fn tells(self) -> bool {
        matches!(self, Self::Human | Self::Github)
    }

    /// Writes the suites, if this is a format of suites; `title` names the command.
    pub(crate) fn write(
        self,
        out: &mut impl Write,
        title: &str,
        suites: &[Suite<'_>],
    ) -> anyhow::Result<()> {
        match self {
            Self::Human | Self::Json => {}
            Self::Junit => write!(out, "{}", junit::document(suites)?)?,
            Self::Sarif => writeln!(out, "{}", sarif::document(suites)?)?,
            Self::Markdown => write!(out, "{}", markdown::document(title, suites))?,
            Self::Github => {
                write!(out, "{}", github::annotations(suites))?;
                if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
                    let path = PathBuf::from(path);
                    github::summarize(&path, title, suites).with_context(|| {
                        format!("cannot append to the step's summary, {}", path.display())
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// The sources of the project, if this runs inside of it: for the formats that name lines.
pub(crate) fn sources() -> Sources {
    let here = std::env::current_dir();
    here.map(|dir| Sources::around(&dir)).unwrap_or_default()
}
