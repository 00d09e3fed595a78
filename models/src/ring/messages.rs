//! What clients and nodes send each other, and what a node holds of a key.

use super::{Key, MAX_EPOCHS, MAX_KEYS, MAX_WRITES, Value, Write};
use crate::kit::{Id, MsgSet, Numbered};

/// A message. Who sends and who receives it follows from the epoch and the key: the owner in that view, or the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A client asks for its write, routed by the view of that epoch.
    Write(Write, u8),
    /// A node has stored the write.
    Done(Write),
    /// A client asks for the value of the key that it reads, routed by the view of that epoch.
    Read(u8),
    /// A node returns the value that it holds.
    Answer(Value),
    /// The owner before that epoch sends the owner from that epoch on the key's data.
    Data(Key, u8, Value),
    /// The data of that epoch has arrived.
    Got(Key, u8),
}

/// Every message ever sent: it may arrive never, late, and many times, so that loss, delay, reordering and duplication need no action.
pub type Messages = MsgSet<Message, WORDS>;

const WORDS: usize = END.div_ceil(64);
const DONE: usize = MAX_WRITES * MAX_EPOCHS;
const READ: usize = DONE + MAX_WRITES;
const ANSWER: usize = READ + MAX_EPOCHS;
const GOT: usize = ANSWER + Value::COUNT;
const DATA: usize = GOT + MAX_KEYS * MAX_EPOCHS;
const END: usize = DATA + MAX_KEYS * MAX_EPOCHS * Value::COUNT;

impl Numbered for Message {
    #[inline]
    fn number(self) -> usize {
        match self {
            Self::Write(w, e) => numbered(w, e),
            Self::Done(w) => DONE + w.index(),
            Self::Read(e) => READ + e as usize - 1,
            Self::Answer(value) => ANSWER + value.number(),
            Self::Got(k, e) => GOT + numbered(k, e),
            Self::Data(k, e, value) => DATA + numbered(k, e) * Value::COUNT + value.number(),
        }
    }

    fn of_number(number: usize) -> Self {
        match number {
            DATA.. => {
                let (k, e) = of((number - DATA) / Value::COUNT);
                Self::Data(k, e, Value::of_number((number - DATA) % Value::COUNT))
            }
            GOT.. => {
                let (k, e) = of(number - GOT);
                Self::Got(k, e)
            }
            ANSWER.. => Self::Answer(Value::of_number(number - ANSWER)),
            READ.. => Self::Read((number - READ) as u8 + 1),
            DONE.. => Self::Done(Write::new(number - DONE)),
            _ => {
                let (w, e) = of(number);
                Self::Write(w, e)
            }
        }
    }
}

#[inline]
fn numbered(id: impl Id, epoch: u8) -> usize {
    id.index() * MAX_EPOCHS + epoch as usize - 1
}

fn of<I: Id>(number: usize) -> (I, u8) {
    (I::new(number / MAX_EPOCHS), (number % MAX_EPOCHS) as u8 + 1)
}

/// What a node holds of a key, on its disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// Nothing.
    #[default]
    Nothing,
    /// The key with its data: the node serves it.
    Here(Value),
    /// A copy, kept until the owner from that epoch on has acknowledged it.
    Handing(Value, u8),
}

impl Held {
    /// The data, if there is any.
    #[inline]
    pub fn value(self) -> Option<Value> {
        match self {
            Self::Nothing => None,
            Self::Here(value) | Self::Handing(value, _) => Some(value),
        }
    }

    /// The same with other data. A node that stores something under a key holds the key.
    #[inline]
    pub fn storing(self, value: Value) -> Self {
        match self {
            Self::Nothing | Self::Here(_) => Self::Here(value),
            Self::Handing(_, epoch) => Self::Handing(value, epoch),
        }
    }

    /// Whether the node serves the key.
    #[inline]
    pub fn is_here(self) -> bool {
        matches!(self, Self::Here(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_its_number() {
        for number in 0..END {
            assert_eq!(Message::of_number(number).number(), number);
        }
    }
}
