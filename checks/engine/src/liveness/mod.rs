//! Liveness under stated fairness, for finite models: sound and complete, up to collisions of fingerprints.
//!
//! A promise is broken by a behaviour that is fair and stays in a *region* for ever: where P is false, for "eventually P"; where Q is false, once P was true, for
//! "P leads to Q". In a finite graph that is a path and a fair cycle (`components.rs`). It is shown as a [`Lasso`], which an independent [`validate()`]
//! takes again, step by step on the model, before it is reported.
//!
//! What a behaviour and a fair one are, [`concur_models::kit::Temporal`] says: as in TLA+, every state may stutter, deadlocked or not, and a stutter takes no action.
//!
//! **Bounds.** A step that leads outside of the model's bounds is not followed, but it counts as enabled. So a state at the edge is neither a deadlock nor a place
//! where an action is disabled, and a lasso is a fair behaviour of the unbounded model: *fails* does not depend on the bounds. *Holds* does: a behaviour may leave
//! them and break the promise outside. It is said only if no step leads outside while the promise is due ("eventually P": from the states in which P was never
//! true), or, where it can become due later, if no step leads outside at all. Otherwise the outcome is [`Outcome::Bounded`], which is not a pass: within the bounds
//! there may not even be a fair behaviour. Limits (states, depth, time, memory) leave everything unknown, since states that were not expanded say nothing of what
//! is enabled there.
//!
//! **Memory.** 17 to 25 bytes per state and 6 per step, and the frontier, while the graph is built; then 28 per state at most, and 6 per step, while a promise is
//! judged; 8 more per state to find a lasso. Predicates take one bit per state each. What grows has up to an eighth of room to grow. Two-phase commit with 8 resource
//! managers (1,745,408 states, 11,657,217 steps) takes 119 MB while it is built, and 82 MB after that: 47 bytes per state with 6.7 steps each.
//!
//! **Symmetry is refused**: in the graph of representatives a cycle may be a path from a state to its permutation. There, each node in turn is neglected for ever, and yet
//! "node 1" looks served on the cycle; or the other way round. That a class is taken cannot be told without knowing the permutation of each step.

mod components;
mod graph;
mod lasso;
pub mod naive;
pub mod validate;

use std::fmt;
use std::time::Instant;

use concur_models::kit::{Claim, Fairness, Promise, Strength, Temporal};

use super::limits::{Limits, Progress, Stop};
use components::{Components, Demands};
use graph::{Bits, Builder, Graph};
pub use lasso::Lasso;
use validate::{Flaw, Met, validate};

/// How to build the graph.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How far it goes.
    pub limits: Limits,
    /// The seed of the fingerprints.
    pub seed: u64,
    /// Whether one state should stand for all its permutations, which is refused.
    pub symmetry: bool,
}

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A limit was reached.
    Stopped(Stop),
    /// States or steps are more than 2³².
    TooLarge,
    /// More than 128 classes of actions, or more than 65,536 sets of them.
    TooManyClasses,
    /// Symmetry was asked for.
    Symmetry,
    /// There is no promise, or no fairness, of that name.
    NoSuch(String),
    /// The validator does not accept the lasso: two states have the same fingerprint, or the engine is wrong.
    Disputed(Flaw),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(stop) => stop.fmt(f),
            Self::TooLarge => f.write_str("more than 2^32 states or steps"),
            Self::TooManyClasses => f.write_str("more than 128 classes of actions are to be treated fairly, or more than 65,536 sets of them"),
            Self::Symmetry => f.write_str("symmetry is not sound for liveness: a cycle of representatives may lead from a state to its permutation, and hides which node's actions are taken"),
            Self::NoSuch(name) => write!(f, "there is no promise or fairness named {name:?}"),
            Self::Disputed(flaw) => write!(f, "the lasso that was found is none: {flaw}; try another --seed"),
        }
    }
}

/// What was found out about a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<S, A> {
    /// Every fair behaviour keeps it.
    Holds,
    /// A fair behaviour breaks it. The validator has accepted it, and says how each class is treated fairly.
    Fails(Lasso<S, A>, Vec<Met>),
    /// Every fair behaviour that stays within the bounds keeps it; so many steps lead outside. This is not a pass.
    Bounded(u64),
}

