//! Where keys live: exhaustively on circles of a few positions, where every collision of points occurs, and sampled on the whole one.

use crate::support::{Coarse, Given, nearest, replicas};
use concur_cores::NodeId;
use concur_cores::ring::{Member, Move, Placement, Position, Replica, Ring, Scheme, Supply, View};
use proptest::prelude::*;

fn view(weights: &[u32]) -> Option<View> {
    let member = |(id, weight): (usize, &u32)| {
        Member::new(NodeId(id as u64))
            .with_weight(*weight)
            .in_zone(id as u32 % 2)
    };
    let members = weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight > 0);
    View::new(1, Scheme::Xxh3, 1, members.map(member)).ok()
}

/// Every choice of weights up to `most` for that many members, 0 for one that is not there.
fn views(members: usize, most: u32) -> Vec<View> {
    let choices = most as usize + 1;
    let weights = |code: usize| {
        let digit = |member| code / choices.pow(member as u32) % choices;
        (0..members)
            .map(|member| digit(member) as u32)
            .collect::<Vec<_>>()
    };
    (0..choices.pow(members as u32))
        .filter_map(|code| view(&weights(code)))
        .collect()
}

fn points<P: Placement>(ring: &Ring<P>) -> Vec<(Position, NodeId)> {
    ring.points().collect()
}

