//! Bounded loads for many threads: counters of requests, one for each member and one in all.

use concur_cores::NodeId;
use concur_cores::ring::{Factor, Position, Ring, View};

use crate::membership::{StaleView, newer};
use crate::sync::{Arc, AtomicU64, Mutex, Ordering, Swap};

/// In a member's counter: it was removed. No number of requests comes near.
const REMOVED: u64 = 1 << 63;

/// A member's requests, from its coming to its going: one that comes back has a new counter.
#[derive(Debug)]
struct Counter {
    id: NodeId,
    requests: AtomicU64,
}

impl Counter {
    fn new(id: NodeId) -> Arc<Self> {
        let requests = AtomicU64::new(0);
        Arc::new(Self { id, requests })
    }

    /// One request more, if there is room. In one step with the comparison: between the two another thread could take the last place, or remove the member.
    fn take(&self, capacity: u64) -> bool {
        let more = |requests| (requests < capacity.min(REMOVED)).then(|| requests + 1);
        let taken = self
            .requests
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        taken.is_ok()
    }

    /// One request less, unless the member was removed with all its requests. Whether it was there.
    fn release(&self) -> bool {
        let less = |requests| (requests != REMOVED).then(|| requests - 1);
        let released = self
            .requests
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        released.is_ok()
    }

    /// The member is removed. How many requests it had.
    fn remove(&self) -> u64 {
        self.requests.swap(REMOVED, Ordering::AcqRel)
    }
}

/// A ring, and the counters of its members in the order of their identity.
#[derive(Debug)]
struct Served {
    ring: Ring,
    counters: Vec<Arc<Counter>>,
}

impl Served {
    fn counter(&self, id: NodeId) -> Option<&Arc<Counter>> {
        let at = self
            .counters
            .binary_search_by_key(&id, |counter| counter.id);
        at.ok().map(|at| &self.counters[at])
    }
}

/// Sends requests to members, none of which gets more than ⌈c·(total+1)/n⌉ at the moment of a request's arrival.
///
/// The total is never less than the sum of the members' requests: it is raised before a member takes a request, and lowered after one has let it go.
#[derive(Debug)]
pub struct Balancer {
    factor: Factor,
    current: Swap<Served>,
    total: Arc<AtomicU64>,
    writer: Mutex<()>,
}

/// A request that is being served; it departs when this is dropped.
#[derive(Debug)]
#[must_use = "the request departs when this is dropped"]
pub struct Serving {
    counter: Arc<Counter>,
    total: Arc<AtomicU64>,
}

impl Serving {
    /// Who serves the request.
    pub fn member(&self) -> NodeId {
        self.counter.id
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if self.counter.release() {
            self.total.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Balancer {
    /// No requests yet.
    pub fn new(factor: Factor, view: View) -> Self {
        let counters = view.members().iter().map(|member| Counter::new(member.id));
        Self {
            factor,
            total: Arc::new(AtomicU64::new(0)),
            writer: Mutex::new(()),
            current: Swap::new(Served {
                counters: counters.collect(),
                ring: Ring::new(view),
            }),
        }
    }

    /// A request for a key arrives: it goes to the first member around the circle that has room.
    pub fn arrive(&self, key: &[u8]) -> Serving {
        let mut total = self.total.fetch_add(1, Ordering::AcqRel) + 1;
        loop {
            let served = self.current.load();
            let capacity = self.factor.capacity(total, served.counters.len() as u64);
            if let Some(counter) = first_with_room(&served, served.ring.position(key), capacity) {
                let total = Arc::clone(&self.total);
                return Serving { counter, total };
            }
            // Nobody had room: so others have arrived, or members were removed, since `total` or `served` was read. This reads the latest total.
            total = self.total.fetch_add(0, Ordering::AcqRel);
        }
    }

    /// Installs a view that is newer than the current one. Members that are not in it are removed with their load; what they serve departs unnoticed.
    pub fn install(&self, view: View) -> Result<(), StaleView> {
        let _writer = self
            .writer
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        let served = self.current.load();
        newer(&view, served.ring.epoch())?;
        let counter = |id| {
            served
                .counter(id)
                .cloned()
                .unwrap_or_else(|| Counter::new(id))
        };
        let counters = view
            .members()
            .iter()
            .map(|member| counter(member.id))
            .collect();
        let gone = served
            .counters
            .iter()
            .filter(|counter| !view.contains(counter.id));
        let gone: Vec<_> = gone.cloned().collect();
        let ring = served.ring.follow(view);
        self.current.store(Served { ring, counters });
        for counter in gone {
            self.total.fetch_sub(counter.remove(), Ordering::AcqRel);
        }
        Ok(())
    }

    /// How many requests that member has.
    pub fn load(&self, id: NodeId) -> u64 {
        let served = self.current.load();
        let counter = served.counter(id);
        counter.map_or(0, |counter| {
            counter.requests.load(Ordering::Acquire) & !REMOVED
        })
    }

    /// How many requests there are in all, those that are just arriving included.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Acquire)
    }
}

/// The first member from a position on that takes a request.
fn first_with_room(served: &Served, position: Position, capacity: u64) -> Option<Arc<Counter>> {
    let members = served.ring.members_from(position);
    let mut counters = members.filter_map(|id| served.counter(id));
    counters.find(|counter| counter.take(capacity)).cloned()
}
