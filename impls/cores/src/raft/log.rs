//! A log whose beginning a snapshot may have replaced.

use alloc::vec::Vec;

use super::entry::{Entries, Entry, Position};
use crate::Command;

/// The entries behind a snapshot. Their indices are `start.index + 1`, and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Log<C> {
    pub(super) start: Position,
    pub(super) entries: Vec<Entry<C>>,
}

impl<C: Command> Log<C> {
    /// Where the snapshot ends: the first place whose term is still known.
    #[inline]
    pub(super) fn start(&self) -> Position {
        self.start
    }

    /// The last place.
    #[inline]
    pub(super) fn last(&self) -> Position {
        self.entries.last().map_or(self.start, |entry| Position {
            index: self.last_index(),
            term: entry.term,
        })
    }

    /// The index of the last place.
    #[inline]
    pub(super) fn last_index(&self) -> u64 {
        self.start.index + self.entries.len() as u64
    }

    /// The term at that index; `None` if it is not known any more, or not yet there.
    #[inline]
    pub(super) fn term_at(&self, index: u64) -> Option<u64> {
        match index.checked_sub(self.start.index)? {
            0 => Some(self.start.term),
            offset => Some(self.entries.get(offset as usize - 1)?.term),
        }
    }

    /// That index, with the term there.
    #[inline]
    pub(super) fn position(&self, index: u64) -> Option<Position> {
        let term = self.term_at(index)?;
        Some(Position { index, term })
    }

    /// The entries behind `index`, as far as they are still there.
    #[inline]
    pub(super) fn after(&self, index: u64) -> &[Entry<C>] {
        let offset = index.saturating_sub(self.start.index) as usize;
        self.entries.get(offset..).unwrap_or_default()
    }

    /// The last place at or before `at` whose term is at most that of `at`; `None` if that place is not known any more. Terms in a log never go down (§5.3), so half of what is
    /// left is ruled out at a time.
    pub(super) fn last_upto(&self, at: Position) -> Option<Position> {
        let upto = at.index.saturating_sub(self.start.index) as usize;
        let upto = &self.entries[..upto.min(self.entries.len())];
        let count = upto.partition_point(|entry| entry.term <= at.term);
        match count.checked_sub(1) {
            Some(last) => Some(Position {
                index: self.start.index + count as u64,
                term: upto[last].term,
            }),
            None => {
                (self.start.index <= at.index && self.start.term <= at.term).then_some(self.start)
            }
        }
    }

    /// Puts entries at the end.
    #[inline]
    pub(super) fn append(&mut self, entries: &[Entry<C>]) {
        self.entries.extend_from_slice(entries);
    }

    /// Removes what is behind `index`.
    pub(super) fn truncate(&mut self, index: u64) {
        let kept = index.saturating_sub(self.start.index);
        self.entries.truncate(kept as usize);
    }

    /// Forgets what is at or before `start`, an entry of the log.
    pub(super) fn compact(&mut self, start: Position) {
        let gone = start.index.saturating_sub(self.start.index) as usize;
        self.entries.drain(..gone.min(self.entries.len()));
        self.start = start;
    }

    /// Forgets everything, and begins behind `start`.
    pub(super) fn reset(&mut self, start: Position) {
        self.entries.clear();
        self.start = start;
    }

    /// Everything behind the snapshot.
    pub(super) fn entries(&self) -> Entries<C> {
        Entries::from(self.entries.as_slice())
    }
}
