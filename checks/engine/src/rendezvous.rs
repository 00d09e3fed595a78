//! The end of a level: every worker reports, waits for all others, and reads what all have reported.

use crate::sync::{AtomicU64, Condvar, Mutex, Ordering, briefly};

/// A meeting place for a fixed number of workers.
///
/// The reports of successive levels go to different slots: a fast worker that already reports on the next level does not
/// disturb a slow one that still reads the last. With one slot it would; a third is not needed, because nobody reports on the
/// level after the next before everyone has reported on the next, and so has read this one.
pub struct Rendezvous<T, const SLOTS: usize = 2> {
    workers: usize,
    slots: [Slot<T>; SLOTS],
}

struct Slot<T> {
    reports: Mutex<Vec<(usize, T)>>,
    complete: Condvar,
    /// How many levels are complete, as far as this slot knows: what is looked at before anyone goes to sleep.
    completed: AtomicU64,
}

impl<T: Copy, const SLOTS: usize> Rendezvous<T, SLOTS> {
    /// A meeting place for so many workers.
    pub fn new(workers: usize) -> Self {
        Self {
            workers,
            slots: std::array::from_fn(|_| Slot {
                reports: Mutex::new(Vec::new()),
                complete: Condvar::new(),
                completed: AtomicU64::new(0),
            }),
        }
    }

    /// Reports on `level`, waits until every worker has, and returns all their reports, in no order.
    pub fn meet(&self, level: usize, report: T) -> Vec<T> {
        let slot = &self.slots[level % SLOTS];
        let of_level = |reports: &Vec<(usize, T)>| {
            let mine = reports.iter().filter(|(of, _)| *of == level);
            mine.map(|(_, report)| *report).collect::<Vec<T>>()
        };
        let mut reports = slot.reports.lock().expect("no worker panics here");
        reports.retain(|(of, _)| *of == level);
        reports.push((level, report));
        if reports.len() == self.workers {
            slot.completed.store(level as u64 + 1, Ordering::Relaxed);
            slot.complete.notify_all();
        } else {
            // The others come soon, mostly sooner than a thread that sleeps is woken.
            drop(reports);
            briefly(|| slot.completed.load(Ordering::Relaxed) > level as u64);
            reports = slot.reports.lock().expect("no worker panics here");
        }
        while of_level(&reports).len() < self.workers {
            reports = slot.complete.wait(reports).expect("no worker panics here");
        }
        of_level(&reports)
    }
}
