//! Who acts and which messages travel in two-phase commit, for diagrams.

use super::protocol::Action;
use crate::kit::Event;

/// What an action of TwoPhase.tla is to someone who watches the nodes.
pub(super) fn event(action: &Action) -> Event {
    let tm = format_args!("tm");
    match *action {
        Action::TMRcvPrepared(rm) => Event::of(tm).receives(rm, "Prepared"),
        Action::TMCommit => Event::of(tm).sends_to_all("Commit"),
        Action::TMAbort => Event::of(tm).sends_to_all("Abort"),
        Action::RMPrepare(rm) => Event::of(rm).sends(tm, "Prepared"),
        Action::RMChooseToAbort(rm) => Event::of(rm),
        Action::RMRcvCommitMsg(rm) => Event::of(rm).receives(tm, "Commit"),
        Action::RMRcvAbortMsg(rm) => Event::of(rm).receives(tm, "Abort"),
    }
}
