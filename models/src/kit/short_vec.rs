//! A sequence with room for a few elements, stored inline.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

/// A `Vec` of at most `N` elements that is `Copy` and never allocates: a server's log, the messages in flight.
///
/// Reads as a slice; equality, order and hash are those of the slice.
#[derive(Clone, Copy)]
pub struct ShortVec<T, const N: usize> {
    len: u8,
    items: [T; N],
}

impl<T: Copy + Default, const N: usize> ShortVec<T, N> {
    /// `⟨⟩`.
    #[inline(always)]
    pub fn new() -> Self {
        Self {
            len: 0,
            items: [T::default(); N],
        }
    }

    /// Adds an element at the end.
    ///
    /// # Panics
    /// If there is no room.
    #[inline(always)]
    pub fn push(&mut self, item: T) {
        self.items[self.len as usize] = item;
        self.len += 1;
    }

    /// Puts an element at `index` and moves those behind it up.
    ///
    /// # Panics
    /// If there is no room or `index` exceeds the length.
    pub fn insert(&mut self, index: usize, item: T) {
        self.push(item);
        self[index..].rotate_right(1);
    }

    /// Takes the element at `index` out and moves those behind it down.
    ///
    /// # Panics
    /// If there is no such element.
    pub fn remove(&mut self, index: usize) -> T {
        self[index..].rotate_left(1);
        self.len -= 1;
        std::mem::take(&mut self.items[self.len as usize])
    }

    /// Keeps the first `len` elements.
    #[inline(always)]
    pub fn truncate(&mut self, len: usize) {
        while self.len as usize > len {
            self.len -= 1;
            self.items[self.len as usize] = T::default();
        }
    }
}

impl<T: Copy + Default, const N: usize> Default for ShortVec<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy + Default, const N: usize> FromIterator<T> for ShortVec<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut all = Self::new();
        for item in items {
            all.push(item);
        }
        all
    }
}

impl<T, const N: usize> Deref for ShortVec<T, N> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.items[..self.len as usize]
    }
}

impl<T, const N: usize> DerefMut for ShortVec<T, N> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items[..self.len as usize]
    }
}

impl<T: PartialEq, const N: usize> PartialEq for ShortVec<T, N> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq, const N: usize> Eq for ShortVec<T, N> {}

impl<T: PartialOrd, const N: usize> PartialOrd for ShortVec<T, N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Ord, const N: usize> Ord for ShortVec<T, N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Hash, const N: usize> Hash for ShortVec<T, N> {
    #[inline(always)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(self.len);
        T::hash_slice(self, state);
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for ShortVec<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
