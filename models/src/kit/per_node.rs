//! A function from nodes to values, stored inline.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use super::Id;

/// `[node ∈ nodes ↦ value]` for the first `len` nodes of a kind, at most `N`, without an allocation.
#[derive(Clone, Copy)]
pub struct PerNode<I, T, const N: usize> {
    len: u8,
    values: [T; N],
    kind: PhantomData<I>,
}

impl<I: Id, T: Copy, const N: usize> PerNode<I, T, N> {
    /// The function that gives `value` to each of the first `len` nodes.
    ///
    /// # Panics
    /// If `len` exceeds `N`.
    pub fn all(len: usize, value: T) -> Self {
        assert!(len <= N, "at most {N} nodes");
        Self {
            len: len as u8,
            values: [value; N],
            kind: PhantomData,
        }
    }

    /// The function that `of` computes.
    pub fn from_fn(len: usize, of: impl Fn(I) -> T) -> Self {
        assert!(0 < len && len <= N, "1 to {N} nodes");
        let mut values = [of(I::new(0)); N];
        for (index, value) in values.iter_mut().enumerate().take(len) {
            *value = of(I::new(index));
        }
        Self {
            len: len as u8,
            values,
            kind: PhantomData,
        }
    }
}

impl<I: Id, T, const N: usize> PerNode<I, T, N> {
    /// The values, in the order of the nodes.
    #[inline(always)]
    pub fn values(&self) -> &[T] {
        &self.values[..self.len as usize]
    }

    /// The values, in the order of the nodes, to be changed.
    #[inline(always)]
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values[..self.len as usize]
    }

    /// The nodes on which the function is defined.
    #[inline(always)]
    pub fn nodes(&self) -> impl Iterator<Item = I> + Clone + use<I, T, N> {
        I::first(self.len as usize)
    }

    /// Each node with its value.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.nodes().zip(self.values())
    }
}

impl<I: Id, T, const N: usize> Index<I> for PerNode<I, T, N> {
    type Output = T;

    #[inline(always)]
    fn index(&self, node: I) -> &T {
        &self.values[node.index()]
    }
}

impl<I: Id, T, const N: usize> IndexMut<I> for PerNode<I, T, N> {
    #[inline(always)]
    fn index_mut(&mut self, node: I) -> &mut T {
        &mut self.values[node.index()]
    }
}

// Equality, order and hash look at the nodes that exist: the rest of the array is not part of the function.
impl<I: Id, T: PartialEq, const N: usize> PartialEq for PerNode<I, T, N> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.values() == other.values()
    }
}

impl<I: Id, T: Eq, const N: usize> Eq for PerNode<I, T, N> {}

impl<I: Id, T: Ord, const N: usize> PartialOrd for PerNode<I, T, N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<I: Id, T: Ord, const N: usize> Ord for PerNode<I, T, N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.values().cmp(other.values())
    }
}

impl<I: Id, T: Hash, const N: usize> Hash for PerNode<I, T, N> {
    #[inline(always)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(self.len);
        T::hash_slice(self.values(), state);
    }
}

impl<I: Id, T: fmt::Debug, const N: usize> fmt::Debug for PerNode<I, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
