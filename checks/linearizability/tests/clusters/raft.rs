//! Clients of Raft.

use std::collections::{BTreeMap, VecDeque};

use concur_cores::NodeId;
use concur_cores::raft::{Config, Limits, Notice, Raft, Reason, Request, Role};
use concur_harness::{Cluster, Simulation, Without};
use concur_linearizability::specs::Ask;
use concur_rules::Rule as _;
use concur_rules::raft_core::RaftNodeRule;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::replica::{Command, Replica};
use crate::world::{
    Habits, Heard, Order, Service, Tally, Ticket, World, all_linearizable, any_order, first_broken,
};

type Server = Raft<Command, Without<RaftNodeRule>>;

const STEPS: usize = 2_000;

/// A server's host: what it was asked, and what of that is in its log.
#[derive(Default)]
struct Host {
    replica: Replica,
    asked: VecDeque<Ticket>,
    waiting: BTreeMap<u64, (u64, Ticket)>,
}

struct Hosts {
    hosts: BTreeMap<NodeId, Host>,
    habits: Habits,
    heard: Vec<Heard>,
}

impl Hosts {
    fn note(&mut self, id: NodeId, notice: Notice<Command>) {
        let host = self.hosts.entry(id).or_default();
        match notice {
            Notice::Proposed { term, first, .. } => {
                if let Some(ticket) = host.asked.pop_front() {
                    host.waiting.insert(first, (term, ticket));
                }
            }
            Notice::Refused {
                why: Reason::NotLeader | Reason::TooMuchUncommitted | Reason::HandsOver,
                ..
            } => self
                .heard
                .extend(host.asked.pop_front().map(Heard::Refused)),
            Notice::Apply {
                index,
                term,
                command,
            } => {
                let told = host.replica.apply(&command, self.habits.sessions);
                host.replica.applied = index;
                self.heard
                    .extend(host.waiting.remove(&index).map(|(of, ticket)| {
                        match of == term {
                            true => Heard::Answer(ticket, told),
                            // Another term at that index: the request is lost.
                            false => Heard::Refused(ticket),
                        }
                    }));
            }
            Notice::Restore(snapshot) => {
                host.replica = Replica::decode(&snapshot.data);
                host.waiting.retain(|index, _| *index > snapshot.last.index);
            }
            _ => {}
        }
    }
}

impl Service for Hosts {
    type Core = Server;

    fn draw(&self, rng: &mut ChaCha8Rng, fresh: u64, seen: &BTreeMap<char, Option<u64>>) -> Order {
        any_order(rng, fresh, seen)
    }

    fn ask(
        &mut self,
        sim: &mut Simulation<Server>,
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
        host.asked.push_back(ticket);
        let order = order.clone();
        let command = Command { ticket, order };
        sim.cluster.request(to, Request::Propose(vec![command]));
    }

    fn hear(&mut self, cluster: &mut Cluster<Server>) -> Vec<Heard> {
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

    fn leads(&self, core: &Server) -> bool {
        core.role() == Role::Leader
    }

    /// A host makes a snapshot.
    fn meanwhile(&mut self, sim: &mut Simulation<Server>) {
        let up: Vec<NodeId> = sim.cluster.up().map(|(id, _)| id).collect();
        if up.is_empty() {
            return;
        }
        let id = up[sim.rng.random_range(0..up.len())];
        let replica = &self.hosts.entry(id).or_default().replica;
        let (index, data) = (replica.applied, replica.encode());
        sim.cluster.request(id, Request::Compact { index, data });
    }
}

fn run(seed: u64, rule: Option<RaftNodeRule>, habits: Habits) -> Result<Tally, String> {
    let servers = [3, 5, 4][seed as usize % 3];
    let configs = (1..=servers).map(|id| {
        let config = Config::new(NodeId(id), (1..=servers).map(NodeId)).with_rules(Without(rule));
        let limits = Limits {
            message_bytes: 60,
            inflight_messages: 3,
            inflight_bytes: 100,
            uncommitted_bytes: 200,
            chunk_bytes: 64,
        };
        (NodeId(id), Config { limits, ..config })
    });
    let hosts = Hosts {
        hosts: BTreeMap::new(),
        habits,
        heard: Vec::new(),
    };
    World::new(Cluster::silent(configs), hosts, habits.retries, seed).run(seed, STEPS)
}

#[test]
fn what_clients_of_raft_are_told_is_linearizable() {
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
    eprintln!("{}", wrong.expect("some append is applied twice"));
}

#[test]
fn reads_of_what_some_server_has_applied_are_stale() {
    let habits = Habits {
        local_reads: true,
        ..Habits::default()
    };
    let wrong = first_broken(50, |seed| run(seed, None, habits));
    eprintln!("{}", wrong.expect("some read is stale"));
}

/// Guards whose absence clients notice.
const NOTICED: &[&str] = &[
    "CommitQuorum",
    "VotesFromQuorum",
    "OneVotePerTerm",
    "VoteGranted",
    "PrevLogMatches",
    "RemoveConflicting",
    "UpdateTermNewer",
    "ChunkInOrder",
];

#[test]
fn clients_notice_what_a_guard_of_raft_is_for() {
    for name in NOTICED {
        let rule = RaftNodeRule::named(name).expect("there is such a rule");
        let wrong = first_broken(1_500, |seed| run(seed, Some(rule), Habits::default()));
        let wrong = wrong.unwrap_or_else(|| panic!("nobody notices that {name} is missing"));
        eprintln!("without {name}: {wrong}");
    }
}
