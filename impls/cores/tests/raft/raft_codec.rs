//! The binary form of Raft's messages and records: golden vectors, round trips, and bytes from anywhere.

use concur_cores::codec::{Decode, DecodeError, Encode};
use concur_cores::raft::{
    Answer, Ballot, Body, Config, Entries, Entry, Message, Position, Raft, Record, Request, Role,
    Snapshot, Timer,
};
use concur_cores::{Effects, Input, NodeId, Protocol};
use proptest::prelude::*;

/// Small numbers, which mean something to a server; and the largest ones.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..4_u64,
        any::<u64>(),
        u64::MAX / 2 - 1..=u64::MAX / 2 + 1,
        u64::MAX - 1..=u64::MAX
    ]
}

fn position() -> impl Strategy<Value = Position> {
    (number(), number()).prop_map(|(index, term)| Position { index, term })
}

fn entries() -> impl Strategy<Value = Entries<u64>> {
    let entry =
        (number(), any::<Option<u64>>()).prop_map(|(term, command)| Entry { term, command });
    prop::collection::vec(entry, 0..5).prop_map(Entries::from)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..20)
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        number().prop_map(|match_index| Answer::Accepted { match_index }),
        (number(), position()).prop_map(|(prev_index, hint)| Answer::Refused { prev_index, hint }),
    ]
}

fn body() -> impl Strategy<Value = Body<u64>> {
    prop_oneof![
        position().prop_map(|last| Body::PreVoteRequest { last }),
        any::<bool>().prop_map(|granted| Body::PreVoteResponse { granted }),
        (position(), any::<bool>())
            .prop_map(|(last, transfer)| Body::RequestVoteRequest { last, transfer }),
        any::<bool>().prop_map(|granted| Body::RequestVoteResponse { granted }),
        (position(), entries(), number()).prop_map(|(prev, entries, commit_index)| {
            Body::AppendEntriesRequest {
                prev,
                entries,
                commit_index,
            }
        }),
        answer().prop_map(Body::AppendEntriesResponse),
        (position(), number(), bytes(), any::<bool>()).prop_map(|(last, offset, data, done)| {
            Body::InstallSnapshotRequest {
                last,
                offset,
                data,
                done,
            }
        }),
        (number(), number()).prop_map(|(last_index, received)| {
            Body::InstallSnapshotResponse {
                last_index,
                received,
            }
        }),
        Just(Body::TimeoutNow),
    ]
}

fn message() -> impl Strategy<Value = Message<u64>> {
    (number(), body()).prop_map(|(term, body)| Message { term, body })
}

fn ballot() -> impl Strategy<Value = Ballot> {
    (number(), any::<Option<u64>>(), number()).prop_map(|(term, voted_for, boot)| Ballot {
        term,
        voted_for: voted_for.map(NodeId),
        boot,
    })
}

fn record() -> impl Strategy<Value = Record<u64>> {
    let snapshot = (position(), bytes()).prop_map(|(last, data)| Snapshot {
        last,
        data: data.into(),
    });
    prop_oneof![
        ballot().prop_map(Record::Ballot),
        (number(), entries()).prop_map(|(after, entries)| Record::Append { after, entries }),
        (ballot(), snapshot, entries()).prop_map(|(ballot, snapshot, entries)| {
            Record::Checkpoint {
                ballot,
                snapshot,
                entries,
            }
        }),
    ]
}

/// A message from one of the other servers, or an alarm.
fn input() -> impl Strategy<Value = Input<Raft<u64>>> {
    let timers = [
        Timer::Election,
        Timer::Heartbeat,
        Timer::Quorum,
        Timer::Transfer,
    ];
    let receive = |(from, message)| Input::Receive {
        from: NodeId(from),
        message,
    };
    prop_oneof![
        4 => (2..4_u64, message()).prop_map(receive),
        1 => prop::sample::select(timers.to_vec()).prop_map(Input::Elapsed),
        1 => Just(Input::Request(Request::Propose(vec![7]))),
    ]
}

