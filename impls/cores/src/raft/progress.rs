//! What a leader knows of one follower, and how much it may send to it.

use alloc::collections::VecDeque;

use super::config::Limits;
use super::entry::{Entries, Entry, Position};
use super::log::Log;
use crate::{Command, NodeId};

/// What a leader knows of one follower.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The follower.
    pub id: NodeId,
    /// `matchIndex`: up to where the follower has the leader's log on its disk (Figure 2).
    pub match_index: u64,
    /// `nextIndex`: the first entry to send next (Figure 2).
    pub next_index: u64,
    /// How entries flow.
    pub flow: Flow,
    /// Whether the follower has answered since the quorum was last checked (thesis, §6.2).
    pub active: bool,
    window: Window,
}

/// How entries flow to a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Where the logs agree is not known. One message at a time.
    Probe {
        /// Whether one is on its way.
        sent: bool,
    },
    /// The logs agree up to `next_index`, as far as messages arrive. A window of messages at a time.
    Replicate,
    /// The follower needs entries that are gone. A piece of the snapshot at a time.
    Snapshot {
        /// The last entry that the snapshot covers.
        index: u64,
        /// How many bytes have arrived.
        offset: u64,
    },
}

/// What is on its way: for each message, its last index and its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Window {
    messages: VecDeque<(u64, usize)>,
    bytes: usize,
}

/// Entries that follow `prev` in the leader's log, and their bytes.
pub(super) struct Batch<C> {
    pub(super) prev: Position,
    pub(super) entries: Entries<C>,
    pub(super) bytes: usize,
}

impl Progress {
    /// Of a follower of a new leader, whose log ends at `last`: the leader guesses that the follower's does, too (Figure 2).
    pub(super) fn new(id: NodeId, last: u64) -> Self {
        Self {
            id,
            match_index: 0,
            next_index: last + 1,
            flow: Flow::Probe { sent: false },
            active: false,
            window: Window::default(),
        }
    }

    /// How many messages with entries are on their way, and their bytes.
    pub fn in_flight(&self) -> (usize, usize) {
        (self.window.messages.len(), self.window.bytes)
    }

    /// Whether another message may leave.
    #[inline]
    pub(super) fn may_send(&self, limits: &Limits) -> bool {
        match self.flow {
            Flow::Probe { sent } => !sent,
            Flow::Replicate => {
                self.window.messages.len() < limits.inflight_messages
                    && self.window.bytes < limits.inflight_bytes
            }
            Flow::Snapshot { .. } => false,
        }
    }

    /// Whether `batch`, which was just appended, is what the follower needs next.
    #[inline]
    pub(super) fn is_next<C>(&self, batch: &Batch<C>, limits: &Limits) -> bool {
        self.next_index == batch.prev.index + 1
            && batch.bytes <= limits.message_bytes
            && self.may_send(limits)
    }

    /// As many of the next entries as fit into a message; `None` if they are not in the log any more.
    pub(super) fn next_batch<C: Command>(&self, log: &Log<C>, limits: &Limits) -> Option<Batch<C>> {
        let prev = log.position(self.next_index - 1)?;
        let rest = log.after(prev.index);
        let (count, bytes) = fitting(rest, limits.message_bytes);
        Some(Batch {
            prev,
            entries: Entries::from(&rest[..count]),
            bytes,
        })
    }

    /// Takes note that the entries up to `last` are on their way.
    #[inline]
    pub(super) fn sent(&mut self, last: u64, bytes: usize) {
        match &mut self.flow {
            Flow::Probe { sent } => *sent = true,
            Flow::Replicate => {
                self.next_index = last + 1;
                self.window.messages.push_back((last, bytes));
                self.window.bytes += bytes;
            }
            Flow::Snapshot { .. } => {}
        }
    }

    /// Takes note of an acknowledgement. What was acknowledged does not become less, and whoever accepts can take more (Figure 2; §5.3).
    #[inline]
    pub(super) fn accept(&mut self, match_index: u64) {
        self.match_index = self.match_index.max(match_index);
        self.next_index = self.next_index.max(self.match_index + 1);
        match self.flow {
            Flow::Probe { .. } => self.replicate(),
            Flow::Snapshot { index, .. } if self.match_index >= index => self.replicate(),
            Flow::Snapshot { .. } | Flow::Replicate => {}
        }
        while let Some(&(last, bytes)) = self.window.messages.front()
            && last <= self.match_index
        {
            self.window.messages.pop_front();
            self.window.bytes -= bytes;
        }
    }

    fn replicate(&mut self) {
        self.flow = Flow::Replicate;
        self.next_index = self.match_index + 1;
    }

    /// Whether a refusal of entries behind `prev_index` answers the latest question. Of several messages on their way, the first that is refused counts.
    pub(super) fn asked(&self, prev_index: u64) -> bool {
        match self.flow {
            Flow::Probe { .. } => prev_index == self.next_index - 1,
            Flow::Replicate => self.match_index < prev_index && prev_index < self.next_index,
            Flow::Snapshot { .. } => false,
        }
    }

    /// Goes back to where the logs may agree, though not behind what was acknowledged (§5.3).
    pub(super) fn step_back(&mut self, agree: u64) {
        self.next_index = agree.max(self.match_index) + 1;
        self.flow = Flow::Probe { sent: false };
        self.clear_window();
    }

    /// Goes over to sending a snapshot that covers `index`, from that byte on.
    pub(super) fn send_snapshot(&mut self, index: u64, offset: u64) {
        self.flow = Flow::Snapshot { index, offset };
        self.clear_window();
    }

    fn clear_window(&mut self) {
        self.window.messages.clear();
        self.window.bytes = 0;
    }
}

/// How many of these entries take no more than `limit` bytes, though at least one, and their bytes.
fn fitting<C: Command>(entries: &[Entry<C>], limit: usize) -> (usize, usize) {
    let mut total = 0;
    for (at, entry) in entries.iter().enumerate() {
        let bytes = entry.bytes();
        if at > 0 && total + bytes > limit {
            return (at, total);
        }
        total += bytes;
    }
    (entries.len(), total)
}
