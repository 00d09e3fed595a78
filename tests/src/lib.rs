//! The suite on itself: what its tests share.

pub mod graph;

use concur_checks::engine::explore::{Exploration, Plan, explore};
use concur_checks::engine::lens::{Breach, Plain};
use concur_checks::engine::limits::{Limits, Progress};
use concur_checks::engine::shortest::{Counterexample, shortest};
use stateright::Model;

/// Our engine on any model, on so many threads.
pub fn ours<M>(model: &M, threads: usize, limits: Limits) -> Exploration
where
    M: Model<State: std::hash::Hash + Eq + Clone + Send + Sync, Action: Clone> + Sync,
{
    let plan = Plan {
        threads,
        limits,
        seed: 0,
    };
    explore(model, &Plain(model), &plan, &Progress::default())
}

/// The shortest counterexample that our engine gives.
pub fn ours_shortest<M>(model: &M, breach: Breach) -> Counterexample<M::State, M::Action>
where
    M: Model<State: std::hash::Hash + Eq + Clone + Send + Sync, Action: Clone> + Sync,
{
    shortest(model, &Plain(model), breach, 0).expect("what was breached has a path")
}

/// The program `concur`, built from this tree in the profile of the tests.
///
/// # Panics
/// If it does not build.
pub fn concur() -> std::path::PathBuf {
    use std::sync::OnceLock;
    static BUILT: OnceLock<std::path::PathBuf> = OnceLock::new();
    let build = || {
        let status = std::process::Command::new(env!("CARGO"))
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .args(["build", "--quiet", "-p", "concur-checks", "--bin", "concur"])
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "concur does not build"
        );
        let test = std::env::current_exe().expect("a test is a program");
        // target/debug/deps/TEST: the program is two folders up.
        let folder = test
            .ancestors()
            .nth(2)
            .expect("tests lie below the target folder");
        folder.join(format!("concur{}", std::env::consts::EXE_SUFFIX))
    };
    BUILT.get_or_init(build).clone()
}
