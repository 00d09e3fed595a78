//! Paxos as it fails in the field: disks that lose what was not synced, proposers that restart, learners that count.
//!
//! After Lamport, *Paxos Made Simple* (2001), with the care for disks that Chandra, Griesemer & Redstone ask for in *Paxos Made Live* (2007).
//!
//! `Paxos ⊐ DurablePaxos`: Paxos.tla lets an acceptor promise, remember and answer in one step, and anyone lead a ballot. Here
//! - an acceptor *writes*, *syncs* and *answers* in three steps, and may crash between any two of them ([`protocol`]);
//! - a proposer owns every so-and-so-many-th ballot, syncs it before it uses it, and collects promises in memory, where a crash erases them;
//! - a learner counts votes as they arrive, one by one, some of them twice.
//!
//! Left out: loss, repetition, reordering and delay need no actions, since [`state::State::msgs`] holds every message ever sent, and whoever may receive
//! one may do so at any time, often, or never. A learner's crash: what it has heard is lost, which is as if it had heard less.

pub mod configs;
mod properties;
pub mod protocol;
pub mod quorums;
pub mod state;
pub mod temporal;

pub use quorums::QuorumSizes;
