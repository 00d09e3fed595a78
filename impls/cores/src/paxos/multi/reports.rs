//! What a candidate makes of the promises: what is chosen, and which vote it keeps for each slot above.

use alloc::collections::BTreeMap;

use super::{Entry, Slot, Suffix};
use crate::paxos::{Ranked, keep};

/// What the promises say, taken together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reports<C> {
    chosen: Slot,
    votes: BTreeMap<Slot, Option<Ranked<Entry<C>>>>,
}

impl<C> Reports<C> {
    /// No promise says anything.
    pub(super) fn new() -> Self {
        Self {
            chosen: Slot::default(),
            votes: BTreeMap::new(),
        }
    }

    /// Takes note of one promise: what it knows to be chosen displaces votes, and of votes `keeps` says whether a higher one is kept.
    pub(super) fn take(&mut self, told: Suffix<C>, keeps: impl Fn(bool) -> bool) {
        for (nth, vote) in told.votes.into_iter().enumerate() {
            let slot = told.first.plus(nth);
            let Some(vote) = vote.filter(|_| slot >= self.chosen) else {
                continue;
            };
            if slot < told.chosen {
                self.votes.insert(slot, Some(vote));
            } else {
                keep(self.votes.entry(slot).or_default(), vote, &keeps);
            }
        }
        self.chosen = self.chosen.max(told.chosen);
    }

    /// Everything below is chosen.
    pub(super) fn chosen(&self) -> Slot {
        self.chosen
    }

    /// The slot after the last of which something is reported.
    pub(super) fn end(&self) -> Slot {
        let last = self.votes.keys().next_back();
        last.map_or(Slot::default(), |slot| slot.plus(1))
    }

    /// What is kept of the reports for that slot.
    pub(super) fn get(&self, slot: Slot) -> Option<&Entry<C>> {
        let kept = self.votes.get(&slot)?.as_ref()?;
        Some(&kept.value)
    }
}
