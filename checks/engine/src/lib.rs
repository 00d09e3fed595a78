//! The engines: a parallel breadth-first search of our own, stateright's checkers, and a naive explorer that is there to
//! be believed. They know models, not protocols.

pub mod erased;
pub mod explore;
pub mod fingerprint;
pub mod frontier;
pub mod lens;
pub mod limits;
pub mod liveness;
pub mod naive;
pub mod rendezvous;
pub mod shortest;
pub mod stateright;
mod sync;
pub mod visited;

/// The name under which a step that the rung above does not allow is reported.
pub const REFINEMENT: &str = "Refinement";
