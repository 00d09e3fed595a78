//! What sites tell each other.

use alloc::collections::BTreeMap;
use core::fmt;

use super::transaction::Casts;
use super::{Ballot, Cast, Outcome, Plan, TransactionId, Value, Vote};
use crate::NodeId;

/// What sites tell each other. All of it may be lost, duplicated and reordered. A message to oneself is delivered like any other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Message {
    /// The coordinator asks a participant for its vote.
    Prepare {
        /// On which transaction.
        transaction: TransactionId,
        /// Who takes part.
        plan: Plan,
        /// Every transaction of this coordinator that is less than this one is closed.
        floor: TransactionId,
    },
    /// The coordinator leaves the decision to its only participant.
    PrepareOnePhase {
        /// On which transaction.
        transaction: TransactionId,
        /// In which incarnation the participant has done the work.
        incarnation: u64,
        /// Every transaction of this coordinator that is less than this one is closed.
        floor: TransactionId,
    },
    /// A participant votes.
    Vote {
        /// On which transaction.
        transaction: TransactionId,
        /// What it votes.
        vote: Vote,
    },
    /// The transaction is decided: the coordinator, a leader or another participant says so.
    Decision {
        /// Which transaction.
        transaction: TransactionId,
        /// What was decided.
        outcome: Outcome,
        /// Whether the sender waits for an [`Message::Ack`].
        acknowledge: bool,
    },
    /// A site will never ask about this transaction again.
    Ack {
        /// Which transaction.
        transaction: TransactionId,
        /// What an operator had decided there, if it was not what was decided.
        mismatch: Option<Outcome>,
    },
    /// A participant asks the coordinator, or another participant, what was decided.
    Inquiry {
        /// On which transaction.
        transaction: TransactionId,
        /// In which incarnation the site that is asked has done its work, if it is a participant.
        incarnation: Option<u64>,
    },
    /// The coordinator knows nothing of the transaction: in two-phase commit, that means that it was aborted.
    Forgotten {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// A participant does not know what was decided either.
    Uncertain {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The only participant has decided.
    OnePhaseDone {
        /// Which transaction.
        transaction: TransactionId,
        /// What.
        outcome: Outcome,
    },
    /// The coordinator has heard that its only participant has committed.
    OnePhaseAck {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// A leader asks an acceptor to promise a ballot, in the instances of all participants.
    Phase1a {
        /// Of which transaction.
        transaction: TransactionId,
        /// Who takes part.
        plan: Plan,
        /// Which ballot.
        ballot: Ballot,
    },
    /// An acceptor promises a ballot, and reports its votes.
    Phase1b {
        /// On which transaction.
        transaction: TransactionId,
        /// Which ballot.
        ballot: Ballot,
        /// Its last vote in the instance of each participant.
        votes: BTreeMap<NodeId, Cast>,
    },
    /// A participant proposes in ballot 0 of its own instance, or a leader in a higher ballot of all.
    Phase2a {
        /// Of which transaction.
        transaction: TransactionId,
        /// Who takes part.
        plan: Plan,
        /// Which ballot.
        ballot: Ballot,
        /// What is proposed in the instance of each participant.
        values: BTreeMap<NodeId, Value>,
    },
    /// An acceptor has voted.
    Phase2b {
        /// On which transaction.
        transaction: TransactionId,
        /// In which ballot.
        ballot: Ballot,
        /// For what, in the instance of each participant.
        values: BTreeMap<NodeId, Value>,
    },
    /// An acceptor has promised a higher ballot.
    Outvoted {
        /// On which transaction.
        transaction: TransactionId,
        /// That ballot.
        promised: Ballot,
    },
    /// Everyone knows the decision: an acceptor need not keep it any longer.
    Forget {
        /// Which transaction.
        transaction: TransactionId,
    },
}

impl Message {
    /// The transaction that it is about.
    pub fn transaction(&self) -> TransactionId {
        match self {
            Self::Prepare { transaction, .. }
            | Self::PrepareOnePhase { transaction, .. }
            | Self::Vote { transaction, .. }
            | Self::Decision { transaction, .. }
            | Self::Ack { transaction, .. }
            | Self::Inquiry { transaction, .. }
            | Self::Forgotten { transaction }
            | Self::Uncertain { transaction }
            | Self::OnePhaseDone { transaction, .. }
            | Self::OnePhaseAck { transaction }
            | Self::Phase1a { transaction, .. }
            | Self::Phase1b { transaction, .. }
            | Self::Phase2a { transaction, .. }
            | Self::Phase2b { transaction, .. }
            | Self::Outvoted { transaction, .. }
            | Self::Forget { transaction } => *transaction,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transaction = self.transaction();
        match self {
            Self::Prepare { plan, .. } => write!(f, "PREPARE {transaction} {plan}"),
            Self::PrepareOnePhase { .. } => write!(f, "PREPARE {transaction} one-phase"),
            Self::Vote { vote, .. } => write!(f, "{vote} {transaction}"),
            Self::Decision { outcome, .. } => write!(f, "{outcome} {transaction}"),
            Self::Ack { mismatch: None, .. } => write!(f, "ACK {transaction}"),
            Self::Ack {
                mismatch: Some(took),
                ..
            } => {
                write!(f, "ACK {transaction} (an operator took {took})")
            }
            Self::Inquiry { .. } => write!(f, "INQUIRY {transaction}"),
            Self::Forgotten { .. } => write!(f, "FORGOTTEN {transaction}"),
            Self::Uncertain { .. } => write!(f, "UNCERTAIN {transaction}"),
            Self::OnePhaseDone { outcome, .. } => write!(f, "DONE {transaction} {outcome}"),
            Self::OnePhaseAck { .. } => write!(f, "ACK {transaction} one-phase"),
            Self::Phase1a { ballot, .. } => write!(f, "1a {transaction} ballot={ballot}"),
            Self::Phase1b { ballot, votes, .. } => {
                write!(f, "1b {transaction} ballot={ballot}{}", Casts(votes))
            }
            Self::Phase2a { ballot, values, .. } => {
                write!(f, "2a {transaction} ballot={ballot}{}", Values(values))
            }
            Self::Phase2b { ballot, values, .. } => {
                write!(f, "2b {transaction} ballot={ballot}{}", Values(values))
            }
            Self::Outvoted { promised, .. } => {
                write!(f, "OUTVOTED {transaction} promised={promised}")
            }
            Self::Forget { .. } => write!(f, "FORGET {transaction}"),
        }
    }
}

/// Values, by participant, each as ` n2 prepared`.
struct Values<'a>(&'a BTreeMap<NodeId, Value>);

impl fmt::Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values = self.0.iter();
        values.try_for_each(|(site, value)| write!(f, " {site} {value}"))
    }
}
