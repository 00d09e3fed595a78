//! What of the model above a cluster does: so that nothing conforms by doing nothing.
//!
//! Each step of a cluster stands for transitions of the model above. These are collected, and held against all transitions that the model has at the same size.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Debug, Display, Formatter};
use std::hash::Hash;
use std::sync::Mutex;

use concur_engine::explore::{Exploration, Plan, explore};
use concur_engine::fingerprint::Fingerprinter;
use concur_engine::lens::{Breach, Lens, Rungwise};
use concur_engine::limits::Progress;
use concur_models::kit::{Mapped, Refines, Spec};
use stateright::Model;

/// How much of the model above a cluster does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repertoire {
    /// For each action of the model: its transitions for which a step of the cluster stands, and all of them; stutters aside.
    pub actions: BTreeMap<String, Covered>,
    /// States of the model above, at that size.
    pub states: u64,
}

/// How much of the model above clusters of several sizes do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repertoires {
    /// For each action of the model: the least and the most of its transitions that are taken at a size.
    pub actions: BTreeMap<String, Between>,
    /// States of the model above, at all sizes together.
    pub states: u64,
}

impl Repertoires {
    /// Adds what was found at another size.
    pub fn add(&mut self, other: Repertoire) {
        self.states += other.states;
        for (action, covered) in other.actions {
            let between = self.actions.entry(action).or_insert(Between {
                least: covered,
                most: covered,
            });
            if covered.is_more_than(between.most) {
                between.most = covered;
            } else if between.least.is_more_than(covered) {
                between.least = covered;
            }
        }
    }
}

/// What was found at the size at which the smallest part of an action's transitions is taken, and the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// The smallest part.
    pub least: Covered,
    /// The largest part.
    pub most: Covered,
}

/// Transitions of one action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// Those for which a step of the cluster stands.
    pub taken: u64,
    /// All of them.
    pub all: u64,
}

impl Covered {
    /// Whether all are taken.
    pub fn is_all(self) -> bool {
        self.taken == self.all
    }

    fn is_more_than(self, other: Self) -> bool {
        self.taken * other.all > other.taken * self.all
    }
}

impl Display for Covered {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.taken, self.all)
    }
}

/// Something that the model above may do where a cluster comes to rest, and stays until something happens.
pub struct AtRest<A: Model> {
    /// Where.
    pub from: A::State,
    /// What.
    pub action: A::Action,
    /// Whether a step of the cluster stands for it.
    pub taken: bool,
}

/// Explores the cluster, and looks at all that the model above may do where the cluster comes to rest, in no order.
pub fn at_rest<M: Spec + Refines>(
    model: &M,
    plan: &Plan,
    progress: &Progress,
) -> (Exploration, Vec<AtRest<M::Abstract>>) {
    let lens = Witnessing::new(model);
    let found = explore(model, &lens, plan, progress);
    let (taken, rests) = lens.into_taken();
    let above = model.abstract_model();
    let transitions = rests.iter().flat_map(|from| {
        let transitions = transitions_from(&above, from).into_iter();
        transitions.map(|(action, to)| AtRest {
            taken: taken.contains(&transition(from, &action, &to)),
            from: from.clone(),
            action,
        })
    });
    (found, transitions.collect())
}

/// Explores the cluster, and the model above it: how much of it the cluster does.
///
/// `None` if the model has more than `most` states, so that its transitions were not looked at.
pub fn repertoire<M: Spec + Refines>(
    model: &M,
    plan: &Plan,
    progress: &Progress,
    most: usize,
) -> (Exploration, Option<Repertoire>) {
    let lens = Witnessing::new(model);
    let found = explore(model, &lens, plan, progress);
    let (taken, _) = lens.into_taken();
    let repertoire = transitions(&model.abstract_model(), most).map(|(states, all)| {
        let mut actions: BTreeMap<String, Covered> = BTreeMap::new();
        for (kind, name) in all {
            let covered = actions.entry(kind).or_default();
            covered.all += 1;
            covered.taken += u64::from(taken.contains(&name));
        }
        Repertoire { actions, states }
    });
    (found, repertoire)
}

/// A transition, by its fingerprint.
type Transition = u64;

fn transition<S: Hash, A: Debug>(from: &S, action: &A, to: &S) -> Transition {
    Fingerprinter::new(0).of(&(from, format!("{action:?}"), to))
}

/// The name of an action, as it prints.
fn kind(action: &impl Debug) -> String {
    let text = format!("{action:?}");
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    text[..end.unwrap_or(text.len())].to_owned()
}

/// What a model may do in a state that changes it, and what the state becomes.
fn transitions_from<A>(model: &A, state: &A::State) -> Vec<(A::Action, A::State)>
where
    A: Model<State: PartialEq, Action: Clone>,
{
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    let next = actions.into_iter().filter_map(|action| {
        let to = model.next_state(state, action.clone())?;
        (to != *state && model.within_boundary(&to)).then_some((action, to))
    });
    next.collect()
}

