//! A function from nodes to a few possible values, packed into one word.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Index;

use super::Id;

/// A value that is one of at most 16.
pub trait OneOf: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// All values, in the order of their codes.
    const ALL: &'static [Self];

    /// The value's position in [`OneOf::ALL`].
    fn code(self) -> usize;
}

/// `[node ∈ nodes ↦ value]` for at most 16 nodes, four bits each: compared, hashed and copied as one number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packed<I, T> {
    word: u64,
    len: u8,
    kind: PhantomData<(I, T)>,
}

const BITS: usize = 4;
const MASK: u64 = (1 << BITS) - 1;

impl<I: Id, T: OneOf> Packed<I, T> {
    /// The most nodes that a word holds.
    pub const CAPACITY: usize = 64 / BITS;

    /// The function that gives `value` to each of the first `len` nodes.
    ///
    /// # Panics
    /// If `len` exceeds the capacity.
    pub fn all(len: usize, value: T) -> Self {
        assert!(len <= Self::CAPACITY, "at most {} nodes", Self::CAPACITY);
        let mut all = Self {
            word: 0,
            len: len as u8,
            kind: PhantomData,
        };
        for node in all.nodes() {
            all.set(node, value);
        }
        all
    }

    /// Gives `value` to `node`.
    #[inline(always)]
    pub fn set(&mut self, node: I, value: T) {
        let shift = BITS * node.index();
        self.word = self.word & !(MASK << shift) | (value.code() as u64) << shift;
    }

    /// The nodes on which the function is defined.
    #[inline(always)]
    pub fn nodes(&self) -> impl Iterator<Item = I> + Clone + use<I, T> {
        I::first(self.len as usize)
    }

    /// The values, in the order of the nodes.
    #[inline(always)]
    pub fn values(&self) -> impl Iterator<Item = T> + Clone + use<I, T> {
        let this = *self;
        self.nodes().map(move |node| this[node])
    }

    /// Each node with its value.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = (I, T)> + Clone + use<I, T> {
        self.nodes().zip(self.values())
    }

    /// Whether some node has `value`.
    #[inline(always)]
    pub fn contains(&self, value: T) -> bool {
        self.values().any(|other| other == value)
    }
}

impl<I: Id, T: OneOf> Index<I> for Packed<I, T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, node: I) -> &T {
        &T::ALL[(self.word >> (BITS * node.index()) & MASK) as usize]
    }
}

impl<I: Id, T: OneOf> fmt::Debug for Packed<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
