//! Which operations are placed: a bit set that can say itself in few words, because it is full below and empty above.

/// A set of numbers below a bound.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    words: Vec<u64>,
    /// The first word that is not full.
    low: usize,
    /// One more than the last word that is not empty, or `low` if that is more.
    high: usize,
}

impl Done {
    pub(crate) fn none_of(bound: usize) -> Self {
        Self {
            words: vec![0; bound.div_ceil(64)],
            low: 0,
            high: 0,
        }
    }

    pub(crate) fn contains(&self, number: usize) -> bool {
        self.words[number / 64] & (1 << (number % 64)) != 0
    }

    pub(crate) fn insert(&mut self, number: usize) {
        self.words[number / 64] |= 1 << (number % 64);
        while self.words.get(self.low) == Some(&u64::MAX) {
            self.low += 1;
        }
        self.high = self.high.max(number / 64 + 1).max(self.low);
    }

    pub(crate) fn remove(&mut self, number: usize) {
        self.words[number / 64] &= !(1 << (number % 64));
        self.low = self.low.min(number / 64);
        while self.high > self.low && self.words[self.high - 1] == 0 {
            self.high -= 1;
        }
    }

    /// Appends words that only this set has, among those that have the same bound.
    pub(crate) fn write(&self, words: &mut Vec<u64>) {
        words.push(((self.low as u64) << 32) | (self.high - self.low) as u64);
        words.extend_from_slice(&self.words[self.low..self.high]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::Done;

    proptest! {
        /// Equal sets are written alike, and different ones differently, whatever way led to them.
        #[test]
        fn a_set_is_known_by_what_it_writes(flips in proptest::collection::vec(0..200_usize, 0..200)) {
            let (mut done, mut exact) = (Done::none_of(200), BTreeSet::new());
            let (mut of_words, mut of_sets) = (BTreeMap::new(), BTreeMap::new());
            for flip in (0..130).chain(flips) {
                match exact.remove(&flip) {
                    true => done.remove(flip),
                    false => {
                        exact.insert(flip);
                        done.insert(flip);
                    }
                }
                prop_assert_eq!(done.contains(flip), exact.contains(&flip));
                let mut words = Vec::new();
                done.write(&mut words);
                let same = of_words.entry(words.clone()).or_insert_with(|| exact.clone());
                prop_assert_eq!(&*same, &exact);
                let same = of_sets.entry(exact.clone()).or_insert(words.clone());
                prop_assert_eq!(&*same, &words);
            }
        }
    }
}
