//! Any core, its disk, its alarms and a network, as a model: what can happen to a cluster, and what becomes of it.
//!
//! A step is one input of one node, or a fault. What the core wants done is done in the order that [`Effects`] gives: what may go ahead goes, what must be durable first waits for the disk. A crash
//! can strike between any two of these, and takes what was not synced; a node starts again from its records by the function that starts a new one.

mod negligence;
mod shared;
mod state;
mod story;
mod turn;

use std::collections::{BTreeSet, VecDeque};

use concur_cores::{Effects, Input, NodeId, Protocol};
use concur_harness::Disk;
pub use concur_harness::Packet;
use concur_models::kit::{self, Mapped, Refines, Spec, StepProperty, given};
use concur_rules::{Card, Rule as _};
use stateright::{Model, Property};

pub use negligence::Negligence;
pub use shared::Shared;
pub use state::{Event, Given, Node, State};

use crate::Correspondence;
use turn::Turn;

type CoreOf<C> = <C as Correspondence>::Core;
type RecordOf<C> = <CoreOf<C> as Protocol>::Record;
type MessageOf<C> = <CoreOf<C> as Protocol>::Message;
type NoticeOf<C> = <CoreOf<C> as Protocol>::Notice;
type TimerOf<C> = <CoreOf<C> as Protocol>::Timer;
type ConfigOf<C> = <CoreOf<C> as Protocol>::Config;

/// A state of the cluster of that correspondence.
pub type StateOf<C> = State<CoreOf<C>, <C as Correspondence>::History>;

/// A step of a cluster, with what it made durable.
pub struct Step<'s, C: Correspondence> {
    /// The state before.
    pub before: &'s StateOf<C>,
    /// What happened.
    pub event: &'s Event<CoreOf<C>>,
    /// The records that became durable, in order.
    pub forced: &'s [RecordOf<C>],
    /// What the node's host was told.
    pub told: &'s [NoticeOf<C>],
    /// The state after, but for its history, which is that of the state before.
    pub after: &'s StateOf<C>,
}

/// A cluster of cores as a model, by what is known of both sides.
#[derive(Clone)]
pub struct Clustered<C: Correspondence> {
    /// What is known of both sides.
    pub correspondence: C,
    /// In what the hosts fail their cores: in nothing, unless a test asks for it.
    pub negligence: Negligence,
    configs: Vec<(NodeId, ConfigOf<C>)>,
    above: C::Above,
}

concur_models::actions! {
    /// What happens to a cluster. Nodes, requests, messages and alarms are given by their positions in the state; [`Clustered::event`] says what they are.
    pub enum Action {
        /// A client, or the host, asks a node for something: the node, and which of the possible requests. Behind these is what nobody honest gives it.
        Request(u8, u8),
        /// A message arrives.
        Deliver(u32),
        /// An alarm goes off: the node, and which alarm.
        Elapse(u8, u8),
        /// A disk's oldest unsynced write becomes durable.
        Sync(u8),
        /// A node stops, after so many of its unsynced writes have reached the disk.
        Crash(u8, u16),
        /// A node starts again.
        Restart(u8),
    }
}

impl<C: Correspondence> Clustered<C> {
    /// The cluster of that correspondence.
    pub fn new(correspondence: C) -> Self {
        Self {
            configs: correspondence.configs(),
            above: correspondence.above(),
            negligence: Negligence::None,
            correspondence,
        }
    }

    /// The same cluster, on hosts that fail their cores.
    pub fn on(self, negligence: Negligence) -> Self {
        Self { negligence, ..self }
    }

    /// What an action means in a state.
    pub fn event(&self, s: &StateOf<C>, action: Action) -> Option<Event<C::Core>> {
        let node = |nth: u8| s.nodes.get(nth as usize);
        Some(match action {
            Action::Request(nth, which) => {
                let (id, which) = (node(nth)?.id, which as usize);
                let requests = self.correspondence.requests(s, id);
                match which.checked_sub(requests.len()) {
                    None => Event::Request(id, requests.into_iter().nth(which)?),
                    Some(at) => {
                        let mut given = self.correspondence.out_of_place(s, id).into_iter();
                        Event::Given(id, given.nth(at)?)
                    }
                }
            }
            Action::Deliver(nth) => Event::Deliver(s.packets.get(nth as usize)?.clone()),
            Action::Elapse(nth, which) => {
                let node = node(nth)?;
                Event::Elapse(node.id, *node.alarms.iter().nth(which as usize)?)
            }
            Action::Sync(nth) => Event::Sync(node(nth)?.id),
            Action::Crash(nth, kept) => Event::Crash(node(nth)?.id, kept as usize),
            Action::Restart(nth) => Event::Restart(node(nth)?.id),
        })
    }

