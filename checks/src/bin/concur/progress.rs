//! A live line on the terminal for each search that works.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use concur_checks::engine::limits::Progress;
use indicatif::{BinaryBytes, HumanCount, MultiProgress, ProgressBar, ProgressStyle};

const REFRESH: Duration = Duration::from_millis(100);

/// The lines of all searches that work at the moment.
static LINES: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Prints without disturbing the live lines.
pub(crate) fn beside<T>(print: impl FnOnce() -> T) -> T {
    LINES.suspend(print)
}

/// Does `work`, and shows how far it has come, if standard error is a terminal.
pub(crate) fn watch<T: Send>(label: &str, work: impl FnOnce(&Progress) -> T + Send) -> T {
    let progress = Progress::default();
    let bar = LINES.add(ProgressBar::new_spinner().with_style(style()));
    if bar.is_hidden() {
        return work(&progress);
    }
    bar.set_prefix(label.to_owned());
    let done = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            let started = Instant::now();
            while !done.load(Ordering::Relaxed) {
                bar.set_message(line(&progress, started.elapsed()));
                bar.tick();
                std::thread::sleep(REFRESH);
            }
        });
        let result = work(&progress);
        done.store(true, Ordering::Relaxed);
        result
    });
    bar.finish_and_clear();
    LINES.remove(&bar);
    result
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix}  {msg}").expect("the template is right")
}

fn line(progress: &Progress, elapsed: Duration) -> String {
    let distinct = progress.distinct.load(Ordering::Relaxed);
    let rate = distinct as f64 / elapsed.as_secs_f64().max(0.001);
    format!(
        "{} states, {}/s, depth {}, {}",
        HumanCount(distinct),
        HumanCount(rate as u64),
        progress.depth.load(Ordering::Relaxed),
        BinaryBytes(progress.bytes.load(Ordering::Relaxed)),
    )
}
