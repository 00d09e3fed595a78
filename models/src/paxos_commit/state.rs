//! The state of PaxosCommit.tla, and what can be read off it.

use super::messages::{Message, Messages};
use super::{Acceptor, Ballot, MAX_ACCEPTORS, MAX_BALLOTS, MAX_RMS, Rm, Vote};
use crate::kit::PerNode;
use crate::two_phase::{RmState, RmStates};

/// The variables of PaxosCommit.tla.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `rmState`: the state of each resource manager.
    pub rm_state: RmStates,
    /// `aState`: what each acceptor remembers of each resource manager's instance.
    pub acceptors: PerNode<Rm, PerAcceptor, MAX_RMS>,
    /// `msgs`: every message ever sent.
    pub msgs: Messages,
}

/// What each acceptor remembers of one instance.
pub type PerAcceptor = PerNode<Acceptor, Memory, MAX_ACCEPTORS>;

/// What an acceptor remembers of one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// `mbal`: the highest ballot that it has promised or voted in; ballot 0 needs no promise.
    pub max_bal: Ballot,
    /// `bal` and `val`: its last vote.
    pub vote: Vote,
}

impl Memory {
    /// An acceptor that has not heard of the instance.
    pub const BLANK: Self = Self {
        max_bal: Ballot(0),
        vote: Vote::NONE,
    };
}

impl State {
    /// The proposals that were sent in a ballot of an instance.
    pub fn proposals(&self, rm: Rm, bal: Ballot) -> impl Iterator<Item = Vote> {
        self.msgs
            .within(Message::proposals(rm, bal))
            .map(Message::vote)
    }

    /// The last votes that an acceptor reported with its promise of a ballot: one report, unless a rule is left out.
    pub fn reports(&self, rm: Rm, a: Acceptor, bal: Ballot) -> impl Iterator<Item = Vote> {
        self.msgs
            .within(Message::promises(rm, a, bal))
            .map(Message::vote)
    }

    /// Whether an acceptor has cast that vote.
    pub fn voted(&self, rm: Rm, a: Acceptor, vote: Vote) -> bool {
        self.msgs.contains(Message::P2b(rm, a, vote))
    }

    /// Whether any resource manager is in that state.
    pub fn any_rm(&self, state: RmState) -> bool {
        self.rm_state.contains(state)
    }

    /// Whether a message of some kind was sent.
    pub fn any_sent(&self, kind: impl Fn(Message) -> bool) -> bool {
        self.msgs.iter().any(kind)
    }

    /// Whether neither Commit nor Abort was announced.
    pub fn unannounced(&self) -> bool {
        !self.msgs.contains(Message::Commit) && !self.msgs.contains(Message::Abort)
    }

    /// Whether whoever promised a ballot still keeps out of lower ones, and reported its last vote there.
    pub fn promises_kept(&self) -> bool {
        self.msgs.iter().all(|m| match m {
            Message::P1b(rm, a, bal, vote) => {
                self.acceptors[rm][a].max_bal >= bal && self.is_last_vote(rm, a, vote, bal)
            }
            _ => true,
        })
    }

    /// Whether each acceptor remembers its last vote, in a ballot that it still takes part in or a lower one.
    pub fn last_votes_remembered(&self) -> bool {
        let end = Ballot(MAX_BALLOTS as i8);
        self.acceptors.iter().all(|(rm, instance)| {
            instance.iter().all(|(a, memory)| {
                memory.vote.bal <= memory.max_bal && self.is_last_vote(rm, a, memory.vote, end)
            })
        })
    }

    /// Whether every vote is for something that was proposed.
    pub fn votes_were_proposed(&self) -> bool {
        self.msgs.iter().all(|m| match m {
            Message::P2b(rm, _, vote) => self.msgs.contains(Message::P2a(rm, vote)),
            _ => true,
        })
    }

    /// Whether an acceptor has cast `vote` (or none, if that is none), and none later in a ballot before `end`.
    fn is_last_vote(&self, rm: Rm, a: Acceptor, vote: Vote, end: Ballot) -> bool {
        let votes = |bal| self.msgs.within(Message::votes(rm, a, bal));
        let mut later = vote.bal.between(end).flat_map(votes);
        (vote.is_none() || self.voted(rm, a, vote)) && later.next().is_none()
    }
}
