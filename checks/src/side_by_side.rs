//! Independent work on several threads, its results in the order of the work: what one sees does not depend on who was faster.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

/// Does `work` for each item, on so many threads, and hands the results to `take` in the order of the items, each as soon as those before it are there.
///
/// When `take` breaks off, no further work begins; what has begun ends, and nobody hears of it.
pub fn in_order<T: Send, R: Send, B>(
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let items = Mutex::new(items.enumerate());
    let next = || items.lock().expect("no iterator here panics").next();
    let worker = |results: Sender<(usize, R)>| {
        while let Some((index, item)) = next() {
            if results.send((index, work(item))).is_err() {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        let (sender, results) = channel();
        for _ in 0..threads.max(1) {
            let sender = sender.clone();
            scope.spawn(|| worker(sender));
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (index, result) in results {
            early.insert(index, result);
            while let Some(result) = early.remove(&turn) {
                turn += 1;
                take(result)?;
            }
        }
        ControlFlow::Continue(())
    })
}
