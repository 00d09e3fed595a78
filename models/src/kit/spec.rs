//! What a rung says beyond [`stateright::Model`]: its actions' names, bounds, steps, symmetry, and what it refines.

use std::fmt::Debug;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};

use concur_rules::Card;
use stateright::{Model, Property};

use super::Event;

/// What a model's state must be: data that can be compared, ordered, hashed and shown.
pub trait Flat: Clone + Ord + Hash + Debug + Send + Sync + 'static {}

impl<T: Clone + Ord + Hash + Debug + Send + Sync + 'static> Flat for T {}

/// An action whose kind has a name: the paper's.
pub trait Named: Clone + PartialEq + Debug + Send + Sync + 'static {
    /// The names of all kinds of actions.
    const NAMES: &'static [&'static str];

    /// The position of this action's kind in [`Named::NAMES`].
    fn kind(&self) -> usize;
}

/// Declares the enum of a model's actions and its [`Named`] names. Where an action holds something that is no `Copy`, such as a message with entries, it says so: `pub enum Action: Clone`.
#[macro_export]
macro_rules! actions {
    ( $(#[$about:meta])* pub enum $Action:ident { $($variants:tt)* } ) => {
        $crate::actions! { @declare $(#[$about])* #[derive(Copy)] $Action { $($variants)* } }
    };
    ( $(#[$about:meta])* pub enum $Action:ident: Clone { $($variants:tt)* } ) => {
        $crate::actions! { @declare $(#[$about])* $Action { $($variants)* } }
    };
    (
        @declare
        $(#[$about:meta])*
        $Action:ident {
            $( $(#[$variant_about:meta])* $Variant:ident $( ( $($field:ty),+ $(,)? ) )? ),+ $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Action {
            $( $(#[$variant_about])* $Variant $( ( $($field),+ ) )? ),+
        }

        impl $crate::kit::Named for $Action {
            const NAMES: &'static [&'static str] = &[$(stringify!($Variant)),+];

            #[inline(always)]
            fn kind(&self) -> usize {
                #[derive(Clone, Copy)]
                #[allow(non_camel_case_types)]
                enum Kind { $($Variant),+ }
                match self { $( Self::$Variant { .. } => Kind::$Variant as usize ),+ }
            }
        }
    };
}

/// A property of every step, such as Leader Append-Only: given the state before, the action, and the state after.
///
/// As in TLA+, a step that leaves the state as it is (a stutter) has every such property.
pub struct StepProperty<M: Model> {
    /// The property's name, as in the paper.
    pub name: &'static str,
    /// Whether the step keeps it.
    pub holds: fn(&M, &M::State, &M::Action, &M::State) -> bool,
}

/// A rung: a model, with what stateright has no word for.
///
/// In [`Model::properties`], each `always` property `P` has at least one witness, a `sometimes` property whose name
/// starts with `P:`, which shows that what `P` speaks of can happen; otherwise `P` would hold vacuously. The same goes for [`Spec::step_properties`].
pub trait Spec: Model<State: Flat, Action: Named> + Send + Sync + 'static {
    /// The names of the bounds that a state may exceed. A state outside is neither counted nor explored.
    const BOUNDS: &'static [&'static str] = &[];

    /// The sets under whose permutations the model is symmetric, in words, if it declares any.
    const SYMMETRY: Option<&'static str> = None;

    /// The position in [`Spec::BOUNDS`] of the first bound that `state` exceeds.
    ///
    /// [`Model::within_boundary`] must be `self.exceeded(state).is_none()`.
    fn exceeded(&self, _state: &Self::State) -> Option<usize> {
        None
    }

    /// The properties of steps.
    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        Vec::new()
    }

    /// An action in words, for whoever reads a counterexample.
    fn tell(&self, _before: &Self::State, action: &Self::Action) -> String {
        format!("{action:?}")
    }

    /// An action as someone sees it who watches the nodes: who acts, and which messages travel. For diagrams.
    fn event(&self, _before: &Self::State, action: &Self::Action) -> Event {
        Event::guess(action)
    }

    /// The one state that stands for all permutations of `state`: exact, so that two states have the same canonical
    /// form if and only if one is a permutation of the other.
    fn canonical(&self, state: &Self::State) -> Self::State {
        state.clone()
    }
}

/// A rung that refines the one above it: every step of this model is a step of the abstract one, or at most
/// [`Refines::STEPS`] of them, or leaves it as it is.
pub trait Refines: Model {
    /// The most steps of the rung above that one step of this rung stands for. Where it is more than one,
    /// [`Refines::witness`] says which.
    const STEPS: usize = 1;

    /// The rung above. The promise at the top refines [`Anything`].
    type Abstract: Model<State: Flat, Action: Clone + Debug> + Send + Sync + 'static;

    /// The rung above, of the same size, as published.
    fn abstract_model(&self) -> Self::Abstract;

    /// The refinement mapping.
    fn abstract_state(&self, state: &Self::State) -> <Self::Abstract as Model>::State;

    /// The rung above without one of its rules, for each that it can be without: where a step is none of the rung above, that tells which rule it
    /// breaks. None, where nobody is to be told.
    fn relaxed(&self) -> Vec<(&'static Card, Self::Abstract)> {
        Vec::new()
    }

    /// The actions of the rung above, in order, for which the step from `before` by `action` to `after` stands, whose images under the mapping are `mapped`.
    ///
    /// They are taken, one by one, and must lead to the next abstract state. Not asked where one step is enough: then the
    /// checker looks for it itself.
    fn witness(
        &self,
        _before: &Self::State,
        _action: &Self::Action,
        _after: &Self::State,
        _mapped: Mapped<'_, Self::Abstract>,
    ) -> Vec<<Self::Abstract as Model>::Action> {
        Vec::new()
    }

    /// The rules of the rung above that a step from `from` to `to` breaks: it is none of its steps, and without any one of them, by itself, it would be.
    /// `witness` says for which actions it stands.
    fn broken_rules(
        &self,
        from: &<Self::Abstract as Model>::State,
        to: &<Self::Abstract as Model>::State,
        witness: impl Fn(Mapped<'_, Self::Abstract>) -> Vec<<Self::Abstract as Model>::Action>,
    ) -> Vec<&'static Card> {
        let is_step = |above: &Self::Abstract| {
            let mapped = Mapped { above, from, to };
            from == to || mapped.is_reached_by(witness(mapped), Self::STEPS)
        };
        if is_step(&self.abstract_model()) {
            return Vec::new();
        }
        let relaxed = self.relaxed().into_iter();
        let enough = relaxed.filter(|(_, above)| {
            // Without one of its rules a model may come to what it was not written for.
            catch_unwind(AssertUnwindSafe(|| is_step(above))).unwrap_or(false)
        });
        enough.map(|(rule, _)| rule).collect()
    }
}

/// What the rung above sees of a step: whoever asks for a witness knows it.
pub struct Mapped<'s, A: Model> {
    /// The rung above, by whose rules the witness is to be taken.
    pub above: &'s A,
    /// The image of the state before.
    pub from: &'s A::State,
    /// The image of the state after.
    pub to: &'s A::State,
}

impl<A: Model> Clone for Mapped<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Model> Copy for Mapped<'_, A> {}

impl<A: Model<State: Flat>> Mapped<'_, A> {
    /// Whether the actions of `witness` are at most so many, can be taken, one by one, and lead there.
    pub fn is_reached_by(self, witness: Vec<A::Action>, most: usize) -> bool {
        if witness.len() > most {
            return false;
        }
        let mut steps = witness.into_iter();
        let end = steps.try_fold(self.from.clone(), |state, action| {
            self.above.next_state(&state, action)
        });
        end.as_ref() == Some(self.to)
    }
}

/// The model above every promise: it allows anything, because it sees nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anything;

impl Model for Anything {
    type State = ();
    type Action = ();

    fn init_states(&self) -> Vec<()> {
        vec![()]
    }

    fn actions(&self, _: &(), _: &mut Vec<()>) {}

    fn next_state(&self, _: &(), _: ()) -> Option<()> {
        None
    }

    fn properties(&self) -> Vec<Property<Self>> {
        Vec::new()
    }
}
