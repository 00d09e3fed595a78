//! The state of Paxos.tla: what acceptors remember and what was sent; and what can be read off it.

use super::messages::{Message, Messages};
use super::{Acceptor, Ballot, MAX_BALLOTS, PerAcceptor, Renaming, Value, Vote, Votes};

/// The variables of Paxos.tla.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What each acceptor remembers.
    pub acceptors: PerAcceptor<Memory>,
    /// `msgs`: every message ever sent.
    pub msgs: Messages,
}

/// What an acceptor remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// `maxBal`: the highest ballot that it has promised or voted in.
    pub max_bal: Ballot,
    /// `maxVBal` and `maxVal`: its last vote.
    pub vote: Vote,
}

impl Memory {
    /// An acceptor that has not heard of any ballot.
    pub const BLANK: Self = Self {
        max_bal: Ballot::NONE,
        vote: Vote::NONE,
    };

    /// The same, with values under other names.
    #[inline(always)]
    pub fn renamed(self, renaming: &Renaming) -> Self {
        Self {
            vote: renaming.vote(self.vote),
            ..self
        }
    }
}

impl State {
    /// The proposals that were sent in a ballot.
    #[inline(always)]
    pub fn proposals(&self, bal: Ballot) -> impl Iterator<Item = Vote> {
        self.msgs.within(Message::proposals(bal)).map(Message::vote)
    }

    /// The last votes that an acceptor reported with its promise of a ballot: one report, unless a rule is left out.
    #[inline(always)]
    pub fn reports(&self, a: Acceptor, bal: Ballot) -> impl Iterator<Item = Vote> {
        self.msgs
            .within(Message::promises(a, bal))
            .map(Message::vote)
    }

    /// An acceptor's votes: one in a ballot, unless a rule is left out.
    #[inline(always)]
    pub fn votes(&self, a: Acceptor) -> Votes {
        self.msgs.part(Message::votes(a))
    }

    /// Every proposal that was sent.
    #[inline(always)]
    pub fn all_proposals(&self) -> Votes {
        self.msgs.part(Message::ALL_PROPOSALS)
    }

    /// Whether something was proposed in a ballot.
    #[inline(always)]
    pub fn proposed(&self, bal: Ballot) -> bool {
        self.msgs.any_within(Message::proposals(bal))
    }

    /// Whether an acceptor has promised a ballot.
    #[inline(always)]
    pub fn promised(&self, a: Acceptor, bal: Ballot) -> bool {
        self.msgs.any_within(Message::promises(a, bal))
    }

    /// Whether an acceptor has cast that vote.
    #[inline]
    pub fn voted(&self, a: Acceptor, vote: Vote) -> bool {
        self.msgs.contains(Message::P2b(a, vote))
    }

    /// Whether any acceptor has voted.
    pub fn any_voted(&self) -> bool {
        self.msgs.iter().any(|m| matches!(m, Message::P2b(..)))
    }

    /// Whether any acceptor has reported a vote with a promise.
    pub fn any_reported(&self) -> bool {
        let reports = |m| matches!(m, Message::P1b(_, _, vote) if !vote.is_none());
        self.msgs.iter().any(reports)
    }

    /// Whether whoever promised a ballot still keeps out of lower ones, and reported its last vote there.
    pub fn promises_kept(&self) -> bool {
        self.acceptors.iter().all(|(a, memory)| {
            let votes = self.votes(a);
            let kept = |m| match m {
                Message::P1b(_, bal, vote) => {
                    memory.max_bal >= bal && is_last_of(&votes, vote, bal)
                }
                _ => false,
            };
            self.msgs.within(Message::all_promises(a)).all(kept)
        })
    }

    /// Whether each acceptor remembers its last vote, in a ballot that it still takes part in or a lower one.
    pub fn last_votes_remembered(&self) -> bool {
        let end = Ballot(MAX_BALLOTS as i8);
        self.acceptors
            .iter()
            .all(|(a, m)| m.vote.bal <= m.max_bal && is_last_of(&self.votes(a), m.vote, end))
    }

    /// Whether every vote is for something that was proposed.
    pub fn votes_were_proposed(&self) -> bool {
        let proposals = self.all_proposals();
        self.acceptors
            .nodes()
            .all(|a| self.votes(a).is_subset(&proposals))
    }
}

/// Whether `votes` have `vote` (or that is none), and none later in a ballot before `end`.
#[inline(always)]
fn is_last_of(votes: &Votes, vote: Vote, end: Ballot) -> bool {
    let first_of = |bal: Ballot| Vote::new(bal, Value(0)).nth();
    let later = first_of(Ballot(vote.bal.0 + 1))..first_of(end);
    (vote.is_none() || votes.contains(vote)) && !votes.any_within(later)
}
