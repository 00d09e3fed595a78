//! A site in a line, as the stories show it: its name and incarnation, then what it knows of each transaction, role by role.

use core::fmt;

use super::super::{Rules, transaction::Listed, transaction::listed};
use super::Site;
use super::state::{Coordination, Leader, Participation};

impl<S: Rules> fmt::Display for Site<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.config.id, self.image.incarnation)?;
        for (transaction, coordination) in &self.coordinated {
            write!(f, " | {transaction} {coordination}")?;
        }
        for (transaction, participation) in &self.participations {
            write!(f, " | {transaction} {participation}")?;
        }
        for (transaction, leader) in &self.leaders {
            write!(f, " | {transaction} {leader}")?;
        }
        for (transaction, instances) in &self.instances {
            write!(f, " | {transaction} {instances}")?;
        }
        match self.lazy.len() {
            0 => Ok(()),
            n => write!(f, " | {n} unwritten"),
        }
    }
}

impl fmt::Display for Coordination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun => f.write_str("has begun"),
            Self::Collecting {
                branches, votes, ..
            } => {
                write!(f, "collects {} of {} votes", votes.len(), branches.len())
            }
            Self::OnePhase(only) => write!(f, "is left to {}", only.site),
            Self::Committing { unacked } => {
                write!(
                    f,
                    "commits, unacknowledged by [{}]",
                    Listed(&listed(unacked))
                )
            }
            Self::Led => f.write_str("is left to the acceptors"),
        }
    }
}

impl fmt::Display for Participation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Working => f.write_str("working"),
            Self::Preparing(_) => f.write_str("preparing"),
            Self::Prepared { .. } => f.write_str("in doubt"),
            Self::Applying { .. } => f.write_str("committing"),
            Self::OnePhase { .. } => f.write_str("committed alone"),
            Self::Resolved(resolved) => write!(f, "{resolved}"),
        }
    }
}

impl fmt::Display for Leader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.telling {
            Some((outcome, unacked)) => {
                write!(
                    f,
                    "leader tells {outcome} to [{}]",
                    Listed(&listed(unacked))
                )
            }
            None if self.proposed => write!(f, "leader has proposed in {}", self.ballot),
            None => write!(f, "leader of {}", self.ballot),
        }
    }
}
