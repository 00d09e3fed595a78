//! A leader's account of what is under way: who has voted in which slot.

use alloc::collections::VecDeque;

use crate::paxos::multi::Slot;
use crate::paxos::{Ballot, Voters};

/// What a leader remembers besides its log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Leader {
    pub(super) ballot: Ballot,
    /// The next slot to propose for.
    pub(super) next: Slot,
    /// Who has voted, slot by slot, from the watermark up to `next`.
    tallies: VecDeque<Voters>,
    /// This node's own votes below are durable, and counted.
    own: Slot,
    /// What was under way at the last heartbeat: proposals below have had their time, and are repeated.
    old: Slot,
}

impl Leader {
    /// A leader that has proposed nothing yet.
    pub(super) fn new(ballot: Ballot, next: Slot) -> Self {
        Self {
            ballot,
            next,
            tallies: VecDeque::new(),
            own: next,
            old: next,
        }
    }

    /// The first slot that is under way.
    fn first(&self) -> Slot {
        Slot(self.next.0.saturating_sub(self.tallies.len() as u64))
    }

    /// How many slots are under way.
    pub(super) fn under_way(&self) -> usize {
        self.tallies.len()
    }

    /// Proposes for that many slots more.
    pub(super) fn propose(&mut self, slots: usize) {
        self.next = self.next.plus(slots);
        let tallies = self.tallies.len() + slots;
        self.tallies.resize(tallies, Voters::default());
    }

    /// Counts the votes of one acceptor, as far as those slots are under way.
    pub(super) fn count(&mut self, position: usize, first: Slot, end: Slot) {
        let base = self.first();
        let (from, upto) = (first.since(base), end.since(base).min(self.tallies.len()));
        if from < upto {
            let voted = self.tallies.range_mut(from..upto);
            voted.for_each(|tally| tally.insert(position));
        }
    }

    /// The own votes below `end` are durable: gives those that were not counted yet.
    pub(super) fn own_votes(&mut self, end: Slot) -> (Slot, Slot) {
        let first = self.own;
        self.own = first.max(end);
        (first, self.own)
    }

    /// Up to where the slots that are under way have enough votes, one after the other.
    pub(super) fn chosen(&self, enough: impl Fn(Voters) -> bool) -> Slot {
        let voted = self.tallies.iter().take_while(|tally| enough(**tally));
        self.first().plus(voted.count())
    }

    /// The slots below `chosen` are under way no more.
    pub(super) fn finish(&mut self, chosen: Slot) {
        let done = chosen.since(self.first()).min(self.tallies.len());
        self.tallies.drain(..done);
        self.next = self.next.max(chosen);
    }

    /// A heartbeat is over: what is under way now is old at the next.
    pub(super) fn grow_old(&mut self) {
        self.old = self.next;
    }

    /// From where to where proposals are old and have no vote of that acceptor.
    pub(super) fn unanswered(&self, position: usize) -> Option<(Slot, Slot)> {
        let base = self.first();
        let old = self.old.since(base).min(self.tallies.len());
        let mut lacking = (0..old).filter(|nth| !self.tallies[*nth].contains(position));
        let first = lacking.next()?;
        let last = lacking.next_back().unwrap_or(first);
        Some((base.plus(first), base.plus(last + 1)))
    }
}
