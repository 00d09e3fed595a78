//! What threads do to the shared ring and to the load counters, at any size: the smallest under loom, in every interleaving; far larger ones on threads of the machine, in some.
//!
//! Whoever includes this file says what `Membership`, `Balancer`, `Arc` and `spawn` are.

use concur_cores::NodeId;
use concur_cores::ring::{Factor, Member, Ring, Scheme, View};

use super::{Arc, Balancer, Membership, spawn};

pub(crate) const KEYS: [&[u8]; 4] = [b"a", b"b", b"c", b"d"];

pub(crate) fn view(epoch: u64, members: impl IntoIterator<Item = u64>) -> View {
    let members = members.into_iter().map(|id| Member::new(NodeId(id)));
    View::new(epoch, Scheme::Xxh3, 1, members).expect("there are members")
}

/// A view of so many members, and in every other epoch of one more.
pub(crate) fn view_of(epoch: u64, members: u64) -> View {
    view(epoch, 1..=members + (epoch + 1) % 2)
}

pub(crate) fn owners(ring: &Ring) -> Vec<NodeId> {
    KEYS.iter().map(|key| ring.owner(key)).collect()
}

/// Each member may have its even share, and no more.
pub(crate) fn even() -> Factor {
    Factor::new(1, 1).expect("1 is not below 1")
}

/// How many threads do how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) writers: u64,
    pub(crate) readers: usize,
    /// Epochs up to which views are installed.
    pub(crate) epochs: u64,
    /// How often each reader looks.
    pub(crate) looks: usize,
}

/// Readers see one view at a time, whose epochs only grow, while writers install views; of all writers the newest view stays. The last reader is whoever calls.
pub(crate) fn readers_and_writers(size: Size) {
    let membership = Arc::new(Membership::new(view_of(1, 2)));
    let mut threads = Vec::new();
    for writer in 0..size.writers {
        let membership = Arc::clone(&membership);
        threads.push(spawn(move || install(&membership, size, writer)));
    }
    for _ in 1..size.readers {
        let membership = Arc::clone(&membership);
        threads.push(spawn(move || look(&membership, size.looks)));
    }
    look(&membership, size.looks);
    for thread in threads {
        thread.join().expect("the thread ends");
    }
    assert_eq!(membership.load().epoch(), size.epochs);
}

/// Installs each of this writer's views, unless another writer was faster with a newer one.
fn install(membership: &Membership, size: Size, writer: u64) {
    for epoch in (2..=size.epochs).filter(|epoch| epoch % size.writers == writer) {
        if let Err(stale) = membership.install(view_of(epoch, 2)) {
            assert_eq!(stale.offered, epoch);
            assert!(stale.current > epoch && size.writers > 1);
        }
    }
}

fn look(membership: &Membership, looks: usize) {
    let mut last = 0;
    for _ in 0..looks {
        let ring = membership.load();
        assert!(ring.epoch() >= last);
        last = ring.epoch();
        assert_eq!(owners(&ring), owners(&Ring::new(view_of(last, 2))));
    }
}

/// As many requests at once as there are members, all for one key: each member serves one.
pub(crate) fn as_many_requests_as_members(requests: u64) {
    let balancer = Arc::new(Balancer::new(even(), view(1, 1..=requests)));
    let others = (1..requests).map(|_| {
        let balancer = Arc::clone(&balancer);
        spawn(move || balancer.arrive(KEYS[0]))
    });
    let others: Vec<_> = others.collect();
    let mut serving = vec![balancer.arrive(KEYS[0])];
    for other in others {
        serving.push(other.join().expect("the request is served"));
    }
    let mut members: Vec<_> = serving.iter().map(|it| it.member()).collect();
    members.sort_unstable();
    let each: Vec<_> = (1..=requests).map(NodeId).collect();
    assert_eq!(members, each, "each may have its share of one");
    drop(serving);
    assert_eq!(balancer.total(), 0);
}

/// Members: n1 is removed while requests depart from it, and as many others arrive. Afterwards the counters say what is there.
pub(crate) fn removal(requests: usize) {
    let balancer = Arc::new(Balancer::new(even(), view(2, 1..=3)));
    let departing: Vec<_> = (0..requests).map(|_| balancer.arrive(KEYS[0])).collect();
    let mut arrivals = Vec::new();
    let writer = Arc::clone(&balancer);
    let removal = spawn(move || writer.install(view(3, 2..=3)).expect("it is newer"));
    for _ in 0..requests {
        let balancer = Arc::clone(&balancer);
        arrivals.push(spawn(move || balancer.arrive(KEYS[0])));
    }
    drop(departing);
    removal.join().expect("the writer ends");
    let arrived: Vec<_> = arrivals
        .into_iter()
        .map(|arrival| arrival.join().expect("the request is served"))
        .collect();
    let stay = arrived.iter().filter(|it| it.member() != NodeId(1));
    let served = stay.count() as u64;
    assert_eq!(balancer.load(NodeId(1)), 0);
    assert_eq!(balancer.load(NodeId(2)) + balancer.load(NodeId(3)), served);
    assert_eq!(balancer.total(), served);
    drop(arrived);
    assert_eq!(balancer.total(), 0);
}
