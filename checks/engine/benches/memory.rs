//! The peak memory of our engine and of stateright's breadth-first checker: `cargo bench -p concur-engine --bench memory`.
//!
//! Counted at the allocator, so that neither inherits pages from the other.

#![allow(clippy::print_stdout)] // a table is all that it makes

mod heap_two_phase;
mod peers;

use heap_two_phase::HeapTwoPhase;
use peak_alloc::PeakAlloc;
use peers::{concur, paxos, raft, stateright, two_phase};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    println!(
        "{:<42} {:>10} {:>9} {:>8}",
        "", "distinct", "peak MB", "B/state"
    );
    row("two-phase, 8 RMs: concur, 1 thread", || {
        concur(&two_phase(8), 1)
    });
    row("two-phase, 8 RMs: concur, 2 threads", || {
        concur(&two_phase(8), 2)
    });
    row("two-phase, 8 RMs: stateright, flat state", || {
        stateright(two_phase(8))
    });
    row("two-phase, 8 RMs: stateright, heap state", || {
        stateright(HeapTwoPhase { rms: 8 })
    });
    row("paxos (3, 2, 2): concur", || concur(&paxos(), 1));
    row("paxos (3, 2, 2): stateright", || stateright(paxos()));
    row("raft, 3 servers: concur", || concur(&raft(), 1));
    row("raft, 3 servers: stateright", || stateright(raft()));
}

fn row(what: &str, search: impl FnOnce() -> u64) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let distinct = search();
    let peak = MEMORY.peak_usage().saturating_sub(before);
    println!(
        "{what:<42} {distinct:>10} {:>9.1} {:>8.1}",
        peak as f64 / 1e6,
        peak as f64 / distinct as f64
    );
}
