//! What a model promises to do, and what it needs of its environment for that: fairness and liveness.
//!
//! A behaviour is what TLA+ means by one: it may stutter, for ever, in any state, unless fairness forbids that. Nothing moves by itself: that "something
//! happens as long as something can" is an assumption like any other. A step that leaves the state as it is is a stutter, and takes no action; so an action is
//! *enabled* where it leads to another state (TLA+'s `ENABLED <<A>>_vars`). It is enabled even where it leads outside of the model's bounds.

use stateright::Model;

use super::{NoSuchModel, Param, Settings, Spec, Tier, Values};

/// Whether something is so in a state.
pub type Predicate<M> = fn(&M, &<M as Model>::State) -> bool;

/// How long a class of actions must be enabled until one of them is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// What stays enabled is taken at some time (TLA+'s `WF`): taken again and again, or disabled again and again.
    Weak,
    /// What is enabled again and again is taken again and again (TLA+'s `SF`).
    Strong,
}

/// The actions that are treated fairly.
pub enum Class<M: Model> {
    /// Those for which it is true, all together: it is enough that one of them is taken.
    One(fn(&M, &M::State, &M::Action) -> bool),
    /// Many classes, told apart by a number; each is treated fairly by itself. `None` for an action of no class.
    Each(fn(&M, &M::State, &M::Action) -> Option<usize>),
}

impl<M: Model> Class<M> {
    /// The class of `action` in `state`, if it has one.
    pub fn of(&self, model: &M, state: &M::State, action: &M::Action) -> Option<usize> {
        match self {
            Self::One(belongs) => belongs(model, state, action).then_some(0),
            Self::Each(class) => class(model, state, action),
        }
    }
}

/// What is assumed of the environment, or of the scheduler.
pub struct Fairness<M: Model> {
    /// A sentence about it, such as "a message that was sent and stays sent arrives".
    pub name: &'static str,
    /// Weak or strong.
    pub strength: Strength,
    /// Which actions it speaks of.
    pub class: Class<M>,
}

impl<M: Model> Fairness<M> {
    /// If one of these actions stays enabled, one is taken.
    pub fn weak(name: &'static str, actions: fn(&M, &M::State, &M::Action) -> bool) -> Self {
        Self {
            name,
            strength: Strength::Weak,
            class: Class::One(actions),
        }
    }

    /// If one of these actions is enabled again and again, one is taken again and again.
    pub fn strong(name: &'static str, actions: fn(&M, &M::State, &M::Action) -> bool) -> Self {
        Self {
            name,
            strength: Strength::Strong,
            class: Class::One(actions),
        }
    }

    /// The same of each class by itself: of each node, of each pair of nodes.
    pub fn each(
        name: &'static str,
        strength: Strength,
        class: fn(&M, &M::State, &M::Action) -> Option<usize>,
    ) -> Self {
        Self {
            name,
            strength,
            class: Class::Each(class),
        }
    }
}

/// What must happen.
pub enum Claim<M: Model> {
    /// At some time P (◇P).
    Eventually(Predicate<M>),
    /// Whenever P, then or later Q (P ↝ Q).
    LeadsTo(Predicate<M>, Predicate<M>),
    /// Again and again P (□◇P).
    AlwaysEventually(Predicate<M>),
    /// From some time on P, for ever (◇□P).
    EventuallyAlways(Predicate<M>),
}

impl<M: Model> Claim<M> {
    /// The predicates that it speaks of.
    pub fn predicates(&self) -> Vec<Predicate<M>> {
        match self {
            Self::Eventually(p) | Self::AlwaysEventually(p) | Self::EventuallyAlways(p) => vec![*p],
            Self::LeadsTo(p, q) => vec![*p, *q],
        }
    }
}

/// Something that must happen, if the environment is fair.
pub struct Promise<M: Model> {
    /// Its name.
    pub name: &'static str,
    /// What must happen.
    pub claim: Claim<M>,
    /// The names of the [`Fairness`] that it needs: without any one of them it is not kept.
    pub needs: &'static [&'static str],
}

/// A rung that says what it does, not only what it never does.
pub trait Temporal: Spec {
    /// What may be assumed. The names are unique.
    fn fairness(&self) -> Vec<Fairness<Self>>;

    /// What must happen, and which of [`Temporal::fairness`] that needs. The names are unique.
    fn promises(&self) -> Vec<Promise<Self>>;
}

/// A promise that is not kept, although all that it needs is assumed: a famous failure, and an expected result.
#[derive(Clone, Copy, Debug)]
pub struct Broken {
    /// The name of the promise.
    pub promise: &'static str,
    /// Steps from an initial state to the cycle of the lasso that shows it.
    pub stem: usize,
    /// Steps of its cycle.
    pub cycle: usize,
    /// Why no implementation could keep it.
    pub because: &'static str,
}

/// A named size at which a model's promises are judged.
#[derive(Clone, Copy, Debug)]
pub struct LiveConfig {
    /// Its name, the last part of a selector. Begins with `live`: `live,rms=3`.
    pub name: &'static str,
    /// Where it runs.
    pub tier: Tier,
    /// The parameters that differ from the defaults.
    pub settings: Settings,
    /// The distinct states of the graph.
    pub distinct: u64,
    /// The steps between them, stutters left out.
    pub steps: u64,
    /// The promises that are expected to be broken here.
    pub broken: &'static [Broken],
    /// The promises that are never due at this size. They are not claimed here; all others are kept.
    pub vacuous: &'static [&'static str],
}

impl LiveConfig {
    /// One that takes under a second, and at which every promise is kept.
    pub const fn small(name: &'static str, settings: Settings, distinct: u64, steps: u64) -> Self {
        Self {
            name,
            tier: Tier::Small,
            settings,
            distinct,
            steps,
            broken: &[],
            vacuous: &[],
        }
    }

    /// The same, of another tier.
    pub const fn at(self, tier: Tier) -> Self {
        Self { tier, ..self }
    }

    /// The same, with promises that are expected to be broken.
    pub const fn breaks(self, broken: &'static [Broken]) -> Self {
        Self { broken, ..self }
    }

    /// The same, without a claim about `vacuous` promises.
    pub const fn without(self, vacuous: &'static [&'static str]) -> Self {
        Self { vacuous, ..self }
    }
}

/// A family of models whose promises are judged, by size: most often a [`Rung`](super::Rung), as published.
pub trait Live: Send + Sync + 'static {
    /// The model.
    type Model: Temporal;

    /// The protocol, the first part of a selector.
    const PROTOCOL: &'static str;
    /// The rung, or the model, the second part of a selector.
    const NAME: &'static str;
    /// What is promised, in one sentence.
    const CLAIM: &'static str;
    /// Where that is said: paper and section, or specification and formula.
    const SOURCE: &'static str;
    /// The parameters.
    const PARAMS: &'static [Param];
    /// The named sizes, small ones first.
    const CONFIGS: &'static [LiveConfig];

    /// The model of that size.
    ///
    /// # Errors
    /// If the values, each within its domain, are together too large for the model's inline state.
    fn model(values: &Values) -> Result<Self::Model, NoSuchModel>;
}
