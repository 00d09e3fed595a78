//! The states that are to be expanded: each worker has those that it found, and takes of the others' when none of its own are left.

use std::collections::VecDeque;

use crate::sync::Mutex;

/// Blocks of states, by level and by who found them.
///
/// While one level is taken, the next one is put together elsewhere: a worker that looks for what is left of a level must not find
/// what belongs to the next. Two places are enough, because a level is put together only after everything of the last but one was taken.
pub struct Frontier<B, const PLACES: usize = 2> {
    places: [Vec<Mutex<VecDeque<B>>>; PLACES],
}

impl<B, const PLACES: usize> Frontier<B, PLACES> {
    /// An empty frontier of so many workers.
    pub fn new(workers: usize) -> Self {
        let place = |_| (0..workers).map(|_| Mutex::new(VecDeque::new())).collect();
        Self {
            places: std::array::from_fn(place),
        }
    }

    /// Adds blocks that `worker` found to `level`. All workers must have done so before anyone takes of it.
    pub fn put(&self, level: usize, worker: usize, blocks: impl IntoIterator<Item = B>) {
        let mut own = self.places[level % PLACES][worker]
            .lock()
            .expect("no worker panics here");
        own.extend(blocks);
    }

    /// Takes a block of `level`: one of the worker's own, else the last of the next worker that has one.
    pub fn take(&self, level: usize, worker: usize) -> Option<B> {
        let place = &self.places[level % PLACES];
        let of = |owner: usize| place[owner].lock().expect("no worker panics here");
        let own = of(worker).pop_front();
        let mut others = (1..place.len()).map(|away| (worker + away) % place.len());
        own.or_else(|| others.find_map(|owner| of(owner).pop_back()))
    }
}
