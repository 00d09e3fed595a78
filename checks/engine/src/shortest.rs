//! A shortest path to what is wrong: sequential, breadth first, the same on each run.

use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};

use concur_models::kit::{Card, Refines};
use stateright::{Expectation, Model, Property};

use super::fingerprint::Fingerprinter;
use super::lens::{Breach, Lens};
use super::limits::Patience;
use super::visited::Visited;

/// A behaviour of a model that ends in what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample<S, A> {
    /// Where it begins.
    pub initial: S,
    /// What happens, and what comes of it. The last state is missing if the model panicked before there was one.
    pub steps: Vec<(A, Option<S>)>,
}

impl<S, A> Counterexample<S, A> {
    /// How many states the trace has, as TLC counts: the initial one included.
    pub fn states(&self) -> u32 {
        self.steps.len() as u32 + 1
    }
}

/// The rules of the rung above that the last step of a counterexample breaks: without any one of them, by itself, it would be a step of that rung.
pub fn broken_rules<M: Refines>(
    model: &M,
    found: &Counterexample<M::State, M::Action>,
) -> Vec<&'static Card> {
    let Some(((action, Some(after)), way)) = found.steps.split_last() else {
        return Vec::new();
    };
    let before = way.last().and_then(|(_, state)| state.as_ref());
    let before = before.unwrap_or(&found.initial);
    let [from, to] = [before, after].map(|state| model.abstract_state(state));
    model.broken_rules(&from, &to, |mapped| {
        model.witness(before, action, after, mapped)
    })
}

/// Searches `model` for a shortest path to `breach`, which an exploration with the same lens and seed has found.
///
/// `None` if there is no such path, if the model panics on its initial states, or if `patience` ends first.
pub fn shortest<M, L>(
    model: &M,
    lens: &L,
    breach: Breach,
    seed: u64,
    patience: &mut Patience<'_>,
) -> Option<Counterexample<M::State, M::Action>>
where
    M: Model<State: Hash + Eq + Clone, Action: Clone>,
    L: Lens<M>,
{
    let mut search = Search {
        model,
        lens,
        breach,
        patience,
        fingerprinter: Fingerprinter::new(seed),
        visited: Visited::default(),
        nodes: Vec::new(),
        cache: L::Cache::default(),
        properties: model
            .properties()
            .into_iter()
            .enumerate()
            .filter(|(index, property)| {
                property.expectation != Expectation::Always
                    || lens.looks_for(Breach::Property(*index))
            })
            .collect(),
    };
    let end = catch_unwind(AssertUnwindSafe(|| search.run())).ok()??;
    Some(search.replay(end))
}

/// The bytes by which a list is about to grow, while the shorter one is still there; none if it is not nearly full.
fn growth<T>(list: &Vec<T>) -> u64 {
    let (room, left) = (list.capacity(), list.capacity() - list.len());
    match left <= room / 16 {
        true => (2 * room * size_of::<T>()) as u64,
        false => 0,
    }
}

/// Where a path ends: the last state that was reached, and the action from it that is wrong, if it is the action.
struct End {
    node: usize,
    action: Option<usize>,
}

/// How a state was reached: from which one, by the how-manieth of its actions. For an initial state, which one it is.
struct Node {
    parent: Option<u32>,
    choice: u32,
}

struct Search<'m, 'l, M: Model, L: Lens<M>> {
    model: &'m M,
    lens: &'m L,
    breach: Breach,
    patience: &'m mut Patience<'l>,
    fingerprinter: Fingerprinter,
    visited: Visited,
    nodes: Vec<Node>,
    cache: L::Cache,
    properties: Vec<(usize, Property<M>)>,
}

