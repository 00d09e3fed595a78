//! The search: breadth first, level by level, in parallel, with the same result whatever the number of threads.
//!
//! Each worker owns the states whose fingerprints fall to it: it alone knows which of them were seen, and expands them.
//! Successors that belong to another worker are sent to it in batches. All workers finish a level before any begins the
//! next, so that a state's level is the length of a shortest path to it. Nothing is locked between batches.
//!
//! No parent pointers are kept: a counterexample is found by a second, sequential search to the depth where this one
//! stopped ([`super::shortest`]). That costs time only where something is wrong, and leaves 10 to 20 bytes per state.

use std::any::Any;
use std::cell::Cell;
use std::collections::VecDeque;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use stateright::{Expectation, Model, Property};

use super::fingerprint::{FingerprintSet, Fingerprinter, Recent};
use super::lens::{Breach, Lens};
use super::limits::{Limits, Progress, Stop, resident_memory};
use super::rendezvous::Rendezvous;

/// How to search.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many workers there are.
    pub threads: usize,
    /// How far they go.
    pub limits: Limits,
    /// The seed of the fingerprints.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            threads: 1,
            limits: Limits::default(),
            seed: 0,
        }
    }
}

/// What a search saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploration {
    /// Distinct states within the bounds.
    pub distinct: u64,
    /// Initial states, and steps to a state within the bounds, as TLC counts.
    pub generated: u64,
    /// Distinct states per level; the first level holds the initial states. Their number is the depth.
    pub levels: Vec<u64>,
    /// Steps per kind of action.
    pub taken: Vec<u64>,
    /// Steps that led outside, per bound.
    pub cut: Vec<u64>,
    /// For each of the model's properties, whether a `sometimes` was seen true.
    pub witnessed: Vec<bool>,
    /// What is wrong, at the depth reached: the search ends with the level where something is.
    pub breach: Option<Breach>,
    /// Why the search ended early.
    pub stop: Option<Stop>,
}

impl Exploration {
    /// States on the longest of all shortest paths, the initial state alone being 1.
    pub fn depth(&self) -> u32 {
        self.levels.len() as u32
    }
}

/// Explores every state of `model` that its bounds and the plan's limits allow.
pub fn explore<M, L>(model: &M, lens: &L, plan: &Plan, progress: &Progress) -> Exploration
where
    M: Model<State: Hash + Eq + Clone + Send + Sync + 'static, Action: Clone> + Sync,
    L: Lens<M>,
{
    let threads = plan.threads.max(1);
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| channel()).unzip();
    let shared = Shared {
        plan,
        progress,
        started: Instant::now(),
        stop: AtomicBool::new(false),
        level_end: Rendezvous::new(threads),
    };
    let mut parts: Vec<Exploration> = std::thread::scope(|scope| {
        let workers: Vec<_> = receivers
            .into_iter()
            .enumerate()
            .map(|(id, inbox)| {
                let peers = Peers {
                    id,
                    inbox,
                    outboxes: (0..threads).map(|_| Vec::new()).collect(),
                    senders: senders.clone(),
                    finished: 0,
                    spare: Vec::new(),
                };
                let shared = &shared;
                let work: Box<dyn FnOnce() -> Exploration + Send> =
                    Box::new(move || Worker::new(model, lens, shared, peers).run());
                scope.spawn(work)
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker catches what the model does"))
            .collect()
    });
    let first = parts.remove(0);
    parts.into_iter().fold(first, merge)
}

fn merge(mut a: Exploration, b: Exploration) -> Exploration {
    fn add(a: &mut [u64], b: &[u64]) {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    }
    a.distinct += b.distinct;
    a.generated += b.generated;
    add(&mut a.levels, &b.levels);
    add(&mut a.taken, &b.taken);
    add(&mut a.cut, &b.cut);
    for (a, b) in a.witnessed.iter_mut().zip(&b.witnessed) {
        *a |= b;
    }
    a
}

/// What all workers share.
struct Shared<'p> {
    plan: &'p Plan,
    progress: &'p Progress,
    started: Instant,
    stop: AtomicBool,
    level_end: Rendezvous<Report>,
}

/// What one worker tells the others at the end of a level.
#[derive(Clone, Copy)]
struct Report {
    new: u64,
    breach: Option<Breach>,
    stop: Option<Stop>,
}

/// A state on its way to the worker that owns it.
struct Found<S> {
    fingerprint: u64,
    state: S,
}

/// How many states are in a batch.
const fn batch<S>() -> usize {
    let fit = BATCH_BYTES / size_of::<Found<S>>();
    if fit < LARGEST_BATCH {
        fit + 1
    } else {
        LARGEST_BATCH
    }
}

/// Channels of anything are compiled once, not once for each model: what is in a batch, only workers know.
enum Letter {
    Batch(Box<dyn Any + Send>),
    /// The sender has nothing more to send on this level.
    Finished,
}

type Batch<S> = Vec<Found<S>>;

