//! Clusters of the cores that ship, as rungs: below each protocol's model stands the code itself.
//!
//! [`cluster`] puts any number of cores of one protocol, their disks and a network into one [`stateright::Model`], whose nodes *are* the production structs. A
//! [`Correspondence`] says what a state of the cluster means to the model above, and for which of its actions a step of the cluster stands. That is all that a protocol adds; with it
//! a cluster is a rung like any other, so that refinement is looked at on every step, a guard of a core can be left out, and a counterexample is told.
//!
//! # Breaking a line by hand
//!
//! Whoever changes a line of a core, or of a host, sees within seconds what it breaks, as the shortest story that leads there, with the rule or the property by name:
//!
//! | protocol | command | for example |
//! |---|---|---|
//! | Raft | `cargo run --release -- conform raft --tier small` | a vote given twice in a term; an acknowledgement before the disk; an older term's entry committed |
//! | Paxos, Multi-Paxos | `cargo run --release -- conform paxos --tier small` | an answer before the disk; a vote below the promise |
//! | two-phase commit | `cargo run --release -- conform two-phase --tier small` | a prepared transaction forgotten; a commit told before the disk |
//! | Paxos Commit | `cargo run --release -- conform paxos-commit --tier small` | a promise of a lower ballot; a vote told before the disk |
//! | the ring's hand-over | `cargo run --release -- conform ring --tier small` | a request served by the old epoch |
//!
//! Each of these examples is planted by a test (at the end of each file of `tests`): a guard by the rule set, the order of effects and what is read back after a crash by a negligent host ([`cluster::Negligence`]).
//!
//! # Parts
//!
//! [`repertoire`] counts what of the model above a cluster does, and lists what it may do where the cluster comes to rest, so that nothing conforms by doing nothing. A size may begin with a story ([`Correspondence::story`]), so that what lies far from the initial state is explored, too. [`follow`] takes a path of the model to a cluster: how far does it go along? [`walk`] takes random steps of such a rung, far beyond what can be explored, and shortens what fails.

pub mod cluster;
mod clusters;
mod correspondence;
pub mod follow;
pub mod paxos;
pub mod raft;
pub mod repertoire;
pub mod ring;
pub mod two_phase;
pub mod walk;

pub use cluster::Clustered;
pub use clusters::{Clusters, Walk};
pub use correspondence::{Core, Correspondence, Kept};
