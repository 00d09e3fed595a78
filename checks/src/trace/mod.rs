//! Counterexamples as documents: how a search's finding becomes one, what it is called, and how it is taken again on the model. What it looks like is `concur-trace`'s.

use concur_models::kit::{self, Spec};
use concur_trace::{Event, Happening, Lasso as Cycle, Mail, Step, Value};

use crate::engine::liveness::Lasso;
use crate::engine::shortest::Counterexample;

pub mod explorer;
pub mod replay;
pub mod save;

pub use concur_trace::{
    About, Behaviour, Broken, BrokenKind, ReadError, Trace, View, Without, story,
};

/// What a step is called that changes nothing.
pub const STUTTER: &str = "(nothing happens)";

/// A counterexample, told by its model.
pub fn of_counterexample<M: Spec>(
    model: &M,
    found: &Counterexample<M::State, M::Action>,
) -> Behaviour {
    let mut told = Behaviour::begin(&format!("{:?}", found.initial));
    let mut before = Some((&found.initial, told.initial.clone()));
    for (action, after) in &found.steps {
        let Some((state, shown)) = before.take() else {
            break;
        };
        let next = after
            .as_ref()
            .map(|after| Value::of_debug(&format!("{after:?}")));
        told.steps
            .push(step(model, state, *action, &shown, next.as_ref()));
        before = after.as_ref().zip(next);
    }
    told
}

/// A lasso, told by its model; `fair` says how each assumption is kept.
pub fn of_lasso<M: Spec>(
    model: &M,
    found: &Lasso<M::State, M::Action>,
    fair: Vec<String>,
) -> Behaviour {
    let mut told = Behaviour::begin(&format!("{:?}", found.initial));
    let (mut before, mut shown) = (&found.initial, told.initial.clone());
    for (action, after) in found.stem.iter().chain(&found.cycle) {
        let next = Value::of_debug(&format!("{after:?}"));
        told.steps.push(match action {
            Some(action) => step(model, before, *action, &shown, Some(&next)),
            None => Step::new(
                STUTTER.to_owned(),
                None,
                Event::default(),
                &shown,
                Some(&next),
            ),
        });
        (before, shown) = (after, next);
    }
    let stem = found.stem.len();
    told.lasso = Some(Cycle { stem, fair });
    told
}

fn step<M: Spec>(
    model: &M,
    before: &M::State,
    action: M::Action,
    shown: &Value,
    after: Option<&Value>,
) -> Step {
    let told = model.tell(before, &action);
    let event = event(model.event(before, &action));
    Step::new(format!("{action:?}"), Some(told), event, shown, after)
}

/// A model's event in the words of a document.
pub(crate) fn event(event: kit::Event) -> Event {
    let mails = |mails: Vec<kit::Mail>| {
        let mail = |mail: kit::Mail| Mail {
            peer: mail.peer,
            says: mail.says,
        };
        mails.into_iter().map(mail).collect()
    };
    Event {
        kind: match event.kind {
            kit::Happening::Local => Happening::Local,
            kit::Happening::Send => Happening::Send,
            kit::Happening::Receive => Happening::Receive,
            kit::Happening::Timeout => Happening::Timeout,
            kit::Happening::Crash => Happening::Crash,
            kit::Happening::Restart => Happening::Restart,
            kit::Happening::Lose => Happening::Lose,
            kit::Happening::Duplicate => Happening::Duplicate,
        },
        actor: event.actor,
        receives: mails(event.receives),
        sends: mails(event.sends),
    }
}
