//! The methods: what is done with an exploration.

pub mod assumptions;
pub mod claims;
pub mod conformance;
pub mod coverage;
pub mod exhaustive;
pub mod liveness;
pub mod omission;
pub mod opinion;
pub mod zoo;

use crate::engine::explore::Plan;
use crate::engine::limits::Progress;

/// How to explore.
#[derive(Clone, Copy, Debug)]
pub struct How<'a> {
    /// Threads, limits and seed.
    pub plan: &'a Plan,
    /// Whether states that are permutations of one another count as one.
    pub symmetry: bool,
    /// Where to tell how far the search has come.
    pub progress: &'a Progress,
}
