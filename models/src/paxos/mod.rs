//! Consensus, voting and Paxos, after Consensus.tla, Voting.tla and Paxos.tla of Lamport (*The Part-Time Parliament*, ACM TOCS
//! 16(2), 1998; *Paxos Made Simple*, 2001).
//!
//! `Consensus ⊐ Voting ⊐ Paxos`: [`spec`] is the promise, that at most one value is ever chosen. [`voting`] keeps it with votes in
//! numbered ballots and conditions on what all acceptors have done, which nobody could see. [`protocol`] keeps those conditions
//! with messages: promises (phase 1) before votes (phase 2).
//!
//! [`unbounded`] is Paxos once more, without bounds and in many slots: what clusters of the cores that ship are held against.
//!
//! Where Lamport asks for quorums that all intersect, we keep two kinds, one for each phase: only a phase-1 and a phase-2 quorum
//! need intersect (Howard, Malkhi & Spiegelman, *Flexible Paxos*, 2016). With majorities the two are the same.

pub mod configs;
pub mod duel;
pub mod durable;
mod events;
pub mod messages;
pub mod multi;
pub mod protocol;
pub mod spec;
pub mod state;
pub mod temporal;
pub mod unbounded;
pub mod voting;

use std::fmt;

use crate::kit::symmetry::Permutation;
use crate::kit::{Id, MsgSet, NodeSet, Numbered, PerNode, QuorumKind, Quorums};

crate::ids! {
    /// An acceptor: one who votes.
    pub Acceptor = "a";
    /// A value that may be chosen.
    pub Value = "v";
}

/// The most acceptors that a model holds.
pub const MAX_ACCEPTORS: usize = 5;

/// The most values that a model holds.
pub const MAX_VALUES: usize = 3;

/// The most ballots that a model holds.
pub const MAX_BALLOTS: usize = 4;

/// Something known of each acceptor.
pub type PerAcceptor<T> = PerNode<Acceptor, T, MAX_ACCEPTORS>;

/// A set of acceptors that is enough for a phase.
pub type Quorum = NodeSet<Acceptor>;

/// The number of a ballot, or the number before all, where a ballot may be missing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot(pub i8);

impl Ballot {
    /// The number before all ballots, -1.
    pub const NONE: Self = Self(-1);

    /// The ballots from 0 to below `self`.
    pub fn below(self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        Self::NONE.between(self)
    }

    /// The ballots after `self` and before `end`.
    pub fn between(self, end: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0 + 1..end.0).map(Self)
    }
}

impl Default for Ballot {
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Debug for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A vote for a value in a ballot, or none where a vote may be missing. Prints as `v1@0`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// In which ballot.
    pub bal: Ballot,
    /// For which value.
    pub val: Value,
}

impl Vote {
    /// No vote.
    pub const NONE: Self = Self {
        bal: Ballot::NONE,
        val: Value(0),
    };

    /// The vote for `val` in `bal`.
    pub const fn new(bal: Ballot, val: Value) -> Self {
        Self { bal, val }
    }

    /// The position of the vote among all, ballot by ballot.
    #[inline(always)]
    pub const fn nth(self) -> usize {
        self.bal.0 as usize * MAX_VALUES + self.val.0 as usize
    }

    /// Whether this is no vote.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl Numbered for Vote {
    #[inline(always)]
    fn number(self) -> usize {
        self.nth()
    }

    #[inline(always)]
    fn of_number(number: usize) -> Self {
        Self::new(
            Ballot((number / MAX_VALUES) as i8),
            Value::new(number % MAX_VALUES),
        )
    }
}

impl fmt::Debug for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("none"),
            Self { bal, val } => write!(f, "{val:?}@{bal:?}"),
        }
    }
}

/// The votes that an acceptor has cast.
pub type Votes = MsgSet<Vote, 1>;

/// How large a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many acceptors there are.
    pub acceptors: usize,
    /// How many values may be chosen.
    pub values: usize,
    /// The highest ballot; the lowest is 0.
    pub max_ballot: usize,
    /// Which sets of acceptors are quorums.
    pub quorums: QuorumKind,
}

impl Size {
    /// All acceptors.
    #[inline(always)]
    pub fn acceptors(self) -> impl Iterator<Item = Acceptor> + Clone {
        Acceptor::first(self.acceptors)
    }

    /// All values.
    #[inline(always)]
    pub fn values(self) -> impl Iterator<Item = Value> + Clone {
        Value::first(self.values)
    }

    /// All ballots.
    #[inline(always)]
    pub fn ballots(self) -> impl Iterator<Item = Ballot> + Clone {
        (0..=self.max_ballot as i8).map(Ballot)
    }

    /// Every vote that may be cast.
    #[inline(always)]
    pub fn votes(self) -> impl Iterator<Item = Vote> + Clone {
        self.ballots()
            .flat_map(move |bal| self.values().map(move |val| Vote::new(bal, val)))
    }

    /// Everything that acceptors and values may be called instead without a difference, the names they have coming first.
    pub fn renamings(self) -> Vec<Renaming> {
        let quorums = Quorums::<Acceptor>::new(self.quorums, self.acceptors);
        let values = Permutation::all(self.values);
        Permutation::all(self.acceptors)
            .into_iter()
            .filter(|acceptors| quorums.are_kept_by(acceptors))
            .flat_map(|acceptors| {
                values.iter().map(move |values| Renaming {
                    acceptors: acceptors.clone(),
                    values: values.clone(),
                })
            })
            .collect()
    }
}

/// Other names for the acceptors and the values, under which every quorum is one as before.
#[derive(Clone, Debug)]
pub struct Renaming {
    acceptors: Permutation,
    values: Permutation,
}

impl Renaming {
    /// The new name of an acceptor.
    #[inline(always)]
    pub fn acceptor(&self, acceptor: Acceptor) -> Acceptor {
        self.acceptors.apply(acceptor)
    }

    /// The new name of a value.
    #[inline(always)]
    pub fn value(&self, value: Value) -> Value {
        self.values.apply(value)
    }

    /// The vote for the value's new name.
    #[inline(always)]
    pub fn vote(&self, vote: Vote) -> Vote {
        if vote.is_none() {
            vote
        } else {
            Vote::new(vote.bal, self.value(vote.val))
        }
    }

    /// What is known of each acceptor, under its new name.
    #[inline(always)]
    pub fn per_acceptor<T: Copy>(
        &self,
        all: &PerAcceptor<T>,
        renamed: impl Fn(T) -> T,
    ) -> PerAcceptor<T> {
        let mut to = *all;
        for (acceptor, &known) in all.iter() {
            to[self.acceptor(acceptor)] = renamed(known);
        }
        to
    }
}
