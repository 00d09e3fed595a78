//! Bounded loads: a request goes to the first member around the circle that has room.

use alloc::collections::BTreeMap;
use core::fmt;

use concur_rules::bounded_loads::BoundRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::{Placement, Position, Ring, View};
use crate::NodeId;

/// The factor c by which a member's load may exceed its even share, as a fraction of whole numbers, so that nothing depends on rounding. At least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Factor {
    numerator: u32,
    denominator: u32,
}

impl Factor {
    /// c = `percent` / 100. `None` below 100: the members together would not have room for every request.
    pub const fn percent(percent: u32) -> Option<Self> {
        Self::new(percent, 100)
    }

    /// c = `numerator` / `denominator`. `None` if that is below 1.
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if denominator == 0 || numerator < denominator {
            return None;
        }
        Some(Self {
            numerator,
            denominator,
        })
    }

    /// How many requests each of `members` members may have when there are `total` of them, the arriving one included: ⌈c·total/members⌉.
    ///
    /// After Mirrokni, Thorup & Zadimoghaddam, *Consistent Hashing with Bounded Loads* (2016).
    #[inline]
    pub fn capacity(self, total: u64, members: u64) -> u64 {
        let share = u128::from(self.numerator) * u128::from(total);
        let among = u128::from(self.denominator) * u128::from(members.max(1));
        u64::try_from(share.div_ceil(among)).unwrap_or(u64::MAX)
    }
}

/// What a request holds while a member serves it; to be given back by [`BoundedLoads::depart`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use = "a ticket that is not given back is load for ever"]
pub struct Ticket {
    member: NodeId,
    incarnation: u64,
}

impl Ticket {
    /// Who serves the request.
    pub fn member(&self) -> NodeId {
        self.member
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Load {
    requests: u64,
    /// Tells a member that was removed and came back from what it was.
    incarnation: u64,
}

/// The load of each member, and in all.
///
/// The bound holds when a request arrives. Nothing moves when requests depart or members come and go, as it does in the paper: so a member may have more
/// than its share of a total that has shrunk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BoundedLoads<S = Faithful> {
    factor: Factor,
    loads: BTreeMap<NodeId, Load>,
    total: u64,
    incarnations: u64,
    rules: S,
}

impl BoundedLoads {
    /// No requests yet.
    pub fn new(factor: Factor, view: &View) -> Self {
        Self::with(factor, view, Faithful)
    }
}

impl<S: RuleSet<Rule>> BoundedLoads<S> {
    /// No requests yet, by other rules.
    pub fn with(factor: Factor, view: &View, rules: S) -> Self {
        let mut loads = Self {
            factor,
            loads: BTreeMap::new(),
            total: 0,
            incarnations: 0,
            rules,
        };
        loads.follow(view);
        loads
    }

    /// Takes over the members of a view. One that is removed takes its load with it, whatever becomes of its requests.
    pub fn follow(&mut self, view: &View) {
        self.loads.retain(|id, _| view.contains(*id));
        self.total = self.loads.values().map(|load| load.requests).sum();
        for member in view.members() {
            let incarnations = &mut self.incarnations;
            self.loads.entry(member.id).or_insert_with(|| {
                *incarnations += 1;
                Load {
                    requests: 0,
                    incarnation: *incarnations,
                }
            });
        }
    }

    /// How many requests a member may have when another one arrives: ⌈c·(total+1)/n⌉.
    pub fn capacity(&self) -> u64 {
        self.factor
            .capacity(self.total + 1, self.loads.len() as u64)
    }

    /// A request for a position arrives: it goes to the first member of `ring` at or after it that has room.
    ///
    /// `None` only if none of the ring's members is known here, that is if [`BoundedLoads::follow`] was not told the ring's view.
    pub fn arrive<P: Placement>(&mut self, ring: &Ring<P>, position: Position) -> Option<Ticket> {
        let capacity = self.capacity();
        let member = ring.members_from(position).find(|id| {
            let below = |load: &Load| load.requests < capacity;
            self.loads
                .get(id)
                .is_some_and(|load| self.rules.requires(Rule::BoundArriveBelow, below(load)))
        })?;

        let load = self.loads.get_mut(&member)?;
        load.requests += 1;
        self.total += 1;
        Some(Ticket {
            member,
            incarnation: load.incarnation,
        })
    }

    /// A request departs: it is done, or has failed. False if its member was removed meanwhile, so that its load is gone already.
    pub fn depart(&mut self, ticket: Ticket) -> bool {
        let load = self.loads.get_mut(&ticket.member);
        let same = |load: &&mut Load| load.incarnation == ticket.incarnation;
        let served = load.filter(|load| self.rules.requires(Rule::BoundDepartOnce, same(load)));
        let Some(load) = served else {
            return false;
        };

        load.requests = load.requests.saturating_sub(1);
        self.total = self.total.saturating_sub(1);
        true
    }

    /// How many requests that member has.
    pub fn load(&self, id: NodeId) -> u64 {
        self.loads.get(&id).map_or(0, |load| load.requests)
    }

    /// How many requests there are in all.
    pub fn total(&self) -> u64 {
        self.total
    }
}

impl<S> fmt::Display for BoundedLoads<S> {
    /// `n1:2 n2:0, 2 in all`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (id, load)) in self.loads.iter().enumerate() {
            write!(
                f,
                "{}{id}:{}",
                if at == 0 { "" } else { " " },
                load.requests
            )?;
        }
        write!(f, ", {} in all", self.total)
    }
}
