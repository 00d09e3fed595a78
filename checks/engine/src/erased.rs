//! A model whose types are forgotten, so that stateright's checkers and its Explorer are compiled once, not once for each rung.
//!
//! It costs them an allocation and a few indirect calls per state; they are asked for a second opinion on small configurations. Counterexamples are taken again
//! on it, too, which is why it knows what a step is called and what is wrong with it.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use concur_models::kit::{Event, Flat, Refines, Spec};
use stateright::{Expectation, Model, Path, Property};

use super::REFINEMENT;
use super::lens::{Breach, Lens, Rungwise};

/// Any rung's model.
#[derive(Clone)]
pub struct Erased {
    machine: Arc<dyn Machine>,
    draw: Option<Draw>,
}

/// How a path is drawn for the Explorer.
pub type Draw = fn(&Erased, Path<AnyState, AnyAction>) -> String;

impl Erased {
    /// The same model, its types forgotten.
    ///
    /// # Panics
    /// If it has more than [`Erased::MOST_PROPERTIES`] properties.
    pub fn new<M: Spec>(model: M) -> Self {
        Self::judged_by(model, |_, _, _| None)
    }

    /// A rung: steps are judged, too, and refinement.
    ///
    /// # Panics
    /// If it has more than [`Erased::MOST_PROPERTIES`] properties.
    pub fn of_rung<M: Spec + Refines>(model: M) -> Self {
        Self::judged_by(model, breach)
    }

    /// The same, drawn by `draw` in the Explorer.
    pub fn drawn_by(self, draw: Draw) -> Self {
        Self {
            draw: Some(draw),
            ..self
        }
    }

    fn judged_by<M: Spec>(model: M, step: JudgeStep<M>) -> Self {
        let properties = model.properties();
        assert!(
            properties.len() <= Self::MOST_PROPERTIES,
            "at most {} properties",
            Self::MOST_PROPERTIES
        );
        Self {
            machine: Arc::new(Typed {
                model,
                properties,
                step,
            }),
            draw: None,
        }
    }

    /// An action in words, as the model tells it.
    pub fn tell(&self, before: &AnyState, action: &AnyAction) -> String {
        self.machine.tell(before, action)
    }

    /// An action as someone sees it who watches the nodes.
    pub fn event(&self, before: &AnyState, action: &AnyAction) -> Event {
        self.machine.event(before, action)
    }

    /// The names of all that is wrong with a state, and with the step that leads to it; with an initial state, if there is no such step.
    pub fn wrong(
        &self,
        step: Option<(&AnyState, &AnyAction)>,
        after: &AnyState,
    ) -> Vec<&'static str> {
        let properties = self.machine.properties().into_iter().enumerate();
        let fails = properties.filter(|(at, (expectation, _))| {
            *expectation == Expectation::Always && !self.machine.holds(*at, after)
        });
        let fails = fails.map(|(_, (_, name))| name);
        fails.chain(self.machine.step(step, after)).collect()
    }

    /// stateright's properties are plain functions, which cannot remember which one they are: there is one for each position.
    pub const MOST_PROPERTIES: usize = CONDITIONS.len();
}

/// A state of any rung's model.
#[derive(Clone)]
pub struct AnyState(Arc<dyn Data>);

/// An action of any rung's model.
#[derive(Clone)]
pub struct AnyAction {
    action: Arc<dyn Act>,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

trait Act: Any + fmt::Debug + Send + Sync {}

impl<T: Any + fmt::Debug + Send + Sync> Act for T {}

trait Data: Any + fmt::Debug + Send + Sync {
    fn hash_into(&self, hasher: &mut dyn Hasher);
    fn same(&self, other: &dyn Any) -> bool;
}

impl<T: Flat> Data for T {
    fn hash_into(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }

    fn same(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

impl Hash for AnyState {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash_into(hasher);
    }
}

impl PartialEq for AnyState {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(&*other.0)
    }
}

impl fmt::Debug for AnyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl AnyAction {
    fn new<A: PartialEq + fmt::Debug + Send + Sync + 'static>(action: A) -> Self {
        Self {
            action: Arc::new(action),
            same: |a, b| a.downcast_ref::<A>() == b.downcast_ref::<A>(),
        }
    }
}

impl PartialEq for AnyAction {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.action, &*other.action)
    }
}

impl fmt::Debug for AnyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.action.fmt(f)
    }
}

