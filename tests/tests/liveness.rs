//! Liveness: the questions on which stateright's `eventually` is wrong, both ways; what fairness means; a validator that refuses broken lassos.

use std::sync::atomic::Ordering;

use concur_checks::engine::limits::{Limits, Progress, Stop};
use concur_checks::engine::liveness::naive::Opinion;
use concur_checks::engine::liveness::validate::{Flaw, How, validate};
use concur_checks::engine::liveness::{Lasso, Liveness, Outcome, Plan, Why};
use concur_tests::fair_graph::{CLASSES, Edge, FairGraph, NAMES, PROMISES};
use concur_tests::liveness::{judged, lasso, opinion, outcome};
use stateright::{Checker, Model, Property};

const EVENTUALLY: &str = PROMISES[0];
const LEADS_TO: &str = PROMISES[1];
const AGAIN_AND_AGAIN: &str = PROMISES[2];
const FROM_SOME_TIME_ON: &str = PROMISES[3];

// ------------------------------------------------------------------------------- where stateright's `eventually` is wrong

/// A graph for stateright, with its `eventually p`.
#[derive(Clone)]
struct Theirs(FairGraph);

impl Model for Theirs {
    type State = u8;
    type Action = Edge;

    fn init_states(&self) -> Vec<u8> {
        self.0.init_states()
    }

    fn actions(&self, state: &u8, actions: &mut Vec<Edge>) {
        self.0.actions(state, actions);
    }

    fn next_state(&self, state: &u8, edge: Edge) -> Option<u8> {
        self.0.next_state(state, edge)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::eventually("p", |theirs, s| theirs.0.p.contains(s)),
            // So that the search does not end early.
            Property::<Self>::always("true", |_, _| true),
        ]
    }

    fn within_boundary(&self, state: &u8) -> bool {
        self.0.within_boundary(state)
    }
}

fn stateright_says_it_holds(graph: &FairGraph) -> bool {
    let found = Theirs(graph.clone()).checker().spawn_bfs().join();
    found.discovery("p").is_none()
}

/// All that could be assumed, as strongly as possible: every step is in class a.
const EVERYTHING: [&str; 1] = [NAMES[0]];

fn all_fair(edges: &[(u8, u8)], p: u8) -> FairGraph {
    let mut graph = FairGraph::of(
        edges.iter().map(|&(from, to)| Edge::new(from, to).of("a")),
        p,
    );
    graph.strong[0] = true;
    graph
}

#[test]
fn a_cycle_that_never_gets_there_is_a_failure() {
    let graph = all_fair(&[(0, 1), (1, 0), (1, 2)], 3);
    assert!(stateright_says_it_holds(&all_fair(&[(0, 1), (1, 0)], 3)));
    let lasso = lasso(&graph, EVENTUALLY, &EVERYTHING);
    let states: Vec<u8> = lasso.cycle.iter().map(|(_, s)| *s).collect();
    assert_eq!((lasso.stem.len(), states), (0, vec![1, 0]));
}

#[test]
fn a_self_loop_is_a_stutter_and_gets_nowhere() {
    let graph = all_fair(&[(0, 0)], 1);
    assert!(stateright_says_it_holds(&graph));
    let lasso = lasso(&graph, EVENTUALLY, &EVERYTHING);
    assert_eq!(lasso.cycle, [(None, 0)]);
}

#[test]
fn another_path_that_got_there_says_nothing_of_this_one() {
    // 0 → 1 → 3 with p in 1, and 0 → 2 → 3 without: they join in 3.
    let graph = all_fair(&[(0, 1), (0, 2), (1, 3), (2, 3)], 1);
    assert!(stateright_says_it_holds(&graph));
    let mut swapped = graph.clone();
    swapped.edges.swap(0, 1);
    assert!(
        !stateright_says_it_holds(&swapped),
        "its verdict depends on the order of successors"
    );
    for graph in [graph, swapped] {
        let lasso = lasso(&graph, EVENTUALLY, &EVERYTHING);
        let states: Vec<u8> = lasso.stem.iter().map(|(_, s)| *s).collect();
        assert_eq!((states, lasso.cycle), (vec![2, 3], vec![(None, 3)]));
    }
}

#[test]
fn what_is_always_enabled_does_not_hide_that_nothing_happens() {
    // A retry timer that goes on for ever: stateright finds no terminal state, and even `eventually(false)` holds.
    let graph = all_fair(&[(0, 1), (1, 0)], 9);
    assert!(stateright_says_it_holds(&graph));
    assert_eq!(outcome(&graph, EVENTUALLY, &EVERYTHING), Opinion::Fails);
}

