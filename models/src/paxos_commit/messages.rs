//! The messages of PaxosCommit.tla, numbered so that a set of them is five words.
//!
//! Commit and Abort come first; then, for each resource manager's instance, the messages of leaders (1a in ballots above 0,
//! 2a) and those of each acceptor (2b, and for each ballot above 0 the 1b without and with one of the votes below).

use std::fmt;
use std::ops::Range;

use super::{Acceptor, Ballot, MAX_ACCEPTORS, MAX_BALLOTS, MAX_RMS, Rm, Value, Vote};
use crate::kit::symmetry::Permutation;
use crate::kit::{MsgSet, Numbered};

/// A message. Everyone can read every message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// All resource managers are to commit.
    Commit,
    /// All resource managers are to abort.
    Abort,
    /// The leader of a ballot of an instance asks for promises.
    P1a(Rm, Ballot),
    /// An acceptor promises a ballot of an instance, and reports its last vote in a lower one.
    P1b(Rm, Acceptor, Ballot, Vote),
    /// A value is proposed in a ballot of an instance: by the resource manager itself in ballot 0, by a leader above.
    P2a(Rm, Vote),
    /// An acceptor votes in an instance.
    P2b(Rm, Acceptor, Vote),
}

/// The set of all messages ever sent.
pub type Messages = MsgSet<Message, WORDS>;

const WORDS: usize = first_of(MAX_RMS).div_ceil(64);

/// How many votes there are in the first `bal` ballots.
const fn votes_below(bal: usize) -> usize {
    Value::ALL.len() * bal
}

/// How many different promises there are of the ballots above 0 and below `bal`: of ballot 1 there are 3, of ballot 2 there are 5.
const fn promises_below(bal: usize) -> usize {
    bal * bal - 1
}

const LEADERS: usize = MAX_BALLOTS - 1 + votes_below(MAX_BALLOTS);
const PER_ACCEPTOR: usize = votes_below(MAX_BALLOTS) + promises_below(MAX_BALLOTS);

/// The number of the first message of an instance.
const fn first_of(rm: usize) -> usize {
    2 + rm * (LEADERS + MAX_ACCEPTORS * PER_ACCEPTOR)
}

/// The number of the first message of an acceptor in an instance.
const fn first_from(rm: Rm, a: Acceptor) -> usize {
    first_of(rm.0 as usize) + LEADERS + a.0 as usize * PER_ACCEPTOR
}

const fn place_of(vote: Vote) -> usize {
    votes_below(vote.bal.0 as usize) + vote.val as usize
}

impl Message {
    const fn place(self) -> usize {
        match self {
            Self::Commit => 0,
            Self::Abort => 1,
            Self::P1a(rm, bal) => first_of(rm.0 as usize) + bal.0 as usize - 1,
            Self::P2a(rm, vote) => first_of(rm.0 as usize) + MAX_BALLOTS - 1 + place_of(vote),
            Self::P2b(rm, a, vote) => first_from(rm, a) + place_of(vote),
            Self::P1b(rm, a, bal, Vote::NONE) => Self::promises(rm, a, bal).start,
            Self::P1b(rm, a, bal, vote) => Self::promises(rm, a, bal).start + 1 + place_of(vote),
        }
    }

    /// The numbers of all proposals in a ballot of an instance.
    pub const fn proposals(rm: Rm, bal: Ballot) -> Range<usize> {
        let first = Self::P2a(rm, Vote::new(bal, Value::Prepared)).place();
        first..first + Value::ALL.len()
    }

    /// The numbers of all votes of an acceptor in a ballot of an instance.
    pub const fn votes(rm: Rm, a: Acceptor, bal: Ballot) -> Range<usize> {
        let first = Self::P2b(rm, a, Vote::new(bal, Value::Prepared)).place();
        first..first + Value::ALL.len()
    }

