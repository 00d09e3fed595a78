//! What of the ring is written down: views, messages and records in their binary form, and where points and keys lie.

use std::fmt::Write as _;

use crate::support::values::{a_view, member, message, record, view};
use concur_cores::NodeId;
use concur_cores::codec::{Decode, DecodeError, Encode, VERSION};
use concur_cores::ring::hand_over::{Applied, Checkpoint, Entry, Handing, Message, Record};
use concur_cores::ring::{KeyRange, MAX_POINTS, Member, Ring, Scheme, View, ViewError};
use concur_rules::ring::RingRule as Rule;
use proptest::prelude::*;

fn hex(value: &impl Encode) -> String {
    value
        .to_bytes()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes everything");
            hex
        })
}

fn an_entry() -> Entry {
    Entry {
        version: 2,
        value: "v".into(),
        applied: [(
            7,
            Applied {
                sequence: 9,
                version: 2,
            },
        )]
        .into(),
    }
}

const RANGE: KeyRange = KeyRange {
    after: 1,
    upto: u64::MAX,
};

fn messages() -> Vec<Message> {
    let entries = vec![("k".into(), an_entry())];
    vec![
        Message::Data {
            epoch: 3,
            range: RANGE,
            entries,
        },
        Message::Got {
            epoch: 3,
            range: RANGE,
        },
    ]
}

fn records() -> Vec<Record> {
    let entries = vec![("k".into(), an_entry())];
    let handing = Handing {
        epoch: 2,
        to: NodeId(3),
        entries: entries.clone(),
    };
    vec![
        Record::Installed(a_view()),
        Record::Stored("k".into(), an_entry()),
        Record::Arrived(RANGE, entries.clone()),
        Record::Deleted(RANGE),
        Record::Retired,
        Record::Checkpoint(Box::new(Checkpoint {
            view: a_view(),
            entries,
            awaited: [(RANGE, NodeId(2))].into(),
            arrived: [RANGE].into(),
            handing: [(RANGE, handing)].into(),
        })),
    ]
}

/// What was once written must be read for ever: a change here is a new version, not a new snapshot.
#[test]
fn the_binary_form_is_what_it_was() {
    let mut golden = String::new();
    writeln!(golden, "{}\n  {}", a_view(), hex(&a_view())).unwrap();
    let ketama = View::new(1, Scheme::Ketama, 160, [member(1).named("a:1")]).unwrap();
    writeln!(golden, "{ketama}\n  {}", hex(&ketama)).unwrap();
    for message in messages() {
        writeln!(golden, "{message}\n  {}", hex(&message)).unwrap();
        assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
    }
    for record in records() {
        writeln!(golden, "{record}\n  {}", hex(&record)).unwrap();
        assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
    }
    assert_eq!(
        golden,
        include_str!("golden/ring_form.txt"),
        "the form has changed:\n{golden}"
    );
}

/// Nodes of different builds must agree on who owns a key, or they lose data.
#[test]
fn points_and_keys_lie_where_they_lay() {
    assert_eq!(
        Ring::new(a_view()).position(b""),
        0x2d06_8005_38d3_94c2,
        "XXH3 of nothing"
    );
    let mut golden = String::new();
    let ring = Ring::new(View::new(1, Scheme::Xxh3, 4, [1, 2, u64::MAX].map(member)).unwrap());
    for (position, id) in ring.points() {
        writeln!(golden, "point {position:016x} {id}").unwrap();
    }
    for n in 0..20 {
        let key = format!("key:{n}");
        let (position, owner) = (ring.position(key.as_bytes()), ring.owner(key.as_bytes()));
        writeln!(golden, "key {key} {position:016x} {owner}").unwrap();
    }
    assert_eq!(
        golden,
        include_str!("golden/ring_xxh3.txt"),
        "placement has changed:\n{golden}"
    );
}

