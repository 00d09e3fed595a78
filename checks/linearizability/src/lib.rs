//! Whether a history is linearizable (Herlihy & Wing, *Linearizability: A Correctness Condition for Concurrent Objects*, 1990): whether each operation can be thought to
//! happen at one moment between its call and its return, so that all answers are those of a sequential object.
//!
//! - [`History`]: what clients called, and what they were told, in the order in which that was seen; [`json`] reads and writes it.
//! - [`Specification`]: the sequential object; [`specs`] holds some.
//! - [`check`]: the search, with a [`Verdict`] that names an order, or shows where every order ends, or says that it does not know.
//!
//! The search is Wing & Gong's (*Testing and Verifying Concurrent Objects*, 1993) as Lowe improved it (*Testing for linearizability*, 2017): a depth-first search over
//! the orders, which never looks twice at the same configuration (the set of operations placed, and the state they led to), and takes back by undoing. Objects that are
//! independent are looked at one by one ([`Specification::key`]), as Herlihy & Wing's locality allows.
//!
//! An operation that never returned may have happened at any time after its call, or never. One that was refused has not happened.
//!
//! ```
//! use concur_linearizability::specs::{Answer, Ask, Register};
//! use concur_linearizability::{History, Limits, Verdict, check};
//!
//! let mut history = History::new();
//! let write = history.call(1, Ask::Put(7));
//! history.returned(write, Answer::Done);
//! let read = history.call(2, Ask::Get);
//! history.returned(read, Answer::Value(None));
//!
//! let verdict = check(&Register::default(), &history, Limits::default());
//! assert!(matches!(verdict, Verdict::NotLinearizable(_)), "the read is stale");
//! ```

#[cfg(test)]
extern crate self as concur_linearizability;

mod done;
mod history;
pub mod json;
mod memo;
mod partition;
mod search;
#[cfg(test)]
mod seeded;
mod specification;
pub mod specs;
mod timeline;
mod verdict;

pub use history::{CallId, Fate, History, Operation};
pub use search::{Limits, Reached, check};
pub use specification::{Specification, is_witness};
pub use verdict::{LastStand, Refutation, Verdict};
