//! What must outlive a crash: the records of the log, and what they say together.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;

use super::transaction::{Instances, Listed, listed};
use super::{Outcome, Plan, TransactionId};
use crate::NodeId;

/// A record of the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Record {
    /// The site has been started that often. Forced at each start, before a transaction of the new incarnation is heard of.
    Incarnation(u64),
    /// Coordinator: the transaction commits, and these must be told. Forced before anyone is.
    Commit(TransactionId, BTreeSet<NodeId>),
    /// Coordinator: all of them have acknowledged. Not forced.
    End(TransactionId),
    /// Participant: it is prepared. Forced before it votes YES.
    Prepared(TransactionId, Plan),
    /// Participant: it has committed, and its host has carried it out. Not forced, but the acknowledgement waits for it.
    Committed(TransactionId),
    /// Participant: it has aborted after it had prepared. Not forced.
    Aborted(TransactionId),
    /// Participant: it has decided alone to commit. Forced before anyone is told.
    OnePhase(TransactionId),
    /// Participant: an operator has decided; and later: what the decision was. Forced.
    Resolved(TransactionId, Resolved),
    /// Participant: there is nothing left to remember of the transaction. Not forced.
    Forgotten(TransactionId),
    /// Acceptor: what it has promised and voted for. Forced before it answers.
    Accepted(TransactionId, Instances),
    /// Acceptor: everyone knows the decision. Not forced.
    Released(TransactionId),
    /// All that the records before it say.
    Checkpoint(Box<Image>),
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incarnation(n) => write!(f, "Incarnation {n}"),
            Self::Commit(transaction, sites) => {
                write!(f, "Commit {transaction} [{}]", Listed(&listed(sites)))
            }
            Self::End(transaction) => write!(f, "End {transaction}"),
            Self::Prepared(transaction, plan) => write!(f, "Prepared {transaction} {plan}"),
            Self::Committed(transaction) => write!(f, "Committed {transaction}"),
            Self::Aborted(transaction) => write!(f, "Aborted {transaction}"),
            Self::OnePhase(transaction) => write!(f, "OnePhase {transaction}"),
            Self::Resolved(transaction, resolved) => write!(f, "Resolved {transaction} {resolved}"),
            Self::Forgotten(transaction) => write!(f, "Forgotten {transaction}"),
            Self::Accepted(transaction, instances) => {
                write!(f, "Accepted {transaction} {instances}")
            }
            Self::Released(transaction) => write!(f, "Released {transaction}"),
            Self::Checkpoint(image) => write!(f, "Checkpoint {image}"),
        }
    }
}

/// What an operator has decided for a participant in doubt.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Resolved {
    /// Who takes part: the decision is still asked for.
    pub plan: Plan,
    /// What the operator took.
    pub took: Outcome,
    /// What was decided, once that is known.
    pub decided: Option<Outcome>,
}

impl fmt::Display for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by an operator", self.took)?;
        match self.decided {
            Some(decided) => write!(f, ", decided was {decided}"),
            None => Ok(()),
        }
    }
}

/// What a participant finds in its log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Entry {
    /// It is prepared, and in doubt.
    Prepared(Plan),
    /// It has decided alone to commit.
    OnePhase,
    /// An operator has decided.
    Resolved(Resolved),
}

/// What the records of a log say together: all that is still of use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Image {
    /// How often the site has been started.
    pub incarnation: u64,
    /// Coordinator: the commits that not all have acknowledged, and who must be told.
    #[cfg_attr(feature = "serde", serde(with = "crate::pairs"))]
    pub commits: BTreeMap<TransactionId, BTreeSet<NodeId>>,
    /// Participant: what is not finished.
    #[cfg_attr(feature = "serde", serde(with = "crate::pairs"))]
    pub entries: BTreeMap<TransactionId, Entry>,
    /// Acceptor: what it has promised and voted for.
    #[cfg_attr(feature = "serde", serde(with = "crate::pairs"))]
    pub accepted: BTreeMap<TransactionId, Instances>,
}

impl Image {
    /// What those records say together.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut image = Self::default();
        records.into_iter().for_each(|record| image.add(record));
        image
    }

    /// Adds what one more record says.
    pub fn add(&mut self, record: &Record) {
        match record {
            Record::Incarnation(n) => self.incarnation = *n,
            Record::Commit(transaction, sites) => {
                self.commits.insert(*transaction, sites.clone());
            }
            Record::End(transaction) => {
                self.commits.remove(transaction);
            }
            Record::Prepared(transaction, plan) => {
                self.enter(*transaction, Entry::Prepared(plan.clone()));
            }
            Record::OnePhase(transaction) => self.enter(*transaction, Entry::OnePhase),
            Record::Resolved(transaction, resolved) => {
                self.enter(*transaction, Entry::Resolved(resolved.clone()));
            }
            Record::Committed(transaction)
            | Record::Aborted(transaction)
            | Record::Forgotten(transaction) => {
                self.entries.remove(transaction);
            }
            Record::Accepted(transaction, instances) => {
                self.accepted.insert(*transaction, instances.clone());
            }
            Record::Released(transaction) => {
                self.accepted.remove(transaction);
            }
            Record::Checkpoint(image) => *self = (**image).clone(),
        }
    }

    fn enter(&mut self, transaction: TransactionId, entry: Entry) {
        self.entries.insert(transaction, entry);
    }

    /// Whether no transaction is left in the log.
    pub fn is_clear(&self) -> bool {
        self.commits.is_empty() && self.entries.is_empty() && self.accepted.is_empty()
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (commits, entries) = (self.commits.len(), self.entries.len());
        let accepted = self.accepted.len();
        write!(
            f,
            "incarnation {}, commits {commits}, participations {entries}, accepted {accepted}",
            self.incarnation
        )
    }
}
