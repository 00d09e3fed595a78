//! A disk that loses, in a crash, what was not synced; and the effects that wait for it.

use std::collections::VecDeque;

use concur_cores::{Effects, Protocol};

/// One node's disk: what is durable, and what was written but not yet synced, each piece with the effects that wait for it.
#[derive(Clone, Debug)]
pub struct Disk<P: Protocol> {
    durable: Vec<P::Record>,
    written: VecDeque<Effects<P>>,
    syncs: u64,
}

impl<P: Protocol> Default for Disk<P> {
    fn default() -> Self {
        Self {
            durable: Vec::new(),
            written: VecDeque::new(),
            syncs: 0,
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

    /// How many writes with records have become durable: what a protocol costs at a disk that syncs each of them.
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    /// Writes what `effects` wants to be durable; the rest of them waits for that.
    pub fn write(&mut self, effects: Effects<P>) {
        self.written.push_back(effects);
    }

    /// Makes the oldest unsynced write durable, and gives the effects that waited for it.
    pub fn sync_one(&mut self) -> Option<Effects<P>> {
        let mut effects = self.written.pop_front()?;
        self.syncs += u64::from(!effects.persist.is_empty());
        for record in effects.persist.drain(..) {
            if P::is_checkpoint(&record) {
                self.durable.clear();
            }
            self.durable.push(record);
        }
        Some(effects)
    }

    /// A crash: the `kept` oldest unsynced writes happened to reach the disk, the others are lost; what waited for any of them never happens.
    pub fn crash(&mut self, kept: usize) {
        for _ in 0..kept {
            self.sync_one();
        }
        self.written.clear();
    }
}
