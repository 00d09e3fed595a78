//! The promise of a key map: it loses no acknowledged write, and reads what is current. Must be believed.

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::{Clients, Key, Map, PerKey, ReadState, Value, Write, WriteState};
use crate::kit::{Id, given};

mod claims;

/// A map from keys to values, as its clients see it.
#[derive(Clone, Debug)]
pub struct KeyMap<S = Faithful> {
    /// How many keys there are.
    pub keys: usize,
    /// How many writes there are.
    pub writes: usize,
    /// Whether there is a read.
    pub reads: bool,
    /// The rules that are kept.
    pub rules: S,
}

crate::actions! {
    /// What clients and the map do.
    pub enum Action {
        /// A client asks for a write to a key.
        Ask(Write, Key),
        /// The write takes effect.
        Apply(Write, Key),
        /// The client is told so.
        Ack(Write, Key),
        /// A client asks for the value of a key.
        AskRead(Key),
        /// It is told that value.
        Return(Key, Value),
    }
}

impl<S: RuleSet<Rule>> KeyMap<S> {
    fn ask(&self, s: &Map, w: Write, k: Key) -> Option<Map> {
        given(s.clients.writes[w] == WriteState::New)?;

        let mut t = *s;
        t.clients.writes[w] = WriteState::Asked(k);
        Some(t)
    }

    fn apply(&self, s: &Map, w: Write, k: Key) -> Option<Map> {
        let asked = s.clients.writes[w] == WriteState::Asked(k);
        let value = s.values[k].with(w)?;
        self.rules.when(Rule::KeyMapApplyAsked, asked)?;
        self.rules
            .when(Rule::KeyMapApplyOnce, !s.values[k].contains(w))?;

        let mut t = *s;
        t.values[k] = value;
        Some(t)
    }

    fn ack(&self, s: &Map, w: Write, k: Key) -> Option<Map> {
        given(s.clients.writes[w] == WriteState::Asked(k))?;
        self.rules
            .when(Rule::KeyMapAckApplied, s.values[k].contains(w))?;

        let mut t = *s;
        t.clients.writes[w] = WriteState::Acked(k);
        Some(t)
    }

    fn ask_read(&self, s: &Map, k: Key) -> Option<Map> {
        given(s.clients.read == ReadState::New)?;

        let mut t = *s;
        t.clients.read = ReadState::Asked(k, s.values[k]);
        Some(t)
    }

    fn return_(&self, s: &Map, k: Key, value: Value) -> Option<Map> {
        let ReadState::Asked(asked, since) = s.clients.read else {
            return None;
        };
        given(k == asked)?;
        self.rules
            .when(Rule::KeyMapReturnVersion, s.values[k].starts_with(value))?;
        self.rules
            .when(Rule::KeyMapReturnCurrent, value.starts_with(since))?;

        let mut t = *s;
        t.clients.read = ReadState::Got(k, value);
        Some(t)
    }
}

impl<S: RuleSet<Rule>> Model for KeyMap<S> {
    type State = Map;
    type Action = Action;

    fn init_states(&self) -> Vec<Map> {
        vec![Map {
            values: PerKey::all(self.keys, Value::EMPTY),
            clients: Clients::new(self.writes),
        }]
    }

    fn actions(&self, _: &Map, actions: &mut Vec<Action>) {
        for k in Key::first(self.keys) {
            for w in Write::first(self.writes) {
                actions.extend([Action::Ask(w, k), Action::Apply(w, k), Action::Ack(w, k)]);
            }
            if self.reads {
                actions.push(Action::AskRead(k));
                actions.extend(Value::all(self.writes).map(|value| Action::Return(k, value)));
            }
        }
    }

    fn next_state(&self, s: &Map, action: Action) -> Option<Map> {
        match action {
            Action::Ask(w, k) => self.ask(s, w, k),
            Action::Apply(w, k) => self.apply(s, w, k),
            Action::Ack(w, k) => self.ack(s, w, k),
            Action::AskRead(k) => self.ask_read(s, k),
            Action::Return(k, value) => self.return_(s, k, value),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        claims::properties()
    }
}
