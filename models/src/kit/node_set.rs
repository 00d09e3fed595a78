//! A set of nodes, one bit each.

use std::fmt;
use std::marker::PhantomData;

use super::Id;

/// A set of at most 16 nodes of one kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeSet<I> {
    bits: u16,
    kind: PhantomData<I>,
}

impl<I: Id> NodeSet<I> {
    /// The most nodes that a set can hold.
    pub const CAPACITY: usize = 16;

    /// The set whose members are the bits of `bits`, the first node being the lowest one.
    #[inline(always)]
    pub const fn from_bits(bits: u16) -> Self {
        Self {
            bits,
            kind: PhantomData,
        }
    }

    /// The set as bits, the first node being the lowest one.
    #[inline(always)]
    pub const fn bits(self) -> u16 {
        self.bits
    }

    /// `{}`.
    #[inline(always)]
    pub const fn empty() -> Self {
        Self::from_bits(0)
    }

    /// The first `n` nodes.
    #[inline(always)]
    pub fn first(n: usize) -> Self {
        debug_assert!(n <= Self::CAPACITY);
        Self::from_bits(((1u32 << n) - 1) as u16)
    }

    /// `node ∈ self`.
    #[inline(always)]
    pub fn contains(self, node: I) -> bool {
        self.bits & (1 << node.index()) != 0
    }

    /// Adds `node`.
    #[inline(always)]
    pub fn insert(&mut self, node: I) {
        self.bits |= 1 << node.index();
    }

    /// Takes `node` away.
    #[inline(always)]
    pub fn remove(&mut self, node: I) {
        self.bits &= !(1 << node.index());
    }

    /// How many members there are.
    #[inline(always)]
    pub fn len(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// Whether there is no member.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// `self ⊆ other`.
    #[inline(always)]
    pub fn is_subset(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }

    /// `self ∪ other`.
    #[inline(always)]
    pub fn union(self, other: Self) -> Self {
        Self::from_bits(self.bits | other.bits)
    }

    /// `self ∩ other`.
    #[inline(always)]
    pub fn intersection(self, other: Self) -> Self {
        Self::from_bits(self.bits & other.bits)
    }

    /// The members, in order.
    #[inline(always)]
    pub fn iter(self) -> impl Iterator<Item = I> + Clone {
        let mut rest = self.bits;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let index = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                I::new(index)
            })
        })
    }
}

impl<I: Id> Default for NodeSet<I> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<I: Id> FromIterator<I> for NodeSet<I> {
    fn from_iter<T: IntoIterator<Item = I>>(nodes: T) -> Self {
        let mut set = Self::empty();
        for node in nodes {
            set.insert(node);
        }
        set
    }
}

impl<I: Id> fmt::Debug for NodeSet<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
