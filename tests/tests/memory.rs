//! A limit on memory is kept, also where a set of fingerprints doubles.

use concur_engine::explore::{Plan, explore};
use concur_engine::lens::Plain;
use concur_engine::limits::{Limits, Progress, Stop, resident_memory};
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

/// Limits grow, because what the allocator keeps of one search counts for the next.
#[test]
fn a_search_stays_below_its_limit_on_memory() {
    let (resident, used) = (resident_memory(), MEMORY.current_usage());
    for allowed in (16..=80).step_by(8).map(|mb| mb << 20) {
        for threads in 1..=2 {
            MEMORY.reset_peak_usage();
            let plan = Plan {
                threads,
                limits: Limits {
                    max_memory: Some(resident + allowed),
                    ..Limits::default()
                },
                seed: 0,
            };
            let found = explore(&Endless, &Plain(&Endless), &plan, &Progress::default());
            let peak = (MEMORY.peak_usage() - used) as u64;
            assert_eq!(found.stop, Some(Stop::MaxMemory));
            assert!(
                (allowed / 4..allowed / 10 * 11).contains(&peak),
                "{threads} threads: {peak} bytes of {allowed}"
            );
        }
    }
}
