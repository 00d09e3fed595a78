//! The binary form of messages and records: what it is, that it can be read back, and that no bytes make it panic.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use concur_cores::NodeId;
use concur_cores::codec::{Decode, Encode};
use concur_cores::two_phase::{
    Ballot, Branch, Cast, Entry, Image, Instances, Message, Outcome, Plan, Record, Resolved,
    TransactionId, Value, Vote,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

fn site() -> impl Strategy<Value = NodeId> {
    any::<u64>().prop_map(NodeId)
}

prop_compose! {
    fn transaction()(coordinator in site(), incarnation: u64, number: u64) -> TransactionId {
        TransactionId { coordinator, incarnation, number }
    }
}

prop_compose! {
    fn branch()(site in site(), incarnation: u64) -> Branch {
        Branch { site, incarnation }
    }
}

prop_compose! {
    fn plan()(participants in vec(branch(), 0..4), acceptors in vec(site(), 0..4)) -> Plan {
        Plan { participants, acceptors }
    }
}

prop_compose! {
    fn ballot()(round: u64, leader in site(), incarnation: u64) -> Ballot {
        Ballot { round, leader, incarnation }
    }
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![Just(Outcome::Commit), Just(Outcome::Abort)]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Prepared), Just(Value::Aborted)]
}

fn values() -> impl Strategy<Value = BTreeMap<NodeId, Value>> {
    btree_map(site(), value(), 0..4)
}

fn votes() -> impl Strategy<Value = BTreeMap<NodeId, Cast>> {
    let cast = (ballot(), value()).prop_map(|(ballot, value)| Cast { ballot, value });
    btree_map(site(), cast, 0..4)
}

prop_compose! {
    fn instances()(plan in plan(), promised in ballot(), votes in votes()) -> Instances {
        Instances { plan, promised, votes }
    }
}

prop_compose! {
    fn resolved()(plan in plan(), took in outcome(), decided in option::of(outcome())) -> Resolved {
        Resolved { plan, took, decided }
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        plan().prop_map(Entry::Prepared),
        Just(Entry::OnePhase),
        resolved().prop_map(Entry::Resolved),
    ]
}

prop_compose! {
    fn image()(
        incarnation: u64,
        commits in btree_map(transaction(), btree_set(site(), 0..4), 0..3),
        entries in btree_map(transaction(), entry(), 0..3),
        accepted in btree_map(transaction(), instances(), 0..3),
    ) -> Image {
        Image { incarnation, commits, entries, accepted }
    }
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        any::<u64>().prop_map(Record::Incarnation),
        (transaction(), btree_set(site(), 0..4)).prop_map(|(t, sites)| Record::Commit(t, sites)),
        transaction().prop_map(Record::End),
        (transaction(), plan()).prop_map(|(t, plan)| Record::Prepared(t, plan)),
        transaction().prop_map(Record::Committed),
        transaction().prop_map(Record::Aborted),
        transaction().prop_map(Record::OnePhase),
        (transaction(), resolved()).prop_map(|(t, resolved)| Record::Resolved(t, resolved)),
        transaction().prop_map(Record::Forgotten),
        (transaction(), instances()).prop_map(|(t, instances)| Record::Accepted(t, instances)),
        transaction().prop_map(Record::Released),
        image().prop_map(|image| Record::Checkpoint(Box::new(image))),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let vote = prop_oneof![Just(Vote::Yes), Just(Vote::Read), Just(Vote::No)];
    let parts = (
        (transaction(), transaction(), plan(), ballot()),
        (vote, outcome(), option::of(outcome()), any::<bool>()),
        (any::<u64>(), option::of(any::<u64>()), values(), votes()),
    );
    (0..16, parts).prop_map(|(kind, parts)| {
        let ((transaction, floor, plan, ballot), (vote, outcome, mismatch, acknowledge), more) =
            parts;
        let (incarnation, asked, values, votes) = more;
        match kind {
            0 => Message::Prepare {
                transaction,
                plan,
                floor,
            },
            1 => Message::PrepareOnePhase {
                transaction,
                incarnation,
                floor,
            },
            2 => Message::Vote { transaction, vote },
            3 => Message::Decision {
                transaction,
                outcome,
                acknowledge,
            },
            4 => Message::Ack {
                transaction,
                mismatch,
            },
            5 => Message::Inquiry {
                transaction,
                incarnation: asked,
            },
            6 => Message::Forgotten { transaction },
            7 => Message::Uncertain { transaction },
            8 => Message::OnePhaseDone {
                transaction,
                outcome,
            },
            9 => Message::OnePhaseAck { transaction },
            10 => Message::Phase1a {
                transaction,
                plan,
                ballot,
            },
            11 => Message::Phase1b {
                transaction,
                ballot,
                votes,
            },
            12 => Message::Phase2a {
                transaction,
                plan,
                ballot,
                values,
            },
            13 => Message::Phase2b {
                transaction,
                ballot,
                values,
            },
            14 => Message::Outvoted {
                transaction,
                promised: ballot,
            },
            _ => Message::Forget { transaction },
        }
    })
}

proptest! {
    #[test]
    fn a_message_reads_back_as_it_was(message in message()) {
        prop_assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
    }

    #[test]
    fn a_record_reads_back_as_it_was(record in record()) {
        prop_assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
    }

    #[test]
    fn a_value_cut_short_is_none(message in message(), record in record(), cut: prop::sample::Index) {
        let (message, record) = (message.to_bytes(), record.to_bytes());
        prop_assert!(Message::from_bytes(&message[..cut.index(message.len())]).is_err());
        prop_assert!(Record::from_bytes(&record[..cut.index(record.len())]).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_what_they_say_is_written_in_the_same_way(
        bytes in vec(any::<u8>(), 0..64), tag in 0..17_u8
    ) {
        let bytes = [vec![1, tag], bytes].concat();
        if let Ok(message) = Message::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes.clone());
        }
        if let Ok(record) = Record::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes);
        }
    }
}

