//! The ring of a view: who owns a position.

use alloc::borrow::Cow;
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
        let old = renumber(self.table.points(), &kept);
        let points = merge(&old, &in_order(fresh));
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
    for (rank, member) in ranked(new) {
        match old.members().binary_search(member) {
            Ok(at) => kept[at] = Some(rank),
            Err(_) => changed.push((rank, member)),
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

/// The points of the members that stay, by their new ranks. Ranks keep their order, and so do the points.
fn renumber<'p>(points: &'p [Point], kept: &[Option<u32>]) -> Cow<'p, [Point]> {
    if (0..).zip(kept).all(|(was, now)| *now == Some(was)) {
        return Cow::Borrowed(points);
    }
    let stay = points.iter().filter_map(|point| {
        let member = kept[point.member as usize]?;
        Some(Point { member, ..*point })
    });
    Cow::Owned(stay.collect())
}

/// Two sorted sequences as one, copied in stretches between the new points. With room for the one that closes the circle.
fn merge(mut old: &[Point], fresh: &[Point]) -> Vec<Point> {
    let mut points = Vec::with_capacity(old.len() + fresh.len() + 1);
    for point in fresh {
        let (before, behind) = old.split_at(old.partition_point(|other| other < point));
        points.extend_from_slice(before);
        points.push(*point);
        old = behind;
    }
    points.extend_from_slice(old);
    points
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
