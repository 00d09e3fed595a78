//! The ring of a view: who owns a position.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::table::{Point, Table};
use super::{Member, Placement, Position, Scheme, View};
use crate::NodeId;

/// The points of a view's members, and who owns what between them.
///
/// A ring is a function of its view and its placement, collisions of points included: [`Ring::follow`], which makes the next ring from this one, and
/// [`Ring::new`], which begins anew, give the same. Rings are therefore compared by those two.
///
/// That a member takes no point but its own off the ring (`PlaceRemoveOwn`) needs no guard here: a point says whose it is.
#[derive(Clone)]
pub struct Ring<P = Scheme> {
    view: View,
    placement: P,
    pub(super) table: Table,
    /// The identities of the members by rank: what a lookup reads, apart from what it does not.
    pub(super) ids: Vec<NodeId>,
    /// How many zones the members lie in.
    pub(super) zones: usize,
}

impl Ring {
    /// The ring of a view, placed as the view says.
    pub fn new(view: View) -> Self {
        let scheme = view.scheme();
        Self::with(view, scheme)
    }
}

impl<P: Placement> Ring<P> {
    /// The ring of a view by a placement of the caller's, whatever the view says.
    pub fn with(view: View, placement: P) -> Self {
        let mut points = Vec::new();
        for (rank, member) in ranked(&view) {
            place(&view, &placement, rank, member, &mut points);
        }
        Self::of_points(view, placement, in_order(points))
    }

    /// The ring of another view. What it has in common with this one is kept, so that a change of one member takes little more than a copy.
    pub fn follow(&self, view: View) -> Self {
        let placement = self.placement.of_view(&view);
        let alike = placement == self.placement;
        if !alike || view.virtual_nodes() != self.view.virtual_nodes() {
            return Self::with(view, placement);
        }
        let (kept, changed) = compare(&self.view, &view);
        let mut fresh = Vec::new();
        for (rank, member) in changed {
            place(&view, &placement, rank, member, &mut fresh);
        }
        let points = merge(&self.table, &kept, &in_order(fresh));
        Self::of_points(view, placement, points)
    }

    fn of_points(view: View, placement: P, points: Vec<Point>) -> Self {
        let ids = view.members().iter().map(|member| member.id).collect();
        let mut zones: Vec<u32> = view.members().iter().map(|member| member.zone).collect();
        zones.sort_unstable();
        zones.dedup();
        Self {
            zones: zones.len(),
            table: Table::new(points),
            view,
            placement,
            ids,
        }
    }

    /// The view that this is the ring of.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The epoch of the view.
    pub fn epoch(&self) -> u64 {
        self.view.epoch()
    }

    /// Where a key lies.
    #[inline]
    pub fn position(&self, key: &[u8]) -> Position {
        self.placement.position(key)
    }

    /// Who owns a position: the member of the first point at or after it, around the circle.
    #[inline]
    pub fn owner_at(&self, position: Position) -> NodeId {
        self.ids[self.table.at_or_after(position).member as usize]
    }

    /// Who owns a key.
    #[inline]
    pub fn owner(&self, key: &[u8]) -> NodeId {
        self.owner_at(self.position(key))
    }

    /// The members from a position on, around the circle: the owner first, and each as often as it has points.
    pub fn members_from(&self, position: Position) -> impl Iterator<Item = NodeId> + '_ {
        let walk = self.table.walk(position);
        walk.map(|point| self.ids[point.member as usize])
    }

    /// The points in their order, each with its member. Several members may have one position: it belongs to the first of them.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (Position, NodeId)> + '_ {
        let points = self.table.points().iter();
        points.map(|point| (point.position, self.ids[point.member as usize]))
    }
}

fn ranked(view: &View) -> impl Iterator<Item = (u32, &Member)> {
    (0..).zip(view.members())
}

fn place<P: Placement>(view: &View, by: &P, rank: u32, member: &Member, points: &mut Vec<Point>) {
    by.points(member, view.virtual_nodes(), |position| {
        points.push(Point {
            position,
            member: rank,
            zone: member.zone,
        });
    });
}

/// For each member of `old` its rank in `new`, if it is the same there in everything; and the members of `new` that were not so in `old`.
fn compare<'v>(old: &View, new: &'v View) -> (Vec<Option<u32>>, Vec<(u32, &'v Member)>) {
    let mut kept = vec![None; old.members().len()];
    let mut changed = Vec::new();
    let mut rest = old.members().iter().enumerate().peekable();
    for (rank, member) in ranked(new) {
        while rest.next_if(|(_, other)| other.id < member.id).is_some() {}
        match rest.next_if(|(_, other)| *other == member) {
            Some((at, _)) => kept[at] = Some(rank),
            None => changed.push((rank, member)),
        }
    }
    (kept, changed)
}

/// The points in their order. They come by rank, so that sorting by position alone keeps those at one position in the order of their ranks.
fn in_order(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by_key(|point| point.position);
    points.dedup();
    points
}

/// The points of the members that stay, by their new ranks, and the fresh points between them, in one pass over both. With room for the point that closes the circle.
///
/// Ranks keep their order, and so do the points.
fn merge(table: &Table, kept: &[Option<u32>], fresh: &[Point]) -> Vec<Point> {
    let as_they_were = kept.iter().copied().eq((0..kept.len() as u32).map(Some));
    let mut points = Vec::with_capacity(table.points().len() + fresh.len() + 1);
    let stay = |points: &mut Vec<Point>, old: &[Point]| match as_they_were {
        true => points.extend_from_slice(old),
        false => points.extend(old.iter().filter_map(|point| renumber(point, kept))),
    };
    let mut from = 0;
    for point in fresh {
        let upto = place_among(table, kept, point);
        stay(&mut points, &table.points()[from..upto]);
        points.push(*point);
        from = upto;
    }
    stay(&mut points, &table.points()[from..]);
    points
}

/// A point of a member that stays, by that member's new rank.
fn renumber(point: &Point, kept: &[Option<u32>]) -> Option<Point> {
    let member = kept[point.member as usize]?;
    Some(Point { member, ..*point })
}

/// How many points come before a fresh one. Those at its position do if their members come before its own, or are gone.
fn place_among(table: &Table, kept: &[Option<u32>], fresh: &Point) -> usize {
    let first = table.search(fresh.position);
    let here = table.points()[first..].iter().take_while(|point| {
        let rank = kept[point.member as usize];
        point.position == fresh.position && rank.is_none_or(|rank| rank < fresh.member)
    });
    first + here.count()
}

impl<P: PartialEq> PartialEq for Ring<P> {
    fn eq(&self, other: &Self) -> bool {
        self.view == other.view && self.placement == other.placement
    }
}

impl<P: Eq> Eq for Ring<P> {}

impl<P: Hash> Hash for Ring<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.view.hash(state);
        self.placement.hash(state);
    }
}

impl<P> fmt::Debug for Ring<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ring({})", self.view)
    }
}
