//! The preference list: the members that hold a key's copies, in distinct zones where there are enough.

use super::{Placement, Position, Ring};
use crate::NodeId;

/// A member that holds a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Replica {
    /// Who it is.
    pub id: NodeId,
    /// Its zone.
    pub zone: u32,
}

/// How well a wish for replicas could be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Supply {
    /// As many as were wanted, each in a zone of its own.
    DistinctZones,
    /// As many as were wanted, but in that many zones only: all that there are.
    SharedZones(usize),
    /// Only that many: all members that there are.
    TooFew(usize),
}

impl<P: Placement> Ring<P> {
    /// Fills `list` with the replicas of a position: the owner, then the next members around the circle in zones without a replica; and when every zone
    /// has one, the next members of any zone. No member is there twice.
    ///
    /// If there are fewer members than places, the places behind them are left as they were ([`Supply::TooFew`] says how many are filled).
    #[inline]
    pub fn replicas_at(&self, position: Position, list: &mut [Replica]) -> Supply {
        let spread = self.zones.min(list.len());
        self.fill(position, 0, spread, list, |taken, new| {
            taken.zone != new.zone
        });
        if spread == list.len() {
            return Supply::DistinctZones;
        }
        let all = self.ids.len().min(list.len());
        self.fill(position, spread, all, list, |taken, new| taken.id != new.id);
        match all == list.len() {
            true => Supply::SharedZones(spread),
            false => Supply::TooFew(all),
        }
    }

    /// Fills `list` with the replicas of a key, as [`Ring::replicas_at`] does.
    #[inline]
    pub fn replicas(&self, key: &[u8], list: &mut [Replica]) -> Supply {
        self.replicas_at(self.position(key), list)
    }

    /// Fills the places `from..until` with the next members that differ in the given way from all before them. There are as many: so the walk ends early.
    #[inline]
    fn fill(
        &self,
        position: Position,
        from: usize,
        until: usize,
        list: &mut [Replica],
        differs: impl Fn(&Replica, &Replica) -> bool,
    ) {
        let mut filled = from;
        for point in self.table.walk(position) {
            if filled == until {
                return;
            }
            let new = Replica {
                id: self.ids[point.member as usize],
                zone: point.zone,
            };
            if list[..filled].iter().all(|taken| differs(taken, &new)) {
                list[filled] = new;
                filled += 1;
            }
        }
    }
}
