//! Limits hold where the first search is over, too: in the search for a shortest counterexample, and where other engines are asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use concur_checks::engine::explore::Plan;
use concur_checks::engine::lens::{Breach, Plain};
use concur_checks::engine::limits::{Limits, Patience, Progress, Stop};
use concur_checks::engine::shortest::shortest;
use concur_checks::methods::How;
use concur_checks::methods::exhaustive::examine;
use concur_checks::selector::select_one;
use concur_checks::suite::{Engine, Options, run};
use concur_checks::verdict::{CheckResult, Verdict};
use concur_models::kit::{Anything, Refines, Spec, Tier};
use stateright::{Model, Property};

concur_models::actions! {
    /// Which coordinate grows.
    pub enum Grow {
        /// The first.
        First,
        /// The second.
        Second,
    }
}

/// Pairs of numbers; that their sum is small fails after some 20,000 states. Who looks at the first pair that breaks it has the user interrupt, if there is one.
#[derive(Clone, Default)]
struct Pairs {
    user: Option<Arc<AtomicBool>>,
}

const TOO_LARGE: u32 = 200;

impl Model for Pairs {
    type State = (u32, u32);
    type Action = Grow;

    fn init_states(&self) -> Vec<(u32, u32)> {
        vec![(0, 0)]
    }

    fn actions(&self, _: &(u32, u32), actions: &mut Vec<Grow>) {
        actions.extend([Grow::First, Grow::Second]);
    }

    fn next_state(&self, &(a, b): &(u32, u32), grow: Grow) -> Option<(u32, u32)> {
        Some(match grow {
            Grow::First => (a + 1, b),
            Grow::Second => (a, b + 1),
        })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::<Self>::always("small", |pairs, (a, b)| {
            let small = a + b < TOO_LARGE;
            if let Some(user) = pairs.user.as_ref().filter(|_| !small) {
                user.store(true, Ordering::Relaxed);
            }
            small
        })]
    }
}

impl Spec for Pairs {}

impl Refines for Pairs {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &(u32, u32)) {}
}

#[test]
fn a_search_for_a_counterexample_ends_where_a_limit_is_reached() {
    let interrupted = Limits {
        interrupted: Arc::new(AtomicBool::new(true)),
        ..Limits::default()
    };
    let timeout = Limits {
        timeout: Some(Duration::ZERO),
        ..Limits::default()
    };
    let memory = Limits {
        max_memory: Some(1),
        ..Limits::default()
    };
    for (limits, stop) in [
        (Limits::default(), None),
        (interrupted, Some(Stop::Interrupted)),
        (timeout, Some(Stop::Timeout)),
        (memory, Some(Stop::MaxMemory)),
    ] {
        let pairs = Pairs::default();
        let mut patience = Patience::new(&limits, Instant::now());
        let found = shortest(
            &pairs,
            &Plain(&pairs),
            Breach::Property(0),
            0,
            &mut patience,
        );
        assert_eq!(patience.stop(), stop);
        let states = found.map(|found| found.states());
        assert_eq!(states, stop.is_none().then_some(TOO_LARGE + 1), "{stop:?}");
    }
}

#[test]
fn what_fails_is_told_without_a_counterexample_where_the_user_did_not_wait_for_it() {
    let plan = Plan::default();
    let user = Some(Arc::clone(&plan.limits.interrupted));
    for (user, stop) in [(None, None), (user, Some(Stop::Interrupted))] {
        let how = How {
            plan: &plan,
            symmetry: false,
            progress: &Progress::default(),
        };
        let findings = examine(&Pairs { user }, how);
        assert_eq!(findings.stop, stop);
        let failure = findings.failure.expect("it fails");
        assert_eq!(failure.property, "small");
        assert_eq!(failure.trace.is_none(), stop.is_some());
    }
}

/// Two-phase commit with so many resource managers that stateright takes some tenths of a second: just after our own search is over, the user interrupts.
#[test]
fn a_check_is_unknown_where_the_user_did_not_wait_for_another_engine() {
    let progress = Arc::new(Progress::default());
    let alone = seven_managers(Engine::Concur, Plan::default(), &progress);
    assert_eq!(alone.verdict, Verdict::Holds);
    let generated = progress.generated.load(Ordering::Relaxed);
    assert!(generated > 0);

    progress.begin_again();
    let plan = Plan::default();
    let interrupted = Arc::clone(&plan.limits.interrupted);
    let watched = Arc::clone(&progress);
    let user = spawn(move || {
        while watched.generated.load(Ordering::Relaxed) < generated {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(30));
        interrupted.store(true, Ordering::Relaxed);
    });
    let result = seven_managers(Engine::All, plan, &progress);
    user.join().expect("the search takes all steps");
    assert_eq!(result.verdict, Verdict::Unknown);
    assert!(!result.as_expected && result.opinions.is_empty());
    let why = "unknown: interrupted before stateright-bfs answered";
    assert_eq!(result.remarks, [why]);
}

fn seven_managers(engine: Engine, plan: Plan, progress: &Progress) -> CheckResult {
    let target = select_one("two-phase/two-phase", &["rms=7".to_owned()]);
    let options = Options {
        tier: Tier::Full,
        engine,
        plan,
        symmetry: false,
    };
    run(&target.expect("it is there"), &options, progress).expect("it fits")
}
