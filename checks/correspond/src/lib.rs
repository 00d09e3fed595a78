//! Clusters of the cores that ship, as rungs: below each protocol's model stands the code itself.
//!
//! [`cluster`] puts any number of cores of one protocol, their disks and a network into one [`stateright::Model`], whose nodes *are* the production structs. A
//! [`Correspondence`] says what a state of the cluster means to the model above, and for which of its actions a step of the cluster stands. That is all that a protocol adds; with it
//! a cluster is a rung like any other, so that refinement is looked at on every step, a guard of a core can be left out, and a counterexample is told.
//!
//! [`repertoire`] counts what of the model above a cluster does, so that nothing conforms by doing nothing. [`follow`] takes a path of the model to a cluster: how far does it go along? [`walk`] takes random steps of such a rung, far beyond what can be explored, and shortens what fails.

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
