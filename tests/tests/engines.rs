//! Every engine on every small configuration: counts and verdicts agree, on any number of threads, for any seed.

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::opinion::Other;
use concur_checks::registry::{RUNGS, values_of};
use concur_checks::selector::select;
use concur_checks::suite::{Engine, Options, run};
use concur_models::kit::{Outcome, Tier};

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
    for target in select(&[], Tier::Small, &[]).expect("there are checks") {
        let result = run(&target, &options, &Progress::default()).expect("there is a model");
        assert!(result.as_expected, "{}: {:?}", result.id, result.remarks);
        let distinct = result.findings.reach.extent().distinct;
        let asked = result.opinions.len();
        if distinct <= 20_000 && !result.id.ends_with("/coverage") {
            assert_eq!(asked, Other::ALL.len(), "{}", result.id);
        }
    }
}

#[test]
fn the_naive_explorer_agrees_on_every_small_configuration() {
    for rung in RUNGS {
        let about = rung.about();
        for config in about
            .configs
            .iter()
            .filter(|config| config.tier == Tier::Small)
        {
            let values = values_of(about.params, config);
            let naive = rung
                .ask(&values, Other::Naive, 1, &Default::default())
                .expect("there is a model");
            let name = format!("{}/{}", about.id(), config.name);
            match config.expect.outcome {
                Outcome::Fails { .. } => assert!(naive.failure.is_some(), "{name}"),
                Outcome::Holds => {
                    let extent = naive.reach.extent();
                    assert_eq!(extent.distinct, config.expect.distinct, "{name}");
                    assert_eq!(extent.depth, Some(config.expect.depth), "{name}");
                    assert_eq!(naive.failure, None, "{name}");
                }
            }
        }
    }
}

#[test]
fn neither_threads_nor_seed_make_a_difference() {
    for rung in RUNGS {
        let about = rung.about();
        for config in about
            .configs
            .iter()
            .filter(|config| config.tier == Tier::Small)
        {
            let values = values_of(about.params, config);
            let examine = |threads, seed| {
                let plan = Plan {
                    threads,
                    seed,
                    ..Plan::default()
                };
                let how = How {
                    plan: &plan,
                    symmetry: false,
                    progress: &Progress::default(),
                };
                rung.examine(&values, None, how).expect("there is a model")
            };
            let one = examine(1, 0);
            for (threads, seed) in [(2, 0), (3, 1), (5, u64::MAX)] {
                assert_eq!(
                    examine(threads, seed),
                    one,
                    "{}/{}",
                    about.id(),
                    config.name
                );
            }
        }
    }
}
