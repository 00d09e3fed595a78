//! One value, chosen once: proposer, acceptor and learner in one node.
//!
//! The algorithm of Lamport, *Paxos Made Simple* (2001), §2, with the disk of §2.5. Lay it beside the model `paxos::durable`: a function of `phases.rs`
//! stands for an action of the same name.
//!
//! # How to embed it
//!
//! - [`Request::Propose`] starts a ballot. A ballot that fails is tried again, with a higher one, each time [`Timer::Retry`] goes off: let that take a random time, longer than a
//!   few round trips, or proposers duel for ever. That is the one thing that the algorithm leaves to luck.
//! - [`Notice::Learned`] says what was chosen, once for each start of a node. A node that has missed it asks the others each time [`Timer::Learn`] goes off.
//! - The promise of a node's own acceptor doubles as the record of the ballot that it has begun, so every proposer has an acceptor. That of a node
//!   outside the [`Quorums`](crate::paxos::Quorums) counts for nothing else.
//!
//! # What it leaves out
//!
//! The wish to propose is forgotten in a crash: whoever asked must ask again. Members do not change. A disk that was lost must not come back under the name of its node.

mod codec;
mod config;
mod learning;
mod message;
mod node;
mod phases;
mod record;

pub use config::Config;
pub use message::Message;
pub use node::{Node, Notice, Request, Rules, Timer};
pub use record::{Receipt, Record};