    /// The action by which an event is chosen that can happen in that state: [`Clustered::event`] the other way round.
    pub fn action(&self, s: &StateOf<C>, event: &Event<C::Core>) -> Option<Action> {
        let nth = u8::try_from(s.position(event.node())?).ok()?;
        let small = |at: usize| u8::try_from(at).ok();
        Some(match event {
            Event::Request(id, request) => {
                let requests = self.correspondence.requests(s, *id);
                let at = requests.iter().position(|it| it == request)?;
                Action::Request(nth, small(at)?)
            }
            Event::Given(id, what) => {
                let given = self.correspondence.out_of_place(s, *id);
                let at = given.iter().position(|it| it == what)?;
                let before = self.correspondence.requests(s, *id).len();
                Action::Request(nth, small(before + at)?)
            }
            Event::Deliver(packet) => {
                let at = s.packets.binary_search(packet).ok()?;
                Action::Deliver(u32::try_from(at).ok()?)
            }
            Event::Elapse(id, timer) => {
                let mut alarms = s.node(*id).alarms.iter();
                Action::Elapse(nth, small(alarms.position(|it| it == timer)?)?)
            }
            Event::Sync(_) => Action::Sync(nth),
            Event::Crash(_, kept) => Action::Crash(nth, u16::try_from(*kept).ok()?),
            Event::Restart(_) => Action::Restart(nth),
        })
    }

    /// What becomes of a state by an event, if that can happen there. A message that changes nothing is none that arrives.
    pub fn after(&self, s: &StateOf<C>, event: &Event<C::Core>) -> Option<StateOf<C>> {
        let Some(line) = self.line(s) else {
            return self.happens(s, event);
        };
        given(story::is(event, line))?;
        let mut after = self.happens(s, event)?;
        after.told += 1;
        Some(after)
    }

    /// An alarm may go off if the size lets it, and where the story tells of it.
    fn may_elapse(&self, s: &StateOf<C>, id: NodeId, timer: TimerOf<C>) -> bool {
        self.line(s).is_some() || self.correspondence.may_elapse(s, id, timer)
    }

    fn happens(&self, s: &StateOf<C>, event: &Event<C::Core>) -> Option<StateOf<C>> {
        let position = s.position(event.node())?;
        let mut turn = Turn::of(self, s, position);
        match event {
            Event::Request(_, request) => {
                given(turn.node.core.is_some())?;
                turn.node.requests += 1;
                turn.step(Input::Request(request.clone()))?;
            }
            Event::Given(_, what) => turn.receive(what.clone().into())?,
            Event::Deliver(packet) => {
                given(s.was_sent(packet))?;
                let (from, message) = (packet.from, packet.message.clone());
                turn.receive(Input::Receive { from, message })?;
            }
            Event::Elapse(id, timer) => {
                given(self.may_elapse(s, *id, *timer))?;
                given(turn.node.alarms.remove(timer))?;
                turn.step(Input::Elapsed(*timer))?;
            }
            Event::Sync(_) => {
                given(turn.node.core.is_some())?;
                let effects = turn.sync_one()?;
                turn.finish(effects)?;
            }
            Event::Crash(_, kept) => {
                given(turn.node.core.is_some() && *kept <= turn.node.disk.unsynced())?;
                turn.crash(*kept);
            }
            Event::Restart(_) => {
                given(turn.node.core.is_none())?;
                turn.start()?;
            }
        }
        Some(turn.end(s, event))
    }
}

impl<C: Correspondence> Clustered<C> {
    /// What an event is to someone who watches the nodes: who acts, and which messages travel.
    pub fn seen(&self, s: &StateOf<C>, event: &Event<C::Core>) -> kit::Event {
        let sent = |state: &StateOf<C>| -> BTreeSet<(NodeId, String)> {
            let its = state.sent().filter(|packet| packet.from == event.node());
            its.map(|packet| (packet.to, packet.message.to_string()))
                .collect()
        };
        let before = sent(s);
        let after = self.after(s, event).map(|t| sent(&t)).unwrap_or_default();
        let new = after.into_iter().filter(|mail| !before.contains(mail));
        new.fold(event.seen(), |seen, (to, says)| seen.sends(to, says))
    }

