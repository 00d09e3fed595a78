//! The Explorer's side of a trace: where it opens, and the picture of each path.

use concur_trace::{Behaviour, Step, Value, picture};
use stateright::{Checker, Model, Path};

use super::event;
use crate::engine::erased::{AnyAction, AnyState, Erased};

/// The longest path that is drawn: the Explorer draws one picture for each next step.
const LONGEST: usize = 400;

/// Serves a model in stateright's Explorer, with pictures. Returns only if it cannot.
pub fn serve(model: Erased, addr: std::net::SocketAddr) {
    let _ = model.drawn_by(draw).checker().serve(addr).is_done();
}

/// Where the Explorer shows a path: it counts the initial states, and then the actions of each state, from 0.
pub fn place(path: &[usize]) -> String {
    let steps = path.iter().map(|choice| format!("/{choice}"));
    format!("#/steps{}", steps.collect::<String>())
}

fn draw(model: &Erased, path: Path<AnyState, AnyAction>) -> String {
    let path = path.into_vec();
    let first = path.first().map(|(state, _)| format!("{state:?}"));
    let mut told = Behaviour::begin(&first.unwrap_or_default());
    let mut before = told.initial.clone();
    for pair in path.windows(2).take(LONGEST) {
        let [(state, Some(action)), (after, _)] = pair else {
            break;
        };
        let after = Value::of_debug(&format!("{after:?}"));
        let words = model.tell(state, action);
        let event = event(model.event(state, action));
        let step = Step::new(
            format!("{action:?}"),
            Some(words),
            event,
            &before,
            Some(&after),
        );
        told.steps.push(step);
        before = after;
    }
    picture(&told)
}
