//! The learner: counts votes, ballot by ballot.

use alloc::collections::BTreeMap;

use crate::paxos::{Ballot, Ranked, Voters};

/// The last vote that it has heard from each acceptor.
///
/// Earlier votes are forgotten, so that it stays small however long proposers duel. That loses no decision: if acceptors vote after a value was chosen, they vote
/// for the same value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Learner<V> {
    last: BTreeMap<usize, Ranked<V>>,
}

impl<V> Default for Learner<V> {
    fn default() -> Self {
        Self {
            last: BTreeMap::new(),
        }
    }
}

impl<V> Learner<V> {
    /// Takes note of a vote of the acceptor at `position`, unless it is older than one already heard; says who has voted in that ballot, as far as is known.
    pub fn hear(&mut self, position: usize, vote: Ranked<V>) -> Voters {
        let ballot = vote.ballot;
        let heard = self.last.get(&position).map(|last| last.ballot);
        if heard.is_none_or(|last| last < ballot) {
            self.last.insert(position, vote);
        }
        self.voters(ballot)
    }

    /// Whose last vote was in that ballot.
    fn voters(&self, ballot: Ballot) -> Voters {
        let mut voters = Voters::default();
        for (position, vote) in &self.last {
            if vote.ballot == ballot {
                voters.insert(*position);
            }
        }
        voters
    }
}
