//! The cores of this project: Raft, and Multi-Paxos.

use std::collections::VecDeque;

use concur_cores::paxos::{Quorums, multi};
use concur_cores::{Effects, Input, NodeId, Protocol, raft};

use crate::trio::{Command, Trio};

/// A command as a core wants it.
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

/// A core that keeps a log of commands.
pub(crate) trait Replica: Protocol {
    /// With this the leader shall begin.
    const ELECTION: Self::Timer;
    /// With this the leader tells the others what is committed.
    const HEARTBEAT: Self::Timer;
    fn config(me: NodeId, all: [NodeId; 3]) -> Self::Config;
    fn propose(commands: Vec<Payload>) -> Self::Request;
    /// Applies what the notice hands over.
    fn apply(notice: &Self::Notice, apply: impl FnMut(&Payload));
}

impl<S: raft::Rules + Default> Replica for raft::Raft<Payload, S> {
    const ELECTION: raft::Timer = raft::Timer::Election;
    const HEARTBEAT: raft::Timer = raft::Timer::Heartbeat;

    fn config(me: NodeId, all: [NodeId; 3]) -> Self::Config {
        raft::Config::new(me, all).with_rules(S::default())
    }

    fn propose(commands: Vec<Payload>) -> Self::Request {
        raft::Request::Propose(commands)
    }

    fn apply(notice: &Self::Notice, mut apply: impl FnMut(&Payload)) {
        if let raft::Notice::Apply { command, .. } = notice {
            apply(command);
        }
    }
}

impl Replica for multi::Node<Payload> {
    const ELECTION: multi::Timer = multi::Timer::Election;
    const HEARTBEAT: multi::Timer = multi::Timer::Heartbeat;

    fn config(me: NodeId, all: [NodeId; 3]) -> Self::Config {
        multi::Config::new(me, Quorums::majority(all).expect("three members"))
    }

    fn propose(commands: Vec<Payload>) -> Self::Request {
        multi::Request::Propose(commands)
    }

    fn apply(notice: &Self::Notice, mut apply: impl FnMut(&Payload)) {
        if let multi::Notice::Chosen { entries, .. } = notice {
            for entry in entries.iter() {
                if let multi::Entry::Command(command) = entry {
                    apply(command);
                }
            }
        }
    }
}

pub(crate) struct Concur<P: Protocol> {
    servers: Vec<P>,
    effects: Effects<P>,
    queue: VecDeque<(NodeId, NodeId, P::Message)>,
    applied: [(usize, u64); 3],
}

impl<P: Replica> Concur<P> {
    fn step(&mut self, id: NodeId, input: Input<P>) {
        let at = id.0 as usize - 1;
        self.servers[at].step(input, &mut self.effects);
        // The disk is done at once.
        if let Some(receipt) = self.effects.receipt.take() {
            self.servers[at].step(Input::Persisted(receipt), &mut self.effects);
        }
        self.act(id);
    }

    fn act(&mut self, id: NodeId) {
        let effects = &mut self.effects;
        for sent in [&mut effects.send_ahead, &mut effects.send] {
            if !sent.is_empty() {
                for (to, message) in sent.drain(..) {
                    self.queue.push_back((id, to, message));
                }
            }
        }
        let (count, sum) = &mut self.applied[id.0 as usize - 1];
        for notice in &effects.notify_ahead {
            P::apply(notice, |command| {
                *count += 1;
                *sum += u64::from(command.0[0]);
            });
        }
        effects.clear();
    }

    fn settle(&mut self) {
        while let Some((from, to, message)) = self.queue.pop_front() {
            self.step(to, Input::Receive { from, message });
        }
    }
}

impl<P: Replica> Trio for Concur<P> {
    fn elected(_: usize) -> Self {
        let ids = [1, 2, 3].map(NodeId);
        let mut effects = Effects::new();
        let servers = ids.map(|id| P::recover(P::config(id, ids), &[], &mut effects));
        effects.clear();
        let mut trio = Self {
            servers: servers.into(),
            effects,
            queue: VecDeque::new(),
            applied: [(0, 0); 3],
        };
        trio.step(ids[0], Input::Elapsed(P::ELECTION));
        trio.settle();
        trio
    }

    fn replicate(&mut self, commands: Vec<Command>) {
        let commands = commands.into_iter().map(Payload).collect();
        self.step(NodeId(1), Input::Request(P::propose(commands)));
        self.settle();
    }

    fn finish(&mut self) -> [(usize, u64); 3] {
        self.step(NodeId(1), Input::Elapsed(P::HEARTBEAT));
        self.settle();
        self.applied
    }
}
