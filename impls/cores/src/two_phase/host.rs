//! What a site and its host say to each other: requests, notices, alarms.

use alloc::vec::Vec;
use core::fmt;

use super::transaction::Listed;
use super::{Branch, Mode, Outcome, TransactionId, Vote};
use crate::NodeId;

/// What a client of the coordinator, the host of a participant, or an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Request {
    /// A client begins a transaction at its coordinator; answered by [`Notice::Begun`] with the same token.
    /// It stays open until [`Request::Commit`] or [`Request::Rollback`].
    Begin {
        /// What the answer is known by.
        token: u64,
    },
    /// A client asks its coordinator to commit; answered by [`Notice::Decided`].
    Commit {
        /// Which transaction.
        transaction: TransactionId,
        /// Where work was done for it: what each [`Notice::Enlisted`] said. Two branches of one site mean that
        /// the work of the earlier is lost, so that the transaction aborts.
        branches: Vec<Branch>,
        /// How it is to be decided.
        mode: Mode,
    },
    /// A client gives up a transaction that is not decided. One of Paxos Commit whose votes are being collected is decided by a ballot, which may find
    /// that it commits.
    Rollback {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The host of a participant is about to work for a transaction; answered by [`Notice::Enlisted`], before which it must not begin.
    Enlist {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The host of a participant answers [`Notice::Prepare`].
    Vote {
        /// On which transaction.
        transaction: TransactionId,
        /// What.
        vote: Vote,
    },
    /// The host of a participant gives up its work, before it has voted.
    Withdraw {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The host of a participant has carried out [`Notice::Commit`], durably.
    Applied {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// An operator decides in place of a participant that is in doubt: a heuristic decision, which may turn out to be wrong.
    Resolve {
        /// Which transaction.
        transaction: TransactionId,
        /// What the operator decides.
        outcome: Outcome,
    },
    /// An operator has taken note of [`Notice::Mismatch`].
    ForgetMismatch {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The host wants a checkpoint now.
    Checkpoint,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin { token } => write!(f, "begin #{token}"),
            Self::Commit {
                transaction,
                branches,
                mode,
            } => {
                let paxos = if *mode == Mode::PaxosCommit {
                    " by Paxos Commit"
                } else {
                    ""
                };
                write!(f, "commit {transaction} [{}]{paxos}", Listed(branches))
            }
            Self::Rollback { transaction } => write!(f, "roll {transaction} back"),
            Self::Enlist { transaction } => write!(f, "enlist in {transaction}"),
            Self::Vote { transaction, vote } => write!(f, "vote {vote} on {transaction}"),
            Self::Withdraw { transaction } => write!(f, "withdraw from {transaction}"),
            Self::Applied { transaction } => write!(f, "{transaction} is applied"),
            Self::Resolve {
                transaction,
                outcome,
            } => write!(f, "resolve {transaction}: {outcome}"),
            Self::ForgetMismatch { transaction } => {
                write!(f, "forget the mismatch of {transaction}")
            }
            Self::Checkpoint => f.write_str("checkpoint"),
        }
    }
}

/// What the host is told. All of it may be told again after a restart, so the host must be able to do it twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Notice {
    /// The transaction has begun.
    Begun {
        /// The token of the request.
        token: u64,
        /// Its name from now on.
        transaction: TransactionId,
    },
    /// The client of the coordinator is told the outcome.
    Decided {
        /// Which transaction.
        transaction: TransactionId,
        /// What.
        outcome: Outcome,
    },
    /// The participant takes part; whoever asks the coordinator to commit must name this branch.
    Enlisted {
        /// Which transaction.
        transaction: TransactionId,
        /// The branch.
        branch: Branch,
    },
    /// The participant is asked for its vote. Before it votes YES, the host must have made its work durable, to be committed or undone later.
    Prepare {
        /// On which transaction.
        transaction: TransactionId,
    },
    /// The participant is in doubt, as after a restart: its locks must be taken again before anything else is served.
    /// A host that has carried out the commit before, durably, says [`Request::Applied`] again instead.
    InDoubt {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The participant carries out its work and gives up its locks, and then says [`Request::Applied`].
    Commit {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The participant undoes its work and gives up its locks.
    Abort {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// An operator's decision was not what was decided: data must be mended by hand.
    Mismatch {
        /// Which transaction.
        transaction: TransactionId,
        /// At which participant.
        site: NodeId,
        /// What the operator took.
        took: Outcome,
        /// What was decided.
        decided: Outcome,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun { token, transaction } => write!(f, "#{token} is {transaction}"),
            Self::Decided {
                transaction,
                outcome,
            } => write!(f, "{transaction} is decided: {outcome}"),
            Self::Enlisted {
                transaction,
                branch,
            } => write!(f, "{branch} takes part in {transaction}"),
            Self::Prepare { transaction } => write!(f, "prepare {transaction}"),
            Self::InDoubt { transaction } => write!(f, "{transaction} is in doubt"),
            Self::Commit { transaction } => write!(f, "commit {transaction}"),
            Self::Abort { transaction } => write!(f, "abort {transaction}"),
            Self::Mismatch {
                transaction,
                site,
                took,
                decided,
            } => {
                write!(
                    f,
                    "mismatch of {transaction} at {site}: took {took}, decided was {decided}"
                )
            }
        }
    }
}

/// The alarms of a site. One that goes off when there is nothing to do any longer does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Timer {
    /// The coordinator waits for votes or acknowledgements.
    Coordinator(TransactionId),
    /// A participant waits to be asked, or to be told.
    Participant(TransactionId),
    /// A leader of Paxos Commit waits for acceptors or acknowledgements.
    Leader(TransactionId),
    /// An acceptor has held a transaction for long: set it longest of all.
    Acceptor(TransactionId),
    /// Records that need not be forced, and acknowledgements that wait for them, wait for a write to ride along with.
    Flush,
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coordinator(transaction) => write!(f, "coordinator {transaction}"),
            Self::Participant(transaction) => write!(f, "participant {transaction}"),
            Self::Leader(transaction) => write!(f, "leader {transaction}"),
            Self::Acceptor(transaction) => write!(f, "acceptor {transaction}"),
            Self::Flush => f.write_str("flush"),
        }
    }
}

/// How far a transaction is that an operator should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum InDoubt {
    /// It is prepared here, and does not know the decision.
    Waiting,
    /// An operator has decided.
    Resolved {
        /// What.
        took: Outcome,
        /// What was decided, once that is known: the operator was wrong.
        decided: Option<Outcome>,
    },
}
