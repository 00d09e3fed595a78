//! A world for the ring's hand-over: a cluster under a random schedule, a log of views, clients, and what must hold on every step.

mod checks;

pub(crate) use checks::{INVARIANTS, same};

use std::collections::BTreeMap;

use checks::Ledger;
use concur_cores::ring::hand_over::{Ask, Bytes, Config, Node, Request, Timer};
use concur_cores::ring::{Member, Ring, Scheme, View};
use concur_cores::{NodeId, Protocol};
use concur_harness::{Chances, Cluster, Fault, Simulation};
use concur_rules::ring::RingRule as Rule;
use rand::Rng as _;

pub(crate) use concur_harness::Without;

pub(crate) const NODES: u64 = 3;
const KEYS: [&str; 5] = ["a", "b", "c", "d", "e"];
const CLIENTS: u64 = 3;
const VIEWS: usize = 12;

pub(crate) type Core = Node<Scheme, Without<Rule>>;

/// What a client waits for: its last write, until it is acknowledged.
#[derive(Clone, Debug, Default)]
struct Client {
    sequence: u64,
    /// Its writes so far, to be sent again long after.
    writes: Vec<(u64, &'static str)>,
}

pub(crate) struct World {
    pub(crate) sim: Simulation<Core>,
    rings: Vec<Ring>,
    clients: BTreeMap<u64, Client>,
    ledger: Ledger,
    config: Config<Scheme, Without<Rule>>,
    /// Whether alarms go off at the end.
    pub(crate) alarms: bool,
}

type Checked = Result<(), String>;

impl World {
    pub(crate) fn new(seed: u64, rules: Without<Rule>) -> Self {
        let members = (1..=2).map(|id| Member::new(NodeId(id)));
        let genesis = View::new(1, Scheme::Xxh3, 2, members).expect("two members");
        let config = Config {
            id: NodeId(0),
            genesis: genesis.clone(),
            placement: Scheme::Xxh3,
            rules,
        };
        let of = |id| Config {
            id: NodeId(id),
            ..config.clone()
        };
        let cluster = Cluster::silent((1..=NODES).map(|id| (NodeId(id), of(id))));
        Self {
            sim: Simulation::new(cluster, seed, chances()),
            rings: vec![Ring::new(genesis)],
            clients: (1..=CLIENTS)
                .map(|client| (client, Client::default()))
                .collect(),
            ledger: Ledger::default(),
            config,
            alarms: true,
        }
    }

    /// One event, and what must hold behind it.
    pub(crate) fn step(&mut self) -> Checked {
        match self.sim.rng.random_range(0..100) {
            0..3 => self.change_view(),
            3..13 => self.offer_view(),
            13..14 => self.ask_some_node(Request::Retire),
            14..15 => self.ask_some_node(Request::Checkpoint),
            15..32 => self.write(),
            32..42 => self.write_again(),
            42..52 => self.read(),
            _ => self.sim.step(),
        }
        self.check()
    }

    fn check(&mut self) -> Checked {
        self.ledger
            .check(&mut self.sim.cluster, &self.config, &self.rings)
    }

    fn current(&self) -> &Ring {
        self.rings.last().expect("there is a first view")
    }

    fn change_view(&mut self) {
        if self.rings.len() < VIEWS {
            let view = self.current().view().clone();
            let id = NodeId(self.sim.rng.random_range(1..=NODES));
            let next = match self.sim.rng.random_range(0..8) {
                0 => view.change(Member::new(id).with_weight(self.sim.rng.random_range(1..3))),
                _ if view.contains(id) => view.leave(id),
                _ => view.join(Member::new(id)),
            };
            if let Ok(next) = next {
                self.rings.push(self.current().follow(next));
            }
        }
    }

    /// Mostly the next view, sometimes any.
    fn offer_view(&mut self) {
        if let Some(id) = self.some_node(self.sim.cluster.ids().collect()) {
            let next = self.sim.cluster.core(id).epoch() as usize;
            let any = self.sim.rng.random_range(0..self.rings.len());
            let at = if self.sim.rng.random_bool(0.2) {
                any
            } else {
                next
            };
            if let Some(ring) = self.rings.get(at) {
                let view = ring.view().clone();
                self.sim.cluster.request(id, Request::Install(view));
            }
        }
    }

    fn some_node(&mut self, ids: Vec<NodeId>) -> Option<NodeId> {
        let up: Vec<_> = ids
            .into_iter()
            .filter(|id| self.sim.cluster.is_up(*id))
            .collect();
        (!up.is_empty()).then(|| up[self.sim.rng.random_range(0..up.len())])
    }

    fn ask_some_node(&mut self, request: Request) {
        if let Some(id) = self.some_node(self.sim.cluster.ids().collect()) {
            self.sim.cluster.request(id, request);
        }
    }

    fn some_client(&mut self) -> u64 {
        self.sim.rng.random_range(1..=CLIENTS)
    }

    /// A client writes: something new if its last write was acknowledged, or else that one again.
    fn write(&mut self) {
        let client = self.some_client();
        let state = &self.clients[&client];
        let (mut sequence, key) = match state.writes.last() {
            Some((sequence, key)) if !self.ledger.acknowledged(client, *sequence) => {
                (*sequence, *key)
            }
            _ => (
                state.sequence + 1,
                KEYS[self.sim.rng.random_range(0..KEYS.len())],
            ),
        };
        if sequence > state.sequence {
            sequence = state.sequence + 1;
            let state = self
                .clients
                .get_mut(&client)
                .expect("there is such a client");
            state.sequence = sequence;
            state.writes.push((sequence, key));
        }
        self.send_write(client, sequence, key);
    }

