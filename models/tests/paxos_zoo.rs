//! Published bugs of Paxos, each planted by leaving out a rule or by a parameter, and each found by the property that it is known for.
//!
//! A check reports what fails first, which is often an invariant near the mistake. Here that is passed over, and the search goes on until clients notice.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use concur_models::kit::{Observed, Rung, Spec, Values};
use concur_models::paxos::durable::configs::DurablePaxosRung;
use concur_models::paxos::multi::configs::MultiPaxosRung;
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::multi_paxos::MultiPaxosRule;
use concur_rules::{Faithful, RuleSet};
use stateright::Expectation;

type Settings = &'static [(&'static str, u32)];

/// How many steps lead to the first state in which `property` fails, if any does; for a witness, in which it is seen.
fn steps_to<M: Spec>(model: &M, property: &'static str) -> Option<usize> {
    let property = model.property(property);
    let wanted = property.expectation == Expectation::Sometimes;
    let fingerprint = |s: &M::State| {
        let mut hasher = DefaultHasher::new();
        model.canonical(s).hash(&mut hasher);
        hasher.finish()
    };
    let mut seen = BTreeSet::new();
    let mut level = model.init_states();
    for steps in 0.. {
        if level
            .iter()
            .any(|s| (property.condition)(model, s) == wanted)
        {
            return Some(steps);
        }
        let mut next = Vec::new();
        for t in level.iter().flat_map(|s| model.next_states(s)) {
            if model.within_boundary(&t) && seen.insert(fingerprint(&t)) {
                next.push(t);
            }
        }
        if next.is_empty() {
            return None;
        }
        level = next;
    }
    None
}

fn durable<S: RuleSet<Rule>>(settings: Settings, rules: S) -> impl Spec {
    let values = Values::new(DurablePaxosRung::PARAMS, settings);
    DurablePaxosRung::model(&values, rules).expect("these sizes fit")
}

/// Two acceptors and two ballots are enough for what a lost vote or a miscounted answer does.
const TWO: Settings = &[("learners", 0)];
const COUNTED: Settings = &[];
const TWO_CRASH: Settings = &[("learners", 0), ("crashes", 1)];
const THREE_CRASH: Settings = &[("acceptors", 3), ("learners", 0), ("crashes", 1)];
const THREE_BALLOTS: Settings = &[
    ("acceptors", 3),
    ("max_ballot", 2),
    ("proposers", 1),
    ("learners", 0),
];

const HALF: Settings = &[("learners", 0), ("quorum", 2)];
const THIRD: Settings = &[("learners", 0), ("quorum", 3)];
const UNSATISFIABLE: Settings = &[("quorum", 4)];
const WIPE: Settings = &[
    ("acceptors", 3),
    ("learners", 0),
    ("crashes", 1),
    ("wipe", 1),
];

#[test]
fn each_bug_breaks_what_it_is_known_for() {
    const BUGS: [(&str, Settings, Rule, &str); 12] = [
        ("PX03", TWO, Rule::AcceptNotBelowPromise, "Agreement"),
        ("PX04", TWO, Rule::ProposeReported, "Agreement"),
        (
            "PX05",
            THREE_BALLOTS,
            Rule::CollectKeepsHighest,
            "Agreement",
        ),
        ("PX06", THREE_CRASH, Rule::PromiseSynced, "Agreement"),
        ("PX07", THREE_CRASH, Rule::AcceptSynced, "Agreement"),
        ("PX08", THREE_BALLOTS, Rule::AcceptRaises, "Agreement"),
        ("PX09", TWO, Rule::CollectCurrentBallot, "Agreement"),
        (
            "PX10",
            THREE_BALLOTS,
            Rule::PromiseReportsBallot,
            "Agreement",
        ),
        ("PX11", TWO_CRASH, Rule::AskBallotSynced, "Agreement"),
        ("PX11, shared", TWO, Rule::BeginOwnBallot, "Agreement"),
        (
            "PX12",
            COUNTED,
            Rule::TallyPerBallot,
            "LearnedImpliesChosen",
        ),
        ("PX13", COUNTED, Rule::TallyOnce, "LearnedImpliesChosen"),
    ];
    for (id, settings, rule, property) in BUGS {
        let found = steps_to(&durable(settings, Observed::without(rule)), property);
        eprintln!("{id}: {property} fails after {found:?} steps without {rule:?}");
        assert!(found.is_some(), "{id}: without {rule:?}, {property} holds");
    }
}

#[test]
fn quorums_that_do_not_meet_and_disks_that_are_wiped_break_agreement() {
    for (id, settings) in [("PX01", HALF), ("PX02", THIRD), ("PX15", WIPE)] {
        let found = steps_to(&durable(settings, Faithful), "Agreement");
        eprintln!("{id}: Agreement fails after {found:?} steps");
        assert!(found.is_some(), "{id}");
    }
}

/// PX14: nothing fails where nothing can happen. The witness that is never seen keeps it from passing.
#[test]
fn nobody_proposes_where_no_quorum_can_promise() {
    let model = durable(UNSATISFIABLE, Faithful);
    assert_eq!(steps_to(&model, "Agreement"), None);
    assert_eq!(steps_to(&model, "Agreement: a value is chosen"), None);
}

/// Three replicas, two slots and two ballots, in which one replica executes.
const LOG: Settings = &[("executors", 1), ("own", 1)];

#[test]
fn a_promise_that_leaves_out_gaps_or_executed_slots_breaks_agreement() {
    for (id, rule) in [
        ("PX18", MultiPaxosRule::ReplicaPromiseCoversGaps),
        ("executed", MultiPaxosRule::ReplicaPromiseWatermark),
        ("snapshot", MultiPaxosRule::LeadTakesWatermark),
    ] {
        let values = Values::new(MultiPaxosRung::PARAMS, LOG);
        let model =
            MultiPaxosRung::model(&values, Observed::without(rule)).expect("this size fits");
        let found = steps_to(&model, "Agreement");
        eprintln!("{id}: Agreement fails after {found:?} steps without {rule:?}");
        assert!(found.is_some(), "{id}: without {rule:?}, Agreement holds");
    }
}
