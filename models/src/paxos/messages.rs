//! The messages of Paxos.tla, numbered so that a set of them is three words.
//!
//! First 1a of each ballot, then 2a of each vote (ballot and value), then each acceptor's 2b of each vote, then each acceptor's 1b: in each ballot the one
//! that reports no vote, and one for each vote in a lower ballot. So all that one asks of a set at once lies side by side.

use std::fmt;
use std::ops::Range;

use super::{Acceptor, Ballot, MAX_ACCEPTORS, MAX_BALLOTS, MAX_VALUES, Renaming, Value, Vote};
use crate::kit::{MsgSet, Numbered};

/// A message. Everyone can read every message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// The leader of a ballot asks for promises.
    P1a(Ballot),
    /// An acceptor promises a ballot, and reports its last vote in a lower one.
    P1b(Acceptor, Ballot, Vote),
    /// A value is proposed in a ballot.
    P2a(Vote),
    /// An acceptor votes.
    P2b(Acceptor, Vote),
}

/// The set of all messages ever sent.
pub type Messages = MsgSet<Message, WORDS>;

const WORDS: usize = MESSAGES.div_ceil(64);

/// How many votes there are: one for each ballot and value.
const VOTES: usize = MAX_BALLOTS * MAX_VALUES;

const FIRST_2A: usize = MAX_BALLOTS;
const FIRST_2B: usize = FIRST_2A + VOTES;
const FIRST_1B: usize = FIRST_2B + MAX_ACCEPTORS * VOTES;
const MESSAGES: usize = FIRST_1B + MAX_ACCEPTORS * REPORTS[MAX_BALLOTS];

/// How many 1b messages an acceptor can send in lower ballots: for each of these one that reports no vote, and one per vote below.
const REPORTS: [usize; MAX_BALLOTS + 1] = {
    let mut reports = [0; MAX_BALLOTS + 1];
    let mut bal = 0;
    while bal < MAX_BALLOTS {
        reports[bal + 1] = reports[bal] + 1 + MAX_VALUES * bal;
        bal += 1;
    }
    reports
};

impl Message {
    #[inline(always)]
    const fn place(self) -> usize {
        match self {
            Self::P1a(bal) => bal.0 as usize,
            Self::P2a(vote) => FIRST_2A + vote.nth(),
            Self::P2b(a, vote) => FIRST_2B + a.0 as usize * VOTES + vote.nth(),
            Self::P1b(a, bal, vote) => Self::all_promises(a).start + Promise { bal, vote }.place(),
        }
    }

    /// The numbers of all proposals.
    pub const ALL_PROPOSALS: Range<usize> = FIRST_2A..FIRST_2A + VOTES;

    /// The numbers of all proposals in a ballot.
    #[inline(always)]
    pub const fn proposals(bal: Ballot) -> Range<usize> {
        let first = FIRST_2A + bal.0 as usize * MAX_VALUES;
        first..first + MAX_VALUES
    }

    /// The numbers of all votes of an acceptor.
    #[inline(always)]
    pub const fn votes(a: Acceptor) -> Range<usize> {
        let first = FIRST_2B + a.0 as usize * VOTES;
        first..first + VOTES
    }

    /// The numbers of all promises that an acceptor can make.
    #[inline(always)]
    pub const fn all_promises(a: Acceptor) -> Range<usize> {
        let first = FIRST_1B + a.0 as usize * REPORTS[MAX_BALLOTS];
        first..first + REPORTS[MAX_BALLOTS]
    }

    /// The numbers of all promises that an acceptor can make of a ballot.
    #[inline(always)]
    pub const fn promises(a: Acceptor, bal: Ballot) -> Range<usize> {
        let (first, of) = (Self::all_promises(a).start, Promise::of(bal));
        first + of.start..first + of.end
    }

    /// The vote that the message reports, proposes or casts.
    #[inline(always)]
    pub fn vote(self) -> Vote {
        match self {
            Self::P1a(_) => Vote::NONE,
            Self::P1b(_, _, vote) | Self::P2a(vote) | Self::P2b(_, vote) => vote,
        }
    }

