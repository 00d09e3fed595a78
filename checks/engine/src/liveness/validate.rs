//! Whether a lasso is what it is said to be: taken again on the model, step by step, knowing nothing of graphs, numbers or components.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use concur_models::kit::{Claim, Strength, Temporal};

use super::Lasso;

/// A lasso by the choices that lead along it.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'c> {
    /// Which initial state, and then which of each state's actions; `None` for a stutter.
    pub path: &'c [Option<usize>],
    /// How many of the steps are the stem.
    pub stem: usize,
}

impl Choices<'_> {
    /// The lasso in the model.
    ///
    /// # Errors
    /// If there is no such choice somewhere.
    pub fn of<M: Temporal>(&self, model: &M) -> Result<Lasso<M::State, M::Action>, Flaw> {
        let (first, rest) = self.path.split_first().ok_or(Flaw::NotInitial)?;
        let initial = first.and_then(|nth| model.init_states().into_iter().nth(nth));
        let initial = initial.ok_or(Flaw::NotInitial)?;
        let mut state = initial.clone();
        let mut steps = Vec::new();
        for (at, choice) in rest.iter().enumerate() {
            let mut action = None;
            if let Some(nth) = *choice {
                let mut actions = Vec::new();
                model.actions(&state, &mut actions);
                let chosen = *actions.get(nth).ok_or(Flaw::NoSuchStep(at))?;
                let after = model.next_state(&state, chosen);
                state = after.ok_or(Flaw::NoSuchStep(at))?;
                action = Some(chosen);
            }
            steps.push((action, state.clone()));
        }
        let cycle = steps.split_off(self.stem.min(steps.len()));
        Ok(Lasso {
            initial,
            stem: steps,
            cycle,
        })
    }
}

/// How a class of actions is treated fairly on a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is taken by that step of the cycle, from 0.
    Taken(usize),
    /// It is disabled where that step of the cycle begins (all that weak fairness asks for).
    Disabled(usize),
    /// It is never enabled (all that strong fairness asks for).
    NeverEnabled,
}

/// A class of actions that is treated fairly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// The fairness.
    pub fairness: &'static str,
    /// The number that tells the class apart.
    pub class: usize,
    /// How.
    pub how: How,
}

/// What is wrong with a lasso.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It does not begin in an initial state.
    NotInitial,
    /// A state is outside of the bounds: the one after so many steps.
    Outside(usize),
    /// That step, from 0, is none of the model: its action does not lead from the state before to the state after; or it is a stutter that changes
    /// something; or it has an action and changes nothing.
    NoSuchStep(usize),
    /// The cycle has no step.
    NoCycle,
    /// The cycle does not end where it begins.
    NotClosed,
    /// There is no promise, or no fairness, of that name.
    NoSuch(String),
    /// On the cycle, actions of that class are enabled, as long or as often as fairness asks, and never taken.
    Unfair(&'static str, usize),
    /// The promise is kept.
    Kept,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInitial => f.write_str("it does not begin in an initial state"),
            Self::Outside(at) => write!(f, "after {at} steps it is outside of the bounds"),
            Self::NoSuchStep(at) => write!(f, "step {at} is none of the model"),
            Self::NoCycle => f.write_str("it has no cycle"),
            Self::NotClosed => f.write_str("its cycle does not end where it begins"),
            Self::NoSuch(name) => write!(f, "there is nothing named {name:?}"),
            Self::Unfair(name, class) => write!(f, "it is not fair: {name} (class {class})"),
            Self::Kept => f.write_str("it keeps the promise"),
        }
    }
}

/// Checks that `lasso` is a behaviour of `model`, that its cycle is fair as far as `assumed`, and that it breaks `promise`. Says how it is fair, of each class that
/// is ever enabled on the cycle.
///
/// # Errors
/// What is wrong with it.
pub fn validate<M: Temporal>(
    model: &M,
    promise: &str,
    assumed: &[&str],
    lasso: &Lasso<M::State, M::Action>,
) -> Result<Vec<Met>, Flaw> {
    check_steps(model, lasso)?;
    let met = check_fairness(model, assumed, lasso)?;
    check_broken(model, promise, lasso)?;
    Ok(met)
}

