//! Many objects of one kind, each under its key: of registers, a key-value map.

use std::fmt::Debug;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::Specification;

/// An operation on the object of that key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At<K, O> {
    /// The key.
    pub key: K,
    /// The operation.
    pub operation: O,
}

/// An object for each key. They are looked at one by one.
#[derive(Clone, Copy, Debug)]
pub struct Keyed<K, S> {
    each: S,
    keys: PhantomData<K>,
}

impl<K, S> Keyed<K, S> {
    /// Such an object for each key.
    pub fn new(each: S) -> Self {
        Self {
            each,
            keys: PhantomData,
        }
    }
}

impl<K, S: Default> Default for Keyed<K, S> {
    fn default() -> Self {
        Self::new(S::default())
    }
}

impl<K: Ord + Clone + Debug, S: Specification<Key = ()>> Specification for Keyed<K, S> {
    type Operation = At<K, S::Operation>;
    type Answer = S::Answer;
    type Key = K;
    type State = S::State;

    fn key(&self, operation: &Self::Operation) -> K {
        operation.key.clone()
    }

    fn initial(&self, _: &K) -> S::State {
        self.each.initial(&())
    }

    fn only_reads(&self, operation: &Self::Operation) -> bool {
        self.each.only_reads(&operation.operation)
    }

    fn apply(
        &self,
        state: &S::State,
        operation: &Self::Operation,
        answer: Option<&S::Answer>,
    ) -> Option<S::State> {
        self.each.apply(state, &operation.operation, answer)
    }
}
