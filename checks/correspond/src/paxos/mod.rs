//! Paxos, one decision and a log of them: `UnboundedPaxos ⊐ cores` and `UnboundedPaxos ⊐ multi-cores`.
//!
//! An acceptor has done what its disk says: the model's acceptor promises or votes when the record is durable, before anyone hears of it. A ballot's owner promises it by beginning
//! it, so one record stands for `Phase1a` and the owner's `Phase1b`. A proposal leaves beside the writing, and is `Phase2a` when it does.
//!
//! A disk forgets what a later record makes needless, while Paxos.tla's messages stay for ever. So which promises and votes were ever durable is remembered beside the cluster, in a
//! history variable: recorded, and read by nobody but the mapping. That what is *said* agrees with it is a property, `SaidIsDone`: no message says what the model's acceptor has not done.

mod configs;
pub mod multi;
mod multi_configs;
mod past;

pub mod single;

use std::collections::BTreeSet;

use concur_cores::NodeId;
use concur_cores::paxos::Ballot as CoreBallot;
use concur_models::paxos::Acceptor;
use concur_models::paxos::unbounded::Ballot;
use concur_models::paxos::unbounded::protocol::{Action, UnboundedPaxos};
use concur_models::paxos::unbounded::state::{Message, Messages};
use concur_rules::paxos::PaxosRule;
use concur_rules::{AllBut, Card};

use crate::Correspondence;
use crate::cluster::{Packet, StateOf, Step};
use crate::correspondence::without_each;

pub use configs::PaxosCoresRung;
pub use multi_configs::MultiPaxosCoresRung;

/// The model above.
pub type AbovePaxos = UnboundedPaxos<AllBut<PaxosRule>>;

/// The model above without each of its rules.
fn relaxed(above: &AbovePaxos) -> Vec<(&'static Card, AbovePaxos)> {
    without_each(|rules| AbovePaxos {
        rules,
        ..above.clone()
    })
}

/// The model's name of a node: nodes are numbered from 1.
fn acceptor(id: NodeId) -> Acceptor {
    Acceptor(id.0 as u8 - 1)
}

/// The model's number of a ballot: in the same order, proposer by proposer within a round. Round 0 is before all ballots.
fn ballot(proposers: usize, ballot: CoreBallot) -> Option<Ballot> {
    let rounds = ballot.round.checked_sub(1)?;
    Some(Ballot(rounds * proposers as u64 + ballot.node.0 - 1))
}

/// How many ballots were begun.
fn begun(msgs: &BTreeSet<Message>) -> usize {
    let asked = |message: &&Message| matches!(message, Message::P1a(_));
    msgs.iter().take_while(asked).count()
}

/// The messages that a step has sent, and that were never sent before.
fn news<'s, C: Correspondence>(step: &Step<'s, C>) -> impl Iterator<Item = &'s Packet<C::Core>> {
    let (before, after): (&'s StateOf<C>, &'s StateOf<C>) = (step.before, step.after);
    let same = before.packets == after.packets;
    let sent = after.packets.iter().filter(move |_| !same);
    sent.filter(|packet| !before.was_sent(packet))
        .map(|packet| &**packet)
}

/// The actions by which the messages of one state come to be those of a later one: a ballot's before those of higher ones, each in the order of the phases.
fn actions_between(before: &Messages, after: &Messages) -> Vec<Action> {
    let mut said: Vec<&Message> = after.difference(before).collect();
    said.sort_by_key(|message| when(message));
    said.into_iter().map(action).collect()
}

fn when(message: &Message) -> (Ballot, u8) {
    match message {
        Message::P1a(bal) => (*bal, 0),
        Message::P1b(_, bal, _) => (*bal, 1),
        Message::P2a(_, vote) => (vote.bal, 2),
        Message::P2b(_, _, vote) => (vote.bal, 3),
    }
}

fn action(message: &Message) -> Action {
    match message {
        Message::P1a(bal) => Action::Phase1a(*bal),
        Message::P1b(a, bal, _) => Action::Phase1b(*a, *bal),
        Message::P2a(slot, vote) => Action::Phase2a(*slot, vote.bal, vote.val),
        Message::P2b(a, slot, vote) => Action::Phase2b(*a, *slot, vote.bal, vote.val),
    }
}
