//! OmniPaxos 0.2.4 with its `MemoryStorage`.

use std::collections::VecDeque;

use omnipaxos::messages::Message;
use omnipaxos::storage::{Entry, NoSnapshot};
use omnipaxos::util::LogEntry;
use omnipaxos::{ClusterConfig, OmniPaxos, OmniPaxosConfig, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

use crate::trio::{Command, Trio};

/// A command as OmniPaxos wants it.
#[derive(Clone, Debug)]
pub(crate) struct Payload(Command);

impl Entry for Payload {
    type Snapshot = NoSnapshot;
}

pub(crate) struct Omni {
    servers: Vec<OmniPaxos<Payload, MemoryStorage<Payload>>>,
    outgoing: Vec<Message<Payload>>,
    queue: VecDeque<Message<Payload>>,
    leader: usize,
    applied: [(usize, u64); 3],
}

impl Omni {
    fn collect(&mut self, at: usize) {
        self.servers[at].take_outgoing_messages(&mut self.outgoing);
        self.queue.extend(self.outgoing.drain(..));
        self.apply(at);
    }

    fn apply(&mut self, at: usize) {
        let (count, sum) = &mut self.applied[at];
        if self.servers[at].get_decided_idx() <= *count {
            return;
        }
        for entry in self.servers[at]
            .read_decided_suffix(*count)
            .into_iter()
            .flatten()
        {
            if let LogEntry::Decided(command) = entry {
                *count += 1;
                *sum += u64::from(command.0[0]);
            }
        }
    }

    fn settle(&mut self) {
        while let Some(message) = self.queue.pop_front() {
            let at = message.get_receiver() as usize - 1;
            self.servers[at].handle_incoming(message);
            self.collect(at);
        }
    }

    fn tick(&mut self) {
        for at in 0..3 {
            self.servers[at].tick();
            self.collect(at);
        }
        self.settle();
    }
}

impl Trio for Omni {
    fn elected(_: usize) -> Self {
        let server = |pid| {
            let config = OmniPaxosConfig {
                cluster_config: ClusterConfig {
                    configuration_id: 1,
                    nodes: vec![1, 2, 3],
                    ..Default::default()
                },
                server_config: ServerConfig {
                    pid,
                    election_tick_timeout: 1,
                    ..Default::default()
                },
            };
            config
                .build(MemoryStorage::default())
                .expect("a valid configuration")
        };
        let mut trio = Self {
            servers: [1, 2, 3].map(server).into(),
            outgoing: Vec::new(),
            queue: VecDeque::new(),
            leader: 0,
            applied: [(0, 0); 3],
        };
        while trio.servers[0]
            .get_current_leader()
            .is_none_or(|(_, ready)| !ready)
        {
            trio.tick();
        }
        let (leader, _) = trio.servers[0].get_current_leader().expect("just elected");
        trio.leader = leader as usize - 1;
        trio
    }

    fn replicate(&mut self, commands: Vec<Command>) {
        for command in commands {
            let taken = self.servers[self.leader].append(Payload(command));
            taken.expect("it leads");
        }
        self.collect(self.leader);
        self.settle();
    }

    fn finish(&mut self) -> [(usize, u64); 3] {
        self.tick();
        self.applied
    }
}
