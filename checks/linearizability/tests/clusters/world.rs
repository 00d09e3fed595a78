//! Clients that ask a cluster under a random schedule, and the history of what they were told.

use std::collections::BTreeMap;

use concur_cores::{NodeId, Protocol};
use concur_harness::{Chances, Cluster, Fault, Simulation, seeds};
use concur_linearizability::specs::{Answer, Ask, At, Keyed, Register};
use concur_linearizability::{CallId, Fate, History, Limits, Verdict, check};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// What clients share: a small map of registers.
pub(crate) type Map = Keyed<char, Register<u64>>;
/// What a client asks for.
pub(crate) type Order = At<char, Ask<u64>>;
/// What it is told.
pub(crate) type Told = Answer<u64>;
/// Which operation of the history.
pub(crate) type Ticket = u64;

/// The keys; few, so that clients meet.
pub(crate) const KEYS: [char; 3] = ['a', 'b', 'c'];
const CLIENTS: usize = 4;

/// What a client hears of an operation.
pub(crate) enum Heard {
    /// It has happened, and that is the answer.
    Answer(Ticket, Told),
    /// What was sent has not happened, and will not.
    Refused(Ticket),
}

/// How clients and hosts behave, beyond what the core is responsible for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habits {
    /// A client that hears nothing asks again, under the same identity.
    pub(crate) retries: bool,
    /// A host does nothing twice that has the same identity.
    pub(crate) sessions: bool,
    /// A host answers reads from what it has applied, whether it leads or not.
    pub(crate) local_reads: bool,
}

/// A protocol with its hosts, as clients see it.
pub(crate) trait Service {
    /// The protocol.
    type Core: Protocol;

    /// What a client would like to do; `fresh` was never written, and `seen` is what was read last.
    fn draw(&self, rng: &mut ChaCha8Rng, fresh: u64, seen: &BTreeMap<char, Option<u64>>) -> Order;

    /// A client sends that to a node, which is up.
    fn ask(
        &mut self,
        sim: &mut Simulation<Self::Core>,
        to: NodeId,
        client: u64,
        ticket: Ticket,
        order: &Order,
    );

    /// What clients hear from the nodes since the last time; called after every event.
    fn hear(&mut self, cluster: &mut Cluster<Self::Core>) -> Vec<Heard>;

    /// Whether clients would rather ask this node.
    fn leads(&self, core: &Self::Core) -> bool;

    /// What hosts do of their own accord.
    fn meanwhile(&mut self, sim: &mut Simulation<Self::Core>);
}

/// What a client waits for.
struct Pending {
    call: CallId,
    order: Order,
}

/// Clients, a service, and a schedule.
pub(crate) struct World<S: Service> {
    sim: Simulation<S::Core>,
    service: S,
    retries: bool,
    clients: Vec<Option<Pending>>,
    history: History<Order, Told>,
    seen: BTreeMap<char, Option<u64>>,
    reads_only: bool,
}

/// How often what has happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) answered: usize,
    pub(crate) refused: usize,
    pub(crate) open: usize,
}

impl<S: Service> World<S> {
    pub(crate) fn new(cluster: Cluster<S::Core>, service: S, retries: bool, seed: u64) -> Self {
        Self {
            sim: Simulation::new(cluster, seed, chances()),
            service,
            retries,
            clients: (0..CLIENTS).map(|_| None).collect(),
            history: History::new(),
            seen: BTreeMap::new(),
            reads_only: false,
        }
    }

    /// So many steps of all that can go wrong; then everything is repaired, and clients read for a while. `Err` says why what they were told is not linearizable.
    pub(crate) fn run(mut self, seed: u64, steps: usize) -> Result<Tally, String> {
        for _ in 0..steps {
            self.step();
        }
        self.sim.repair();
        self.hear();
        self.reads_only = true;
        self.sim = Simulation::new(self.sim.cluster.clone(), seed, calm());
        for _ in 0..steps / 2 {
            self.step();
        }
        match check(&Map::default(), &self.history, Limits::default()) {
            Verdict::Linearizable(_) => Ok(self.tally()),
            other => Err(format!("CONCUR_SEED={seed}: {other}")),
        }
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for operation in self.history.operations() {
            *match operation.fate {
                Fate::Open => &mut tally.open,
                Fate::Returned(..) => &mut tally.answered,
                Fate::Refused(_) => &mut tally.refused,
            } += 1;
        }
        tally
    }

    fn step(&mut self) {
        match self.sim.rng.random_range(0..100) {
            0..15 => self.act(),
            15..18 => self.service.meanwhile(&mut self.sim),
            _ => self.sim.step(),
        }
        self.hear();
    }

    /// A client that waits for nothing asks for something; one that waits may lose its patience.
    fn act(&mut self) {
        let client = self.sim.rng.random_range(0..CLIENTS);
        let loses_patience = self.sim.rng.random_bool(0.05);
        let asks_again = self.retries && self.sim.rng.random_bool(0.3);
        match &self.clients[client] {
            None => {
                let order = self.draw();
                let call = self.history.call(client as u64 + 1, order.clone());
                self.clients[client] = Some(Pending { call, order });
                self.send(client);
            }
            Some(_) if loses_patience => self.clients[client] = None,
            Some(_) if asks_again => self.send(client),
            Some(_) => {}
        }
    }

