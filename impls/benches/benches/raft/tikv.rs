//! raft-rs 0.7 with its `MemStorage`.

use std::collections::VecDeque;

use raft::eraftpb::{Entry, Message, MessageType};
use raft::storage::MemStorage;
use raft::{Config, RawNode};

use crate::trio::{Command, Trio};

pub(crate) struct Tikv {
    servers: Vec<RawNode<MemStorage>>,
    queue: VecDeque<Message>,
    applied: [(usize, u64); 3],
}

impl Tikv {
    fn act(&mut self, at: usize) {
        while self.servers[at].has_ready() {
            let mut ready = self.servers[at].ready();
            self.queue.extend(ready.take_messages());
            self.apply(at, ready.take_committed_entries());
            let store = self.servers[at].raft.raft_log.store.clone();
            if !ready.entries().is_empty() {
                store.wl().append(ready.entries()).expect("it fits");
            }
            if let Some(state) = ready.hs() {
                store.wl().set_hardstate(state.clone());
            }
            self.queue.extend(ready.take_persisted_messages());
            let mut light = self.servers[at].advance(ready);
            if let Some(commit) = light.commit_index() {
                store.wl().mut_hard_state().set_commit(commit);
            }
            self.queue.extend(light.take_messages());
            self.apply(at, light.take_committed_entries());
            self.servers[at].advance_apply();
        }
    }

    fn apply(&mut self, at: usize, entries: Vec<Entry>) {
        let (count, sum) = &mut self.applied[at];
        for entry in entries {
            if let Some(first) = entry.data.first() {
                *count += 1;
                *sum += u64::from(*first);
            }
        }
    }

    fn settle(&mut self) {
        while let Some(message) = self.queue.pop_front() {
            let at = message.to as usize - 1;
            self.servers[at].step(message).expect("a valid message");
            self.act(at);
        }
    }
}

impl Trio for Tikv {
    fn elected(_: usize) -> Self {
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let server = |id| {
            let config = Config {
                id,
                election_tick: 10,
                heartbeat_tick: 3,
                max_size_per_msg: 1 << 20,
                max_inflight_msgs: 256,
                pre_vote: true,
                check_quorum: true,
                ..Default::default()
            };
            let storage = MemStorage::new_with_conf_state((vec![1, 2, 3], vec![]));
            RawNode::new(&config, storage, &logger).expect("a valid configuration")
        };
        let mut trio = Self {
            servers: [1, 2, 3].map(server).into(),
            queue: VecDeque::new(),
            applied: [(0, 0); 3],
        };
        trio.servers[0].campaign().expect("it may stand");
        trio.act(0);
        trio.settle();
        trio
    }

    fn replicate(&mut self, commands: Vec<Command>) {
        let entry = |command: Command| Entry {
            data: command.to_vec().into(),
            ..Default::default()
        };
        let entries: Vec<Entry> = commands.into_iter().map(entry).collect();
        let mut proposal = Message {
            from: 1,
            ..Default::default()
        };
        proposal.set_msg_type(MessageType::MsgPropose);
        proposal.set_entries(entries.into());
        self.servers[0].raft.step(proposal).expect("it leads");
        self.act(0);
        self.settle();
    }

    fn finish(&mut self) -> [(usize, u64); 3] {
        self.servers[0].ping();
        self.act(0);
        self.settle();
        self.applied
    }
}
