//! A function from a few nodes to small numbers, packed into one word.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Index;

use super::Id;

/// `[node ∈ nodes ↦ 0..=15]` for at most 7 nodes, four bits each: compared, hashed and copied as one number.
///
/// The highest four bits hold the number of nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nibbles<I> {
    word: u32,
    kind: PhantomData<I>,
}

const BITS: usize = 4;
const MASK: u32 = (1 << BITS) - 1;

/// [`Index`] returns a reference: to one of these.
static NUMBERS: [u8; 1 << BITS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

impl<I: Id> Nibbles<I> {
    /// The most nodes that a word holds.
    pub const CAPACITY: usize = 32 / BITS - 1;

    /// The function that gives `value` to each of the first `len` nodes.
    ///
    /// # Panics
    /// If `len` exceeds the capacity, or `value` 15.
    pub fn all(len: usize, value: u8) -> Self {
        assert!(len <= Self::CAPACITY, "at most {} nodes", Self::CAPACITY);
        let mut all = Self {
            word: (len as u32) << (BITS * Self::CAPACITY),
            kind: PhantomData,
        };
        for node in all.nodes() {
            all.set(node, value);
        }
        all
    }

    /// Gives `value` to `node`.
    ///
    /// # Panics
    /// If `value` exceeds 15.
    #[inline(always)]
    pub fn set(&mut self, node: I, value: u8) {
        assert!(u32::from(value) <= MASK, "a number below 16");
        let shift = BITS * node.index();
        self.word = self.word & !(MASK << shift) | u32::from(value) << shift;
    }

    /// How many nodes there are.
    #[inline(always)]
    pub fn len(self) -> usize {
        (self.word >> (BITS * Self::CAPACITY)) as usize
    }

    /// Whether there is no node.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The nodes on which the function is defined.
    #[inline(always)]
    pub fn nodes(self) -> impl Iterator<Item = I> + Clone + use<I> {
        I::first(self.len())
    }

    /// The values, in the order of the nodes.
    #[inline(always)]
    pub fn values(self) -> impl Iterator<Item = u8> + Clone + use<I> {
        self.nodes().map(move |node| self[node])
    }

    /// Each node with its value.
    #[inline(always)]
    pub fn iter(self) -> impl Iterator<Item = (I, u8)> + Clone + use<I> {
        self.nodes().zip(self.values())
    }
}

impl<I: Id> Index<I> for Nibbles<I> {
    type Output = u8;

    #[inline(always)]
    fn index(&self, node: I) -> &u8 {
        &NUMBERS[(self.word >> (BITS * node.index()) & MASK) as usize]
    }
}

impl<I: Id> fmt::Debug for Nibbles<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::ids! {
        #[allow(unreachable_pub)]
        /// A node.
        pub Node = "n";
    }

    #[test]
    fn every_node_keeps_its_own_number() {
        let mut numbers = Nibbles::<Node>::all(Nibbles::<Node>::CAPACITY, 15);
        for (node, value) in numbers.nodes().zip([3, 0, 15, 7, 8, 1, 2]) {
            numbers.set(node, value);
        }
        assert!(numbers.values().eq([3, 0, 15, 7, 8, 1, 2]));
        assert_eq!(numbers.len(), 7);
        assert_ne!(Nibbles::<Node>::all(2, 0), Nibbles::<Node>::all(3, 0));
    }
}
