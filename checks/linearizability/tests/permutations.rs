//! The search against all permutations, on thousands of small random histories.

mod oracle;

use std::cell::Cell;

use concur_linearizability::specs::{Keyed, Log, Queue, Register};
use concur_linearizability::{Limits, Verdict, check, is_witness};
use oracle::{Play, Sample, brute_force, play};
use proptest::test_runner::{Config, TestRunner};

const CASES: u32 = 2_500;

fn agrees<S: Sample>() {
    let plays = (1..5_usize, 1..7_usize, 0..25_u32, 0..30_u32, 0..u64::MAX);
    let seen = [Cell::new(0_u32), Cell::new(0)];
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&plays, |(clients, operations, lies, given_up, seed)| {
        let how = Play {
            clients,
            operations,
            lies,
            given_up,
        };
        let (spec, history) = (S::default(), play::<S>(how, seed));
        let verdict = check(&spec, &history, Limits::default());
        let exists = brute_force(&spec, &history);
        assert_eq!(verdict.is_linearizable(), exists, "{history:#?}");
        assert_eq!(verdict.is_refuted(), !exists, "{history:#?}");
        if let Verdict::Linearizable(order) = verdict {
            assert!(
                is_witness(&spec, &history, &order),
                "{history:#?} {order:?}"
            );
        }
        let seen = &seen[usize::from(exists)];
        seen.set(seen.get() + 1);
        Ok(())
    });
    outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    let [refuted, linearizable] = seen.map(|seen| seen.get());
    assert!(
        refuted > CASES / 10 && linearizable > CASES / 10,
        "{refuted} refuted, {linearizable} linearizable"
    );
}

#[test]
fn registers_are_judged_as_by_all_permutations() {
    agrees::<Register<u64>>();
}

#[test]
fn two_registers_are_judged_together_as_by_all_permutations() {
    agrees::<Keyed<char, Register<u64>>>();
}

#[test]
fn queues_are_judged_as_by_all_permutations() {
    agrees::<Queue<u64>>();
}

#[test]
fn logs_are_judged_as_by_all_permutations() {
    agrees::<Log<u64>>();
}
