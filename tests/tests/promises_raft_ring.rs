//! What Raft and the hash ring promise to do, once disturbances end; and how elections go on for ever where they may.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::{Lasso, Liveness, Outcome, Plan};
use concur_models::kit::{Live, Observed, Temporal, Values};
use concur_models::raft::Server;
use concur_models::raft::live::state::{Budget, State};
use concur_models::raft::live::temporal::RaftLive;
use concur_models::raft::live::{Action, Habit, LiveRaft, Timers};
use concur_models::ring::protocol::Ring;
use concur_rules::raft::RaftRule;
use concur_rules::{Faithful, RuleSet};
use concur_tests::promises::are_kept_and_need_what_they_say;
use stateright::Model;

// ----------------------------------------------------------------------------------------------------------------- Raft

fn raft(servers: usize, max_log: usize, budget: Budget) -> LiveRaft {
    LiveRaft {
        servers,
        max_log,
        timers: Timers::Apart,
        budget,
        habit: Habit::Faithful,
        rules: Faithful,
    }
}

const fn budget(timeouts: u8, crashes: u8, losses: u8) -> Budget {
    Budget {
        timeouts,
        crashes,
        losses,
    }
}

/// The first promise of the model, and the lasso that breaks it.
fn broken<M: Temporal>(model: &M, promise: usize) -> Option<Lasso<M::State, M::Action>> {
    let progress = Progress::default();
    let liveness = Liveness::of(model, &Plan::default(), &progress).expect("it is small");
    let name = liveness.promises().nth(promise).expect("there is one").name;
    match liveness.judge(name, &[]).expect("it is small").outcome {
        Outcome::Fails(lasso, _) => Some(lasso),
        Outcome::Holds => None,
        Outcome::Bounded(_) => panic!("the model has no bounds"),
    }
}

#[test]
fn raft_elects_a_leader_and_applies_what_it_takes_once_disturbances_end() {
    are_kept_and_need_what_they_say(&raft(3, 0, budget(0, 0, 0)), true);
    are_kept_and_need_what_they_say(&raft(2, 1, budget(1, 1, 0)), false);
    are_kept_and_need_what_they_say(&raft(3, 1, budget(0, 0, 0)), false);
    are_kept_and_need_what_they_say(&raft(3, 0, budget(0, 1, 1)), false);
}

#[test]
fn votes_are_split_for_ever_where_all_timers_go_off_together() {
    for servers in [2, 3] {
        let together = LiveRaft {
            timers: Timers::Together,
            ..raft(servers, 0, budget(0, 0, 0))
        };
        let lasso = broken(&together, 0).expect("nobody ever wins");
        let rounds = |steps: &[(Option<Action>, State)]| {
            let timeouts =
                |step: &&(Option<Action>, State)| step.0 == Some(Action::TimeoutTogether);
            steps.iter().filter(timeouts).count()
        };
        assert_eq!(rounds(&lasso.cycle), 1);
        // Nothing is neglected on the way: every request is made, and arrives, and so does every answer.
        let pairs = servers * (servers - 1);
        assert_eq!(lasso.cycle.len(), 1 + 3 * pairs);
        is_what_raft_does(&together, &lasso);
        assert!(broken(&raft(servers, 0, budget(0, 0, 0)), 0).is_none());
    }
}

#[test]
fn no_leader_lasts_where_voters_begin_terms() {
    let model = LiveRaft {
        habit: Habit::VoterBeginsTerm,
        ..raft(2, 0, budget(0, 0, 0))
    };
    let lasso = broken(&model, 0).expect("each leader is deposed by its voters");
    is_what_raft_does(&model, &lasso);
}

#[test]
fn a_log_that_begins_with_an_old_entry_is_never_committed_where_the_scan_stops_there() {
    let budget = budget(0, 1, 0);
    let model = LiveRaft {
        habit: Habit::CommitStopsAtOldTerm,
        ..raft(2, 2, budget)
    };
    assert!(broken(&model, 0).is_none(), "a leader is elected");
    let lasso = broken(&model, 1).expect("its log is not committed");
    is_what_raft_does(&model, &lasso);
    assert!(broken(&raft(2, 2, budget), 1).is_none());
}

/// The lasso again, with terms that are counted and not numbered anew, as Raft's are: the stem, and three times the cycle.
fn is_what_raft_does<S: RuleSet<RaftRule>>(model: &LiveRaft<S>, lasso: &Lasso<State, Action>) {
    let mut counted = lasso.initial;
    let cycles = std::iter::repeat_n(&lasso.cycle, 3);
    let steps = std::iter::once(&lasso.stem).chain(cycles).flatten();
    for (action, after) in steps {
        let Some(action) = *action else { continue };
        let before = counted;
        counted = model.taken(&before, action).expect("it is enabled");
        assert!(are_counted(&before, action, &counted), "{action:?}");
        let mut renumbered = counted;
        renumbered.renumber();
        assert_eq!(renumbered, *after);
    }
}

/// Whether terms were taken over or increased by one, and nothing was numbered anew.
fn are_counted(before: &State, action: Action, after: &State) -> bool {
    let terms = before.servers.iter().zip(after.servers.values());
    terms.into_iter().all(|((i, old), new)| {
        let asked = match action {
            Action::ReceiveRequest(from, to) if to == i => before.requests[from][to],
            Action::ReceiveResponse(from, to) if to == i => before.responses[from][to],
            Action::Timeout(of, _) if of == i => return new.term == old.term + 1,
            Action::TimeoutTogether => return new.term == old.term + 1,
            _ => return new.term == old.term,
        };
        let adopted = asked.map_or(old.term, |m| m.term.max(old.term));
        new.term == adopted || new.term == adopted + 1
    }) && messages_stay(before, after)
}

