//! The search against stateright's tester, on small histories of one register.

mod oracle;

use concur_linearizability::specs::{Answer, Ask, Register};
use concur_linearizability::{Fate, Limits, check};
use oracle::{Of, Play, play};
use stateright::semantics::register::{Register as Theirs, RegisterOp, RegisterRet};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

/// Reads and writes only, which is what stateright's register knows; it holds 0 at first.
fn retold(history: &Of<Register<u64>>) -> LinearizabilityTester<usize, Theirs<u64>> {
    let mut events = Vec::new();
    for (at, operation) in history.operations().iter().enumerate() {
        let asked = match operation.operation {
            Ask::Put(value) => RegisterOp::Write(value),
            _ => RegisterOp::Read,
        };
        if let Fate::Refused(_) = operation.fate {
            continue;
        }
        events.push((operation.called, at, Some(asked), None));
        if let Some(answer) = operation.answer() {
            let told = match answer {
                Answer::Value(value) => RegisterRet::ReadOk(value.unwrap_or(0)),
                _ => RegisterRet::WriteOk,
            };
            events.push((operation.ended(), at, None, Some(told)));
        }
    }
    events.sort_by_key(|(time, ..)| *time);
    let mut tester = LinearizabilityTester::new(Theirs(0));
    for (_, thread, asked, told) in events {
        if let Some(asked) = asked {
            tester
                .on_invoke(thread, asked)
                .expect("each call is a thread's only one");
        }
        if let Some(told) = told {
            tester.on_return(thread, told).expect("it was called");
        }
    }
    tester
}

fn is_simple(history: &Of<Register<u64>>) -> bool {
    history.operations().iter().all(|operation| {
        let read = matches!(operation.answer(), Some(Answer::Value(_)) | None);
        let done = matches!(operation.answer(), Some(Answer::Done) | None);
        match operation.operation {
            Ask::Get => read,
            Ask::Put(_) => done,
            _ => false,
        }
    })
}

#[test]
fn stateright_says_the_same() {
    let how = Play {
        clients: 3,
        operations: 5,
        lies: 10,
        given_up: 10,
    };
    let mut seen = [0; 2];
    let histories = (0..)
        .map(|seed| play::<Register<u64>>(how, seed))
        .filter(is_simple);
    for history in histories.take(1_500) {
        let ours = check(&Register::default(), &history, Limits::default()).is_linearizable();
        assert_eq!(ours, retold(&history).is_consistent(), "{history:#?}");
        seen[usize::from(ours)] += 1;
    }
    assert!(seen.iter().all(|times| *times > 150), "{seen:?}");
}
