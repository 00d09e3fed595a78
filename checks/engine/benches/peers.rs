//! What the benchmarks run: models, and searches over them.
#![allow(dead_code)] // each benchmark uses some

use concur_engine::explore::{Plan, explore};
use concur_engine::lens::{Plain, Rungwise};
use concur_engine::limits::Progress;
use concur_engine::stateright::{Strategy, explore as stateright_explore};
use concur_models::kit::{Refines, Rung, Spec, Temporal, Values};
use concur_models::paxos::configs::PaxosRung;
use concur_models::raft::configs::RaftRung;
use concur_models::two_phase::configs::TwoPhaseRung;
use concur_rules::Faithful;
use stateright::Model;

fn model<R: Rung>(settings: &[(&'static str, u32)]) -> R::Model<Faithful> {
    R::model(&Values::new(R::PARAMS, settings), Faithful).expect("it fits")
}

pub(crate) fn two_phase(rms: u32) -> impl Spec + Refines {
    model::<TwoPhaseRung>(&[("rms", rms)])
}

/// The same, with what it promises.
pub(crate) fn two_phase_promises(rms: u32) -> impl Temporal {
    model::<TwoPhaseRung>(&[("rms", rms)])
}

/// 185,369 states.
pub(crate) fn paxos() -> impl Spec + Refines {
    model::<PaxosRung>(&[("acceptors", 3), ("values", 2), ("max_ballot", 2)])
}

/// 1,931,973 states.
pub(crate) fn raft() -> impl Spec + Refines {
    model::<RaftRung>(&[
        ("servers", 3),
        ("values", 1),
        ("max_term", 2),
        ("max_log", 1),
        ("max_msgs", 1),
    ])
}

fn plan(threads: usize) -> Plan {
    Plan {
        threads,
        ..Plan::default()
    }
}

/// Our engine, looking at what stateright looks at.
pub(crate) fn concur<M>(model: &M, threads: usize) -> u64
where
    M: Model<State: std::hash::Hash + Eq + Clone + Send + Sync + 'static, Action: Clone> + Sync,
{
    explore(model, &Plain(model), &plan(threads), &Progress::default()).distinct
}

/// Our engine, looking at steps and refinement, too.
pub(crate) fn checks<M: Spec + Refines>(model: &M, threads: usize) -> u64 {
    let lens = Rungwise::new(model, false);
    explore(model, &lens, &plan(threads), &Progress::default()).distinct
}

/// stateright's breadth-first checker on one thread.
pub(crate) fn stateright<M>(model: M) -> u64
where
    M: Model<State: std::hash::Hash + Clone + PartialEq + Send + Sync, Action: Clone + PartialEq>
        + Send
        + Sync
        + 'static,
    M::State: 'static,
{
    let found = stateright_explore(model, Strategy::Bfs, 1);
    found.expect("the model does not panic").distinct
}