    /// A write arrives that was asked for long ago, acknowledged or not.
    fn write_again(&mut self) {
        let client = self.some_client();
        let writes = self.clients[&client].writes.len();
        if writes > 0 {
            let recent = writes.saturating_sub(4);
            let (sequence, key) =
                self.clients[&client].writes[self.sim.rng.random_range(recent..writes)];
            self.send_write(client, sequence, key);
        }
    }

    fn send_write(&mut self, client: u64, sequence: u64, key: &str) {
        let (ask, to) = self.route(client, sequence, key);
        let value = Bytes::from(&*format!("c{client}#{sequence}"));
        if self.sim.cluster.is_up(to) {
            self.sim.cluster.request(to, Request::Write(ask, value));
        }
    }

    fn read(&mut self) {
        let client = self.some_client();
        let key = KEYS[self.sim.rng.random_range(0..KEYS.len())];
        let (ask, to) = self.route(client, 0, key);
        self.send_read(ask, to);
    }

    fn send_read(&mut self, mut ask: Ask, to: NodeId) {
        ask.sequence = self.ledger.begin_read(&ask.key);
        if self.sim.cluster.is_up(to) {
            self.sim.cluster.request(to, Request::Read(ask));
        }
    }

    /// By the current view or one of the last; to the owner there, or, of a client that is confused, to any node.
    fn route(&mut self, client: u64, sequence: u64, key: &str) -> (Ask, NodeId) {
        let back = self.sim.rng.random_range(0..4).min(self.rings.len() - 1);
        let ring = &self.rings[self.rings.len() - 1 - back];
        let ask = Ask {
            client,
            sequence,
            epoch: ring.epoch(),
            key: key.into(),
        };
        let owner = ring.owner(key.as_bytes());
        let any = NodeId(self.sim.rng.random_range(1..=NODES));
        (
            ask,
            if self.sim.rng.random_bool(0.2) {
                any
            } else {
                owner
            },
        )
    }

    /// Everything is repaired, every node is offered every view, and alarms go off: every hand-over ends, every write is acknowledged, and every key can be read.
    pub(crate) fn finish(&mut self) -> Checked {
        self.sim.repair();
        for _ in 0..4 * VIEWS {
            self.offer_next_views();
            if self.alarms {
                self.elapse_all();
            }
            self.sim.cluster.settle();
            self.check()?;
        }
        self.all_has_arrived()?;
        self.serve_everything()
    }

    fn offer_next_views(&mut self) {
        for id in self.sim.cluster.ids().collect::<Vec<_>>() {
            let next = self.sim.cluster.core(id).epoch() as usize;
            if let Some(ring) = self.rings.get(next) {
                let view = ring.view().clone();
                self.sim.cluster.request(id, Request::Install(view));
            }
        }
    }

    fn elapse_all(&mut self) {
        for id in self.sim.cluster.ids().collect::<Vec<_>>() {
            for timer in self.sim.cluster.alarms(id).collect::<Vec<Timer>>() {
                self.sim.cluster.elapse(id, timer);
            }
        }
    }

    fn all_has_arrived(&self) -> Checked {
        for (id, core) in self.sim.cluster.up() {
            let done = core.epoch() == self.current().epoch()
                && core.awaited().next().is_none()
                && core.handing().next().is_none();
            if !done {
                return Err(format!("{id}'s hand-over does not end: {core}"));
            }
        }
        Ok(())
    }

    fn serve_everything(&mut self) -> Checked {
        for client in 1..=CLIENTS {
            if let Some((sequence, key)) = self.clients[&client].writes.last().copied() {
                let ring = self.current();
                let ask = Ask {
                    client,
                    sequence,
                    epoch: ring.epoch(),
                    key: key.into(),
                };
                let to = ring.owner(key.as_bytes());
                let value = Bytes::from(&*format!("c{client}#{sequence}"));
                self.sim.cluster.request(to, Request::Write(ask, value));
                self.check()?;
                if !self.ledger.acknowledged(client, sequence) {
                    return Err(format!("c{client}#{sequence} is not acknowledged"));
                }
            }
        }
        let reads = self.ledger.answers();
        for key in KEYS {
            let ring = self.current();
            let ask = Ask {
                client: 1,
                sequence: 0,
                epoch: ring.epoch(),
                key: key.into(),
            };
            let to = ring.owner(key.as_bytes());
            self.send_read(ask, to);
            self.check()?;
        }
        match self.ledger.answers() - reads {
            KEYS_READ => Ok(()),
            answers => Err(format!("{answers} of {KEYS_READ} keys can be read")),
        }
    }

    /// How much has happened: hand-overs, acknowledged writes, answered reads.
    pub(crate) fn tally(&self) -> [usize; 3] {
        self.ledger.tally()
    }
}

const KEYS_READ: usize = KEYS.len();

/// More duplicates, delays and crashes than by default, since hand-overs are few.
fn chances() -> Chances {
    let mut chances = Chances::default();
    for (fault, weight) in &mut chances.0 {
        match fault {
            Fault::Duplicate => *weight = 100,
            Fault::Crash => *weight = 10,
            Fault::Restart => *weight = 40,
            Fault::Elapse => *weight = 120,
            Fault::Deliver => *weight = 300,
            Fault::SlowDisk | Fault::PromptDisk => *weight = 8,
            _ => {}
        }
    }
    chances
}

/// What a node would be after a restart now.
fn recovered(cluster: &Cluster<Core>, id: NodeId, config: &Config<Scheme, Without<Rule>>) -> Core {
    let config = Config {
        id,
        ..config.clone()
    };
    Core::recover(
        config,
        cluster.disk(id).durable(),
        &mut concur_cores::Effects::new(),
    )
}
