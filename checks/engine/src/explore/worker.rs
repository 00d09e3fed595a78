//! A worker of the search: expands states, looks their successors up, and keeps those that nobody has seen.

use std::cell::Cell;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use stateright::{Expectation, Model, Property};

use super::{Exploration, Shared};
use crate::fingerprint::{Fingerprinter, Recent};
use crate::lens::{Breach, Lens};
use crate::limits::{Stop, resident_memory};

/// What one worker tells the others at the end of a level.
#[derive(Clone, Copy)]
pub(super) struct Report {
    new: u64,
    breach: Option<Breach>,
    stop: Option<Stop>,
}

/// A state that was found, and the fingerprint by which it is known.
pub(super) struct Found<S> {
    fingerprint: u64,
    state: S,
}

/// States are expanded, and their memory is used again, in blocks of this size: so small that each worker gets a share of a small level.
/// Limits are looked at in between.
const BLOCK: usize = 64;
/// So many successors wait to be looked up at most: few enough that the nearest cache holds them.
const BATCH: usize = 256;
/// The resident memory is measured once in so many blocks.
const BLOCKS_PER_MEASURE: u64 = 512;

pub(super) struct Worker<'m, M: Model, L: Lens<M>> {
    model: &'m M,
    lens: &'m L,
    shared: &'m Shared<'m, M::State>,
    id: usize,
    fingerprinter: Fingerprinter,
    recent: Recent,
    /// Successors that wait to be looked up.
    waiting: Vec<Found<M::State>>,
    next: Vec<Vec<Found<M::State>>>,
    /// Blocks that were expanded, to be filled anew: what is given back to the system in between stops all threads while it is unmapped.
    spare: Vec<Vec<Found<M::State>>>,
    invariants: Vec<(usize, Property<M>)>,
    awaited: Vec<(usize, Property<M>)>,
    actions: Vec<M::Action>,
    cache: L::Cache,
    seen: Exploration,
    breach: Option<Breach>,
    stop: Option<Stop>,
    published: Published,
    /// How many blocks it has made. A block is filled again and again, by whoever has expanded it.
    made: usize,
    /// How many states it has found that nobody had seen.
    distinct: u64,
    /// On the last level that a limit on depth allows, states beyond it are noticed, but not added.
    peeking: bool,
    blocks: u64,
}

/// What this worker last added to the shared progress.
#[derive(Default)]
struct Published {
    distinct: u64,
    generated: u64,
    bytes: u64,
}

