//! The binary form of Paxos: what it is, that it can be read back, and that no bytes make the reader or the cores panic.

use std::fmt::Write as _;
use std::sync::Arc;

use concur_cores::codec::{Decode, Encode};
use concur_cores::paxos::multi::{self, Entries, Entry, Slot, Snapshot, Suffix};
use concur_cores::paxos::{Ballot, Quorums, Ranked, single};
use concur_cores::{Effects, Input, NodeId, Protocol};
use insta::assert_snapshot;
use proptest::collection::vec;
use proptest::prelude::*;

const BALLOT: Ballot = Ballot {
    round: 300,
    node: NodeId(2),
};

fn entries() -> Entries<u64> {
    [Entry::NoOp, Entry::Command(7)].into_iter().collect()
}

fn snapshot() -> Snapshot {
    Snapshot {
        upto: Slot(5),
        state: Arc::from(&b"xyz"[..]),
    }
}

fn suffix() -> Suffix<u64> {
    Suffix {
        first: Slot(5),
        chosen: Slot(6),
        votes: vec![Some(Ranked::new(BALLOT, Entry::Command(7))), None],
    }
}

fn vectors<T: Encode + Decode + std::fmt::Display + PartialEq + std::fmt::Debug>(
    values: &[T],
) -> String {
    let mut text = String::new();
    for value in values {
        let bytes = value.to_bytes();
        assert_eq!(T::from_bytes(&bytes).as_ref(), Ok(value));
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(text, "{hex}  {value}").unwrap();
    }
    text
}

#[test]
fn golden_vectors_of_one_decision() {
    use single::{Message, Record};
    let vote = Ranked::new(BALLOT, 7);
    let messages: [Message<u64>; 8] = [
        Message::Phase1a { ballot: BALLOT },
        Message::Phase1b {
            ballot: BALLOT,
            vote: None,
        },
        Message::Phase1b {
            ballot: BALLOT,
            vote: Some(vote.clone()),
        },
        Message::Phase2a(vote.clone()),
        Message::Phase2b(vote.clone()),
        Message::Preempted { promised: BALLOT },
        Message::Learn,
        Message::Chosen { value: 7 },
    ];
    let records = [Record::Promised(BALLOT), Record::Accepted(vote)];
    assert_snapshot!(vectors(&messages) + &vectors(&records));
}

#[test]
fn golden_vectors_of_a_log() {
    use multi::{Message, Record};
    let (ballot, first, chosen) = (BALLOT, Slot(5), Slot(3));
    let messages: [Message<u64>; 9] = [
        Message::Phase1a { ballot, first },
        Message::Phase1b {
            ballot,
            told: suffix(),
        },
        Message::Phase2a {
            ballot,
            first,
            entries: entries(),
            chosen,
        },
        Message::Phase2b {
            ballot,
            first,
            end: Slot(7),
        },
        Message::Preempted { promised: ballot },
        Message::Heartbeat { ballot, chosen },
        Message::Learn { first },
        Message::Chosen {
            first,
            entries: entries(),
            chosen: Slot(8),
        },
        Message::Snapshot(snapshot()),
    ];
    let records = [
        Record::Promised(ballot),
        Record::Accepted {
            ballot,
            first,
            entries: entries(),
            chosen,
        },
        Record::Learned {
            first,
            entries: entries(),
        },
        Record::Checkpoint {
            promised: ballot,
            snapshot: snapshot(),
            rest: suffix(),
        },
    ];
    assert_snapshot!(vectors(&messages) + &vectors(&records));
}

/// Small numbers, so that messages meet, and the largest ones.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..8_u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn slot() -> impl Strategy<Value = Slot> {
    number().prop_map(Slot)
}

fn ballot() -> impl Strategy<Value = Ballot> {
    (number(), 1..4_u64).prop_map(|(round, node)| Ballot {
        round,
        node: NodeId(node),
    })
}

fn entry() -> impl Strategy<Value = Entry<u64>> {
    prop_oneof![Just(Entry::NoOp), number().prop_map(Entry::Command)]
}

fn some_entries() -> impl Strategy<Value = Entries<u64>> {
    vec(entry(), 0..4).prop_map(Entries::from)
}

fn some_snapshot() -> impl Strategy<Value = Snapshot> {
    (slot(), vec(any::<u8>(), 0..4)).prop_map(|(upto, state)| Snapshot {
        upto,
        state: state.into(),
    })
}

fn some_suffix() -> impl Strategy<Value = Suffix<u64>> {
    let vote = (ballot(), entry()).prop_map(|(ballot, value)| Ranked { ballot, value });
    let votes = vec(proptest::option::of(vote), 0..4);
    (slot(), slot(), votes).prop_map(|(first, chosen, votes)| Suffix {
        first,
        chosen,
        votes,
    })
}

