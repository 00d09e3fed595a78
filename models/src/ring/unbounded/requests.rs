//! The unbounded ring's actions: requests of clients, and how nodes serve them.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Message, Read, ReadState, State, UnboundedRing};
use crate::kit::{Id, given};
use crate::ring::{Key, Node, Write, WriteState};

impl<S: RuleSet<Rule>> UnboundedRing<S> {
    pub(super) fn ask(&self, s: &State, w: Write, k: Key, e: u32) -> Option<State> {
        let again = s.writes[w.index()] == WriteState::Asked(k);
        given(again || s.writes[w.index()] == WriteState::New)?;
        given(e <= s.current())?;

        let mut t = s.clone();
        t.writes[w.index()] = WriteState::Asked(k);
        if self.rules.performs(Rule::RingAskSends) {
            t.messages.insert(Message::Write(w, e));
        }
        Some(t)
    }

    pub(super) fn accept(&self, s: &State, n: Node, w: Write, e: u32) -> Option<State> {
        let k = s.writes[w.index()].key()?;
        let value = s.held(n, k).value().cloned().unwrap_or_default();
        given(s.messages.contains(&Message::Write(w, e)))?;
        given(!s.down.contains(&n))?;
        self.rules
            .when(Rule::RingAcceptEpoch, s.epoch[n.index()] == e)?;
        self.rules
            .when(Rule::RingAcceptOwner, self.owns(s, n, k, e))?;
        self.rules
            .when(Rule::RingAcceptArrived, !self.awaits(s, n, k))?;
        self.rules.when(Rule::RingAcceptOnce, !value.contains(&w))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingAcceptStores) {
            let mut longer = value;
            longer.push(w);
            *t.held_mut(n, k) = s.held(n, k).storing(longer);
        }
        if self.rules.performs(Rule::RingAcceptReplies) {
            t.messages.insert(Message::Done(w));
        }
        Some(t)
    }

    pub(super) fn ack(&self, s: &State, w: Write) -> Option<State> {
        given(s.messages.contains(&Message::Done(w)))?;
        let WriteState::Asked(k) = s.writes[w.index()] else {
            return None;
        };

        let mut t = s.clone();
        t.writes[w.index()] = WriteState::Acked(k);
        Some(t)
    }

    pub(super) fn ask_read(&self, s: &State, r: Read, k: Key, e: u32) -> Option<State> {
        let read = &s.reads[r.index()];
        let again = matches!(read, ReadState::Asked(asked, _) if *asked == k);
        given(again || *read == ReadState::New)?;
        given(e <= s.current())?;

        let mut t = s.clone();
        if !again {
            t.reads[r.index()] = ReadState::Asked(k, s.value(k));
        }
        if self.rules.performs(Rule::RingAskReadSends) {
            t.messages.insert(Message::Read(r, e));
        }
        Some(t)
    }

    pub(super) fn answer(&self, s: &State, n: Node, r: Read, e: u32) -> Option<State> {
        let k = s.reads[r.index()].key()?;
        given(s.messages.contains(&Message::Read(r, e)))?;
        given(!s.down.contains(&n))?;
        self.rules
            .when(Rule::RingAnswerEpoch, s.epoch[n.index()] == e)?;
        self.rules
            .when(Rule::RingAnswerOwner, self.owns(s, n, k, e))?;
        self.rules
            .when(Rule::RingAnswerArrived, !self.awaits(s, n, k))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::RingAnswerReplies) {
            let value = s.held(n, k).value().cloned().unwrap_or_default();
            t.messages.insert(Message::Answer(r, value));
        }
        Some(t)
    }

    pub(super) fn return_(&self, s: &State, r: Read, nth: u32) -> Option<State> {
        let value = s.answers(r).nth(nth as usize)?;
        let ReadState::Asked(k, _) = s.reads[r.index()] else {
            return None;
        };

        let mut t = s.clone();
        t.reads[r.index()] = ReadState::Got(k, value.clone());
        Some(t)
    }
}
