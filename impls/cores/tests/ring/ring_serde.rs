//! What the `serde` feature writes of the ring: messages, records and views, and what has no binary form: requests, notices, alarms, and what a ring says of its view.

use std::fmt::Debug;

use crate::support::values::{a_view, member, message, record, view};
use concur_cores::NodeId;
use concur_cores::ring::hand_over::{Ask, Bytes, Notice, Request, Timer, Why};
use concur_cores::ring::{Move, Replica, Ring, Supply, View, ViewError};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// As text and back.
fn through_json<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).expect("it can be written");
    serde_json::from_str(&text).expect("it can be read")
}

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
    assert_eq!(through_json(&value), value);
}

fn an_ask() -> Ask {
    Ask {
        client: 7,
        sequence: 9,
        epoch: 3,
        key: "k".into(),
    }
}

#[test]
fn what_a_node_is_asked_and_says_comes_back() {
    comes_back(Request::Install(a_view()));
    comes_back(Request::Write(an_ask(), Bytes(vec![0, 255])));
    comes_back(Request::Read(an_ask()));
    comes_back(Request::Retire);
    comes_back(Request::Checkpoint);
    let ask = an_ask();
    comes_back(Notice::Written { ask, version: 2 });
    for found in [None, Some((2, "v".into()))] {
        let ask = an_ask();
        comes_back(Notice::Value { ask, found });
    }
    for why in [
        Why::Epoch(4),
        Why::NotOwner(NodeId(2)),
        Why::NotYet,
        Why::Superseded,
    ] {
        let ask = an_ask();
        comes_back(Notice::Refused { ask, why });
    }
    comes_back(Notice::Settled(4));
    comes_back(Notice::HandedOver);
    comes_back(Notice::Retired);
    comes_back(Timer::Resend);
}

#[test]
fn what_a_ring_says_comes_back() {
    let ring = Ring::new(a_view());
    let next = ring.follow(ring.view().join(member(2)).unwrap());
    let moves: Vec<Move> = ring.moves(&next);
    assert!(!moves.is_empty());
    comes_back(moves);
    let mut replicas = [Replica::default(); 2];
    comes_back(ring.replicas(b"k", &mut replicas));
    comes_back(replicas);
    comes_back([Supply::SharedZones(1), Supply::TooFew(2)]);
}

/// What is written by hand may come in any order, but it is a view or it is refused.
#[test]
fn a_view_is_checked_when_it_is_read() {
    let text = serde_json::to_string(&a_view()).unwrap();
    assert!(text.contains(r#""virtual_nodes":160"#), "{text}");
    let without_points = text.replace(r#""virtual_nodes":160"#, r#""virtual_nodes":0"#);
    let error = serde_json::from_str::<View>(&without_points).unwrap_err();
    let why = ViewError::NoVirtualNodes.to_string();
    assert!(error.to_string().starts_with(&why), "{error}");

    let mut shuffled: serde_json::Value = serde_json::from_str(&text).unwrap();
    shuffled["members"].as_array_mut().unwrap().reverse();
    let read: View = serde_json::from_value(shuffled).unwrap();
    assert_eq!(read, a_view());
}

proptest! {
    #[test]
    fn what_is_written_comes_back(view in view(), message in message(), record in record()) {
        prop_assert_eq!(through_json(&view), view);
        prop_assert_eq!(through_json(&message), message);
        prop_assert_eq!(through_json(&record), record);
    }
}
