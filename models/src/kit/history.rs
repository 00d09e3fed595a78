//! History variables: a model with a record of what has happened, which no action reads.
//!
//! Abadi & Lamport, *The Existence of Refinement Mappings* (1991), §4: a history variable is added to a specification whose state
//! has forgotten what the specification above still knows. By construction it changes nothing: [`Recorded`] takes every step of the model, and
//! no other, so that forgetting the history gives exactly the model's behaviours.

use std::fmt;
use std::marker::PhantomData;

use stateright::{Model, Property};

use super::{Event, Flat, Spec, StepProperty};

/// What is recorded of a model `M`, and what is then known to hold.
pub trait History<M: Spec>: Sized + Send + Sync + 'static {
    /// The record. It must not name nodes: permuting the model's nodes leaves it as it is.
    type Record: Flat;

    /// The states in which the model begins, each with what there is to record of it.
    fn init_states(recorded: &Recorded<M, Self>) -> Vec<Remembered<M::State, Self::Record>>;

    /// The record after a step from `s` to `t`, given the record before it.
    fn record(
        model: &M,
        before: &Self::Record,
        s: &M::State,
        action: &M::Action,
        t: &M::State,
    ) -> Self::Record;

    /// The properties of states.
    fn properties() -> Vec<Property<Recorded<M, Self>>>;

    /// The properties of steps.
    fn step_properties() -> Vec<StepProperty<Recorded<M, Self>>>;
}

/// The model `M` with a history variable.
pub struct Recorded<M, H> {
    /// The model, which knows nothing of the record.
    pub model: M,
    history: PhantomData<H>,
}

/// A state, and what has happened before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Remembered<S, R> {
    /// The model's state.
    pub state: S,
    /// The record.
    pub history: R,
}

impl<M, H> Recorded<M, H> {
    /// The model with a record.
    pub fn new(model: M) -> Self {
        Self {
            model,
            history: PhantomData,
        }
    }
}

impl<M: Clone, H> Clone for Recorded<M, H> {
    fn clone(&self) -> Self {
        Self::new(self.model.clone())
    }
}

impl<M: fmt::Debug, H> fmt::Debug for Recorded<M, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorded").field(&self.model).finish()
    }
}

impl<M: Spec, H: History<M>> Model for Recorded<M, H> {
    type State = Remembered<M::State, H::Record>;
    type Action = M::Action;

    fn init_states(&self) -> Vec<Self::State> {
        H::init_states(self)
    }

    fn actions(&self, s: &Self::State, actions: &mut Vec<M::Action>) {
        self.model.actions(&s.state, actions);
    }

    fn next_state(&self, s: &Self::State, action: M::Action) -> Option<Self::State> {
        let state = self.model.next_state(&s.state, action.clone())?;
        let history = H::record(&self.model, &s.history, &s.state, &action, &state);
        Some(Remembered { state, history })
    }

    fn within_boundary(&self, s: &Self::State) -> bool {
        self.model.within_boundary(&s.state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        H::properties()
    }
}

impl<M: Spec, H: History<M>> Spec for Recorded<M, H> {
    const BOUNDS: &'static [&'static str] = M::BOUNDS;
    const SYMMETRY: Option<&'static str> = M::SYMMETRY;

    fn exceeded(&self, s: &Self::State) -> Option<usize> {
        self.model.exceeded(&s.state)
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        H::step_properties()
    }

    fn tell(&self, before: &Self::State, action: &M::Action) -> String {
        self.model.tell(&before.state, action)
    }

    fn event(&self, before: &Self::State, action: &M::Action) -> Event {
        self.model.event(&before.state, action)
    }

    fn canonical(&self, s: &Self::State) -> Self::State {
        Remembered {
            state: self.model.canonical(&s.state),
            history: s.history.clone(),
        }
    }
}
