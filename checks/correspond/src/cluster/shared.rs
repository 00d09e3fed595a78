//! Values that many states share: hashed once, compared by address where that is enough.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use concur_engine::fingerprint::Fingerprinter;

/// A value with its hash. A step of a cluster changes one node, so a state is a few pointers that are copied and one value that is made anew.
pub struct Shared<T>(Arc<Hashed<T>>);

struct Hashed<T> {
    hash: u64,
    value: T,
}

impl<T: Hash> Shared<T> {
    /// Shares `value`.
    pub fn new(value: T) -> Self {
        let hash = Fingerprinter::new(0).of(&value);
        Self(Arc::new(Hashed { hash, value }))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.hash == other.0.hash && self.0.value == other.0.value)
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T> Hash for Shared<T> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

/// By hash, then by all that is hashed: an order that is exact, and means nothing.
impl<T: Hash + Eq> Ord for Shared<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other {
            return Ordering::Equal;
        }
        let by_hash = self.0.hash.cmp(&other.0.hash);
        by_hash.then_with(|| transcript(&self.0.value).cmp(&transcript(&other.0.value)))
    }
}

impl<T: Hash + Eq> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

/// Every byte that hashing `value` would look at.
fn transcript(value: &impl Hash) -> Vec<u8> {
    struct Transcript(Vec<u8>);

    impl Hasher for Transcript {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        fn finish(&self) -> u64 {
            0
        }
    }

    let mut transcript = Transcript(Vec::new());
    value.hash(&mut transcript);
    transcript.0
}

#[cfg(test)]
mod tests {
    use super::Shared;

    #[test]
    fn equal_values_are_equal_and_in_order_whether_or_not_they_share_an_address() {
        let one = Shared::new(vec![1, 2]);
        assert_eq!(one, one.clone());
        assert_eq!(one, Shared::new(vec![1, 2]));
        assert_ne!(one, Shared::new(vec![2, 1]));
        assert_eq!(one.cmp(&Shared::new(vec![1, 2])), std::cmp::Ordering::Equal);
    }
}
