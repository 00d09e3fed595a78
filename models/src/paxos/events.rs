//! Who acts and which messages travel in Paxos, for diagrams. Each ballot has a leader of its own.

use super::messages::Message;
use super::protocol::Action;
use super::state::State;
use super::{Acceptor, Ballot, MAX_ACCEPTORS};
use crate::kit::{Event, Id};

/// What an action of Paxos.tla is to someone who watches the nodes. A value is proposed on the promises of its ballot that were sent by then.
pub(super) fn event(s: &State, action: &Action) -> Event {
    match *action {
        Action::Phase1a(bal) => leads(bal).sends_to_all(format_args!("1a@{bal:?}")),
        Action::Phase1b(a, bal) => Event::of(a)
            .receives(format_args!("leader@{bal:?}"), format_args!("1a@{bal:?}"))
            .sends(format_args!("leader@{bal:?}"), format_args!("1b@{bal:?}")),
        Action::Phase2a(bal, val) => {
            let promised = Acceptor::first(MAX_ACCEPTORS).filter(|&a| promises(s, a, bal));
            let leader = promised.fold(leads(bal), |leader, a| {
                leader.receives(a, format_args!("1b@{bal:?}"))
            });
            leader.sends_to_all(format_args!("2a {val:?}@{bal:?}"))
        }
        Action::Phase2b(a, bal, val) => Event::of(a).receives(
            format_args!("leader@{bal:?}"),
            format_args!("2a {val:?}@{bal:?}"),
        ),
    }
}

fn leads(bal: Ballot) -> Event {
    Event::of(format_args!("leader@{bal:?}"))
}

/// Whether the acceptor has promised the ballot.
fn promises(s: &State, acceptor: Acceptor, ballot: Ballot) -> bool {
    let is_it = |m: Message| matches!(m, Message::P1b(a, bal, _) if (a, bal) == (acceptor, ballot));
    s.msgs.iter().any(is_it)
}
