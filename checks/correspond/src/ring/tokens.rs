//! Where tokens and keys lie, and what keys and values are called: the model's small numbers as what cores know.

use std::sync::Arc;

use concur_cores::ring::hand_over::Bytes;
use concur_cores::ring::{Member, Placement, Position};
use concur_models::kit::Id;
use concur_models::ring::{Key, Write};

/// Points and keys at positions of a small ring, as the model has them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tokens {
    /// Where the tokens of each node lie.
    pub of: Arc<Vec<Vec<usize>>>,
    /// How many positions there are.
    pub positions: usize,
}

impl Placement for Tokens {
    fn points(&self, member: &Member, _: u32, put: impl FnMut(Position)) {
        let tokens = &self.of[member.id.0 as usize - 1];
        tokens.iter().map(|token| at(*token)).for_each(put);
    }

    fn position(&self, key: &[u8]) -> Position {
        self.of_key(Key(key.first().map_or(0, |byte| byte - b'a')))
    }
}

impl Tokens {
    /// Where a key lies.
    pub fn of_key(&self, k: Key) -> Position {
        at((k.index() + 1) % self.positions)
    }
}

/// A small position as one of the ring's, in its high bits.
fn at(small: usize) -> Position {
    (small as u64) << 56
}

/// The bytes of a key.
pub(super) fn key(k: Key) -> Bytes {
    Bytes(vec![b'a' + k.0])
}

/// The key of these bytes.
pub(super) fn key_of(bytes: &Bytes) -> Key {
    Key(bytes.0.first().map_or(0, |byte| byte - b'a'))
}

/// What a write writes: its name.
pub(super) fn value(w: Write) -> Bytes {
    Bytes::from(&*format!("{w:?}"))
}
