//! Which cycles are fair: strongly connected components by Tarjan's algorithm, and what fairness makes of them.
//!
//! Every state may stutter, so that every component has a cycle, be it of one state. In a component that is walked through for ever, everywhere:
//! - a class that is weakly fair is starved if it is enabled in all states, and never taken: then it is in every part of the component, too, and no cycle is fair;
//! - a class that is strongly fair is starved if it is enabled in some state, and never taken: then a fair cycle can only be in what is left without those states.
//!   What is left is looked at in the same way, as in the emptiness check of Streett automata (Emerson & Lei 1987).
//!
//! One pass is linear; there is a further pass over a part for each time that a class is starved there, at most as often as there are classes that are strongly
//! fair, in a row. A pass takes up to 24 bytes per state.

use std::sync::atomic::Ordering;

use super::graph::{Bits, Classes, Graph};
use super::{Watch, Why};

/// What a cycle must do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demands {
    /// The classes that are weakly fair.
    pub(super) weak: Classes,
    /// The classes that are strongly fair.
    pub(super) strong: Classes,
    /// A predicate that must be false in some state.
    pub(super) once_false: Option<usize>,
}

/// The bytes per state that judging takes, at most, besides the graph.
const BYTES_PER_STATE: u64 = 24;
/// No part: never looked at, or without a fair cycle.
const NONE: u32 = 0;
/// The component that is being judged.
const THIS: u32 = 1;
/// Limits are looked at once in so many components.
const COMPONENTS_PER_LOOK: u32 = 1 << 16;

/// A part of the graph: its states, and its mark.
struct Part {
    states: Vec<u32>,
    mark: u32,
}

/// One state on the path that the search is on.
struct Call {
    state: u32,
    number: u32,
    next: u32,
}

/// The search for components with a fair cycle.
pub(super) struct Components<'g> {
    graph: &'g Graph,
    demands: Demands,
    watch: &'g Watch<'g>,
    /// Which part a state is in. States of different parts have different marks.
    pub(super) marks: Vec<u32>,
    /// The states of components with a fair cycle through all of them.
    pub(super) fair: Bits,
    /// The least number, plus one, that is known to be reached from a state that is on the stack; 0 before.
    low: Vec<u32>,
    last_mark: u32,
    parts: Vec<Part>,
    looks: u32,
}

impl<'g> Components<'g> {
    /// Finds all within `region`.
    pub(super) fn find(
        graph: &'g Graph,
        region: &Bits,
        demands: Demands,
        watch: &'g Watch<'g>,
    ) -> Result<Self, Why> {
        let states = graph.states();
        let bytes = graph.bytes() + states as u64 * BYTES_PER_STATE;
        watch.progress.bytes.store(bytes, Ordering::Relaxed);
        let first = THIS + 1;
        let mark = |state| if region.has(state) { first } else { NONE };
        let mut search = Self {
            graph,
            demands,
            watch,
            marks: Vec::new(),
            fair: Bits::none(states),
            low: Vec::new(),
            last_mark: first,
            parts: Vec::new(),
            looks: 0,
        };
        watch.look()?;
        search.marks = (0..states as u32).map(mark).collect();
        search.low = vec![0; states];
        search.pass(0..states as u32, first)?;
        while let Some(part) = search.parts.pop() {
            search.pass(part.states.into_iter(), part.mark)?;
        }
        Ok(search)
    }

    /// Tarjan's algorithm on the states with that mark, without recursion.
    fn pass(&mut self, roots: impl Iterator<Item = u32>, mark: u32) -> Result<(), Why> {
        let (mut stack, mut path, mut count) = (Vec::<u32>::new(), Vec::<Call>::new(), 0);
        for root in roots {
            let mut enter = Some(root).filter(|&root| self.marks[root as usize] == mark);
            loop {
                if let Some(state) = enter.take() {
                    count += 1;
                    self.low[state as usize] = count;
                    stack.push(state);
                    path.push(Call {
                        state,
                        number: count,
                        next: self.graph.row(state).start,
                    });
                }
                let Some(call) = path.last_mut() else {
                    break;
                };
                let state = call.state as usize;
                if call.next < self.graph.row(call.state).end {
                    let target = self.graph.target(call.next) as usize;
                    call.next += 1;
                    if self.marks[target] != mark {
                        continue;
                    }
                    match self.low[target] {
                        0 => enter = Some(target as u32),
                        low => self.low[state] = self.low[state].min(low),
                    }
                    continue;
                }
                let (low, number) = (self.low[state], call.number);
                path.pop();
                if let Some(parent) = path.last() {
                    let parent = parent.state as usize;
                    self.low[parent] = self.low[parent].min(low);
                }
                if low == number {
                    let begin = stack.iter().rposition(|&s| s as usize == state);
                    let begin = begin.unwrap_or(0);
                    self.judge(&stack[begin..]);
                    stack.truncate(begin);
                    self.look_sometimes()?;
                }
            }
        }
        Ok(())
    }

    /// Keeps a component whose demands can all be met, and what may be left of one where strong fairness is not.
    fn judge(&mut self, component: &[u32]) {
        for &state in component {
            self.marks[state as usize] = THIS;
            self.low[state as usize] = 0;
        }
        let (mut everywhere, mut somewhere, mut taken) = (Classes::MAX, 0, 0);
        let mut once_false = self.demands.once_false.is_none();
        for &state in component {
            let enabled = self.graph.enabled(state);
            everywhere &= enabled;
            somewhere |= enabled;
            for step in self.graph.row(state) {
                if self.marks[self.graph.target(step) as usize] == THIS {
                    taken |= self.graph.takes(step);
                }
            }
            let is_false = |predicate: usize| !self.graph.predicates[predicate].has(state);
            once_false |= self.demands.once_false.is_some_and(is_false);
        }
        let hopeless = !once_false || self.demands.weak & everywhere & !taken != 0;
        let starved = self.demands.strong & somewhere & !taken;
        self.last_mark += 1;
        let is_left = |state: u32| !hopeless && self.graph.enabled(state) & starved == 0;
        for &state in component {
            self.marks[state as usize] = if is_left(state) { self.last_mark } else { NONE };
        }
        if hopeless {
            return;
        }
        if starved == 0 {
            for &state in component {
                self.fair.add(state);
            }
            return;
        }
        let states: Vec<u32> = component.iter().copied().filter(|&s| is_left(s)).collect();
        assert!(
            states.len() < component.len(),
            "a class that is starved is enabled somewhere: what is left is less"
        );
        if !states.is_empty() {
            self.parts.push(Part {
                states,
                mark: self.last_mark,
            });
        }
    }

    fn look_sometimes(&mut self) -> Result<(), Why> {
        self.looks += 1;
        if self.looks.is_multiple_of(COMPONENTS_PER_LOOK) {
            self.watch.look()?;
        }
        Ok(())
    }
}
