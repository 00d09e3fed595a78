//! `concur differ`: random walks of clusters of cores, for as long as one likes.

use std::io::Write;
use std::time::Instant;

use anyhow::bail;
use clap::Args;
use concur_checks::conformance::walk;
use concur_checks::family::Family;
use concur_checks::methods::How;
use concur_checks::methods::conformance::Walks;
use concur_checks::report::{human, json};
use concur_checks::selector::{select_families, with_params};
use concur_checks::suite::{Engine, Options};
use concur_checks::trace::Trace;
use concur_checks::trace::save::{left_out, of_check};
use concur_checks::verdict::CheckResult;
use concur_models::kit::{Tier, Values};

use crate::Ending;
use crate::check::ending;
use crate::conform::clusters;
use crate::limits::{Format, LimitArgs, SaveArgs};
use crate::progress::watch;

/// Take random walks of clusters of cores, and hold each step against the model.
///
/// A walk that breaks something is shortened, and told. The same seed gives the same walk; the seeds are those from --seed on.
#[derive(Args)]
pub(crate) struct Differ {
    /// Of which clusters [default: all]
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// How many walks of each size
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    cases: u64,
    /// How many events a walk has [default: what the size says]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// Set a parameter of the sizes; may be given again
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Leave out a rule of the core: some walk must break something
    #[arg(long, value_name = "RULE")]
    without: Option<String>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Differ {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let options = Options {
            tier: Tier::Ci,
            engine: Engine::Concur,
            plan: self.limits.plan()?,
            symmetry: false,
        };
        let limits = &options.plan.limits;
        if limits.max_states.is_some() || limits.max_depth.is_some() {
            bail!(
                "a walk has no distinct states and no depth to be limited; use --cases, --steps, --timeout or --max-memory"
            );
        }
        let families = select_families(&clusters(&self.selectors)?)?;
        self.save.prepare()?;
        let started = Instant::now();
        let mut results = Vec::new();
        for family in families {
            self.of(family, &options, &mut results)?;
        }
        let took = started.elapsed();
        let mut out = std::io::stdout().lock();
        match self.format {
            Format::Human => write!(out, "{}", human::summary(&results, &[], took))?,
            Format::Json => writeln!(out, "{}", json::checks(&results, &[], &options)?)?,
        }
        Ok(ending(&results, &[]))
    }

    /// The walks of one family, at each of its sizes.
    fn of(
        &self,
        family: Family,
        options: &Options,
        results: &mut Vec<CheckResult>,
    ) -> anyhow::Result<()> {
        let Some(walkers) = family.clusters() else {
            return Ok(());
        };
        self.refuse_unknown_rule(family)?;
        for size in walkers.walks() {
            let values = Values::new(walkers.params(), size.settings);
            let values = with_params(family, values, &self.params)?;
            let walks = Walks {
                values: &values,
                without: self.without.as_deref(),
                seed: options.plan.seed,
                cases: self.cases,
                steps: self.steps.unwrap_or(size.steps),
            };
            let id = format!("{}/walks,{}", family.id(), size.name);
            let result = watch(&id, |progress| {
                let how = How {
                    plan: &options.plan,
                    symmetry: false,
                    progress,
                };
                walk(walkers, id.clone(), walks, how)
            })?;
            let mut traces = of_check(&result);
            for trace in &mut traces {
                self.as_taken(family, trace);
            }
            self.save.save(&traces)?;
            if self.format == Format::Human {
                let details = human::details(&result, &traces, self.save.dir());
                write!(std::io::stdout(), "{details}")?;
            }
            results.push(result);
        }
        Ok(())
    }

    /// Notes in a trace what was asked for: the rule that was left out, and the length of the walks.
    fn as_taken(&self, family: Family, trace: &mut Trace) {
        if let Some(steps) = self.steps {
            trace.about.reproduce += &format!(" --steps {steps}");
        }
        if let (Some(rule), Family::Rung(rung)) = (&self.without, family) {
            let rules = rung.about().rules;
            let card = rules.iter().find(|card| card.name == rule);
            trace.about.without = card.map(|card| left_out(card));
            trace.about.reproduce += &format!(" --without {rule}");
        }
    }

    fn refuse_unknown_rule(&self, family: Family) -> anyhow::Result<()> {
        let (Some(rule), Family::Rung(rung)) = (&self.without, family) else {
            return Ok(());
        };
        let rules: Vec<_> = rung.about().rules.iter().map(|card| card.name).collect();
        if !rules.contains(&rule.as_str()) {
            let known = rules.join(", ");
            bail!(
                "the cores of {} name no rule `{rule}`; they name: {known}",
                family.id()
            );
        }
        Ok(())
    }
}