#[test]
fn a_lossy_network_that_is_fair_delivers() {
    // 0: nothing sent; 1: a request is under way; 2: it has arrived; 3: the sender gave up, and may send again.
    let send = [Edge::new(0, 1).of("a"), Edge::new(3, 1).of("a")];
    let (deliver, lose) = (Edge::new(1, 2).of("b"), Edge::new(1, 3));
    let mut graph = FairGraph::of([send[0], send[1], deliver, lose], 2);
    let arrives = |graph: &FairGraph, assumed: &[&str]| outcome(graph, EVENTUALLY, assumed);
    // "What is sent again and again arrives" is strong fairness: losing the message disables its delivery.
    assert_eq!(arrives(&graph, &NAMES), Opinion::Fails);
    graph.strong[1] = true;
    assert_eq!(arrives(&graph, &NAMES), Opinion::Holds);
    assert_eq!(
        arrives(&graph, &[NAMES[1]]),
        Opinion::Fails,
        "nothing may ever be sent"
    );
    assert_eq!(
        arrives(&graph, &[NAMES[0]]),
        Opinion::Fails,
        "every message may be lost"
    );
    // stateright, if the sender may give up for good: a terminal state without p, whatever is fair.
    graph.edges.retain(|edge| edge.from != 3);
    assert!(!stateright_says_it_holds(&graph));
    assert_eq!(arrives(&graph, &NAMES), Opinion::Fails);
    // With "it is not lost for ever" put in as a fair delivery while it is under way, it is not terminal any more.
    graph.edges.retain(|edge| edge.to != 3);
    assert_eq!(arrives(&graph, &NAMES), Opinion::Holds);
}

#[test]
fn the_edge_of_the_bounds_is_no_deadlock() {
    // p would be reached, but outside.
    let mut graph = all_fair(&[(0, 1), (1, 2)], 2);
    graph.outside.insert(2);
    assert!(
        !stateright_says_it_holds(&graph),
        "the last state inside counts as terminal"
    );
    assert_eq!(outcome(&graph, EVENTUALLY, &EVERYTHING), Opinion::Bounded);
    // Without fairness, it may stop before: that does not depend on the bounds.
    assert_eq!(outcome(&graph, EVENTUALLY, &[]), Opinion::Fails);
    // If the promise is kept inside, the bounds do not matter; for what can become due outside, they do.
    graph.p.insert(1);
    assert_eq!(outcome(&graph, EVENTUALLY, &EVERYTHING), Opinion::Holds);
    assert_eq!(
        outcome(&graph, AGAIN_AND_AGAIN, &EVERYTHING),
        Opinion::Bounded
    );
}

#[test]
fn what_is_had_and_lost_for_ever_is_not_had_from_some_time_on() {
    let graph = all_fair(&[(0, 1), (1, 2)], 1);
    assert!(stateright_says_it_holds(&graph));
    assert_eq!(outcome(&graph, EVENTUALLY, &EVERYTHING), Opinion::Holds);
    for promise in [LEADS_TO, AGAIN_AND_AGAIN, FROM_SOME_TIME_ON] {
        assert_eq!(
            outcome(&graph, promise, &EVERYTHING),
            Opinion::Fails,
            "{promise}"
        );
    }
}

// ------------------------------------------------------------------------------------------- weak and strong, one and each

#[test]
fn weak_fairness_is_not_enough_for_what_is_enabled_now_and_then() {
    let edges = [Edge::new(0, 1), Edge::new(1, 0), Edge::new(1, 2).of("a")];
    let mut graph = FairGraph::of(edges, 2);
    let found = judged(&graph, EVENTUALLY, &EVERYTHING);
    let Outcome::Fails(_, met) = found.outcome else {
        panic!("nothing makes it leave")
    };
    assert_eq!(
        met[0].how,
        How::NeverEnabled,
        "it is even allowed to stay in 0 for ever"
    );
    graph.strong[0] = true;
    // It may still stay in 0 for ever, where nothing is enabled that must be taken.
    let lasso = lasso(&graph, EVENTUALLY, &EVERYTHING);
    assert_eq!(lasso.cycle, [(None, 0)]);
    graph.edges[0].classes = 0b10;
    assert_eq!(outcome(&graph, EVENTUALLY, &NAMES), Opinion::Holds);
}