fn check_steps<M: Temporal>(model: &M, lasso: &Lasso<M::State, M::Action>) -> Result<(), Flaw> {
    if !model.init_states().contains(&lasso.initial) {
        return Err(Flaw::NotInitial);
    }
    if model.exceeded(&lasso.initial).is_some() {
        return Err(Flaw::Outside(0));
    }
    let mut before = &lasso.initial;
    for (at, (action, after)) in lasso.stem.iter().chain(&lasso.cycle).enumerate() {
        let is_step = match action {
            None => after == before,
            Some(action) => {
                let mut actions = Vec::new();
                model.actions(before, &mut actions);
                after != before
                    && actions.contains(action)
                    && model.next_state(before, action.clone()).as_ref() == Some(after)
            }
        };
        if !is_step {
            return Err(Flaw::NoSuchStep(at));
        }
        if model.exceeded(after).is_some() {
            return Err(Flaw::Outside(at + 1));
        }
        before = after;
    }
    match lasso.cycle.last() {
        None => Err(Flaw::NoCycle),
        Some((_, end)) if end != lasso.stem.last().map_or(&lasso.initial, |(_, s)| s) => {
            Err(Flaw::NotClosed)
        }
        Some(_) => Ok(()),
    }
}

fn check_fairness<M: Temporal>(
    model: &M,
    assumed: &[&str],
    lasso: &Lasso<M::State, M::Action>,
) -> Result<Vec<Met>, Flaw> {
    let all = model.fairness();
    let mut met = Vec::new();
    for name in assumed {
        let fairness = all.iter().find(|fairness| fairness.name == *name);
        let fairness = fairness.ok_or_else(|| Flaw::NoSuch((*name).to_owned()))?;
        // Where each class is enabled, and which step takes it first.
        let mut enabled: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let ends = lasso.cycle.last().map(|(_, end)| end);
        let begins = ends.into_iter().chain(lasso.cycle.iter().map(|(_, s)| s));
        for (at, (state, (action, _))) in begins.zip(&lasso.cycle).enumerate() {
            let mut actions = Vec::new();
            model.actions(state, &mut actions);
            for candidate in actions {
                let after = model.next_state(state, candidate.clone());
                if after.is_some_and(|after| after != *state)
                    && let Some(class) = fairness.class.of(model, state, &candidate)
                {
                    enabled.entry(class).or_default().insert(at);
                }
            }
            if let Some(action) = action
                && let Some(class) = fairness.class.of(model, state, action)
            {
                taken.entry(class).or_insert(at);
            }
        }
        for (class, places) in enabled {
            let gap = (0..lasso.cycle.len()).find(|at| !places.contains(at));
            let how = match (fairness.strength, taken.get(&class), gap) {
                (_, Some(&at), _) => How::Taken(at),
                (Strength::Weak, None, Some(at)) => How::Disabled(at),
                _ => return Err(Flaw::Unfair(fairness.name, class)),
            };
            met.push(Met {
                fairness: fairness.name,
                class,
                how,
            });
        }
        if !met.iter().any(|met| met.fairness == fairness.name) {
            met.push(Met {
                fairness: fairness.name,
                class: 0,
                how: How::NeverEnabled,
            });
        }
    }
    Ok(met)
}

fn check_broken<M: Temporal>(
    model: &M,
    promise: &str,
    lasso: &Lasso<M::State, M::Action>,
) -> Result<(), Flaw> {
    let all = model.promises();
    let promise = all
        .iter()
        .find(|p| p.name == promise)
        .ok_or_else(|| Flaw::NoSuch(promise.to_owned()))?;
    let cycle: Vec<&M::State> = lasso.cycle.iter().map(|(_, state)| state).collect();
    let stem = lasso.stem.iter().map(|(_, state)| state);
    let states: Vec<&M::State> = std::iter::once(&lasso.initial)
        .chain(stem)
        .chain(cycle.iter().copied())
        .collect();
    let broken = match promise.claim {
        Claim::Eventually(p) => !states.iter().any(|s| p(model, s)),
        Claim::AlwaysEventually(p) => !cycle.iter().any(|s| p(model, s)),
        Claim::EventuallyAlways(p) => cycle.iter().any(|s| !p(model, s)),
        Claim::LeadsTo(p, q) => {
            let last_q = states.iter().rposition(|s| q(model, s));
            let since = &states[last_q.map_or(0, |at| at + 1)..];
            // Q is false on the whole cycle, and P was true since Q was last.
            !cycle.iter().any(|s| q(model, s)) && since.iter().any(|s| p(model, s))
        }
    };
    if broken { Ok(()) } else { Err(Flaw::Kept) }
}
