//! What ships: one node's share of each protocol, as a deterministic state machine without input or output.
//!
//! A core knows no clock, no socket, no disk, no thread and no dice. Its host feeds it one [`Input`] at a time by [`Protocol::step`] and carries out the
//! [`Effects`], in the order of their fields. Because a core is `Clone + Eq + Hash`, the very same code can be explored exhaustively.
//!
//! A guard cites its [rule](concur_rules::Rule): what a core refuses, it refuses by name ([`Effects::refused`]).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod codec;
mod command;
#[cfg(feature = "serde")]
mod pairs;
pub mod paxos;
mod protocol;
pub mod raft;
pub mod ring;
pub mod two_phase;

pub use command::Command;
use protocol::push_with;
pub use protocol::{Effects, Input, NodeId, Protocol};
