//! The ring's actions: requests of clients, and how nodes serve them.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Ring, State};
use crate::kit::given;
use crate::ring::messages::Message;
use crate::ring::{Key, Node, ReadState, Value, Write, WriteState};

impl<S: RuleSet<Rule>> Ring<S> {
    pub(super) fn ask(&self, s: &State, w: Write, k: Key, e: u8) -> Option<State> {
        let again = s.clients.writes[w] == WriteState::Asked(k);
        given(again || s.clients.writes[w] == WriteState::New)?;
        given(e <= s.current())?;

        let mut t = *s;
        t.clients.writes[w] = WriteState::Asked(k);
        if self.rules.performs(Rule::RingAskSends) {
            t.messages.insert(Message::Write(w, e));
        }
        Some(t)
    }

    pub(super) fn accept(&self, s: &State, n: Node, w: Write, e: u8) -> Option<State> {
        let k = s.clients.writes[w].key()?;
        let value = s.held[n][k].value().unwrap_or_default();
        let longer = value.with(w)?;
        given(s.messages.contains(Message::Write(w, e)))?;
        given(!s.down.contains(n))?;
        self.rules.when(Rule::RingAcceptEpoch, s.epoch[n] == e)?;
        self.rules
            .when(Rule::RingAcceptOwner, self.owns(s, n, k, e))?;
        self.rules
            .when(Rule::RingAcceptArrived, !self.awaits(s, n, k))?;
        self.rules.when(Rule::RingAcceptOnce, !value.contains(w))?;

        let mut t = *s;
        if self.rules.performs(Rule::RingAcceptStores) {
            t.held[n][k] = s.held[n][k].storing(longer);
        }
        if self.rules.performs(Rule::RingAcceptReplies) {
            t.messages.insert(Message::Done(w));
        }
        Some(t)
    }

    pub(super) fn ack(&self, s: &State, w: Write) -> Option<State> {
        given(s.messages.contains(Message::Done(w)))?;
        let WriteState::Asked(k) = s.clients.writes[w] else {
            return None;
        };

        let mut t = *s;
        t.clients.writes[w] = WriteState::Acked(k);
        Some(t)
    }

    pub(super) fn ask_read(&self, s: &State, k: Key, e: u8) -> Option<State> {
        let again = matches!(s.clients.read, ReadState::Asked(asked, _) if asked == k);
        given(again || s.clients.read == ReadState::New)?;
        given(e <= s.current())?;

        let mut t = *s;
        if !again {
            t.clients.read = ReadState::Asked(k, self.value(s, k));
        }
        if self.rules.performs(Rule::RingAskReadSends) {
            t.messages.insert(Message::Read(e));
        }
        Some(t)
    }

    pub(super) fn answer(&self, s: &State, n: Node, e: u8) -> Option<State> {
        let k = s.clients.read.key()?;
        given(s.messages.contains(Message::Read(e)))?;
        given(!s.down.contains(n))?;
        self.rules.when(Rule::RingAnswerEpoch, s.epoch[n] == e)?;
        self.rules
            .when(Rule::RingAnswerOwner, self.owns(s, n, k, e))?;
        self.rules
            .when(Rule::RingAnswerArrived, !self.awaits(s, n, k))?;

        let mut t = *s;
        if self.rules.performs(Rule::RingAnswerReplies) {
            let value = s.held[n][k].value().unwrap_or_default();
            t.messages.insert(Message::Answer(value));
        }
        Some(t)
    }

    pub(super) fn return_(&self, s: &State, value: Value) -> Option<State> {
        given(s.messages.contains(Message::Answer(value)))?;
        let ReadState::Asked(k, _) = s.clients.read else {
            return None;
        };

        let mut t = *s;
        t.clients.read = ReadState::Got(k, value);
        Some(t)
    }
}
