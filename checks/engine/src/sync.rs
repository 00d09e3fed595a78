//! The synchronization that our own concurrent parts use: std's here, loom's in `tests/tests/interleavings.rs`, which includes
//! those parts and defines a `crate::sync` of its own.

pub(crate) use std::sync::{Condvar, Mutex};
