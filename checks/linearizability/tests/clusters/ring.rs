//! Clients of the ring, while keys change hands.

use std::collections::BTreeMap;

use concur_cores::NodeId;
use concur_cores::ring::hand_over::{self, Bytes, Config, Node, Notice, Request};
use concur_cores::ring::{Member, Ring, Scheme, View};
use concur_harness::{Cluster, Simulation, Without};
use concur_linearizability::specs::{Answer, Ask, At};
use concur_rules::ring::RingRule as Rule;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::world::{
    Heard, KEYS, Order, Service, Tally, Ticket, World, all_linearizable, first_broken,
};

type Core = Node<Scheme, Without<Rule>>;

const STEPS: usize = 2_000;
const NODES: u64 = 3;
const VIEWS: usize = 12;

/// The log of views, and what clients have sent.
struct Hosts {
    rings: Vec<Ring>,
    writes: Vec<(u64, Ticket, Order)>,
    heard: Vec<Heard>,
}

impl Hosts {
    fn current(&self) -> &Ring {
        self.rings.last().expect("there is a first view")
    }

    fn change_view(&mut self, sim: &mut Simulation<Core>) {
        if self.rings.len() < VIEWS {
            let view = self.current().view().clone();
            let id = NodeId(sim.rng.random_range(1..=NODES));
            let next = match view.contains(id) {
                true => view.leave(id),
                false => view.join(Member::new(id)),
            };
            if let Ok(next) = next {
                self.rings.push(self.current().follow(next));
            }
        }
    }

    /// Every node that is up is offered the view that it needs next.
    fn offer_views(&self, sim: &mut Simulation<Core>) {
        let up: Vec<(NodeId, u64)> = sim
            .cluster
            .up()
            .map(|(id, core)| (id, core.epoch()))
            .collect();
        for (id, epoch) in up {
            if let Some(ring) = self.rings.get(epoch as usize) {
                let view = ring.view().clone();
                sim.cluster.request(id, Request::Install(view));
            }
        }
    }

    /// A write arrives again that was sent some time ago, whatever has become of it.
    fn repeat(&mut self, sim: &mut Simulation<Core>) {
        let many = self.writes.len();
        if many > 0 {
            let at = sim.rng.random_range(many.saturating_sub(10)..many);
            let (client, ticket, order) = self.writes[at].clone();
            self.send(sim, None, client, ticket, &order);
        }
    }

    /// Mostly to the owner, by one of the last views; the client may be confused.
    fn send(
        &mut self,
        sim: &mut Simulation<Core>,
        astray: Option<NodeId>,
        client: u64,
        ticket: Ticket,
        order: &Order,
    ) {
        let back = sim.rng.random_range(0..3).min(self.rings.len() - 1);
        let ring = &self.rings[self.rings.len() - 1 - back];
        let key = Bytes::from(&*order.key.to_string());
        let to = astray.unwrap_or_else(|| ring.owner(&key.0));
        let ask = hand_over::Ask {
            client,
            sequence: ticket + 1,
            epoch: ring.epoch(),
            key,
        };
        if sim.cluster.is_up(to) {
            let request = match order.operation {
                Ask::Put(value) => Request::Write(ask, Bytes::from(&*value.to_string())),
                _ => Request::Read(ask),
            };
            sim.cluster.request(to, request);
        }
    }

    fn note(&mut self, notice: Notice) {
        let (ask, told) = match notice {
            Notice::Written { ask, .. } => (ask, Answer::Done),
            Notice::Value { ask, found } => {
                let value = found.map(|(_, value)| number(&value));
                (ask, Answer::Value(value))
            }
            // Whoever is refused asks somebody else, or again.
            Notice::Refused { .. } | Notice::Settled(_) | Notice::HandedOver | Notice::Retired => {
                return;
            }
        };
        self.heard.push(Heard::Answer(ask.sequence - 1, told));
    }
}

fn number(value: &Bytes) -> u64 {
    let text = value.to_string();
    text.parse().expect("clients write numbers")
}

impl Service for Hosts {
    type Core = Core;

    fn draw(&self, rng: &mut ChaCha8Rng, fresh: u64, _: &BTreeMap<char, Option<u64>>) -> Order {
        let key = KEYS[rng.random_range(0..KEYS.len())];
        let operation = match rng.random_bool(0.5) {
            true => Ask::Get,
            false => Ask::Put(fresh),
        };
        At { key, operation }
    }

    fn ask(
        &mut self,
        sim: &mut Simulation<Core>,
        to: NodeId,
        client: u64,
        ticket: Ticket,
        order: &Order,
    ) {
        if let Ask::Put(_) = order.operation {
            self.writes.push((client, ticket, order.clone()));
        }
        let astray = sim.rng.random_bool(0.2).then_some(to);
        self.send(sim, astray, client, ticket, order);
    }

    fn hear(&mut self, cluster: &mut Cluster<Core>) -> Vec<Heard> {
        for id in cluster.ids().collect::<Vec<_>>() {
            for notice in cluster.take_notices(id) {
                self.note(notice);
            }
        }
        std::mem::take(&mut self.heard)
    }

    fn leads(&self, _: &Core) -> bool {
        true
    }

    fn meanwhile(&mut self, sim: &mut Simulation<Core>) {
        match sim.rng.random_range(0..10) {
            0..2 => self.change_view(sim),
            2..6 => self.offer_views(sim),
            6..8 => self.repeat(sim),
            _ => {
                let id = NodeId(sim.rng.random_range(1..=NODES));
                if sim.cluster.is_up(id) {
                    sim.cluster.request(id, Request::Checkpoint);
                }
            }
        }
    }
}

fn run(seed: u64, rule: Option<Rule>) -> Result<Tally, String> {
    let members = (1..=2).map(|id| Member::new(NodeId(id)));
    let genesis = View::new(1, Scheme::Xxh3, 2, members).expect("two members");
    let configs = (1..=NODES).map(|id| {
        let config = Config {
            id: NodeId(id),
            genesis: genesis.clone(),
            placement: Scheme::Xxh3,
            rules: Without(rule),
        };
        (NodeId(id), config)
    });
    let hosts = Hosts {
        rings: vec![Ring::new(genesis.clone())],
        writes: Vec::new(),
        heard: Vec::new(),
    };
    // A node does nothing twice that has the same identity: so clients may ask again.
    World::new(Cluster::silent(configs), hosts, true, seed).run(seed, STEPS)
}

#[test]
fn what_clients_of_the_ring_are_told_is_linearizable() {
    all_linearizable(150, |seed| run(seed, None));
}

/// Guards whose absence clients notice.
const NOTICED: &[Rule] = &[
    Rule::RingAcceptOwner,
    Rule::RingAnswerOwner,
    Rule::RingInstallSettled,
    Rule::RingReceiveEpoch,
    Rule::RingReceiveOnce,
    Rule::RingAcceptArrived,
    Rule::RingAcceptOnce,
    Rule::RingAnswerArrived,
];

#[test]
fn clients_notice_what_a_guard_of_the_ring_is_for() {
    for rule in NOTICED {
        let wrong = first_broken(1_500, |seed| run(seed, Some(*rule)));
        let wrong = wrong.unwrap_or_else(|| panic!("nobody notices that {rule:?} is missing"));
        eprintln!("without {rule:?}: {wrong}");
    }
}
