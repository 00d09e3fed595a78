//! The synchronization that our own concurrent parts use: std's here, loom's in `tests/tests/interleavings.rs`, which includes
//! those parts and defines a `sync` of its own beside them.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{Condvar, Mutex, RwLock, RwLockReadGuard};
