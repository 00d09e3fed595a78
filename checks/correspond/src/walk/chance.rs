//! What chance does to a cluster: messages that are lost, late or repeated, nodes that are cut off, crash and restart, disks that are slow.

use std::collections::{BTreeSet, VecDeque};

use concur_cores::NodeId;
use concur_models::kit::{self, Mapped, Spec as _, given};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stateright::Model;

use super::Scheduled;
use crate::cluster::{Action, Clustered, Event, Packet, Shared, StateOf};
use crate::{Core, Correspondence};

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

    fn action(&self, state: &StateOf<C>, event: &Event<C::Core>) -> Option<Action> {
        Self::action(self, state, event)
    }

    fn take(&self, state: &StateOf<C>, event: &Event<C::Core>) -> Option<StateOf<C>> {
        // Of what is left of a schedule, a request may be one that nobody makes here.
        if let Event::Request(id, request) = event {
            given(self.correspondence.requests(state, *id).contains(request))?;
        }
        let after = self.after(state, event)?;
        self.exceeded(&after).is_none().then_some(after)
    }

    fn instead(&self, state: &StateOf<C>, event: &Event<C::Core>) -> Option<Event<C::Core>> {
        given(!self.is_fault(event))?;
        let wanted = uncounted(event);
        let mut events = self.events(state).into_iter();
        events.find(|event| uncounted(event) == wanted)
    }

    fn node(&self, event: &Event<C::Core>) -> NodeId {
        event.node()
    }

    fn is_fault(&self, event: &Event<C::Core>) -> bool {
        matches!(event, Event::Crash(..) | Event::Restart(_))
    }

    fn milder(&self, event: &Event<C::Core>) -> Option<Event<C::Core>> {
        match event {
            Event::Crash(id, kept) => Some(Event::Crash(*id, kept + 1)),
            _ => None,
        }
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
        mapped: Mapped<'_, C::Above>,
    ) -> Vec<<C::Above as Model>::Action> {
        self.correspondence.witness(before, event, after, mapped)
    }
}

/// How an event prints, without numbers but for those of nodes.
fn uncounted<P: Core>(event: &Event<P>) -> String {
    let mut text = String::new();
    let mut names_a_node = false;
    for c in event.to_string().chars() {
        let counts = c.is_ascii_digit() && !names_a_node;
        names_a_node = c == 'n' || c.is_ascii_digit() && names_a_node;
        if !counts {
            text.push(c);
        }
    }
    text
}
