//! Bytes from anywhere, read as each kind of message and record: either refused, or the one form of what they say.
//!
//! ```text
//! cargo install cargo-fuzz
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir impls/fuzz decode -- -max_total_time=600
//! ```
//!
//! The first byte says which type to read the others as. What must hold of that is in [`concur_harness::reading`], so that a test can show that wrong codecs are found.
#![no_main]

use std::fmt::Debug;

use concur_cores::codec::{Decode, Encode};
use concur_cores::paxos::{multi, single};
use concur_cores::ring::{View, hand_over};
use concur_cores::{raft, two_phase};
use concur_harness::reading;
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Commands of any length.
type Command = Vec<u8>;

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    match kind {
        0 => read::<raft::Message<Command>>(bytes),
        1 => read::<raft::Record<Command>>(bytes),
        2 => read::<multi::Message<Command>>(bytes),
        3 => read::<multi::Record<Command>>(bytes),
        4 => read::<single::Message<Command>>(bytes),
        5 => read::<single::Record<Command>>(bytes),
        6 => read::<two_phase::Message>(bytes),
        7 => read::<two_phase::Record>(bytes),
        8 => read::<hand_over::Message>(bytes),
        9 => read::<hand_over::Record>(bytes),
        10 => read::<View>(bytes),
        _ => {}
    }
});

fn read<T: Encode + Decode + PartialEq + Debug>(bytes: &[u8]) {
    if let Err(misread) = reading::read::<T>(bytes, &MEMORY) {
        panic!("{bytes:?}: {misread}");
    }
}
