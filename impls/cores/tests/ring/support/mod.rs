//! What the tests of the ring share: placements with few positions, and what placement is by definition.

pub(crate) mod values;

use concur_cores::NodeId;
use concur_cores::ring::{Member, Placement, Position, Scheme, View};

/// Points and keys at positions that the test chooses, of which there are `1 << bits`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Given {
    /// How many bits a position has.
    pub(crate) bits: u32,
    /// Where the virtual nodes of the member of each identity lie.
    pub(crate) points: Vec<Vec<u64>>,
}

impl Given {
    /// That small position as one of the ring's.
    pub(crate) fn at(&self, small: u64) -> Position {
        small << (64 - self.bits)
    }

    /// Every position of the small circle.
    pub(crate) fn positions(&self) -> impl Iterator<Item = Position> + '_ {
        (0..1 << self.bits).map(|small| self.at(small))
    }

    /// Every assignment of `each` virtual nodes of `members` members to positions.
    pub(crate) fn all(bits: u32, members: usize, each: usize) -> impl Iterator<Item = Self> {
        let points = members * each;
        (0..1_u64 << (bits as usize * points)).map(move |code| Self {
            bits,
            points: (0..members)
                .map(|member| {
                    let digit = |v| code >> (bits as usize * (member * each + v));
                    (0..each).map(|v| digit(v) & ((1 << bits) - 1)).collect()
                })
                .collect(),
        })
    }
}

impl Placement for Given {
    fn points(&self, member: &Member, virtual_nodes: u32, put: impl FnMut(Position)) {
        let points = (virtual_nodes * member.weight) as usize;
        let of = &self.points[member.id.0 as usize];
        of[..points]
            .iter()
            .map(|small| self.at(*small))
            .for_each(put);
    }

    fn position(&self, key: &[u8]) -> Position {
        self.at(u64::from(key[0]))
    }
}

/// The highest bits of the positions that ship: many collisions, by chance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Coarse {
    /// How many bits a position has.
    pub(crate) bits: u32,
}

impl Coarse {
    fn cut(&self, position: Position) -> Position {
        position >> (64 - self.bits) << (64 - self.bits)
    }
}

impl Placement for Coarse {
    fn points(&self, member: &Member, virtual_nodes: u32, mut put: impl FnMut(Position)) {
        Scheme::Xxh3.points(member, virtual_nodes, |position| put(self.cut(position)));
    }

    fn position(&self, key: &[u8]) -> Position {
        self.cut(Scheme::Xxh3.position(key))
    }
}

/// How far the nearest point of a member lies behind a position, around the circle.
pub(crate) fn distance<P: Placement>(by: &P, view: &View, member: &Member, from: Position) -> u64 {
    let mut nearest = u64::MAX;
    by.points(member, view.virtual_nodes(), |position| {
        nearest = nearest.min(position.wrapping_sub(from));
    });
    nearest
}

/// The members by how near they lie, equally near ones by identity: the first is the owner.
pub(crate) fn nearest<P: Placement>(by: &P, view: &View, from: Position) -> Vec<Member> {
    let mut members = view.members().to_vec();
    members.sort_by_key(|member| (distance(by, view, member, from), member.id));
    members
}

/// The replicas by definition: of the nearest members those that are the first of their zones, then the others.
pub(crate) fn replicas<P: Placement>(
    by: &P,
    view: &View,
    from: Position,
    wanted: usize,
) -> Vec<NodeId> {
    let (mut zones, mut spread, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for member in nearest(by, view, from) {
        if zones.contains(&member.zone) {
            rest.push(member.id);
        } else {
            zones.push(member.zone);
            spread.push(member.id);
        }
    }
    spread.extend(rest);
    spread.truncate(wanted);
    spread
}