/// A promise, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<S, A> {
    /// The promise.
    pub promise: &'static str,
    /// The fairness that was assumed: of the promise's needs, what was not dropped.
    pub assumed: Vec<&'static str>,
    /// What was found out.
    pub outcome: Outcome<S, A>,
    /// In how many states the promise is due; for "eventually always P", in how many P is false. If there is none, it says nothing.
    pub due: u64,
}

/// Where a promise is broken.
#[derive(Clone, Copy, Debug)]
enum Region {
    /// Where a predicate is false.
    False(usize),
    /// Everywhere.
    Everywhere,
}

/// Where a promise becomes due, and where it stays so.
#[derive(Clone, Copy, Debug)]
struct Shape {
    region: Region,
    /// It becomes due only where this predicate is true.
    when: Option<usize>,
    /// It can become due in initial states only.
    from_the_start: bool,
}

impl Shape {
    fn goes_on(self, graph: &Graph, state: u32) -> bool {
        match self.region {
            Region::False(predicate) => !graph.predicates[predicate].has(state),
            Region::Everywhere => true,
        }
    }

    fn begins(self, graph: &Graph, state: u32) -> bool {
        let when = |predicate: usize| graph.predicates[predicate].has(state);
        self.goes_on(graph, state) && self.when.is_none_or(when)
    }

    /// The states in which the promise is due.
    fn due(self, graph: &Graph) -> Bits {
        let mut due = Bits::none(graph.states());
        let initial: Vec<u32> = graph.initial.iter().map(|(_, state)| *state).collect();
        let mut open = Vec::new();
        let mut begin = |state: u32| {
            if self.begins(graph, state) && due.add(state) {
                open.push(state);
            }
        };
        if self.from_the_start {
            initial.into_iter().for_each(&mut begin);
        } else {
            (0..graph.states() as u32).for_each(&mut begin);
        }
        while let Some(state) = open.pop() {
            for target in graph.row(state).map(|step| graph.target(step)) {
                if self.goes_on(graph, target) && due.add(target) {
                    open.push(target);
                }
            }
        }
        due
    }
}

/// Whether to go on: the limits, from the moment at which the graph was begun.
struct Watch<'m> {
    limits: Limits,
    progress: &'m Progress,
    started: Instant,
}

impl Watch<'_> {
    fn look(&self) -> Result<(), Why> {
        let stop = self.limits.reached(self.started, self.progress);
        stop.map_or(Ok(()), |stop| Err(Why::Stopped(stop)))
    }
}

/// A model's reachable states, ready to judge its promises.
pub struct Liveness<'m, M: Temporal> {
    model: &'m M,
    watch: Watch<'m>,
    fairness: Vec<Fairness<M>>,
    promises: Vec<Promise<M>>,
    graph: Graph,
}

impl<'m, M: Temporal> Liveness<'m, M> {
    /// Builds the graph. A model that panics does so here: its safety is to be checked first.
    ///
    /// # Errors
    /// If a limit is reached, and if symmetry is asked for.
    pub fn of(model: &'m M, plan: &Plan, progress: &'m Progress) -> Result<Self, Why> {
        if plan.symmetry {
            return Err(Why::Symmetry);
        }
        let (fairness, promises) = (model.fairness(), model.promises());
        let predicates = promises.iter().flat_map(|p| p.claim.predicates()).collect();
        let started = Instant::now();
        let graph = Builder::new(model, &fairness, predicates, plan, progress, started).build()?;
        // As many states as allowed is no reason to leave them unjudged.
        let limits = Limits {
            max_states: None,
            ..plan.limits.clone()
        };
        Ok(Self {
            model,
            watch: Watch {
                limits,
                progress,
                started,
            },
            fairness,
            promises,
            graph,
        })
    }

    /// The number of reachable states within the bounds.
    pub fn states(&self) -> u64 {
        self.graph.states() as u64
    }

    /// States on the longest of all shortest paths, the initial state alone being 1.
    pub fn depth(&self) -> u32 {
        self.graph.depth
    }

