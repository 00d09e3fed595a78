//! The options that say how to search, shared by all commands that do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::{Limits, default_max_memory};
use concur_checks::trace::Trace;
use concur_checks::trace::save::save;
use concur_models::kit::Tier;

/// Up to which tier configurations run.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TierArg {
    /// Under a second each.
    Small,
    /// Seconds each, and the small ones.
    Ci,
    /// Minutes and gigabytes, and all others.
    Full,
}

impl From<TierArg> for Tier {
    fn from(tier: TierArg) -> Self {
        match tier {
            TierArg::Small => Self::Small,
            TierArg::Ci => Self::Ci,
            TierArg::Full => Self::Full,
        }
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs: one document, described in checks/JSON.md.
    Json,
}

/// Where counterexamples are saved.
#[derive(Args, Debug)]
pub(crate) struct SaveArgs {
    /// Save each counterexample, expected or not, in this folder; `concur trace` reads them
    #[arg(long, value_name = "DIR")]
    save_traces: Option<PathBuf>,
}

impl SaveArgs {
    /// The folder, if there is to be one.
    pub(crate) fn dir(&self) -> Option<&Path> {
        self.save_traces.as_deref()
    }

    /// Makes the folder before anything is searched: nothing is lost where it cannot be had.
    pub(crate) fn prepare(&self) -> anyhow::Result<()> {
        let Some(dir) = self.dir() else {
            return Ok(());
        };
        std::fs::create_dir_all(dir).with_context(|| {
            format!(
                "cannot save traces in {}; name another folder with --save-traces",
                dir.display()
            )
        })
    }

    /// Saves what was found, if that is wanted.
    pub(crate) fn save(&self, traces: &[Trace]) -> anyhow::Result<()> {
        let Some(dir) = self.dir() else {
            return Ok(());
        };
        save(dir, traces).with_context(|| format!("cannot save traces in {}", dir.display()))?;
        Ok(())
    }
}

/// How far to search. Reaching a limit never passes: it leaves the verdict unknown (exit code 3).
#[derive(Args, Debug)]
pub(crate) struct LimitArgs {
    /// Worker threads; what runs side by side shares them [default: one per core]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Stop a check after so many distinct states
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    max_states: Option<u64>,
    /// Stop a check at so many states on a path; the states at that depth are still checked
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    max_depth: Option<u32>,
    /// Stop a check before the process takes more memory, such as 8GiB [default: three quarters of what is free]
    #[arg(long)]
    max_memory: Option<ByteSize>,
    /// Stop a check after so long, such as 90s or 10m
    #[arg(long, value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// Seed: of the state fingerprints, where another seed makes other collisions, and of the first random walk
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl LimitArgs {
    /// The plan that these options make, with Ctrl-C as one more limit.
    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Plan {
            threads: self.threads.map_or(cores, usize::from),
            limits: Limits {
                max_states: self.max_states,
                max_depth: self.max_depth,
                max_memory: self
                    .max_memory
                    .map(|size| size.0)
                    .or_else(default_max_memory),
                timeout: self.timeout,
                interrupted: on_ctrl_c()?,
            },
            seed: self.seed,
        })
    }

    /// Whether one of the limits was asked for, which only our own engine knows.
    pub(crate) fn any(&self) -> bool {
        self.max_states.is_some()
            || self.max_depth.is_some()
            || self.max_memory.is_some()
            || self.timeout.is_some()
    }
}

/// A flag that Ctrl-C sets. The second Ctrl-C ends the process at once.
pub(crate) fn on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    const KILLED_BY_SIGINT: i32 = 130;
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(KILLED_BY_SIGINT);
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(interrupted)
}
