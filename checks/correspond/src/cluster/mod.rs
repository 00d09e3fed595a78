//! Any core, its disk, its alarms and a network, as a model: what can happen to a cluster, and what becomes of it.
//!
//! A step is one input of one node, or a fault. What the core wants done is done in the order that [`Effects`] gives: what may go ahead goes, what must be durable first waits for the disk. A crash
//! can strike between any two of these, and takes what was not synced; a node starts again from its records by the function that starts a new one.

mod shared;
mod state;

use std::collections::{BTreeSet, VecDeque};

use concur_cores::{Effects, Input, NodeId, Protocol};
use concur_engine::fingerprint::Fingerprinter;
use concur_harness::Disk;
pub use concur_harness::Packet;
use concur_models::kit::{self, Refines, Spec, StepProperty, given};
use concur_rules::Rule as _;
use stateright::{Model, Property};

pub use shared::Shared;
pub use state::{Event, Node, State};

use crate::{Core, Correspondence};
use state::say_the_same;

type CoreOf<C> = <C as Correspondence>::Core;
type RecordOf<C> = <CoreOf<C> as Protocol>::Record;
type MessageOf<C> = <CoreOf<C> as Protocol>::Message;
type NoticeOf<C> = <CoreOf<C> as Protocol>::Notice;
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
    configs: Vec<(NodeId, ConfigOf<C>)>,
    above: C::Above,
}

