//! Two-phase commit with presumed abort, and Paxos Commit on the same participants: many transactions at a time, one [`Site`] per node.
//!
//! After Mohan, Lindsay & Obermarck, *Transaction Management in the R\* Distributed Database Management System* (1986); Bernstein, Hadzilacos & Goodman,
//! *Concurrency Control and Recovery in Database Systems* (1987), chapter 7, for termination; Gray & Lamport, *Consensus on Transaction Commit* (2006).
//!
//! # A transaction
//!
//! 1. A client asks its coordinator to begin ([`Request::Begin`], [`Notice::Begun`]), and does work at some sites under the transaction's name. Each of
//!    them enlists first ([`Request::Enlist`]) and says in which incarnation it works ([`Notice::Enlisted`]): a crash before the vote loses the work.
//! 2. The client asks to commit, and names those branches ([`Request::Commit`]).
//! 3. Each participant's host is asked ([`Notice::Prepare`]), makes its work durable, and votes ([`Request::Vote`]): YES, NO, or READ if it has changed nothing.
//! 4. The coordinator decides and tells its client ([`Notice::Decided`]) and the participants ([`Notice::Commit`], [`Notice::Abort`]). A host that has
//!    carried out a commit says so ([`Request::Applied`]); only then the participant's log forgets, and the coordinator is told.
//!
//! With one participant and two-phase commit, the participant decides alone (one-phase commit). With [`Mode::PaxosCommit`], votes go to the 2F+1 acceptors
//! of [`Config::acceptors`], and any site that waits too long leads the transaction to its end, whatever becomes of the coordinator.
//!
//! # What is forced
//!
//! A record that must be on disk before a message leaves is *forced*: it is in [`Effects::persist`](crate::Effects::persist) of the step that sends the message. A
//! record that need not be waits in memory and rides along with the next that must be, or with [`Timer::Flush`]. So a step that persists is a forced write,
//! and a transaction without failures costs, besides those flushes, exactly:
//!
//! | | coordinator | participants | acceptors | together |
//! |---|---|---|---|---|
//! | two-phase commit of N > 1, of whom R only read | 1 | N − R | | N − R + 1 |
//! | the same, all readers | 0 | 0 | | 0 |
//! | abort, after Y have voted YES | 0 | Y | | Y |
//! | one-phase commit | 0 | 1 | | 1 |
//! | one-phase, aborted or read only | 0 | 0 | | 0 |
//! | Paxos Commit of N, of whom R only read, with A acceptors | 0 | N − R | A | N − R + A |
//! | the same, after Y have voted YES and one NO | 0 | Y | A | Y + A |
//!
//! Not forced: the participants' records of the outcome, and the coordinator's END. A start costs one write, which counts the incarnations. The test
//! `two_phase_costs` counts all of this.
//!
//! # Embedding
//!
//! The host persists [`Record`]s in order, sends [`Message`]s (those to the site itself, too), sets [`Timer`]s, and deletes records before a [`Record::Checkpoint`]
//! when it likes. Whatever it is told it may be told again after a restart. When it starts, it undoes all work that it finds prepared and that is neither
//! [`Notice::InDoubt`] nor told to commit. [`Site::in_doubt`] lists what an operator may [resolve](Request::Resolve); a decision that turns out to differ is
//! reported ([`Notice::Mismatch`]) at each start until the operator has [taken note](Request::ForgetMismatch).
//!
//! Who sent a message is taken as true, and sites do not lie.
//!
//! # Beside the models
//!
//! `coordinator`, `participant`, `voting` and `termination` hold the actions of `DurableTwoPhase`; `leader` and `acceptor` those of `PaxosCommit` and
//! `DurablePaxosCommit`. What differs: a host says when a commit is carried out, and its record is not forced; an answer by presumption is a message of its own
//! ([`Message::Forgotten`]), because in Paxos Commit it means nothing; a commit of readers only leaves no record; one promise of an acceptor is for the
//! instances of all participants; acceptors are told when they may forget, after the coordinator and all participants have acknowledged. An acceptor that is not
//! told leads the transaction to that end. If others have forgotten by then, its ballot may choose to abort what was committed: everyone has decided
//! already, and obeys no more.
//!
//! # Left out
//!
//! Trees of participants, presumed commit, transfer of the decision to the last agent of several, acceptors that change during a transaction (each keeps
//! those it began with), and limits on what is open at a time: the host decides how much it begins. Two-phase commit blocks while its coordinator is down and all
//! live participants are uncertain; that is what Paxos Commit, and the operator, are for.

mod codec;
mod config;
mod host;
mod message;
mod node;
mod record;
mod rules;
mod transaction;

pub use config::Config;
pub use host::{InDoubt, Notice, Request, Timer};
pub use message::Message;
pub use node::{Asked, Closed, Coordination, Leader, Participation, Site};
pub use record::{Entry, Image, Record, Resolved};
pub use rules::{Rule, Rules};
pub use transaction::{
    Ballot, Branch, Cast, Instances, Mode, Outcome, Plan, TransactionId, Value, Vote,
};
