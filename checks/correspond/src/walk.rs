//! Random walks: one schedule of thousands of events, far beyond what can be explored, looked at after each; and what is left of it when it fails and is shortened.
//!
//! A walk is given by its seed. Messages are lost, come late or twice, nodes are cut off, crash and restart, disks are slow: what can happen to a cluster when it is explored, chosen by chance.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::{Debug, Display};

use concur_cores::NodeId;
use concur_models::kit::{self, Refines, Spec};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stateright::{Expectation, Model};

use crate::cluster::{Clustered, Event, Packet, Shared, StateOf};
use crate::{Core, Correspondence};

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

    /// What becomes of a state, if the event can happen there within the bounds.
    fn take(&self, state: &Self::State, event: &Self::Event) -> Option<Self::State>;

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

/// Walks for `steps` events, or until nothing more can happen.
pub fn walk<M: Scheduled>(model: &M, seed: u64, steps: u64) -> Walked<M::Event> {
    let mut chance = model.chance(seed);
    let mut watch = Watch::new(model);
    let mut schedule = Vec::new();
    let mut stood_for = 0;
    let mut idle = 0;
    while (schedule.len() as u64) < steps && idle < PATIENCE {
        idle += 1;
        let Some(event) = model.draw(&mut chance, &watch.state) else {
            continue;
        };
        match watch.take(&event) {
            Took::Nothing => continue,
            Took::Step(actions) => stood_for += actions,
            Took::Wrong(what) => {
                schedule.push(event);
                return Walked::Breaks(Broken { what, schedule });
            }
        }
        schedule.push(event);
        idle = 0;
    }
    Walked::Conforms {
        steps: schedule.len() as u64,
        stood_for,
    }
}

/// Leaves out of a schedule what is not needed for it to break the same thing: long stretches first, then single events.
pub fn shorten<M: Scheduled>(model: &M, broken: Broken<M::Event>) -> Broken<M::Event> {
    let Broken { what, mut schedule } = broken;
    let mut stretch = schedule.len() / 2;
    while stretch > 0 {
        let mut from = 0;
        let mut shorter = false;
        while from < schedule.len() {
            let kept = |at: usize| at < from || at >= from + stretch;
            let rest = schedule.iter().enumerate().filter(|(at, _)| kept(*at));
            let rest: Vec<_> = rest.map(|(_, event)| event.clone()).collect();
            match replay(model, &rest) {
                Some(found) if found.what == what => {
                    schedule = found.schedule;
                    shorter = true;
                }
                _ => from += stretch,
            }
        }
        if !(shorter && stretch == 1) {
            stretch /= 2;
        }
    }
    Broken { what, schedule }
}

