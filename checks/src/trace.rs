//! A counterexample told in words: what happens, and what each step changes.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Serialize;

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
    /// Tells a counterexample.
    pub fn of<S: Debug, A: Debug>(counterexample: &Counterexample<S, A>) -> Self {
        let mut before = Some(&counterexample.initial);
        let steps = counterexample
            .steps
            .iter()
            .map(|(action, after)| {
                let changes = match (before, after) {
                    (Some(before), Some(after)) => changes(before, after),
                    _ => BTreeMap::new(),
                };
                before = after.as_ref();
                Step {
                    action: format!("{action:?}"),
                    changes,
                }
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
        let wide = self.steps.iter().map(|step| step.action.chars().count());
        let width = wide.max().unwrap_or(0).min(60);
        let tell = |(number, step): (usize, &Step)| {
            let changes: Vec<_> = step
                .changes
                .iter()
                .map(|(variable, value)| format!("{variable} = {value}"))
                .collect();
            let line = format!(
                "{:>3}  {:width$}  {}",
                number + 1,
                step.action,
                changes.join("; ")
            );
            line.trim_end().to_owned()
        };
        self.steps.iter().enumerate().map(tell).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    #[allow(dead_code)] // read by Debug alone
    struct State {
        term: u8,
        log: Vec<u8>,
    }

    #[derive(Debug)]
    #[allow(dead_code)] // read by Debug alone
    enum Action {
        Timeout(u8),
        ClientRequest(u8),
        Panics,
    }

    #[test]
    fn a_story_tells_only_what_changed() {
        let state = |term, log: &[u8]| State {
            term,
            log: log.to_vec(),
        };
        let trace = Trace::of(&Counterexample {
            initial: state(1, &[]),
            steps: vec![
                (Action::Timeout(1), Some(state(2, &[]))),
                (Action::ClientRequest(1), Some(state(2, &[7, 8]))),
                (Action::Panics, None),
            ],
        });
        assert_eq!(trace.states, 4);
        assert_eq!(
            trace.story(),
            [
                "  1  Timeout(1)        term = 2",
                "  2  ClientRequest(1)  log = [7, 8]",
                "  3  Panics",
            ]
        );
    }
}
