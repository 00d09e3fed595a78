//! Which configurations were met before.

use std::collections::HashSet;
use std::hash::Hash;

/// What is placed, in words that say it exactly.
pub(crate) type Placed = Box<[u64]>;

/// Remembers configurations: what is placed, and the state that it led to.
pub(crate) trait Memo<S>: Default {
    /// Takes note of a configuration. Whether it is new.
    fn is_new(&mut self, placed: Placed, state: &S) -> bool;
}

/// Remembers all of them, and exactly.
#[derive(Debug)]
pub(crate) struct Exact<S>(HashSet<(Placed, S)>);

impl<S> Default for Exact<S> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<S: Clone + Eq + Hash> Memo<S> for Exact<S> {
    fn is_new(&mut self, placed: Placed, state: &S) -> bool {
        self.0.insert((placed, state.clone()))
    }
}
