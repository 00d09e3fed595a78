//! A limit on memory is kept, also where a set of fingerprints doubles.

use std::time::Instant;

use concur_engine::explore::{Plan, explore};
use concur_engine::lens::{Breach, Plain};
use concur_engine::limits::{Limits, Patience, Progress, Stop, resident_memory};
use concur_engine::shortest::shortest;
use peak_alloc::PeakAlloc;
use stateright::Model;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Each state leads to two that nobody has seen.
#[derive(Clone)]
struct Endless;

impl Model for Endless {
    type State = u64;
    type Action = u64;

    fn init_states(&self) -> Vec<u64> {
        vec![1]
    }

    fn actions(&self, _: &u64, actions: &mut Vec<u64>) {
        actions.extend([0, 1]);
    }

    fn next_state(&self, state: &u64, bit: u64) -> Option<u64> {
        Some(2 * state + bit)
    }
}

/// One test, since all that runs at the same time counts. Limits grow, because what the allocator keeps of one search counts for the next.
#[test]
fn searches_stay_below_their_limits_on_memory() {
    let resident = resident_memory();
    let limits = |mb: u64| Limits {
        max_memory: Some(resident + (mb << 20)),
        ..Limits::default()
    };
    for mb in (16..=112).step_by(24) {
        for threads in 1..=2 {
            let plan = Plan {
                threads,
                limits: limits(mb),
                seed: 0,
            };
            stays_below(mb << 20, || {
                explore(&Endless, &Plain(&Endless), &plan, &Progress::default()).stop
            });
        }
        // It keeps more of each state.
        stays_below((mb + 12) << 20, || {
            let limits = limits(mb + 12);
            let mut patience = Patience::new(&limits, Instant::now());
            let never = Breach::Panic;
            let found = shortest(&Endless, &Plain(&Endless), never, 0, &mut patience);
            found.map_or(patience.stop(), |_| None)
        });
    }
}

/// Whether a search ends at its limit, took some of the memory that it was allowed, and hardly more.
fn stays_below(allowed: u64, search: impl FnOnce() -> Option<Stop>) {
    let used = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    assert_eq!(search(), Some(Stop::MaxMemory), "{allowed}");
    let peak = (MEMORY.peak_usage() - used) as u64;
    assert!(
        (allowed / 4..allowed / 10 * 11).contains(&peak),
        "{peak} bytes of {allowed}"
    );
}
