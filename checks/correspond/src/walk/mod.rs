//! Random walks: one schedule of thousands of events, far beyond what can be explored, looked at after each; and what is left of it when it fails and is shortened.
//!
//! A walk is given by its seed. Messages are lost, come late or twice, nodes are cut off, crash and restart, disks are slow: what can happen to a cluster when it is explored, chosen by chance.

mod chance;
mod shorten;

use std::convert::Infallible;
use std::fmt::{Debug, Display};

use concur_cores::NodeId;
use concur_models::kit::{self, Mapped, Refines, Spec, StepProperty};
use concur_rules::Card;
use stateright::{Expectation, Model};

pub use chance::Weather;
pub use shorten::shorten;

/// A rung on which schedules can be taken by what happens, not by position, so that a schedule means the same when something before it is left out.
pub trait Scheduled: Spec + Refines {
    /// What can happen.
    type Event: Clone + Display + Debug;
    /// What chance remembers of a walk.
    type Chance;

    /// Chance, at the beginning of a walk.
    fn chance(&self, seed: u64) -> Self::Chance;

    /// What chance wants to happen next; `None` where it wants nothing that can.
    fn draw(&self, chance: &mut Self::Chance, state: &Self::State) -> Option<Self::Event>;

    /// The action by which that event is chosen, where it can be.
    fn action(&self, state: &Self::State, event: &Self::Event) -> Option<Self::Action>;

    /// What becomes of a state, if the event can happen there within the bounds.
    fn take(&self, state: &Self::State, event: &Self::Event) -> Option<Self::State>;

    /// What can happen instead of an event that cannot, and is the same but for what counts up, such as terms, ballots and incarnations.
    fn instead(&self, state: &Self::State, event: &Self::Event) -> Option<Self::Event>;

    /// The node at which an event happens.
    fn node(&self, event: &Self::Event) -> NodeId;

    /// Whether an event is a fault, or the end of one, and nothing that a node is there for.
    fn is_fault(&self, event: &Self::Event) -> bool;

    /// The same fault with less harm, if there is one.
    fn milder(&self, event: &Self::Event) -> Option<Self::Event>;

    /// What an event is to someone who watches the nodes.
    fn seen(&self, state: &Self::State, event: &Self::Event) -> kit::Event;

    /// Everything that can happen, or is refused, in a state.
    fn events(&self, state: &Self::State) -> Vec<Self::Event>;

    /// The rules by which cores refuse something that could happen in a state.
    fn refusals(&self, state: &Self::State) -> Vec<&'static str>;

    /// For which actions of the model above the step stands.
    fn stands_for(
        &self,
        before: &Self::State,
        event: &Self::Event,
        after: &Self::State,
        mapped: Mapped<'_, Self::Abstract>,
    ) -> Vec<<Self::Abstract as Model>::Action>;
}

/// A schedule that breaks something.
#[derive(Clone, Debug)]
pub struct Broken<E> {
    /// The property, or the refinement.
    pub what: &'static str,
    /// What happens. The last event breaks it.
    pub schedule: Vec<E>,
}

/// How a walk ended.
#[derive(Clone, Debug)]
pub enum Walked<E> {
    /// With nothing wrong.
    Conforms {
        /// How many events happened.
        steps: u64,
        /// For how many actions of the model above they stood.
        stood_for: u64,
    },
    /// With something wrong.
    Breaks(Broken<E>),
}

/// The name under which a step is reported that the model above does not allow.
pub const REFINEMENT: &str = concur_engine::REFINEMENT;

/// How often chance may want what cannot happen, in a row, before a walk ends.
const PATIENCE: u32 = 1_000;

/// Once in so many draws a walk asks whether something stops it.
const DRAWN_PER_LOOK: u64 = 512;

/// Walks for `steps` events, or until nothing more can happen.
pub fn walk<M: Scheduled>(model: &M, seed: u64, steps: u64) -> Walked<M::Event> {
    let walked: Result<_, Infallible> = walk_until(model, seed, steps, || None);
    match walked {
        Ok(walked) => walked,
    }
}

/// The same, unless something `stops` it before: that is asked now and then.
///
/// # Errors
/// What stopped it.
pub fn walk_until<M: Scheduled, E>(
    model: &M,
    seed: u64,
    steps: u64,
    stops: impl Fn() -> Option<E>,
) -> Result<Walked<M::Event>, E> {
    let mut chance = model.chance(seed);
    let mut watch = Watch::new(model);
    let mut schedule = Vec::new();
    let mut stood_for = 0;
    let mut idle = 0;
    let mut drawn: u64 = 0;
    while (schedule.len() as u64) < steps && idle < PATIENCE {
        idle += 1;
        drawn += 1;
        if drawn.is_multiple_of(DRAWN_PER_LOOK)
            && let Some(stop) = stops()
        {
            return Err(stop);
        }
        let Some(event) = model.draw(&mut chance, &watch.state) else {
            continue;
        };
        match watch.take(&event) {
            Took::Nothing => continue,
            Took::Step(actions) => stood_for += actions,
            Took::Wrong(what) => {
                schedule.push(event);
                return Ok(Walked::Breaks(Broken { what, schedule }));
            }
        }
        schedule.push(event);
        idle = 0;
    }
    Ok(Walked::Conforms {
        steps: schedule.len() as u64,
        stood_for,
    })
}

