//! States by their 64-bit fingerprints, and sets of them.

use std::hash::{Hash, Hasher};

/// How states become fingerprints. Another seed makes other collisions.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprinter {
    seed: u64,
}

impl Fingerprinter {
    /// The fingerprints of `seed`: the same on each run.
    pub fn new(seed: u64) -> Self {
        Self {
            seed: fold(seed ^ SECRET[2], SECRET[1]),
        }
    }

    /// The fingerprint of `state`; never 0, which marks a free slot.
    #[inline(always)]
    pub fn of<T: Hash>(&self, state: &T) -> u64 {
        let mut packer = Packer {
            hash: self.seed,
            word: 0,
            bits: 0,
        };
        state.hash(&mut packer);
        packer.finish().max(1)
    }
}

/// Nothing up our sleeves: the first bits of π, e and √2.
const SECRET: [u64; 3] = [
    0x243f_6a88_85a3_08d3,
    0xb7e1_5162_8aed_2a6b,
    0x6a09_e667_f3bc_c909,
];

/// Packs the small numbers and enum variants that flat states consist of into 64-bit words, and folds each word in with
/// one multiplication. A state of 32 bytes costs four.
///
/// Where a word ends depends on the types that are written alone, so different states of one type are different words.
struct Packer {
    hash: u64,
    word: u64,
    bits: u32,
}

impl Packer {
    #[inline(always)]
    fn pack(&mut self, value: u64, width: u32) {
        if self.bits + width > 64 {
            self.hash = fold(self.hash ^ self.word, SECRET[0]);
            self.word = 0;
            self.bits = 0;
        }
        self.word |= value << self.bits;
        self.bits += width;
    }
}

/// All 128 bits of a product, folded into 64.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

impl Hasher for Packer {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.pack(u64::from_le_bytes(word.try_into().expect("8 bytes")), 64);
        }
        let mut rest = words.remainder();
        if let Some((four, others)) = rest.split_first_chunk::<4>() {
            self.pack(u32::from_le_bytes(*four).into(), 32);
            rest = others;
        }
        if let Some((two, others)) = rest.split_first_chunk::<2>() {
            self.pack(u16::from_le_bytes(*two).into(), 16);
            rest = others;
        }
        if let Some(one) = rest.first() {
            self.pack((*one).into(), 8);
        }
    }

    #[inline(always)]
    fn write_u8(&mut self, value: u8) {
        self.pack(value.into(), 8);
    }

    #[inline(always)]
    fn write_u16(&mut self, value: u16) {
        self.pack(value.into(), 16);
    }

    #[inline(always)]
    fn write_u32(&mut self, value: u32) {
        self.pack(value.into(), 32);
    }

    #[inline(always)]
    fn write_u64(&mut self, value: u64) {
        self.pack(value, 64);
    }

    /// A length: one byte, or an escape and eight.
    #[inline(always)]
    fn write_usize(&mut self, value: usize) {
        self.write_isize(value as isize);
    }

    /// An enum's variant: one byte, or an escape and eight.
    #[inline(always)]
    fn write_isize(&mut self, value: isize) {
        match u8::try_from(value) {
            Ok(value) if value != u8::MAX => self.pack(value.into(), 8),
            _ => {
                self.pack(u8::MAX.into(), 8);
                self.pack(value as u64, 64);
            }
        }
    }

    #[inline(always)]
    fn finish(&self) -> u64 {
        let last = fold(self.hash ^ self.word, SECRET[0]);
        fold(last ^ SECRET[2], SECRET[1])
    }
}

/// The probability that two of `distinct` states shared a fingerprint, so that one of them was not explored: about
/// n²/2⁶⁵, for fingerprints that are independent and uniform.
pub fn collision_probability(distinct: u64) -> f64 {
    let n = distinct as f64;
    n * (n - 1.0).max(0.0) / 2f64.powi(65)
}

/// A set of fingerprints: open addressing in a few tables that grow one at a time, so that growth never doubles all
/// of the memory at once. 10 to 20 bytes per fingerprint.
#[derive(Debug)]
pub struct FingerprintSet {
    tables: Vec<Table>,
    len: u64,
}

