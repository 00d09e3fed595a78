//! Paxos, one decision and a log of them (Lamport, *The Part-Time Parliament*, 1998; *Paxos Made Simple*, 2001).
//!
//! | module | what it is |
//! |---|---|
//! | [`single`] | one value is chosen, once: the algorithm of *Paxos Made Simple*, §2 |
//! | [`multi`] | a log of slots, each chosen by Paxos, with a leader that stays: §3 |
//!
//! Both are made of the same parts, plain structs that know no rules, no messages and no disk: an [`Acceptor`], a [`Proposer`], [`Quorums`], and votes
//! that are [`Ranked`] by [`Ballot`]; where one value is chosen there is a [`Learner`] too, while a leader counts the votes of a log itself. The nodes put
//! messages, records and the order of effects around them, and name a [rule](concur_rules::Rule) for each thing that they refuse.
//!
//! Quorums need not be majorities: any system will do whose phase-1 and phase-2 quorums meet.

mod acceptor;
mod ballot;
mod codec;
mod learner;
pub mod multi;
mod proposer;
mod quorums;
pub mod single;

pub use acceptor::Acceptor;
pub use ballot::{Ballot, Ranked};
pub use learner::Learner;
pub use proposer::{Proposer, keep};
pub use quorums::{MAX_MEMBERS, QuorumError, Quorums, Voters};
