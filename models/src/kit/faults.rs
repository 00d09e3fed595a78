//! What fails: disks that lose what was not synced, processes that stop and come back, messages that are lost or come twice.
//!
//! One vocabulary for all protocols. A [`Process`] has a disk and a memory. It *writes* to a [`Durable`] cell and *syncs* it, in separate
//! steps; a *crash* can strike between any two steps, loses what was written and not synced, and takes the memory with it; a *restart* rebuilds the memory from
//! the disk, and from nothing else. How often a fault may strike is a bound ([`Faults`]).

use std::fmt;

/// A cell on a disk: what would be found there after a crash, and what has been written since.
///
/// A disk may also keep what was never synced explicitly; that is the behaviour in which the sync came just before the crash.
/// Cells are synced one by one: a protocol that needs two of them to change together must keep them in one.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Durable<T> {
    synced: T,
    written: T,
}

/// What a crash does to a disk.
pub trait Disk {
    /// Loses what was not synced.
    fn crash(&mut self);
}

impl<T: Copy + PartialEq> Durable<T> {
    /// A cell that holds `value`, safely.
    pub fn new(value: T) -> Self {
        Self {
            synced: value,
            written: value,
        }
    }

    /// What the process that wrote it reads.
    #[inline(always)]
    pub fn written(&self) -> &T {
        &self.written
    }

    /// What a crash leaves.
    #[inline(always)]
    pub fn synced(&self) -> &T {
        &self.synced
    }

    /// Writes `value`. A crash loses it until [`Durable::sync`].
    #[inline(always)]
    pub fn write(&mut self, value: T) {
        self.written = value;
    }

    /// Makes safe what was written.
    #[inline(always)]
    pub fn sync(&mut self) {
        self.synced = self.written;
    }

    /// Whether a crash would lose nothing.
    #[inline(always)]
    pub fn is_synced(&self) -> bool {
        self.synced == self.written
    }

    /// The same, with `renamed` done to what is safe and to what is not: for permutations.
    #[inline(always)]
    pub fn map(&self, renamed: impl Fn(T) -> T) -> Self {
        Self {
            synced: renamed(self.synced),
            written: renamed(self.written),
        }
    }
}

impl<T: Copy + PartialEq> Disk for Durable<T> {
    #[inline(always)]
    fn crash(&mut self) {
        self.written = self.synced;
    }
}

impl<T: Copy + PartialEq + fmt::Debug> fmt::Debug for Durable<T> {
    /// `x`, or `x (synced: y)` while a crash would lose `x`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)?;
        if self.is_synced() {
            return Ok(());
        }
        write!(f, " (synced: {:?})", self.synced)
    }
}

/// A process: its disk, and its memory while it is up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process<D, V> {
    /// What survives a crash, as far as it is synced.
    pub disk: D,
    memory: Option<V>,
}

impl<D: Disk, V> Process<D, V> {
    /// A process that is up.
    pub fn new(disk: D, memory: V) -> Self {
        Self {
            disk,
            memory: Some(memory),
        }
    }

    /// The memory, if the process is up. A guard that is physics: `let n = s.nodes[i].up()?;`
    #[inline(always)]
    pub fn up(&self) -> Option<&V> {
        self.memory.as_ref()
    }

    /// The memory, to be changed, if the process is up.
    #[inline(always)]
    pub fn up_mut(&mut self) -> Option<&mut V> {
        self.memory.as_mut()
    }

    /// Whether the process is down.
    #[inline(always)]
    pub fn is_down(&self) -> bool {
        self.memory.is_none()
    }

    /// Loses the memory, and on the disk what was not synced.
    #[inline(always)]
    pub fn crash(&mut self) {
        self.disk.crash();
        self.memory = None;
    }

    /// The same process with another disk and, if it is up, another memory: for permutations.
    #[inline(always)]
    pub fn map(&self, disk: impl FnOnce(&D) -> D, memory: impl FnOnce(&V) -> V) -> Self {
        Self {
            disk: disk(&self.disk),
            memory: self.memory.as_ref().map(memory),
        }
    }

    /// Comes back with what `recover` makes of the disk.
    #[inline(always)]
    pub fn restart(&mut self, recover: impl FnOnce(&D) -> V) {
        self.memory = Some(recover(&self.disk));
    }
}

impl<D: fmt::Debug, V: fmt::Debug> fmt::Debug for Process<D, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.memory {
            Some(memory) => write!(f, "{memory:?} disk: {:?}", self.disk),
            None => write!(f, "DOWN disk: {:?}", self.disk),
        }
    }
}

/// How often each fault has struck, or how often each may.
///
/// A model counts in its state the faults that it bounds, and states beyond `most` are outside its bounds
/// ([`Faults::BOUNDS`], [`Faults::exceeded`]), so that a check says how many steps the bound cut off. Where a set of all messages ever sent stands for
/// the network, losing, repeating and reordering them needs no count: it is always possible.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Faults {
    /// Processes that stopped.
    pub crashes: u8,
    /// Messages that the network lost.
    pub losses: u8,
    /// Messages that the network repeated.
    pub duplicates: u8,
}

impl Faults {
    /// The names of the bounds, for [`Spec::BOUNDS`](super::Spec::BOUNDS).
    pub const BOUNDS: &'static [&'static str] = &["crashes", "losses", "duplicates"];

    /// The position in [`Faults::BOUNDS`] of the first fault that has struck more often than `most` allows.
    #[inline(always)]
    pub fn exceeded(&self, most: &Self) -> Option<usize> {
        [
            self.crashes > most.crashes,
            self.losses > most.losses,
            self.duplicates > most.duplicates,
        ]
        .iter()
        .position(|&exceeded| exceeded)
    }
}

impl fmt::Debug for Faults {
    /// `none`, or `crashes 1, losses 2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [self.crashes, self.losses, self.duplicates];
        let struck = Self::BOUNDS
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0);
        let mut shown = struck.map(|(name, count)| format!("{name} {count}"));
        let first = shown.next().unwrap_or_else(|| "none".to_owned());
        f.write_str(&shown.fold(first, |all, next| all + ", " + &next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_loses_what_was_not_synced_and_nothing_else() {
        let mut process = Process::new(Durable::new(1), "memory");
        process.disk.write(2);
        process.disk.sync();
        process.disk.write(3);
        assert_eq!(format!("{process:?}"), "\"memory\" disk: 3 (synced: 2)");
        process.crash();
        assert!(process.is_down() && process.disk.is_synced());
        process.restart(|disk| if *disk.written() == 2 { "two" } else { "lost" });
        assert_eq!(process.up(), Some(&"two"));
    }

    #[test]
    fn the_bound_that_is_exceeded_first_is_named() {
        let most = Faults {
            crashes: 1,
            losses: 2,
            duplicates: 0,
        };
        let struck = |crashes, losses, duplicates| Faults {
            crashes,
            losses,
            duplicates,
        };
        assert_eq!(struck(1, 2, 0).exceeded(&most), None);
        assert_eq!(struck(2, 3, 1).exceeded(&most), Some(0));
        assert_eq!(struck(1, 3, 1).exceeded(&most), Some(1));
        assert_eq!(struck(0, 0, 1).exceeded(&most), Some(2));
        assert_eq!(format!("{:?}", struck(1, 0, 2)), "crashes 1, duplicates 2");
        assert_eq!(format!("{:?}", struck(0, 0, 0)), "none");
    }
}