#[test]
fn one_class_for_all_is_not_a_class_for_each() {
    // Two nodes: 1 is served for ever, 2 never.
    let serve = |from, to, number| Edge {
        number: Some(number),
        classes: 1,
        ..Edge::new(from, to)
    };
    let mut graph = FairGraph::of(
        [
            serve(0, 1, 1),
            serve(1, 0, 1),
            serve(0, 2, 2),
            serve(1, 2, 2),
        ],
        2,
    );
    graph.strong = [true; CLASSES];
    assert_eq!(outcome(&graph, EVENTUALLY, &[NAMES[0]]), Opinion::Fails);
    assert_eq!(outcome(&graph, EVENTUALLY, &[NAMES[3]]), Opinion::Holds);
}

#[test]
fn a_component_is_not_a_cycle() {
    // 0 ⇄ 1 and 0 ⇄ 2 are one component. Both a and b must be taken: no simple cycle does that.
    let edges = [
        Edge::new(0, 1).of("a"),
        Edge::new(1, 0),
        Edge::new(0, 2).of("b"),
        Edge::new(2, 0),
    ];
    let mut graph = FairGraph::of(edges, 9);
    graph.strong = [true; CLASSES];
    let found = lasso(&graph, EVENTUALLY, &NAMES[..2]);
    assert_eq!((found.stem.len(), found.cycle.len()), (0, 4));
}

// ----------------------------------------------------------------------------------------------------------- the validator

/// 0 → 1 → 2 → 1 and 2 → 3, p in 3; class a is the step to 3, class b the step from 1 to 2.
fn line() -> (FairGraph, Lasso<u8, Edge>) {
    let edges = [
        Edge::new(0, 1),
        Edge::new(1, 2).of("b"),
        Edge::new(2, 1),
        Edge::new(2, 3).of("a"),
    ];
    let step = |at: usize| (Some(edges[at]), edges[at].to);
    let lasso = Lasso {
        initial: 0,
        stem: vec![step(0)],
        cycle: vec![step(1), step(2)],
    };
    (FairGraph::of(edges, 3), lasso)
}

#[test]
fn the_validator_says_how_a_lasso_is_fair() {
    let (graph, lasso) = line();
    let met = validate(&graph, EVENTUALLY, &NAMES, &lasso).expect("it is one");
    let hows: Vec<How> = met.iter().map(|met| met.how).collect();
    assert_eq!(
        hows,
        [
            How::Disabled(0),
            How::Taken(0),
            How::NeverEnabled,
            How::NeverEnabled
        ]
    );
}

#[test]
fn the_validator_refuses_a_cycle_that_is_not_fair() {
    let (mut graph, good) = line();
    graph.strong[0] = true;
    let flaw = validate(&graph, EVENTUALLY, &NAMES, &good);
    assert_eq!(flaw, Err(Flaw::Unfair(NAMES[0], 0)));
    assert!(validate(&graph, EVENTUALLY, &NAMES[1..], &good).is_ok());
    // Stuttering where b stays enabled is not weakly fair.
    let stutter = Lasso {
        cycle: vec![(None, 1)],
        ..good
    };
    let flaw = validate(&graph, EVENTUALLY, &[NAMES[1]], &stutter);
    assert_eq!(flaw, Err(Flaw::Unfair(NAMES[1], 0)));
}

#[test]
fn the_validator_refuses_what_is_no_behaviour() {
    let (graph, good) = line();
    let flaw = |lasso: &Lasso<u8, Edge>| validate(&graph, EVENTUALLY, &[], lasso).err();
    assert_eq!(flaw(&good), None);
    let broken = |change: fn(&mut Lasso<u8, Edge>)| {
        let mut lasso = good.clone();
        change(&mut lasso);
        flaw(&lasso)
    };
    assert_eq!(broken(|l| l.initial = 1), Some(Flaw::NotInitial));
    assert_eq!(
        broken(|l| l.stem.clear()),
        Some(Flaw::NoSuchStep(0)),
        "the stem does not connect"
    );
    assert_eq!(
        broken(|l| l.stem[0].1 = 2),
        Some(Flaw::NoSuchStep(0)),
        "the action leads elsewhere"
    );
    assert_eq!(
        broken(|l| l.stem[0].0 = None),
        Some(Flaw::NoSuchStep(0)),
        "a stutter changes nothing"
    );
    assert_eq!(
        broken(|l| l.cycle[1].0 = Some(Edge::new(2, 1).of("a"))),
        Some(Flaw::NoSuchStep(2)),
        "there is no such action"
    );
    assert_eq!(broken(|l| l.cycle.clear()), Some(Flaw::NoCycle));
    assert_eq!(broken(|l| l.cycle.truncate(1)), Some(Flaw::NotClosed));
    let mut bounded = graph.clone();
    bounded.outside.insert(2);
    assert_eq!(
        validate(&bounded, EVENTUALLY, &[], &good),
        Err(Flaw::Outside(2))
    );
    // A step that leaves the state as it is takes no action.
    let mut looping = graph.clone();
    looping.edges.push(Edge::new(1, 1).of("b"));
    let action = Some(Edge::new(1, 1).of("b"));
    let stays = Lasso {
        cycle: vec![(action, 1)],
        ..good.clone()
    };
    assert_eq!(
        validate(&looping, EVENTUALLY, &[], &stays),
        Err(Flaw::NoSuchStep(1))
    );
}

