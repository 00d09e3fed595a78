//! Paxos (Lamport, *The Part-Time Parliament*, 1998; *Paxos Made Simple*, 2001).
//!
//! | module | what it is |
//! |---|---|
//! | [`single`] | one value is chosen, once: the algorithm of *Paxos Made Simple*, §2 |
//!
//! It is made of parts, plain structs that know no rules, no messages and no disk: an [`Acceptor`], a [`Proposer`], [`Quorums`], and votes
//! that are [`Ranked`] by [`Ballot`], and a [`Learner`]. The nodes put
//! messages, records and the order of effects around them, and name a [rule](concur_rules::Rule) for each thing that they refuse.
//!
//! Quorums need not be majorities: any system will do whose phase-1 and phase-2 quorums meet.

mod acceptor;
mod ballot;
mod codec;
mod learner;
mod proposer;
mod quorums;
pub mod single;

pub use acceptor::Acceptor;
pub use ballot::{Ballot, Ranked};
pub use learner::Learner;
pub use proposer::{Proposer, keep};
pub use quorums::{MAX_MEMBERS, QuorumError, Quorums, Voters};
