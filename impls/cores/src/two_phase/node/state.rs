//! What a site remembers of each transaction, role by role. All of it is gone after a crash, but for what the log says.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::super::{Ballot, Branch, Cast, Outcome, Plan, Resolved, Value, Vote};
use crate::NodeId;

/// What a coordinator remembers of a transaction. Of one that is not there it has forgotten everything, which means: aborted, unless acceptors know better.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Coordination {
    /// It has begun: participants are at work.
    Begun,
    /// It collects votes.
    Collecting {
        /// Who must vote.
        branches: Vec<Branch>,
        /// Who has voted, and what.
        votes: BTreeMap<NodeId, Vote>,
        /// Whether it has asked for the missing votes again.
        asked_again: bool,
    },
    /// Its only participant decides.
    OnePhase(Branch),
    /// It has decided to commit.
    Committing {
        /// Who has not acknowledged yet.
        unacked: BTreeSet<NodeId>,
    },
    /// Acceptors decide; a client waits for it.
    Led,
}

/// What was asked of a participant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// Its vote.
    Prepare(Plan),
    /// Its decision, about work done in that incarnation.
    OnePhase(u64),
}

/// What a participant remembers of a transaction that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Participation {
    /// It is at work, in this incarnation.
    Working,
    /// It was asked for its vote, and its host has not answered.
    Preparing(Asked),
    /// It is prepared, and in doubt.
    Prepared {
        /// Who takes part.
        plan: Plan,
        /// Whether it has said so again.
        asked_again: bool,
    },
    /// It knows that the transaction commits; its host is carrying that out.
    Applying {
        /// Who takes part.
        plan: Plan,
        /// Who waits for an acknowledgement.
        owed: BTreeSet<NodeId>,
    },
    /// It has decided alone to commit.
    OnePhase {
        /// Whether its host has carried that out.
        applied: bool,
        /// Whether the coordinator has heard of it.
        heard: bool,
    },
    /// An operator has decided in its place.
    Resolved(Resolved),
}

impl Participation {
    /// What it knows to be the decision. What an operator took is none.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Applying { .. } | Self::OnePhase { .. } => Some(Outcome::Commit),
            Self::Resolved(resolved) => resolved.decided,
            Self::Working | Self::Preparing(_) | Self::Prepared { .. } => None,
        }
    }

    /// Whether it has not voted.
    pub fn is_working(&self) -> bool {
        matches!(self, Self::Working | Self::Preparing(_))
    }

    /// Who takes part, if that is known.
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Preparing(Asked::Prepare(plan))
            | Self::Prepared { plan, .. }
            | Self::Applying { plan, .. }
            | Self::Resolved(Resolved { plan, .. }) => Some(plan),
            Self::Working | Self::Preparing(Asked::OnePhase(_)) | Self::OnePhase { .. } => None,
        }
    }

    /// What was asked of it: while it has not voted, or what it has voted on.
    pub(super) fn asked(&self) -> Option<Asked> {
        match self {
            Self::Preparing(asked) => Some(asked.clone()),
            _ => self.plan().cloned().map(Asked::Prepare),
        }
    }
}

/// What a participant remembers of a transaction that is over, so that nothing that comes late opens it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Closed {
    /// In which incarnation the work was done.
    pub incarnation: u64,
    /// What it has voted, if it has.
    pub vote: Option<Vote>,
    /// The decision, if it concerned it.
    pub outcome: Option<Outcome>,
}

/// A leader of Paxos Commit: of ballot 0, whose proposals are the participants' own, or of a ballot of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leader {
    /// Who takes part.
    pub plan: Plan,
    /// The ballot that it is in.
    pub ballot: Ballot,
    /// The highest round that it has heard of.
    pub highest: u64,
    /// Who has promised the ballot, and what each has reported.
    pub promises: BTreeMap<NodeId, BTreeMap<NodeId, Cast>>,
    /// Whether it has proposed in the ballot.
    pub proposed: bool,
    /// Which acceptors have voted for which value in the ballot, by participant.
    pub tally: BTreeMap<(NodeId, Value), BTreeSet<NodeId>>,
    /// What was decided, and who has not acknowledged yet.
    pub telling: Option<(Outcome, BTreeSet<NodeId>)>,
}

impl Leader {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            ballot: Ballot::ZERO,
            highest: 0,
            promises: BTreeMap::new(),
            proposed: false,
            tally: BTreeMap::new(),
            telling: None,
        }
    }

    /// Whether a majority of the acceptors has voted for that value in the instance of that participant.
    pub(super) fn has_chosen(&self, site: NodeId, value: Value) -> bool {
        let votes = self.tally.get(&(site, value));
        votes.is_some_and(|acceptors| self.plan.is_majority(acceptors.len()))
    }
}