/// Takes the events that can happen, one after the other, until something is wrong. `None` if nothing is.
pub fn replay<M: Scheduled>(model: &M, schedule: &[M::Event]) -> Option<Broken<M::Event>> {
    let mut watch = Watch::new(model);
    let mut happened = Vec::new();
    for event in schedule {
        let took = watch.take(event);
        if !matches!(took, Took::Nothing) {
            happened.push(event.clone());
        }
        if let Took::Wrong(what) = took {
            let schedule = happened;
            return Some(Broken { what, schedule });
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

/// What came of an event.
enum Took {
    /// It could not happen.
    Nothing,
    /// It stood for so many actions of the model above.
    Step(u64),
    /// This is broken.
    Wrong(&'static str),
}

/// Looks at each step of a walk: at the model above, and at invariants. Step properties speak of actions by position, and are looked at where a cluster is explored.
struct Watch<'m, M: Scheduled> {
    model: &'m M,
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
            let witness = self.model.stands_for(&self.state, event, &after);
            actions = witness.len() as u64;
            if actions > M::STEPS as u64 || self.reached(witness).as_ref() != Some(&mapped) {
                return Took::Wrong(REFINEMENT);
            }
        }
        self.mapped = mapped;
        self.state = after;
        match self.broken() {
            Some(what) => Took::Wrong(what),
            None => Took::Step(actions),
        }
    }

    fn reached(
        &self,
        witness: Vec<<M::Abstract as Model>::Action>,
    ) -> Option<<M::Abstract as Model>::State> {
        let mut steps = witness.into_iter();
        steps.try_fold(self.mapped.clone(), |state, action| {
            self.above.next_state(&state, action)
        })
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

// ------------------------------------------------------------------------------------------------------------- Clusters

/// How likely each kind of event is, relative to the others.
const CHANCES: [(Kind, u32); 9] = [
    (Kind::Deliver, 600),
    (Kind::Again, 30),
    (Kind::Lose, 25),
    (Kind::Request, 60),
    (Kind::Elapse, 40),
    (Kind::Sync, 250),
    (Kind::Crash, 4),
    (Kind::Restart, 20),
    (Kind::Cut, 4),
];

/// Of so many messages on their way, the oldest are given up: nobody waits for ever.
const MOST_UNDER_WAY: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Deliver,
    Again,
    Lose,
    Request,
    Elapse,
    Sync,
    Crash,
    Restart,
    Cut,
}

/// What chance remembers of a cluster's walk: which messages it has not looked at, and who is cut off from whom.
pub struct Weather<P: Core> {
    rng: ChaCha8Rng,
    seen: usize,
    under_way: VecDeque<Shared<Packet<P>>>,
    known: BTreeSet<Shared<Packet<P>>>,
    apart: BTreeSet<NodeId>,
}

impl<P: Core> Weather<P> {
    /// Takes note of messages that were sent since the last time.
    fn notice(&mut self, packets: &[Shared<Packet<P>>]) {
        if packets.len() == self.seen {
            return;
        }
        self.seen = packets.len();
        for packet in packets {
            if self.known.insert(packet.clone()) {
                self.under_way.push_back(packet.clone());
            }
        }
        while self.under_way.len() > MOST_UNDER_WAY {
            self.under_way.pop_front();
        }
    }

    fn kind(&mut self) -> Kind {
        let total: u32 = CHANCES.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.rng.random_range(0..total);
        for (kind, weight) in CHANCES {
            if drawn < weight {
                return kind;
            }
            drawn -= weight;
        }
        unreachable!("drawn is less than the sum of the weights")
    }

    /// A message that was not looked at, off its way.
    fn next(&mut self) -> Option<Shared<Packet<P>>> {
        let most = self.under_way.len();
        let position = (most > 0).then(|| self.rng.random_range(0..most))?;
        self.under_way.remove(position)
    }

    fn passes(&self, packet: &Packet<P>) -> bool {
        self.apart.contains(&packet.from) == self.apart.contains(&packet.to)
    }

    fn cut(&mut self, ids: &[NodeId]) {
        let heals = self.rng.random_bool(0.6);
        self.apart.clear();
        for id in ids {
            if !heals && self.rng.random_bool(0.4) {
                self.apart.insert(*id);
            }
        }
    }
}

impl<C: Correspondence> Scheduled for Clustered<C> {
    type Event = Event<C::Core>;
    type Chance = Weather<C::Core>;

    fn chance(&self, seed: u64) -> Weather<C::Core> {
        Weather {
            rng: ChaCha8Rng::seed_from_u64(seed),
            seen: 0,
            under_way: VecDeque::new(),
            known: BTreeSet::new(),
            apart: BTreeSet::new(),
        }
    }

    fn draw(&self, weather: &mut Weather<C::Core>, s: &StateOf<C>) -> Option<Event<C::Core>> {
        weather.notice(&s.packets);
        let any = |weather: &mut Weather<C::Core>, up: bool| {
            let nodes = s.nodes.iter().filter(|node| node.core.is_some() == up);
            let ids: Vec<NodeId> = nodes.map(|node| node.id).collect();
            ids.choose(&mut weather.rng).copied()
        };
        match weather.kind() {
            Kind::Deliver => {
                let packet = weather.next()?;
                weather.passes(&packet).then_some(Event::Deliver(packet))
            }
            Kind::Again => {
                let packet = s.packets.choose(&mut weather.rng)?.clone();
                weather.passes(&packet).then_some(Event::Deliver(packet))
            }
            Kind::Lose => {
                weather.next();
                None
            }
            Kind::Request => {
                let id = any(weather, true)?;
                let requests = self.correspondence.requests(s, id);
                let request = requests.choose(&mut weather.rng)?.clone();
                Some(Event::Request(id, request))
            }
            Kind::Elapse => {
                let id = any(weather, true)?;
                let alarms: Vec<_> = s.node(id).alarms.iter().copied().collect();
                Some(Event::Elapse(id, *alarms.choose(&mut weather.rng)?))
            }
            Kind::Sync => any(weather, true).map(Event::Sync),
            Kind::Crash => {
                let id = any(weather, true)?;
                let unsynced = s.node(id).disk.unsynced();
                Some(Event::Crash(id, weather.rng.random_range(0..=unsynced)))
            }
            Kind::Restart => any(weather, false).map(Event::Restart),
            Kind::Cut => {
                let ids: Vec<NodeId> = s.nodes.iter().map(|node| node.id).collect();
                weather.cut(&ids);
                None
            }
        }
    }

    fn take(&self, state: &StateOf<C>, event: &Event<C::Core>) -> Option<StateOf<C>> {
        let after = self.after(state, event)?;
        self.exceeded(&after).is_none().then_some(after)
    }

    fn seen(&self, state: &StateOf<C>, event: &Event<C::Core>) -> kit::Event {
        Self::seen(self, state, event)
    }

    fn events(&self, s: &StateOf<C>) -> Vec<Event<C::Core>> {
        let mut actions = Vec::new();
        self.actions(s, &mut actions);
        let events = actions.into_iter();
        events.filter_map(|action| self.event(s, action)).collect()
    }

    fn refusals(&self, s: &StateOf<C>) -> Vec<&'static str> {
        let events = self.events(s).into_iter();
        events.filter_map(|event| self.refused(s, &event)).collect()
    }

    fn stands_for(
        &self,
        before: &StateOf<C>,
        event: &Event<C::Core>,
        after: &StateOf<C>,
    ) -> Vec<<C::Above as Model>::Action> {
        self.correspondence.witness(before, event, after)
    }
}
