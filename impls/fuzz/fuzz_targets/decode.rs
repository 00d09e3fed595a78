//! Bytes from anywhere, read as each kind of message and record: either refused, or the one form of what they say.
//!
//! ```text
//! cargo install cargo-fuzz
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir impls/fuzz decode -- -max_total_time=600
//! ```
//!
//! The first byte says which type to read the others as. What can be read must be written as the very same bytes, and read back as an equal value. While bytes are
//! read, the most memory that is in use at once, as the counting allocator sees it, may not exceed [`PER_BYTE`] times their number and [`AT_LEAST`].
#![no_main]

use std::fmt::Debug;

use concur_cores::codec::{Decode, Encode};
use concur_cores::paxos::{multi, single};
use concur_cores::ring::{View, hand_over};
use concur_cores::{raft, two_phase};
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How many bytes of memory a byte that is read may take.
const PER_BYTE: usize = 64;

/// What may be taken whatever the number of bytes: a map of one entry has room for eleven.
const AT_LEAST: usize = 4_096;

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
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let value = T::from_bytes(bytes);
    let taken = MEMORY.peak_usage().saturating_sub(before);

    let most = PER_BYTE * bytes.len() + AT_LEAST;
    assert!(
        taken <= most,
        "{taken} bytes of memory for {} bytes",
        bytes.len()
    );
    if let Ok(value) = value {
        let written = value.to_bytes();
        assert_eq!(written, bytes, "another form of {value:?}");
        assert_eq!(T::from_bytes(&written), Ok(value));
    }
}
