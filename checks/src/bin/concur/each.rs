//! What a command does with each of many things: side by side, with a line on the terminal for each, until Ctrl-C.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::side_by_side::in_order;

use crate::progress::watch;

/// Does `work` for each thing, and hands the results to `take` in order. The threads of `plan` are shared: searches that know nothing of each other use two
/// cores better than one search does. Returns the labels of what Ctrl-C left undone.
///
/// # Errors
/// The first of `work` or `take`, in the order of the things; no further work begins then.
pub(crate) fn each<T: Sync, R: Send>(
    things: &[T],
    plan: &Plan,
    label: impl Fn(&T) -> String + Sync,
    work: impl Fn(&T, &Plan, &Progress) -> anyhow::Result<R> + Sync,
    mut take: impl FnMut(R) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<String>> {
    let at_once = plan.threads.clamp(1, things.len().max(1));
    let share = Plan {
        threads: plan.threads / at_once,
        ..plan.clone()
    };
    let one = |thing| {
        let label = label(thing);
        match plan.limits.interrupted.load(Ordering::Relaxed) {
            true => Err(label),
            false => Ok(watch(&label, |progress| work(thing, &share, progress))),
        }
    };
    let mut not_run = Vec::new();
    let ended = in_order(at_once, things.iter(), one, |result| {
        let taken = match result {
            Ok(result) => result.and_then(&mut take),
            Err(label) => {
                not_run.push(label);
                Ok(())
            }
        };
        taken.map_or_else(ControlFlow::Break, ControlFlow::Continue)
    });
    match ended {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(not_run),
    }
}
