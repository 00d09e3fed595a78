//! The reachable state graph, kept compactly: states by number, steps as successor lists, classes of actions and predicates as bits.
//!
//! While it is built, a state costs 17 to 25 bytes (its fingerprint, its share of a hash table, where its steps begin, one bit per predicate) besides the
//! frontier, on which states are kept whole; after that, 4 bytes and the bits. A step costs 6 bytes: where it leads, and which set of classes it takes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::time::Instant;

use concur_models::kit::{Fairness, Predicate, Temporal};

use super::super::fingerprint::Fingerprinter;
use super::super::limits::{Progress, Stop, resident_memory};
use super::{Plan, Why};

/// Classes as bits.
pub(super) type Classes = u128;

/// One bit per state.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(states: usize) -> Self {
        Self(vec![0; states.div_ceil(64)])
    }

    pub(super) fn has(&self, state: u32) -> bool {
        self.0[state as usize / 64] >> (state % 64) & 1 == 1
    }

    /// Adds a state; whether it is new.
    pub(super) fn add(&mut self, state: u32) -> bool {
        let new = !self.has(state);
        self.0[state as usize / 64] |= 1 << (state % 64);
        new
    }

    /// Appends the bit of the next state.
    fn push(&mut self, state: u32, bit: bool) {
        if state.is_multiple_of(64) {
            self.0.push(0);
        }
        self.0[state as usize / 64] |= u64::from(bit) << (state % 64);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// The reachable states within the bounds, by number, in breadth-first order.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// The initial states: which of the model's, and its number.
    pub(super) initial: Vec<(u32, u32)>,
    /// Where the steps of each state begin, and where the last ones end.
    rows: Vec<u32>,
    /// Where each step leads. Stutters are left out; the rest is in the order in which the model gives them.
    targets: Vec<u32>,
    /// Which of `sets` each step takes.
    taken: Vec<u16>,
    /// The different sets of classes.
    sets: Vec<Classes>,
    /// The states with steps that lead outside, ascending, each with the classes that only go there.
    cut: Vec<(u32, Classes)>,
    /// How many steps, and initial states, are outside.
    pub(super) cut_steps: u64,
    /// Whether an initial state is outside.
    pub(super) cut_initial: bool,
    /// States on the longest of all shortest paths.
    pub(super) depth: u32,
    /// Where each predicate is true.
    pub(super) predicates: Vec<Bits>,
    /// What each class is: which fairness, and the number that tells it apart there.
    pub(super) classes: Vec<(usize, usize)>,
}

impl Graph {
    pub(super) fn states(&self) -> usize {
        self.rows.len() - 1
    }

    pub(super) fn steps(&self) -> usize {
        self.targets.len()
    }

    /// The numbers of the steps out of a state.
    pub(super) fn row(&self, state: u32) -> std::ops::Range<u32> {
        self.rows[state as usize]..self.rows[state as usize + 1]
    }

    pub(super) fn target(&self, step: u32) -> u32 {
        self.targets[step as usize]
    }

    pub(super) fn takes(&self, step: u32) -> Classes {
        self.sets[self.taken[step as usize] as usize]
    }

    /// The state that a step leaves.
    pub(super) fn source(&self, step: u32) -> u32 {
        self.rows.partition_point(|&begin| begin <= step) as u32 - 1
    }

    /// The classes that can be taken in a state, be it to the outside.
    pub(super) fn enabled(&self, state: u32) -> Classes {
        let inside = self.row(state).fold(0, |all, step| all | self.takes(step));
        inside | self.cut_at(state).unwrap_or(0)
    }

    /// If some steps of a state lead outside, their classes.
    fn cut_at(&self, state: u32) -> Option<Classes> {
        let found = self.cut.binary_search_by_key(&state, |&(state, _)| state);
        found.ok().map(|at| self.cut[at].1)
    }

    /// The states with steps that lead outside.
    pub(super) fn cut_states(&self) -> impl Iterator<Item = u32> {
        self.cut.iter().map(|(state, _)| *state)
    }