/// The other workers, as one worker sees them.
struct Peers<S> {
    id: usize,
    inbox: Receiver<Letter>,
    outboxes: Vec<Batch<S>>,
    senders: Vec<Sender<Letter>>,
    finished: usize,
    /// Batches that were emptied here, to be filled and sent again: as many come as go.
    spare: Vec<Batch<S>>,
}

/// States are expanded, and their memory is used again, in blocks of this size; limits are looked at in between.
const BLOCK: usize = 512;
/// States travel in batches of so many bytes, and of so many states at most: what fits into the nearest cache.
const BATCH_BYTES: usize = 16 << 10;
const LARGEST_BATCH: usize = 256;
/// The resident memory is measured once in so many blocks.
const BLOCKS_PER_MEASURE: u64 = 64;

struct Worker<'m, M: Model, L: Lens<M>> {
    model: &'m M,
    lens: &'m L,
    shared: &'m Shared<'m>,
    peers: Peers<M::State>,
    fingerprinter: Fingerprinter,
    visited: FingerprintSet,
    recent: Recent,
    level: VecDeque<Vec<M::State>>,
    next: VecDeque<Vec<M::State>>,
    /// Blocks that were expanded, to be filled anew: what is given back to the system in between stops all threads while it is unmapped.
    spare: Vec<Vec<M::State>>,
    invariants: Vec<(usize, Property<M>)>,
    awaited: Vec<(usize, Property<M>)>,
    actions: Vec<M::Action>,
    cache: L::Cache,
    seen: Exploration,
    breach: Option<Breach>,
    stop: Option<Stop>,
    published: Published,
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
    fn new(model: &'m M, lens: &'m L, shared: &'m Shared<'m>, peers: Peers<M::State>) -> Self {
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
            peers,
            fingerprinter: Fingerprinter::new(shared.plan.seed),
            visited: FingerprintSet::default(),
            recent: Recent::default(),
            level: VecDeque::new(),
            next: VecDeque::new(),
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
            peeking: false,
            blocks: 0,
        }
    }

    fn run(mut self) -> Exploration {
        self.guarded(Self::begin);
        self.receive_rest();
        while self.next_level() {
            while let Some(mut block) = self.level.pop_front() {
                if self.must_stop() {
                    self.level.clear();
                    break;
                }
                self.expand(&block);
                block.clear();
                self.spare.push(block);
                self.receive();
            }
            self.receive_rest();
        }
        self.seen.distinct = self.visited.len();
        self.seen.breach = self.breach;
        self.seen.stop = self.stop;
        self.seen
    }

    /// Ends a level together with all workers; whether there is another one.
    fn next_level(&mut self) -> bool {
        let new: usize = self.next.iter().map(Vec::len).sum();
        let this = self.seen.levels.len();
        let reports = self.shared.level_end.meet(
            this,
            Report {
                new: new as u64,
                breach: self.breach,
                stop: self.stop,
            },
        );
        let all_new: u64 = reports.iter().map(|report| report.new).sum();
        self.breach = reports.iter().filter_map(|report| report.breach).min();
        self.stop = reports.iter().filter_map(|report| report.stop).min();
        if all_new == 0 && self.stop.is_none() && self.breach.is_none() {
            return false;
        }
        if all_new > 0 {
            self.seen.levels.push(new as u64);
        }
        if self.stop.is_some() || self.breach.is_some() {
            return false;
        }
        let limit = self.shared.plan.limits.max_depth;
        self.peeking = limit.is_some_and(|limit| self.seen.levels.len() as u32 >= limit);
        self.level = std::mem::take(&mut self.next);
        let depth = self.seen.levels.len() as u32;
        self.shared.progress.depth.store(depth, Ordering::Relaxed);
        true
    }

    fn begin(&mut self) {
        for state in self.model.init_states() {
            let fingerprint = self.lens.fingerprint(&self.fingerprinter, &state);
            if self.peers.owner(fingerprint) != self.peers.id {
                continue;
            }
            if let Some(bound) = self.lens.exceeded(&state) {
                self.seen.cut[bound] += 1;
                continue;
            }
            self.seen.generated += 1;
            if let Some(breach) = self.lens.check_initial(&state) {
                self.note(breach);
            }
            self.add(&Found { fingerprint, state });
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

    fn expand(&mut self, block: &[M::State]) {
        let done = Cell::new(0);
        while done.get() < block.len() {
            self.guarded(|worker| {
                for state in &block[done.get()..] {
                    done.set(done.get() + 1);
                    worker.expand_state(state);
                }
            });
        }
        self.publish();
    }

    fn expand_state(&mut self, before: &M::State) {
        let mut actions = std::mem::take(&mut self.actions);
        actions.clear();
        self.model.actions(before, &mut actions);
        let memo = self.lens.remember(before);
        let own = self.lens.fingerprint(&self.fingerprinter, before);
        for action in actions.drain(..) {
            let Some(after) = self.model.next_state(before, action.clone()) else {
                continue;
            };
            if let Some(bound) = self.lens.exceeded(&after) {
                self.seen.cut[bound] += 1;
                continue;
            }
            self.seen.generated += 1;
            self.seen.taken[self.lens.kind(&action)] += 1;
            let fingerprint = self.lens.fingerprint(&self.fingerprinter, &after);
            // A step that changes nothing is a stutter: nothing is said of it, and it leads nowhere new.
            if fingerprint == own && after == *before {
                continue;
            }
            let breach = self
                .lens
                .check_step(&mut self.cache, &memo, before, &action, &after);
            if let Some(breach) = breach {
                self.note(breach);
            }
            if self.recent.holds(fingerprint) {
                continue;
            }
            let owner = self.peers.owner(fingerprint);
            self.peers.outboxes[owner].push(Found {
                fingerprint,
                state: after,
            });
            if self.peers.outboxes[owner].len() >= batch::<M::State>() {
                self.post(owner);
            }
        }
        self.actions = actions;
    }

    // ------------------------------------------------------------------------------------------------- receiving states

    /// Sends the batch for `owner`, or takes it in, if this worker is the owner.
    fn post(&mut self, owner: usize) {
        if owner == self.peers.id {
            let mut batch = std::mem::take(&mut self.peers.outboxes[owner]);
            self.take_in(&mut batch);
            self.peers.outboxes[owner] = batch;
        } else {
            let spare = self.peers.spare.pop();
            let empty = spare.unwrap_or_else(|| Vec::with_capacity(batch::<M::State>()));
            let batch = std::mem::replace(&mut self.peers.outboxes[owner], empty);
            self.peers.send(owner, Letter::Batch(Box::new(batch)));
        }
    }

    fn receive(&mut self) {
        while let Ok(letter) = self.peers.inbox.try_recv() {
            self.open(letter);
        }
    }

    /// Sends what is left, and receives until every other worker has nothing more to send.
    fn receive_rest(&mut self) {
        for owner in 0..self.peers.senders.len() {
            self.guarded(|worker| worker.post(owner));
            if owner != self.peers.id {
                self.peers.send(owner, Letter::Finished);
            }
        }
        while self.peers.finished + 1 < self.peers.senders.len() {
            let letter = self.peers.inbox.recv().expect("this worker has a sender");
            self.open(letter);
        }
        self.peers.finished = 0;
        self.publish();
    }

    fn open(&mut self, letter: Letter) {
        match letter {
            Letter::Batch(batch) => {
                let mut batch: Batch<M::State> =
                    *batch.downcast().expect("all workers have one model");
                self.guarded(|worker| worker.take_in(&mut batch));
                batch.clear();
                self.peers.spare.push(batch);
            }
            Letter::Finished => self.peers.finished += 1,
        }
    }

    fn take_in(&mut self, batch: &mut Batch<M::State>) {
        let touched = batch
            .iter()
            .map(|found| self.visited.touch(found.fingerprint));
        std::hint::black_box(touched.fold(0, |all, slot| all ^ slot));
        for found in batch.iter() {
            self.add(found);
        }
        batch.clear();
    }

    /// Adds a state that was not seen before. Most were, and are not copied.
    #[inline(always)]
    fn add(&mut self, found: &Found<M::State>) {
        if self.peeking {
            if !self.visited.contains(found.fingerprint) {
                self.stop = Some(Stop::MaxDepth);
            }
        } else if self.visited.insert(found.fingerprint) {
            self.check_state(&found.state);
            if self.next.back().is_none_or(|block| block.len() == BLOCK) {
                let spare = self.spare.pop();
                self.next
                    .push_back(spare.unwrap_or_else(|| Vec::with_capacity(BLOCK)));
            }
            if let Some(block) = self.next.back_mut() {
                block.push(found.state.clone());
            }
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
        if self.peers.id == 0 && self.blocks.is_multiple_of(BLOCKS_PER_MEASURE) {
            let resident = resident_memory();
            progress.resident.store(resident, Ordering::Relaxed);
        }
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

    /// Adds to the shared progress what happened since the last time.
    fn publish(&mut self) {
        let progress = self.shared.progress;
        let now = Published {
            distinct: self.visited.len(),
            generated: self.seen.generated,
            bytes: self.bytes(),
        };
        let add = |total: &std::sync::atomic::AtomicU64, was: u64, is: u64| {
            total.fetch_add(is.wrapping_sub(was), Ordering::Relaxed);
        };
        add(&progress.distinct, self.published.distinct, now.distinct);
        add(&progress.generated, self.published.generated, now.generated);
        add(&progress.bytes, self.published.bytes, now.bytes);
        self.published = now;
    }

    fn bytes(&self) -> u64 {
        let blocks = (self.level.len() + self.next.len() + self.spare.len()) * BLOCK;
        self.visited.bytes() + (blocks * size_of::<M::State>()) as u64
    }
}

impl<S> Peers<S> {
    #[inline(always)]
    fn owner(&self, fingerprint: u64) -> usize {
        ((fingerprint & 0xFFFF) as usize * self.senders.len()) >> 16
    }

    fn send(&self, owner: usize, letter: Letter) {
        self.senders[owner]
            .send(letter)
            .expect("a worker lives as long as the search");
    }
}