    fn draw(&mut self) -> Order {
        let fresh = self.history.operations().len() as u64 + 1;
        let mut order = self.service.draw(&mut self.sim.rng, fresh, &self.seen);
        if self.reads_only {
            order.operation = Ask::Get;
        }
        order
    }

    /// Sends what the client waits for to a node: mostly to one that leads.
    fn send(&mut self, client: usize) {
        let up: Vec<NodeId> = self.sim.cluster.up().map(|(id, _)| id).collect();
        let leads = |id: &&NodeId| self.service.leads(self.sim.cluster.core(**id));
        let leading: Vec<NodeId> = up.iter().filter(leads).copied().collect();
        let astray = leading.is_empty() || self.sim.rng.random_bool(0.2);
        let among = if astray { up } else { leading };
        if let (Some(pending), false) = (&self.clients[client], among.is_empty()) {
            let to = among[self.sim.rng.random_range(0..among.len())];
            let (name, ticket) = (client as u64 + 1, pending.call.0 as Ticket);
            self.service
                .ask(&mut self.sim, to, name, ticket, &pending.order);
        }
    }

    fn hear(&mut self) {
        for heard in self.service.hear(&mut self.sim.cluster) {
            match heard {
                Heard::Answer(ticket, told) => self.answered(ticket, told),
                Heard::Refused(ticket) if !self.retries => {
                    if let Some(pending) = self.take(ticket) {
                        self.history.refused(pending.call);
                    }
                }
                // What was sent before may happen nevertheless.
                Heard::Refused(_) => {}
            }
        }
    }

    fn answered(&mut self, ticket: Ticket, told: Told) {
        let Some(Pending { call, order }) = self.take(ticket) else {
            return;
        };
        if let Answer::Value(value) = told {
            self.seen.insert(order.key, value);
        }
        self.history.returned(call, told);
    }

    /// The operation of that ticket, if a client still waits for it.
    fn take(&mut self, ticket: Ticket) -> Option<Pending> {
        let of = |pending: &mut Pending| pending.call.0 as Ticket == ticket;
        let mut clients = self.clients.iter_mut();
        clients.find_map(|client| client.take_if(of))
    }
}

/// Whatever a register can be asked: what is swapped is what was read last.
pub(crate) fn any_order(
    rng: &mut ChaCha8Rng,
    fresh: u64,
    seen: &BTreeMap<char, Option<u64>>,
) -> Order {
    let key = KEYS[rng.random_range(0..KEYS.len())];
    let from = seen.get(&key).copied().flatten();
    let operation = match rng.random_range(0..10) {
        0..4 => Ask::Get,
        4..6 => Ask::Put(fresh),
        6..8 => Ask::Append(fresh),
        _ => Ask::Cas { from, to: fresh },
    };
    At { key, operation }
}

/// Runs each of these seeds, which must all be linearizable, and says what has happened.
pub(crate) fn all_linearizable(
    usual: u64,
    run: impl Fn(u64) -> Result<Tally, String>,
) -> (Tally, usize) {
    let (mut sum, mut runs) = (Tally::default(), 0);
    for seed in seeds(usual) {
        let tally = run(seed).unwrap_or_else(|wrong| panic!("{wrong}"));
        sum.answered += tally.answered;
        sum.refused += tally.refused;
        sum.open += tally.open;
        runs += 1;
    }
    eprintln!("{runs} runs: {sum:?}");
    assert!(
        sum.answered > 20 * runs && sum.open > runs,
        "hardly anything happens: {sum:?}"
    );
    (sum, runs)
}

/// The first of so many seeds whose history is not linearizable, and why. A search that a limit has ended finds nothing.
pub(crate) fn first_broken(
    most: u64,
    run: impl Fn(u64) -> Result<Tally, String>,
) -> Option<String> {
    let broken = |wrong: &String| wrong.contains("not linearizable");
    (0..most).find_map(|seed| run(seed).err().filter(broken))
}

/// More trouble than usual, since runs are short.
fn chances() -> Chances {
    weighted(&[
        (Fault::Deliver, 800),
        (Fault::Elapse, 40),
        (Fault::Crash, 5),
        (Fault::Restart, 30),
        (Fault::Partition, 3),
        (Fault::Heal, 6),
        (Fault::SlowDisk, 4),
    ])
}

/// Nothing goes wrong any more.
fn calm() -> Chances {
    weighted(&[
        (Fault::Crash, 0),
        (Fault::Partition, 0),
        (Fault::Lose, 0),
        (Fault::SlowDisk, 0),
        (Fault::Elapse, 20),
    ])
}

fn weighted(weights: &[(Fault, u32)]) -> Chances {
    let mut chances = Chances::default();
    for (fault, weight) in &mut chances.0 {
        if let Some((_, other)) = weights.iter().find(|(which, _)| which == fault) {
            *weight = *other;
        }
    }
    chances
}
