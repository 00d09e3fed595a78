//! What a search looks at besides a model's own properties: steps, refinement, bounds, symmetry.

use concur_models::kit::{Mapped, Named, Refines, Spec, StepProperty};
use stateright::Model;

use super::fingerprint::Fingerprinter;

/// What can be wrong, in the order in which one is reported when several are wrong at the same depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breach {
    /// The `always` property of that position in [`Model::properties`] is false in a state.
    Property(usize),
    /// The step property of that position in [`Spec::step_properties`] is false of a step.
    Step(usize),
    /// A step, or an initial state, is none of the rung above.
    Refinement,
    /// The model panicked.
    Panic,
}

/// What a search sees of a model.
pub trait Lens<M: Model>: Sync {
    /// What is remembered of a state while its successors are looked at.
    type Memo;
    /// What a worker keeps to itself.
    type Cache: Default;

    /// The names of the kinds of actions.
    const KINDS: &'static [&'static str];
    /// The names of the bounds.
    const BOUNDS: &'static [&'static str];

    /// The kind of an action.
    fn kind(&self, action: &M::Action) -> usize;

    /// The bound that `state` exceeds, if any.
    fn exceeded(&self, state: &M::State) -> Option<usize>;

    /// The fingerprint of `state`, or of all states that are the same under symmetry.
    fn fingerprint(&self, fingerprinter: &Fingerprinter, state: &M::State) -> u64;

    /// Whether that is looked for. What is not is passed over, and the search goes on.
    fn looks_for(&self, _: Breach) -> bool {
        true
    }

    /// What is wrong with an initial state, its properties aside.
    fn check_initial(&self, state: &M::State) -> Option<Breach>;

    /// What the checks of the steps out of `state` need to know.
    fn remember(&self, state: &M::State) -> Self::Memo;

    /// What is wrong with the step from `before` by `action` to `after`.
    fn check_step(
        &self,
        cache: &mut Self::Cache,
        memo: &Self::Memo,
        before: &M::State,
        action: &M::Action,
        after: &M::State,
    ) -> Option<Breach>;
}

/// Sees of any stateright model what stateright sees.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'m, M>(pub &'m M);

impl<M: Model<State: std::hash::Hash> + Sync> Lens<M> for Plain<'_, M> {
    type Memo = ();
    type Cache = ();

    const KINDS: &'static [&'static str] = &["action"];
    const BOUNDS: &'static [&'static str] = &["boundary"];

    #[inline(always)]
    fn kind(&self, _: &M::Action) -> usize {
        0
    }

    #[inline(always)]
    fn exceeded(&self, state: &M::State) -> Option<usize> {
        (!self.0.within_boundary(state)).then_some(0)
    }

    #[inline(always)]
    fn fingerprint(&self, fingerprinter: &Fingerprinter, state: &M::State) -> u64 {
        fingerprinter.of(state)
    }

    fn check_initial(&self, _: &M::State) -> Option<Breach> {
        None
    }

    #[inline(always)]
    fn remember(&self, _: &M::State) {}

    #[inline(always)]
    fn check_step(
        &self,
        (): &mut (),
        (): &(),
        _: &M::State,
        _: &M::Action,
        _: &M::State,
    ) -> Option<Breach> {
        None
    }
}

/// Sees everything that a rung says of itself, or one claim alone.
pub struct Rungwise<'m, M: Spec + Refines> {
    model: &'m M,
    abstract_model: M::Abstract,
    step_properties: Vec<(usize, StepProperty<M>)>,
    symmetry: bool,
    only: Option<Breach>,
}

impl<'m, M: Spec + Refines> Rungwise<'m, M> {
    /// Looks at `model`, at one state for all that are the same under `symmetry` if that is asked for.
    pub fn new(model: &'m M, symmetry: bool) -> Self {
        Self {
            model,
            abstract_model: model.abstract_model(),
            step_properties: model.step_properties().into_iter().enumerate().collect(),
            symmetry,
            only: None,
        }
    }

    /// Looks for that one breach, and for panics; whatever else is wrong is passed over.
    pub fn only(mut self, breach: Breach) -> Self {
        self.step_properties
            .retain(|(index, _)| breach == Breach::Step(*index));
        self.only = Some(breach);
        self
    }

