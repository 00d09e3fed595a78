//! What the tests of promises share: each is kept, and broken without any one of its assumptions.

use concur_checks::engine::limits::Progress;
use concur_checks::engine::liveness::naive::{self, Opinion};
use concur_checks::engine::liveness::validate::validate;
use concur_checks::engine::liveness::{Liveness, Outcome, Plan};
use concur_models::kit::Temporal;

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
