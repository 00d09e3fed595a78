//! The state of Raft where it must come to an end: servers, one request and one reply under way for each ordered pair, the disturbances that are left.

use super::MAX_LIVE_SERVERS;
use crate::kit::{NodeSet, PerNode};
use crate::raft::state::{Message, ServerState};
use crate::raft::{Role, Server};

/// For each sender and receiver, what is under way between them.
pub type Slots =
    PerNode<Server, PerNode<Server, Option<Message>, MAX_LIVE_SERVERS>, MAX_LIVE_SERVERS>;

/// The servers, the network and the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What each server remembers; of one that is down, what is on its disk.
    pub servers: PerNode<Server, ServerState, MAX_LIVE_SERVERS>,
    /// The servers that are down.
    pub down: NodeSet<Server>,
    /// The requests under way.
    pub requests: Slots,
    /// The replies under way.
    pub responses: Slots,
    /// The disturbances that there may still be.
    pub left: Budget,
}

/// How many disturbances there may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Budget {
    /// Timers that go off while a server leads, or while an election is not over.
    pub timeouts: u8,
    /// Servers that stop.
    pub crashes: u8,
    /// Messages that are lost.
    pub losses: u8,
}

impl State {
    /// Nothing has happened.
    pub fn new(servers: usize, budget: Budget) -> Self {
        let nothing = PerNode::all(servers, PerNode::all(servers, None));
        Self {
            servers: PerNode::all(servers, ServerState::new(servers)),
            down: NodeSet::empty(),
            requests: nothing,
            responses: nothing,
            left: budget,
        }
    }

    /// Whether a server is up.
    pub fn is_up(&self, i: Server) -> bool {
        !self.down.contains(i)
    }

    /// The servers of that role.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = (Server, &ServerState)> {
        self.servers.iter().filter(move |(_, s)| s.role == role)
    }

    /// Whether nothing is under way: nobody leads, every candidate has heard from everybody who is up, and all messages have arrived. So it is in Raft when a
    /// timer goes off that is much longer than it takes to exchange messages, and no other one goes off at about that time.
    pub fn is_quiet(&self) -> bool {
        let up = |i: &Server| self.is_up(*i);
        let heard = |(_, candidate): (Server, &ServerState)| {
            let mut others = self.servers.nodes().filter(up);
            others.all(|j| candidate.votes_responded.contains(j))
        };
        self.of_role(Role::Leader).next().is_none()
            && self.of_role(Role::Candidate).all(heard)
            && is_empty(&self.requests)
            && is_empty(&self.responses)
    }

    /// The leader of the newest term that is mentioned, if there is one.
    pub fn newest_leader(&self) -> Option<(Server, &ServerState)> {
        let newest = self.newest();
        self.of_role(Role::Leader).find(|(_, s)| s.term == newest)
    }
}

fn is_empty(slots: &Slots) -> bool {
    let mut rows = slots.values().iter();
    rows.all(|row| row.values().iter().all(Option::is_none))
}
