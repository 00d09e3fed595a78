//! Clients of Multi-Paxos.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::Quorums;
use concur_cores::paxos::multi::{Config, Entry, Node, Notice, Request, Rule, Slot, Snapshot};
use concur_harness::{Cluster, Simulation, Without};
use concur_linearizability::specs::Ask;
use concur_rules::Rule as _;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::replica::{Command, Replica};
use crate::world::{
    Habits, Heard, Order, Service, Tally, Ticket, World, all_linearizable, any_order, first_broken,
};

type Core = Node<Command, Without<Rule>>;

const STEPS: usize = 2_000;

/// A node's host: what it has executed, and what it was asked and has not executed.
#[derive(Default)]
struct Host {
    replica: Replica,
    waiting: BTreeSet<Ticket>,
}

struct Hosts {
    hosts: BTreeMap<NodeId, Host>,
    habits: Habits,
    heard: Vec<Heard>,
}

impl Hosts {
    fn note(&mut self, id: NodeId, notice: Notice<Command>) {
        match notice {
            Notice::Chosen { first, entries } => {
                for (slot, entry) in (first.0..).zip(entries.iter()) {
                    self.execute(id, slot, entry);
                }
            }
            Notice::Restored(snapshot) => {
                let host = self.hosts.entry(id).or_default();
                host.replica = Replica::decode(&snapshot.state);
            }
            Notice::Rejected { commands, .. } => {
                let refused = commands.iter().map(|command| command.ticket);
                self.heard.extend(refused.map(Heard::Refused));
            }
            Notice::Leading(_) | Notice::Deposed => {}
        }
    }

    fn execute(&mut self, id: NodeId, slot: u64, entry: &Entry<Command>) {
        let host = self.hosts.entry(id).or_default();
        host.replica.applied = slot + 1;
        if let Entry::Command(command) = entry {
            let told = host.replica.apply(command, self.habits.sessions);
            if host.waiting.remove(&command.ticket) {
                self.heard.push(Heard::Answer(command.ticket, told));
            }
        }
    }
}

impl Service for Hosts {
    type Core = Core;

    fn draw(&self, rng: &mut ChaCha8Rng, fresh: u64, seen: &BTreeMap<char, Option<u64>>) -> Order {
        any_order(rng, fresh, seen)
    }

    fn ask(
        &mut self,
        sim: &mut Simulation<Core>,
        to: NodeId,
        _: u64,
        ticket: Ticket,
        order: &Order,
    ) {
        let host = self.hosts.entry(to).or_default();
        if self.habits.local_reads && order.operation == Ask::Get {
            let told = host.replica.read(order.key);
            return self.heard.push(Heard::Answer(ticket, told));
        }
        host.waiting.insert(ticket);
        let order = order.clone();
        let command = Command { ticket, order };
        sim.cluster.request(to, Request::Propose(vec![command]));
    }

    fn hear(&mut self, cluster: &mut Cluster<Core>) -> Vec<Heard> {
        for id in cluster.ids().collect::<Vec<_>>() {
            if !cluster.is_up(id) {
                self.hosts.remove(&id);
            }
            for notice in cluster.take_notices(id) {
                self.note(id, notice);
            }
        }
        std::mem::take(&mut self.heard)
    }

    fn leads(&self, core: &Core) -> bool {
        core.leads()
    }

    /// A host makes a snapshot.
    fn meanwhile(&mut self, sim: &mut Simulation<Core>) {
        let up: Vec<NodeId> = sim.cluster.up().map(|(id, _)| id).collect();
        if up.is_empty() {
            return;
        }
        let id = up[sim.rng.random_range(0..up.len())];
        let replica = &self.hosts.entry(id).or_default().replica;
        let snapshot = Snapshot {
            upto: Slot(replica.applied),
            state: replica.encode(),
        };
        sim.cluster.request(id, Request::Compact(snapshot));
    }
}

fn quorums(seed: u64) -> Quorums {
    let nodes = |n: u64| (1..=n).map(NodeId);
    let system = match seed % 3 {
        0 => Quorums::majority(nodes(3).collect::<Vec<_>>()),
        1 => Quorums::majority(nodes(5).collect::<Vec<_>>()),
        _ => Quorums::flexible(nodes(4).collect::<Vec<_>>(), 3, 2),
    };
    system.expect("these quorums meet")
}

fn run(seed: u64, rule: Option<Rule>, habits: Habits) -> Result<Tally, String> {
    let quorums = quorums(seed);
    let configs = quorums.members().to_vec().into_iter().map(|me| {
        let config = Config {
            me,
            quorums: quorums.clone(),
            learners: Arc::new([]),
            window: 6,
            batch: 3,
            rules: Without(rule),
        };
        (me, config)
    });
    let hosts = Hosts {
        hosts: BTreeMap::new(),
        habits,
        heard: Vec::new(),
    };
    World::new(Cluster::silent(configs), hosts, habits.retries, seed).run(seed, STEPS)
}

#[test]
fn what_clients_of_multi_paxos_are_told_is_linearizable() {
    let (sum, runs) = all_linearizable(150, |seed| run(seed, None, Habits::default()));
    assert!(sum.refused > runs, "{sum:?}");
}

#[test]
fn with_sessions_a_request_may_be_repeated() {
    let habits = Habits {
        retries: true,
        sessions: true,
        ..Habits::default()
    };
    all_linearizable(60, |seed| run(seed, None, habits));
}

#[test]
fn without_sessions_a_request_that_is_repeated_happens_twice() {
    let habits = Habits {
        retries: true,
        ..Habits::default()
    };
    let wrong = first_broken(50, |seed| run(seed, None, habits));
    eprintln!("{}", wrong.expect("some append is executed twice"));
}

#[test]
fn reads_of_what_some_node_has_executed_are_stale() {
    let habits = Habits {
        local_reads: true,
        ..Habits::default()
    };
    let wrong = first_broken(50, |seed| run(seed, None, habits));
    eprintln!("{}", wrong.expect("some read is stale"));
}

/// Guards whose absence clients notice.
const NOTICED: &[&str] = &[
    "LeadQuorumPromised",
    "LeaderProposesReported",
    "ReplicaAcceptNotBelow",
    "ExecuteQuorum",
    "CatchUpExecuted",
    "FollowVotedInBallot",
];

#[test]
fn clients_notice_what_a_guard_of_multi_paxos_is_for() {
    for name in NOTICED {
        let rule = Rule::named(name).expect("there is such a rule");
        let wrong = first_broken(1_500, |seed| run(seed, Some(rule), Habits::default()));
        let wrong = wrong.unwrap_or_else(|| panic!("nobody notices that {name} is missing"));
        eprintln!("without {name}: {wrong}");
    }
}
