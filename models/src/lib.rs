//! What must be true: executable specifications, each protocol a ladder from a tiny promise down to the protocol.
//!
//! Every rung is a [`stateright::Model`]. What stateright has no word for (refinement, rules, bounds, symmetry) is in
//! [`kit`]. A protocol's page is its `mod.rs`; the promise, the only part that must be believed, is its `spec.rs`.

pub mod kit;
pub mod paxos;
pub mod paxos_commit;
pub mod raft;
pub mod ring;
pub mod two_phase;
