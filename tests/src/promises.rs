//! What the tests of promises share: each is kept, and broken without any one of its assumptions; each named size is what it is said to be.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::naive::{self, Opinion};
use concur_checks::engine::liveness::validate::validate;
use concur_checks::engine::liveness::{Liveness, Outcome, Plan};
use concur_models::kit::{Live, LiveConfig, Temporal, Tier, Values};

/// Each promise holds, and fails without any one of the assumptions that it is said to need. `and_naive`: the naive judge must agree.
///
/// # Panics
/// If that is not so.
pub fn are_kept_and_need_what_they_say<M: Temporal>(model: &M, and_naive: bool) {
    let progress = Progress::default();
    let liveness = Liveness::of(model, &Plan::default(), &progress).expect("it is small");
    for promise in liveness.promises() {
        let name = promise.name;
        let kept = liveness.judge(name, &[]).expect("it is small");
        assert_eq!(kept.outcome, Outcome::Holds, "{name}");
        assert!(kept.due > 0, "{name}: it says nothing");
        if and_naive {
            let theirs = naive::judge(model, name, promise.needs);
            assert_eq!(theirs, Opinion::Holds, "{name}");
        }
        for dropped in promise.needs {
            let broken = liveness.judge(name, &[dropped]).expect("it is small");
            let Outcome::Fails(lasso, met) = &broken.outcome else {
                panic!("{name}: it does not need that {dropped}")
            };
            let again = validate(model, name, &broken.assumed, lasso);
            assert_eq!(again.as_ref(), Ok(met));
            if and_naive {
                let theirs = naive::judge(model, name, &broken.assumed);
                assert_eq!(theirs, Opinion::Fails, "{name}, without {dropped}");
            }
        }
    }
}

/// Each small size has as many states and steps as it says, keeps its promises, and breaks those that it is expected to break, as shortly as it says.
///
/// # Panics
/// If that is not so.
pub fn small_sizes_are_as_measured<L: Live>() {
    let small = |config: &&LiveConfig| config.tier == Tier::Small;
    for config in L::CONFIGS.iter().filter(small) {
        let name = config.name;
        let values = Values::new(L::PARAMS, config.settings);
        let model = L::model(&values).expect("there is a model");
        let progress = Progress::default();
        let liveness = Liveness::of(&model, &Plan::default(), &progress).expect("it is small");
        let counted = (liveness.states(), liveness.steps());
        assert_eq!(counted, (config.distinct, config.steps), "{name}");
        for promise in liveness.promises() {
            let judged = liveness.judge(promise.name, &[]).expect("it is small");
            let found = match judged.outcome {
                Outcome::Holds => None,
                Outcome::Fails(lasso, _) => Some((lasso.stem.len(), lasso.cycle.len())),
                Outcome::Bounded(_) => panic!("{name}: {}", promise.name),
            };
            let broken = config.broken.iter().find(|b| b.promise == promise.name);
            let expected = broken.map(|broken| (broken.stem, broken.cycle));
            assert_eq!(found, expected, "{name}: {}", promise.name);
        }
    }
}
