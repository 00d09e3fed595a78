//! What a server shows: to its host, to checks, and in stories.

use core::fmt::{self, Display};

use super::entry::{Entry, Position};
use super::node::{Part, Raft, Role, Rules};
use super::progress::Progress;
use super::record::{Ballot, Snapshot};
use crate::{Command, NodeId};

/// What a server shows.
impl<C: Command, S: Rules> Raft<C, S> {
    /// Who it is.
    pub fn id(&self) -> NodeId {
        self.config.id
    }

    /// What it is (Figure 4).
    pub fn role(&self) -> Role {
        match self.part {
            Part::Follower => Role::Follower,
            Part::PreCandidate(_) => Role::PreCandidate,
            Part::Candidate(_) => Role::Candidate,
            Part::Leader(_) => Role::Leader,
        }
    }

    /// `currentTerm`, `votedFor`, and the boot.
    pub fn ballot(&self) -> Ballot {
        self.ballot
    }

    /// The leader of its term, if it knows of one.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// Whether it has, as far as it knows, a leader, of which it may be the one.
    pub fn has_leader(&self) -> bool {
        self.hears || self.role() == Role::Leader
    }

    /// `commitIndex`.
    pub fn commit_index(&self) -> u64 {
        self.commit_index
    }

    /// The last place of its log.
    pub fn last(&self) -> Position {
        self.log.last()
    }

    /// The term at that index of its log; `None` before the snapshot's last entry and behind the log.
    pub fn term_at(&self, index: u64) -> Option<u64> {
        self.log.term_at(index)
    }

    /// The entries behind the snapshot. The first one is at `snapshot().last.index + 1`.
    pub fn entries(&self) -> &[Entry<C>] {
        self.log.after(self.log.start().index)
    }

    /// What stands for the beginning of its log.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Who has voted for it, or would, if it asks for that.
    pub fn supporters(&self) -> &[NodeId] {
        match &self.part {
            Part::PreCandidate(servers) | Part::Candidate(servers) => servers,
            Part::Follower | Part::Leader(_) => &[],
        }
    }

    /// What it knows of the other servers, if it leads.
    pub fn progress(&self) -> &[Progress] {
        match &self.part {
            Part::Leader(leading) => &leading.progress,
            _ => &[],
        }
    }

    /// To whom it hands over, if it leads.
    pub fn transfers_to(&self) -> Option<NodeId> {
        match &self.part {
            Part::Leader(leading) => leading.transfer,
            _ => None,
        }
    }

    /// Up to where its own log is on its own disk, as far as it counts that, if it leads.
    pub fn synced(&self) -> u64 {
        match &self.part {
            Part::Leader(leading) => leading.synced,
            _ => 0,
        }
    }
}

impl<C: Command, S: Rules> Display for Raft<C, S> {
    /// `n1@2 leader last=3@2 commit=2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role() {
            Role::Follower => "follower",
            Role::PreCandidate => "pre-candidate",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
        };
        write!(f, "{}@{} {role}", self.id(), self.ballot.term)?;
        if self.snapshot.last.index > 0 {
            write!(f, " snapshot={}", self.snapshot.last)?;
        }
        write!(f, " last={} commit={}", self.last(), self.commit_index)
    }
}
