//! `concur check`: runs checks, and says what holds.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};
use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::Why;
use concur_checks::methods::opinion::Other;
use concur_checks::report::files::verification_page;
use concur_checks::report::{cases, cut_short, human, json};
use concur_checks::selector::{Only, Target, select};
use concur_checks::since::Since;
use concur_checks::suite::{Engine, Options, run};
use concur_checks::trace::save::of_check;
use concur_checks::verdict::{CheckResult, Verdict};

use crate::each::each;
use crate::format::{ReportFormat, sources};
use crate::limits::{LimitArgs, SaveArgs, TierArg};
use crate::progress::beside;
use crate::report::{compare, ended_early, must_be_there};
use crate::{Ending, note};

/// Check models: every reachable state, every step, and what they promise to do.
///
/// A check is named PROTOCOL/RUNG/CONFIGURATION; a selector is the beginning of such a name. `concur list` shows them all.
#[derive(Args)]
pub(crate) struct Check {
    /// What to check [default: everything]
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Run the configurations up to this tier
    #[arg(long, value_enum, default_value_t = TierArg::Ci)]
    tier: TierArg,
    /// Set a parameter instead of taking a named configuration; may be given again
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Check only what never happens, or only what is promised to happen
    #[arg(long, value_enum)]
    only: Option<OnlyArg>,
    /// Who explores
    #[arg(long, value_enum, default_value_t = EngineArg::All)]
    engine: EngineArg,
    /// Count states that are permutations of one another as one, where a model declares a symmetry
    #[arg(long, value_enum, default_value_t = Switch::Off)]
    symmetry: Switch,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    format: ReportFormat,
    /// Run only what the changes since a revision of git can affect, those included that are not committed; say what is left out, and why
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Hold what is found against the reports in this folder, too, and fail if verification.md there says something else; takes a run of everything
    #[arg(long, value_name = "DIR", conflicts_with_all = ["selectors", "tier", "params", "only", "since", "engine", "symmetry"])]
    against: Option<PathBuf>,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EngineArg {
    /// Our own, and on what is small enough all the others, which must agree.
    All,
    /// Our own alone.
    Concur,
    /// stateright's breadth-first checker: invariants only.
    StaterightBfs,
    /// stateright's depth-first checker: invariants only.
    StaterightDfs,
    /// One thread, exact states, no hashing. Of promises: our own engine, and the naive judge at any size.
    Naive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnlyArg {
    /// Invariants, steps and refinement: what never happens.
    Safety,
    /// Promises, each under the fairness that it needs: what happens at some time.
    Liveness,
}

impl From<EngineArg> for Engine {
    fn from(engine: EngineArg) -> Self {
        match engine {
            EngineArg::All => Self::All,
            EngineArg::Concur => Self::Concur,
            EngineArg::StaterightBfs => Self::Other(Other::StaterightBfs),
            EngineArg::StaterightDfs => Self::Other(Other::StaterightDfs),
            EngineArg::Naive => Self::Other(Other::Naive),
        }
    }
}

impl Check {
    /// What was selected.
    pub(crate) fn selectors(&self) -> &[String] {
        &self.selectors
    }

    /// Selects these, and what never happens alone.
    pub(crate) fn keep(&mut self, selectors: &[String]) -> anyhow::Result<()> {
        if self.only == Some(OnlyArg::Liveness) {
            bail!(
                "clusters of cores are held against what never happens; `concur check --only liveness` checks what models promise"
            );
        }
        self.selectors = selectors.to_vec();
        self.only = Some(OnlyArg::Safety);
        Ok(())
    }

    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let options = self.options()?;
        let targets = select(&self.selectors, options.tier, &self.params, self.kinds())?;
        self.refuse(&targets)?;
        if let Some(dir) = &self.against {
            must_be_there(dir, "--against")?;
        }
        self.save.prepare()?;
        let (targets, since) = self.affected(targets)?;
        let started = Instant::now();
        let mut results = Vec::new();
        let not_run = run_all(&targets, &options, |result| {
            beside(|| self.tell(&result, targets.len()))?;
            results.push(result);
            Ok(())
        })?;
        let took = started.elapsed();
        let mut out = std::io::stdout().lock();
        match self.format {
            ReportFormat::Human => write!(out, "{}", human::summary(&results, &not_run, took))?,
            ReportFormat::Json => {
                let document = json::checks_since(&results, &not_run, &options, since.as_ref())?;
                writeln!(out, "{document}")?;
            }
            format => {
                let suites = cases::of_checks(&results, &not_run, &sources());
                format.write(&mut out, "concur check", &suites)?;
            }
        }
        let compared = self.compare(&results, &not_run)?;
        Ok(ending(&results, &not_run).max(compared))
    }

    /// Whether the committed page of all checks says what was found.
    fn compare(&self, results: &[CheckResult], not_run: &[String]) -> anyhow::Result<Ending> {
        let Some(dir) = &self.against else {
            return Ok(Ending::AsExpected);
        };
        if ended_early(&cut_short::of_checks(results), not_run) {
            note(format_args!("not compared with {}", dir.display()));
            return Ok(Ending::Unknown);
        }
        compare(&verification_page(results), dir)
    }

    /// What is left of the selection where only changes matter. What is left out is said on standard error, unless people read the results anyway.
    fn affected(&self, mut targets: Vec<Target>) -> anyhow::Result<(Vec<Target>, Option<Since>)> {
        let Some(revision) = &self.since else {
            return Ok((targets, None));
        };
        let since = Since::of(revision, &std::env::current_dir()?)?;
        for line in since.explain(&targets) {
            match self.format.tells() {
                true => writeln!(std::io::stdout(), "{line}")?,
                false => note(&line),
            }
        }
        targets.retain(|target| since.concerns(target));
        Ok((targets, Some(since)))
    }

    /// Which kinds of checks run: stateright's checkers cannot judge promises.
    fn kinds(&self) -> Only {
        match (self.only, self.engine) {
            (Some(OnlyArg::Liveness), _) => Only::Liveness,
            (Some(OnlyArg::Safety), _)
            | (None, EngineArg::StaterightBfs | EngineArg::StaterightDfs) => Only::Safety,
            (None, _) => Only::Everything,
        }
    }

    /// What cannot be had together with promises.
    fn refuse(&self, targets: &[Target]) -> anyhow::Result<()> {
        let promises = targets
            .iter()
            .any(|target| matches!(target, Target::Promises { .. }));
        if self.only == Some(OnlyArg::Liveness) && self.symmetry == Switch::On {
            bail!("{}", Why::Symmetry);
        }
        let stateright = matches!(
            self.engine,
            EngineArg::StaterightBfs | EngineArg::StaterightDfs
        );
        if promises && stateright {
            bail!(
                "stateright's `eventually` looks at the ends of paths only, not at fair cycles; use `--engine concur`"
            );
        }
        Ok(())
    }

    fn options(&self) -> anyhow::Result<Options> {
        let engine = Engine::from(self.engine);
        if matches!(engine, Engine::Other(_)) && (self.symmetry == Switch::On || self.limits.any())
        {
            bail!(
                "--symmetry and the limits (--max-states, --max-depth, --max-memory, --timeout) need `--engine concur`: \
                 the other engines ignore them, or get them wrong"
            );
        }
        Ok(Options {
            tier: self.tier.into(),
            engine,
            plan: self.limits.plan()?,
            symmetry: self.symmetry == Switch::On,
        })
    }

    /// One result of so many.
    fn tell(&self, result: &CheckResult, of: usize) -> anyhow::Result<()> {
        let traces = of_check(result);
        self.save.save(&traces)?;
        let mut out = std::io::stdout().lock();
        if self.format.tells() && (of > 1 || self.format != ReportFormat::Human) {
            writeln!(out, "{}", human::line(result))?;
        }
        if self.format == ReportFormat::Human {
            write!(out, "{}", human::details(result, &traces, self.save.dir()))?;
        }
        Ok(())
    }
}

/// Runs each of these checks, and hands over what it found. Returns what Ctrl-C left.
pub(crate) fn run_all(
    targets: &[Target],
    options: &Options,
    take: impl FnMut(CheckResult) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<String>> {
    let one = |target: &Target, plan: &Plan, progress: &Progress| {
        let options = Options {
            plan: plan.clone(),
            ..options.clone()
        };
        Ok(run(target, &options, progress)?)
    };
    each(targets, &options.plan, Target::id, one, take)
}

pub(crate) fn ending(results: &[CheckResult], not_run: &[String]) -> Ending {
    let of = |result: &CheckResult| match (result.as_expected, result.verdict) {
        (true, _) => Ending::AsExpected,
        (false, Verdict::Unknown) => Ending::Unknown,
        (false, _) => Ending::Failed,
    };
    let unfinished = (!not_run.is_empty()).then_some(Ending::Unknown);
    results
        .iter()
        .map(of)
        .chain(unfinished)
        .max()
        .unwrap_or(Ending::AsExpected)
}