/// Every transition of a model that changes its state, each with the name of its action; `None` if there are more than `most` states.
fn transitions<A>(model: &A, most: usize) -> Option<(u64, Vec<(String, Transition)>)>
where
    A: Model<State: Hash + Eq + Clone, Action: Clone + Debug>,
{
    let mut seen: HashSet<A::State> = HashSet::new();
    let mut next = model.init_states();
    let mut found = Vec::new();
    let mut known = HashSet::new();
    while let Some(state) = next.pop() {
        if seen.len() >= most {
            return None;
        }
        if !model.within_boundary(&state) || !seen.insert(state.clone()) {
            continue;
        }
        for (action, to) in transitions_from(model, &state) {
            let name = transition(&state, &action, &to);
            if known.insert(name) {
                found.push((kind(&action), name));
                next.push(to);
            }
        }
    }
    Some((seen.len() as u64, found))
}

/// Looks at everything that a rung says of itself, and remembers for which transitions of the rung above its steps stand.
struct Witnessing<'m, M: Spec + Refines> {
    model: &'m M,
    above: M::Abstract,
    rungwise: Rungwise<'m, M>,
    taken: Vec<Mutex<HashSet<Transition>>>,
    rests: Vec<Mutex<HashSet<AboveState<M>>>>,
}

type AboveState<M> = <<M as Refines>::Abstract as Model>::State;

/// So that workers seldom wait for each other.
const SHARDS: usize = 64;

impl<'m, M: Spec + Refines> Witnessing<'m, M> {
    fn new(model: &'m M) -> Self {
        Self {
            model,
            above: model.abstract_model(),
            rungwise: Rungwise::new(model, false),
            taken: (0..SHARDS).map(|_| Mutex::default()).collect(),
            rests: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// The transitions for which steps stand, and the states of the rung above in which the rung comes to rest.
    fn into_taken(self) -> (HashSet<Transition>, HashSet<AboveState<M>>) {
        (all_of(self.taken), all_of(self.rests))
    }

    fn rests(&self, state: &AboveState<M>) {
        let shard = Fingerprinter::new(0).of(state) as usize % SHARDS;
        if let Ok(mut rests) = self.rests[shard].lock()
            && !rests.contains(state)
        {
            rests.insert(state.clone());
        }
    }

    fn note(&self, from: &AboveState<M>, before: &M::State, action: &M::Action, after: &M::State) {
        let to = &self.model.abstract_state(after);
        let above = &self.above;
        let mapped = Mapped { above, from, to };
        let witness = self.model.witness(before, action, after, mapped);
        self.rests(from);
        let mut at = from.clone();
        for step in witness {
            let Some(next) = above.next_state(&at, step.clone()) else {
                return;
            };
            let name = transition(&at, &step, &next);
            if let Ok(mut taken) = self.taken[name as usize % SHARDS].lock() {
                taken.insert(name);
            }
            at = next;
        }
        self.rests(&at);
    }
}

fn all_of<T: Hash + Eq>(shards: Vec<Mutex<HashSet<T>>>) -> HashSet<T> {
    let sets = shards.into_iter();
    let sets = sets.map(|shard| shard.into_inner().unwrap_or_default());
    sets.flatten().collect()
}

impl<M: Spec + Refines> Lens<M> for Witnessing<'_, M> {
    type Memo = <Rungwise<'static, M> as Lens<M>>::Memo;
    type Cache = <Rungwise<'static, M> as Lens<M>>::Cache;

    const KINDS: &'static [&'static str] = <Rungwise<'static, M> as Lens<M>>::KINDS;
    const BOUNDS: &'static [&'static str] = <Rungwise<'static, M> as Lens<M>>::BOUNDS;

    fn kind(&self, action: &M::Action) -> usize {
        self.rungwise.kind(action)
    }

    fn exceeded(&self, state: &M::State) -> Option<usize> {
        self.rungwise.exceeded(state)
    }

    fn fingerprint(&self, fingerprinter: &Fingerprinter, state: &M::State) -> u64 {
        self.rungwise.fingerprint(fingerprinter, state)
    }

    fn check_initial(&self, state: &M::State) -> Option<Breach> {
        self.rungwise.check_initial(state)
    }

    fn remember(&self, state: &M::State) -> Self::Memo {
        self.rungwise.remember(state)
    }

    fn check_step(
        &self,
        cache: &mut Self::Cache,
        memo: &Self::Memo,
        before: &M::State,
        action: &M::Action,
        after: &M::State,
    ) -> Option<Breach> {
        if let Some(from) = memo {
            self.note(from, before, action, after);
        }
        self.rungwise.check_step(cache, memo, before, action, after)
    }
}
