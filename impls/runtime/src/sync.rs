//! The primitives of what is concurrent here: std's and arc-swap's. `tests/interleavings.rs` includes the same files over loom's.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{Arc, Mutex};

/// A value that was current when it was loaded, kept for as long as this is held.
pub type Loaded<T> = arc_swap::Guard<Arc<T>>;

/// A shared value that is replaced as a whole: whoever loads it sees all of one value that was stored, and none older than one that it knows of.
///
/// Over arc-swap: a load never waits for a store (arc-swap says lock-free always, wait-free with rare exceptions). arc-swap itself does not run under loom; there a
/// mutex keeps the same contract, so what is checked is the use of this type and not arc-swap.
#[derive(Debug)]
pub(crate) struct Swap<T>(arc_swap::ArcSwap<T>);

impl<T> Swap<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(arc_swap::ArcSwap::from_pointee(value))
    }

    #[inline]
    pub(crate) fn load(&self) -> Loaded<T> {
        self.0.load()
    }

    pub(crate) fn store(&self, value: T) {
        self.0.store(Arc::new(value));
    }
}
