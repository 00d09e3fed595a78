//! A bag (multiset) of messages in flight, stored inline.

use std::fmt;

use super::ShortVec;

/// A bag of at most `N` messages in all, duplicates counted. Kept sorted, so that equal bags are equal states.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bag<T, const N: usize> {
    sorted: ShortVec<T, N>,
}

impl<T: Copy + Default + Ord, const N: usize> Bag<T, N> {
    /// The bag without a message.
    pub fn new() -> Self {
        Self {
            sorted: ShortVec::new(),
        }
    }

    /// Adds one copy of `message`.
    ///
    /// # Panics
    /// If the bag is full; a model's bound on the messages in flight must lie below `N`.
    #[inline]
    pub fn insert(&mut self, message: T) {
        let at = self.sorted.partition_point(|other| *other <= message);
        self.sorted.insert(at, message);
    }

    /// Takes one copy of `message` away; whether there was one.
    #[inline]
    pub fn remove(&mut self, message: &T) -> bool {
        match self.sorted.binary_search(message) {
            Ok(at) => {
                self.sorted.remove(at);
                true
            }
            Err(_) => false,
        }
    }

    /// Whether a copy of `message` is in flight.
    #[inline]
    pub fn contains(&self, message: &T) -> bool {
        self.sorted.binary_search(message).is_ok()
    }

    /// How many messages are in flight, duplicates counted.
    #[inline]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether nothing is in flight.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The messages in order, duplicates one after the other.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.sorted.iter()
    }

    /// Each message once, in order: the domain of the bag.
    pub fn distinct(&self) -> impl Iterator<Item = &T> {
        self.sorted.chunk_by(T::eq).map(|copies| &copies[0])
    }
}

impl<T: Copy + Default + Ord, const N: usize> Default for Bag<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy + Default + Ord, const N: usize> FromIterator<T> for Bag<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(messages: I) -> Self {
        let mut bag = Self::new();
        for message in messages {
            bag.insert(message);
        }
        bag
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for Bag<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sorted.fmt(f)
    }
}
