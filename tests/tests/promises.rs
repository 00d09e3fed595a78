//! What the models promise to do: kept under the fairness that is stated, by two judges, and broken without any one part of it.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::{Liveness, Outcome, Plan};
use concur_checks::methods::assumptions::drop_each;
use concur_checks::selector::{Only, select};
use concur_checks::suite::{Engine, Options, run};
use concur_checks::temporal::{LIVES, values_of};
use concur_checks::verdict::Status;
use concur_models::kit::Tier;
use concur_models::two_phase::protocol::{Action, TwoPhase};
use concur_rules::Faithful;

/// Up to so many states the naive judge looks at what becomes of a promise without an assumption.
const NAIVE_JUDGE: u64 = 1_000;

#[test]
fn the_promises_of_the_small_tier_are_kept_or_broken_as_expected_and_both_judges_agree() {
    let options = Options {
        tier: Tier::Small,
        engine: Engine::All,
        plan: Default::default(),
        symmetry: false,
    };
    let targets = select(&[], Tier::Small, &[], Only::Liveness).expect("there are promises");
    let mut by_two = 0;
    for target in &targets {
        let result = run(target, &options, &Progress::default()).expect("there is a model");
        assert!(result.as_expected, "{}: {:?}", result.id, result.remarks);
        by_two += result.opinions.len();
    }
    assert!(by_two > 0, "the naive judge was never asked");
}

#[test]
fn every_assumption_is_missed_when_it_is_dropped() {
    let (plan, progress) = (Plan::default(), Progress::default());
    for live in LIVES {
        let id = live.about().id();
        let dropped = drop_each(*live, Tier::Small, &plan, &progress).expect("there is a model");
        assert!(
            !dropped.is_empty(),
            "{id}: no promise is kept that needs something"
        );
        for dropped in dropped {
            let (promise, assumption) = (dropped.promised.name, dropped.assumption);
            assert!(
                dropped.as_expected,
                "{id}: {promise}: nobody misses that {assumption}"
            );
        }
    }
}

#[test]
fn the_naive_judge_misses_every_assumption_too() {
    let (plan, progress) = (Plan::default(), Progress::default());
    let mut asked = 0;
    for live in LIVES {
        let about = live.about();
        let small = about.configs.iter().filter(|c| c.distinct <= NAIVE_JUDGE);
        for config in small {
            let values = values_of(about.params, config);
            let without = live.without_each(&values, &plan, &progress, &|_, _| false);
            let without = without.expect("there is a model");
            let promised: Vec<_> = without.into_iter().map(|(_, promised)| promised).collect();
            let opinion = live.second_opinion(&values, &promised);
            let opinion = opinion.expect("there is a model");
            assert!(
                opinion.agrees,
                "{}/{}: {}",
                about.id(),
                config.name,
                opinion.found
            );
            asked += promised.len();
        }
    }
    assert!(asked > 0, "it was never asked");
}

#[test]
fn a_model_makes_only_promises_that_need_something() {
    for live in LIVES {
        let about = live.about();
        let values = values_of(about.params, &about.configs[0]);
        let found = live.judge(&values, &Plan::default(), &Progress::default());
        for promised in found.expect("there is a model").promises {
            assert!(
                !promised.assuming.is_empty(),
                "{}: {}",
                about.id(),
                promised.name
            );
            assert_ne!(
                promised.status,
                Status::Vacuous,
                "{}: {}",
                about.id(),
                promised.name
            );
        }
    }
}

#[test]
fn two_phase_commit_blocks_if_its_manager_does_not_decide() {
    let (rms, rules) = (3, Faithful);
    let (model, progress) = (TwoPhase { rms, rules }, Progress::default());
    let liveness = Liveness::of(&model, &Plan::default(), &progress).expect("it is small");
    let promise = liveness.promises().nth(1).expect("there is one");
    let manager = promise.needs[0];
    let found = liveness
        .judge(promise.name, &[manager])
        .expect("it is small");
    let Outcome::Fails(lasso, _) = found.outcome else {
        panic!("it blocks")
    };
    // One prepares, and waits for ever.
    let [(Some(Action::RMPrepare(_)), prepared)] = lasso.stem[..] else {
        panic!("{:?}", lasso.stem)
    };
    assert_eq!(lasso.cycle, [(None, prepared)]);
}
