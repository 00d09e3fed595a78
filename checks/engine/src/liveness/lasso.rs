//! The counterexample: a shortest stem to a state from which fairness can be kept while the promise is broken, and a short cycle that does so.

use std::collections::VecDeque;

use concur_models::kit::Temporal;

use super::components::{Components, Demands};
use super::graph::{Bits, Classes, Graph};
use super::{Shape, Watch, Why};

/// A behaviour that goes on for ever: it ends in a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasso<S, A> {
    /// Where it begins.
    pub initial: S,
    /// What leads to the cycle. A step without an action is a stutter.
    pub stem: Vec<(Option<A>, S)>,
    /// What happens again and again: it ends where it begins, at the end of the stem. It has at least one step.
    pub cycle: Vec<(Option<A>, S)>,
}

/// The same by numbers: an initial state, and the steps.
pub(super) struct Path {
    initial: u32,
    stem: Vec<u32>,
    /// Empty if it stutters.
    cycle: Vec<u32>,
}

/// How a state was first reached: not yet.
const UNSEEN: u32 = u32::MAX;
/// By beginning there.
const ORIGIN: u32 = u32::MAX - 1;
/// By the promise being due from there on.
const DUE: u32 = u32::MAX - 2;

/// The lasso in the model: its steps are taken again, one by one.
pub(super) fn replay<M: Temporal>(
    model: &M,
    graph: &Graph,
    path: &Path,
) -> Option<Lasso<M::State, M::Action>> {
    let initial = model.init_states().into_iter().nth(path.initial as usize)?;
    let mut state = initial.clone();
    let mut take = |&step: &u32| {
        let nth = step - graph.row(graph.source(step)).start;
        let inside = model
            .next_steps(&state)
            .into_iter()
            .filter(|(_, after)| *after != state && model.exceeded(after).is_none());
        let (action, after) = inside.into_iter().nth(nth as usize)?;
        state = after.clone();
        Some((Some(action), after))
    };
    let stem: Vec<_> = path.stem.iter().map(&mut take).collect::<Option<_>>()?;
    let mut cycle: Vec<_> = path.cycle.iter().map(&mut take).collect::<Option<_>>()?;
    if cycle.is_empty() {
        cycle.push((None, state));
    }
    Some(Lasso {
        initial,
        stem,
        cycle,
    })
}

/// Finds a lasso, given where there are fair cycles that break the promise.
pub(super) fn find(
    graph: &Graph,
    shape: Shape,
    demands: Demands,
    components: &Components<'_>,
    watch: &Watch<'_>,
) -> Result<Option<Path>, Why> {
    let Some((initial, stem, end)) = stem(graph, shape, &components.fair) else {
        return Ok(None);
    };
    let mut walk = Walk {
        graph,
        demands,
        marks: &components.marks,
        home: end,
        reached: vec![UNSEEN; graph.states()],
        watch,
    };
    let Some(mut cycle) = walk.cycle()? else {
        return Ok(None);
    };
    while let Some(shorter) = walk.shorter(&cycle)? {
        cycle = shorter;
    }
    let choice = graph.initial.iter().find(|(_, state)| *state == initial);
    Ok(choice.map(|&(initial, _)| Path {
        initial,
        stem,
        cycle,
    }))
}

/// A shortest way into `fair`, during which the promise becomes due: from where, its steps, and where it ends.
///
/// Breadth first over pairs: a state, and whether the promise is due.
fn stem(graph: &Graph, shape: Shape, fair: &Bits) -> Option<(u32, Vec<u32>, u32)> {
    let mut reached = [(); 2].map(|()| vec![UNSEEN; graph.states()]);
    let mut queue = VecDeque::new();
    // What becomes due does so at once, at the same distance: so the queue is in the order of distance.
    let mut reach = |state: u32, due: bool, how: u32, queue: &mut VecDeque<_>| {
        let [not_due, is_due] = &mut reached;
        if !due && not_due[state as usize] == UNSEEN {
            not_due[state as usize] = how;
            queue.push_back((state, false));
            if is_due[state as usize] == UNSEEN && shape.begins(graph, state) {
                is_due[state as usize] = DUE;
                queue.push_back((state, true));
            }
        }
        if due && is_due[state as usize] == UNSEEN && shape.goes_on(graph, state) {
            is_due[state as usize] = how;
            queue.push_back((state, true));
        }
    };
    for &(_, state) in &graph.initial {
        reach(state, false, ORIGIN, &mut queue);
    }
    while let Some((state, due)) = queue.pop_front() {
        if due && fair.has(state) {
            return Some(path_to(graph, &reached, state));
        }
        if due || !shape.from_the_start {
            for step in graph.row(state) {
                reach(graph.target(step), due, step, &mut queue);
            }
        }
    }
    None
}

fn path_to(graph: &Graph, reached: &[Vec<u32>; 2], end: u32) -> (u32, Vec<u32>, u32) {
    let (mut state, mut due, mut steps) = (end, 1, Vec::new());
    loop {
        match reached[due][state as usize] {
            ORIGIN => break,
            DUE => due = 0,
            step => {
                steps.push(step);
                state = graph.source(step);
            }
        }
    }
    steps.reverse();
    (state, steps, end)
}

