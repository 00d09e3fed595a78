//! How much the search takes, counted in steps; and that a limit is no pass.

mod oracle;

use std::time::Duration;

use concur_linearizability::specs::{Answer, Ask, At, Keyed, Register};
use concur_linearizability::{Fate, History, Limits, Reached, Verdict, check, is_witness};
use oracle::{Of, Play, play, with_fates};

type Map = Keyed<char, Register<u64>>;

fn steps(steps: u64) -> Limits {
    Limits { steps, time: None }
}

/// A number that nobody writes is read at the end: 5 clients with 8 operations each.
fn never_written() -> Of<Register<u64>> {
    let busy = Play {
        clients: 5,
        operations: 40,
        lies: 0,
        given_up: 0,
    };
    let mut history = play::<Register<u64>>(busy, 1);
    let read = history.call(1, Ask::Get);
    history.returned(read, Answer::Value(Some(1_000)));
    history
}

fn long(given_up: u32) -> Of<Map> {
    let busy = Play {
        clients: 8,
        operations: 10_000,
        lies: 0,
        given_up,
    };
    play::<Map>(busy, 7)
}

#[test]
fn a_limit_is_not_a_verdict() {
    let history = never_written();
    let spec = Register::default();
    let verdict = check(&spec, &history, steps(10));
    assert!(matches!(verdict, Verdict::Unknown(Reached::Steps(10))));
    assert!(!verdict.is_linearizable() && !verdict.is_refuted());
    assert_eq!(
        verdict.to_string(),
        "unknown: the search was ended after 10 steps"
    );
    let no_time = Limits {
        time: Some(Duration::ZERO),
        ..Limits::default()
    };
    let verdict = check(&spec, &history, no_time);
    assert!(matches!(
        verdict,
        Verdict::Unknown(Reached::Time(Duration::ZERO))
    ));
}

#[test]
fn an_object_that_is_refuted_settles_it_though_a_longer_one_is_not_decided() {
    let mut history = History::new();
    for operation in never_written().operations() {
        let (key, operation) = ('a', operation.operation.clone());
        history.call(1, At { key, operation });
    }
    let mut read_what_nobody_wrote = |key| {
        let operation = Ask::Get;
        let read = history.call(1, At { key, operation });
        history.returned(read, Answer::Value(Some(1_000)));
        history.clone()
    };
    let long = read_what_nobody_wrote('a');
    let verdict = check(&Map::default(), &long, steps(100));
    assert!(matches!(verdict, Verdict::Unknown(_)), "{verdict}");
    let both = read_what_nobody_wrote('b');
    let verdict = check(&Map::default(), &both, steps(100));
    assert!(verdict.is_refuted(), "{verdict}");
}

/// Without a memory this takes time that is exponential in the length.
#[test]
fn a_register_of_forty_operations_is_refuted_in_few_steps() {
    let history = never_written();
    let verdict = check(&Register::default(), &history, steps(20_000));
    let Verdict::NotLinearizable(refutation) = verdict else {
        panic!("{verdict}");
    };
    assert_eq!(refutation.stuck.0, 40, "{refutation}");
    assert!(
        refutation.to_string().contains("Get → Value(Some(1000))"),
        "{refutation}"
    );
}

#[test]
fn a_map_of_ten_thousand_operations_takes_few_steps_each() {
    let history = long(0);
    let verdict = check(&Map::default(), &history, steps(100_000));
    let Verdict::Linearizable(order) = verdict else {
        panic!("{verdict}");
    };
    assert!(is_witness(&Map::default(), &history, &order));
}

#[test]
fn one_wrong_answer_among_ten_thousand_is_found() {
    let history = long(0);
    let last = history.operations().len() - 1;
    let read = |at: &usize| {
        let operation = &history.operations()[*at];
        matches!(operation.answer(), Some(Answer::Value(_)))
    };
    let victim = (0..last / 2).rev().find(read).expect("something is read");
    let victim = history.operations()[victim].ended();
    let wrong = with_fates(&history, |fate| {
        Some(match fate {
            Fate::Returned(at, _) if *at == victim => {
                Fate::Returned(*at, Answer::Value(Some(1_000)))
            }
            other => other.clone(),
        })
    });
    let verdict = check(&Map::default(), &wrong, steps(1_000_000));
    assert!(verdict.is_refuted(), "{verdict}");
    assert!(
        verdict.to_string().contains("Value(Some(1000))"),
        "{verdict}"
    );
}

/// Each operation that never returned doubles what is possible: some are borne.
#[test]
fn operations_that_were_given_up_are_borne() {
    let busy = Play {
        clients: 5,
        operations: 300,
        lies: 0,
        given_up: 5,
    };
    for seed in 0..20 {
        let history = play::<Map>(busy, seed);
        let verdict = check(&Map::default(), &history, steps(1_000_000));
        assert!(verdict.is_linearizable(), "seed {seed}: {verdict}");
    }
}
