//! The shared ring over the production primitives, with real threads.

mod scenarios;

use std::sync::Arc;
use std::thread::spawn;

use concur_cores::NodeId;
use concur_cores::ring::{Factor, Member, Ring, Scheme, View};
use concur_runtime::{Balancer, Membership, StaleView};
use scenarios::Size;

const VIEWS: u64 = 200;

/// By turns with and without n4.
fn view(epoch: u64) -> View {
    let members = (1..=3 + epoch % 2).map(|id| Member::new(NodeId(id)));
    View::new(epoch, Scheme::Xxh3, 20, members).expect("there are members")
}

#[test]
fn readers_see_whole_views_whose_epochs_grow_while_a_writer_installs_them() {
    let membership = Membership::new(view(1));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                while last < VIEWS {
                    let ring = membership.load();
                    assert!(ring.epoch() >= last);
                    last = ring.epoch();
                    let anew = Ring::new(view(last));
                    for key in 0..50_u32 {
                        assert_eq!(
                            ring.owner(&key.to_le_bytes()),
                            anew.owner(&key.to_le_bytes())
                        );
                    }
                }
            });
        }
        for epoch in 2..=VIEWS {
            membership.install(view(epoch)).expect("it is newer");
        }
    });
    let stale = StaleView {
        offered: 7,
        current: VIEWS,
    };
    assert_eq!(membership.install(view(7)), Err(stale));
    assert_eq!(
        stale.to_string(),
        "the view of epoch 7 was offered in epoch 200"
    );
}

#[test]
fn loads_stay_within_the_bound_and_none_leaks_while_members_come_and_go() {
    let balancer = Balancer::new(Factor::percent(125).expect("not below 1"), view(1));
    std::thread::scope(|scope| {
        for thread in 0..2_u32 {
            let balancer = &balancer;
            scope.spawn(move || {
                for n in 0..2_000_u32 {
                    let held: Vec<_> = (0..3)
                        .map(|more| balancer.arrive(&(thread + n + more).to_le_bytes()))
                        .collect();
                    assert!((1..=4).contains(&held[0].member().0));
                }
            });
        }
        for epoch in 2..=VIEWS {
            balancer.install(view(epoch)).expect("it is newer");
        }
    });
    assert_eq!(balancer.total(), 0);
    assert!((1..=4).all(|id| balancer.load(NodeId(id)) == 0));

    let held: Vec<_> = (0..12).map(|_| balancer.arrive(b"one key")).collect();
    let most = (1..=3).map(|id| balancer.load(NodeId(id))).max();
    assert_eq!(most, Some(5), "⌈1.25·12/3⌉ where all 12 are for one key");
    drop(held);
    assert_eq!(balancer.total(), 0);
}

/// What loom looks at with two threads and three views, here with a dozen and hundreds.
#[test]
fn many_readers_and_writers_do_what_two_of_them_do_under_loom() {
    for _ in 0..20 {
        scenarios::readers_and_writers(Size {
            writers: 4,
            readers: 8,
            epochs: 200,
            looks: 300,
        });
    }
}

#[test]
fn many_requests_at_once_do_not_overload_a_member() {
    for _ in 0..50 {
        scenarios::as_many_requests_as_members(16);
    }
}

#[test]
fn no_load_leaks_when_a_member_is_removed_from_under_many_requests() {
    for _ in 0..100 {
        scenarios::removal(12);
    }
}
