//! The value of a key: the list of the writes that took effect, six bits of it.

use std::fmt;

use super::{MAX_WRITES, Write};
use crate::kit::{Id, Numbered};

/// What a key holds. A write appends itself (the "list append" of Kingsbury & Alvaro, *Elle*, 2020), so that a value tells which writes took
/// effect and in which order: a lost, repeated or reordered write shows.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(u8);

const ROOM: usize = MAX_WRITES;

impl Value {
    /// How many values there are, at most.
    pub const COUNT: usize = 1 << (2 * ROOM);

    /// `⟨⟩`.
    pub const EMPTY: Self = Self(0);

    /// Every list of the first `writes` writes that has room, those with repetitions, too.
    pub fn all(writes: usize) -> impl Iterator<Item = Self> {
        (0..Self::COUNT as u8).map(Self).filter(move |value| {
            let len = value.len();
            (0..ROOM).all(|at| match value.digit(at) {
                0 => at >= len,
                digit => digit as usize <= writes && at < len,
            })
        })
    }

    /// The value with `write` behind the others; `None` if a list has no more room, which only a write applied twice can bring about.
    #[inline]
    pub fn with(self, write: Write) -> Option<Self> {
        let len = self.len();
        (len < ROOM).then(|| Self(self.0 | (write.0 + 1) << (2 * len)))
    }

    /// The value as it was when it held `len` writes.
    #[inline]
    pub fn prefix(self, len: usize) -> Self {
        Self(self.0 & ((1 << (2 * len)) - 1))
    }

    /// The writes in the order in which they took effect.
    #[inline]
    pub fn writes(self) -> impl Iterator<Item = Write> + Clone {
        (0..self.len()).map(move |at| Write(self.digit(at) - 1))
    }

    /// Whether `write` has taken effect.
    #[inline]
    pub fn contains(self, write: Write) -> bool {
        self.writes().any(|w| w == write)
    }

    /// Whether a write took effect twice.
    pub fn has_repetition(self) -> bool {
        Write::first(MAX_WRITES).any(|w| self.writes().filter(|&other| other == w).count() > 1)
    }

    /// Whether the value was once `earlier`, or is.
    #[inline]
    pub fn starts_with(self, earlier: Self) -> bool {
        self.0 & ((1 << (2 * earlier.len())) - 1) == earlier.0
    }

    /// How many writes have taken effect.
    #[inline]
    pub fn len(self) -> usize {
        (0..ROOM)
            .rev()
            .find(|&at| self.digit(at) != 0)
            .map_or(0, |at| at + 1)
    }

    /// Whether no write has taken effect.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[inline]
    fn digit(self, at: usize) -> u8 {
        self.0 >> (2 * at) & 3
    }
}

impl Numbered for Value {
    fn number(self) -> usize {
        self.0 as usize
    }

    fn of_number(number: usize) -> Self {
        Self(number as u8)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.writes()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_as_the_list_of_its_writes() {
        let value = Value::EMPTY.with(Write(2)).unwrap().with(Write(0)).unwrap();
        assert_eq!(format!("{value:?}"), "[w3, w1]");
        assert!(value.contains(Write(2)) && !value.contains(Write(1)));
        assert!(value.starts_with(Value::EMPTY.with(Write(2)).unwrap()));
        assert!(!value.starts_with(Value::EMPTY.with(Write(0)).unwrap()));
        assert!(value.starts_with(value) && !Value::EMPTY.starts_with(value));
        assert!(!value.has_repetition());
        let full = value.with(Write(0)).unwrap();
        assert!(full.has_repetition() && full.with(Write(1)).is_none());
    }

    #[test]
    fn all_values_are_counted_once() {
        assert_eq!(Value::all(1).count(), 1 + 1 + 1 + 1);
        assert_eq!(Value::all(2).count(), 1 + 2 + 4 + 8);
        assert_eq!(Value::all(3).count(), 1 + 3 + 9 + 27);
    }
}
