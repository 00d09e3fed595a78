//! Who acts and which messages travel on the ring, for diagrams. The clients are one lifeline.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Action, Ring, State};
use crate::kit::{Event, Happening};
use crate::ring::{Key, Write};

impl<S: RuleSet<Rule>> Ring<S> {
    /// What an action is to someone who watches the nodes. A message goes to the owner in the view by which it is routed.
    pub(in crate::ring) fn seen(&self, s: &State, action: &Action) -> Event {
        let client = format_args!("client");
        match *action {
            // The log of views does it.
            Action::Join(_) | Action::Leave(_) => Event::of_nobody(),
            Action::Install(n, _) | Action::Delete(n, ..) => Event::of(n),
            Action::HandOver(n, k, e) => self.to_owner(s, Event::of(n), k, e, data(k, e)),
            Action::Receive(n, k, e, _) => Event::of(n).receives_from_any(data(k, e)),
            Action::Crash(n) => Event::of(n).as_kind(Happening::Crash),
            Action::Restart(n) => Event::of(n).as_kind(Happening::Restart),
            Action::Ask(w, k, e) => self.to_owner(s, Event::of(client), k, e, write(w, e)),
            Action::Accept(n, w, e) => Event::of(n)
                .receives(client, write(w, e))
                .sends(client, format_args!("{w:?} stored")),
            Action::Ack(w) => Event::of(client).receives_from_any(format_args!("{w:?} stored")),
            Action::AskRead(k, e) => {
                self.to_owner(s, Event::of(client), k, e, format!("read {k:?} @{e}"))
            }
            Action::Answer(n, _) => Event::of(n).sends(client, "answer"),
            Action::Return(_) => Event::of(client).receives_from_any("answer"),
        }
    }

    /// The same with a message to the owner of a key in the view of an epoch.
    fn to_owner(&self, s: &State, event: Event, k: Key, e: u8, says: String) -> Event {
        let owner = (1..=s.current())
            .contains(&e)
            .then(|| self.lookup(s.view(e), k));
        match owner.flatten() {
            Some(owner) => event.sends(owner, says),
            None => event.sends_to_all(says),
        }
    }
}

fn data(k: Key, e: u8) -> String {
    format!("data of {k:?} @{e}")
}

fn write(w: Write, e: u8) -> String {
    format!("write {w:?} @{e}")
}
