//! The states that were seen, by their fingerprints: one set for all workers.

use super::sync::{AtomicU64, Ordering, RwLock, RwLockReadGuard};

/// A set of fingerprints that workers add to at the same time.
///
/// Open addressing: a fingerprint stands in the first slot that was free from where it belongs on, and whoever writes it there first has found it.
/// That takes one atomic exchange. A lock only keeps the tables from growing while somebody looks fingerprints up, and is taken once for a batch of them.
///
/// No table fills up: a batch asks for [room](Self::room_for) before it looks anything up, and there is as much as all that do so could need. Fingerprints
/// spread evenly, so each table gets its share of them: it would take a quarter more than that to fill one. There are several, because they
/// grow one after the other, so that growth never doubles all of the memory at once. 10 to 20 bytes per fingerprint.
#[derive(Debug)]
pub struct Visited<const TABLES: usize = 16, const SLOTS: usize = 1024> {
    tables: RwLock<[Table; TABLES]>,
    /// How many fingerprints there are, and how many more there is room for.
    taken: AtomicU64,
}

type Table = Box<[AtomicU64]>;

const FREE: u64 = 0;

impl Default for Visited {
    fn default() -> Self {
        Self::new()
    }
}

impl<const TABLES: usize, const SLOTS: usize> Visited<TABLES, SLOTS> {
    /// An empty set: so many tables of so many slots each, which grow.
    pub fn new() -> Self {
        Self {
            tables: RwLock::new(std::array::from_fn(|_| table(SLOTS))),
            taken: AtomicU64::new(0),
        }
    }

    /// Has room for so many fingerprints more, until they were looked up.
    pub fn room_for(&self, fingerprints: usize) -> Room<'_, TABLES> {
        let left = fingerprints as u64;
        let taken = self.taken.fetch_add(left, Ordering::Relaxed) + left;
        loop {
            let tables = self.tables.read().expect("nobody panics who grows it");
            if fit(taken, &*tables) {
                let taken = &self.taken;
                return Room {
                    tables,
                    taken,
                    left,
                };
            }
            drop(tables);
            self.grow(taken);
        }
    }

    #[cold]
    fn grow(&self, taken: u64) {
        let mut tables = self.tables.write().expect("nobody panics who grows it");
        while !fit(taken, &*tables) {
            for small in tables.iter_mut() {
                let large = table(small.len() * 2);
                let slots = small.iter().map(|slot| slot.load(Ordering::Relaxed));
                for fingerprint in slots.filter(|&slot| slot != FREE) {
                    insert(&large, fingerprint);
                }
                *small = large;
            }
        }
    }

    /// The bytes that the set occupies.
    pub fn bytes(&self) -> u64 {
        let tables = self.tables.read().expect("nobody panics who grows it");
        slots(&*tables) * size_of::<u64>() as u64
    }
}

/// A look at the set, with room for what is new. Give it back soon: while anyone has it, the set cannot grow, and others may wait for that.
#[derive(Debug)]
pub struct Room<'v, const TABLES: usize> {
    tables: RwLockReadGuard<'v, [Table; TABLES]>,
    taken: &'v AtomicU64,
    left: u64,
}

impl<const TABLES: usize> Room<'_, TABLES> {
    /// Reads the slot where `fingerprint` belongs, so that it is in the cache when it is looked up soon. Reading many
    /// slots in a row overlaps their cache misses.
    #[inline(always)]
    pub fn touch(&self, fingerprint: u64) -> u64 {
        let table = self.table_of(fingerprint);
        table[home(table, fingerprint)].load(Ordering::Relaxed)
    }

    /// Whether `fingerprint` is a member.
    #[inline(always)]
    pub fn contains(&self, fingerprint: u64) -> bool {
        let mut slots = probe(self.table_of(fingerprint), fingerprint);
        let end = slots.find_map(|slot| match slot.load(Ordering::Relaxed) {
            FREE => Some(false),
            other => (other == fingerprint).then_some(true),
        });
        end.unwrap_or(false)
    }

    /// Adds `fingerprint`, which must not be 0; whether it is new. Of all who add the same one, one is told so.
    ///
    /// # Panics
    /// If that are more new ones than there was room asked for.
    #[inline(always)]
    pub fn insert(&mut self, fingerprint: u64) -> bool {
        let new = insert(self.table_of(fingerprint), fingerprint);
        if new {
            let left = self.left.checked_sub(1);
            self.left = left.expect("room was asked for");
        }
        new
    }

    // The highest bits choose the slot, lower ones the table.
    #[inline(always)]
    fn table_of(&self, fingerprint: u64) -> &[AtomicU64] {
        &self.tables[fingerprint as usize % TABLES]
    }
}

impl<const TABLES: usize> Drop for Room<'_, TABLES> {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.left, Ordering::Relaxed);
    }
}

fn table(slots: usize) -> Table {
    (0..slots).map(|_| AtomicU64::new(FREE)).collect()
}

fn slots(tables: &[Table]) -> u64 {
    tables.iter().map(|table| table.len() as u64).sum()
}

/// Up to four fifths of the slots are taken.
fn fit(taken: u64, tables: &[Table]) -> bool {
    taken * 5 <= slots(tables) * 4
}

#[inline(always)]
fn home(table: &[AtomicU64], fingerprint: u64) -> usize {
    ((u128::from(fingerprint) * table.len() as u128) >> 64) as usize
}

/// The slots in which `fingerprint` may stand, in order.
#[inline(always)]
fn probe(table: &[AtomicU64], fingerprint: u64) -> impl Iterator<Item = &AtomicU64> {
    let (before, from) = table.split_at(home(table, fingerprint));
    from.iter().chain(before)
}

/// What the states are is passed on elsewhere: of the slots, only the values count, and in which order others see them does not matter.
#[inline(always)]
fn insert(table: &[AtomicU64], fingerprint: u64) -> bool {
    for slot in probe(table, fingerprint) {
        let mut there = slot.load(Ordering::Relaxed);
        if there == FREE {
            let claim =
                slot.compare_exchange(FREE, fingerprint, Ordering::Relaxed, Ordering::Relaxed);
            match claim {
                Ok(_) => return true,
                Err(other) => there = other,
            }
        }
        if there == fingerprint {
            return false;
        }
    }
    unreachable!("no table fills up")
}
