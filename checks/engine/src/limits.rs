//! How far a search may go: states, depth, time, memory, and the user's patience.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

/// How far a search may go. Reaching a limit never passes: it leaves the verdict unknown.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Distinct states.
    pub max_states: Option<u64>,
    /// States on a path; states at this depth are still checked.
    pub max_depth: Option<u32>,
    /// Bytes of memory of the process.
    pub max_memory: Option<u64>,
    /// Time from the start of the search.
    pub timeout: Option<Duration>,
    /// Set by Ctrl-C.
    pub interrupted: Arc<AtomicBool>,
}

/// Why a search ended before it had seen everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Ctrl-C.
    Interrupted,
    /// As many distinct states as allowed were found.
    MaxStates,
    /// There are states deeper than allowed.
    MaxDepth,
    /// The process would need more memory than allowed.
    MaxMemory,
    /// Time is up.
    Timeout,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupted => "interrupted",
            Self::MaxStates => "the limit on states was reached (--max-states)",
            Self::MaxDepth => "the limit on depth was reached (--max-depth)",
            Self::MaxMemory => "the limit on memory was reached (--max-memory)",
            Self::Timeout => "time is up (--timeout)",
        })
    }
}

impl Limits {
    /// The first limit that has been reached, given what the search has done since `started`.
    pub(super) fn reached(&self, started: Instant, progress: &Progress) -> Option<Stop> {
        let over = |limit: Option<u64>, value: &AtomicU64| {
            limit.is_some_and(|limit| value.load(Ordering::Relaxed) >= limit)
        };
        if self.interrupted.load(Ordering::Relaxed) {
            Some(Stop::Interrupted)
        } else if over(self.max_memory, &progress.bytes)
            || over(self.max_memory, &progress.resident)
        {
            Some(Stop::MaxMemory)
        } else if over(self.max_states, &progress.distinct) {
            Some(Stop::MaxStates)
        } else if self
            .timeout
            .is_some_and(|timeout| started.elapsed() >= timeout)
        {
            Some(Stop::Timeout)
        } else {
            None
        }
    }
}

/// Whether a search on one thread may go on. It is asked often, and looks at the limits now and then.
#[derive(Debug)]
pub struct Patience<'l> {
    limits: &'l Limits,
    started: Instant,
    asked: u64,
    progress: Progress,
    stop: Option<Stop>,
}

const ASKED_PER_LOOK: u64 = 1 << 7;
const ASKED_PER_MEASURE: u64 = 1 << 13;

impl<'l> Patience<'l> {
    /// Within limits of time and memory, since `started`. States and depth are not counted again: it goes where another search has been.
    pub fn new(limits: &'l Limits, started: Instant) -> Self {
        Self {
            limits,
            started,
            asked: 0,
            progress: Progress::default(),
            stop: None,
        }
    }

    /// Which limit was reached, if one was.
    pub fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// Whether to give up, where memory is about to grow by so many bytes in one go.
    pub(super) fn is_over(&mut self, growth_ahead: impl FnOnce() -> u64) -> bool {
        self.asked += 1;
        if self.asked.is_multiple_of(ASKED_PER_MEASURE) {
            let resident = &self.progress.resident;
            resident.store(resident_memory() + growth_ahead(), Ordering::Relaxed);
        }
        if self.asked.is_multiple_of(ASKED_PER_LOOK) {
            self.stop = self.limits.reached(self.started, &self.progress);
        }
        self.stop.is_some()
    }
}

/// How far a search has come, for whoever watches it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Distinct states so far.
    pub distinct: AtomicU64,
    /// Steps taken so far.
    pub generated: AtomicU64,
    /// The level that is being expanded.
    pub depth: AtomicU32,
    /// Bytes that the search knows itself to occupy: fingerprints, and states not yet expanded.
    pub bytes: AtomicU64,
    /// Bytes that the process occupied when it was last measured, with what the search has added since, and is about to add.
    pub resident: AtomicU64,
}

impl Progress {
    /// Forgets what an earlier search has added. Limits hold for one search: who makes several, each with these limits, begins again before each.
    pub fn begin_again(&self) {
        for count in [&self.distinct, &self.generated, &self.bytes] {
            count.store(0, Ordering::Relaxed);
        }
        self.depth.store(0, Ordering::Relaxed);
    }
}

/// The resident memory of this process in bytes; 0 where the system does not tell.
pub fn resident_memory() -> u64 {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64)
}

/// The memory that a search may take when nobody says: three quarters of what is free now, containers considered.
pub fn default_max_memory() -> Option<u64> {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let free = system
        .cgroup_limits()
        .map_or(system.available_memory(), |limits| {
            limits.free_memory.min(system.available_memory())
        });
    (free > 0).then_some(resident_memory() + free / 4 * 3)
}
