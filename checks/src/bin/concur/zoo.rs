//! `concur zoo`: plants each published bug; the property that its source names must fail.

use std::io::Write;
use std::sync::atomic::Ordering;

use clap::Args;
use concur_checks::methods::How;
use concur_checks::methods::zoo::{Safari, Specimen, plant};
use concur_checks::report::{cases, json, zoo};
use concur_checks::trace::save::of_specimen;
use concur_checks::verdict::Verdict;
use concur_checks::zoo::{Bug, select};

use crate::Ending;
use crate::format::{ReportFormat, sources};
use crate::limits::{LimitArgs, SaveArgs, TierArg};
use crate::progress::watch;

/// Plant each published bug in its model, and look for it: the property that its source names must fail.
///
/// Shows who met the bug, what it breaks, the length of a shortest counterexample, and how many states were searched. What fails before
/// is passed over. A bug that is not found is an error.
#[derive(Args)]
pub(crate) struct Zoo {
    /// Which bugs, by number (RF01), by protocol or by rung [default: all]
    #[arg(value_name = "BUG")]
    selectors: Vec<String>,
    /// Look once more with each reduction, which must not hide the bug, and have stateright's own checkers look
    #[arg(long)]
    matrix: bool,
    /// Where a bug has no size of its own, look in the configurations up to this tier
    #[arg(long, value_enum, default_value_t = TierArg::Ci)]
    tier: TierArg,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    format: ReportFormat,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Zoo {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let bugs = select(&self.selectors)?;
        let plan = self.limits.plan()?;
        let mut specimens = Vec::new();
        let mut not_run = Vec::new();
        for bug in bugs {
            let label = format!("{}, {}", bug.id, bug.what);
            if plan.limits.interrupted.load(Ordering::Relaxed) {
                not_run.push(label);
                continue;
            }
            let specimen = watch(&label, |progress| {
                let how = How {
                    plan: &plan,
                    symmetry: false,
                    progress,
                };
                self.look(bug, how)
            })?;
            if self.format.tells() {
                writeln!(std::io::stdout(), "{}", zoo::line(&specimen))?;
            }
            let trace = of_specimen(&specimen);
            self.save.save(trace.as_slice())?;
            specimens.push(specimen);
        }
        let mut out = std::io::stdout().lock();
        match self.format {
            ReportFormat::Human => write!(out, "{}", zoo::summary(&specimens, &not_run))?,
            ReportFormat::Json => writeln!(out, "{}", json::zoo(&specimens, &not_run)?)?,
            format => {
                let suites = cases::of_zoo(&specimens, &not_run, &sources());
                format.write(&mut out, "concur zoo", &suites)?;
            }
        }
        Ok(ending(&specimens, &not_run))
    }

    fn look(&self, bug: &'static Bug, how: How<'_>) -> anyhow::Result<Specimen> {
        let safari = Safari {
            tier: self.tier.into(),
            matrix: self.matrix,
            how,
        };
        Ok(plant(bug, safari)?)
    }
}

fn ending(specimens: &[Specimen], not_run: &[String]) -> Ending {
    let of = |specimen: &Specimen| match (specimen.as_expected, specimen.verdict) {
        (true, _) => Ending::AsExpected,
        (false, Verdict::Unknown) => Ending::Unknown,
        (false, _) => Ending::Failed,
    };
    let unfinished = (!not_run.is_empty()).then_some(Ending::Unknown);
    let all = specimens.iter().map(of).chain(unfinished);
    all.max().unwrap_or(Ending::AsExpected)
}
