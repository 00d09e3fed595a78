//! The acceptor: what it has promised, and what it has voted for.

use crate::paxos::Ballot;

/// An acceptor's memory, all of which must be on its disk before anyone hears of it.
///
/// `M` remembers its votes: the last one where one value is to be chosen, one for each slot where there is a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Acceptor<M> {
    promised: Ballot,
    /// What it has voted for.
    pub votes: M,
}

impl<M> Acceptor<M> {
    /// An acceptor that remembers this.
    pub fn new(promised: Ballot, votes: M) -> Self {
        Self { promised, votes }
    }

    /// The highest ballot that it has taken part in.
    pub fn promised(&self) -> Ballot {
        self.promised
    }

    /// Whether it may promise `ballot`: it has taken part in no higher one. A promise that was lost on its way may so be given again.
    pub fn may_promise(&self, ballot: Ballot) -> bool {
        ballot >= self.promised
    }

    /// Whether it may vote in `ballot`: it has promised no higher one.
    pub fn may_accept(&self, ballot: Ballot) -> bool {
        ballot >= self.promised
    }

    /// Takes part in `ballot`, by a promise or by a vote: from now on it takes no part in lower ones.
    pub fn take_part(&mut self, ballot: Ballot) {
        self.promised = ballot;
    }
}
