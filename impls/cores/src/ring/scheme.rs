//! Where points and keys lie: the hash functions.

use core::fmt::Debug;
use core::hash::Hash;

use md5::{Digest as _, Md5};
use xxhash_rust::xxh3::xxh3_64;

use super::{Member, View};

/// A place on the circle; behind the greatest one comes 0.
pub type Position = u64;

/// A hash function for members and for keys.
///
/// Positions that have fewer bits than 64 belong into the high ones: the index of the ring goes by those.
pub trait Placement: Clone + Eq + Hash + Debug {
    /// Calls `put` with the position of each virtual node of `member`. What it says depends on nothing but its arguments, and a member of greater weight has
    /// the points of its lesser weight, too.
    fn points(&self, member: &Member, virtual_nodes: u32, put: impl FnMut(Position));

    /// Where a key lies.
    fn position(&self, key: &[u8]) -> Position;

    /// The placement of another view, if views have a say in that.
    fn of_view(&self, _view: &View) -> Self {
        self.clone()
    }
}

/// The placements that ship.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Scheme {
    /// XXH3 (64 bits) of the member's identity and the number of the virtual node, each as eight bytes, the lowest first; and of the key.
    #[default]
    Xxh3,
    /// Where clients of memcached by libketama place what they hash: MD5 of `name-number`, whose four words, the lowest byte first, are four points; and the
    /// first word of the MD5 of the key. With 160 virtual nodes there are the 40 hashes of libketama.
    ///
    /// libketama gives a server `floor(40·n·w/Σw)` hashes, computed with floats of 32 bits: for equal weights, up to rounding, 40. Here it is 40·w: so a change of
    /// one member moves nothing between others, as it does there. Hence equal weights are compatible, unequal ones are not.
    Ketama,
}

impl Placement for Scheme {
    fn points(&self, member: &Member, virtual_nodes: u32, mut put: impl FnMut(Position)) {
        let points = u64::from(virtual_nodes) * u64::from(member.weight);
        match self {
            Self::Xxh3 => (0..points).for_each(|number| put(xxh3_point(member, number))),
            Self::Ketama => (0..points.div_ceil(4))
                .flat_map(|number| ketama_points(&member.name, number))
                .take(usize::try_from(points).unwrap_or(usize::MAX))
                .for_each(put),
        }
    }

    #[inline]
    fn position(&self, key: &[u8]) -> Position {
        match self {
            Self::Xxh3 => xxh3_64(key),
            Self::Ketama => ketama_position(key),
        }
    }

    fn of_view(&self, view: &View) -> Self {
        view.scheme()
    }
}

fn xxh3_point(member: &Member, number: u64) -> Position {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&member.id.0.to_le_bytes());
    bytes[8..].copy_from_slice(&number.to_le_bytes());
    xxh3_64(&bytes)
}

fn ketama_points(name: &str, number: u64) -> [Position; 4] {
    let text = alloc::format!("{name}-{number}");
    words(&Md5::digest(text.as_bytes()).into())
}

/// Apart, so that what is left of a lookup by the other scheme is small enough to be inlined.
#[inline(never)]
fn ketama_position(key: &[u8]) -> Position {
    words(&Md5::digest(key).into())[0]
}

/// The words of a digest as positions: a circle of 2³² places in the high half of ours.
fn words(digest: &[u8; 16]) -> [Position; 4] {
    core::array::from_fn(|word| {
        let bytes = core::array::from_fn(|byte| digest[4 * word + byte]);
        u64::from(u32::from_le_bytes(bytes)) << 32
    })
}