concur_models::actions! {
    /// What happens to a cluster. Nodes, requests, messages and alarms are given by their positions in the state; [`Clustered::event`] says what they are.
    pub enum Action {
        /// A client, or the host, asks a node for something: the node, and which of the possible requests.
        Request(u8, u8),
        /// A message arrives.
        Deliver(u16),
        /// An alarm goes off: the node, and which alarm.
        Elapse(u8, u8),
        /// A disk's oldest unsynced write becomes durable.
        Sync(u8),
        /// A node stops, after so many of its unsynced writes have reached the disk.
        Crash(u8, u8),
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
            correspondence,
        }
    }

    /// What an action means in a state.
    pub fn event(&self, s: &StateOf<C>, action: Action) -> Option<Event<C::Core>> {
        let node = |nth: u8| s.nodes.get(nth as usize);
        Some(match action {
            Action::Request(nth, which) => {
                let id = node(nth)?.id;
                let mut requests = self.correspondence.requests(s, id).into_iter();
                Event::Request(id, requests.nth(which as usize)?)
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

    /// What becomes of a state by an event, if that can happen there. A message that changes nothing is none that arrives.
    pub fn after(&self, s: &StateOf<C>, event: &Event<C::Core>) -> Option<StateOf<C>> {
        let position = s.position(event.node())?;
        let mut turn = Turn {
            cluster: self,
            state: s.clone(),
            node: (*s.nodes[position]).clone(),
            position,
            told: Vec::new(),
            forced: Vec::new(),
        };
        match event {
            Event::Request(_, request) => {
                given(turn.node.core.is_some())?;
                turn.node.requests += 1;
                turn.step(Input::Request(request.clone()))?;
            }
            Event::Deliver(packet) => {
                given(s.was_sent(packet))?;
                let (from, message) = (packet.from, packet.message.clone());
                turn.receive(Input::Receive { from, message })?;
            }
            Event::Elapse(id, timer) => {
                given(self.correspondence.may_elapse(s, *id, *timer))?;
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
            Event::Sync(_) | Event::Crash(..) | Event::Restart(_) => return None,
        };
        let mut effects = Effects::new();
        core.step(input, &mut effects);
        Some(effects.refused?.card().name)
    }
}

/// A node's turn: it takes an input, and what it wants done is done.
struct Turn<'c, C: Correspondence> {
    cluster: &'c Clustered<C>,
    state: StateOf<C>,
    node: Node<CoreOf<C>>,
    position: usize,
    told: Vec<NoticeOf<C>>,
    forced: Vec<RecordOf<C>>,
}

impl<C: Correspondence> Turn<'_, C> {
    fn step(&mut self, input: Input<CoreOf<C>>) -> Option<()> {
        let mut effects = Effects::new();
        self.node.core.as_mut()?.step(input, &mut effects);
        self.act(effects)
    }

    /// A step, unless it leaves everything as it is: most messages that arrive once more do.
    fn receive(&mut self, input: Input<CoreOf<C>>) -> Option<()> {
        let mut effects = Effects::new();
        let before = self.node.core.clone()?;
        self.node.core.as_mut()?.step(input, &mut effects);
        given(!effects.is_empty() || self.node.core.as_ref() != Some(&before))?;
        self.act(effects)
    }

    fn start(&mut self) -> Option<()> {
        let mut effects = Effects::new();
        let config = self.cluster.configs[self.position].1.clone();
        self.node.core = Some(Protocol::recover(
            config,
            self.node.disk.durable(),
            &mut effects,
        ));
        self.act(effects)
    }

    /// Does what need not wait for the disk, and lets the disk have the rest.
    fn act(&mut self, mut effects: Effects<CoreOf<C>>) -> Option<()> {
        effects.refused = None;
        for timer in effects.disarm.drain(..) {
            self.node.alarms.remove(&timer);
        }
        self.node.alarms.extend(effects.arm.drain(..));
        for (to, message) in effects.send_ahead.drain(..) {
            self.send(to, message);
        }
        self.told.append(&mut effects.notify_ahead);
        if effects.is_empty() {
            return Some(());
        }
        if effects.persist.is_empty()
            && let Some(newest) = self.node.disk.newest_mut()
        {
            join(newest, effects);
            return Some(());
        }
        let slow = self.cluster.correspondence.slow_disks() && !effects.persist.is_empty();
        self.node.disk.write(effects);
        if !slow {
            let effects = self.sync_one()?;
            self.finish(effects)?;
        }
        Some(())
    }

    /// Does what waited for the disk.
    fn finish(&mut self, effects: Effects<CoreOf<C>>) -> Option<()> {
        self.tidy();
        for (to, message) in effects.send {
            self.send(to, message);
        }
        self.told.extend(effects.notify);
        match effects.receipt {
            Some(receipt) => self.step(Input::Persisted(receipt)),
            None => Some(()),
        }
    }

    fn send(&mut self, to: NodeId, message: MessageOf<C>) {
        if !self.cluster.correspondence.loses(&message) {
            self.state.send(self.node.id, to, message);
        }
    }

    fn sync_one(&mut self) -> Option<Effects<CoreOf<C>>> {
        let oldest = self.node.disk.waiting().next()?;
        self.forced.extend_from_slice(&oldest.persist);
        self.node.disk.sync_one()
    }

    fn crash(&mut self, kept: usize) {
        for _ in 0..kept {
            self.sync_one();
        }
        self.node.disk.crash(0);
        self.node.core = None;
        self.node.alarms.clear();
        self.state.crashes += 1;
        self.tidy();
    }

    /// Replaces the disk's records by some that say the same.
    fn tidy(&mut self) {
        let records = self.node.disk.durable();
        let mut tidied = records.to_vec();
        self.cluster.correspondence.tidy(&mut tidied);
        if tidied != records {
            let config = &self.cluster.configs[self.position].1;
            let same = say_the_same::<CoreOf<C>>(config, records, &tidied);
            assert!(same, "tidying a disk has changed what it says");
            self.node.disk.replace(tidied);
        }
    }

    fn end(mut self, before: &StateOf<C>, event: &Event<CoreOf<C>>) -> StateOf<C> {
        self.state.nodes[self.position] = Shared::new(self.node);
        let step = Step {
            before,
            event,
            forced: &self.forced,
            told: &self.told,
            after: &self.state,
        };
        if let Some(history) = self.cluster.correspondence.remember(&step) {
            self.state.history = Shared::new(history);
        }
        let judged = self.cluster.exceeded(&self.state).is_none();
        if judged && !self.told.is_empty() && self.state.misled.is_none() {
            let correspondence = &self.cluster.correspondence;
            let above = correspondence.mapped(&self.state);
            let id = self.state.nodes[self.position].id;
            let true_ = |notice| correspondence.is_true(&above, id, notice);
            self.state.misled = (!self.told.iter().all(true_)).then_some(id);
        }
        self.state
    }
}

/// Lets effects that have nothing to write wait with others. What waits already does not wait twice, and in no order: the network is a set.
fn join<P: Core>(waiting: &mut Effects<P>, more: Effects<P>) {
    waiting.send.extend(more.send);
    let fingerprinter = Fingerprinter::new(0);
    waiting
        .send
        .sort_by_cached_key(|packet| fingerprinter.of(packet));
    waiting.send.dedup();
    for notice in more.notify {
        if !waiting.notify.contains(&notice) {
            waiting.notify.push(notice);
        }
    }
    waiting
        .notify
        .sort_by_cached_key(|notice| fingerprinter.of(notice));
    waiting.receipt = more.receipt.or(waiting.receipt);
}

// ----------------------------------------------------------------------------------------------------------------- Next

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
            history: Shared::new(C::History::default()),
        };
        let mut starting: VecDeque<NodeId> = self.configs.iter().map(|(id, _)| *id).collect();
        while let Some(id) = starting.pop_front() {
            let started = self.after(&state, &Event::Restart(id));
            state = started.expect("a node that is down can start");
        }
        vec![state]
    }

    fn actions(&self, s: &StateOf<C>, actions: &mut Vec<Action>) {
        for (nth, node) in (0..).zip(&s.nodes) {
            if node.core.is_none() {
                actions.push(Action::Restart(nth));
                continue;
            }
            let requests = self.correspondence.requests(s, node.id).len();
            actions.extend((0..requests).map(|which| Action::Request(nth, which as u8)));
            let alarms = (0..).zip(&node.alarms);
            let may = |timer| self.correspondence.may_elapse(s, node.id, timer);
            let alarms = alarms.filter(|(_, timer)| may(**timer));
            actions.extend(alarms.map(|(which, _)| Action::Elapse(nth, which)));
            let unsynced = node.disk.unsynced() as u8;
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

    fn abstract_state(&self, s: &StateOf<C>) -> <C::Above as Model>::State {
        self.correspondence.mapped(s)
    }

    fn witness(
        &self,
        before: &StateOf<C>,
        action: &Action,
        after: &StateOf<C>,
    ) -> Vec<<C::Above as Model>::Action> {
        match self.event(before, *action) {
            Some(event) => self.correspondence.witness(before, &event, after),
            None => Vec::new(),
        }
    }
}