    /// The rule by which the node refuses that event, if it does.
    pub fn refused(&self, s: &StateOf<C>, event: &Event<C::Core>) -> Option<&'static str> {
        let position = s.position(event.node())?;
        let mut core = s.nodes[position].core.clone()?;
        let input = match event {
            Event::Request(_, request) => Input::Request(request.clone()),
            Event::Deliver(packet) => Input::Receive {
                from: packet.from,
                message: packet.message.clone(),
            },
            Event::Elapse(_, timer) => Input::Elapsed(*timer),
            Event::Given(_, what) => what.clone().into(),
            Event::Sync(_) | Event::Crash(..) | Event::Restart(_) => return None,
        };
        let mut effects = Effects::new();
        core.step(input, &mut effects);
        Some(effects.refused?.card().name)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<C: Correspondence> Clustered<C> {
    /// Everything that may happen, whatever is to be told.
    fn candidates(&self, s: &StateOf<C>, actions: &mut Vec<Action>) {
        for (nth, node) in (0..).zip(&s.nodes) {
            if node.core.is_none() {
                actions.push(Action::Restart(nth));
                continue;
            }
            let requests = self.correspondence.requests(s, node.id).len()
                + self.correspondence.out_of_place(s, node.id).len();
            actions.extend((0..requests).map(|which| Action::Request(nth, which as u8)));
            let alarms = (0..).zip(&node.alarms);
            let may = |timer| self.may_elapse(s, node.id, timer);
            let alarms = alarms.filter(|(_, timer)| may(**timer));
            actions.extend(alarms.map(|(which, _)| Action::Elapse(nth, which)));
            let unsynced = node.disk.unsynced() as u16;
            if unsynced > 0 {
                actions.push(Action::Sync(nth));
            }
            if self.correspondence.crashes() > 0 {
                actions.extend((0..=unsynced).map(|kept| Action::Crash(nth, kept)));
            }
        }
        for (nth, packet) in (0..).zip(s.packets.iter()) {
            let up = s
                .position(packet.to)
                .is_some_and(|at| s.nodes[at].core.is_some());
            if up && self.correspondence.may_matter(s, packet) {
                actions.push(Action::Deliver(nth));
            }
        }
    }
}

impl<C: Correspondence> Model for Clustered<C> {
    type State = StateOf<C>;
    type Action = Action;

    fn init_states(&self) -> Vec<StateOf<C>> {
        let node = |(id, _): &(NodeId, ConfigOf<C>)| {
            Shared::new(Node {
                id: *id,
                core: None,
                disk: Disk::default(),
                alarms: Default::default(),
                requests: 0,
            })
        };
        let mut state = State {
            nodes: self.configs.iter().map(node).collect(),
            packets: Shared::new(Vec::new()),
            crashes: 0,
            misled: None,
            told: 0,
            history: Shared::new(C::History::default()),
        };
        let mut starting: VecDeque<NodeId> = self.configs.iter().map(|(id, _)| *id).collect();
        while let Some(id) = starting.pop_front() {
            let started = self.happens(&state, &Event::Restart(id));
            state = started.expect("a node that is down can start");
        }
        vec![state]
    }

    fn actions(&self, s: &StateOf<C>, actions: &mut Vec<Action>) {
        let from = actions.len();
        self.candidates(s, actions);
        if let Some(line) = self.line(s) {
            let told = self.told(s, line, &actions[from..]);
            actions.truncate(from);
            actions.extend(told);
        }
    }

    fn next_state(&self, s: &StateOf<C>, action: Action) -> Option<StateOf<C>> {
        self.after(s, &self.event(s, action)?)
    }
    fn within_boundary(&self, s: &StateOf<C>) -> bool {
        self.exceeded(s).is_none()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::<Self>::always("HostsToldTrue", |_, s| s.misled.is_none()),
            Property::<Self>::sometimes("HostsToldTrue: one is told", |m, s| {
                m.correspondence.has_told(s)
            }),
        ];
        properties.extend(C::properties());
        properties
    }

    fn format_action(&self, action: &Action) -> String {
        format!("{action:?}")
    }

    fn format_step(&self, s: &StateOf<C>, action: Action) -> Option<String> {
        let event = self.event(s, action)?;
        Some(format!("{event}\n{:#?}", self.after(s, &event)?))
    }
}

impl<C: Correspondence> Spec for Clustered<C> {
    const BOUNDS: &'static [&'static str] = C::BOUNDS;

    fn exceeded(&self, s: &StateOf<C>) -> Option<usize> {
        let crashes = s.crashes > self.correspondence.crashes();
        crashes
            .then_some(0)
            .or_else(|| self.correspondence.exceeded(s))
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        C::step_properties()
    }

    fn tell(&self, s: &StateOf<C>, action: &Action) -> String {
        let event = self.event(s, *action);
        event.map_or_else(|| format!("{action:?}"), |event| event.to_string())
    }

    fn event(&self, s: &StateOf<C>, action: &Action) -> kit::Event {
        let event = Self::event(self, s, *action);
        event.map_or_else(kit::Event::of_nobody, |event| self.seen(s, &event))
    }
}

impl<C: Correspondence> Refines for Clustered<C> {
    /// Asked for a witness even where one step is enough, so that it is known for which one a step of a core stands.
    const STEPS: usize = C::STEPS;

    type Abstract = C::Above;

    fn abstract_model(&self) -> C::Above {
        self.above.clone()
    }

    fn relaxed(&self) -> Vec<(&'static Card, C::Above)> {
        self.correspondence.relaxed()
    }

    fn abstract_state(&self, s: &StateOf<C>) -> <C::Above as Model>::State {
        self.correspondence.mapped(s)
    }

    fn witness(
        &self,
        before: &StateOf<C>,
        action: &Action,
        after: &StateOf<C>,
        mapped: Mapped<'_, C::Above>,
    ) -> Vec<<C::Above as Model>::Action> {
        match self.event(before, *action) {
            Some(event) => self.correspondence.witness(before, &event, after, mapped),
            None => Vec::new(),
        }
    }
}
