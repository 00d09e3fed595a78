//! The state of a duel, and its ballots as ranks.

use super::{MAX_ACCEPTORS, PROPOSERS};
use crate::kit::{NodeSet, PerNode};
use crate::paxos::durable::state::Proposer;
use crate::paxos::spec::Chosen;
use crate::paxos::state::Memory;
use crate::paxos::{Acceptor, Ballot, Value, Vote};

/// Proposers, acceptors, and what is on its way between them. Ballots are ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The proposers.
    pub proposers: PerNode<Proposer, Attempt, PROPOSERS>,
    /// The acceptors, as Paxos.tla has them.
    pub acceptors: PerNode<Acceptor, Memory, MAX_ACCEPTORS>,
    /// What is on its way between each proposer and each acceptor.
    pub links: PerNode<Proposer, PerNode<Acceptor, Link, MAX_ACCEPTORS>, PROPOSERS>,
    /// The values for which a quorum has ever voted in one ballot.
    pub chosen: Chosen,
    /// Whether the second proposer has given way, for good.
    pub gave_way: bool,
}

/// A proposer's last ballot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt {
    /// The ballot, as long as one of its requests may arrive.
    pub bal: Ballot,
    /// What the proposer does in it.
    pub stage: Stage,
    /// Who has promised it.
    pub promised: NodeSet<Acceptor>,
    /// The last vote that they have reported.
    pub kept: Vote,
    /// Who has voted in it.
    pub voted: NodeSet<Acceptor>,
}

/// What a proposer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It leads no ballot: it has not begun, or was refused.
    #[default]
    Idle,
    /// It has asked for promises.
    Asked,
    /// It has proposed.
    Proposed,
}

/// The messages between a proposer and an acceptor. All are of the proposer's ballot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// To the acceptor.
    pub request: Option<Request>,
    /// To the proposer.
    pub reply: Option<Reply>,
}

/// What a proposer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// Phase 1a: promise my ballot.
    Promise,
    /// Phase 2a: vote for this value in my ballot.
    Vote(Value),
}

/// What an acceptor answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// Phase 1b: promised, and this was my last vote.
    Promised(Vote),
    /// I have promised a higher ballot.
    Refused,
}

impl State {
    /// Every ballot that is mentioned, some of them more than once.
    pub(super) fn ballots(&mut self) -> impl Iterator<Item = &mut Ballot> {
        let attempts = self.proposers.values_mut().iter_mut();
        let memories = self.acceptors.values_mut().iter_mut();
        let links = self.links.values_mut().iter_mut();
        let replies = links.flat_map(|all| all.values_mut().iter_mut().map(|link| &mut link.reply));
        let reported = replies.filter_map(|reply| match reply {
            Some(Reply::Promised(vote)) => Some(&mut vote.bal),
            _ => None,
        });
        attempts
            .flat_map(|attempt| [&mut attempt.bal, &mut attempt.kept.bal])
            .chain(memories.flat_map(|memory| [&mut memory.max_bal, &mut memory.vote.bal]))
            .chain(reported)
    }

    /// The ballots that are mentioned, one bit each.
    fn mentioned(mut self) -> u32 {
        let ballots = self.ballots().filter(|bal| **bal != Ballot::NONE);
        ballots.fold(0, |all, bal| all | 1 << bal.0)
    }

    /// A ballot above all that are mentioned.
    pub(super) fn above_all(&self) -> Ballot {
        Ballot((u32::BITS - self.mentioned().leading_zeros()) as i8)
    }

    /// The same, with ranks instead of ballots.
    pub(super) fn ranked(self) -> Self {
        let mut t = self.without_the_dead();
        let mentioned = t.mentioned();
        for bal in t.ballots().filter(|bal| **bal != Ballot::NONE) {
            let below = mentioned & ((1 << bal.0) - 1);
            *bal = Ballot(below.count_ones() as i8);
        }
        t
    }

    /// The same, without what cannot matter any more: a ballot of which no request can arrive, who has voted where no vote is missing, and a promise that is below all
    /// ballots that go on.
    fn without_the_dead(mut self) -> Self {
        let proposers = self.proposers.nodes();
        for (p, attempt) in proposers.clone().zip(self.proposers.values_mut()) {
            let mut requests = self.links[p]
                .values()
                .iter()
                .filter_map(|link| link.request);
            if attempt.stage == Stage::Idle && requests.clone().next().is_none() {
                *attempt = Attempt::default();
            }
            let chosen = self.chosen;
            if !requests
                .any(|request| matches!(request, Request::Vote(val) if !chosen.contains(val)))
            {
                attempt.voted = NodeSet::empty();
            }
        }
        let goes_on = |bal: &Ballot| *bal != Ballot::NONE;
        let ballots = proposers.map(|p| self.proposers[p].bal);
        let lowest = ballots.filter(goes_on).min();
        for memory in self.acceptors.values_mut() {
            if lowest.is_none_or(|lowest| memory.max_bal < lowest) {
                memory.max_bal = Ballot::NONE;
            }
        }
        self
    }
}
