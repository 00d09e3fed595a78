//! The core of this project.

use std::collections::VecDeque;

use concur_cores::raft::{Config, Message, Notice, Raft, Request, Timer};
use concur_cores::{Effects, Input, NodeId, Protocol};

use crate::{Command, Trio};

/// A command as the core wants it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Payload(Command);

impl std::fmt::Display for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl concur_cores::Command for Payload {
    fn bytes(&self) -> usize {
        self.0.len()
    }
}

type Server = Raft<Payload>;

pub(crate) struct Concur {
    servers: Vec<Server>,
    effects: Effects<Server>,
    queue: VecDeque<(NodeId, NodeId, Message<Payload>)>,
    applied: [(usize, u64); 3],
}

impl Concur {
    fn step(&mut self, id: NodeId, input: Input<Server>) {
        let at = id.0 as usize - 1;
        self.servers[at].step(input, &mut self.effects);
        // The disk is done at once.
        self.effects.persist.clear();
        if let Some(receipt) = self.effects.receipt.take() {
            self.servers[at].step(Input::Persisted(receipt), &mut self.effects);
        }
        self.act(id);
    }

    fn act(&mut self, id: NodeId) {
        let effects = &mut self.effects;
        for sent in [&mut effects.send_ahead, &mut effects.send] {
            if !sent.is_empty() {
                let sent = sent.drain(..);
                self.queue
                    .extend(sent.map(|(to, message)| (id, to, message)));
            }
        }
        let (count, sum) = &mut self.applied[id.0 as usize - 1];
        for notice in effects.notify.drain(..) {
            if let Notice::Apply { command, .. } = notice {
                *count += 1;
                *sum += u64::from(command.0[0]);
            }
        }
        effects.clear();
    }

    fn settle(&mut self) {
        while let Some((from, to, message)) = self.queue.pop_front() {
            self.step(to, Input::Receive { from, message });
        }
    }
}

impl Trio for Concur {
    fn elected(_: usize) -> Self {
        let ids = [1, 2, 3].map(NodeId);
        let mut effects = Effects::new();
        let servers = ids.map(|id| Raft::recover(Config::new(id, ids), &[], &mut effects));
        effects.clear();
        let mut trio = Self {
            servers: servers.into(),
            effects,
            queue: VecDeque::new(),
            applied: [(0, 0); 3],
        };
        trio.step(ids[0], Input::Elapsed(Timer::Election));
        trio.settle();
        trio
    }

    fn replicate(&mut self, commands: Vec<Command>) {
        let commands = commands.into_iter().map(Payload).collect();
        self.step(NodeId(1), Input::Request(Request::Propose(commands)));
        self.settle();
    }

    fn finish(&mut self) -> [(usize, u64); 3] {
        self.step(NodeId(1), Input::Elapsed(Timer::Heartbeat));
        self.settle();
        self.applied
    }
}
