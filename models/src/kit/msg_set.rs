//! A set of messages that only grows, one bit for each message of a finite universe.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

/// A message that has a number in a finite universe.
pub trait Numbered: Copy + Send + Sync + 'static {
    /// The message's number. Different messages have different numbers.
    fn number(self) -> usize;

    /// The message of that number.
    fn of_number(number: usize) -> Self;
}

/// A set of messages numbered below `64 * W`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsgSet<M, const W: usize> {
    words: [u64; W],
    messages: PhantomData<M>,
}

impl<M: Numbered, const W: usize> MsgSet<M, W> {
    /// `{}`.
    #[inline(always)]
    pub const fn empty() -> Self {
        Self {
            words: [0; W],
            messages: PhantomData,
        }
    }

    /// Adds `message`.
    #[inline(always)]
    pub fn insert(&mut self, message: M) {
        let number = message.number();
        self.words[number / 64] |= 1 << (number % 64);
    }

    /// Whether `message` was sent.
    #[inline(always)]
    pub fn contains(&self, message: M) -> bool {
        let number = message.number();
        self.words[number / 64] & (1 << (number % 64)) != 0
    }

    /// The messages that were sent, in the order of their numbers.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = M> + Clone + use<M, W> {
        let words = self.words;
        let (mut word, mut rest) = (0, words[0]);
        std::iter::from_fn(move || {
            while rest == 0 {
                word += 1;
                rest = *words.get(word)?;
            }
            Some(M::of_number(64 * word + take_lowest(&mut rest)))
        })
    }

    /// The messages that were sent, of those numbered in `range`, in order. The range spans at most 64 numbers.
    #[inline(always)]
    pub fn within(&self, range: Range<usize>) -> impl Iterator<Item = M> + Clone + use<M, W> {
        let mut rest = self.bits(&range);
        std::iter::from_fn(move || {
            (rest != 0).then(|| M::of_number(range.start + take_lowest(&mut rest)))
        })
    }

    /// Whether any message was sent of those numbered in `range`, which spans at most 64 numbers.
    #[inline(always)]
    pub fn any_within(&self, range: Range<usize>) -> bool {
        self.bits(&range) != 0
    }

    /// Two words side by side, shifted: no branch that depends on where the range lies.
    #[inline(always)]
    fn bits(&self, range: &Range<usize>) -> u64 {
        debug_assert!(range.len() <= 64 && range.end <= 64 * W);
        if range.is_empty() {
            return 0;
        }
        let word = range.start / 64;
        let high = self.words.get(word + 1).copied().unwrap_or(0);
        let both = u128::from(high) << 64 | u128::from(self.words[word]);
        (both >> (range.start % 64)) as u64 & (u64::MAX >> (64 - range.len()))
    }

    /// The messages numbered in `range`, which spans at most 64 numbers, as a set of what is numbered from 0 in the same order.
    #[inline(always)]
    pub fn part<N: Numbered>(&self, range: Range<usize>) -> MsgSet<N, 1> {
        MsgSet {
            words: [self.bits(&range)],
            messages: PhantomData,
        }
    }

    /// `self ⊆ other`.
    #[inline(always)]
    pub fn is_subset(&self, other: &Self) -> bool {
        let mut words = self.words.iter().zip(&other.words);
        words.all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// Whether none was sent.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }
}

impl<M: Numbered> MsgSet<M, 1> {
    /// Those numbered in `range`.
    #[inline(always)]
    pub fn only(self, range: Range<usize>) -> Self {
        Self {
            words: [self.bits(&range) << range.start],
            ..self
        }
    }
}

impl<M: Numbered, const W: usize> Default for MsgSet<M, W> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<M: Numbered, const W: usize> FromIterator<M> for MsgSet<M, W> {
    fn from_iter<T: IntoIterator<Item = M>>(messages: T) -> Self {
        let mut set = Self::empty();
        for message in messages {
            set.insert(message);
        }
        set
    }
}

impl<M: Numbered + fmt::Debug, const W: usize> fmt::Debug for MsgSet<M, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The position of the lowest bit that is set, which is cleared.
#[inline(always)]
fn take_lowest(bits: &mut u64) -> usize {
    let lowest = bits.trailing_zeros() as usize;
    *bits &= *bits - 1;
    lowest
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Numbered for usize {
        fn number(self) -> usize {
            self
        }

        fn of_number(number: usize) -> Self {
            number
        }
    }

    #[test]
    fn within_is_iter_filtered_by_range() {
        let set: MsgSet<usize, 3> = (0..192).filter(|n| n % 3 != 1 && n % 7 != 2).collect();
        for start in 0..=192 {
            for end in start..=192.min(start + 64) {
                let filtered = set.iter().filter(|n| (start..end).contains(n));
                assert!(set.within(start..end).eq(filtered), "{start}..{end}");
            }
        }
    }
}
