//! The unbounded ring's actions: views, and how a key changes hands.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Held, Message, State, UnboundedRing, View};
use crate::kit::{Id, given};
use crate::ring::{Key, Node};

impl<S: RuleSet<Rule>> UnboundedRing<S> {
    pub(super) fn join(&self, s: &State, n: Node) -> Option<State> {
        let mut view: View = s.view(s.current()).clone();
        given(s.current() < self.epochs)?;
        self.rules
            .when(Rule::RingJoinStranger, !view.contains(&n))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingJoinAdds) {
            view.insert(n);
        }
        t.views.push(view);
        Some(t)
    }

    pub(super) fn leave(&self, s: &State, n: Node) -> Option<State> {
        let mut view: View = s.view(s.current()).clone();
        given(s.current() < self.epochs)?;
        self.rules.when(Rule::RingLeaveMember, view.contains(&n))?;
        self.rules
            .when(Rule::RingLeaveNotLast, view.iter().any(|m| *m != n))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingLeaveRemoves) {
            view.remove(&n);
        }
        t.views.push(view);
        Some(t)
    }

    pub(super) fn install(&self, s: &State, n: Node, e: u32) -> Option<State> {
        let settled = Key::first(self.keys).all(|k| !self.awaits(s, n, k));
        given(!s.down.contains(&n) && e <= s.current())?;
        self.rules
            .when(Rule::RingInstallNext, e == s.epoch[n.index()] + 1)?;
        self.rules.when(Rule::RingInstallSettled, settled)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingInstallEpoch) {
            t.epoch[n.index()] = e;
        }
        for k in Key::first(self.keys) {
            let loses = self.lookup(s.view(e), k) != Some(n);
            if let Held::Here(value) = s.held(n, k)
                && loses
                && self.rules.performs(Rule::RingInstallStops)
            {
                *t.held_mut(n, k) = Held::Handing(value.clone(), e);
            }
        }
        Some(t)
    }

    pub(super) fn hand_over(&self, s: &State, n: Node, k: Key, e: u32) -> Option<State> {
        let value = s.held(n, k).value()?;
        given(!s.down.contains(&n) && e <= s.current())?;
        let stopped = matches!(s.held(n, k), Held::Handing(_, since) if *since == e);
        self.rules.when(Rule::RingHandOverStopped, stopped)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingHandOverSends) {
            t.messages.insert(Message::Data(k, e, value.clone()));
        }
        Some(t)
    }

    pub(super) fn receive(&self, s: &State, n: Node, k: Key, e: u32, nth: u32) -> Option<State> {
        let value = s.data(k, e).nth(nth as usize)?;
        given(!s.down.contains(&n) && self.lookup(s.view(e), k) == Some(n))?;
        self.rules
            .when(Rule::RingReceiveEpoch, s.epoch[n.index()] == e)?;
        self.rules
            .when(Rule::RingReceiveOnce, !s.held(n, k).is_here())?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingReceiveStores) {
            *t.held_mut(n, k) = Held::Here(value.clone());
        }
        if self.rules.performs(Rule::RingReceiveReplies) {
            t.messages.insert(Message::Got(k, e));
        }
        Some(t)
    }

    pub(super) fn delete(&self, s: &State, n: Node, k: Key, e: u32) -> Option<State> {
        s.held(n, k).value()?;
        given(!s.down.contains(&n))?;
        let acked = s.messages.contains(&Message::Got(k, e));
        let this = matches!(s.held(n, k), Held::Handing(_, since) if *since == e);
        self.rules.when(Rule::RingDeleteAcked, acked)?;
        self.rules.when(Rule::RingDeleteThisHandOver, this)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingDeleteForgets) {
            *t.held_mut(n, k) = Held::Nothing;
        }
        Some(t)
    }

    pub(super) fn crash(&self, s: &State, n: Node) -> Option<State> {
        given(!s.down.contains(&n) && s.crashes < self.crashes)?;

        let mut t = s.clone();
        t.down.insert(n);
        t.crashes += 1;
        Some(t)
    }

    /// What was in memory is gone. What the node is to be after a restart must have been on its disk.
    pub(super) fn restart(&self, s: &State, n: Node) -> Option<State> {
        given(s.down.contains(&n))?;

        let mut t = s.clone();
        t.down.remove(&n);
        if !self.rules.performs(Rule::RingRestartData) {
            t.held[n.index()] = vec![Held::Nothing; self.keys];
        }
        if !self.rules.performs(Rule::RingRestartEpoch) {
            t.epoch[n.index()] = 1;
        }
        Some(t)
    }
}

impl State {
    /// What a node holds of a key, to be changed.
    pub(super) fn held_mut(&mut self, n: Node, k: Key) -> &mut Held {
        &mut self.held[n.index()][k.index()]
    }
}
