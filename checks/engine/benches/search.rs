//! Our engine against stateright's breadth-first checker, in one process: `cargo bench -p concur-engine --bench search`.
//!
//! Divide the medians. On a machine that is shared, single runs move by a third within seconds: what takes less is measured more often. What stateright does is done here, too: every state, the model's invariants and witnesses. `checks` adds
//! step properties and refinement, which stateright does not know.

mod heap_two_phase;
mod peers;

use divan::Bencher;
use peers::{checks, concur, paxos, raft, stateright, two_phase};

fn main() {
    divan::main();
}

#[divan::bench_group(sample_count = 9, sample_size = 1)]
mod two_phase_8_rms {
    use super::*;
    use crate::heap_two_phase::HeapTwoPhase;

    #[divan::bench(args = [1, 2])]
    fn concur_threads(bencher: Bencher<'_, '_>, threads: usize) {
        bencher.bench(|| concur(&two_phase(8), threads));
    }

    #[divan::bench(args = [1, 2])]
    fn concur_checks_threads(bencher: Bencher<'_, '_>, threads: usize) {
        bencher.bench(|| checks(&two_phase(8), threads));
    }

    #[divan::bench]
    fn stateright_flat_state() -> u64 {
        stateright(two_phase(8))
    }

    #[divan::bench]
    fn stateright_heap_state() -> u64 {
        stateright(HeapTwoPhase { rms: 8 })
    }
}

#[divan::bench_group(sample_count = 45, sample_size = 1)]
mod paxos_3_2_2 {
    use super::*;

    #[divan::bench(args = [1, 2])]
    fn concur_threads(bencher: Bencher<'_, '_>, threads: usize) {
        bencher.bench(|| concur(&paxos(), threads));
    }

    #[divan::bench]
    fn stateright_same_model() -> u64 {
        stateright(paxos())
    }
}

#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod raft_3_servers {
    use super::*;

    #[divan::bench(args = [1, 2])]
    fn concur_threads(bencher: Bencher<'_, '_>, threads: usize) {
        bencher.bench(|| concur(&raft(), threads));
    }

    #[divan::bench]
    fn stateright_same_model() -> u64 {
        stateright(raft())
    }
}
