//! What the tests judge the search by: all permutations of small histories, and random histories that are often right and often wrong.
#![allow(dead_code, unreachable_pub)] // Each test binary uses its own part.

use concur_linearizability::specs::{
    Answer, Ask, At, Keyed, Log, LogAnswer, LogAsk, Queue, QueueAnswer, QueueAsk, Register,
};
use concur_linearizability::{CallId, Fate, History, Specification, is_witness};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// A history of a specification's.
pub type Of<S> = History<<S as Specification>::Operation, <S as Specification>::Answer>;

/// A specification with few operations and answers, to draw from.
pub trait Sample: Specification<Operation: Clone, Answer: Clone> + Default {
    /// What may be asked.
    fn asks() -> Vec<Self::Operation>;
    /// What may be answered, rightly or not.
    fn answers() -> Vec<Self::Answer>;
}

impl Sample for Register<u64> {
    fn asks() -> Vec<Ask<u64>> {
        let cas = |from, to| Ask::Cas { from, to };
        let writes = [Ask::Put(1), Ask::Put(2), Ask::Append(1)];
        let swaps = [cas(None, 1), cas(Some(1), 2), cas(Some(2), 3)];
        let reads = [Ask::Get, Ask::Get, Ask::Get];
        [writes, swaps, reads].concat()
    }

    fn answers() -> Vec<Answer<u64>> {
        let values = [None, Some(1), Some(2), Some(3), Some(4)];
        let others = [Answer::Done, Answer::Swapped(true), Answer::Swapped(false)];
        values
            .map(Answer::Value)
            .into_iter()
            .chain(others)
            .collect()
    }
}

impl Sample for Keyed<char, Register<u64>> {
    fn asks() -> Vec<At<char, Ask<u64>>> {
        let asks = Register::asks().into_iter();
        let of = |operation: Ask<u64>| {
            ['a', 'b'].map(|key| At {
                key,
                operation: operation.clone(),
            })
        };
        asks.flat_map(of).collect()
    }

    fn answers() -> Vec<Answer<u64>> {
        Register::answers()
    }
}

impl Sample for Queue<u64> {
    fn asks() -> Vec<QueueAsk<u64>> {
        let dequeues = [QueueAsk::Dequeue, QueueAsk::Dequeue];
        [1, 2]
            .map(QueueAsk::Enqueue)
            .into_iter()
            .chain(dequeues)
            .collect()
    }

    fn answers() -> Vec<QueueAnswer<u64>> {
        let taken = [None, Some(1), Some(2)].map(QueueAnswer::Taken);
        taken.into_iter().chain([QueueAnswer::Done]).collect()
    }
}

impl Sample for Log<u64> {
    fn asks() -> Vec<LogAsk<u64>> {
        vec![
            LogAsk::Append(1),
            LogAsk::Append(2),
            LogAsk::Read(0),
            LogAsk::Read(1),
        ]
    }

    fn answers() -> Vec<LogAnswer<u64>> {
        let entries: [&[u64]; 6] = [&[], &[1], &[2], &[1, 2], &[2, 1], &[1, 1]];
        let entries = entries.map(|entries| LogAnswer::Entries(entries.to_vec()));
        (0..4).map(LogAnswer::Index).chain(entries).collect()
    }
}

/// How a random history comes about.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// How many clients there are, each of which waits for its answer unless it gives up.
    pub clients: usize,
    /// How many operations are called.
    pub operations: usize,
    /// How many of a hundred answers are drawn and not given by the object.
    pub lies: u32,
    /// How many of a hundred operations are given up by their clients.
    pub given_up: u32,
}

/// What became of a client's operation so far.
enum Pending<A> {
    Called(CallId),
    Happened(CallId, A),
}

/// A history of an object that is asked by several clients at a time; what it answers is sometimes changed.
pub fn play<S: Sample>(play: Play, seed: u64) -> Of<S> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (spec, mut history) = (S::default(), History::new());
    let (asks, answers) = (S::asks(), S::answers());
    let mut states = std::collections::BTreeMap::new();
    let mut clients: Vec<Option<Pending<S::Answer>>> = (0..play.clients).map(|_| None).collect();
    while history.operations().len() < play.operations || clients.iter().any(Option::is_some) {
        let at = rng.random_range(0..clients.len());
        let give_up = rng.random_range(0..100) < play.given_up;
        clients[at] = match clients[at].take() {
            None if history.operations().len() < play.operations => {
                let ask = asks[rng.random_range(0..asks.len())].clone();
                Some(Pending::Called(history.call(at as u64 + 1, ask)))
            }
            None => None,
            Some(Pending::Called(call)) if give_up => {
                if rng.random_bool(0.3) {
                    history.refused(call);
                }
                None
            }
            Some(Pending::Called(call)) => {
                let operation = &history.operations()[call.0].operation;
                let key = spec.key(operation);
                let state = states.remove(&key).unwrap_or_else(|| spec.initial(&key));
                let happens = |answer: &S::Answer| {
                    Some((answer.clone(), spec.apply(&state, operation, Some(answer))?))
                };
                // Where the right answer is none of the sample, the operation is left open.
                let happened = answers.iter().find_map(happens);
                let after = happened
                    .as_ref()
                    .map_or(state.clone(), |(_, after)| after.clone());
                states.insert(key, after);
                happened.map(|(answer, _)| Pending::Happened(call, answer))
            }
            Some(Pending::Happened(..)) if give_up => None,
            Some(Pending::Happened(call, answer)) => {
                let lie = rng.random_range(0..100) < play.lies;
                let drawn = answers[rng.random_range(0..answers.len())].clone();
                history.returned(call, if lie { drawn } else { answer });
                None
            }
        };
    }
    history
}

/// Whether any order of any of the operations linearizes the history: all of them are looked at.
pub fn brute_force<S: Specification>(spec: &S, history: &Of<S>) -> bool {
    let calls = (0..history.operations().len()).map(CallId).collect();
    extends(spec, history, &mut Vec::new(), calls)
}

fn extends<S: Specification>(
    spec: &S,
    history: &Of<S>,
    order: &mut Vec<CallId>,
    left: Vec<CallId>,
) -> bool {
    is_witness(spec, history, order)
        || left.iter().any(|call| {
            order.push(*call);
            let rest = left
                .iter()
                .filter(|other| *other != call)
                .copied()
                .collect();
            let found = extends(spec, history, order, rest);
            order.pop();
            found
        })
}

/// The same operations with other fates; events keep their order.
pub fn with_fates<O: Clone, A: Clone>(
    history: &History<O, A>,
    change: impl Fn(&Fate<A>) -> Option<Fate<A>>,
) -> History<O, A> {
    let mut changed = History::new();
    let operations = history.operations();
    let mut events: Vec<(usize, usize, bool)> = Vec::new();
    let mut fates = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        let fate = change(&operation.fate);
        events.push((operation.called, at, true));
        if let Some(Fate::Returned(time, _) | Fate::Refused(time)) = fate {
            events.push((time, at, false));
        }
        fates.push(fate);
    }
    events.sort_by_key(|(time, ..)| *time);
    let mut calls = vec![CallId(0); operations.len()];
    for (_, at, is_call) in events {
        match (&fates[at], is_call) {
            (None, _) => {}
            (_, true) => {
                let Some(operation) = operations.get(at) else {
                    continue;
                };
                calls[at] = changed.call(operation.client, operation.operation.clone());
            }
            (Some(Fate::Returned(_, answer)), false) => changed.returned(calls[at], answer.clone()),
            (Some(_), false) => changed.refused(calls[at]),
        }
    }
    changed
}