impl<'m, M, L> Worker<'m, M, L>
where
    M: Model<State: Hash + Eq + Clone + Send + 'static, Action: Clone>,
    L: Lens<M>,
{
    pub(super) fn new(
        id: usize,
        model: &'m M,
        lens: &'m L,
        shared: &'m Shared<'m, M::State>,
    ) -> Self {
        let with = |expectation: Expectation| {
            let properties = model.properties().into_iter().enumerate();
            properties
                .filter(|(_, property)| property.expectation == expectation)
                .collect::<Vec<_>>()
        };
        Self {
            model,
            lens,
            shared,
            id,
            fingerprinter: Fingerprinter::new(shared.plan.seed),
            recent: Recent::default(),
            waiting: Vec::with_capacity(BATCH),
            next: Vec::new(),
            spare: Vec::new(),
            invariants: {
                let mut invariants = with(Expectation::Always);
                invariants.retain(|(index, _)| lens.looks_for(Breach::Property(*index)));
                invariants
            },
            awaited: with(Expectation::Sometimes),
            actions: Vec::new(),
            cache: L::Cache::default(),
            seen: Exploration {
                taken: vec![0; L::KINDS.len()],
                cut: vec![0; L::BOUNDS.len()],
                witnessed: vec![false; model.properties().len()],
                ..Exploration::default()
            },
            breach: None,
            stop: None,
            published: Published::default(),
            made: 0,
            distinct: 0,
            peeking: false,
            blocks: 0,
        }
    }

    /// Takes part until the search is over; what it has seen.
    pub(super) fn run(mut self) -> Exploration {
        self.guarded(Self::begin);
        self.look_up_rest();
        while let Some(level) = self.next_level() {
            while let Some(mut block) = self.shared.frontier.take(level, self.id) {
                if self.must_stop() {
                    break;
                }
                self.expand(&block);
                block.clear();
                self.spare.push(block);
            }
            self.look_up_rest();
        }
        self.seen.distinct = self.distinct;
        self.seen.breach = self.breach;
        self.seen.stop = self.stop;
        self.seen
    }

    /// Ends a level together with all workers; the next one, if there is one.
    fn next_level(&mut self) -> Option<usize> {
        let new: usize = self.next.iter().map(Vec::len).sum();
        let level = self.seen.levels.len();
        let found = self.next.drain(..);
        self.shared.frontier.put(level, self.id, found);
        let reports = self.shared.level_end.meet(
            level,
            Report {
                new: new as u64,
                breach: self.breach,
                stop: self.stop,
            },
        );
        let all_new: u64 = reports.iter().map(|report| report.new).sum();
        self.breach = reports.iter().filter_map(|report| report.breach).min();
        self.stop = reports.iter().filter_map(|report| report.stop).min();
        if all_new > 0 {
            self.seen.levels.push(new as u64);
        }
        if all_new == 0 || self.stop.is_some() || self.breach.is_some() {
            return None;
        }
        let depth = self.seen.levels.len() as u32;
        let limit = self.shared.plan.limits.max_depth;
        self.peeking = limit.is_some_and(|limit| depth >= limit);
        self.shared.progress.depth.store(depth, Ordering::Relaxed);
        Some(level)
    }

    fn begin(&mut self) {
        let all = self.model.init_states().into_iter();
        for state in all.skip(self.id).step_by(self.shared.workers) {
            if let Some(bound) = self.lens.exceeded(&state) {
                self.seen.cut[bound] += 1;
                continue;
            }
            self.seen.generated += 1;
            if let Some(breach) = self.lens.check_initial(&state) {
                self.note(breach);
            }
            let fingerprint = self.lens.fingerprint(&self.fingerprinter, &state);
            self.wait(Found { fingerprint, state });
        }
    }

    fn note(&mut self, breach: Breach) {
        self.breach = Some(self.breach.map_or(breach, |other| other.min(breach)));
    }

    /// Runs what calls the model. If the model panics, that is a breach, and the search goes on to the end of the level.
    fn guarded(&mut self, run: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| run(self))).is_err() {
            self.note(Breach::Panic);
        }
    }

    // ------------------------------------------------------------------------------------------------ expanding states

    fn expand(&mut self, block: &[Found<M::State>]) {
        let done = Cell::new(0);
        while done.get() < block.len() {
            self.guarded(|worker| {
                for found in &block[done.get()..] {
                    done.set(done.get() + 1);
                    worker.expand_state(found);
                }
            });
        }
    }

    fn expand_state(&mut self, found: &Found<M::State>) {
        let before = &found.state;
        let mut actions = std::mem::take(&mut self.actions);
        actions.clear();
        self.model.actions(before, &mut actions);
        let memo = self.lens.remember(before);
        for action in actions.drain(..) {
            // The successor stays where the model has put it: most are not kept, and to move what was just written field by field
            // stalls until all of that has reached the cache.
            let next = self.model.next_state(before, action.clone());
            let Some(after) = &next else {
                continue;
            };
            if let Some(bound) = self.lens.exceeded(after) {
                self.seen.cut[bound] += 1;
                continue;
            }
            self.seen.generated += 1;
            self.seen.taken[self.lens.kind(&action)] += 1;
            // A step that changes nothing is a stutter: nothing is said of it, and it leads nowhere new.
            if after == before {
                continue;
            }
            let fingerprint = self.lens.fingerprint(&self.fingerprinter, after);
            let breach = self
                .lens
                .check_step(&mut self.cache, &memo, before, &action, after);
            if let Some(breach) = breach {
                self.note(breach);
            }
            if !self.recent.holds(fingerprint)
                && let Some(state) = next
            {
                self.wait(Found { fingerprint, state });
            }
        }
        self.actions = actions;
    }

    // ------------------------------------------------------------------------------------------------- looking states up

    /// Has a successor wait until there are enough to be looked up.
    #[inline(always)]
    fn wait(&mut self, found: Found<M::State>) {
        self.waiting.push(found);
        if self.waiting.len() >= BATCH {
            self.look_up();
        }
    }

    /// Looks up everything that still waits.
    fn look_up_rest(&mut self) {
        self.guarded(Self::look_up);
    }

    /// Looks up what waits, and keeps what is new.
    fn look_up(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.shared.visited.with_room_for(waiting.len(), |visited| {
            let touched = waiting.iter().map(|found| visited.touch(found.fingerprint));
            std::hint::black_box(touched.fold(0, |all, slot| all ^ slot));
            if self.peeking {
                let beyond = |found: &Found<_>| !visited.contains(found.fingerprint);
                if waiting.drain(..).any(|found| beyond(&found)) {
                    self.stop = Some(Stop::MaxDepth);
                }
            } else {
                waiting.retain(|found| visited.insert(found.fingerprint));
            }
        });
        self.distinct += waiting.len() as u64;
        for found in waiting.drain(..) {
            self.check_state(&found.state);
            self.add(found);
        }
        self.waiting = waiting;
        self.publish();
    }

    /// A state to be expanded on the next level.
    #[inline(always)]
    fn add(&mut self, found: Found<M::State>) {
        if self.next.last().is_none_or(|block| block.len() == BLOCK) {
            let block = self.spare.pop().unwrap_or_else(|| {
                self.made += 1;
                Vec::with_capacity(BLOCK)
            });
            self.next.push(block);
        }
        if let Some(block) = self.next.last_mut() {
            block.push(found);
        }
    }

    #[inline(always)]
    fn check_state(&mut self, state: &M::State) {
        let model = self.model;
        let broken = self
            .invariants
            .iter()
            .find(|(_, invariant)| !(invariant.condition)(model, state));
        if let Some(&(index, _)) = broken {
            self.note(Breach::Property(index));
        }
        if !self.awaited.is_empty() {
            let witnessed = &mut self.seen.witnessed;
            self.awaited.retain(|(index, property)| {
                let holds = (property.condition)(model, state);
                witnessed[*index] |= holds;
                !holds
            });
        }
    }

    // ---------------------------------------------------------------------------------------------- limits and progress

    fn must_stop(&mut self) -> bool {
        let progress = self.shared.progress;
        self.weigh();
        self.blocks += 1;
        self.stop = self.stop.or_else(|| {
            self.shared
                .plan
                .limits
                .reached(self.shared.started, progress)
        });
        if self.stop.is_some() {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// Tells what the process occupies, and what is about to be added: to measure it takes longer than to add up what is known.
    fn weigh(&self) {
        let Shared {
            progress,
            beside,
            visited,
            ..
        } = self.shared;
        let known = progress.bytes.load(Ordering::Relaxed);
        if self.id == 0 && self.blocks.is_multiple_of(BLOCKS_PER_MEASURE) {
            let measured = resident_memory().saturating_sub(known);
            beside.store(measured, Ordering::Relaxed);
        }
        let all = beside.load(Ordering::Relaxed) + known + visited.growth_ahead();
        progress.resident.store(all, Ordering::Relaxed);
    }

    /// Adds to the shared progress what happened since the last time.
    fn publish(&mut self) {
        let progress = self.shared.progress;
        let now = Published {
            distinct: self.distinct,
            generated: self.seen.generated,
            bytes: self.bytes(),
        };
        let add = |total: &AtomicU64, was: u64, is: u64| {
            total.fetch_add(is.wrapping_sub(was), Ordering::Relaxed);
        };
        add(&progress.distinct, self.published.distinct, now.distinct);
        add(&progress.generated, self.published.generated, now.generated);
        add(&progress.bytes, self.published.bytes, now.bytes);
        self.published = now;
    }

    /// The bytes of this worker's blocks; of what was seen, too, for which the first worker speaks.
    fn bytes(&self) -> u64 {
        let blocks = (self.made * BLOCK * size_of::<Found<M::State>>()) as u64;
        match self.id {
            0 => blocks + self.shared.visited.bytes(),
            _ => blocks,
        }
    }
}
