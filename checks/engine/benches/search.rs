//! Our engine against stateright's breadth-first checker, in one process: `cargo bench -p concur-engine --bench search`, or one model's alone: `-- paxos`.
//!
//! All take turns, so that what disturbs one disturbs all: on a machine that others share, a core is a third slower for seconds at a time, and samples of one
//! after samples of the other would compare those seconds. What takes less is measured more often. Two searches at once that have nothing to do with each other
//! show what the machine has to give to two threads.
//!
//! What stateright does is done here, too: every state, the model's invariants and witnesses. "Steps and refinement" adds what stateright does not know.

#![allow(clippy::print_stdout)] // tables are all that it makes

mod heap_two_phase;
mod peers;

use std::time::{Duration, Instant};

use heap_two_phase::HeapTwoPhase;
use peers::{checks, concur, paxos, raft, stateright, two_phase};

/// Who takes part, and what each of them does for a sample: how many states there are, and the time that it took to find them.
type Contestant = (&'static str, fn() -> (u64, Duration));

/// What all others are divided by.
const FIRST: &str = "concur, 1 thread";

const TWO_PHASE: [Contestant; 7] = [
    (FIRST, || timed(|| concur(&two_phase(8), 1))),
    ("concur, 2 threads", || timed(|| concur(&two_phase(8), 2))),
    ("two searches at once", || {
        at_once(|| concur(&two_phase(8), 1))
    }),
    ("steps and refinement, 1 thread", || {
        timed(|| checks(&two_phase(8), 1))
    }),
    ("steps and refinement, 2 threads", || {
        timed(|| checks(&two_phase(8), 2))
    }),
    ("stateright, same model", || {
        timed(|| stateright(two_phase(8)))
    }),
    ("stateright, state on the heap", || {
        timed(|| stateright(HeapTwoPhase { rms: 8 }))
    }),
];

const PAXOS: [Contestant; 4] = [
    (FIRST, || timed(|| concur(&paxos(), 1))),
    ("concur, 2 threads", || timed(|| concur(&paxos(), 2))),
    ("two searches at once", || at_once(|| concur(&paxos(), 1))),
    ("stateright, same model", || timed(|| stateright(paxos()))),
];

const RAFT: [Contestant; 4] = [
    (FIRST, || timed(|| concur(&raft(), 1))),
    ("concur, 2 threads", || timed(|| concur(&raft(), 2))),
    ("two searches at once", || at_once(|| concur(&raft(), 1))),
    ("stateright, same model", || timed(|| stateright(raft()))),
];

/// Each model, and how many turns all who search it take: a multiple of twice the sides, see [`order`].
const MODELS: [(&str, usize, &[Contestant]); 3] = [
    ("two-phase, 8 resource managers", 14, &TWO_PHASE),
    ("paxos (3, 2, 2)", 48, &PAXOS),
    ("raft, 3 servers", 16, &RAFT),
];

fn main() {
    let arguments = std::env::args().skip(1);
    // Cargo adds `--bench`.
    let wanted: Vec<_> = arguments.filter(|argument| argument != "--bench").collect();
    let names = |part: &String| MODELS.iter().any(|(model, ..)| model.contains(part));
    if let Some(unknown) = wanted.iter().find(|part| !names(part)) {
        let models = MODELS.map(|(model, ..)| model).join("; ");
        eprintln!("no model is called {unknown:?}; there are: {models}");
        std::process::exit(2);
    }
    for (model, turns, contestants) in MODELS {
        if wanted.is_empty() || wanted.iter().any(|part| model.contains(part)) {
            compare(model, turns, contestants);
        }
    }
}

fn timed(search: impl FnOnce() -> u64) -> (u64, Duration) {
    let began = Instant::now();
    let distinct = search();
    (distinct, began.elapsed())
}

/// The time for one search where two run at once: what each core does in a second is added up.
fn at_once(search: impl Fn() -> u64 + Sync) -> (u64, Duration) {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| timed(&search));
        let (distinct, one) = timed(&search);
        let (_, other) = other.join().expect("a search does not panic");
        let per_second = one.as_secs_f64().recip() + other.as_secs_f64().recip();
        (distinct, Duration::from_secs_f64(per_second.recip()))
    })
}

/// Has all take turns, and prints what came of it.
fn compare(model: &str, turns: usize, contestants: &[Contestant]) {
    let (distinct, _) = contestants[0].1();
    let mut samples = vec![Vec::new(); contestants.len()];
    for turn in 0..turns {
        for next in order(turn, contestants.len()) {
            let (found, took) = contestants[next].1();
            assert_eq!(found, distinct, "{}", contestants[next].0);
            samples[next].push(took.as_secs_f64());
        }
    }
    println!("\n{model}: {distinct} states, {turns} turns");
    println!(
        "{:<32}{:>10}{:>10}{:>10}   than {FIRST}, by",
        "", "median", "fastest", "states/s"
    );
    println!(
        "{:<62}{:>13}{:>13}{:>13}",
        "", "medians", "turns", "fastest"
    );
    for ((name, _), own) in contestants.iter().zip(&samples) {
        row(name, distinct, &samples[0], own);
    }
}

/// Who searches after whom in a turn. What one leaves behind (memory given back, caches full) is felt by the next: within twice as many turns as there are sides,
/// each comes after each other one equally often, between turns aside (a Williams design: from both ends inwards, there and back, then begun one further).
fn order(turn: usize, sides: usize) -> Vec<usize> {
    let inwards = |step: usize| {
        if step.is_multiple_of(2) {
            step / 2
        } else {
            sides - step.div_ceil(2)
        }
    };
    let mut order: Vec<_> = (0..sides)
        .map(|step| (inwards(step) + turn / 2) % sides)
        .collect();
    if turn % 2 == 1 {
        order.reverse();
    }
    order
}

/// What one took, and how many times as fast (or as slow) as the first it was: by medians, by the median of what it was in each turn, and by the fastest samples.
fn row(name: &str, distinct: u64, first: &[f64], own: &[f64]) {
    let in_turns: Vec<f64> = own
        .iter()
        .zip(first)
        .map(|(own, first)| own / first)
        .collect();
    let took = median(own);
    let ratios = [
        took / median(first),
        median(&in_turns),
        fastest(own) / fastest(first),
    ];
    print!(
        "{name:<32}{:>7.1} ms{:>7.1} ms{:>8.2} M",
        took * 1e3,
        fastest(own) * 1e3,
        distinct as f64 / took / 1e6
    );
    for ratio in ratios {
        let times = ratio.max(ratio.recip());
        let which = if ratio > 1.0 { "slower" } else { "faster" };
        print!("{times:>6.2} {which}");
    }
    println!();
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn fastest(samples: &[f64]) -> f64 {
    samples.iter().copied().fold(f64::INFINITY, f64::min)
}
