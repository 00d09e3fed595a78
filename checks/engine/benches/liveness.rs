//! The judge of promises on a graph of more than ten million steps: `cargo bench -p concur-engine --bench liveness`.
//!
//! Two-phase commit with 8 resource managers: 1,745,408 states, 11,657,217 steps. divan shows steps per second ("item/s"); the line above the table,
//! bytes per state and per step, as the graph is kept while it is judged.

mod peers;

use concur_engine::limits::Progress;
use concur_engine::liveness::{Liveness, Plan};
use concur_models::kit::Temporal;
use divan::Bencher;
use divan::counter::ItemsCount;
use peers::two_phase_promises;

fn main() {
    let (model, progress) = (two_phase_promises(8), Progress::default());
    let liveness = of(&model, &progress);
    let (states, steps, bytes) = (liveness.states(), liveness.steps(), liveness.bytes());
    // A step takes what its target and its set of classes do; the rest is by state.
    let per_step = 6.0;
    let per_state = (bytes as f64 - per_step * steps as f64) / states as f64;
    eprintln!(
        "{states} states, {steps} steps: {bytes} bytes, {per_step} per step and {per_state:.1} per state"
    );
    divan::main();
}

fn of<'m, M: Temporal>(model: &'m M, progress: &'m Progress) -> Liveness<'m, M> {
    Liveness::of(model, &Plan::default(), progress).expect("it fits")
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn build(bencher: Bencher<'_, '_>) {
    let (model, progress) = (two_phase_promises(8), Progress::default());
    let steps = of(&model, &progress).steps();
    bencher
        .counter(ItemsCount::new(steps))
        .bench(|| of(&model, &progress).states());
}

/// Each promise under its fairness: no fair cycle is found, so that the whole region is looked at.
#[divan::bench(sample_count = 5, sample_size = 1, args = [0, 1, 2])]
fn judge(bencher: Bencher<'_, '_>, promise: usize) {
    let (model, progress) = (two_phase_promises(8), Progress::default());
    let liveness = of(&model, &progress);
    let name = model.promises()[promise].name;
    bencher
        .counter(ItemsCount::new(liveness.steps()))
        .bench(|| liveness.judge(name, &[]).expect("it fits").due);
}

/// Without its first assumption the promise is broken: components, a lasso, and its validation.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn find_a_lasso(bencher: Bencher<'_, '_>) {
    let (model, progress) = (two_phase_promises(8), Progress::default());
    let liveness = of(&model, &progress);
    let promise = &model.promises()[0];
    bencher
        .counter(ItemsCount::new(liveness.steps()))
        .bench(|| {
            liveness
                .judge(promise.name, &promise.needs[..1])
                .expect("it fits")
                .due
        });
}
