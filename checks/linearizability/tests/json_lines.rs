//! Histories as text: what is written is read again, and what is no history is refused by line.

mod oracle;

use concur_linearizability::specs::{Answer, Ask, At, Keyed, Register};
use concur_linearizability::{History, Limits, check, json};
use oracle::{Play, play};

type Map = History<At<String, Ask<u64>>, Answer<u64>>;

fn read(text: &str) -> Result<Map, String> {
    json::read(text.as_bytes()).map_err(|why| why.to_string())
}

const STALE: &str = r#"
# One writes, and then another reads what was there before.
{"event": "call", "id": 1, "client": 1, "operation": {"key": "a", "operation": {"put": 5}}}
{"event": "call", "id": 9, "client": 3, "operation": {"key": "a", "operation": {"append": 2}}}
{"event": "return", "id": 1, "answer": "done"}
{"event": "refused", "id": 9}
{"event": "call", "id": 2, "client": 2, "operation": {"key": "a", "operation": "get"}}
{"event": "call", "id": 3, "client": 2, "operation": {"key": "b", "operation": {"cas": {"from": null, "to": 1}}}}
{"event": "return", "id": 3, "answer": {"swapped": true}}
{"event": "return", "id": 2, "answer": {"value": null}}
"#;

#[test]
fn a_recorded_history_is_judged_and_explained() {
    let history = read(STALE).expect("it is a history");
    let verdict = check(
        &Keyed::<String, Register<u64>>::default(),
        &history,
        Limits::default(),
    );
    let expected = r#"not linearizable (object "a"): no order gets past the return of
  4..7  c2  At { key: "a", operation: Get } → Value(None)
one order is:
  0..2  c1  At { key: "a", operation: Put(5) } → Done
after which it holds Some(5), and nothing that is left leads on:
  4..7  c2  At { key: "a", operation: Get } → Value(None)
"#;
    assert_eq!(verdict.to_string(), expected);
}

#[test]
fn what_is_written_is_read_again() {
    let how = Play {
        clients: 4,
        operations: 60,
        lies: 5,
        given_up: 20,
    };
    for seed in 0..50 {
        let history = play::<Keyed<char, Register<u64>>>(how, seed);
        let mut text = Vec::new();
        json::write(&history, &mut text).expect("a vector takes everything");
        let again = json::read(&*text).expect("it was written so");
        assert_eq!(history, again);
    }
}

#[test]
fn what_is_no_history_is_refused_by_line() {
    let call =
        r#"{"event": "call", "id": 1, "client": 1, "operation": {"key": "a", "operation": "get"}}"#;
    let done = r#"{"event": "return", "id": 1, "answer": "done"}"#;
    for (text, expected) in [
        (
            "\nhello",
            "line 2: expected value at line 1 column 1, in hello",
        ),
        (r#"{"event": "cal"}"#, "line 1: unknown variant `cal`"),
        (
            r#"{"event": "return", "id": 1}"#,
            "line 1: missing field `answer`",
        ),
        (
            r#"{"event": "refused", "id": 1, "at": 5}"#,
            "line 1: unknown field `at`",
        ),
        (done, "line 1: there is no call with the number 1"),
        (
            &format!("{call}\n{done}\n{done}"),
            "line 3: it has ended already, the call with the number 1 (line 2)",
        ),
        (
            &format!("{call}\n\n{call}"),
            "line 3: there is a call already with the number 1 (line 1)",
        ),
    ] {
        let why = read(text).expect_err("it is no history");
        assert!(why.starts_with(expected), "{why}");
    }
}