fn log_message() -> impl Strategy<Value = multi::Message<u64>> {
    use multi::Message;
    prop_oneof![
        (ballot(), slot()).prop_map(|(ballot, first)| Message::Phase1a { ballot, first }),
        (ballot(), some_suffix()).prop_map(|(ballot, told)| Message::Phase1b { ballot, told }),
        (ballot(), slot(), some_entries(), slot()).prop_map(|(ballot, first, entries, chosen)| {
            Message::Phase2a {
                ballot,
                first,
                entries,
                chosen,
            }
        }),
        (ballot(), slot(), slot()).prop_map(|(ballot, first, end)| Message::Phase2b {
            ballot,
            first,
            end
        }),
        ballot().prop_map(|promised| Message::Preempted { promised }),
        (ballot(), slot()).prop_map(|(ballot, chosen)| Message::Heartbeat { ballot, chosen }),
        slot().prop_map(|first| Message::Learn { first }),
        (slot(), some_entries(), slot()).prop_map(|(first, entries, chosen)| Message::Chosen {
            first,
            entries,
            chosen,
        }),
        some_snapshot().prop_map(Message::Snapshot),
    ]
}

fn log_record() -> impl Strategy<Value = multi::Record<u64>> {
    use multi::Record;
    prop_oneof![
        ballot().prop_map(Record::Promised),
        (ballot(), slot(), some_entries(), slot()).prop_map(|(ballot, first, entries, chosen)| {
            Record::Accepted {
                ballot,
                first,
                entries,
                chosen,
            }
        }),
        (slot(), some_entries()).prop_map(|(first, entries)| Record::Learned { first, entries }),
        (ballot(), some_snapshot(), some_suffix()).prop_map(|(promised, snapshot, rest)| {
            Record::Checkpoint {
                promised,
                snapshot,
                rest,
            }
        }),
    ]
}

fn decision_message() -> impl Strategy<Value = single::Message<u64>> {
    use single::Message;
    let vote = || (ballot(), number()).prop_map(|(ballot, value)| Ranked { ballot, value });
    prop_oneof![
        ballot().prop_map(|ballot| Message::Phase1a { ballot }),
        (ballot(), proptest::option::of(vote()))
            .prop_map(|(ballot, vote)| Message::Phase1b { ballot, vote }),
        vote().prop_map(Message::Phase2a),
        vote().prop_map(Message::Phase2b),
        ballot().prop_map(|promised| Message::Preempted { promised }),
        Just(Message::Learn),
        number().prop_map(|value| Message::Chosen { value }),
    ]
}

fn quorums() -> Quorums {
    Quorums::majority((1..=3).map(NodeId)).unwrap()
}

/// What happens to a core under test besides messages: it always has a receipt for what it wrote, and alarms that may go off.
fn drive<P: Protocol>(core: &mut P, inputs: Vec<Input<P>>) {
    let mut effects = Effects::new();
    for input in inputs {
        core.step(input, &mut effects);
        while let Some(receipt) = effects.receipt.take() {
            core.step(Input::Persisted(receipt), &mut effects);
        }
        effects.clear();
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        message in log_message(),
        record in log_record(),
        other in decision_message(),
    ) {
        prop_assert_eq!(multi::Message::from_bytes(&message.to_bytes()), Ok(message));
        prop_assert_eq!(multi::Record::from_bytes(&record.to_bytes()), Ok(record));
        prop_assert_eq!(single::Message::from_bytes(&other.to_bytes()), Ok(other));
    }

    #[test]
    fn whatever_bytes_are_read_nothing_panics_and_what_is_understood_has_one_form(
        mut bytes in vec(any::<u8>(), 0..64),
        tag in 0..10_u8,
    ) {
        bytes.splice(0..0, [1, tag]);
        if let Ok(message) = multi::Message::<u64>::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes.clone());
        }
        if let Ok(record) = multi::Record::<u64>::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes.clone());
        }
        if let Ok(message) = single::Message::<u64>::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes.clone());
        }
        if let Ok(record) = single::Record::<u64>::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes);
        }
    }

    #[test]
    fn no_message_makes_a_replica_panic(
        inputs in vec((0..8_u8, 1..5_u64, log_message()), 0..40),
    ) {
        use multi::{Config, Node, Request, Timer};
        let config = Config::new(NodeId(1), quorums());
        let mut core = Node::<u64>::recover(config, &[], &mut Effects::new());
        let inputs = inputs.into_iter().map(|(kind, from, message)| match kind {
            0 => Input::Elapsed(Timer::Election),
            1 => Input::Elapsed(Timer::Heartbeat),
            2 => Input::Request(Request::Propose(vec![from])),
            _ => Input::Receive { from: NodeId(from), message },
        });
        drive(&mut core, inputs.collect());
    }

    #[test]
    fn no_message_makes_a_node_of_one_decision_panic(
        inputs in vec((0..8_u8, 1..5_u64, decision_message()), 0..40),
    ) {
        use single::{Config, Node, Request, Timer};
        let config = Config::new(NodeId(1), quorums());
        let mut core = Node::<u64>::recover(config, &[], &mut Effects::new());
        let inputs = inputs.into_iter().map(|(kind, from, message)| match kind {
            0 => Input::Elapsed(Timer::Retry),
            1 => Input::Elapsed(Timer::Learn),
            2 => Input::Request(Request::Propose(from)),
            _ => Input::Receive { from: NodeId(from), message },
        });
        drive(&mut core, inputs.collect());
    }
}
