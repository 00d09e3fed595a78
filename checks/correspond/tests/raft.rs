//! Raft's servers and their model: every small size, and long random runs with all that servers do.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use concur_correspond::Clusters as _;
use concur_correspond::cluster::Negligence;
use concur_correspond::raft::AboveRaft;
use concur_correspond::raft::configs::RaftCoresRung;
use concur_correspond::walk::Scheduled as _;
use concur_models::kit::{Mapped, Named as _, Refines as _, Rung as _, Values};
use concur_models::raft::asynchronous::state::{Body, Message, State, Store};
use concur_models::raft::asynchronous::{Action, AsynchronousRaft, Size};
use concur_rules::Faithful;
use concur_rules::raft::RaftRule as Rule;
use stateright::Model as _;
use support::Gap;

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
            let above = &model.abstract_model();
            let (from, to) = (&model.abstract_state(&state), &model.abstract_state(&after));
            let mapped = Mapped { above, from, to };
            for action in model.stands_for(&state, &event, &after, mapped) {
                missing.remove(&action.kind());
            }
            state = after;
        }
    }
    let never: Vec<_> = missing.iter().map(|kind| Action::NAMES[*kind]).collect();
    assert_eq!(never, Vec::<&str>::new());
}

/// All that a server would do is send what is on its way, or has come.
fn says_nothing_new(s: &State, action: &Action) -> bool {
    let model = AsynchronousRaft {
        size: Size::unbounded(s.nodes.len()),
        rules: Faithful,
    };
    let said = |s: &State| {
        let boxes = s.up().flat_map(|(_, memory)| memory.outbox.iter().cloned());
        boxes.collect::<BTreeSet<Message>>()
    };
    let silent = |s: &State| {
        let mut s = s.clone();
        let nodes = s.nodes.iter_mut().map(Arc::make_mut);
        let up = nodes.filter_map(|node| node.memory.as_mut());
        up.for_each(|memory| memory.outbox = Default::default());
        s
    };
    let after = model.next_state(s, action.clone());
    after.is_some_and(|after| silent(&after) == silent(s) && said(&after).is_subset(&s.messages))
}

/// Whether a server refuses that request, with that on its disk: it is of an earlier term, is for a vote that another one has or should have, or leaves a gap.
fn refuses(store: &Store, m: &Message) -> bool {
    let (earlier, same) = (m.term < store.term, m.term == store.term);
    match &m.body {
        Body::RequestVoteRequest {
            last_log_term,
            last_log_index,
        } => {
            let behind =
                (*last_log_term, *last_log_index) < (store.last_term(), store.last_index());
            let given = store.voted_for.is_some_and(|other| other != m.source);
            earlier || same && (behind || given)
        }
        Body::AppendEntriesRequest { prev_log_index, .. } => {
            earlier || same && store.last_index() < *prev_log_index
        }
        _ => false,
    }
}

const STEPS_DOWN: Gap<AboveRaft> = Gap {
    because: "without check-quorum a server steps down for a newer term alone",
    is: |_, action| matches!(action, Action::StepDown(_)),
};

/// What two servers on fast disks never do at rest, where nobody asks them for anything.
const OF_TWO: &[Gap<AboveRaft>] = &[
    STEPS_DOWN,
    Gap {
        because: "what was said is not said again",
        is: says_nothing_new,
    },
    Gap {
        because: "nobody asks for a snapshot",
        is: |_, action| matches!(action, Action::Cover(..)),
    },
    Gap {
        because: "without heartbeats a leader sends an entry when it takes it, or hears of a gap",
        is: |_, action| matches!(action, Action::AppendEntries(..)),
    },
    Gap {
        because: "a server refuses what it was sent, and cannot grant",
        is: |s, action| match action {
            Action::Refuse(i, j) => !s.messages.iter().any(|m| {
                (m.source, m.dest) == (*j, *i)
                    && s.up()
                        .any(|(server, memory)| server == *i && refuses(&memory.store, m))
            }),
            _ => false,
        },
    },
    Gap {
        because: "what goes beyond what is committed is taken or refused as a whole",
        is: |s, action| match action {
            Action::AcknowledgeCommitted(m) => match &m.body {
                Body::AppendEntriesRequest {
                    prev_log_index,
                    entries,
                    ..
                } => {
                    let last = prev_log_index + entries.len() as u64;
                    s.up()
                        .any(|(server, memory)| server == m.dest && memory.commit_index < last)
                }
                _ => false,
            },
            _ => false,
        },
    },
    Gap {
        because: "no client asks for anything",
        is: |_, action| matches!(action, Action::ClientRequest(..)),
    },
];

/// Two servers through two terms, with logs that differ; and one on a slow disk, which crashes and compacts its log.
#[test]
fn servers_do_what_the_model_does() {
    let two: [&[(&'static str, u32)]; 3] = [
        &[("requests", 0)],
        &[("requests", 0), ("max_log", 2)],
        &[
            ("requests", 0),
            ("max_log", 2),
            ("max_term", 2),
            ("max_msgs", 16),
        ],
    ];
    support::does_all_but::<RaftCoresRung>(&two, OF_TWO);
    let one = [
        ("servers", 1),
        ("slow", 1),
        ("crashes", 1),
        ("compacts", 1),
        ("requests", 2),
    ];
    support::does_all_but::<RaftCoresRung>(&[&one], &[STEPS_DOWN]);
}

// ------------------------------------------------------------------------------------------------- Lines broken by hand

#[test]
fn a_server_that_votes_twice_in_a_term_is_noticed() {
    let three = &[("servers", 3), ("max_msgs", 8)];
    support::breaks_without::<RaftCoresRung>(Rule::OneVotePerTerm, three, "OneVotePerTerm");
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
    support::breaks_without::<RaftCoresRung>(Rule::CommitOwnTerm, two, "CommitOwnTerm");
}

#[test]
fn a_server_that_speaks_before_its_disk_is_noticed() {
    let hasty = Negligence::SendsBeforeTheDisk;
    let slow = &[("max_log", 2), ("slow", 1), ("crashes", 1)];
    support::breaks_on::<RaftCoresRung, _>(hasty, slow, "CandidacySynced");
}

#[test]
fn a_server_that_forgets_its_vote_is_noticed() {
    let forgetful = Negligence::Loses("");
    let two = &[("crashes", 1), ("max_msgs", 6), ("requests", 0)];
    support::breaks_on::<RaftCoresRung, _>(forgetful, two, "Refinement");
}
