//! Paxos with two proposers, whose ballots take turns within a round.

use concur_correspond::paxos::AbovePaxos;
use concur_models::paxos::unbounded::Ballot;
use concur_models::paxos::unbounded::protocol::Action;

use super::Gap;

/// The acceptor whose ballot that is.
pub(crate) fn owner(ballot: Ballot) -> usize {
    ballot.0 as usize % 2
}

pub(crate) const ROUND_BY_ROUND: Gap<AbovePaxos> = Gap {
    because: "who has heard of a ballot begins one of a higher round",
    is: |s, action| match action {
        Action::Phase1a(b) => {
            let heard = s.acceptors[owner(*b)].max_bal;
            heard.is_some_and(|heard| heard.0 / 2 >= b.0 / 2)
        }
        _ => false,
    },
};