#[test]
fn ketama_places_points_and_keys_as_libketama_does() {
    let golden = include_str!("golden/ring_ketama.txt");
    let names = [
        "10.0.1.1:11211",
        "10.0.1.2:11211",
        "10.0.1.3:11211",
        "cache.example:11212",
    ];
    let members = (1..).zip(names).map(|(id, name)| member(id).named(name));
    let ring = Ring::new(View::new(1, Scheme::Ketama, 160, members).unwrap());
    let high = |position: u64| {
        assert_eq!(position & 0xffff_ffff, 0);
        position >> 32
    };
    let points = ring
        .points()
        .map(|(position, id)| format!("point {:08x} {}", high(position), id.0));
    let expected = golden.lines().filter(|line| line.starts_with("point"));
    assert!(points.eq(expected));
    let mut keys = 0;
    for line in golden.lines().filter(|line| line.starts_with("key")) {
        let key = line.split(' ').nth(1).expect("a key");
        let (position, owner) = (ring.position(key.as_bytes()), ring.owner(key.as_bytes()));
        assert_eq!(
            format!("key {key} {:08x} {}", high(position), owner.0),
            line
        );
        keys += 1;
    }
    assert_eq!(keys, 200);
}

#[test]
fn there_is_no_view_without_members_points_weight_or_with_too_much_of_it() {
    let new =
        |virtual_nodes, members: Vec<Member>| View::new(1, Scheme::Xxh3, virtual_nodes, members);
    assert_eq!(new(1, vec![]), Err(ViewError::NoMembers));
    assert_eq!(new(0, vec![member(1)]), Err(ViewError::NoVirtualNodes));
    assert_eq!(
        new(1, vec![member(1).with_weight(0)]),
        Err(ViewError::ZeroWeight(NodeId(1)))
    );
    assert_eq!(
        new(1, vec![member(1), member(1).in_zone(2)]),
        Err(ViewError::Repeated(NodeId(1)))
    );
    let heavy = member(1).with_weight(u32::MAX);
    let points = u64::from(u32::MAX) * u64::from(u32::MAX);
    assert!(points > MAX_POINTS);
    assert_eq!(
        new(u32::MAX, vec![heavy]),
        Err(ViewError::TooManyPoints(points))
    );

    let one = new(1, vec![member(1)]).unwrap();
    assert_eq!(
        one.join(member(1)),
        Err(ViewError::Refused(Rule::RingJoinStranger))
    );
    assert_eq!(
        one.leave(NodeId(2)),
        Err(ViewError::Refused(Rule::RingLeaveMember))
    );
    assert_eq!(
        one.change(member(2)),
        Err(ViewError::Refused(Rule::RingLeaveMember))
    );
    assert_eq!(
        one.leave(NodeId(1)),
        Err(ViewError::Refused(Rule::RingLeaveNotLast))
    );
    assert_eq!(
        one.join(member(2))
            .unwrap()
            .leave(NodeId(1))
            .unwrap()
            .epoch(),
        3
    );
}

#[test]
fn a_view_has_one_form_only() {
    let mut out = vec![VERSION, 1, 0, 1, 2];
    for id in [2, 1] {
        member(id).encode(&mut out);
    }
    assert_eq!(
        View::from_bytes(&out),
        Err(DecodeError::BadValue("View::members"))
    );
    let empty = [VERSION, 1, 0, 1, 0];
    assert_eq!(
        View::from_bytes(&empty),
        Err(DecodeError::BadValue("View::members"))
    );
    assert_eq!(View::from_bytes(&[2]), Err(DecodeError::UnknownVersion(2)));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(view in view(), message in message(), record in record()) {
        prop_assert_eq!(View::from_bytes(&view.to_bytes()), Ok(view));
        prop_assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
        prop_assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_are_what_they_are_written_as(mut bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }
        if let Ok(view) = View::from_bytes(&bytes) {
            prop_assert_eq!(view.to_bytes(), bytes.clone());
        }
        if let Ok(message) = Message::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes.clone());
        }
        if let Ok(record) = Record::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_flipped_or_missing_byte_never_panics(record in record(), at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = record.to_bytes();
        let at = at.index(bytes.len());
        prop_assert!(Record::from_bytes(&bytes[..at]).is_err());
        bytes[at] ^= flip;
        if let Ok(other) = Record::from_bytes(&bytes) {
            prop_assert_eq!(other.to_bytes(), bytes);
        }
    }
}
