//! What clients and nodes of the replicated ring send each other.

use crate::kit::{Id, MsgSet, Numbered};
use crate::ring::replicated::MAX_NODES;
use crate::ring::{Key, MAX_EPOCHS, MAX_KEYS, MAX_WRITES, Node, Value, Write};

/// A message. Who sends and who receives it follows from the epoch and the key: the owner in that view, or its replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A client asks for its write, routed by the view of that epoch.
    Write(Write, u8),
    /// A node returns the value that it holds.
    Answer(Value),
    /// Every replica of the key has stored this value: the client of its last write is told.
    Done(Key, Value),
    /// A replica has stored that many writes of the key, in that epoch. Within an epoch their number tells which they are.
    Stored(Key, u8, u8, Node),
    /// The owner in that epoch sends its copy of the key to the replicas.
    Copy(Key, u8, Value),
}

/// Every message ever sent: it may arrive never, late, and many times, so that loss, delay, reordering and duplication need no action.
pub type Messages = MsgSet<Message, WORDS>;

const WORDS: usize = END.div_ceil(64);
const LENGTHS: usize = MAX_WRITES + 1;
const ANSWER: usize = MAX_WRITES * MAX_EPOCHS;
const DONE: usize = ANSWER + Value::COUNT;
const STORED: usize = DONE + MAX_KEYS * Value::COUNT;
const COPY: usize = STORED + MAX_KEYS * MAX_EPOCHS * LENGTHS * MAX_NODES;
const END: usize = COPY + MAX_KEYS * MAX_EPOCHS * Value::COUNT;

impl Numbered for Message {
    #[inline]
    fn number(self) -> usize {
        match self {
            Self::Write(w, e) => numbered(w, e),
            Self::Answer(value) => ANSWER + value.number(),
            Self::Done(k, value) => DONE + k.index() * Value::COUNT + value.number(),
            Self::Stored(k, e, len, n) => {
                STORED + (numbered(k, e) * LENGTHS + len as usize) * MAX_NODES + n.index()
            }
            Self::Copy(k, e, value) => COPY + numbered(k, e) * Value::COUNT + value.number(),
        }
    }

    fn of_number(number: usize) -> Self {
        match number {
            COPY.. => {
                let (k, e) = of((number - COPY) / Value::COUNT);
                Self::Copy(k, e, Value::of_number((number - COPY) % Value::COUNT))
            }
            STORED.. => {
                let (rest, n) = ((number - STORED) / MAX_NODES, (number - STORED) % MAX_NODES);
                let (k, e) = of(rest / LENGTHS);
                Self::Stored(k, e, (rest % LENGTHS) as u8, Node::new(n))
            }
            DONE.. => {
                let (k, value) = (
                    (number - DONE) / Value::COUNT,
                    (number - DONE) % Value::COUNT,
                );
                Self::Done(Key::new(k), Value::of_number(value))
            }
            ANSWER.. => Self::Answer(Value::of_number(number - ANSWER)),
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
