//! A function from nodes to values, stored inline.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use super::Id;

/// `[node ∈ nodes ↦ value]` for the first `len` nodes of a kind, at most `N`, without an allocation.
///
/// The places of nodes that do not exist always hold the default, so that comparing and hashing the whole array is right
/// and a loop of known length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PerNode<I, T, const N: usize> {
    len: u8,
    values: [T; N],
    kind: PhantomData<I>,
}

impl<I: Id, T: Copy + Default, const N: usize> PerNode<I, T, N> {
    /// The function that gives `value` to each of the first `len` nodes.
    ///
    /// # Panics
    /// If `len` exceeds `N`.
    pub fn all(len: usize, value: T) -> Self {
        Self::from_fn(len, |_| value)
    }

    /// The function that `of` computes.
    ///
    /// # Panics
    /// If `len` exceeds `N`.
    pub fn from_fn(len: usize, of: impl Fn(I) -> T) -> Self {
        let mut values = [T::default(); N];
        for (index, value) in values[..len].iter_mut().enumerate() {
            *value = of(I::new(index));
        }
        Self {
            len: len as u8,
            values,
            kind: PhantomData,
        }
    }
}

/// The function on no node.
impl<I: Id, T: Copy + Default, const N: usize> Default for PerNode<I, T, N> {
    fn default() -> Self {
        Self::all(0, T::default())
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
        &self.values()[node.index()]
    }
}

impl<I: Id, T, const N: usize> IndexMut<I> for PerNode<I, T, N> {
    #[inline(always)]
    fn index_mut(&mut self, node: I) -> &mut T {
        &mut self.values_mut()[node.index()]
    }
}

impl<I: Id, T: fmt::Debug, const N: usize> fmt::Debug for PerNode<I, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