    fn refines(
        &self,
        cache: &mut AbstractSteps<M::Abstract>,
        from: &AbstractState<M>,
        before: &M::State,
        action: &M::Action,
        after: &M::State,
    ) -> bool {
        let to = &self.model.abstract_state(after);
        if from == to {
            return true;
        }
        let above = &self.abstract_model;
        let mapped = Mapped { above, from, to };
        match M::STEPS {
            1 => cache.allows(mapped),
            most => mapped.is_reached_by(self.model.witness(before, action, after, mapped), most),
        }
    }
}

type AbstractState<M> = <<M as Refines>::Abstract as Model>::State;

impl<M: Spec + Refines> Lens<M> for Rungwise<'_, M> {
    /// What the rung above sees, if it is asked.
    type Memo = Option<AbstractState<M>>;
    type Cache = AbstractSteps<M::Abstract>;

    const KINDS: &'static [&'static str] = <M::Action as Named>::NAMES;
    const BOUNDS: &'static [&'static str] = M::BOUNDS;

    #[inline(always)]
    fn kind(&self, action: &M::Action) -> usize {
        action.kind()
    }

    #[inline(always)]
    fn exceeded(&self, state: &M::State) -> Option<usize> {
        self.model.exceeded(state)
    }

    #[inline(always)]
    fn fingerprint(&self, fingerprinter: &Fingerprinter, state: &M::State) -> u64 {
        if self.symmetry {
            fingerprinter.of(&self.model.canonical(state))
        } else {
            fingerprinter.of(state)
        }
    }

    fn looks_for(&self, breach: Breach) -> bool {
        self.only.is_none_or(|only| only == breach)
    }

    fn check_initial(&self, state: &M::State) -> Option<Breach> {
        if !self.looks_for(Breach::Refinement) {
            return None;
        }
        let initial = self.abstract_model.init_states();
        (!initial.contains(&self.model.abstract_state(state))).then_some(Breach::Refinement)
    }

    #[inline(always)]
    fn remember(&self, state: &M::State) -> Option<AbstractState<M>> {
        self.looks_for(Breach::Refinement)
            .then(|| self.model.abstract_state(state))
    }

    #[inline(always)]
    fn check_step(
        &self,
        cache: &mut Self::Cache,
        memo: &Self::Memo,
        before: &M::State,
        action: &M::Action,
        after: &M::State,
    ) -> Option<Breach> {
        self.step_properties
            .iter()
            .find(|(_, property)| !(property.holds)(self.model, before, action, after))
            .map(|(index, _)| Breach::Step(*index))
            .or_else(|| {
                let from = memo.as_ref()?;
                (!self.refines(cache, from, before, action, after)).then_some(Breach::Refinement)
            })
    }
}

/// Steps of the rung above that were found to be allowed, where it takes some time to find them: many steps below are the same step above.
///
/// A direct-mapped cache of exact pairs, so that no collision lets a forbidden step pass.
pub struct AbstractSteps<A: Model> {
    slots: Vec<Option<(A::State, A::State)>>,
    fingerprinter: Fingerprinter,
    actions: Vec<A::Action>,
}

const SLOTS: usize = 1 << 14;

impl<A: Model> Default for AbstractSteps<A> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            fingerprinter: Fingerprinter::new(0),
            actions: Vec::new(),
        }
    }
}

impl<A: Model<State: std::hash::Hash + Eq + Clone>> AbstractSteps<A> {
    /// Whether the rung above has a step from one state to the other.
    fn allows(&mut self, Mapped { above, from, to }: Mapped<'_, A>) -> bool {
        self.slots.resize_with(SLOTS, || None);
        let slot = self.fingerprinter.of(&(from, to)) as usize % SLOTS;
        if matches!(&self.slots[slot], Some((f, t)) if f == from && t == to) {
            return true;
        }
        self.actions.clear();
        above.actions(from, &mut self.actions);
        let mut actions = self.actions.drain(..);
        let allowed = actions.any(|action| above.next_state(from, action).as_ref() == Some(to));
        if allowed {
            self.slots[slot] = Some((from.clone(), to.clone()));
        }
        allowed
    }
}
