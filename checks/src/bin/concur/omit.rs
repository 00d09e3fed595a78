//! `concur omit`: leaves out each rule, one at a time; some check must fail.

use std::io::Write;

use clap::Args;
use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness;
use concur_checks::family::Family;
use concur_checks::methods::How;
use concur_checks::methods::assumptions::{Dropped, drop_each};
use concur_checks::methods::omission::{Omission, omit};
use concur_checks::registry::AnyRung;
use concur_checks::report::{cases, human, json};
use concur_checks::selector::select_families;
use concur_checks::temporal::AnyLive;
use concur_checks::trace::save::{of_dropped, of_omission};
use concur_checks::verdict::{Status, Verdict};
use concur_models::kit::Tier;
use concur_rules::Card;

use crate::Ending;
use crate::each::each;
use crate::format::{ReportFormat, sources};
use crate::limits::{LimitArgs, SaveArgs, TierArg};
use crate::progress::beside;

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
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    format: ReportFormat,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Omit {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let mut families = select_families(&self.selectors)?;
        families.retain(|family| !self.cores || family.clusters().is_some());
        let told = self.format.tells();
        let tell = |line: &str| match told {
            true => beside(|| writeln!(std::io::stdout(), "{line}")),
            false => Ok(()),
        };
        let plan = self.limits.plan()?;
        self.save.prepare()?;
        let work = Omitted::from(families, &plan, self.tier.into(), tell)?;
        let omitted = work.omissions.iter().filter_map(of_omission);
        let dropped = work.assumptions.iter().filter_map(of_dropped);
        self.save
            .save(&omitted.chain(dropped).collect::<Vec<_>>())?;
        let mut out = std::io::stdout().lock();
        let (omissions, assumptions, not_run) = (&work.omissions, &work.assumptions, &work.not_run);
        match self.format {
            ReportFormat::Human => {
                write!(out, "{}", human::omissions(omissions, assumptions, not_run))?;
            }
            ReportFormat::Json => {
                writeln!(out, "{}", json::omissions(omissions, assumptions, not_run)?)?;
            }
            format => {
                let suites = cases::of_omissions(omissions, assumptions, not_run, &sources());
                format.write(&mut out, "concur omit", &suites)?;
            }
        }
        Ok(work.ending())
    }
}

/// What can be missed.
enum Needed {
    /// A rule of a rung.
    Rule(&'static dyn AnyRung, &'static Card),
    /// Each assumption of what is promised.
    Assumptions(&'static dyn AnyLive),
}

impl Needed {
    fn of(family: Family) -> Vec<Self> {
        match family {
            Family::Rung(rung) => {
                let rules = rung.about().rules;
                rules.iter().map(|card| Self::Rule(rung, card)).collect()
            }
            Family::Live(live) => vec![Self::Assumptions(live)],
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Rule(rung, card) => format!("{} without {}", rung.about().id(), card.name),
            Self::Assumptions(live) => format!("{} without each assumption", live.about().id()),
        }
    }

    fn leave_out(&self, tier: Tier, plan: &Plan, progress: &Progress) -> anyhow::Result<Omitted> {
        let mut omitted = Omitted::default();
        match self {
            Self::Rule(rung, card) => {
                let how = How {
                    plan,
                    symmetry: false,
                    progress,
                };
                omitted.omissions.push(omit(*rung, card, tier, how)?);
            }
            Self::Assumptions(live) => {
                let plan = liveness::Plan {
                    limits: plan.limits.clone(),
                    seed: plan.seed,
                    symmetry: false,
                };
                omitted.assumptions = drop_each(*live, tier, &plan, progress)?;
            }
        }
        Ok(omitted)
    }
}

/// What was left out, and what became of it.
#[derive(Default)]
pub(crate) struct Omitted {
    /// Rules.
    pub(crate) omissions: Vec<Omission>,
    /// Assumptions.
    pub(crate) assumptions: Vec<Dropped>,
    /// What Ctrl-C left.
    pub(crate) not_run: Vec<String>,
}

impl Omitted {
    /// Leaves out each rule and each assumption of `families`, and tells of each, line by line.
    pub(crate) fn from(
        families: impl IntoIterator<Item = Family>,
        plan: &Plan,
        tier: Tier,
        tell: impl Fn(&str) -> std::io::Result<()>,
    ) -> anyhow::Result<Self> {
        let needed: Vec<_> = families.into_iter().flat_map(Needed::of).collect();
        let mut all = Self::default();
        let leave_out = |needed: &Needed, plan: &Plan, progress: &Progress| {
            needed.leave_out(tier, plan, progress)
        };
        let not_run = each(&needed, plan, Needed::label, leave_out, |missed| {
            let rules = missed.omissions.iter().map(human::omission);
            let assumptions = missed.assumptions.iter().map(human::dropped);
            rules.chain(assumptions).try_for_each(|line| tell(&line))?;
            all.omissions.extend(missed.omissions);
            all.assumptions.extend(missed.assumptions);
            Ok(())
        })?;
        Ok(Self { not_run, ..all })
    }

    /// The worst that became of any of it.
    pub(crate) fn ending(&self) -> Ending {
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
