//! Two independent judges of liveness on random graphs with random fairness and random promises: the same verdicts, and every lasso is one.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::Outcome;
use concur_checks::engine::liveness::naive::{self, Opinion};
use concur_checks::engine::liveness::validate::validate;
use concur_tests::fair_graph::{CLASSES, Edge, FairGraph, NAMES, PROMISES};
use concur_tests::liveness::{judged_by, of, opinion};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const AGAIN_AND_AGAIN: &str = PROMISES[2];
const FROM_SOME_TIME_ON: &str = PROMISES[3];

fn graphs() -> impl Strategy<Value = FairGraph> {
    (2u8..10).prop_flat_map(|size| {
        let node = 0..size;
        let number = prop::option::weighted(0.3, 0usize..3);
        let edge = (node.clone(), node.clone(), 0u8..8, number);
        let edge = edge.prop_map(|(from, to, classes, number)| Edge {
            from,
            to,
            classes,
            number,
        });
        let edges = prop::collection::vec(edge, 0..4 * size as usize);
        let some = |most: usize| prop::collection::btree_set(node.clone(), 0..=most);
        let outside = prop_oneof![3 => Just([].into()), 1 => some(2)];
        let initial = prop::collection::vec(node.clone(), 1..3);
        let half = size as usize / 2;
        (
            initial,
            edges,
            some(half),
            some(half),
            outside,
            any::<[bool; CLASSES]>(),
        )
            .prop_map(|(initial, edges, p, q, outside, strong)| FairGraph {
                initial,
                edges,
                p,
                q,
                outside,
                strong,
            })
    })
}

/// The least number of steps to a state, by textbook.
fn shortest_to(graph: &FairGraph, end: u8) -> Option<usize> {
    let inside = |s: &u8| !graph.outside.contains(s);
    let mut level: Vec<u8> = graph.initial.iter().copied().filter(inside).collect();
    let mut seen = level.clone();
    for length in 0.. {
        if level.is_empty() {
            break;
        }
        if level.contains(&end) {
            return Some(length);
        }
        let steps = graph.edges.iter().filter(|edge| level.contains(&edge.from));
        let mut next: Vec<u8> = steps.map(|edge| edge.to).filter(inside).collect();
        next.retain(|s| !seen.contains(s));
        seen.extend(&next);
        level = next;
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30_000))]

    /// Each graph is asked for all four promises, with the same random assumptions: 120,000 questions.
    #[test]
    fn two_independent_judges_agree_and_every_lasso_is_one(graph in graphs(), assume in any::<[bool; CLASSES]>()) {
        let assumed: Vec<_> = (0..CLASSES).filter(|class| assume[*class]).map(|class| NAMES[class]).collect();
        let progress = Progress::default();
        let liveness = of(&graph, &progress);
        for promise in PROMISES {
            let found = judged_by(&liveness, promise, &assumed);
            prop_assert_eq!(opinion(&found.outcome), naive::judge(&graph, promise, &assumed), "{}", promise);
            if let Outcome::Fails(lasso, _) = &found.outcome {
                prop_assert_eq!(validate(&graph, promise, &assumed, lasso).err(), None);
                prop_assert!(found.due > 0);
                let end = lasso.stem.last().map_or(lasso.initial, |(_, end)| *end);
                if matches!(promise, AGAIN_AND_AGAIN | FROM_SOME_TIME_ON) {
                    prop_assert_eq!(Some(lasso.stem.len()), shortest_to(&graph, end));
                }
            }
        }
    }

    /// Fewer assumptions never make a promise kept that was broken.
    #[test]
    fn a_lasso_under_fairness_is_one_without(graph in graphs(), class in 0..CLASSES) {
        let fewer: Vec<_> = NAMES.into_iter().filter(|name| *name != NAMES[class]).collect();
        let progress = Progress::default();
        let liveness = of(&graph, &progress);
        for promise in PROMISES {
            if let Outcome::Fails(lasso, _) = judged_by(&liveness, promise, &NAMES).outcome {
                prop_assert_eq!(validate(&graph, promise, &fewer, &lasso).err(), None);
                let found = judged_by(&liveness, promise, &fewer);
                prop_assert_eq!(opinion(&found.outcome), Opinion::Fails);
            }
        }
    }
}

/// Agreement on questions that all have the same answer would say little.
#[test]
fn random_graphs_ask_all_kinds_of_questions() {
    let mut runner = TestRunner::deterministic();
    let (mut holds, mut bounded, mut stutters, mut cycles, mut needed) = (0, 0, 0, 0, 0);
    for _ in 0..2_000 {
        let graph = graphs().new_tree(&mut runner).expect("a graph").current();
        let progress = Progress::default();
        let liveness = of(&graph, &progress);
        for promise in PROMISES {
            let found = judged_by(&liveness, promise, &NAMES);
            match &found.outcome {
                Outcome::Holds if found.due > 0 => {
                    holds += 1;
                    let without = judged_by(&liveness, promise, &[]);
                    needed += u32::from(opinion(&without.outcome) == Opinion::Fails);
                }
                Outcome::Holds => {}
                Outcome::Bounded(_) => bounded += 1,
                Outcome::Fails(lasso, _) if lasso.cycle.len() > 1 => cycles += 1,
                Outcome::Fails(..) => stutters += 1,
            }
        }
    }
    for (what, count) in [
        ("hold, and are due", holds),
        ("hold only with fairness", needed),
        ("are bounded", bounded),
        ("stutter", stutters),
        ("go round", cycles),
    ] {
        assert!(count >= 100, "of 8,000 questions only {count} {what}");
    }
}