proptest! {
    /// Whatever arrives, and whatever the server is by then.
    #[test]
    fn no_message_makes_a_server_panic(
        wins in any::<bool>(),
        inputs in prop::collection::vec(input(), 0..40),
    ) {
        let mut effects = Effects::new();
        let config = Config::new(NodeId(1), [1, 2, 3].map(NodeId));
        let mut server = Raft::recover(config, &[], &mut effects);
        if wins {
            server.step(Input::Elapsed(Timer::Election), &mut effects);
            for body in [Body::PreVoteResponse { granted: true }, Body::RequestVoteResponse { granted: true }] {
                for id in [2, 3] {
                    let (from, message) = (NodeId(id), Message { term: 1, body: body.clone() });
                    server.step(Input::Receive { from, message }, &mut effects);
                }
            }
            prop_assert_eq!(server.role(), Role::Leader);
        }
        for input in inputs {
            server.step(input, &mut effects);
            prop_assert!(server.commit_index() <= server.last().index);
        }
    }

    #[test]
    fn a_message_comes_back_as_it_was(message in message()) {
        prop_assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
    }

    #[test]
    fn a_record_comes_back_as_it_was(record in record()) {
        prop_assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
    }

    #[test]
    fn a_message_that_is_cut_off_is_none(message in message(), cut in any::<prop::sample::Index>()) {
        let bytes = message.to_bytes();
        let cut = cut.index(bytes.len());
        prop_assert!(Message::<u64>::from_bytes(&bytes[..cut]).is_err());
    }

    /// What is read from any bytes is written back as these bytes: each value has one form.
    #[test]
    fn bytes_from_anywhere_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Some(tag) = bytes.get_mut(1) {
            *tag %= 11;
        }
        if let Ok(message) = Message::<u64>::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes.clone());
        }
        if let Ok(record) = Record::<u64>::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One of each form, with small and large numbers.
fn golden() -> (Vec<Message<u64>>, Vec<Record<u64>>) {
    let last = Position {
        index: 300,
        term: 2,
    };
    let entries = || -> Entries<u64> {
        let blank = Entry {
            term: 2,
            command: None,
        };
        let command = Entry {
            term: 3,
            command: Some(1 << 40),
        };
        [blank, command].into_iter().collect()
    };
    let bodies = [
        Body::PreVoteRequest { last },
        Body::PreVoteResponse { granted: true },
        Body::RequestVoteRequest {
            last,
            transfer: true,
        },
        Body::RequestVoteResponse { granted: false },
        Body::AppendEntriesRequest {
            prev: last,
            entries: entries(),
            commit_index: 299,
        },
        Body::AppendEntriesResponse(Answer::Accepted { match_index: 302 }),
        Body::AppendEntriesResponse(Answer::Refused {
            prev_index: 300,
            hint: Position { index: 7, term: 1 },
        }),
        Body::InstallSnapshotRequest {
            last,
            offset: 128,
            data: vec![1, 2, 3],
            done: true,
        },
        Body::InstallSnapshotResponse {
            last_index: 300,
            received: 131,
        },
        Body::TimeoutNow,
    ];
    let ballot = Ballot {
        term: 3,
        voted_for: Some(NodeId(1)),
        boot: 4,
    };
    let snapshot = Snapshot {
        last,
        data: [9, 8, 7].into(),
    };
    let records = vec![
        Record::Ballot(ballot),
        Record::Append {
            after: 300,
            entries: entries(),
        },
        Record::Checkpoint {
            ballot,
            snapshot,
            entries: entries(),
        },
    ];
    let messages = bodies.map(|body| Message { term: 3, body });
    (messages.into(), records)
}

/// Disks and peers hold these bytes: a change here needs a new version.
#[test]
fn golden_vectors_are_what_is_written_and_read() {
    let (messages, records) = golden();
    let written = messages
        .iter()
        .map(|message| format!("{} {message}", hex(&message.to_bytes())))
        .chain(
            records
                .iter()
                .map(|record| format!("{} {record}", hex(&record.to_bytes()))),
        );
    let written: Vec<String> = written.collect();
    insta::assert_snapshot!(written.join("\n"));
    for message in messages {
        assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
    }
    for record in records {
        assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
    }
}

#[test]
fn an_unknown_variant_is_named() {
    assert_eq!(
        Message::<u64>::from_bytes(&[1, 10, 0]),
        Err(DecodeError::UnknownTag("Message", 10))
    );
    assert_eq!(
        Record::<u64>::from_bytes(&[1, 3]),
        Err(DecodeError::UnknownTag("Record", 3))
    );
}

#[cfg(feature = "serde")]
#[test]
fn serde_brings_messages_and_records_back_too() {
    let (messages, records) = golden();
    for message in messages {
        let text = serde_json::to_string(&message).expect("it can be written");
        assert_eq!(
            serde_json::from_str::<Message<u64>>(&text).ok(),
            Some(message)
        );
    }
    for record in records {
        let text = serde_json::to_string(&record).expect("it can be written");
        assert_eq!(
            serde_json::from_str::<Record<u64>>(&text).ok(),
            Some(record)
        );
    }
}
