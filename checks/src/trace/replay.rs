//! A trace, taken again step by step on the model as it is now.

use std::panic::{AssertUnwindSafe, catch_unwind};

use concur_trace::{Behaviour, BrokenKind, Trace, Value, changes};
use stateright::Model;

use super::STUTTER;
use crate::engine::erased::{AnyAction, AnyState, Erased};
use crate::methods::exhaustive::PANIC;
use crate::selector::{SelectError, Target, exact};

/// What became of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The choices that lead along it, as far as it applies: which initial state, and then which of each state's actions. A stutter is no choice.
    pub path: Vec<usize>,
    /// What is wrong, and after which step; 0 is the initial state.
    pub wrong: Vec<(usize, &'static str)>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It breaks what it says, where it says so.
    AsTold,
    /// From that step on (0 is the initial state) it is no behaviour of the model any more, for that reason.
    Gone(usize, String),
    /// Each step can be taken, but what broke is kept, or something broke before, as the text says.
    Otherwise(String),
}

/// The check that a trace is a counterexample to.
///
/// # Errors
/// If there is no such check any more, or it has other parameters.
pub fn target(trace: &Trace) -> Result<Target, SelectError> {
    let about = &trace.about;
    let mut parts = about.check.splitn(3, '/');
    let family = [parts.next(), parts.next()]
        .map(Option::unwrap_or_default)
        .join("/");
    exact(
        &family,
        &about.parameters,
        about.broken.kind == BrokenKind::Promise,
    )
}

/// The rule that the model leaves out. What a promise is without is an assumption, and the model keeps all its rules.
pub fn omitted(trace: &Trace) -> Option<&str> {
    let of_property = trace.about.broken.kind == BrokenKind::Property;
    let without = trace.about.without.as_ref().filter(|_| of_property);
    without.map(|without| without.rule.as_str())
}

/// Takes a trace again.
///
/// # Errors
/// If there is no such check, parameter or rule any more.
pub fn replay(trace: &Trace) -> Result<Replayed, SelectError> {
    let target = target(trace)?;
    let model = target.machine(omitted(trace))?;
    let walk = walk(&model, &trace.behaviour);
    let outcome = match &walk.gone {
        Some((step, why)) => Outcome::Gone(*step, why.clone()),
        None => judge(trace, &walk, &target)?,
    };
    Ok(Replayed {
        path: walk.choices.iter().flatten().copied().collect(),
        wrong: walk.wrong,
        outcome,
    })
}

fn judge(trace: &Trace, walk: &Walk, target: &Target) -> Result<Outcome, SelectError> {
    let broken = &trace.about.broken;
    if broken.kind == BrokenKind::Promise {
        let (stem, _) = trace.behaviour.stem_and_cycle();
        let flaw = target.flaw(&broken.property, &broken.assuming, &walk.choices, stem)?;
        return Ok(flaw.map_or(Outcome::AsTold, |flaw| {
            Outcome::Otherwise(format!("the lasso shows nothing any more: {flaw}"))
        }));
    }
    let last = trace.behaviour.steps.len();
    let here = |(step, property): &&(usize, &str)| *step == last && *property == broken.property;
    // What else fails on the way is no matter: a published bug is looked for beyond the lemmas that it breaks first.
    let early = |(step, property): &&(usize, &str)| *step < last && *property == broken.property;
    let early = walk.wrong.iter().find(early);
    Ok(match (early, walk.wrong.iter().find(here)) {
        (Some((step, property)), _) => {
            Outcome::Otherwise(format!("{property} fails earlier, after step {step}"))
        }
        (None, Some(_)) => Outcome::AsTold,
        (None, None) => Outcome::Otherwise(match walk.wrong.first() {
            Some((_, other)) => format!("{other} fails, not {}", broken.property),
            None => format!("{} is kept", broken.property),
        }),
    })
}

