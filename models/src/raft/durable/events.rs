//! Who acts and which messages travel in durable Raft, for diagrams. A request is sent and handled in one step; only replies take their time.

use super::Action;
use super::state::{Reply, State};
use crate::kit::{Event, Happening};
use crate::raft::events::says;

/// What an action is to someone who watches the servers.
pub(super) fn event(s: &State, action: &Action) -> Event {
    match *action {
        Action::Crash(i) => Event::of(i).as_kind(Happening::Crash),
        Action::Restart(i) => Event::of(i).as_kind(Happening::Restart),
        Action::Timeout(i) | Action::Elapse(i) => Event::of(i).as_kind(Happening::Timeout),
        Action::Sync(i)
        | Action::SyncTerm(i)
        | Action::SyncVote(i)
        | Action::ClientRequest(i)
        | Action::StepDown(i) => Event::of(i),
        Action::RequestVote(i, j) => {
            let term = s.nodes[i].disk.term();
            Event::of(j).receives(i, format_args!("RequestVote @{term}"))
        }
        Action::AppendEntries(i, j, prev, upto, commit) => {
            let log = s.nodes[i].disk.log.written();
            let entries = log.get(prev as usize..upto as usize).unwrap_or_default();
            let says = format!("AppendEntries prev={prev} {entries:?} commit={commit}");
            Event::of(j).receives(i, says)
        }
        Action::TimeoutNow(i, j) => Event::of(j).receives(i, "TimeoutNow"),
        Action::SendReply(i) => {
            let owed = s.nodes[i].up().and_then(|memory| memory.owes);
            owed.map_or_else(|| Event::of(i), |reply| sent(&reply))
        }
        Action::HandleReply(m) => Event::of(m.dest).receives(m.source, says(&m)),
        Action::DropMessage(m) => sent(&m).as_kind(Happening::Lose),
        Action::DuplicateMessage(m) => sent(&m).as_kind(Happening::Duplicate),
    }
}

fn sent(reply: &Reply) -> Event {
    Event::of(reply.source).sends(reply.dest, says(reply))
}
