//! Names of nodes: small numbers that print as the papers write them.

use std::fmt::Debug;
use std::hash::Hash;

/// A node of one kind (a server, an acceptor, a resource manager), counted from 0 and printed from 1.
pub trait Id: Copy + Ord + Hash + Debug + Send + Sync + 'static {
    /// The node with that index.
    fn new(index: usize) -> Self;

    /// The index of the node, from 0.
    fn index(self) -> usize;

    /// The first `n` nodes.
    fn first(n: usize) -> impl Iterator<Item = Self> + Clone {
        (0..n).map(Self::new)
    }
}

/// Declares kinds of nodes: `ids! { /// A server. pub Server = "n" }` prints the first one as `n1`.
#[macro_export]
macro_rules! ids {
    ($( $(#[$about:meta])* pub $Name:ident = $prefix:literal; )+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name(pub u8);

        impl $crate::kit::Id for $Name {
            #[inline(always)]
            fn new(index: usize) -> Self {
                Self(index as u8)
            }

            #[inline(always)]
            fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0 + 1)
            }
        }
    )+};
}
