//! A history variable changes nothing: forgetting it gives exactly the states of raft.tla.

use std::collections::BTreeSet;

use concur_models::kit::{Rung, Spec, Values};
use concur_models::raft::configs::{RaftHistoryRung, RaftRung};
use concur_rules::Faithful;

fn reachable<M: Spec>(model: &M) -> BTreeSet<M::State> {
    let mut todo = model.init_states();
    let mut seen: BTreeSet<_> = todo.iter().cloned().collect();
    while let Some(s) = todo.pop() {
        for t in model.next_states(&s) {
            if model.within_boundary(&t) && seen.insert(t.clone()) {
                todo.push(t);
            }
        }
    }
    seen
}

#[test]
fn forgetting_the_history_gives_the_states_of_raft() {
    const SIZES: [&[(&str, u32)]; 3] = [
        &[("servers", 2)],
        &[("servers", 2), ("max_term", 3)],
        &[("max_term", 3), ("start", 2)],
    ];
    for settings in SIZES {
        let values = Values::new(RaftRung::PARAMS, settings);
        let raft = reachable(&RaftRung::model(&values, Faithful).unwrap());
        let recorded = reachable(&RaftHistoryRung::model(&values, Faithful).unwrap());
        let forgotten: BTreeSet<_> = recorded.iter().map(|s| s.state).collect();
        assert!(forgotten == raft, "{settings:?}");
        assert!(
            recorded.len() > raft.len(),
            "the history tells states apart"
        );
    }
}