/// A trace as far as it applies.
struct Walk {
    choices: Vec<Option<usize>>,
    wrong: Vec<(usize, &'static str)>,
    gone: Option<(usize, String)>,
}

fn walk(model: &Erased, told: &Behaviour) -> Walk {
    let states = told.each_state();
    let mut walk = Walk {
        choices: Vec::new(),
        wrong: Vec::new(),
        gone: None,
    };
    let initial = model.init_states();
    let Some(first) = initial
        .iter()
        .position(|state| shown(state).same(&states[0]))
    else {
        let why = "it is no initial state".to_owned();
        walk.gone = Some((0, why));
        return walk;
    };
    walk.choices.push(Some(first));
    let mut before = initial[first].clone();
    walk.wrong
        .extend(model.wrong(None, &before).into_iter().map(|name| (0, name)));
    for (at, step) in told.steps.iter().enumerate() {
        if step.action == STUTTER {
            walk.choices.push(None);
            continue;
        }
        let expected = (!step.panics).then(|| &states[at + 1]);
        match take(model, &before, &step.action, expected) {
            Ok(Taken {
                choice,
                action,
                after: Some(after),
            }) => {
                walk.choices.push(Some(choice));
                let wrong = model.wrong(Some((&before, &action)), &after);
                walk.wrong
                    .extend(wrong.into_iter().map(|name| (at + 1, name)));
                before = after;
            }
            Ok(Taken { choice, .. }) => {
                walk.choices.push(Some(choice));
                walk.wrong.push((at + 1, PANIC));
            }
            Err(why) => {
                walk.gone = Some((at + 1, why));
                return walk;
            }
        }
    }
    walk
}

/// A step that was taken. It leads nowhere if the model panicked, as it was told to.
struct Taken {
    choice: usize,
    action: AnyAction,
    after: Option<AnyState>,
}

/// Takes the action that prints like that, to the state that is expected.
fn take(
    model: &Erased,
    before: &AnyState,
    told: &str,
    expected: Option<&Value>,
) -> Result<Taken, String> {
    let mut actions = Vec::new();
    model.actions(before, &mut actions);
    let mut why = format!("there is no {told} in that state");
    // The actions of clusters are positions, and their schedules are told in words.
    let named = |(_, action): &(usize, AnyAction)| {
        format!("{action:?}") == told || model.tell(before, action) == told
    };
    for (choice, action) in actions.into_iter().enumerate().filter(named) {
        let next = || model.next_state(before, action.clone());
        let after = match (catch_unwind(AssertUnwindSafe(next)), expected) {
            (Err(_), None) => {
                let after = None;
                return Ok(Taken {
                    choice,
                    action,
                    after,
                });
            }
            (Err(_), Some(_)) => {
                why = format!("{told} makes the model panic");
                continue;
            }
            (Ok(None), _) => {
                why = format!("{told} is not enabled");
                continue;
            }
            (Ok(Some(_)), None) => {
                why = format!("{told} does not make the model panic any more");
                continue;
            }
            (Ok(Some(after)), Some(expected)) => {
                let found = shown(&after);
                if !found.same(expected) {
                    why = format!("{told} leads elsewhere: {}", differs(expected, &found));
                    continue;
                }
                Some(after)
            }
        };
        return Ok(Taken {
            choice,
            action,
            after,
        });
    }
    Err(why)
}

fn shown(state: &AnyState) -> Value {
    Value::of_debug(&format!("{state:?}"))
}

/// What is not as it was told.
fn differs(expected: &Value, found: &Value) -> String {
    let nothing = || "nothing".to_owned();
    let told: Vec<_> = changes(expected, found)
        .iter()
        .map(|change| {
            let (was, is) = (change.from.as_ref(), change.to.as_ref());
            format!(
                "{} is {}, not {}",
                change.at.join("."),
                is.map_or_else(nothing, ToString::to_string),
                was.map_or_else(nothing, ToString::to_string)
            )
        })
        .collect();
    told.join("; ")
}