/// A walk through one component.
struct Walk<'g> {
    graph: &'g Graph,
    demands: Demands,
    marks: &'g [u32],
    home: u32,
    /// By which step the search for what is nearest has reached a state; between two searches, none.
    reached: Vec<u32>,
    watch: &'g Watch<'g>,
}

/// What a walk has done.
struct Done {
    taken: Classes,
    /// The classes that were disabled somewhere, and those that were enabled somewhere.
    disabled: Classes,
    enabled: Classes,
    once_false: bool,
}

impl Walk<'_> {
    fn start(&self) -> Done {
        let mut done = Done {
            taken: 0,
            disabled: 0,
            enabled: 0,
            once_false: self.demands.once_false.is_none(),
        };
        self.be_in(self.home, &mut done);
        done
    }

    fn be_in(&self, state: u32, done: &mut Done) {
        let enabled = self.graph.enabled(state);
        done.disabled |= !enabled;
        done.enabled |= enabled;
        done.once_false |= self.is_false(state);
    }

    fn is_false(&self, state: u32) -> bool {
        let demanded = self.demands.once_false;
        demanded.is_some_and(|predicate| !self.graph.predicates[predicate].has(state))
    }

    fn go(&self, step: u32, done: &mut Done) {
        done.taken |= self.graph.takes(step);
        self.be_in(self.graph.target(step), done);
    }

    /// The classes that must be disabled or taken, and those that must be taken.
    fn owes(&self, done: &Done) -> (Classes, Classes) {
        let weak = self.demands.weak & !done.taken & !done.disabled;
        (weak, self.demands.strong & done.enabled & !done.taken)
    }

    fn is_fair(&self, done: &Done) -> bool {
        self.owes(done) == (0, 0) && done.once_false
    }

    /// From home to home: always to the nearest step or state that does something that is still to be done. What is strongly fair is to be done only once
    /// it has been enabled on the way.
    fn cycle(&mut self) -> Result<Option<Vec<u32>>, Why> {
        let (mut steps, mut at, mut done) = (Vec::new(), self.home, self.start());
        loop {
            self.watch.look()?;
            let (weak, strong) = self.owes(&done);
            let fair = self.is_fair(&done);
            if fair && at == self.home {
                return Ok(Some(steps));
            }
            let wanted = |walk: &Self, step| {
                let target = walk.graph.target(step);
                if fair {
                    return target == walk.home;
                }
                walk.graph.takes(step) & (weak | strong) != 0
                    || weak & !walk.graph.enabled(target) != 0
                    || (!done.once_false && walk.is_false(target))
            };
            let Some(way) = self.nearest(at, wanted) else {
                return Ok(None);
            };
            for &step in &way {
                self.go(step, &mut done);
                at = self.graph.target(step);
            }
            steps.extend(way);
        }
    }

    /// A shortest walk that ends with a step that is `wanted`.
    fn nearest(&mut self, from: u32, wanted: impl Fn(&Self, u32) -> bool) -> Option<Vec<u32>> {
        self.reached[from as usize] = ORIGIN;
        let mut queue = vec![from];
        let last = self.search(&mut queue, wanted);
        let way = last.map(|mut step| {
            let mut steps = vec![step];
            while self.graph.source(step) != from {
                step = self.reached[self.graph.source(step) as usize];
                steps.push(step);
            }
            steps.reverse();
            steps
        });
        for state in queue {
            self.reached[state as usize] = UNSEEN;
        }
        way
    }

    fn search(&mut self, queue: &mut Vec<u32>, wanted: impl Fn(&Self, u32) -> bool) -> Option<u32> {
        let mark = self.marks[self.home as usize];
        let mut next = 0;
        while let Some(&state) = queue.get(next) {
            next += 1;
            for step in self.graph.row(state) {
                let target = self.graph.target(step) as usize;
                if self.marks[target] != mark {
                    continue;
                }
                if wanted(self, step) {
                    return Some(step);
                }
                if self.reached[target] == UNSEEN {
                    self.reached[target] = step;
                    queue.push(target as u32);
                }
            }
        }
        None
    }

    /// The cycle without a detour that it does not need to be fair.
    fn shorter(&self, cycle: &[u32]) -> Result<Option<Vec<u32>>, Why> {
        for (begin, &step) in cycle.iter().enumerate() {
            self.watch.look()?;
            let state = self.graph.source(step);
            for end in (begin + 1..=cycle.len()).rev() {
                if self.graph.target(cycle[end - 1]) != state {
                    continue;
                }
                let without = [&cycle[..begin], &cycle[end..]].concat();
                let mut done = self.start();
                for &step in &without {
                    self.go(step, &mut done);
                }
                if self.is_fair(&done) {
                    return Ok(Some(without));
                }
            }
        }
        Ok(None)
    }
}
