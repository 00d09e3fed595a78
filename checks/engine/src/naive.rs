//! A deliberately naive explorer: exact states in a `BTreeSet`, one thread, no hashing. It is there to be believed.

use std::collections::BTreeSet;

use concur_models::kit::{Mapped, Refines, Spec};
use stateright::{Expectation, Model};

/// What the naive explorer finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naive {
    /// Distinct states within the bounds.
    pub distinct: u64,
    /// Initial states, and steps to a state within the bounds.
    pub generated: u64,
    /// States on the longest shortest path.
    pub depth: u32,
    /// The `always` and step properties that fail, and `Refinement` if it does.
    pub fails: BTreeSet<&'static str>,
    /// The `sometimes` properties that are witnessed.
    pub witnessed: BTreeSet<&'static str>,
}

/// Explores every state of `model`, whatever fails.
pub fn explore<M: Spec + Refines>(model: &M) -> Naive {
    explore_into(model, &mut BTreeSet::new())
}

/// The canonical forms of all states of `model`, each of which must be its own canonical form: as many as there are orbits.
///
/// # Panics
/// If a canonical form is not its own.
pub fn orbits<M: Spec + Refines>(model: &M) -> u64 {
    let mut visited = BTreeSet::new();
    explore_into(model, &mut visited);
    let forms: BTreeSet<_> = visited.iter().map(|s| model.canonical(s)).collect();
    let unstable = forms.iter().find(|form| model.canonical(form) != **form);
    assert_eq!(unstable, None, "a canonical form has another one");
    forms.len() as u64
}

fn explore_into<M: Spec + Refines>(model: &M, visited: &mut BTreeSet<M::State>) -> Naive {
    let mut found = Naive::default();
    let abstraction = model.abstract_model();
    let mut level: Vec<M::State> = Vec::new();
    for state in model
        .init_states()
        .into_iter()
        .filter(|s| model.within_boundary(s))
    {
        found.generated += 1;
        if !abstraction
            .init_states()
            .contains(&model.abstract_state(&state))
        {
            found.fails.insert(super::REFINEMENT);
        }
        visit(model, state, visited, &mut level, &mut found);
    }
    while !level.is_empty() {
        found.depth += 1;
        let mut next = Vec::new();
        for s in &level {
            for (action, t) in model.next_steps(s) {
                if model.within_boundary(&t) {
                    found.generated += 1;
                    check_step(model, &abstraction, s, &action, &t, &mut found);
                    visit(model, t, visited, &mut next, &mut found);
                }
            }
        }
        level = next;
    }
    found.distinct = visited.len() as u64;
    found
}

fn visit<M: Spec>(
    model: &M,
    state: M::State,
    visited: &mut BTreeSet<M::State>,
    level: &mut Vec<M::State>,
    found: &mut Naive,
) {
    if !visited.insert(state.clone()) {
        return;
    }
    for property in model.properties() {
        let true_here = (property.condition)(model, &state);
        match property.expectation {
            Expectation::Always if !true_here => found.fails.insert(property.name),
            Expectation::Sometimes if true_here => found.witnessed.insert(property.name),
            _ => false,
        };
    }
    level.push(state);
}

fn check_step<M: Spec + Refines>(
    model: &M,
    abstraction: &M::Abstract,
    s: &M::State,
    action: &M::Action,
    t: &M::State,
    found: &mut Naive,
) {
    if s == t {
        return;
    }
    for property in model.step_properties() {
        if !(property.holds)(model, s, action, t) {
            found.fails.insert(property.name);
        }
    }
    let (from, to) = (&model.abstract_state(s), &model.abstract_state(t));
    let allowed = || match M::STEPS {
        1 => abstraction.next_states(from).contains(to),
        _ => {
            let mapped = Mapped {
                above: abstraction,
                from,
                to,
            };
            mapped.is_reached_by(model.witness(s, action, t, mapped), M::STEPS)
        }
    };
    if from != to && !allowed() {
        found.fails.insert(super::REFINEMENT);
    }
}
