//! What a leader sends to one follower: entries, heartbeats, pieces of a snapshot.

use super::config::Limits;
use super::entry::{Entries, Position};
use super::log::Log;
use super::message::{Body, Message};
use super::node::{Leading, Part, Raft, Rules};
use super::progress::{Batch, Flow, Progress};
use super::record::Snapshot;
use crate::{Command, Effects, push_with};

/// What all messages of a leader are made of.
pub(super) struct Sender<'a, C> {
    term: u64,
    commit_index: u64,
    log: &'a Log<C>,
    snapshot: &'a Snapshot,
    pub(super) limits: &'a Limits,
}

impl<C: Command, S: Rules> Raft<C, S> {
    /// What the server knows as a leader, and what it sends from; `None` if it does not lead.
    #[inline]
    pub(super) fn leading(&mut self) -> Option<(&mut Leading, Sender<'_, C>)> {
        let Part::Leader(leading) = &mut self.part else {
            return None;
        };
        let sender = Sender {
            term: self.ballot.term,
            commit_index: self.commit_index,
            log: &self.log,
            snapshot: &self.snapshot,
            limits: &self.config.limits,
        };
        Some((leading, sender))
    }
}

impl<C: Command> Sender<'_, C> {
    /// Sends as many of the entries that the follower lacks as its window admits (§5.3; thesis, §10.2.1).
    #[inline]
    pub(super) fn pump<S: Rules>(
        &self,
        follower: &mut Progress,
        effects: &mut Effects<Raft<C, S>>,
    ) {
        while follower.next_index <= self.log.last_index() && follower.may_send(self.limits) {
            match follower.next_batch(self.log, self.limits) {
                Some(batch) => self.send(follower, &batch, effects),
                None => self.begin_snapshot(follower, effects),
            }
        }
    }

    /// Sends entries. They need not be on the leader's own disk (thesis, §10.2.1).
    #[inline]
    pub(super) fn send<S: Rules>(
        &self,
        follower: &mut Progress,
        batch: &Batch<C>,
        effects: &mut Effects<Raft<C, S>>,
    ) {
        let last = batch.prev.index + batch.entries.len() as u64;
        follower.sent(last, batch.bytes);
        self.append_entries(follower, batch.prev, batch.entries.clone(), effects);
    }

    /// Asks whether the follower agrees up to where it was sent entries, and tells it what is committed. What was lost on the way is found out by that.
    pub(super) fn heartbeat<S: Rules>(
        &self,
        follower: &mut Progress,
        effects: &mut Effects<Raft<C, S>>,
    ) {
        match (follower.flow, self.log.position(follower.next_index - 1)) {
            (Flow::Snapshot { index, offset }, _) if index == self.snapshot.last.index => {
                self.piece(follower, offset, 0, effects);
            }
            (Flow::Probe { .. } | Flow::Replicate, Some(prev)) => {
                self.append_entries(follower, prev, Entries::none(), effects);
            }
            _ => self.begin_snapshot(follower, effects),
        }
    }

    #[inline]
    fn append_entries<S: Rules>(
        &self,
        follower: &Progress,
        prev: Position,
        entries: Entries<C>,
        effects: &mut Effects<Raft<C, S>>,
    ) {
        let body = || Body::AppendEntriesRequest {
            prev,
            entries,
            commit_index: self.commit_index,
        };
        self.message(follower, body, effects);
    }

    /// Begins with the snapshot: what the follower needs is not in the log any more (extended version, §7).
    fn begin_snapshot<S: Rules>(&self, follower: &mut Progress, effects: &mut Effects<Raft<C, S>>) {
        self.next_piece(follower, 0, effects);
    }

    /// Sends the piece of the snapshot that begins at `offset`.
    pub(super) fn next_piece<S: Rules>(
        &self,
        follower: &mut Progress,
        offset: u64,
        effects: &mut Effects<Raft<C, S>>,
    ) {
        follower.send_snapshot(self.snapshot.last.index, offset);
        self.piece(follower, offset, self.limits.chunk_bytes, effects);
    }

    /// Sends at most `length` bytes of the snapshot; without any, it asks how much has arrived.
    fn piece<S: Rules>(
        &self,
        follower: &Progress,
        offset: u64,
        length: usize,
        effects: &mut Effects<Raft<C, S>>,
    ) {
        let rest = self
            .snapshot
            .data
            .get(offset as usize..)
            .unwrap_or_default();
        let data = &rest[..rest.len().min(length)];
        let body = || Body::InstallSnapshotRequest {
            last: self.snapshot.last,
            offset,
            data: data.to_vec(),
            done: length > 0 && data.len() == rest.len(),
        };
        self.message(follower, body, effects);
    }

    #[inline]
    fn message<S: Rules>(
        &self,
        follower: &Progress,
        body: impl FnOnce() -> Body<C>,
        effects: &mut Effects<Raft<C, S>>,
    ) {
        let term = self.term;
        push_with(&mut effects.send_ahead, || {
            let body = body();
            (follower.id, Message { term, body })
        });
    }

    /// Whether the follower has been sent that snapshot, and it has that many bytes.
    pub(super) fn is_sent(&self, follower: &Progress, index: u64, received: u64) -> bool {
        let sent = matches!(follower.flow, Flow::Snapshot { index: sent, .. } if sent == index);
        sent && received <= self.snapshot.data.len() as u64
    }

    /// Where the follower's log may agree, given where its log ends as far as it could (§5.3, the end). Before the log, if only a snapshot helps.
    pub(super) fn agreement(&self, hint: Position) -> u64 {
        let before = || self.log.start().index.saturating_sub(1);
        self.log.last_upto(hint).map_or_else(before, |at| at.index)
    }
}
