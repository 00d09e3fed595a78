//! `concur omit`: leaves out each rule, one at a time; some check must fail.

use std::io::Write;
use std::sync::atomic::Ordering;

use clap::Args;
use concur_checks::engine::explore::Plan;
use concur_checks::engine::liveness;
use concur_checks::family::Family;
use concur_checks::methods::How;
use concur_checks::methods::assumptions::{Dropped, drop_each};
use concur_checks::methods::omission::{Omission, omit};
use concur_checks::registry::AnyRung;
use concur_checks::report::{human, json};
use concur_checks::selector::select_families;
use concur_checks::temporal::AnyLive;
use concur_checks::trace::save::{of_dropped, of_omission};
use concur_checks::verdict::{Status, Verdict};
use concur_models::kit::Tier;

use crate::Ending;
use crate::limits::{Format, LimitArgs, SaveArgs, TierArg};
use crate::progress::watch;

/// Leave out each rule of the models, one at a time, with and without symmetry: some check must fail.
///
/// Shows which one, and the length of the shortest counterexample. A rule that nobody misses is an error, unless it is
/// declared redundant with a reason. So is an assumption: without it the promise that needs it must be broken.
#[derive(Args)]
pub(crate) struct Omit {
    /// Of which models [default: all]
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Leave out only the guards of the cores that ship
    #[arg(long)]
    cores: bool,
    /// Look in the configurations up to this tier
    #[arg(long, value_enum, default_value_t = TierArg::Ci)]
    tier: TierArg,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Omit {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let mut work = Work {
            plan: self.limits.plan()?,
            tier: self.tier.into(),
            told: self.format == Format::Human,
            omissions: Vec::new(),
            assumptions: Vec::new(),
            not_run: Vec::new(),
        };
        for family in select_families(&self.selectors)? {
            if self.cores && family.clusters().is_none() {
                continue;
            }
            match family {
                Family::Rung(rung) => work.leave_out(rung)?,
                Family::Live(live) => work.drop_from(live)?,
            }
        }
        let omitted = work.omissions.iter().filter_map(of_omission);
        let dropped = work.assumptions.iter().filter_map(of_dropped);
        self.save
            .save(&omitted.chain(dropped).collect::<Vec<_>>())?;
        let mut out = std::io::stdout().lock();
        let (omissions, assumptions, not_run) = (&work.omissions, &work.assumptions, &work.not_run);
        match self.format {
            Format::Human => write!(out, "{}", human::omissions(omissions, assumptions, not_run))?,
            Format::Json => {
                writeln!(out, "{}", json::omissions(omissions, assumptions, not_run)?)?;
            }
        }
        Ok(work.ending())
    }
}

/// What was left out so far, and what became of it.
struct Work {
    plan: Plan,
    tier: Tier,
    told: bool,
    omissions: Vec<Omission>,
    assumptions: Vec<Dropped>,
    not_run: Vec<String>,
}

impl Work {
    fn interrupted(&self) -> bool {
        self.plan.limits.interrupted.load(Ordering::Relaxed)
    }

    /// Each rule of a rung.
    fn leave_out(&mut self, rung: &dyn AnyRung) -> anyhow::Result<()> {
        let about = rung.about();
        for &card in &about.rules {
            let label = format!("{} without {}", about.id(), card.name);
            if self.interrupted() {
                self.not_run.push(label);
                continue;
            }
            let omission = watch(&label, |progress| {
                let how = How {
                    plan: &self.plan,
                    symmetry: false,
                    progress,
                };
                omit(rung, card, self.tier, how)
            })?;
            self.tell(&human::omission(&omission))?;
            self.omissions.push(omission);
        }
        Ok(())
    }

    /// Each assumption of a promise.
    fn drop_from(&mut self, live: &dyn AnyLive) -> anyhow::Result<()> {
        let label = format!("{} without each assumption", live.about().id());
        if self.interrupted() {
            self.not_run.push(label);
            return Ok(());
        }
        let plan = liveness::Plan {
            limits: self.plan.limits.clone(),
            seed: self.plan.seed,
            symmetry: false,
        };
        let dropped = watch(&label, |progress| {
            drop_each(live, self.tier, &plan, progress)
        })?;
        for dropped in &dropped {
            self.tell(&human::dropped(dropped))?;
        }
        self.assumptions.extend(dropped);
        Ok(())
    }

    fn tell(&self, line: &str) -> std::io::Result<()> {
        if self.told {
            writeln!(std::io::stdout(), "{line}")?;
        }
        Ok(())
    }

    fn ending(&self) -> Ending {
        let omitted = |omission: &Omission| match (omission.as_expected, omission.verdict) {
            (true, _) => Ending::AsExpected,
            (false, Verdict::Unknown) => Ending::Unknown,
            (false, _) => Ending::Failed,
        };
        let dropped = |dropped: &Dropped| match (dropped.as_expected, dropped.promised.status) {
            (true, _) => Ending::AsExpected,
            (false, Status::Unknown) => Ending::Unknown,
            (false, _) => Ending::Failed,
        };
        let unfinished = (!self.not_run.is_empty()).then_some(Ending::Unknown);
        let all = self.omissions.iter().map(omitted);
        let all = all.chain(self.assumptions.iter().map(dropped));
        all.chain(unfinished).max().unwrap_or(Ending::AsExpected)
    }
}
