//! `concur omit`: leaves out each rule, one at a time; some check must fail.

use std::io::Write;
use std::sync::atomic::Ordering;

use clap::Args;
use concur_checks::methods::How;
use concur_checks::methods::omission::{Omission, omit};
use concur_checks::report::{human, json};
use concur_checks::selector::select_rungs;
use concur_checks::verdict::Verdict;

use crate::Ending;
use crate::limits::{Format, LimitArgs, TierArg};
use crate::progress::watch;

/// Leave out each rule of the models, one at a time, with and without symmetry: some check must fail.
///
/// Shows which one, and the length of the shortest counterexample. A rule that nobody misses is an error, unless it is
/// declared redundant with a reason.
#[derive(Args)]
pub(crate) struct Omit {
    /// Of which rungs [default: all]
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Look in the configurations up to this tier
    #[arg(long, value_enum, default_value_t = TierArg::Ci)]
    tier: TierArg,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Omit {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let plan = self.limits.plan()?;
        let mut omissions = Vec::new();
        let mut not_run = Vec::new();
        for rung in select_rungs(&self.selectors)? {
            let about = rung.about();
            for &card in &about.rules {
                let label = format!("{} without {}", about.id(), card.name);
                if plan.limits.interrupted.load(Ordering::Relaxed) {
                    not_run.push(label);
                    continue;
                }
                let omission = watch(&label, |progress| {
                    let how = How {
                        plan: &plan,
                        symmetry: false,
                        progress,
                    };
                    omit(rung, card, self.tier.into(), how)
                })?;
                if self.format == Format::Human {
                    writeln!(std::io::stdout(), "{}", human::omission(&omission))?;
                }
                omissions.push(omission);
            }
        }
        let mut out = std::io::stdout().lock();
        match self.format {
            Format::Human => write!(out, "{}", human::omissions(&omissions, &not_run))?,
            Format::Json => writeln!(out, "{}", json::omissions(&omissions, &not_run)?)?,
        }
        Ok(ending(&omissions, &not_run))
    }
}

fn ending(omissions: &[Omission], not_run: &[String]) -> Ending {
    let of = |omission: &Omission| match (omission.as_expected, omission.verdict) {
        (true, _) => Ending::AsExpected,
        (false, Verdict::Unknown) => Ending::Unknown,
        (false, _) => Ending::Failed,
    };
    let unfinished = (!not_run.is_empty()).then_some(Ending::Unknown);
    let all = omissions.iter().map(of).chain(unfinished);
    all.max().unwrap_or(Ending::AsExpected)
}