const TABLES: usize = 16;
const FREE: u64 = 0;
const FIRST_CAPACITY: usize = 64;

#[derive(Debug)]
struct Table {
    slots: Vec<u64>,
    len: usize,
}

impl Default for FingerprintSet {
    fn default() -> Self {
        let table = || Table {
            slots: vec![FREE; FIRST_CAPACITY],
            len: 0,
        };
        Self {
            tables: (0..TABLES).map(|_| table()).collect(),
            len: 0,
        }
    }
}

impl FingerprintSet {
    /// Adds `fingerprint`; whether it is new.
    #[inline(always)]
    pub fn insert(&mut self, fingerprint: u64) -> bool {
        let new = self.tables[table_of(fingerprint)].insert(fingerprint);
        self.len += u64::from(new);
        new
    }

    /// Whether `fingerprint` is a member.
    #[inline(always)]
    pub fn contains(&self, fingerprint: u64) -> bool {
        let table = &self.tables[table_of(fingerprint)];
        table.slots[table.find(fingerprint)] == fingerprint
    }

    /// Reads the slot where `fingerprint` belongs, so that it is in the cache when it is looked up soon. Reading many
    /// slots in a row overlaps their cache misses.
    #[inline(always)]
    pub fn touch(&self, fingerprint: u64) -> u64 {
        let table = &self.tables[table_of(fingerprint)];
        table.slots[table.home(fingerprint)]
    }

    /// How many members there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes that the set occupies.
    pub fn bytes(&self) -> u64 {
        self.tables
            .iter()
            .map(|table| (table.slots.capacity() * size_of::<u64>()) as u64)
            .sum()
    }
}

// The lowest bits choose the shard, the next ones the table, the highest ones the slot.
#[inline(always)]
fn table_of(fingerprint: u64) -> usize {
    (fingerprint >> 16) as usize % TABLES
}

impl Table {
    #[inline(always)]
    fn home(&self, fingerprint: u64) -> usize {
        ((u128::from(fingerprint) * self.slots.len() as u128) >> 64) as usize
    }

    /// The slot that holds `fingerprint`, or the free one where it belongs.
    #[inline(always)]
    fn find(&self, fingerprint: u64) -> usize {
        let mut slot = self.home(fingerprint);
        while self.slots[slot] != FREE && self.slots[slot] != fingerprint {
            slot += 1;
            if slot == self.slots.len() {
                slot = 0;
            }
        }
        slot
    }

    #[inline(always)]
    fn insert(&mut self, fingerprint: u64) -> bool {
        let slot = self.find(fingerprint);
        if self.slots[slot] == fingerprint {
            return false;
        }
        self.slots[slot] = fingerprint;
        self.len += 1;
        if self.len * 5 > self.slots.len() * 4 {
            self.grow();
        }
        true
    }

    #[cold]
    fn grow(&mut self) {
        let bigger = vec![FREE; self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, bigger);
        for fingerprint in old.into_iter().filter(|&slot| slot != FREE) {
            let slot = self.find(fingerprint);
            self.slots[slot] = fingerprint;
        }
    }
}

/// A few fingerprints that came by lately: most successors that were seen before were seen just before, and need neither be copied
/// nor sent.
#[derive(Debug)]
pub struct Recent {
    slots: Box<[u64]>,
}

/// 32 KiB: what the nearest cache spares.
const RECENT: usize = 1 << 12;

impl Recent {
    /// What one of so many workers remembers. What another worker has seen lately it does not know: where there are several, it pays to remember more.
    pub fn of_one_among(workers: usize) -> Self {
        let slots = if workers > 1 { 2 * RECENT } else { RECENT };
        Self {
            slots: vec![FREE; slots].into(),
        }
    }

    /// Whether `fingerprint` came by lately. It has now.
    #[inline(always)]
    pub fn holds(&mut self, fingerprint: u64) -> bool {
        let at = (fingerprint >> 32) as usize & (self.slots.len() - 1);
        let slot = &mut self.slots[at];
        std::mem::replace(slot, fingerprint) == fingerprint
    }
}