    /// The numbers of all promises that an acceptor can make of a ballot above 0 of an instance.
    pub const fn promises(rm: Rm, a: Acceptor, bal: Ballot) -> Range<usize> {
        let (first, bal) = (first_from(rm, a) + votes_below(MAX_BALLOTS), bal.0 as usize);
        first + promises_below(bal)..first + promises_below(bal + 1)
    }

    /// The vote that the message reports, proposes or casts.
    pub fn vote(self) -> Vote {
        match self {
            Self::Commit | Self::Abort | Self::P1a(..) => Vote::NONE,
            Self::P1b(_, _, _, vote) | Self::P2a(_, vote) | Self::P2b(_, _, vote) => vote,
        }
    }

    /// The message, with resource managers and acceptors under other names.
    pub fn renamed(self, rms: &Permutation, acceptors: &Permutation) -> Self {
        match self {
            Self::Commit | Self::Abort => self,
            Self::P1a(rm, bal) => Self::P1a(rms.apply(rm), bal),
            Self::P1b(rm, a, bal, vote) => Self::P1b(rms.apply(rm), acceptors.apply(a), bal, vote),
            Self::P2a(rm, vote) => Self::P2a(rms.apply(rm), vote),
            Self::P2b(rm, a, vote) => Self::P2b(rms.apply(rm), acceptors.apply(a), vote),
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
            Self::Commit => f.write_str("Commit"),
            Self::Abort => f.write_str("Abort"),
            Self::P1a(rm, bal) => write!(f, "{rm:?}: 1a@{bal:?}"),
            Self::P1b(rm, a, bal, vote) => write!(f, "{rm:?}: {a:?} 1b@{bal:?} voted {vote:?}"),
            Self::P2a(rm, vote) => write!(f, "{rm:?}: 2a {vote:?}"),
            Self::P2b(rm, a, vote) => write!(f, "{rm:?}: {a:?} 2b {vote:?}"),
        }
    }
}

/// Every message, at its number.
static UNIVERSE: [Message; 64 * WORDS] = universe();

const fn universe() -> [Message; 64 * WORDS] {
    let mut all = [Message::Commit; 64 * WORDS];
    put(&mut all, Message::Abort);
    let mut rm = 0;
    while rm < MAX_RMS {
        let mut bal = 0;
        while bal < MAX_BALLOTS {
            put_ballot(&mut all, Rm(rm as u8), bal);
            bal += 1;
        }
        rm += 1;
    }
    all
}

/// Puts what can be sent in one ballot of an instance.
const fn put_ballot(all: &mut [Message], rm: Rm, bal: usize) {
    let at = Ballot(bal as i8);
    if bal > 0 {
        put(all, Message::P1a(rm, at));
    }
    let mut n = 0;
    while n < votes_below(bal + 1) {
        let vote = Vote::new(
            Ballot((n / Value::ALL.len()) as i8),
            Value::ALL[n % Value::ALL.len()],
        );
        put_vote(all, rm, at, vote);
        n += 1;
    }
}

/// Puts the messages of the ballot `at` that tell of `vote`: as a report if it was cast before, as a proposal and a vote if there.
const fn put_vote(all: &mut [Message], rm: Rm, at: Ballot, vote: Vote) {
    let mut a = 0;
    while a < MAX_ACCEPTORS {
        let acceptor = Acceptor(a as u8);
        if vote.bal.0 < at.0 {
            put(all, Message::P1b(rm, acceptor, at, Vote::NONE));
            put(all, Message::P1b(rm, acceptor, at, vote));
        } else {
            put(all, Message::P2a(rm, vote));
            put(all, Message::P2b(rm, acceptor, vote));
        }
        a += 1;
    }
}

const fn put(all: &mut [Message], message: Message) {
    all[message.place()] = message;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_numbers_correspond() {
        for number in 0..first_of(MAX_RMS) {
            assert_eq!(Message::of_number(number).number(), number);
        }
        assert_eq!(WORDS, 5);
    }
}