/// Takes the events that can happen, one after the other, until something is wrong. `None` if nothing is.
pub fn replay<M: Scheduled>(model: &M, schedule: &[M::Event]) -> Option<Broken<M::Event>> {
    replay_or(model, schedule, |_, _| None)
}

/// The same, with what may happen instead of an event that cannot.
fn replay_or<M: Scheduled>(
    model: &M,
    schedule: &[M::Event],
    instead: impl Fn(&M::State, &M::Event) -> Option<M::Event>,
) -> Option<Broken<M::Event>> {
    let mut watch = Watch::new(model);
    let mut happened = Vec::new();
    for event in schedule {
        let mut event = event.clone();
        let mut took = watch.take(&event);
        if matches!(took, Took::Nothing) {
            let Some(other) = instead(&watch.state, &event) else {
                continue;
            };
            took = watch.take(&other);
            event = other;
        }
        match took {
            Took::Nothing => {}
            Took::Step(_) => happened.push(event),
            Took::Wrong(what) => {
                happened.push(event);
                let schedule = happened;
                return Some(Broken { what, schedule });
            }
        }
    }
    None
}

/// The states of a schedule, the initial one first.
pub fn states<M: Scheduled>(model: &M, schedule: &[M::Event]) -> Vec<M::State> {
    let mut states = model.init_states();
    states.truncate(1);
    for event in schedule {
        if let Some(next) = states.last().and_then(|last| model.take(last, event)) {
            states.push(next);
        }
    }
    states
}

/// The rules of the model above that the last step of a schedule breaks.
pub fn broken_rules<M: Scheduled>(model: &M, schedule: &[M::Event]) -> Vec<&'static Card> {
    let states = states(model, schedule);
    let (Some([before, after]), Some(event)) = (states.last_chunk(), schedule.last()) else {
        return Vec::new();
    };
    let [from, to] = [before, after].map(|state| model.abstract_state(state));
    model.broken_rules(&from, &to, |mapped| {
        model.stands_for(before, event, after, mapped)
    })
}

/// What came of an event.
enum Took {
    /// It could not happen.
    Nothing,
    /// It stood for so many actions of the model above.
    Step(u64),
    /// This is broken.
    Wrong(&'static str),
}

/// Looks at each step of a walk: at the model above, at invariants, and at what is claimed of steps.
struct Watch<'m, M: Scheduled> {
    model: &'m M,
    claims: Vec<StepProperty<M>>,
    above: M::Abstract,
    state: M::State,
    mapped: <M::Abstract as Model>::State,
}

impl<'m, M: Scheduled> Watch<'m, M> {
    fn new(model: &'m M) -> Self {
        let state = model.init_states().remove(0);
        Self {
            above: model.abstract_model(),
            mapped: model.abstract_state(&state),
            claims: model.step_properties(),
            state,
            model,
        }
    }

    fn take(&mut self, event: &M::Event) -> Took {
        let Some(after) = self.model.take(&self.state, event) else {
            return Took::Nothing;
        };
        let mapped = self.model.abstract_state(&after);
        let mut actions = 0;
        if mapped != self.mapped {
            let step = Mapped {
                above: &self.above,
                from: &self.mapped,
                to: &mapped,
            };
            let witness = self.model.stands_for(&self.state, event, &after, step);
            actions = witness.len() as u64;
            if !step.is_reached_by(witness, M::STEPS) {
                return Took::Wrong(REFINEMENT);
            }
        }
        if let Some(what) = self.broken_by(event, &after) {
            return Took::Wrong(what);
        }
        self.mapped = mapped;
        self.state = after;
        match self.broken() {
            Some(what) => Took::Wrong(what),
            None => Took::Step(actions),
        }
    }

    /// What is claimed of steps, and not so of this one. Of one that changes nothing nothing is claimed.
    fn broken_by(&self, event: &M::Event, after: &M::State) -> Option<&'static str> {
        if self.claims.is_empty() || self.state == *after {
            return None;
        }
        // What a shortened schedule asks out of turn has no name among what may be chosen there.
        let action = self.model.action(&self.state, event)?;
        let holds =
            |claim: &&StepProperty<M>| (claim.holds)(self.model, &self.state, &action, after);
        let broken = self.claims.iter().find(|claim| !holds(claim));
        broken.map(|claim| claim.name)
    }

    fn broken(&self) -> Option<&'static str> {
        let mut invariants = self.model.properties().into_iter();
        let broken = invariants.find(|property| {
            property.expectation == Expectation::Always
                && !(property.condition)(self.model, &self.state)
        });
        broken.map(|property| property.name)
    }
}
