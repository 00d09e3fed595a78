//! Our engine on random graphs, against a textbook search: counts, depth, verdict and shortest path, on any number of threads.

use concur_checks::engine::lens::Breach;
use concur_checks::engine::limits::Limits;
use concur_tests::graph::Graph;
use concur_tests::{ours, ours_shortest};
use proptest::prelude::*;

fn graphs() -> impl Strategy<Value = Graph> {
    let node = 0u32..60;
    let edges = prop::collection::vec((node.clone(), node.clone()), 0..150);
    let some = |most| prop::collection::btree_set(node.clone(), 0..most);
    let initial = prop::collection::vec(node.clone(), 1..4);
    (initial, edges, some(3), some(3), some(6)).prop_map(|(initial, edges, bad, good, outside)| {
        Graph {
            bad,
            good,
            outside,
            ..Graph::of(&initial, edges)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_engine_sees_what_a_textbook_search_sees(graph in graphs(), threads in 1usize..5) {
        let levels = graph.levels();
        let found = ours(&graph, threads, Limits::default());
        let shallowest = levels.iter().filter(|(node, _)| graph.bad.contains(node)).map(|(_, level)| *level).min();
        match shallowest {
            Some(level) => {
                prop_assert_eq!(found.breach, Some(Breach::Property(0)));
                prop_assert_eq!(found.depth(), level);
                let trace = ours_shortest(&graph, Breach::Property(0));
                prop_assert_eq!(trace.states(), level);
                let end = trace.steps.last().map_or(Some(trace.initial), |(_, state)| *state);
                prop_assert!(end.is_some_and(|end| graph.bad.contains(&end)));
            }
            None => {
                prop_assert_eq!(found.breach, None);
                prop_assert_eq!(found.distinct, levels.len() as u64);
                prop_assert_eq!(found.depth(), levels.values().max().copied().unwrap_or(0));
                prop_assert_eq!(found.witnessed[1], levels.keys().any(|node| graph.good.contains(node)));
                let one = ours(&graph, 1, Limits::default());
                prop_assert_eq!(found, one, "the number of threads makes no difference");
            }
        }
    }
}