    /// The message, with acceptors and values under other names.
    pub fn renamed(self, renaming: &Renaming) -> Self {
        match self {
            Self::P1a(bal) => Self::P1a(bal),
            Self::P1b(a, bal, vote) => Self::P1b(renaming.acceptor(a), bal, renaming.vote(vote)),
            Self::P2a(vote) => Self::P2a(renaming.vote(vote)),
            Self::P2b(a, vote) => Self::P2b(renaming.acceptor(a), renaming.vote(vote)),
        }
    }
}

/// What an acceptor says when it promises a ballot: its last vote in a lower one, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The ballot promised.
    pub bal: Ballot,
    /// The vote reported.
    pub vote: Vote,
}

/// The promises of an acceptor.
pub type Promises = MsgSet<Promise, 1>;

impl Promise {
    #[inline(always)]
    const fn place(self) -> usize {
        let first = Self::of(self.bal).start;
        match self.vote.bal {
            Ballot::NONE => first,
            _ => first + 1 + self.vote.nth(),
        }
    }

    /// The numbers of all promises of a ballot.
    #[inline(always)]
    pub const fn of(bal: Ballot) -> Range<usize> {
        REPORTS[bal.0 as usize]..REPORTS[bal.0 as usize + 1]
    }

    /// The numbers of all promises of a ballot that report a vote, in the order of the votes.
    #[inline(always)]
    pub const fn with_votes(bal: Ballot) -> Range<usize> {
        let all = Self::of(bal);
        all.start + 1..all.end
    }

    /// The numbers of all promises of higher ballots.
    #[inline(always)]
    pub const fn above(bal: Ballot) -> Range<usize> {
        REPORTS[(bal.0 + 1) as usize]..REPORTS[MAX_BALLOTS]
    }
}

impl Numbered for Promise {
    #[inline(always)]
    fn number(self) -> usize {
        self.place()
    }

    #[inline(always)]
    fn of_number(number: usize) -> Self {
        match Message::of_number(FIRST_1B + number) {
            Message::P1b(_, bal, vote) => Self { bal, vote },
            _ => unreachable!("the first acceptor's promises come first"),
        }
    }
}

impl Numbered for Message {
    #[inline(always)]
    fn number(self) -> usize {
        self.place()
    }

    #[inline(always)]
    fn of_number(number: usize) -> Self {
        UNIVERSE[number]
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::P1a(bal) => write!(f, "1a@{bal:?}"),
            Self::P1b(a, bal, vote) => write!(f, "{a:?} 1b@{bal:?} voted {vote:?}"),
            Self::P2a(vote) => write!(f, "2a {vote:?}"),
            Self::P2b(a, vote) => write!(f, "{a:?} 2b {vote:?}"),
        }
    }
}

/// Every message, at its number.
static UNIVERSE: [Message; 64 * WORDS] = universe();

const fn universe() -> [Message; 64 * WORDS] {
    let mut all = [Message::P1a(Ballot(0)); 64 * WORDS];
    let mut bal = 0;
    while bal < MAX_BALLOTS {
        let at = Ballot(bal as i8);
        put(&mut all, Message::P1a(at));
        let mut vote = 0;
        while vote < MAX_VALUES * (bal + 1) {
            put_vote(&mut all, at, nth_vote(vote));
            vote += 1;
        }
        bal += 1;
    }
    all
}

/// Puts the messages of the ballot `at` that tell of `vote`: as a report if it was cast before, as a proposal and a vote if there.
const fn put_vote(all: &mut [Message], at: Ballot, vote: Vote) {
    let mut a = 0;
    while a < MAX_ACCEPTORS {
        let acceptor = Acceptor(a as u8);
        put(all, Message::P1b(acceptor, at, Vote::NONE));
        if vote.bal.0 < at.0 {
            put(all, Message::P1b(acceptor, at, vote));
        } else {
            put(all, Message::P2a(vote));
            put(all, Message::P2b(acceptor, vote));
        }
        a += 1;
    }
}

const fn nth_vote(n: usize) -> Vote {
    Vote::new(
        Ballot((n / MAX_VALUES) as i8),
        Value((n % MAX_VALUES) as u8),
    )
}

const fn put(all: &mut [Message], message: Message) {
    all[message.place()] = message;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_numbers_correspond() {
        for number in 0..MESSAGES {
            assert_eq!(Message::of_number(number).number(), number);
        }
        assert_eq!(WORDS, 3);
    }
}
