//! A counterexample told in words: what happens, and what each step changes.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Serialize;

use crate::engine::liveness::Lasso;
use crate::engine::shortest::Counterexample;

/// A behaviour that ends in what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// States on the trace, the initial one included.
    pub states: u32,
    /// The initial state.
    pub initial: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The action, by its name in the specification.
    pub action: String,
    /// The variables that the step changes, with their new values. Empty if the model panicked.
    pub changes: BTreeMap<String, String>,
}

impl Trace {
    /// Tells a counterexample; `name` names an action in the state in which it is taken.
    pub fn of<S: Debug, A>(
        counterexample: &Counterexample<S, A>,
        name: impl Fn(&S, &A) -> String,
    ) -> Self {
        let mut before = Some(&counterexample.initial);
        let steps = counterexample
            .steps
            .iter()
            .map(|(action, after)| {
                let told = before.map(|before| name(before, action));
                let step = Step::of(told.unwrap_or_default(), before, after.as_ref());
                before = after.as_ref();
                step
            })
            .collect();
        Self {
            states: counterexample.states(),
            initial: format!("{:?}", counterexample.initial),
            steps,
        }
    }

    /// The trace as lines: numbered actions, each with what it changes.
    pub fn story(&self) -> Vec<String> {
        tell(&self.steps, 1)
    }
}

impl Step {
    fn of(action: String, before: Option<&impl Debug>, after: Option<&impl Debug>) -> Self {
        let changes = match (before, after) {
            (Some(before), Some(after)) => changes(before, after),
            _ => BTreeMap::new(),
        };
        Self { action, changes }
    }
}

/// Steps as lines, numbered from `first`.
fn tell(steps: &[Step], first: usize) -> Vec<String> {
    let wide = steps.iter().map(|step| step.action.chars().count());
    let width = wide.max().unwrap_or(0).min(60);
    let line = |(number, step): (usize, &Step)| {
        let changes: Vec<_> = step
            .changes
            .iter()
            .map(|(variable, value)| format!("{variable} = {value}"))
            .collect();
        let line = format!(
            "{number:>3}  {:width$}  {}",
            step.action,
            changes.join("; ")
        );
        line.trim_end().to_owned()
    };
    (first..).zip(steps).map(line).collect()
}

/// A behaviour that goes on for ever and breaks a promise: it ends in a cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LassoTrace {
    /// The initial state.
    pub initial: String,
    /// What leads to the cycle.
    pub stem: Vec<Step>,
    /// What happens again and again. Its last step leads to where it begins; a step that is called `(nothing happens)` is a stutter.
    pub cycle: Vec<Step>,
}

impl LassoTrace {
    /// Tells a lasso.
    pub fn of<S: Debug, A: Debug>(lasso: &Lasso<S, A>) -> Self {
        let mut before = &lasso.initial;
        let mut told = Vec::new();
        for (action, after) in lasso.stem.iter().chain(&lasso.cycle) {
            let action = action.as_ref().map_or_else(
                || "(nothing happens)".to_owned(),
                |action| format!("{action:?}"),
            );
            told.push(Step::of(action, Some(before), Some(after)));
            before = after;
        }
        let cycle = told.split_off(lasso.stem.len());
        Self {
            initial: format!("{:?}", lasso.initial),
            stem: told,
            cycle,
        }
    }

    /// The lasso as lines: the stem, and then what happens for ever.
    pub fn story(&self) -> Vec<String> {
        let mut lines = tell(&self.stem, 1);
        lines.push("     and then, again and again:".to_owned());
        lines.extend(tell(&self.cycle, self.stem.len() + 1));
        lines
    }
}

fn changes(before: &impl Debug, after: &impl Debug) -> BTreeMap<String, String> {
    let before = variables(before);
    let mut after = variables(after);
    after.retain(|variable, value| before.get(variable) != Some(value));
    after
}

/// The top-level variables of a state, read from its pretty `Debug` form: `field: value` or `key: value` at the first indent.
fn variables(state: &impl Debug) -> BTreeMap<String, String> {
    let pretty = format!("{state:#?}");
    let mut variables = BTreeMap::new();
    let mut current: Option<(String, String)> = None;
    for line in pretty.lines() {
        let inner = line.strip_prefix("    ");
        match inner.and_then(|inner| inner.split_once(": ")) {
            Some((name, value)) if !name.starts_with(' ') => {
                variables.extend(current.take().map(tidy));
                current = Some((name.to_owned(), value.to_owned()));
            }
            _ => {
                if let (Some((_, value)), Some(inner)) = (&mut current, inner) {
                    value.push(' ');
                    value.push_str(inner.trim());
                }
            }
        }
    }
    variables.extend(current.map(tidy));
    if variables.is_empty() {
        variables.insert("state".to_owned(), format!("{state:?}"));
    }
    variables
}

/// Brings a value that was spread over lines back into one.
fn tidy((name, value): (String, String)) -> (String, String) {
    let value = value
        .trim_end_matches(',')
        .replace(", }", " }")
        .replace(", ]", "]")
        .replace("[ ", "[")
        .replace(", )", ")")
        .replace("( ", "(");
    (name, value)
}
