//! Slots, what is chosen for them, and snapshots.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

/// A position in the log; the first is 0. As a *watermark* it says: everything below.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Slot(pub u64);

impl Slot {
    /// The slot that many later, or the last that there is.
    pub fn plus(self, slots: usize) -> Self {
        let slots = u64::try_from(slots).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(slots))
    }

    /// How many slots there are from `earlier` up to this one; none if that is not earlier.
    pub fn since(self, earlier: Self) -> usize {
        let slots = self.0.saturating_sub(earlier.0);
        usize::try_from(slots).unwrap_or(usize::MAX)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What can be chosen for a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Entry<C> {
    /// Nothing to do: fills a gap.
    NoOp,
    /// A client's command.
    Command(C),
}

impl<C: fmt::Display> fmt::Display for Entry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOp => f.write_str("no-op"),
            Self::Command(command) => command.fmt(f),
        }
    }
}

/// Entries for neighbouring slots. Shared, so that one proposal for many acceptors and for the disk is stored once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entries<C>(Arc<[Entry<C>]>);

impl<C: Clone> Entries<C> {
    /// The same without the first `n`.
    pub(super) fn skip(self, n: usize) -> Self {
        match n {
            0 => self,
            _ => Self(self.0.get(n..).unwrap_or_default().into()),
        }
    }
}

impl<C> Deref for Entries<C> {
    type Target = [Entry<C>];

    fn deref(&self) -> &[Entry<C>] {
        &self.0
    }
}

impl<C> FromIterator<Entry<C>> for Entries<C> {
    fn from_iter<I: IntoIterator<Item = Entry<C>>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<C> From<Vec<Entry<C>>> for Entries<C> {
    fn from(entries: Vec<Entry<C>>) -> Self {
        Self(entries.into())
    }
}

impl<C: fmt::Display> fmt::Display for Entries<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, self.iter())
    }
}

/// Prints as `[1 2 3]`.
pub(super) fn list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    elements: impl IntoIterator<Item = T>,
) -> fmt::Result {
    f.write_str("[")?;
    for (nth, element) in elements.into_iter().enumerate() {
        let space = if nth == 0 { "" } else { " " };
        write!(f, "{space}{element}")?;
    }
    f.write_str("]")
}

/// What executing the first slots has led to, as the host knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Snapshot {
    /// All slots below were executed.
    pub upto: Slot,
    /// The state of the host's state machine.
    pub state: Arc<[u8]>,
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "snapshot<{} of {} bytes", self.upto, self.state.len())
    }
}
