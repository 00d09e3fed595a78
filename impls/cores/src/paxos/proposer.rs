//! The proposer in phase 1: whose promises it has, and what it keeps of the votes that they report.

use crate::paxos::{Ballot, Ranked, Voters};

/// A ballot that a proposer is in. `K` is what it keeps of the reports: of one decision, or of each slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proposer<K> {
    /// The ballot.
    pub ballot: Ballot,
    /// Who has promised it.
    pub promised: Voters,
    /// What they have reported, as far as it matters.
    pub kept: K,
}

impl<K> Proposer<K> {
    /// A ballot that nobody has promised yet.
    pub fn new(ballot: Ballot, nothing: K) -> Self {
        Self {
            ballot,
            promised: Voters::default(),
            kept: nothing,
        }
    }
}

/// Of two votes the one of the higher ballot is kept; `keeps` is the guard that says so.
pub fn keep<V>(kept: &mut Option<Ranked<V>>, report: Ranked<V>, keeps: impl FnOnce(bool) -> bool) {
    let higher = kept
        .as_ref()
        .is_none_or(|other| report.ballot > other.ballot);
    if keeps(higher) {
        *kept = Some(report);
    }
}
