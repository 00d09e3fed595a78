//! `concur zoo`: plants each published bug; the property that its source names must fail.

use std::io::Write;
use std::time::Instant;

use clap::Args;
use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::zoo::{Safari, Specimen, plant};
use concur_checks::report::{cases, json, zoo};
use concur_checks::trace::save::of_specimen;
use concur_checks::verdict::Verdict;
use concur_checks::zoo::{Bug, select};
use concur_models::kit::Tier;

use crate::Ending;
use crate::each::each;
use crate::format::{ReportFormat, sources};
use crate::limits::{LimitArgs, SaveArgs, TierArg};
use crate::progress::beside;

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
        self.save.prepare()?;
        let started = Instant::now();
        let mut specimens = Vec::new();
        let tier = self.tier.into();
        let not_run = look_for(&bugs, &plan, tier, self.matrix, |specimen| {
            if self.format.tells() {
                beside(|| writeln!(std::io::stdout(), "{}", zoo::line(&specimen)))?;
            }
            let trace = of_specimen(&specimen);
            self.save.save(trace.as_slice())?;
            specimens.push(specimen);
            Ok(())
        })?;
        let took = started.elapsed();
        let mut out = std::io::stdout().lock();
        match self.format {
            ReportFormat::Human => write!(out, "{}", zoo::summary(&specimens, &not_run, took))?,
            ReportFormat::Json => writeln!(out, "{}", json::zoo(&specimens, &not_run)?)?,
            format => {
                let suites = cases::of_zoo(&specimens, &not_run, &sources());
                format.write(&mut out, "concur zoo", &suites)?;
            }
        }
        Ok(ending(&specimens, &not_run))
    }
}

/// Plants each of these bugs, and hands over what became of it. Returns what Ctrl-C left.
pub(crate) fn look_for(
    bugs: &[&'static Bug],
    plan: &Plan,
    tier: Tier,
    matrix: bool,
    take: impl FnMut(Specimen) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<String>> {
    let label = |bug: &&Bug| format!("{}, {}", bug.id, bug.what);
    let one = |bug: &&'static Bug, plan: &Plan, progress: &Progress| {
        let how = How {
            plan,
            symmetry: false,
            progress,
        };
        Ok(plant(bug, Safari { tier, matrix, how })?)
    };
    each(bugs, plan, label, one, take)
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
