//! The search beside stateright's tester, on the same histories in the same process: `cargo bench -p concur-linearizability`. Divide the medians.
//!
//! stateright's tester has no memory of where it has been: the time that it takes to refute a history grows exponentially with its length. The last group is what
//! only a memory makes possible.

use concur_linearizability::specs::{Answer, Ask, At, Keyed, Register};
use concur_linearizability::{Fate, History, Limits, check};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stateright::semantics::register::{Register as Theirs, RegisterOp, RegisterRet};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

type Map = Keyed<u64, Register<u64>>;
type MapHistory = History<At<u64, Ask<u64>>, Answer<u64>>;
type RegisterHistory = History<Ask<u64>, Answer<u64>>;

fn main() {
    divan::main();
}

/// Clients that each have one operation open at a time, on registers that answer rightly: half of them reads, every write a new number.
fn busy(clients: usize, operations: usize, keys: u64) -> MapHistory {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut history = History::new();
    let mut registers = vec![None; keys as usize];
    let mut pending: Vec<Option<(_, Option<Answer<u64>>)>> = vec![None; clients];
    while history.operations().len() < operations || pending.iter().any(Option::is_some) {
        let client = rng.random_range(0..clients);
        pending[client] = match pending[client].take() {
            None if history.operations().len() < operations => {
                let fresh = history.operations().len() as u64 + 1;
                let operation = match rng.random_bool(0.5) {
                    true => Ask::Get,
                    false => Ask::Put(fresh),
                };
                let key = rng.random_range(0..keys);
                let call = history.call(client as u64, At { key, operation });
                Some((call, None))
            }
            None => None,
            Some((call, None)) => {
                let At { key, operation } = &history.operations()[call.0].operation;
                let held = &mut registers[*key as usize];
                let (after, answer) = Register::default().serve(held, operation);
                *held = after;
                Some((call, Some(answer)))
            }
            Some((call, Some(answer))) => {
                history.returned(call, answer);
                None
            }
        };
    }
    history
}

/// One register; at the end a number is read that nobody wrote, so that every order must be refused.
fn refuted(clients: usize, each: usize) -> RegisterHistory {
    let mut history = History::new();
    let of_map = busy(clients, clients * each, 1);
    let mut calls = vec![None; of_map.operations().len()];
    for at in 0..of_map.events() {
        for (number, operation) in of_map.operations().iter().enumerate() {
            match &operation.fate {
                _ if operation.called == at => {
                    let asked = operation.operation.operation.clone();
                    calls[number] = Some(history.call(operation.client, asked));
                }
                Fate::Returned(time, answer) if *time == at => {
                    let call = calls[number].expect("it was called");
                    history.returned(call, answer.clone());
                }
                _ => {}
            }
        }
    }
    let read = history.call(0, Ask::Get);
    history.returned(read, Answer::Value(Some(u64::MAX)));
    history
}

/// The same history for stateright's tester, whose register holds 0 at first.
fn retold(history: &RegisterHistory) -> LinearizabilityTester<u64, Theirs<u64>> {
    let mut tester = LinearizabilityTester::new(Theirs(0));
    for at in 0..history.events() {
        for operation in history.operations() {
            if operation.called == at {
                let asked = match operation.operation {
                    Ask::Put(value) => RegisterOp::Write(value),
                    _ => RegisterOp::Read,
                };
                tester
                    .on_invoke(operation.client, asked)
                    .expect("one at a time");
            } else if operation.ended() == at {
                let told = match operation.answer() {
                    Some(Answer::Value(value)) => RegisterRet::ReadOk(value.unwrap_or(0)),
                    _ => RegisterRet::WriteOk,
                };
                tester
                    .on_return(operation.client, told)
                    .expect("it was called");
            }
        }
    }
    tester
}

/// One register that is not linearizable: 5 clients with so many operations each.
#[divan::bench_group(sample_count = 1, sample_size = 1)]
mod refuted_with_5_clients {
    use super::*;

    #[divan::bench(args = [2, 4, 6, 8], sample_count = 100)]
    fn concur(bencher: Bencher<'_, '_>, each: usize) {
        let history = refuted(5, each);
        bencher.bench(|| {
            let verdict = check(&Register::default(), black_box(&history), Limits::default());
            assert!(verdict.is_refuted());
        });
    }

    /// With 8 operations each it takes minutes.
    #[divan::bench(args = [2, 4, 6])]
    fn stateright(bencher: Bencher<'_, '_>, each: usize) {
        let tester = retold(&refuted(5, each));
        bencher.bench(|| assert!(!black_box(&tester).is_consistent()));
    }
}

/// A map of 16 keys that is linearizable, 8 clients: operations per second.
#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 10, sample_size = 1)]
fn a_map_in_order(bencher: Bencher<'_, '_>, operations: usize) {
    let history = busy(8, operations, 16);
    bencher.counter(ItemsCount::new(operations)).bench(|| {
        let verdict = check(&Map::default(), black_box(&history), Limits::default());
        assert!(verdict.is_linearizable());
    });
}
