//! What is left of a walk that breaks something: faults and nodes that are not needed are gone, and the same walk always leaves the same.

use concur_correspond::cluster::Event;
use concur_correspond::paxos::PaxosCoresRung;
use concur_correspond::walk::{Broken, Scheduled, Walked, replay, shorten, walk};
use concur_correspond::{Clusters as _, Core};
use concur_models::kit::{Observed, Rung, Values};
use concur_rules::durable_paxos::DurablePaxosRule as Rule;

type Model = <PaxosCoresRung as Rung>::Model<Observed<Rule>>;
type Happens = <Model as Scheduled>::Event;

/// A cluster whose acceptors vote whatever they have promised: no fault is needed for that to go wrong.
fn careless(size: usize) -> Model {
    let walk = &PaxosCoresRung::WALKS[size];
    let values = Values::new(PaxosCoresRung::PARAMS, walk.settings);
    PaxosCoresRung::model(&values, Observed::without(Rule::AcceptNotBelowPromise)).expect("it fits")
}

/// Walks that break something after crashes.
fn broken() -> impl Iterator<Item = (usize, u64, Broken<Happens>)> {
    let sizes = 0..PaxosCoresRung::WALKS.len();
    let walks = sizes.flat_map(|size| (0..40).map(move |seed| (size, seed)));
    walks.filter_map(|(size, seed)| {
        match walk(&careless(size), seed, PaxosCoresRung::WALKS[size].steps) {
            Walked::Breaks(broken) if broken.schedule.iter().any(is_fault) => {
                Some((size, seed, broken))
            }
            _ => None,
        }
    })
}

fn is_fault<P: Core>(event: &Event<P>) -> bool {
    matches!(event, Event::Crash(..) | Event::Restart(_))
}

fn nodes<P: Core>(schedule: &[Event<P>]) -> usize {
    let nodes: std::collections::BTreeSet<_> = schedule.iter().map(Event::node).collect();
    nodes.len()
}

#[test]
fn faults_and_nodes_that_are_not_needed_vanish() {
    let mut looked_at = 0;
    for (size, seed, broken) in broken().take(12) {
        let model = careless(size);
        let before = (broken.schedule.len(), nodes(&broken.schedule));
        let what = broken.what;
        let left = shorten(&model, broken);
        assert!(
            !left.schedule.iter().any(is_fault),
            "{size} {seed}: {:?}",
            left.schedule
        );
        let after = (left.schedule.len(), nodes(&left.schedule));

        assert!(
            after.0 < before.0 && after.1 <= before.1,
            "{size} {seed}: {before:?} {after:?}"
        );
        let again = replay(&model, &left.schedule).expect("it still breaks");
        assert_eq!(
            (again.what, again.schedule.len()),
            (what, left.schedule.len())
        );
        looked_at += 1;
    }
    assert_eq!(looked_at, 12);
}

#[test]
fn the_same_walk_leaves_the_same() {
    let (size, _, broken) = broken().next().expect("some walk breaks");
    let story = |broken: Broken<Happens>| {
        let left = shorten(&careless(size), broken).schedule;
        left.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(story(broken.clone()), story(broken));
}
