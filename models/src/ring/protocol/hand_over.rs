//! The ring's actions: views, and how a key changes hands.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Ring, State};
use crate::kit::{Id, given};
use crate::ring::messages::{Held, Message};
use crate::ring::{Key, Node, PerKey, Value};

impl<S: RuleSet<Rule>> Ring<S> {
    pub(super) fn join(&self, s: &State, n: Node) -> Option<State> {
        let mut view = s.view(s.current());
        given(s.current() < self.epochs)?;
        self.rules.when(Rule::RingJoinStranger, !view.contains(n))?;

        let mut t = *s;
        if self.rules.performs(Rule::RingJoinAdds) {
            view.insert(n);
        }
        t.views.push(view);
        Some(t)
    }

    pub(super) fn leave(&self, s: &State, n: Node) -> Option<State> {
        let mut view = s.view(s.current());
        given(s.current() < self.epochs)?;
        self.rules.when(Rule::RingLeaveMember, view.contains(n))?;
        self.rules
            .when(Rule::RingLeaveNotLast, view.iter().any(|m| m != n))?;

        let mut t = *s;
        if self.rules.performs(Rule::RingLeaveRemoves) {
            view.remove(n);
        }
        t.views.push(view);
        Some(t)
    }

    pub(super) fn install(&self, s: &State, n: Node, e: u8) -> Option<State> {
        let settled = Key::first(self.keys).all(|k| !self.awaits(s, n, k));
        given(!s.down.contains(n) && e <= s.current())?;
        self.rules
            .when(Rule::RingInstallNext, e == s.epoch[n] + 1)?;
        self.rules.when(Rule::RingInstallSettled, settled)?;

        let mut t = *s;
        if self.rules.performs(Rule::RingInstallEpoch) {
            t.epoch[n] = e;
        }
        for k in Key::first(self.keys) {
            let loses = self.lookup(s.view(e), k) != Some(n);
            if let Held::Here(value) = s.held[n][k]
                && loses
                && self.rules.performs(Rule::RingInstallStops)
            {
                t.held[n][k] = Held::Handing(value, e);
            }
        }
        Some(t)
    }

    pub(super) fn hand_over(&self, s: &State, n: Node, k: Key, e: u8) -> Option<State> {
        let value = s.held[n][k].value()?;
        given(!s.down.contains(n) && e <= s.current())?;
        self.rules.when(
            Rule::RingHandOverStopped,
            s.held[n][k] == Held::Handing(value, e),
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::RingHandOverSends) {
            t.messages.insert(Message::Data(k, e, value));
        }
        Some(t)
    }

    pub(super) fn receive(&self, s: &State, n: Node, k: Key, e: u8, value: Value) -> Option<State> {
        given(s.messages.contains(Message::Data(k, e, value)))?;
        given(!s.down.contains(n) && self.lookup(s.view(e), k) == Some(n))?;
        self.rules.when(Rule::RingReceiveEpoch, s.epoch[n] == e)?;
        self.rules
            .when(Rule::RingReceiveOnce, !s.held[n][k].is_here())?;

        let mut t = *s;
        if self.rules.performs(Rule::RingReceiveStores) {
            t.held[n][k] = Held::Here(value);
        }
        if self.rules.performs(Rule::RingReceiveReplies) {
            t.messages.insert(Message::Got(k, e));
        }
        Some(t)
    }

    pub(super) fn delete(&self, s: &State, n: Node, k: Key, e: u8) -> Option<State> {
        let value = s.held[n][k].value()?;
        given(!s.down.contains(n))?;
        self.rules.when(
            Rule::RingDeleteAcked,
            s.messages.contains(Message::Got(k, e)),
        )?;
        self.rules.when(
            Rule::RingDeleteThisHandOver,
            s.held[n][k] == Held::Handing(value, e),
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::RingDeleteForgets) {
            t.held[n][k] = Held::Nothing;
        }
        Some(t)
    }

    pub(super) fn crash(&self, s: &State, n: Node) -> Option<State> {
        given(!s.down.contains(n) && s.crashes < self.crashes)?;

        let mut t = *s;
        t.down.insert(n);
        t.crashes += 1;
        Some(t)
    }

    /// What was in memory is gone. What the node is to be after a restart must have been on its disk.
    pub(super) fn restart(&self, s: &State, n: Node) -> Option<State> {
        given(s.down.contains(n))?;

        let mut t = *s;
        t.down.remove(n);
        t.held[n] = PerKey::all(self.keys, Held::Nothing);
        t.epoch[n] = 1;
        if self.rules.performs(Rule::RingRestartData) {
            t.held[n] = s.held[n];
        }
        if self.rules.performs(Rule::RingRestartEpoch) {
            t.epoch[n] = s.epoch[n];
        }
        Some(t)
    }
}