impl<M, L> Search<'_, '_, M, L>
where
    M: Model<State: Hash + Eq + Clone, Action: Clone>,
    L: Lens<M>,
{
    fn run(&mut self) -> Option<End> {
        let mut level = Vec::new();
        for (choice, state) in self.model.init_states().into_iter().enumerate() {
            if self.lens.exceeded(&state).is_some() {
                continue;
            }
            let wrong = self.lens.check_initial(&state) == Some(self.breach);
            if let Some(node) = self.add(None, choice, &state) {
                if wrong || self.is_wrong(&state) {
                    return Some(End { node, action: None });
                }
                level.push((node, state));
            }
        }
        while !level.is_empty() {
            let mut next = Vec::new();
            for (node, state) in &level {
                let ahead = || self.visited.growth_ahead() + growth(&self.nodes) + growth(&next);
                if self.patience.is_over(ahead) {
                    return None;
                }
                let end = self.expand(*node, state, &mut next);
                if end.is_some() {
                    return end;
                }
            }
            level = next;
        }
        None
    }

    fn expand(
        &mut self,
        parent: usize,
        before: &M::State,
        next: &mut Vec<(usize, M::State)>,
    ) -> Option<End> {
        let mut actions = Vec::new();
        self.model.actions(before, &mut actions);
        let memo = self.lens.remember(before);
        for (choice, action) in actions.into_iter().enumerate() {
            let step = catch_unwind(AssertUnwindSafe(|| {
                self.step(parent, choice, before, &memo, action, next)
            }));
            let wrong_action = || End {
                node: parent,
                action: Some(choice),
            };
            match step {
                Ok(None) => {}
                Ok(end) => return end,
                Err(_) if self.breach == Breach::Panic => return Some(wrong_action()),
                Err(_) => {}
            }
        }
        None
    }

    fn step(
        &mut self,
        parent: usize,
        choice: usize,
        before: &M::State,
        memo: &L::Memo,
        action: M::Action,
        next: &mut Vec<(usize, M::State)>,
    ) -> Option<End> {
        let after = self.model.next_state(before, action.clone())?;
        if after == *before || self.lens.exceeded(&after).is_some() {
            return None;
        }
        let found = self
            .lens
            .check_step(&mut self.cache, memo, before, &action, &after);
        if found == Some(self.breach) {
            return Some(End {
                node: parent,
                action: Some(choice),
            });
        }
        let node = self.add(Some(parent as u32), choice, &after)?;
        if self.is_wrong(&after) {
            return Some(End { node, action: None });
        }
        next.push((node, after));
        None
    }

    /// Adds a state that was not seen before.
    fn add(&mut self, parent: Option<u32>, choice: usize, state: &M::State) -> Option<usize> {
        let fingerprint = self.lens.fingerprint(&self.fingerprinter, state);
        let new = self
            .visited
            .with_room_for(1, |room| room.insert(fingerprint));
        new.then(|| {
            self.nodes.push(Node {
                parent,
                choice: choice as u32,
            });
            self.nodes.len() - 1
        })
    }

    /// Evaluates every property that the exploration did, so that one that panics does so here as it did in the exploration.
    fn is_wrong(&self, state: &M::State) -> bool {
        let mut wrong = false;
        for (index, property) in &self.properties {
            let holds = (property.condition)(self.model, state);
            let broken = property.expectation == Expectation::Always && !holds;
            wrong |= broken && self.breach == Breach::Property(*index);
        }
        wrong
    }

    fn replay(&self, end: End) -> Counterexample<M::State, M::Action> {
        let mut choices = Vec::from_iter(end.action);
        let mut node = &self.nodes[end.node];
        while let Some(parent) = node.parent {
            choices.push(node.choice as usize);
            node = &self.nodes[parent as usize];
        }
        let initial = self.model.init_states().swap_remove(node.choice as usize);
        let mut state = Some(initial.clone());
        let mut steps = Vec::new();
        for choice in choices.into_iter().rev() {
            let before = state.expect("only the last step panics");
            let mut actions = Vec::new();
            self.model.actions(&before, &mut actions);
            let action = actions.swap_remove(choice);
            let next = || self.model.next_state(&before, action.clone());
            state = catch_unwind(AssertUnwindSafe(next)).ok().flatten();
            steps.push((action, state.clone()));
        }
        Counterexample { initial, steps }
    }
}
