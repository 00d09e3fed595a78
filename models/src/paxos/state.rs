//! The state of Paxos.tla: what acceptors remember and what was sent; and what can be read off it.

use super::messages::{Message, Messages, Promise, Promises};
use super::{Acceptor, Ballot, MAX_BALLOTS, MAX_VALUES, PerAcceptor, Renaming, Value, Vote, Votes};

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

    /// An acceptor's promises: one of a ballot, unless a rule is left out.
    #[inline(always)]
    pub fn promises(&self, a: Acceptor) -> Promises {
        self.msgs.part(Message::all_promises(a))
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
            let promises = self.promises(a);
            !promises.any_within(Promise::above(memory.max_bal))
                && last_votes_reported(promises, self.votes(a))
        })
    }

    /// Whether each acceptor remembers its last vote, in a ballot that it still takes part in or a lower one.
    pub fn last_votes_remembered(&self) -> bool {
        self.acceptors
            .iter()
            .all(|(a, m)| m.vote.bal <= m.max_bal && is_last_of(&self.votes(a), m.vote))
    }

    /// Whether every vote is for something that was proposed.
    pub fn votes_were_proposed(&self) -> bool {
        let proposals = self.all_proposals();
        self.acceptors
            .nodes()
            .all(|a| self.votes(a).is_subset(&proposals))
    }
}

/// Beyond all ballots.
const END: Ballot = Ballot(MAX_BALLOTS as i8);

/// Whether each promise reports the last of the votes below its ballot, or none if there is none.
///
/// Looks at all ballots, promised or not: a branch that cannot be foretold costs more.
#[inline(always)]
fn last_votes_reported(promises: Promises, votes: Votes) -> bool {
    let (mut last, mut all) = (Votes::empty(), true);
    for bal in Ballot::NONE.between(END) {
        let reported: Votes = promises.part(Promise::with_votes(bal));
        let none = promises.contains(Promise {
            bal,
            vote: Vote::NONE,
        });
        all &= reported.is_subset(&last) & (last.is_empty() | !none);
        last = in_ballot(votes, bal).unwrap_or(last);
    }
    all
}

/// Those of `votes` that were cast in a ballot, if any were.
#[inline(always)]
fn in_ballot(votes: Votes, bal: Ballot) -> Option<Votes> {
    let first = Vote::new(bal, Value(0)).nth();
    let cast = votes.only(first..first + MAX_VALUES);
    (!cast.is_empty()).then_some(cast)
}

/// Whether `votes` have `vote` (or that is none), and none later.
#[inline(always)]
fn is_last_of(votes: &Votes, vote: Vote) -> bool {
    let first_of = |bal: Ballot| Vote::new(bal, Value(0)).nth();
    let later = first_of(Ballot(vote.bal.0 + 1))..first_of(END);
    (vote.is_none() || votes.contains(vote)) && !votes.any_within(later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Numbered, PerNode};

    /// All sets of votes that one acceptor can have cast, all it can remember to have promised, and all promises that it can have made.
    #[test]
    fn a_promise_is_kept_if_nothing_later_was_promised_or_voted() {
        let votes: Vec<Vote> = (0..MAX_BALLOTS * MAX_VALUES).map(Vote::of_number).collect();
        for cast in 0..1u32 << votes.len() {
            let cast = votes.iter().filter(|vote| cast & 1 << vote.nth() != 0);
            for message in (0..).map_while(promise) {
                let Message::P1b(a, bal, vote) = message else {
                    unreachable!("promises alone");
                };
                let sent = cast.clone().map(|&vote| Message::P2b(a, vote));
                let msgs = sent.chain([message]).collect();
                let later = |other: &Vote| vote.bal < other.bal && other.bal < bal;
                let reported = (vote.is_none() || cast.clone().any(|&other| other == vote))
                    && !cast.clone().any(later);
                for max_bal in (-1..END.0).map(Ballot) {
                    let memory = Memory {
                        max_bal,
                        vote: Vote::NONE,
                    };
                    let acceptors = PerNode::all(1, memory);
                    let kept = State { acceptors, msgs }.promises_kept();
                    assert_eq!(kept, reported && bal <= max_bal, "{acceptors:?} {msgs:?}");
                }
            }
        }
    }

    /// The nth promise of the first acceptor.
    fn promise(n: usize) -> Option<Message> {
        let range = Message::all_promises(Acceptor(0));
        (n < range.len()).then(|| Message::of_number(range.start + n))
    }
}