/// One of each kind, small enough to be read.
fn golden_messages() -> Vec<Message> {
    let (transaction, plan, ballot) = (golden_transaction(), golden_plan(), golden_ballot());
    let floor = TransactionId {
        number: 200,
        ..transaction
    };
    let values = BTreeMap::from([(NodeId(2), Value::Prepared), (NodeId(3), Value::Aborted)]);
    let votes = golden_instances().votes;
    let (outcome, took) = (Outcome::Commit, Outcome::Abort);
    vec![
        Message::Prepare {
            transaction,
            plan: plan.clone(),
            floor,
        },
        Message::PrepareOnePhase {
            transaction,
            incarnation: 4,
            floor,
        },
        Message::Vote {
            transaction,
            vote: Vote::Read,
        },
        Message::Decision {
            transaction,
            outcome,
            acknowledge: true,
        },
        Message::Ack {
            transaction,
            mismatch: Some(took),
        },
        Message::Inquiry {
            transaction,
            incarnation: Some(4),
        },
        Message::Forgotten { transaction },
        Message::Uncertain { transaction },
        Message::OnePhaseDone {
            transaction,
            outcome: took,
        },
        Message::OnePhaseAck { transaction },
        Message::Phase1a {
            transaction,
            plan: plan.clone(),
            ballot,
        },
        Message::Phase1b {
            transaction,
            ballot,
            votes,
        },
        Message::Phase2a {
            transaction,
            plan,
            ballot,
            values: values.clone(),
        },
        Message::Phase2b {
            transaction,
            ballot,
            values,
        },
        Message::Outvoted {
            transaction,
            promised: ballot,
        },
        Message::Forget { transaction },
    ]
}

fn golden_records() -> Vec<Record> {
    let (transaction, plan) = (golden_transaction(), golden_plan());
    let sites = BTreeSet::from([NodeId(2), NodeId(3)]);
    let resolved = Resolved {
        plan: plan.clone(),
        took: Outcome::Abort,
        decided: Some(Outcome::Commit),
    };
    let image = Image {
        incarnation: 9,
        commits: BTreeMap::from([(transaction, sites.clone())]),
        entries: BTreeMap::from([(transaction, Entry::OnePhase)]),
        accepted: BTreeMap::from([(transaction, golden_instances())]),
    };
    vec![
        Record::Incarnation(300),
        Record::Commit(transaction, sites),
        Record::End(transaction),
        Record::Prepared(transaction, plan),
        Record::Committed(transaction),
        Record::Aborted(transaction),
        Record::OnePhase(transaction),
        Record::Resolved(transaction, resolved),
        Record::Forgotten(transaction),
        Record::Accepted(transaction, golden_instances()),
        Record::Released(transaction),
        Record::Checkpoint(Box::new(image)),
    ]
}

fn golden_transaction() -> TransactionId {
    TransactionId {
        coordinator: NodeId(1),
        incarnation: 7,
        number: 300,
    }
}

fn golden_plan() -> Plan {
    let branch = |site, incarnation| Branch {
        site: NodeId(site),
        incarnation,
    };
    Plan {
        participants: vec![branch(2, 4), branch(3, 5)],
        acceptors: vec![NodeId(1)],
    }
}

fn golden_ballot() -> Ballot {
    Ballot {
        round: 2,
        leader: NodeId(3),
        incarnation: 5,
    }
}

fn golden_instances() -> Instances {
    let cast = Cast {
        ballot: Ballot::ZERO,
        value: Value::Prepared,
    };
    Instances {
        plan: golden_plan(),
        promised: golden_ballot(),
        votes: BTreeMap::from([(NodeId(2), cast)]),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

/// These bytes are on disks: a change to them needs a new version.
#[test]
fn the_binary_form_stays_as_it_is() {
    let mut lines = String::new();
    for message in golden_messages() {
        writeln!(lines, "{}  {message}", hex(&message.to_bytes())).expect("a string");
    }
    for record in golden_records() {
        writeln!(lines, "{}  {record}", hex(&record.to_bytes())).expect("a string");
    }
    insta::assert_snapshot!(lines);
}

#[cfg(feature = "serde")]
#[test]
fn serde_brings_messages_and_records_back_too() {
    for message in golden_messages() {
        let text = serde_json::to_string(&message).expect("it can be written");
        let read = serde_json::from_str::<Message>(&text).expect("it can be read");
        assert_eq!(read, message);
    }
    for record in golden_records() {
        let text = serde_json::to_string(&record).expect("it can be written");
        let read = serde_json::from_str::<Record>(&text).expect("it can be read");
        assert_eq!(read, record);
    }
}

#[cfg(feature = "serde")]
proptest! {
    #[test]
    fn serde_brings_any_record_back(record in record(), message in message()) {
        let text = serde_json::to_string(&record).expect("it can be written");
        prop_assert_eq!(serde_json::from_str::<Record>(&text).expect("it can be read"), record);
        let text = serde_json::to_string(&message).expect("it can be written");
        prop_assert_eq!(serde_json::from_str::<Message>(&text).expect("it can be read"), message);
    }
}
