//! The actions of disks and of those that crash: Write, Sync, Crash, Restart.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::given;
use crate::raft::Server;
use crate::raft::asynchronous::AsynchronousRaft;
use crate::raft::asynchronous::state::{Body, Memory, Message, State, Write};

impl<S: RuleSet<Rule>> AsynchronousRaft<S> {
    /// What has changed since the last write goes to the disk, and what was to be said since then waits for it. Several steps may be gathered. Where nothing has changed, it waits
    /// with the newest write.
    pub(super) fn write(&self, s: &State, i: Server) -> Option<State> {
        let node = s.node(i);
        let memory = node.up()?;
        let same = memory.store == *node.written();
        given(!same || !memory.outbox.is_empty())?;

        let mut t = s.clone();
        let node = t.node_mut(i);
        let memory = node.memory.as_mut()?;
        let messages = std::mem::take(&mut memory.outbox);
        match node.writes.last_mut() {
            Some(newest) if same => newest.messages.extend(messages),
            _ => node.writes.push(Write {
                store: memory.store.clone(),
                messages,
            }),
        }
        Some(t)
    }

    /// The oldest write becomes durable, and what waited for it is sent.
    pub(super) fn sync(&self, s: &State, i: Server) -> Option<State> {
        given(s.node(i).up().is_some() && !s.node(i).writes.is_empty())?;

        let mut t = s.clone();
        let Write { store, messages } = t.node_mut(i).writes.remove(0);
        t.node_mut(i).synced = store;
        t.send(messages);
        Some(t)
    }

    /// A server stops. Of what was written and not durable, the `kept` oldest happened to reach the disk; what waited for any of it is never sent.
    pub(super) fn crash(&self, s: &State, i: Server, kept: usize) -> Option<State> {
        let node = s.node(i);
        given(node.up().is_some() && kept <= node.writes.len())?;

        let mut t = s.clone();
        let node = t.node_mut(i);
        let mut writes = std::mem::take(&mut node.writes);
        if kept > 0 {
            node.synced = writes.swap_remove(kept - 1).store;
        }
        node.memory = None;
        t.crashes += 1;
        Some(t)
    }

    pub(super) fn restart(&self, s: &State, i: Server) -> Option<State> {
        given(s.node(i).up().is_none())?;

        let mut t = s.clone();
        let node = t.node_mut(i);
        node.memory = Some(Memory::new(node.synced.clone()));
        Some(t)
    }

    /// The disk is to hold, from now on, that everything up to `index` is committed: a snapshot covers it.
    pub(super) fn cover(&self, s: &State, i: Server, index: u64) -> Option<State> {
        let memory = s.node(i).up()?;
        given(memory.store.covered < index && index <= memory.store.last_index())?;
        self.rules
            .when(Rule::DiskCommitted, index <= memory.commit_index)?;

        let mut t = s.clone();
        t.node_mut(i).memory.as_mut()?.store.covered = index;
        Some(t)
    }

    /// Has a message wait for the disk, if `rule` is kept; without it, the message leaves at once.
    pub(super) fn send_synced(&self, t: &mut State, rule: Rule, message: Message) -> Option<()> {
        if self.rules.performs(rule) {
            let source = t.node_mut(message.source).memory.as_mut()?;
            source.outbox.insert(message);
        } else {
            t.send([message]);
        }
        Some(())
    }

    /// A message of `i`, in its term.
    pub(super) fn message(memory: &Memory, i: Server, j: Server, body: Body) -> Message {
        Message {
            term: memory.store.term,
            source: i,
            dest: j,
            body,
        }
    }
}
