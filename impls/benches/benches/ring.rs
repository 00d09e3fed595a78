//! The hash ring beside its peers, in one process: `cargo bench -p concur-benches --bench ring`.
//!
//! Divide the medians of one run. A sample is 4,096 lookups of different keys, hashing included. Peers hash by their own functions: `pingora-ketama` by CRC-32,
//! `hashring` by SipHash; `sorted_array` is ours without the index, a binary search by the same hash.

use std::hash::Hash;
use std::hint::black_box;
use std::net::SocketAddr;

use concur_cores::NodeId;
use concur_cores::ring::{Member, Placement as _, Replica, Ring, Scheme, View};
use divan::Bencher;
use divan::counter::ItemsCount;
use hashring::HashRing;
use pingora_ketama::{Bucket, Continuum, Version};

const KEYS: usize = 4_096;
/// Nodes, and points of each.
const SIZES: [(u64, u32); 2] = [(100, 160), (1_000, 100)];

fn main() {
    divan::main();
}

fn keys() -> Vec<String> {
    (0..KEYS)
        .map(|n| format!("user:{:08x}:cart", n.wrapping_mul(0x9e37_79b9)))
        .collect()
}

fn members(nodes: u64) -> impl Iterator<Item = Member> {
    (0..nodes).map(|id| Member::new(NodeId(id)).in_zone((id % 3) as u32))
}

fn view(nodes: u64, points: u32) -> View {
    View::new(1, Scheme::Xxh3, points, members(nodes)).expect("there are members")
}

fn bucket(node: u64) -> Bucket {
    let [.., a, b] = node.to_be_bytes();
    Bucket::new(SocketAddr::from(([10, 0, a, b], 80)), 1)
}

fn pingora(nodes: u64, point_multiple: u32) -> Continuum {
    let buckets: Vec<Bucket> = (0..nodes).map(bucket).collect();
    Continuum::new_with_version(&buckets, Version::V2 { point_multiple })
}

fn pingora_v1(nodes: u64) -> Continuum {
    Continuum::new(&(0..nodes).map(bucket).collect::<Vec<_>>())
}

#[derive(Clone, Copy, Debug, Hash, PartialEq)]
struct VirtualNode {
    node: u64,
    number: u32,
}

fn hashring(nodes: u64, points: u32) -> HashRing<VirtualNode> {
    let mut ring = HashRing::new();
    ring.batch_add(
        (0..nodes)
            .flat_map(|node| virtual_nodes(node, points))
            .collect(),
    );
    ring
}

fn virtual_nodes(node: u64, points: u32) -> impl Iterator<Item = VirtualNode> {
    (0..points).map(move |number| VirtualNode { node, number })
}

/// Measures 4,096 calls.
fn each_key<T>(bencher: Bencher<'_, '_>, mut lookup: impl FnMut(&str) -> T) {
    let keys = keys();
    bencher.counter(ItemsCount::new(KEYS)).bench_local(|| {
        for key in &keys {
            black_box(lookup(black_box(key)));
        }
    });
}

#[divan::bench_group(sample_count = 200)]
mod lookup {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn concur(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let ring = Ring::new(view(nodes, points));
        each_key(bencher, |key| ring.owner(key.as_bytes()));
    }

    #[divan::bench(args = SIZES)]
    fn sorted_array(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let points: Vec<_> = Ring::new(view(nodes, points)).points().collect();
        each_key(bencher, |key| {
            let position = Scheme::Xxh3.position(key.as_bytes());
            let at = points.partition_point(|point| point.0 < position);
            points[if at == points.len() { 0 } else { at }].1
        });
    }

    #[divan::bench(args = SIZES)]
    fn pingora_ketama(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let ring = pingora(nodes, points);
        each_key(bencher, |key| ring.node(key.as_bytes()));
    }

    /// Its first form has 160 points for each node, always.
    #[divan::bench(args = [100, 1_000])]
    fn pingora_ketama_v1(bencher: Bencher<'_, '_>, nodes: u64) {
        let ring = pingora_v1(nodes);
        each_key(bencher, |key| ring.node(key.as_bytes()));
    }

    #[divan::bench(args = SIZES)]
    fn hashring(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let ring = super::hashring(nodes, points);
        each_key(bencher, |key| ring.get(&key).copied());
    }
}

