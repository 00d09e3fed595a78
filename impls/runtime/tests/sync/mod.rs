//! `crate::sync` for the tests under loom: the same names as in `src/sync.rs`, the same contracts.
#![allow(unreachable_pub)]

pub(crate) use std::sync::Arc;

pub(crate) use loom::sync::Mutex;
pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};

/// A value that was current when it was loaded.
pub type Loaded<T> = Arc<T>;

/// A shared value that is replaced as a whole. arc-swap does not run under loom: here a mutex keeps its contract.
#[derive(Debug)]
pub(crate) struct Swap<T>(Mutex<Arc<T>>);

impl<T> Swap<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(Arc::new(value)))
    }

    pub(crate) fn load(&self) -> Loaded<T> {
        Arc::clone(&self.0.lock().expect("nobody panics with the lock"))
    }

    pub(crate) fn store(&self, value: T) {
        *self.0.lock().expect("nobody panics with the lock") = Arc::new(value);
    }
}
