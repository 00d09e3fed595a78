//! `concur report`: writes reports/ anew, or says whether it is up to date.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use concur_checks::engine::explore::Plan;
use concur_checks::report::cut_short;
use concur_checks::report::files::{Evidence, Files, reports, zoo_page};
use concur_checks::selector::{Only, select, select_families};
use concur_checks::suite::{Engine, Options};
use concur_checks::zoo::ZOO;

use crate::check::run_all;
use crate::format::sources;
use crate::limits::{LimitArgs, TierArg};
use crate::omit::Omitted;
use crate::zoo::look_for;
use crate::{Ending, note};

/// Write the reports anew from what the checks find, or, with --check, say whether they are up to date.
#[derive(Args)]
pub(crate) struct Report {
    /// Write nothing; fail (exit code 1) if something differs
    #[arg(long)]
    check: bool,
    /// Only this page, from what it needs
    #[arg(long, value_enum)]
    only: Option<Page>,
    /// The folder of the reports
    #[arg(long, default_value = "reports")]
    dir: PathBuf,
    /// Run the configurations up to this tier; the committed reports are of tier ci
    #[arg(long, value_enum, default_value_t = TierArg::Ci)]
    tier: TierArg,
    #[command(flatten)]
    limits: LimitArgs,
}

/// A page that can be written without the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Page {
    /// Published bugs.
    Zoo,
}

impl Report {
    /// Whether the exit code says what the reports are worth: where they are written, that is done before it is told.
    pub(crate) fn judges(&self) -> bool {
        self.check
    }

    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        must_be_there(&self.dir, "--dir")?;
        let (evidence, not_run) = self.evidence()?;
        if ended_early(&cut_short::of_evidence(&evidence), &not_run) {
            note(match self.check {
                true => "nothing was compared",
                false => "nothing was written",
            });
            return Ok(Ending::Unknown);
        }
        let files = match self.only {
            Some(Page::Zoo) => zoo_page(&evidence.zoo),
            None => reports(&evidence),
        };
        if self.check {
            return compare(&files, &self.dir);
        }
        files
            .write(&self.dir)
            .with_context(|| format!("cannot write {}", self.dir.display()))?;
        writeln!(
            std::io::stdout(),
            "wrote {} files below {}",
            files.len(),
            self.dir.display()
        )?;
        Ok(Ending::AsExpected)
    }

    /// What the pages need, and what Ctrl-C left.
    fn evidence(&self) -> anyhow::Result<(Evidence, Vec<String>)> {
        let plan = self.limits.plan()?;
        let mut evidence = Evidence::default();
        let mut not_run = Vec::new();
        if self.only.is_none() {
            not_run.extend(self.check_all(&plan, &mut evidence)?);
        }
        let bugs: Vec<_> = ZOO.iter().collect();
        let matrix = true;
        let left = look_for(&bugs, &plan, self.tier.into(), matrix, |specimen| {
            evidence.zoo.push(specimen);
            Ok(())
        })?;
        not_run.extend(left);
        Ok((evidence, not_run))
    }

    /// Every check, each rule left out and each assumption dropped. Returns what Ctrl-C left.
    fn check_all(&self, plan: &Plan, evidence: &mut Evidence) -> anyhow::Result<Vec<String>> {
        let options = Options {
            tier: self.tier.into(),
            engine: Engine::All,
            plan: plan.clone(),
            symmetry: false,
        };
        let targets = select(&[], options.tier, &[], Only::Everything)?;
        let mut not_run = run_all(&targets, &options, |result| {
            evidence.results.push(result);
            Ok(())
        })?;
        let omitted = Omitted::from(select_families(&[])?, plan, options.tier, |_| Ok(()))?;
        evidence.omissions = omitted.omissions;
        evidence.assumptions = omitted.assumptions;
        evidence.sources = sources();
        not_run.extend(omitted.not_run);
        Ok(not_run)
    }
}

/// A folder that is to be read must be there before anything is searched.
pub(crate) fn must_be_there(dir: &Path, option: &str) -> anyhow::Result<()> {
    if !dir.is_dir() {
        bail!(
            "there is no folder {}; run this in the project, or name it with {option}",
            dir.display()
        );
    }
    Ok(())
}

/// Whether something was cut short or did not run; says what, and why, on standard error.
pub(crate) fn ended_early(cut_short: &[String], not_run: &[String]) -> bool {
    for line in cut_short {
        note(line);
    }
    if !not_run.is_empty() {
        note(format_args!("interrupted: {} did not run", not_run.len()));
    }
    !cut_short.is_empty() || !not_run.is_empty()
}

/// Says which of `files` differ from those below `dir`, on standard error.
pub(crate) fn compare(files: &Files, dir: &Path) -> anyhow::Result<Ending> {
    let stale = files
        .stale(dir)
        .with_context(|| format!("cannot read {}", dir.display()))?;
    if stale.is_empty() {
        note(format_args!("{} is up to date", dir.display()));
        return Ok(Ending::AsExpected);
    }
    for file in stale {
        note(format_args!("stale: {}", dir.join(file).display()));
    }
    note("run `cargo run --release -- report` and review the difference");
    Ok(Ending::Failed)
}