#[divan::bench_group(sample_count = 100)]
mod three_replicas {
    use super::*;

    /// Three distinct members in three distinct zones.
    #[divan::bench(args = SIZES)]
    fn concur_zones(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let ring = Ring::new(view(nodes, points));
        each_key(bencher, |key| {
            let mut list = [Replica::default(); 3];
            let _ = ring.replicas(key.as_bytes(), &mut list);
            list
        });
    }

    /// Three distinct members, all in one zone.
    #[divan::bench(args = SIZES)]
    fn concur_one_zone(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let members = members(nodes).map(|member| member.in_zone(0));
        let view = View::new(1, Scheme::Xxh3, points, members).expect("there are members");
        let ring = Ring::new(view);
        each_key(bencher, |key| {
            let mut list = [Replica::default(); 3];
            let _ = ring.replicas(key.as_bytes(), &mut list);
            list
        });
    }

    /// Three points, of which several may be one node's; of 64 keys only, since it copies and sorts.
    #[divan::bench(args = [SIZES[0]], sample_count = 3, sample_size = 1)]
    fn hashring(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let (ring, keys) = (super::hashring(nodes, points), keys());
        bencher.counter(ItemsCount::new(64_usize)).bench_local(|| {
            for key in &keys[..64] {
                black_box(ring.get_with_replicas(key, 2));
            }
        });
    }
}

#[divan::bench_group(sample_count = 10, sample_size = 1)]
mod build {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn concur(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        bencher
            .with_inputs(|| view(nodes, points))
            .bench_local_values(Ring::new);
    }

    #[divan::bench(args = SIZES)]
    fn pingora_ketama(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        bencher.bench_local(|| pingora(nodes, points));
    }

    #[divan::bench(args = SIZES)]
    fn hashring(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        bencher.bench_local(|| super::hashring(nodes, points));
    }
}

#[divan::bench_group(sample_count = 50, sample_size = 1)]
mod add_a_node {
    use super::*;

    /// The ring before stays as it is, for whoever still reads it; with `hashring` there is one ring, which changes.
    #[divan::bench(args = SIZES)]
    fn concur(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let ring = Ring::new(view(nodes, points));
        let next = ring
            .view()
            .join(Member::new(NodeId(nodes)))
            .expect("a stranger");
        bencher
            .with_inputs(|| next.clone())
            .bench_local_values(|next| ring.follow(next));
    }

    /// It builds anew.
    #[divan::bench(args = SIZES)]
    fn pingora_ketama(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        bencher.bench_local(|| pingora(nodes + 1, points));
    }

    #[divan::bench(args = SIZES)]
    fn hashring(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let fresh = || virtual_nodes(nodes, points).collect::<Vec<_>>();
        bencher
            .with_inputs(|| (super::hashring(nodes, points), fresh()))
            .bench_local_values(|(mut ring, fresh)| {
                ring.batch_add(fresh);
                ring
            });
    }
}

#[divan::bench_group(sample_count = 50, sample_size = 1)]
mod remove_a_node {
    use super::*;

    /// One in the middle, so that the ranks of half of the others change.
    #[divan::bench(args = SIZES)]
    fn concur(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let ring = Ring::new(view(nodes, points));
        let next = ring.view().leave(NodeId(nodes / 2)).expect("a member");
        bencher
            .with_inputs(|| next.clone())
            .bench_local_values(|next| ring.follow(next));
    }

    /// It takes points off one by one.
    #[divan::bench(args = SIZES)]
    fn hashring(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        bencher
            .with_inputs(|| super::hashring(nodes, points))
            .bench_local_values(|mut ring| {
                for node in virtual_nodes(nodes / 2, points) {
                    ring.remove(&node);
                }
                ring
            });
    }
}

#[divan::bench_group(sample_count = 20, sample_size = 1)]
mod moves {
    use super::*;

    /// What changes hands when a node is added: no peer says.
    #[divan::bench(args = SIZES)]
    fn concur(bencher: Bencher<'_, '_>, (nodes, points): (u64, u32)) {
        let ring = Ring::new(view(nodes, points));
        let next = ring
            .view()
            .join(Member::new(NodeId(nodes)))
            .expect("a stranger");
        let next = ring.follow(next);
        bencher.bench_local(|| ring.moves(&next));
    }
}
