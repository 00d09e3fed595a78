//! The points on the circle in their order, and an index into them by their high bits.

use alloc::vec;
use alloc::vec::Vec;

use super::Position;

/// A virtual node.
///
/// Points at one position are ordered by the rank of their members, that is by identity: so the table does not depend on who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Point {
    /// Where it is.
    pub(super) position: Position,
    /// Whose it is, by rank among the members of the view.
    pub(super) member: u32,
    /// That member's zone: here, so that looking for replicas touches nothing else.
    pub(super) zone: u32,
}

/// The points, sorted, and where each of equally wide buckets of positions begins.
///
/// There are at least as many buckets as points. A hash spreads points evenly: so a bucket holds less than one on average, and a search is one access to the index
/// and about one to the points.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The points; behind them the first one again, at the greatest position. Whoever searches stops there at the latest, which is how the circle closes.
    points: Vec<Point>,
    /// For each bucket the number of the first point at or behind its beginning; and then how many points there are.
    starts: Vec<u32>,
    /// How many low bits of a position do not count for its bucket.
    shift: u32,
}

impl Table {
    /// The table of these points, which are sorted and not empty.
    pub(super) fn new(mut points: Vec<Point>) -> Self {
        debug_assert!(points.is_sorted(), "the points are in their order");
        let len = u32::try_from(points.len()).expect("views have at most MAX_POINTS points");
        let first = *points
            .first()
            .expect("a view has a member, and that a point");
        let bits = (u64::from(len) * 2).next_power_of_two().trailing_zeros();
        let shift = u64::BITS - bits;
        let starts = starts(&points, bits);
        points.push(Point {
            position: Position::MAX,
            ..first
        });
        Self {
            points,
            starts,
            shift,
        }
    }

    /// The points in their order.
    pub(super) fn points(&self) -> &[Point] {
        &self.points[..self.points.len() - 1]
    }

    /// The number of the first point at or after a position; that of the closing one if it is behind all.
    #[inline]
    pub(super) fn search(&self, position: Position) -> usize {
        let mut number = self.starts[(position >> self.shift) as usize] as usize;
        while self.points[number].position < position {
            number += 1;
        }
        number
    }

    /// The first point at or after a position, around the circle.
    #[inline]
    pub(super) fn at_or_after(&self, position: Position) -> Point {
        self.points[self.search(position)]
    }

    /// The points from the first one at or after a position on, once around the circle.
    #[inline]
    pub(super) fn walk(&self, position: Position) -> impl Iterator<Item = &Point> + Clone {
        let points = self.points();
        let (before, from) = points.split_at(self.search(position));
        from.iter().chain(before)
    }
}

/// Where each bucket begins, and where the last one ends: how many points lie in the buckets before it. There are two to the power of `bits` buckets.
///
/// The points are counted, and the counts added up. Nothing branches on where a point lies, so that the processor need not guess.
fn starts(points: &[Point], bits: u32) -> Vec<u32> {
    let mut starts = vec![0; (1 << bits) + 1];
    for point in points {
        let bucket = point.position >> (u64::BITS - bits);
        starts[bucket as usize + 1] += 1;
    }
    let mut before = 0;
    for start in &mut starts {
        before += *start;
        *start = before;
    }
    starts
}