#[test]
fn the_validator_refuses_a_promise_that_is_kept() {
    let (mut graph, good) = line();
    let kept = |graph: &FairGraph, promise| validate(graph, promise, &[], &good) == Err(Flaw::Kept);
    graph.p = [0].into();
    assert!(kept(&graph, EVENTUALLY), "p on the stem");
    assert!(!kept(&graph, LEADS_TO));
    graph.q = [1].into();
    assert!(kept(&graph, LEADS_TO), "q on the cycle");
    graph.q = [0].into();
    assert!(kept(&graph, LEADS_TO), "q with p, and not due since");
    graph.p = [2].into();
    assert!(!kept(&graph, LEADS_TO), "due again on the cycle");
    assert!(kept(&graph, AGAIN_AND_AGAIN), "p on the cycle");
    assert!(!kept(&graph, FROM_SOME_TIME_ON));
    graph.p = [1, 2].into();
    assert!(kept(&graph, FROM_SOME_TIME_ON));
    assert_eq!(
        validate(&graph, "no promise", &[], &good),
        Err(Flaw::NoSuch("no promise".into()))
    );
    assert_eq!(
        validate(&graph, EVENTUALLY, &["no fairness"], &good),
        Err(Flaw::NoSuch("no fairness".into()))
    );
}

// --------------------------------------------------------------------------------------------------------- honest limits

#[test]
fn a_limit_or_symmetry_leaves_everything_unknown() {
    let graph = all_fair(&[(0, 1), (1, 2), (2, 3)], 9);
    let why = |plan: &Plan| Liveness::of(&graph, plan, &Progress::default()).err();
    let limits = |limits| Plan {
        limits,
        ..Plan::default()
    };
    let stopped = |stop| Some(Why::Stopped(stop));
    assert_eq!(why(&Plan::default()), None);
    assert_eq!(
        why(&limits(Limits {
            max_states: Some(1),
            ..Limits::default()
        })),
        stopped(Stop::MaxStates)
    );
    assert_eq!(
        why(&limits(Limits {
            max_memory: Some(1),
            ..Limits::default()
        })),
        stopped(Stop::MaxMemory)
    );
    assert_eq!(
        why(&limits(Limits {
            timeout: Some(std::time::Duration::ZERO),
            ..Limits::default()
        })),
        stopped(Stop::Timeout)
    );
    assert_eq!(
        why(&limits(Limits {
            max_depth: Some(3),
            ..Limits::default()
        })),
        stopped(Stop::MaxDepth)
    );
    assert_eq!(
        why(&limits(Limits {
            max_depth: Some(4),
            ..Limits::default()
        })),
        None
    );
    let interrupted = Limits::default();
    interrupted.interrupted.store(true, Ordering::Relaxed);
    assert_eq!(why(&limits(interrupted)), stopped(Stop::Interrupted));
    assert_eq!(
        why(&Plan {
            symmetry: true,
            ..Plan::default()
        }),
        Some(Why::Symmetry)
    );
}

#[test]
fn a_name_that_is_none_is_no_pass() {
    let graph = all_fair(&[(0, 1)], 1);
    let progress = Progress::default();
    let liveness = Liveness::of(&graph, &Plan::default(), &progress).expect("it is small");
    let why = |promise, dropped: &[&str]| liveness.judge(promise, dropped).err();
    assert_eq!(
        why("eventually r", &[]),
        Some(Why::NoSuch("eventually r".into()))
    );
    assert_eq!(
        why(EVENTUALLY, &["d is fair"]),
        Some(Why::NoSuch("d is fair".into()))
    );
}

#[test]
fn a_promise_that_is_never_due_says_so() {
    let graph = all_fair(&[(0, 1)], 0);
    let found = judged(&graph, EVENTUALLY, &[]);
    assert_eq!((opinion(&found.outcome), found.due), (Opinion::Holds, 0));
}
