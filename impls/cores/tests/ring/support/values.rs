//! Views, messages and records of the ring: some, and any.

use concur_cores::NodeId;
use concur_cores::ring::hand_over::{Applied, Bytes, Checkpoint, Entry, Handing, Message, Record};
use concur_cores::ring::{KeyRange, Member, Scheme, View};
use proptest::prelude::*;

pub(crate) fn member(id: u64) -> Member {
    Member::new(NodeId(id))
}

pub(crate) fn a_view() -> View {
    let named = member(300).named("10.0.0.1:80").with_weight(2).in_zone(7);
    View::new(5, Scheme::Xxh3, 160, [named, member(1)]).unwrap()
}

fn bytes() -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..6).prop_map(Bytes)
}

fn entry() -> impl Strategy<Value = Entry> {
    let applied = proptest::collection::btree_map(any::<u64>(), any::<(u64, u64)>(), 0..3);
    (any::<u64>(), bytes(), applied).prop_map(|(version, value, applied)| Entry {
        version,
        value,
        applied: applied
            .into_iter()
            .map(|(client, (sequence, version))| (client, Applied { sequence, version }))
            .collect(),
    })
}

fn entries() -> impl Strategy<Value = Vec<(Bytes, Entry)>> {
    proptest::collection::vec((bytes(), entry()), 0..4)
}

fn range() -> impl Strategy<Value = KeyRange> {
    any::<(u64, u64)>().prop_map(|(after, upto)| KeyRange { after, upto })
}

pub(crate) fn view() -> impl Strategy<Value = View> {
    let members =
        proptest::collection::btree_map(any::<u64>(), (1_u32..9, any::<u32>(), ".{0,6}"), 1..5);
    (any::<u64>(), any::<bool>(), 1_u32..500, members).prop_map(
        |(epoch, ketama, virtual_nodes, members)| {
            let scheme = if ketama { Scheme::Ketama } else { Scheme::Xxh3 };
            let members = members.into_iter().map(|(id, (weight, zone, name))| {
                member(id).with_weight(weight).in_zone(zone).named(name)
            });
            View::new(epoch, scheme, virtual_nodes, members).expect("such members make a view")
        },
    )
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    (any::<u64>(), range(), proptest::option::of(entries())).prop_map(|(epoch, range, entries)| {
        match entries {
            Some(entries) => Message::Data {
                epoch,
                range,
                entries,
            },
            None => Message::Got { epoch, range },
        }
    })
}

fn checkpoint() -> impl Strategy<Value = Record> {
    let id = || any::<u64>().prop_map(NodeId);
    let handing = (any::<u64>(), id(), entries()).prop_map(|(epoch, to, entries)| Handing {
        epoch,
        to,
        entries,
    });
    let awaited = proptest::collection::btree_map(range(), id(), 0..3);
    let arrived = proptest::collection::btree_set(range(), 0..3);
    let handing = proptest::collection::btree_map(range(), handing, 0..3);
    (view(), entries(), awaited, arrived, handing).prop_map(
        |(view, entries, awaited, arrived, handing)| {
            Record::Checkpoint(Box::new(Checkpoint {
                view,
                entries,
                awaited,
                arrived,
                handing,
            }))
        },
    )
}

pub(crate) fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        view().prop_map(Record::Installed),
        (bytes(), entry()).prop_map(|(key, entry)| Record::Stored(key, entry)),
        (range(), entries()).prop_map(|(range, entries)| Record::Arrived(range, entries)),
        range().prop_map(Record::Deleted),
        Just(Record::Retired),
        checkpoint(),
    ]
}