fn messages_stay(before: &State, after: &State) -> bool {
    let nodes = || before.servers.nodes();
    let pairs = nodes().flat_map(|i| nodes().map(move |j| (i, j)));
    pairs.into_iter().all(|(i, j)| {
        [
            (before.requests[i][j], after.requests[i][j]),
            (before.responses[i][j], after.responses[i][j]),
        ]
        .into_iter()
        .all(|(old, new)| old.is_none() || new.is_none() || old == new)
    })
}

#[test]
fn nothing_depends_on_more_than_the_order_of_terms() {
    let model = raft(2, 1, budget(1, 1, 0));
    let mut seen = std::collections::BTreeSet::new();
    let mut open = model.init_states();
    while let Some(s) = open.pop() {
        if !seen.insert(s) {
            continue;
        }
        let spread = s.with_terms(|term| 3 * term + 1);
        let mut actions = Vec::new();
        model.actions(&s, &mut actions);
        for action in actions {
            let there = model.taken(&spread, action).map(renumbered);
            let here = model.taken(&s, action).map(renumbered);
            assert_eq!(here, there, "{action:?} in {s:?}");
            open.extend(here);
        }
    }
    assert!(seen.iter().any(|s| s.newest() >= 3));
}

fn renumbered(mut s: State) -> State {
    s.renumber();
    s
}

/// The rules without which Raft stops: what is not sent, not taken note of, not given up.
const GOES_ON: &[RaftRule] = &[
    RaftRule::TimeoutCandidate,
    RaftRule::TimeoutIncrementsTerm,
    RaftRule::TimeoutClearsResponded,
    RaftRule::RequestVoteSends,
    RaftRule::VoteReplies,
    RaftRule::VoteCounted,
    RaftRule::VoteResponseNoted,
    RaftRule::BecomeLeaderRole,
    RaftRule::UpdateTermAdopts,
    RaftRule::UpdateTermStepsDown,
    RaftRule::UpdateTermClearsVote,
    RaftRule::AppendEntriesSends,
    RaftRule::AppendRefused,
    RaftRule::CandidateYields,
    RaftRule::ConflictRemoved,
    RaftRule::EntryAppended,
    RaftRule::AppendAcknowledged,
    RaftRule::FollowerLearnsCommit,
    RaftRule::MatchNoted,
    RaftRule::NextMovesOn,
    RaftRule::NextStepsBack,
    RaftRule::CommitNotes,
];

#[test]
fn raft_does_not_go_on_without_any_one_of_these_rules() {
    let mut kept: Vec<RaftRule> = Vec::new();
    for &rule in GOES_ON {
        // How large a model must be to notice.
        let (servers, max_log, budget) = match rule {
            RaftRule::CandidateYields => (3, 0, budget(1, 0, 0)),
            RaftRule::ConflictRemoved => (3, 1, budget(0, 1, 0)),
            RaftRule::NextMovesOn | RaftRule::NextStepsBack | RaftRule::AppendRefused => {
                (2, 2, budget(0, 1, 0))
            }
            RaftRule::TimeoutIncrementsTerm
            | RaftRule::TimeoutClearsResponded
            | RaftRule::VoteResponseNoted
            | RaftRule::UpdateTermStepsDown
            | RaftRule::UpdateTermClearsVote => (2, 1, budget(1, 1, 0)),
            _ => (3, 1, budget(0, 0, 1)),
        };
        let LiveRaft { timers, habit, .. } = raft(servers, max_log, budget);
        let model = LiveRaft {
            servers,
            max_log,
            timers,
            budget,
            habit,
            rules: Observed::without(rule),
        };
        if (0..model.promises().len()).all(|promise| broken(&model, promise).is_none()) {
            kept.push(rule);
        }
    }
    assert_eq!(kept, [], "are these needed?");
}

#[test]
fn the_last_server_may_be_any() {
    // A timer may go off for every server where all is quiet: which one does is not fixed.
    let model = raft(3, 0, budget(0, 0, 0));
    let s = model.init_states()[0];
    let steps = model.next_steps(&s);
    for i in 0..3 {
        let goes_off = |action: &Action| matches!(action, Action::Timeout(j, _) if *j == Server(i));
        assert!(steps.iter().any(|(action, _)| goes_off(action)));
    }
}

#[test]
fn together_goes_with_no_disturbance() {
    let values = Values::new(RaftLive::PARAMS, &[("timers", 1), ("crashes", 1)]);
    assert!(RaftLive::model(&values).is_err());
}

// ----------------------------------------------------------------------------------------------------------------- Ring

fn ring(nodes: usize, keys: usize, epochs: u8, crashes: u8) -> Ring {
    Ring {
        nodes,
        positions: nodes + 1,
        keys,
        writes: 1,
        reads: false,
        epochs,
        crashes,
        rules: Faithful,
    }
}

#[test]
fn the_ring_settles_and_answers_once_membership_stops_changing() {
    are_kept_and_need_what_they_say(&ring(2, 1, 2, 1), true);
    are_kept_and_need_what_they_say(&ring(2, 2, 2, 0), false);
    are_kept_and_need_what_they_say(&ring(3, 1, 2, 1), false);
}
