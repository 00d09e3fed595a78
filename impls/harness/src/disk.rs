//! A disk that loses, in a crash, what was not synced; and the effects that wait for it.

use std::collections::VecDeque;

use concur_cores::{Effects, Protocol};

/// One node's disk: what is durable, and what was written but not yet synced, each piece with the effects that wait for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Disk<P: Protocol> {
    durable: Vec<P::Record>,
    written: VecDeque<Effects<P>>,
}

impl<P: Protocol> Default for Disk<P> {
    fn default() -> Self {
        Self {
            durable: Vec::new(),
            written: VecDeque::new(),
        }
    }
}

impl<P: Protocol> Disk<P> {
    /// What would be found after a crash now.
    pub fn durable(&self) -> &[P::Record] {
        &self.durable
    }

    /// How many writes wait for a sync.
    pub fn unsynced(&self) -> usize {
        self.written.len()
    }

    /// The unsynced writes, oldest first, each with the effects that wait for it.
    pub fn waiting(&self) -> impl Iterator<Item = &Effects<P>> + '_ {
        self.written.iter()
    }

    /// Writes what `effects` wants to be durable; the rest of them waits for that.
    pub fn write(&mut self, effects: Effects<P>) {
        self.written.push_back(effects);
    }

    /// The newest unsynced write: what has nothing to write itself may join it, since no crash can come between.
    pub fn newest_mut(&mut self) -> Option<&mut Effects<P>> {
        self.written.back_mut()
    }

    /// Makes the oldest unsynced write durable, and gives the effects that waited for it.
    pub fn sync_one(&mut self) -> Option<Effects<P>> {
        let mut effects = self.written.pop_front()?;
        for record in effects.persist.drain(..) {
            if P::is_checkpoint(&record) {
                self.durable.clear();
            }
            self.durable.push(record);
        }
        Some(effects)
    }

    /// Puts other records in the place of the durable ones: some that say the same.
    pub fn replace(&mut self, durable: Vec<P::Record>) {
        self.durable = durable;
    }

    /// A crash: the `kept` oldest unsynced writes happened to reach the disk, the others are lost; what waited for any of them never happens.
    pub fn crash(&mut self, kept: usize) {
        for _ in 0..kept {
            self.sync_one();
        }
        self.written.clear();
    }
}
