//! Every engine on every small configuration: counts and verdicts agree, on any number of threads, for any seed.

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::opinion::Other;
use concur_checks::selector::{Only, Target, select};
use concur_checks::suite::{Engine, Options, run};
use concur_checks::verdict::Findings;
use concur_models::kit::{Outcome, Tier};
use concur_tests::{Case, small};

fn options(engine: Engine) -> Options {
    Options {
        tier: Tier::Small,
        engine,
        plan: Plan::default(),
        symmetry: false,
    }
}

#[test]
fn all_checks_of_the_small_tier_are_as_expected_and_all_engines_agree() {
    let options = options(Engine::All);
    for target in select(&[], Tier::Small, &[], Only::Safety).expect("there are checks") {
        let result = run(&target, &options, &Progress::default()).expect("there is a model");
        assert!(result.as_expected, "{}: {:?}", result.id, result.remarks);
        let distinct = result.findings.reach.extent().distinct;
        let asked = result.opinions.len();
        // What looks at several sizes has no other opinion.
        if matches!(target, Target::Configuration { .. }) && distinct <= ASKED_OF_ALL {
            assert_eq!(asked, Other::ALL.len(), "{}", result.id);
        }
    }
}

/// Up to so many states every other engine is asked along with a check, the naive explorer among them.
const ASKED_OF_ALL: u64 = 5_000;

#[test]
fn the_naive_explorer_agrees_on_the_largest_small_configurations() {
    for case in small() {
        if case.config.expect.distinct <= ASKED_OF_ALL {
            continue;
        }
        let naive = case
            .rung
            .ask(&case.values, Other::Naive, 1, &Default::default())
            .expect("there is a model");
        match case.config.expect.outcome {
            Outcome::Fails { .. } => assert!(naive.failure.is_some(), "{}", case.id),
            Outcome::Holds => {
                let extent = naive.reach.extent();
                assert_eq!(extent.distinct, case.config.expect.distinct, "{}", case.id);
                assert_eq!(extent.depth, Some(case.config.expect.depth), "{}", case.id);
                assert_eq!(naive.failure, None, "{}", case.id);
            }
        }
    }
}

/// Under symmetry the search sees one state of each orbit, whichever comes first, and no orbit is missed.
#[test]
fn the_symmetric_search_counts_orbits() {
    let mut compared = 0;
    for case in small() {
        if case.rung.about().symmetry.is_none() || case.config.expect.outcome != Outcome::Holds {
            continue;
        }
        let found = examine(&case, &Plan::default(), true);
        let orbits = case.rung.orbits(&case.values).expect("there is a model");
        assert_eq!(found.reach.extent().distinct, orbits, "{}", case.id);
        compared += 1;
    }
    assert!(compared > 0);
}

#[test]
fn neither_threads_nor_seed_make_a_difference() {
    for case in small() {
        let of = |threads, seed| {
            let plan = Plan {
                threads,
                seed,
                ..Plan::default()
            };
            examine(&case, &plan, false)
        };
        let one = of(1, 0);
        for (threads, seed) in [(2, 1), (5, u64::MAX)] {
            assert_eq!(of(threads, seed), one, "{}", case.id);
        }
    }
}

fn examine(case: &Case, plan: &Plan, symmetry: bool) -> Findings {
    let how = How {
        plan,
        symmetry,
        progress: &Progress::default(),
    };
    let found = case.rung.examine(&case.values, None, how);
    found.expect("there is a model")
}
