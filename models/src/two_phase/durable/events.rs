//! Who acts and which messages travel in durable two-phase commit, for diagrams.

use super::Action;
use super::state::State;
use crate::kit::{Event, Happening};

/// What an action is to someone who watches the sites. A message stays where all can read it, so that receiving it is a step of its own.
pub(super) fn event(s: &State, action: &Action) -> Event {
    let coordinator = format_args!("coordinator");
    match *action {
        Action::Prepare(rm) | Action::ChooseToAbort(rm) => Event::of(rm),
        Action::VoteYes(rm) => Event::of(rm).sends(coordinator, "YES"),
        Action::VoteRead(rm) => Event::of(rm).sends(coordinator, "READ"),
        Action::RcvVote(rm) => {
            let vote = if s.msgs.yes.contains(rm) {
                "YES"
            } else {
                "READ"
            };
            Event::of(coordinator).receives(rm, vote)
        }
        Action::Commit | Action::Forget => Event::of(coordinator),
        Action::TellCommit(rm) => Event::of(coordinator).sends(rm, "COMMIT"),
        Action::Abort => Event::of(coordinator).sends_to_all("ABORT"),
        Action::RcvCommit(rm) => Event::of(rm).receives_from_any("COMMIT"),
        Action::Ack(rm) => Event::of(rm).sends(coordinator, "ACK"),
        Action::RcvAbort(rm) => Event::of(rm).receives_from_any("ABORT"),
        Action::TimeOut(rm) => Event::of(rm)
            .as_kind(Happening::Timeout)
            .sends_to_all("inquiry"),
        Action::Answer(rm) => Event::of(coordinator)
            .receives(rm, "inquiry")
            .sends(rm, "ABORT"),
        Action::AnswerCommit(rm, other) => Event::of(rm)
            .receives(other, "inquiry")
            .sends(other, "COMMIT"),
        Action::AnswerAbort(rm, other) => Event::of(rm)
            .receives(other, "inquiry")
            .sends(other, "ABORT"),
        Action::Sync(site) => Event::of(site),
        Action::Crash(site) => Event::of(site).as_kind(Happening::Crash),
        Action::Restart(site) => Event::of(site).as_kind(Happening::Restart),
    }
}
