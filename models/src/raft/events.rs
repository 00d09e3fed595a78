//! Who acts and which messages travel in Raft, for diagrams: raft.tla, and the rung whose elections and appends are atomic.

use std::fmt::Debug;

use super::abstract_raft::{self, Action as Atomic};
use super::last_term;
use super::protocol::Action;
use super::state::{Message, State};
use crate::kit::{Event, Happening};

/// What an action of raft.tla is to someone who watches the servers; `t` is the state that it leads to.
pub(super) fn event(s: &State, action: &Action, t: Option<&State>) -> Event {
    let event = match *action {
        Action::Restart(i) => Event::of(i).as_kind(Happening::Restart),
        Action::Timeout(i) => Event::of(i).as_kind(Happening::Timeout),
        Action::RequestVote(i, _)
        | Action::BecomeLeader(i)
        | Action::ClientRequest(i, _)
        | Action::AdvanceCommitIndex(i)
        | Action::AppendEntries(i, _) => Event::of(i),
        // The message stays in flight.
        Action::UpdateTerm(m) => Event::of(m.dest),
        Action::HandleRequestVoteRequest(m)
        | Action::HandleRequestVoteResponse(m)
        | Action::HandleAppendEntriesRequest(m)
        | Action::HandleAppendEntriesResponse(m)
        | Action::DropStaleResponse(m) => Event::of(m.dest).receives(m.source, says(&m)),
        Action::DuplicateMessage(m) => lost(&m).as_kind(Happening::Duplicate),
        Action::DropMessage(m) => lost(&m).as_kind(Happening::Lose),
    };
    let sent = t.into_iter().flat_map(|t| t.messages.distinct());
    let copies = |state: &State, m: &Message| state.messages.iter().filter(|n| *n == m).count();
    let new = sent.filter(|m| {
        let more = t.is_some_and(|t| copies(t, m) > copies(s, m));
        more && event.actor == Some(format!("{:?}", m.source))
    });
    let new: Vec<_> = new.collect();
    match event.kind {
        Happening::Duplicate => event,
        _ => new
            .into_iter()
            .fold(event, |event, m| event.sends(m.dest, says(m))),
    }
}

fn lost(m: &Message) -> Event {
    Event::of(m.source).sends(m.dest, says(m))
}

/// What a message says, without whose it is: the arrow tells that. Both print it as `n1→n2@2 …`.
pub(super) fn says(message: &impl Debug) -> String {
    let text = format!("{message:?}");
    let at = text.find('@').unwrap_or(0);
    text[at..].to_owned()
}

/// What an action of AbstractRaft.tla is: messages are sent and received in the same step.
pub(super) fn atomic(s: &abstract_raft::State, action: &Atomic) -> Event {
    match *action {
        Atomic::ClientRequest(i) | Atomic::CommitEntry(i) => Event::of(i),
        Atomic::GetEntries(i, j) => {
            let next = s.nodes[j].log.get(s.nodes[i].log.len());
            let entry = next.map_or_else(String::new, |entry| format!("entry {entry:?}"));
            Event::of(i).receives(j, entry)
        }
        Atomic::RollbackEntries(i, j) => {
            let last = last_term(&s.nodes[j].log);
            let last_index = s.nodes[j].log.len();
            Event::of(i).receives(j, format_args!("log ends {last_index}@{last}"))
        }
        Atomic::BecomeLeader(i, voters) => {
            let others = voters.iter().filter(|&voter| voter != i);
            others.fold(Event::of(i), |event, voter| event.receives(voter, "vote"))
        }
        Atomic::UpdateTerms(i, j) => {
            Event::of(j).receives(i, format_args!("term {}", s.nodes[i].term))
        }
    }
}
