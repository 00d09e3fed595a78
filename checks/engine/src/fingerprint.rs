//! States by their 64-bit fingerprints.

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

    /// The fingerprint of `state`; never 0, which marks a free slot where fingerprints are kept.
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

/// A few fingerprints that came by lately: most successors that were seen before were seen just before, and need neither be copied
/// nor looked up.
#[derive(Debug)]
pub struct Recent {
    slots: Box<[u64]>,
}

/// 32 KiB: what the nearest cache spares.
const RECENT: usize = 1 << 12;

impl Default for Recent {
    fn default() -> Self {
        Self {
            slots: vec![0; RECENT].into(),
        }
    }
}

impl Recent {
    /// Whether `fingerprint` came by lately. It has now.
    #[inline(always)]
    pub fn holds(&mut self, fingerprint: u64) -> bool {
        let slot = &mut self.slots[(fingerprint >> 32) as usize % RECENT];
        std::mem::replace(slot, fingerprint) == fingerprint
    }
}
