//! `concur report`: writes reports/ anew, or says whether it is up to date.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use concur_checks::engine::explore::Plan;
use concur_checks::methods::zoo::Specimen;
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
        if !self.dir.is_dir() {
            bail!(
                "there is no folder {}; run this in the project, or name it with --dir",
                self.dir.display()
            );
        }
        let files = match self.only {
            Some(Page::Zoo) => zoo_page(&self.zoo(&self.limits.plan()?)?),
            None => reports(&self.evidence()?),
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

    fn evidence(&self) -> anyhow::Result<Evidence> {
        let options = Options {
            tier: self.tier.into(),
            engine: Engine::All,
            plan: self.limits.plan()?,
            symmetry: false,
        };
        let plan = &options.plan;
        let targets = select(&[], options.tier, &[], Only::Everything)?;
        let mut results = Vec::new();
        run_all(&targets, &options, |result| {
            results.push(result);
            Ok(())
        })?;
        let omitted = Omitted::from(select_families(&[])?, plan, options.tier, |_| Ok(()))?;
        Ok(Evidence {
            results,
            omissions: omitted.omissions,
            assumptions: omitted.assumptions,
            zoo: self.zoo(plan)?,
            sources: sources(),
        })
    }

    /// Every published bug, with the matrix.
    fn zoo(&self, plan: &Plan) -> anyhow::Result<Vec<Specimen>> {
        let mut specimens = Vec::new();
        let bugs: Vec<_> = ZOO.iter().collect();
        look_for(&bugs, plan, self.tier.into(), true, |specimen| {
            specimens.push(specimen);
            Ok(())
        })?;
        // Nothing is written of a part.
        if plan.limits.interrupted.load(Ordering::Relaxed) {
            bail!("interrupted; nothing was written");
        }
        Ok(specimens)
    }
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
