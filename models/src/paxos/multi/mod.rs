//! A log of slots, each chosen by Paxos: a leader that stays, gaps, snapshots.
//!
//! After Lamport, *Paxos Made Simple* (2001), §3, and the snapshots and catching up of Chandra, Griesemer & Redstone, *Paxos Made Live* (2007).
//!
//! `Slots ⊐ MultiPaxos`: [`spec`] is the promise, that each slot is chosen once. [`protocol`] keeps it with one phase 1 for all slots: a leader hears from
//! a quorum what was voted for in each slot and below which slot all is chosen, then proposes slot after slot without asking again.
//!
//! What is worth a rung of its own is what a single decision does not have: slots between others that nobody has voted in, and slots that are chosen and
//! executed, and whose votes are forgotten. A promise that leaves those out lets a new leader choose once more.

pub mod configs;
mod properties;
pub mod protocol;
pub mod spec;
pub mod state;

use std::fmt;

use crate::kit::{Id, NodeSet, PerNode};
use crate::paxos::Ballot;

crate::ids! {
    /// A slot of the log.
    pub Slot = "s";
}

/// The most slots that a model holds.
pub const MAX_SLOTS: usize = 2;

/// The most commands that a model holds.
pub const MAX_COMMANDS: usize = 3;

/// The most ballots that a model holds.
pub const MAX_BALLOTS: usize = 3;

/// The most replicas that a model holds.
pub const MAX_REPLICAS: usize = 3;

/// Something known of each slot.
pub type PerSlot<T> = PerNode<Slot, T, MAX_SLOTS>;

/// What can be chosen for a slot: a client's command, or nothing to do.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry(pub u8);

impl Entry {
    /// Nothing to do.
    pub const NO_OP: Self = Self(0);

    /// The first `n` commands.
    pub fn commands(n: usize) -> impl Iterator<Item = Self> + Clone {
        (1..=n).map(Self::new)
    }
}

impl Id for Entry {
    #[inline(always)]
    fn new(index: usize) -> Self {
        Self(index as u8)
    }

    #[inline(always)]
    fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NO_OP => f.write_str("no-op"),
            Self(command) => write!(f, "c{command}"),
        }
    }
}

/// An entry in a ballot: a proposal, a vote, or none where a vote may be missing. Prints as `c1@0`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ranked {
    /// In which ballot.
    pub bal: Ballot,
    /// Which entry.
    pub entry: Entry,
}

impl Ranked {
    /// No vote.
    pub const NONE: Self = Self {
        bal: Ballot::NONE,
        entry: Entry::NO_OP,
    };

    /// Whether this is no vote.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// Numbered ballot by ballot, so that a set of them is one word.
impl Id for Ranked {
    #[inline(always)]
    fn new(index: usize) -> Self {
        Self {
            bal: Ballot((index / (MAX_COMMANDS + 1)) as i8),
            entry: Entry::new(index % (MAX_COMMANDS + 1)),
        }
    }

    #[inline(always)]
    fn index(self) -> usize {
        self.bal.0 as usize * (MAX_COMMANDS + 1) + self.entry.index()
    }
}

impl fmt::Debug for Ranked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("none"),
            Self { bal, entry } => write!(f, "{entry:?}@{bal:?}"),
        }
    }
}

/// Proposals, or votes.
pub type RankedSet = NodeSet<Ranked>;
