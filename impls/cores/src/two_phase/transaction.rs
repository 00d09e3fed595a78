//! The words that all roles share: transactions, branches, votes, outcomes, ballots.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use crate::NodeId;

/// The name of a transaction: unique for ever, because a coordinator counts its incarnations on disk and its transactions within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TransactionId {
    /// The site that has begun it.
    pub coordinator: NodeId,
    /// How often that site had been started then.
    pub incarnation: u64,
    /// How many transactions it had begun in that incarnation before.
    pub number: u64,
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            coordinator,
            incarnation,
            number,
        } = self;
        write!(f, "{coordinator}:{incarnation}.{number}")
    }
}

/// The work of one site for one transaction, done in one incarnation of that site: after a crash it is gone, unless it was prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Branch {
    /// Where the work is done.
    pub site: NodeId,
    /// How often that site had been started when it took up the work.
    pub incarnation: u64,
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.site, self.incarnation)
    }
}

/// Who takes part in a transaction, and who keeps its decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plan {
    /// The participants, one branch per site.
    pub participants: Vec<Branch>,
    /// The acceptors of Paxos Commit; none in two-phase commit.
    pub acceptors: Vec<NodeId>,
}

impl Plan {
    /// The participants' sites.
    pub fn sites(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.participants.iter().map(|branch| branch.site)
    }

    /// The incarnation in which that site has done its work, if it takes part.
    pub fn incarnation_of(&self, site: NodeId) -> Option<u64> {
        let mut branches = self.participants.iter();
        branches
            .find(|branch| branch.site == site)
            .map(|branch| branch.incarnation)
    }

    /// Whether acceptors keep the decision.
    pub fn is_paxos(&self) -> bool {
        !self.acceptors.is_empty()
    }

    /// Whether that many acceptors are a majority.
    pub fn is_majority(&self, acceptors: usize) -> bool {
        acceptors > self.acceptors.len() / 2
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", Listed(&self.participants))?;
        match self.is_paxos() {
            true => write!(f, " acceptors [{}]", Listed(&self.acceptors)),
            false => Ok(()),
        }
    }
}

/// How a transaction is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mode {
    /// By the coordinator alone: few messages and writes; participants wait for a coordinator that is down.
    TwoPhase,
    /// By a majority of the acceptors: nobody waits while at most F of 2F+1 are down.
    PaxosCommit,
}

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// All of it happens.
    Commit,
    /// Nothing of it happens.
    Abort,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "COMMIT",
            Self::Abort => "ABORT",
        })
    }
}

/// What a participant votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Vote {
    /// It can commit and can abort, even after a crash.
    Yes,
    /// It has changed nothing: neither outcome concerns it.
    Read,
    /// It has aborted.
    No,
}

impl fmt::Display for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yes => "YES",
            Self::Read => "READ",
            Self::No => "NO",
        })
    }
}

/// A ballot of Paxos Commit. Ballot 0 is the participant's own; the others belong to one incarnation of one leader, so that none is ever used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ballot {
    /// Higher rounds come later.
    pub round: u64,
    /// Who leads it.
    pub leader: NodeId,
    /// In which of its incarnations.
    pub incarnation: u64,
}

impl Ballot {
    /// The participant's own ballot.
    pub const ZERO: Self = Self {
        round: 0,
        leader: NodeId(0),
        incarnation: 0,
    };
}

impl fmt::Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ZERO => f.write_str("0"),
            Self {
                round,
                leader,
                incarnation,
            } => write!(f, "{round}@{leader}~{incarnation}"),
        }
    }
}

/// What is chosen in a participant's instance of Paxos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Value {
    /// The participant is prepared.
    Prepared,
    /// The participant has aborted, or is not waited for any longer.
    Aborted,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prepared => "prepared",
            Self::Aborted => "aborted",
        })
    }
}

/// An acceptor's last vote in a participant's instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cast {
    /// In which ballot.
    pub ballot: Ballot,
    /// For what.
    pub value: Value,
}

/// What an acceptor knows of a transaction: one promise for the instances of all participants, because a leader leads them together
/// (Gray & Lamport 2006, §4), and its last vote in each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Instances {
    /// Who takes part.
    pub plan: Plan,
    /// It takes part in no ballot below.
    pub promised: Ballot,
    /// Its last vote in the instance of each participant.
    pub votes: BTreeMap<NodeId, Cast>,
}

impl fmt::Display for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "promised {}{}", self.promised, Casts(&self.votes))
    }
}

/// Votes, by participant, each as ` n2 prepared@0`.
pub(super) struct Casts<'a>(pub(super) &'a BTreeMap<NodeId, Cast>);

impl fmt::Display for Casts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut casts = self.0.iter();
        casts.try_for_each(|(site, cast)| write!(f, " {site} {}@{}", cast.value, cast.ballot))
    }
}

/// A list, with spaces between.
pub(super) struct Listed<'a, T>(pub(super) &'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(i, item)| {
            let space = if i == 0 { "" } else { " " };
            write!(f, "{space}{item}")
        })
    }
}

/// The sites of a set, as a list.
pub(super) fn listed(sites: &BTreeSet<NodeId>) -> Vec<NodeId> {
    sites.iter().copied().collect()
}
