//! The states that were seen, by their fingerprints: one set for all workers.

use super::sync::{AtomicU64, Mutex, OnceLock, Ordering, RwLock, RwLockReadGuard};

/// A set of fingerprints that workers add to at the same time.
///
/// Open addressing: a fingerprint stands in the first slot that was free from where it belongs on, and whoever writes it there first has found it.
/// That takes one atomic exchange. A lock only keeps the tables from growing while somebody looks fingerprints up, and is taken once for a batch of them.
///
/// No table fills up: a batch asks for [room](Self::with_room_for) before it looks anything up, and there is as much as all that do so could need. Fingerprints
/// spread evenly, so each table gets its share of them: it would take a quarter more than that to fill one. There are several, so that whoever waits for
/// larger ones fills some of them, and so that the small ones go one after the other, each when its larger one is filled. 10 to 20 bytes per fingerprint.
#[derive(Debug)]
pub struct Visited<const TABLES: usize = 16, const SLOTS: usize = 1024> {
    tables: RwLock<Tables<TABLES>>,
    /// How many fingerprints there are, and how many more there is room for.
    taken: AtomicU64,
}

/// Tables of one size.
#[derive(Debug)]
struct Tables<const TABLES: usize> {
    /// Of each.
    slots: usize,
    each: [Growing; TABLES],
    /// How many somebody has begun to fill with what is in the smaller ones.
    begun: AtomicU64,
}

/// A table, and the smaller one from which it is filled when it is first needed.
#[derive(Debug)]
struct Growing {
    small: Mutex<Table>,
    large: OnceLock<Table>,
}

type Table = Box<[AtomicU64]>;

const FREE: u64 = 0;

impl<const TABLES: usize, const SLOTS: usize> Default for Visited<TABLES, SLOTS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const TABLES: usize, const SLOTS: usize> Visited<TABLES, SLOTS> {
    /// An empty set: so many tables of so many slots each, which grow.
    pub fn new() -> Self {
        let empty = |_| Growing {
            small: Mutex::new(Table::default()),
            large: OnceLock::new(),
        };
        Self {
            tables: RwLock::new(Tables {
                slots: SLOTS,
                each: std::array::from_fn(empty),
                begun: AtomicU64::new(0),
            }),
            taken: AtomicU64::new(0),
        }
    }

    /// Looks fingerprints up, with room for so many new ones. Do so in one go: meanwhile the set cannot grow, and others may wait for that.
    #[inline(always)]
    pub fn with_room_for<T>(
        &self,
        fingerprints: usize,
        look_up: impl FnOnce(&mut Room<'_, TABLES>) -> T,
    ) -> T {
        let left = fingerprints as u64;
        let tables = self.tables_for(self.taken.fetch_add(left, Ordering::Relaxed) + left);
        look_up(&mut Room {
            tables: tables
                .each
                .each_ref()
                .map(|table| table.filled(tables.slots)),
            taken: &self.taken,
            left,
        })
    }

    fn tables_for(&self, taken: u64) -> RwLockReadGuard<'_, Tables<TABLES>> {
        loop {
            let tables = self.tables.read().expect("nobody panics who grows it");
            if tables.fit(taken) {
                tables.fill();
                return tables;
            }
            drop(tables);
            let mut tables = self.tables.write().expect("nobody panics who grows it");
            tables.grow(taken);
        }
    }

    /// The bytes that the set occupies.
    pub fn bytes(&self) -> u64 {
        let tables = self.tables.read().expect("nobody panics who grows it");
        tables.bytes()
    }

    /// The bytes by which it is about to grow; none if it is not nearly full.
    pub fn growth_ahead(&self) -> u64 {
        let tables = self.tables.read().expect("nobody panics who grows it");
        let taken = self.taken.load(Ordering::Relaxed);
        match tables.fit(taken + taken / 16) {
            true => 0,
            false => tables.bytes(),
        }
    }
}

impl<const TABLES: usize> Tables<TABLES> {
    fn bytes(&self) -> u64 {
        self.slots() * size_of::<u64>() as u64
    }

    fn slots(&self) -> u64 {
        (self.slots * TABLES) as u64
    }

    /// Up to four fifths of the slots are taken.
    fn fit(&self, taken: u64) -> bool {
        taken * 5 <= self.slots() * 4
    }

    /// Has tables into which so many fingerprints fit, which are yet to be filled. Others who waited for them may have been here before.
    #[cold]
    fn grow(&mut self, taken: u64) {
        if self.fit(taken) {
            return;
        }
        while !self.fit(taken) {
            self.slots *= 2;
        }
        for table in &mut self.each {
            if let Some(small) = table.large.take() {
                table.small = Mutex::new(small);
            }
        }
        self.begun.store(0, Ordering::Relaxed);
    }

    /// Fills tables that nobody has begun to fill.
    fn fill(&self) {
        while self.begun.load(Ordering::Relaxed) < TABLES as u64 {
            let next = self.begun.fetch_add(1, Ordering::Relaxed);
            if let Some(table) = self.each.get(next as usize) {
                table.filled(self.slots);
            }
        }
    }
}

impl Growing {
    /// The table, once it is filled with what is in the smaller one: by who calls, or by whoever has begun to.
    #[inline(always)]
    fn filled(&self, slots: usize) -> &[AtomicU64] {
        self.large.get_or_init(|| {
            let mut small = self.small.lock().expect("nobody panics who grows it");
            let small = std::mem::take(&mut *small);
            let large: Table = (0..slots).map(|_| AtomicU64::new(FREE)).collect();
            let all = small.iter().map(|slot| slot.load(Ordering::Relaxed));
            for fingerprint in all.filter(|&slot| slot != FREE) {
                let mut slots = probe(&large, fingerprint);
                let free = slots.find(|slot| slot.load(Ordering::Relaxed) == FREE);
                free.expect("no table fills up")
                    .store(fingerprint, Ordering::Relaxed);
            }
            large
        })
    }
}

/// A look at the set, with room for what is new.
#[derive(Debug)]
pub struct Room<'v, const TABLES: usize> {
    tables: [&'v [AtomicU64]; TABLES],
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
        self.tables[fingerprint as usize % TABLES]
    }
}

impl<const TABLES: usize> Drop for Room<'_, TABLES> {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.left, Ordering::Relaxed);
    }
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
