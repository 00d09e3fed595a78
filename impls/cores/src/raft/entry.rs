//! What a log is made of: commands, entries, and slices of entries that messages and records share.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Debug, Display};
use core::hash::Hash;
use core::ops::Deref;

use crate::Command;

/// An entry of a log: the term of the leader that took it, and the command (Figure 2).
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entry<C> {
    /// The term of the leader that created the entry.
    pub term: u64,
    /// What to apply; nothing in the entry with which a leader begins its term (§8).
    pub command: Option<C>,
}

impl<C: Command> Entry<C> {
    /// What an entry takes beside its command: its term, and what frames it.
    const OVERHEAD: usize = 16;

    /// About how many bytes the entry takes in a message.
    #[inline]
    pub fn bytes(&self) -> usize {
        Self::OVERHEAD + self.command.as_ref().map_or(0, Command::bytes)
    }
}

impl<C: Debug> Debug for Entry<C> {
    /// `@2 a`, or `@2` where there is no command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.term)?;
        match &self.command {
            Some(command) => write!(f, " {command:?}"),
            None => Ok(()),
        }
    }
}

/// A place in a log: an index, and the term of the entry there. `0@0` is the place before the first entry.
///
/// There is no order on places: the paper compares terms and then indices (§5.4.1), and only where it asks who is up-to-date.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Position {
    /// The index, from 1.
    pub index: u64,
    /// The term of the entry at that index.
    pub term: u64,
}

impl Debug for Position {
    /// `3@2`: index 3, term 2.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.index, self.term)
    }
}

impl Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}

/// Consecutive entries that nobody changes any more: a record and the messages to all followers share one allocation.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        from = "Vec<Entry<C>>",
        into = "Vec<Entry<C>>",
        bound(
            serialize = "C: Clone + serde::Serialize",
            deserialize = "C: serde::Deserialize<'de>"
        )
    )
)]
pub struct Entries<C>(Option<Arc<[Entry<C>]>>);

impl<C> Entries<C> {
    /// No entries; takes no memory.
    pub const fn none() -> Self {
        Self(None)
    }
}

impl<C> Default for Entries<C> {
    fn default() -> Self {
        Self::none()
    }
}

impl<C> FromIterator<Entry<C>> for Entries<C> {
    fn from_iter<I: IntoIterator<Item = Entry<C>>>(entries: I) -> Self {
        let entries: Arc<[Entry<C>]> = entries.into_iter().collect();
        Self((!entries.is_empty()).then_some(entries))
    }
}

impl<C> From<Vec<Entry<C>>> for Entries<C> {
    fn from(entries: Vec<Entry<C>>) -> Self {
        entries.into_iter().collect()
    }
}

impl<C: Clone> From<Entries<C>> for Vec<Entry<C>> {
    fn from(entries: Entries<C>) -> Self {
        entries.to_vec()
    }
}

impl<C: Clone> From<&[Entry<C>]> for Entries<C> {
    fn from(entries: &[Entry<C>]) -> Self {
        Self((!entries.is_empty()).then(|| entries.into()))
    }
}

impl<C> Deref for Entries<C> {
    type Target = [Entry<C>];

    #[inline]
    fn deref(&self) -> &[Entry<C>] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<C: Debug> Debug for Entries<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Entries as a story tells them: `[3@2 a, 4@2 b]`, where the first one is at `first`.
pub(super) struct Numbered<'a, C> {
    pub(super) first: u64,
    pub(super) entries: &'a [Entry<C>],
}

impl<C: Display> Display for Numbered<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, entry) in self.entries.iter().enumerate() {
            let space = if at == 0 { "" } else { ", " };
            let index = self.first.saturating_add(at as u64);
            write!(f, "{space}{index}@{}", entry.term)?;
            if let Some(command) = &entry.command {
                write!(f, " {command}")?;
            }
        }
        f.write_str("]")
    }
}
