//! What changes hands between two rings: which ranges of positions, from whom to whom.

use alloc::vec::Vec;
use core::fmt;

use super::{Placement, Position, Ring};
use crate::NodeId;
use crate::codec::{Decode, DecodeError, Encode, Reader};

/// The positions behind `after` up to `upto`, this one included, around the circle; all of them if the two are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeyRange {
    /// The last position before the range.
    pub after: Position,
    /// The last position of the range.
    pub upto: Position,
}

impl KeyRange {
    /// Whether a position lies in the range.
    #[inline]
    pub fn contains(&self, position: Position) -> bool {
        let offset = position.wrapping_sub(self.after).wrapping_sub(1);
        offset <= self.upto.wrapping_sub(self.after).wrapping_sub(1)
    }
}

impl fmt::Display for KeyRange {
    /// `(1f…, 8a…]`: the highest 16 bits of both ends, or all 64 where those say nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { after, upto } = *self;
        match (after >> 48, upto >> 48) {
            (from, to) if from != to => write!(f, "({from:04x}…, {to:04x}…]"),
            _ => write!(f, "({after:016x}, {upto:016x}]"),
        }
    }
}

impl Encode for KeyRange {
    fn encode(&self, out: &mut Vec<u8>) {
        self.after.to_le_bytes().encode(out);
        self.upto.to_le_bytes().encode(out);
    }
}

impl Decode for KeyRange {
    const MIN_BYTES: usize = 16;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            after: u64::from_le_bytes(<[u8; 8]>::decode(from)?),
            upto: u64::from_le_bytes(<[u8; 8]>::decode(from)?),
        })
    }
}

/// A range that changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Move {
    /// What moves.
    pub range: KeyRange,
    /// Who owned it.
    pub from: NodeId,
    /// Who owns it from then on.
    pub to: NodeId,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ⇒ {}", self.range, self.from, self.to)
    }
}

impl<P: Placement> Ring<P> {
    /// What changes hands when `next` follows this ring: every position whose owner changes lies in exactly one of the ranges, and no other position in any.
    /// Ranges are as wide as they can be, and in the order of their ends.
    ///
    /// Both rings must place keys alike ([`View::scheme`](super::View::scheme)): what says which positions move says nothing of keys that move to other positions.
    pub fn moves(&self, next: &Self) -> Vec<Move> {
        let mut ends: Vec<Position> = self.points().chain(next.points()).map(|p| p.0).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut moves: Vec<Move> = Vec::new();
        let mut after = *ends.last().expect("a ring has a point");
        for upto in ends {
            let (from, to) = (self.owner_at(upto), next.owner_at(upto));
            if from != to {
                extend(
                    &mut moves,
                    Move {
                        range: KeyRange { after, upto },
                        from,
                        to,
                    },
                );
            }
            after = upto;
        }
        close(&mut moves);
        moves
    }
}

/// Adds a range, to the one before if the two are neighbours that move alike.
fn extend(moves: &mut Vec<Move>, new: Move) {
    match moves.last_mut() {
        Some(last) if joins(last, &new) => last.range.upto = new.range.upto,
        _ => moves.push(new),
    }
}

/// Joins the last range and the first one, if they are neighbours around the circle.
fn close(moves: &mut Vec<Move>) {
    if let [first, .., last] = moves[..]
        && joins(&last, &first)
    {
        moves[0].range.after = last.range.after;
        moves.pop();
    }
}

fn joins(before: &Move, after: &Move) -> bool {
    before.range.upto == after.range.after && before.from == after.from && before.to == after.to
}
