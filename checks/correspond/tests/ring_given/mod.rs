//! Points of the ring where a model has them, and what a seeded ring gets wrong.

#![allow(dead_code)] // each of the tests uses some of it

use concur_cores::NodeId;
use concur_cores::ring::{Member, Placement, Position, Scheme, View};
use concur_models::kit::Id;
use concur_models::ring::Node;

/// What a seeded ring gets wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wrong {
    Nothing,
    /// A key on a point belongs to the next one.
    KeyBehindItsPoint,
    /// The last virtual node of a member is forgotten.
    LosesAPoint,
    /// Of several points at one place the last member has it.
    TiesTheOtherWay,
    /// All members lie in one zone.
    ForgetsZones,
}

/// Points where the model has them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Given {
    pub(crate) hash: Vec<Vec<u8>>,
    pub(crate) wrong: Wrong,
}

/// A small position as one of the ring's.
pub(crate) fn at(small: u8) -> Position {
    u64::from(small) << 56
}

impl Given {
    pub(crate) fn id(&self, n: Node) -> NodeId {
        match self.wrong {
            Wrong::TiesTheOtherWay => NodeId((self.hash.len() - n.index()) as u64),
            _ => NodeId(n.index() as u64),
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> Node {
        match self.wrong {
            Wrong::TiesTheOtherWay => Node::new(self.hash.len() - id.0 as usize),
            _ => Node::new(id.0 as usize),
        }
    }

    /// Where a lookup of a small position begins.
    pub(crate) fn from(&self, small: u8) -> Position {
        at(small) + u64::from(self.wrong == Wrong::KeyBehindItsPoint)
    }

    pub(crate) fn view(&self, unit: u32, weights: &[u8], zones: usize) -> Option<View> {
        let zones = if self.wrong == Wrong::ForgetsZones {
            1
        } else {
            zones
        };
        let member = |(n, weight): (usize, &u8)| {
            let member = Member::new(self.id(Node::new(n))).with_weight(u32::from(*weight));
            member.in_zone((n % zones) as u32)
        };
        let there = weights
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight > 0);
        View::new(1, Scheme::Xxh3, unit, there.map(member)).ok()
    }
}

impl Placement for Given {
    fn points(&self, member: &Member, virtual_nodes: u32, put: impl FnMut(Position)) {
        let lost = usize::from(self.wrong == Wrong::LosesAPoint);
        let points = (virtual_nodes * member.weight) as usize;
        let of = &self.hash[self.node(member.id).index()][..points - lost.min(points - 1)];
        of.iter().map(|small| at(*small)).for_each(put);
    }

    fn position(&self, key: &[u8]) -> Position {
        self.from(key[0])
    }
}

/// The same by the core and by the model, or what differs.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    core: T,
    model: T,
) -> Result<(), String> {
    match core == model {
        true => Ok(()),
        false => Err(format!("{what}: {core:?}, and by the model {model:?}")),
    }
}
