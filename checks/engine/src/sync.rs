//! The synchronization that our own concurrent parts use: std's here, loom's in `tests/tests/interleavings.rs`, which includes
//! those parts and defines a `sync` of its own beside them.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{Condvar, Mutex, OnceLock, RwLock, RwLockReadGuard};

/// Waits awake until it is `done`, for a tenth of a millisecond or so at most.
pub(crate) fn briefly(done: impl Fn() -> bool) {
    const LOOKS: usize = 5000;
    let _ = (0..LOOKS).any(|_| {
        std::hint::spin_loop();
        done()
    });
}