    pub(super) fn bytes(&self) -> u64 {
        let bits: usize = self.predicates.iter().map(|bits| bits.0.capacity()).sum();
        let wide = self.sets.capacity() + self.cut.capacity() * 2;
        let narrow = self.rows.capacity() + self.targets.capacity();
        (bits * 8 + wide * 16 + narrow * 4 + self.taken.capacity() * 2) as u64
    }
}

/// Numbers for fingerprints: a table of numbers, and the fingerprints beside it.
#[derive(Default)]
struct Numbers {
    fingerprints: Vec<u64>,
    /// A number plus one; 0 where it is free.
    slots: Vec<u32>,
}

impl Numbers {
    /// The number of a fingerprint, and whether it is new.
    fn of(&mut self, fingerprint: u64) -> (u32, bool) {
        if self.fingerprints.len() * 4 >= self.slots.len() * 3 {
            self.slots = vec![0; (self.slots.len() * 2).max(1 << 10)];
            for number in 0..self.fingerprints.len() {
                let slot = self.slot(self.fingerprints[number]);
                self.slots[slot] = number as u32 + 1;
            }
        }
        let slot = self.slot(fingerprint);
        match self.slots[slot] {
            0 => {
                grow(&mut self.fingerprints);
                self.fingerprints.push(fingerprint);
                self.slots[slot] = self.fingerprints.len() as u32;
                (self.slots[slot] - 1, true)
            }
            number => (number - 1, false),
        }
    }

    fn slot(&self, fingerprint: u64) -> usize {
        let mut slot = fingerprint as usize & (self.slots.len() - 1);
        while let Some(number) = self.slots[slot].checked_sub(1)
            && self.fingerprints[number as usize] != fingerprint
        {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    fn bytes(&self) -> u64 {
        (self.fingerprints.capacity() * 8 + self.slots.len() * 4) as u64
    }
}

/// Makes room by an eighth, so that nothing large is ever doubled.
fn grow<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 8).max(1 << 10));
    }
}

/// Limits are looked at once in so many states, the resident memory once in so many looks.
const STATES_PER_LOOK: usize = 1 << 10;
const LOOKS_PER_MEASURE: usize = 1 << 6;

pub(super) struct Builder<'m, M: Temporal> {
    model: &'m M,
    fairness: &'m [Fairness<M>],
    predicates: Vec<Predicate<M>>,
    plan: &'m Plan,
    progress: &'m Progress,
    started: Instant,
    fingerprinter: Fingerprinter,
    graph: Graph,
    numbers: Numbers,
    sets: BTreeMap<Classes, u16>,
    classes: BTreeMap<(usize, usize), u32>,
    frontier: VecDeque<M::State>,
}

impl<'m, M: Temporal> Builder<'m, M> {
    pub(super) fn new(
        model: &'m M,
        fairness: &'m [Fairness<M>],
        predicates: Vec<Predicate<M>>,
        plan: &'m Plan,
        progress: &'m Progress,
        started: Instant,
    ) -> Self {
        Self {
            graph: Graph {
                predicates: vec![Bits::default(); predicates.len()],
                ..Graph::default()
            },
            model,
            fairness,
            predicates,
            plan,
            progress,
            started,
            fingerprinter: Fingerprinter::new(plan.seed),
            numbers: Numbers::default(),
            sets: BTreeMap::new(),
            classes: BTreeMap::new(),
            frontier: VecDeque::new(),
        }
    }

    pub(super) fn build(mut self) -> Result<Graph, Why> {
        for (choice, state) in self.model.init_states().into_iter().enumerate() {
            if self.model.exceeded(&state).is_some() {
                self.graph.cut_initial = true;
                self.graph.cut_steps += 1;
                continue;
            }
            let number = self.number(state)?;
            self.graph.initial.push((choice as u32, number));
        }
        let mut actions = Vec::new();
        let (mut state, mut level_end, mut depth) = (0, self.frontier.len(), 1);
        while let Some(before) = self.frontier.pop_front() {
            let deeper = state == level_end && state > 0;
            if deeper {
                (depth, level_end) = (depth + 1, state + self.frontier.len() + 1);
            }
            if deeper || state.is_multiple_of(STATES_PER_LOOK) {
                self.look(state, depth)?;
            }
            self.expand(state as u32, &before, &mut actions)?;
            state += 1;
        }
        self.look(0, depth)?;
        self.graph.depth = depth;
        self.begin_row();
        self.graph.classes = vec![(0, 0); self.classes.len()];
        for (class, bit) in self.classes {
            self.graph.classes[bit as usize] = class;
        }
        Ok(self.graph)
    }

