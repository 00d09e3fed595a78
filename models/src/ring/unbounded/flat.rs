//! How the unbounded ring refines the flat one: where both have room, they are the same.

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::{Held, Message, ReadState, State, UnboundedRing, Value};
use crate::kit::{Id, PerNode, Refines};
use crate::ring::messages::{Held as FlatHeld, Message as FlatMessage};
use crate::ring::protocol::{Ring, State as FlatState};
use crate::ring::{Clients, Node, PerKey, ReadState as FlatRead, Value as FlatValue, Write};

impl<S: RuleSet<Rule>> Refines for UnboundedRing<S> {
    type Abstract = Ring;

    /// The flat ring of the same size, whose nodes have one token each.
    fn abstract_model(&self) -> Ring {
        Ring {
            nodes: self.tokens.len(),
            positions: self.positions,
            keys: self.keys,
            writes: self.writes,
            reads: self.reads > 0,
            epochs: self.epochs as u8,
            crashes: self.crashes as u8,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> FlatState {
        let views = s.views.iter().map(|view| view.iter().copied().collect());
        FlatState {
            views: views.collect(),
            epoch: PerNode::from_fn(self.tokens.len(), |n: Node| s.epoch[n.index()] as u8),
            held: PerNode::from_fn(self.tokens.len(), |n| {
                PerKey::from_fn(self.keys, |k| held(s.held(n, k)))
            }),
            down: s.down.iter().copied().collect(),
            crashes: s.crashes as u8,
            clients: Clients {
                writes: PerNode::from_fn(self.writes, |w: Write| s.writes[w.index()]),
                read: s.reads.first().map(read).unwrap_or_default(),
            },
            messages: s.messages.iter().map(message).collect(),
        }
    }
}

/// A list that is too long, which only a mutant makes, is cut: the step that first repeated a write has been refused before.
fn value(writes: &Value) -> FlatValue {
    let flat = |value: FlatValue, w: &_| value.with(*w).unwrap_or(value);
    writes.iter().fold(FlatValue::EMPTY, flat)
}

fn held(held: &Held) -> FlatHeld {
    match held {
        Held::Nothing => FlatHeld::Nothing,
        Held::Here(writes) => FlatHeld::Here(value(writes)),
        Held::Handing(writes, e) => FlatHeld::Handing(value(writes), *e as u8),
    }
}

fn read(read: &ReadState) -> FlatRead {
    match read {
        ReadState::New => FlatRead::New,
        ReadState::Asked(k, since) => FlatRead::Asked(*k, value(since)),
        ReadState::Got(k, got) => FlatRead::Got(*k, value(got)),
    }
}

fn message(message: &Message) -> FlatMessage {
    match message {
        Message::Write(w, e) => FlatMessage::Write(*w, *e as u8),
        Message::Done(w) => FlatMessage::Done(*w),
        Message::Read(_, e) => FlatMessage::Read(*e as u8),
        Message::Answer(_, got) => FlatMessage::Answer(value(got)),
        Message::Data(k, e, sent) => FlatMessage::Data(*k, *e as u8, value(sent)),
        Message::Got(k, e) => FlatMessage::Got(*k, *e as u8),
    }
}