    /// The number of steps that lead outside of the bounds, and of initial states there.
    pub fn cut(&self) -> u64 {
        self.graph.cut_steps
    }

    /// The number of steps between them, stutters left out.
    pub fn steps(&self) -> u64 {
        self.graph.steps() as u64
    }

    /// The bytes that the graph takes.
    pub fn bytes(&self) -> u64 {
        self.graph.bytes()
    }

    /// The promises, in the order of the model.
    pub fn promises(&self) -> impl Iterator<Item = &Promise<M>> {
        self.promises.iter()
    }

    /// Judges a promise under the fairness that it needs, without what is dropped.
    ///
    /// # Errors
    /// If a limit is reached, or if there is nothing of that name.
    pub fn judge(
        &self,
        promise: &str,
        dropped: &[&str],
    ) -> Result<Judged<M::State, M::Action>, Why> {
        let named = |p: &&Promise<M>| p.name == promise;
        let found = self.promises.iter().find(named);
        let promise = found.ok_or_else(|| Why::NoSuch(promise.to_owned()))?;
        let assumed = self.assumed(promise, dropped)?;
        let (shape, demands) = self.shape(promise, &assumed);
        let due = shape.due(&self.graph);
        let components = Components::find(&self.graph, &due, demands, &self.watch)?;
        let outcome = if !components.fair.is_empty() {
            let lasso = lasso::find(&self.graph, shape, demands, &components, &self.watch)?
                .and_then(|path| lasso::replay(self.model, &self.graph, &path))
                .ok_or(Why::Disputed(Flaw::NoCycle))?;
            let met =
                validate(self.model, promise.name, &assumed, &lasso).map_err(Why::Disputed)?;
            Outcome::Fails(lasso, met)
        } else if self.escapes(shape, &due) {
            Outcome::Bounded(self.graph.cut_steps)
        } else {
            Outcome::Holds
        };
        Ok(Judged {
            promise: promise.name,
            assumed,
            outcome,
            due: match demands.once_false {
                Some(predicate) => self.states() - self.graph.predicates[predicate].count(),
                None => due.count(),
            },
        })
    }

    fn assumed(&self, promise: &Promise<M>, dropped: &[&str]) -> Result<Vec<&'static str>, Why> {
        let known = |name: &str| self.fairness.iter().any(|f| f.name == name);
        let unknown = promise.needs.iter().find(|name| !known(name));
        let stray = dropped.iter().find(|name| !promise.needs.contains(name));
        if let Some(name) = unknown.or(stray) {
            return Err(Why::NoSuch((*name).to_owned()));
        }
        let kept = promise.needs.iter().filter(|name| !dropped.contains(name));
        Ok(kept.copied().collect())
    }

    fn shape(&self, promise: &Promise<M>, assumed: &[&str]) -> (Shape, Demands) {
        let before = self.promises.iter().take_while(|p| p.name != promise.name);
        let first: usize = before.map(|p| p.claim.predicates().len()).sum();
        let (region, when, once_false) = match promise.claim {
            Claim::Eventually(_) | Claim::AlwaysEventually(_) => (Region::False(first), None, None),
            Claim::LeadsTo(..) => (Region::False(first + 1), Some(first), None),
            Claim::EventuallyAlways(_) => (Region::Everywhere, None, Some(first)),
        };
        let mut demands = Demands {
            once_false,
            ..Demands::default()
        };
        for (bit, &(item, _)) in self.graph.classes.iter().enumerate() {
            let fairness = &self.fairness[item];
            if assumed.contains(&fairness.name) {
                match fairness.strength {
                    Strength::Weak => demands.weak |= 1 << bit,
                    Strength::Strong => demands.strong |= 1 << bit,
                }
            }
        }
        let from_the_start = matches!(promise.claim, Claim::Eventually(_));
        let shape = Shape {
            region,
            when,
            from_the_start,
        };
        (shape, demands)
    }

    /// Whether a behaviour that leaves the bounds may break the promise.
    fn escapes(&self, shape: Shape, due: &Bits) -> bool {
        if !shape.from_the_start {
            return self.graph.cut_steps > 0;
        }
        self.graph.cut_initial || self.graph.cut_states().any(|state| due.has(state))
    }
}
