//! Raft's servers and their model: every small size, and long random runs with all that servers do.

mod support;

use std::collections::BTreeSet;

use concur_correspond::Clusters as _;
use concur_correspond::cluster::Negligence;
use concur_correspond::raft::configs::RaftCoresRung;
use concur_correspond::walk::Scheduled as _;
use concur_models::kit::{Named as _, Rung as _, Values};
use concur_models::raft::asynchronous::Action;
use concur_rules::Faithful;
use concur_rules::raft::RaftRule as Rule;
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
fn every_guard_refuses_something() {
    assert_eq!(support::never_refuse::<RaftCoresRung>(), Vec::<&str>::new());
}

#[test]
fn every_guard_left_out_is_noticed() {
    support::notices_every_guard_left_out::<RaftCoresRung>();
}

#[test]
fn long_random_runs_conform() {
    support::walks_conform::<RaftCoresRung>(0..2);
}

/// So that nothing conforms by doing nothing. A walk ends when there is nothing left to see.
#[test]
fn the_servers_take_every_action_of_the_model() {
    let mut missing: BTreeSet<usize> = (0..Action::NAMES.len()).collect();
    for size in RaftCoresRung::WALKS {
        let values = Values::new(RaftCoresRung::PARAMS, size.settings);
        let model = RaftCoresRung::model(&values, Faithful).expect("a walk's size fits");
        let mut chance = model.chance(0);
        let mut state = model.init_states().remove(0);
        for _ in 0..20 * size.steps {
            if missing.is_empty() {
                return;
            }
            let Some(event) = model.draw(&mut chance, &state) else {
                continue;
            };
            let Some(after) = model.take(&state, &event) else {
                continue;
            };
            for action in model.stands_for(&state, &event, &after) {
                missing.remove(&action.kind());
            }
            state = after;
        }
    }
    let never: Vec<_> = missing.iter().map(|kind| Action::NAMES[*kind]).collect();
    assert_eq!(never, Vec::<&str>::new());
}

// ------------------------------------------------------------------------------------------------- Lines broken by hand

#[test]
fn a_server_that_votes_twice_in_a_term_is_noticed() {
    let three = &[("servers", 3), ("max_msgs", 8)];
    support::breaks_without::<RaftCoresRung>(Rule::OneVotePerTerm, three, "Refinement");
}

#[test]
fn a_leader_that_commits_an_older_terms_entry_is_noticed() {
    let two = &[
        ("max_term", 2),
        ("max_log", 2),
        ("max_msgs", 10),
        ("requests", 0),
        ("heartbeats", 1),
    ];
    support::breaks_without::<RaftCoresRung>(Rule::CommitOwnTerm, two, "Refinement");
}

#[test]
fn a_server_that_speaks_before_its_disk_is_noticed() {
    let hasty = Negligence::SendsBeforeTheDisk;
    let slow = &[("max_log", 2), ("slow", 1), ("crashes", 1)];
    support::breaks_on::<RaftCoresRung, _>(hasty, slow, "Refinement");
}

#[test]
fn a_server_that_forgets_its_vote_is_noticed() {
    let forgetful = Negligence::Loses("");
    let two = &[("crashes", 1), ("max_msgs", 6), ("requests", 0)];
    support::breaks_on::<RaftCoresRung, _>(forgetful, two, "Refinement");
}