/// What stateright asks of a model.
trait Machine: Send + Sync {
    fn init_states(&self) -> Vec<AnyState>;
    fn actions(&self, state: &AnyState) -> Vec<AnyAction>;
    fn next_state(&self, state: &AnyState, action: &AnyAction) -> Option<AnyState>;
    fn within_boundary(&self, state: &AnyState) -> bool;
    fn properties(&self) -> Vec<(Expectation, &'static str)>;
    fn holds(&self, property: usize, state: &AnyState) -> bool;
    fn tell(&self, before: &AnyState, action: &AnyAction) -> String;
    fn event(&self, before: &AnyState, action: &AnyAction) -> Event;
    fn step(&self, step: Option<(&AnyState, &AnyAction)>, after: &AnyState)
    -> Option<&'static str>;
}

/// What is wrong with a step, or with an initial state.
type JudgeStep<M> = fn(&M, Taken<'_, M>, &<M as Model>::State) -> Option<&'static str>;

/// Where a step begins, and its action.
type Taken<'s, M> = Option<(&'s <M as Model>::State, &'s <M as Model>::Action)>;

/// What is wrong with a step of a rung, its properties aside.
fn breach<M: Spec + Refines>(
    model: &M,
    step: Taken<'_, M>,
    after: &M::State,
) -> Option<&'static str> {
    let lens = Rungwise::new(model, false);
    let breach = match step {
        None => lens.check_initial(after),
        // A step that leaves everything as it is is none.
        Some((before, _)) if before == after => None,
        Some((before, action)) => {
            let memo = lens.remember(before);
            lens.check_step(&mut Default::default(), &memo, before, action, after)
        }
    };
    match breach? {
        Breach::Step(at) => Some(model.step_properties()[at].name),
        Breach::Refinement => Some(REFINEMENT),
        Breach::Property(_) | Breach::Panic => None,
    }
}

struct Typed<M: Model> {
    model: M,
    properties: Vec<Property<M>>,
    step: JudgeStep<M>,
}

fn typed<T: 'static>(of: &dyn Any) -> &T {
    of.downcast_ref().expect("it came from this model")
}

fn any<S: Flat>(state: S) -> AnyState {
    AnyState(Arc::new(state))
}

impl<M: Spec> Machine for Typed<M> {
    fn init_states(&self) -> Vec<AnyState> {
        self.model.init_states().into_iter().map(any).collect()
    }

    fn actions(&self, state: &AnyState) -> Vec<AnyAction> {
        let mut actions = Vec::new();
        self.model.actions(typed(&*state.0), &mut actions);
        actions.into_iter().map(AnyAction::new).collect()
    }

    fn next_state(&self, state: &AnyState, action: &AnyAction) -> Option<AnyState> {
        let action: &M::Action = typed(&*action.action);
        self.model
            .next_state(typed(&*state.0), action.clone())
            .map(any)
    }

    fn within_boundary(&self, state: &AnyState) -> bool {
        self.model.within_boundary(typed(&*state.0))
    }

    fn properties(&self) -> Vec<(Expectation, &'static str)> {
        let properties = self.properties.iter();
        properties
            .map(|property| (property.expectation.clone(), property.name))
            .collect()
    }

    fn holds(&self, property: usize, state: &AnyState) -> bool {
        (self.properties[property].condition)(&self.model, typed(&*state.0))
    }

    fn tell(&self, before: &AnyState, action: &AnyAction) -> String {
        self.model.tell(typed(&*before.0), typed(&*action.action))
    }

    fn event(&self, before: &AnyState, action: &AnyAction) -> Event {
        self.model.event(typed(&*before.0), typed(&*action.action))
    }

    fn step(
        &self,
        step: Option<(&AnyState, &AnyAction)>,
        after: &AnyState,
    ) -> Option<&'static str> {
        let step = step.map(|(before, action)| (typed(&*before.0), typed(&*action.action)));
        (self.step)(&self.model, step, typed(&*after.0))
    }
}

impl Model for Erased {
    type State = AnyState;
    type Action = AnyAction;

    fn init_states(&self) -> Vec<AnyState> {
        self.machine.init_states()
    }

    fn actions(&self, state: &AnyState, actions: &mut Vec<AnyAction>) {
        actions.append(&mut self.machine.actions(state));
    }

    fn next_state(&self, state: &AnyState, action: AnyAction) -> Option<AnyState> {
        self.machine.next_state(state, &action)
    }

    fn within_boundary(&self, state: &AnyState) -> bool {
        self.machine.within_boundary(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let properties = self.machine.properties().into_iter().zip(CONDITIONS);
        properties
            .map(|((expectation, name), &condition)| Property {
                expectation,
                name,
                condition,
            })
            .collect()
    }

    fn as_svg(&self, path: Path<AnyState, AnyAction>) -> Option<String> {
        self.draw.map(|draw| draw(self, path))
    }
}

type Condition = fn(&Erased, &AnyState) -> bool;

fn nth<const N: usize>(model: &Erased, state: &AnyState) -> bool {
    model.machine.holds(N, state)
}

macro_rules! conditions {
    ($($n:literal)+) => { &[$(nth::<$n>),+] };
}

const CONDITIONS: &[Condition] = conditions![
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
    64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
];
