//! What hosts the cores. Here: the hash ring shared by threads.
//!
//! [`Membership`] is the ring of the current view: threads look keys up while another installs the next view. [`Balancer`] sends requests to members with bounded loads,
//! counted by atomics.
//!
//! What is concurrent imports its primitives from one module, `sync`, so that `tests/interleavings.rs` can put loom's in their place.
#![forbid(unsafe_code)]

mod balancer;
mod membership;
mod sync;

pub use balancer::{Balancer, Serving};
pub use membership::{Membership, StaleView};
pub use sync::Loaded;
