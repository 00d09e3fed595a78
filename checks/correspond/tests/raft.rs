//! Raft's servers and their model: every small size, and long random runs with all that servers do.

mod support;

use std::collections::BTreeSet;

use concur_correspond::Clusters as _;
use concur_correspond::raft::configs::RaftCoresRung;
use concur_correspond::walk::Scheduled as _;
use concur_models::kit::{Named as _, Rung as _, Values};
use concur_models::raft::asynchronous::Action;
use concur_rules::Faithful;
use concur_rules::raft::RaftRule as Model;
use concur_rules::raft_core::{RaftCoreRule as Core, RaftNodeRule as Rule};
use stateright::Model as _;

#[test]
fn every_step_of_the_servers_is_some_of_the_model() {
    support::conforms::<RaftCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    assert_eq!(support::never_taken::<RaftCoresRung>(), Vec::<&str>::new());
}

#[test]
fn guards_left_out_are_noticed_at_small_sizes() {
    support::notices_every_guard_left_out::<RaftCoresRung>();
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<RaftCoresRung>(0..8);
}

/// Those that no small size notices. What no run notices is said in [`concur_correspond::raft::configs`].
#[test]
fn guards_left_out_are_noticed_by_long_random_runs() {
    let rules = [
        Rule::Model(Model::PrevLogMatches),
        Rule::Core(Core::SnapshotCurrent),
        Rule::Core(Core::SnapshotAhead),
        Rule::Core(Core::ChunkInOrder),
    ];
    for rule in rules {
        let noticed = support::walks_notice::<RaftCoresRung>(rule, 0..60);
        assert!(noticed, "{rule:?}");
    }
}

/// So that nothing conforms by doing nothing.
#[test]
fn the_servers_take_every_action_of_the_model() {
    let mut taken = BTreeSet::new();
    for size in RaftCoresRung::WALKS {
        let values = Values::new(RaftCoresRung::PARAMS, size.settings);
        let model = RaftCoresRung::model(&values, Faithful).expect("a walk's size fits");
        let mut chance = model.chance(0);
        let mut state = model.init_states().remove(0);
        for _ in 0..20 * size.steps {
            let Some(event) = model.draw(&mut chance, &state) else {
                continue;
            };
            let Some(after) = model.take(&state, &event) else {
                continue;
            };
            let actions = model.stands_for(&state, &event, &after);
            taken.extend(actions.iter().map(Action::kind));
            state = after;
        }
    }
    let never: Vec<_> = (0..Action::NAMES.len())
        .filter(|kind| !taken.contains(kind))
        .map(|kind| Action::NAMES[kind])
        .collect();
    assert_eq!(never, Vec::<&str>::new());
}
