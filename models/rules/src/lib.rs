//! The shared vocabulary: a *rule* is one conjunct of one action, what a paper states in one sentence.
//!
//! A rule is declared once, with its citation, by [`rules!`]. The model requires it, a trace names it, and a mutant leaves it
//! out, so that a check must fail.
#![no_std]

pub mod backup_manager;
pub mod bounded_loads;
pub mod chord;
pub mod durable_paxos;
pub mod durable_paxos_commit;
pub mod durable_two_phase;
mod joined;
pub mod multi_paxos;
pub mod multi_paxos_core;
pub mod non_blocking;
pub mod paxos;
pub mod paxos_commit;
pub mod raft;
pub mod raft_core;
pub mod replicated_ring;
pub mod ring;
mod rule;
mod rule_set;
pub mod three_phase;
pub mod two_phase;
pub mod two_phase_core;

pub use rule::{Card, Kind, Rule};
pub use rule_set::{AllBut, Faithful, RuleSet};
