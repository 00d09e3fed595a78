//! The program that judges a recorded history: what it prints, and how it exits.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// The exit code, and what was printed.
fn judge(object: &str, history: &str) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_concur-linearizability"));
    let piped = program.arg(object).stdin(Stdio::piped());
    let piped = piped.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("cargo has built it");
    let mut input = child.stdin.take().expect("it is piped");
    // A program that does not want to read on has closed it.
    let _ = input.write_all(history.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("it is text");
    (output.status.code(), text)
}

const WRITE: &str = r#"{"event": "call", "id": 1, "client": 1, "operation": {"put": 5}}
{"event": "return", "id": 1, "answer": "done"}
{"event": "call", "id": 2, "client": 2, "operation": "get"}
"#;

fn with_read(value: &str) -> String {
    format!(r#"{WRITE}{{"event": "return", "id": 2, "answer": {{"value": {value}}}}}"#)
}

#[test]
fn a_history_is_judged_from_standard_input() {
    let (code, text) = judge("register", &with_read("5"));
    assert_eq!(
        (code, &*text),
        (Some(0), "linearizable, 2 operations in an order\n")
    );
    let (code, text) = judge("register", &with_read("6"));
    assert_eq!(code, Some(1));
    assert!(text.starts_with("not linearizable"), "{text}");
}

#[test]
fn what_cannot_be_judged_is_no_pass() {
    let (code, text) = judge("register", "hello");
    assert_eq!(code, Some(2));
    assert!(text.starts_with("line 1: "), "{text}");
    let (code, text) = judge("teapot", "");
    assert_eq!(code, Some(2));
    assert!(text.starts_with("concur-linearizability OBJECT"), "{text}");
}