    fn begin_row(&mut self) {
        grow(&mut self.graph.rows);
        self.graph.rows.push(self.graph.targets.len() as u32);
    }

    fn expand(
        &mut self,
        state: u32,
        before: &M::State,
        actions: &mut Vec<M::Action>,
    ) -> Result<(), Why> {
        self.begin_row();
        self.model.actions(before, actions);
        let mut outside = None;
        for action in actions.drain(..) {
            let Some(after) = self.model.next_state(before, action.clone()) else {
                continue;
            };
            if after == *before {
                continue;
            }
            let classes = self.classes_of(before, &action)?;
            if self.model.exceeded(&after).is_some() {
                self.graph.cut_steps += 1;
                *outside.get_or_insert(0) |= classes;
                continue;
            }
            let set = self.set(classes)?;
            let target = self.number(after)?;
            if self.graph.targets.len() == u32::MAX as usize {
                return Err(Why::TooLarge);
            }
            grow(&mut self.graph.targets);
            grow(&mut self.graph.taken);
            self.graph.targets.push(target);
            self.graph.taken.push(set);
        }
        if let Some(classes) = outside {
            self.graph.cut.push((state, classes));
        }
        Ok(())
    }

    fn number(&mut self, state: M::State) -> Result<u32, Why> {
        let (number, new) = self.numbers.of(self.fingerprinter.of(&state));
        if new {
            if number >= u32::MAX - 2 {
                return Err(Why::TooLarge);
            }
            for (predicate, bits) in self.predicates.iter().zip(&mut self.graph.predicates) {
                bits.push(number, predicate(self.model, &state));
            }
            self.frontier.push_back(state);
        }
        Ok(number)
    }

    fn classes_of(&mut self, before: &M::State, action: &M::Action) -> Result<Classes, Why> {
        let mut classes = 0;
        for (item, fairness) in self.fairness.iter().enumerate() {
            if let Some(member) = fairness.class.of(self.model, before, action) {
                let next = self.classes.len() as u32;
                let bit = *self.classes.entry((item, member)).or_insert(next);
                classes |= (1 as Classes).checked_shl(bit).ok_or(Why::TooManyClasses)?;
            }
        }
        Ok(classes)
    }

    fn set(&mut self, classes: Classes) -> Result<u16, Why> {
        if let Some(&set) = self.sets.get(&classes) {
            return Ok(set);
        }
        let set = u16::try_from(self.graph.sets.len()).map_err(|_| Why::TooManyClasses)?;
        self.graph.sets.push(classes);
        self.sets.insert(classes, set);
        Ok(set)
    }

    /// Tells how far it is, and looks whether it may go on.
    fn look(&self, state: usize, depth: u32) -> Result<(), Why> {
        let progress = self.progress;
        let frontier = self.frontier.capacity() * size_of::<M::State>();
        let bytes = self.graph.bytes() + self.numbers.bytes() + frontier as u64;
        let distinct = self.numbers.fingerprints.len() as u64;
        progress.distinct.store(distinct, Ordering::Relaxed);
        let generated = self.graph.steps() as u64;
        progress.generated.store(generated, Ordering::Relaxed);
        progress.depth.store(depth, Ordering::Relaxed);
        progress.bytes.store(bytes, Ordering::Relaxed);
        // Measuring takes milliseconds: a small graph is built in less.
        if state > 0 && state.is_multiple_of(STATES_PER_LOOK * LOOKS_PER_MEASURE) {
            let resident = resident_memory();
            progress.resident.store(resident, Ordering::Relaxed);
        }
        let limits = &self.plan.limits;
        let too_deep = limits.max_depth.is_some_and(|limit| depth > limit);
        let stop = limits.reached(self.started, progress);
        match stop.or(too_deep.then_some(Stop::MaxDepth)) {
            Some(stop) => Err(Why::Stopped(stop)),
            None => Ok(()),
        }
    }
}