#[test]
fn the_owner_is_the_nearest_member_and_ties_go_by_identity() {
    let mut cases = 0;
    for by in Given::all(2, 3, 2) {
        for view in views(3, 2) {
            let ring = Ring::with(view.clone(), by.clone());
            for position in by.positions() {
                assert_eq!(
                    ring.owner_at(position),
                    nearest(&by, &view, position)[0].id,
                    "{by:?} {view}"
                );
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 4_096 * 26 * 4);
}

#[test]
fn the_ring_is_a_function_of_the_members_whatever_the_way_to_them() {
    for by in Given::all(2, 3, 2).step_by(7) {
        for before in views(3, 2) {
            let ring = Ring::with(before, by.clone());
            for after in views(3, 2) {
                let anew = Ring::with(after.clone(), by.clone());
                let followed = ring.follow(after);
                assert_eq!(points(&followed), points(&anew), "{by:?} {ring:?} {anew:?}");
                for position in by.positions() {
                    assert_eq!(followed.owner_at(position), anew.owner_at(position));
                }
            }
        }
    }
}

/// Over every assignment, every set of members and every change of one of them.
#[test]
fn a_member_that_comes_or_grows_gets_exactly_what_it_gains_and_nothing_else_moves() {
    for by in Given::all(2, 3, 2) {
        for (before, grown) in growths() {
            let after = before.clone();
            let (before, after) = (view(&before).unwrap(), view(&grow(after, grown)).unwrap());
            let (ring, next) = (
                Ring::with(before, by.clone()),
                Ring::with(after, by.clone()),
            );
            let (moves, back) = (ring.moves(&next), next.moves(&ring));
            for position in by.positions() {
                moves_right(&ring, &next, &moves, position);
                moves_right(&next, &ring, &back, position);
            }
            let new = NodeId(grown as u64);
            assert!(
                moves
                    .iter()
                    .all(|moved| moved.to == new && moved.from != new)
            );
            assert!(
                back.iter()
                    .all(|moved| moved.from == new && moved.to != new)
            );
        }
    }
}

/// Every choice of weights of three members, and one of them whose weight can grow by one.
fn growths() -> impl Iterator<Item = (Vec<u32>, usize)> {
    let weights = (0..27_u32).map(|code| vec![code % 3, code / 3 % 3, code / 9]);
    let some = weights.filter(|weights| weights.iter().any(|weight| *weight > 0));
    some.flat_map(|weights| {
        let grows: Vec<_> = (0..3).filter(|member| weights[*member] < 2).collect();
        grows
            .into_iter()
            .map(move |member| (weights.clone(), member))
    })
}

fn grow(mut weights: Vec<u32>, member: usize) -> Vec<u32> {
    weights[member] += 1;
    weights
}

fn moves_right<P: Placement>(ring: &Ring<P>, next: &Ring<P>, moves: &[Move], position: Position) {
    let (from, to) = (ring.owner_at(position), next.owner_at(position));
    let of: Vec<_> = moves
        .iter()
        .filter(|moved| moved.range.contains(position))
        .collect();
    match of[..] {
        [] => assert_eq!(from, to),
        [moved] => {
            assert_ne!(from, to);
            assert_eq!((moved.from, moved.to), (from, to));
        }
        _ => panic!("{position:x} moves twice: {of:?}"),
    }
}

#[test]
fn adding_a_member_moves_exactly_what_it_gains_on_whole_circles_of_8_and_16_bits() {
    for (bits, virtual_nodes) in [(8, 40), (16, 100)] {
        let by = Coarse { bits };
        for members in [1, 2, 5_u64] {
            let members = (0..members).map(|id| Member::new(NodeId(10 * id)));
            let before = View::new(1, Scheme::Xxh3, virtual_nodes, members).unwrap();
            let new = Member::new(NodeId(35));
            let ring = Ring::with(before.clone(), by.clone());
            let next = ring.follow(before.join(new.clone()).unwrap());
            let moves = ring.moves(&next);
            for small in 0..1_u64 << bits {
                let position = small << (64 - bits);
                moves_right(&ring, &next, &moves, position);
                let gains = nearest(&by, next.view(), position)[0].id == new.id;
                let owner = if gains {
                    new.id
                } else {
                    ring.owner_at(position)
                };
                assert_eq!(next.owner_at(position), owner);
            }
        }
    }
}

#[test]
fn ranges_that_move_are_as_wide_as_they_can_be() {
    for by in Given::all(2, 3, 2).step_by(11) {
        for (before, after) in [
            ([1, 1, 0], [1, 1, 1]),
            ([2, 2, 2], [0, 2, 1]),
            ([1, 0, 0], [0, 1, 0]),
        ] {
            let ring = Ring::with(view(&before).unwrap(), by.clone());
            let next = Ring::with(view(&after).unwrap(), by.clone());
            let moves = ring.moves(&next);
            for (a, b) in moves.iter().flat_map(|a| moves.iter().map(move |b| (a, b))) {
                let neighbours = a.range.upto == b.range.after && a.range != b.range;
                assert!(!neighbours || (a.from, a.to) != (b.from, b.to), "{a} {b}");
            }
        }
    }
    let ring = Ring::with(view(&[1]).unwrap(), Coarse { bits: 8 });
    let next = Ring::with(view(&[0, 1]).unwrap(), Coarse { bits: 8 });
    let [all] = ring.moves(&next)[..] else {
        panic!("everything moves at once")
    };
    assert_eq!(all.range.after, all.range.upto);
    assert!(
        [0, 1, all.range.upto, u64::MAX]
            .iter()
            .all(|at| all.range.contains(*at))
    );
}

#[test]
fn replicas_are_distinct_begin_with_the_owner_and_lie_in_distinct_zones() {
    let (mut shared, mut few) = (0, 0);
    for by in Given::all(2, 4, 1) {
        for view in views(4, 1) {
            let ring = Ring::with(view.clone(), by.clone());
            let zones = 1 + usize::from(
                view.members()
                    .iter()
                    .any(|m| m.zone != view.members()[0].zone),
            );
            for (position, wanted) in by.positions().flat_map(|p| (0..=5).map(move |n| (p, n))) {
                let mut list = vec![Replica::default(); wanted];
                let supply = ring.replicas_at(position, &mut list);
                let expected = match view.members().len() {
                    members if members < wanted => Supply::TooFew(members),
                    _ if zones < wanted => Supply::SharedZones(zones),
                    _ => Supply::DistinctZones,
                };
                assert_eq!(supply, expected);
                few += usize::from(matches!(supply, Supply::TooFew(_)));
                shared += usize::from(matches!(supply, Supply::SharedZones(_)));
                let ids: Vec<_> = list
                    .iter()
                    .map(|r| r.id)
                    .take(view.members().len())
                    .collect();
                assert_eq!(ids, replicas(&by, &view, position, wanted), "{by:?} {view}");
            }
        }
    }
    assert!(few > 0 && shared > 0);
}

#[test]
fn a_ring_that_follows_another_scheme_or_number_of_virtual_nodes_is_built_anew() {
    let of = |scheme, virtual_nodes| {
        let members = ["a:1", "b:1"].into_iter().zip(1..);
        let members = members.map(|(name, id)| Member::new(NodeId(id)).named(name));
        View::new(1, scheme, virtual_nodes, members).unwrap()
    };
    let ring = Ring::new(of(Scheme::Xxh3, 8));
    for view in [of(Scheme::Ketama, 8), of(Scheme::Xxh3, 9)] {
        let (followed, anew) = (ring.follow(view.clone()), Ring::new(view));
        assert_eq!(points(&followed), points(&anew));
        assert_eq!(followed, anew);
        assert_eq!(followed.position(b"k"), anew.position(b"k"));
    }
}

#[test]
fn a_share_follows_the_weight() {
    let members = (0..10).map(|id| Member::new(NodeId(id)).with_weight(1 + id as u32 % 2));
    let ring = Ring::new(View::new(1, Scheme::Xxh3, 160, members).unwrap());
    let mut heavy = 0;
    for key in 0..30_000_u32 {
        heavy += ring.owner(&key.to_le_bytes()).0 % 2;
    }
    assert!(
        (19_000..=21_000).contains(&heavy),
        "{heavy} of 30,000 keys where 20,000 are due"
    );
}

proptest! {
    #[test]
    fn the_whole_circle_agrees_with_the_definition(
        ids in proptest::collection::btree_map(any::<u64>(), (1_u32..4, 0_u32..3), 1..8),
        gone in any::<prop::sample::Index>(),
        bits in prop::sample::select(vec![4_u32, 9, 64]),
        keys in proptest::collection::vec(any::<[u8; 8]>(), 64),
    ) {
        let members = ids.iter().map(|(id, (weight, zone))| {
            Member::new(NodeId(*id)).with_weight(*weight).in_zone(*zone)
        });
        let view = View::new(1, Scheme::Xxh3, 5, members).unwrap();
        let by = Coarse { bits };
        let ring = Ring::with(view.clone(), by.clone());
        let gone = view.members()[gone.index(view.members().len())].id;
        let next = view.leave(gone).ok().map(|next| ring.follow(next));
        for key in keys {
            let position = by.position(&key);
            let near = nearest(&by, &view, position);
            prop_assert_eq!(ring.owner(&key), near[0].id);
            let mut list = [Replica::default(); 4];
            let _ = ring.replicas(&key, &mut list);
            let wanted = replicas(&by, &view, position, 4);
            let ids: Vec<_> = list.iter().map(|replica| replica.id).take(wanted.len()).collect();
            prop_assert_eq!(ids, wanted);
            if let Some(next) = &next {
                let heir = near.iter().find(|member| member.id != gone).unwrap().id;
                prop_assert_eq!(next.owner(&key), heir);
                moves_right(&ring, next, &ring.moves(next), position);
            }
        }
    }
}
