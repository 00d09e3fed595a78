//! How a log is kept short, and how a follower that has missed too much is sent a snapshot (extended version, §7).

use alloc::sync::Arc;
use alloc::vec::Vec;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::raft_core::RaftCoreRule as Core;

use super::entry::Position;
use super::message::Body;
use super::node::{REACH, Raft, Rules};
use super::notice::{Notice, Reason};
use super::record::{Record, Snapshot};
use crate::{Command, Effects, NodeId};

/// A snapshot of which not all has arrived. Pieces from different terms do not fit together: two leaders may have written the same state differently.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Incoming {
    term: u64,
    last: Position,
    data: Vec<u8>,
}

impl<C: Command, S: Rules> Raft<C, S> {
    /// The host has made a snapshot. Each server does so by itself.
    pub(super) fn compact(
        &mut self,
        index: u64,
        data: Arc<[u8]>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let Some(last) = self.compacts_to(index, effects) else {
            return self.refuse(Reason::NotASnapshot, effects);
        };

        self.log.compact(last);
        self.snapshot = Snapshot { last, data };
        self.checkpoint(effects);
        Some(())
    }

    fn compacts_to(&self, index: u64, effects: &mut Effects<Self>) -> Option<Position> {
        let committed = index <= self.commit_index;
        self.requires(Core::CompactCommitted, committed, effects)?;
        let newer = index > self.snapshot.last.index;
        newer.then(|| self.log.position(index))?
    }

    /// Writes everything anew, so that the host may delete what it wrote before.
    fn checkpoint(&self, effects: &mut Effects<Self>) {
        effects.persist.push(Record::Checkpoint {
            ballot: self.ballot,
            snapshot: self.snapshot.clone(),
            entries: self.log.entries(),
        });
    }

    /// InstallSnapshot (Figure 13): a piece, its offset, and whether it is the last.
    pub(super) fn install_snapshot(
        &mut self,
        from: NodeId,
        term: u64,
        last: Position,
        (offset, data, done): (u64, &[u8], bool),
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let current = term >= self.ballot.term;
        if self
            .requires(Core::SnapshotCurrent, current, effects)
            .is_none()
        {
            return self.answer_piece(from, last, 0, effects);
        }
        self.follow(from, effects)?;
        self.requires(Core::WithinReach, last.index <= REACH, effects)?;
        let ahead = last.index > self.commit_index;
        if self.requires(Core::SnapshotAhead, ahead, effects).is_none() {
            self.acknowledge(from, self.commit_index, effects);
            return None;
        }
        let mut incoming = self.incoming_of(term, last);
        let received = incoming.data.len() as u64;
        let in_order = self
            .requires(Core::ChunkInOrder, offset == received, effects)
            .is_some();

        if in_order {
            incoming.data.extend_from_slice(data);
            if done {
                return self.install(from, incoming, effects);
            }
        }
        let received = incoming.data.len() as u64;
        self.incoming = Some(incoming);
        self.answer_piece(from, last, received, effects)
    }

    /// What has arrived of that snapshot; a piece of another one is dropped.
    fn incoming_of(&mut self, term: u64, last: Position) -> Incoming {
        let same = |incoming: &Incoming| incoming.term == term && incoming.last == last;
        let data = Vec::new();
        let fresh = Incoming { term, last, data };
        self.incoming.take().filter(same).unwrap_or(fresh)
    }

    /// The snapshot is whole. What follows it in the log stays if the log agrees with it; otherwise the log is replaced (Figure 13, 6 and 7).
    fn install(
        &mut self,
        from: NodeId,
        incoming: Incoming,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let Incoming { last, data, .. } = incoming;
        let agrees = self.log.term_at(last.index) == Some(last.term);

        if self.keeps(Core::SuffixMatches, agrees) {
            self.log.compact(last);
        } else {
            self.log.reset(last);
        }
        let data = Arc::from(data);
        self.snapshot = Snapshot { last, data };
        self.commit_index = last.index;
        self.checkpoint(effects);
        effects
            .notify_ahead
            .push(Notice::Restore(self.snapshot.clone()));
        self.acknowledge(from, last.index, effects);
        Some(())
    }

    fn answer_piece(
        &self,
        to: NodeId,
        last: Position,
        received: u64,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let response = self.message(Body::InstallSnapshotResponse {
            last_index: last.index,
            received,
        });
        effects.send.push((to, response));
        Some(())
    }

    /// A follower has so much of the snapshot: it is sent the next piece, or, if it has lost some, an earlier one.
    pub(super) fn snapshot_response(
        &mut self,
        from: NodeId,
        term: u64,
        last_index: u64,
        received: u64,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let current = term == self.ballot.term;
        self.requires(Rule::AppendResponseCurrent, current, effects)?;
        let (leading, sender) = self.leading()?;
        let follower = leading.follower(from)?;
        follower.active = true;
        let sent = sender.is_sent(follower, last_index, received);
        self.requires(Core::ChunkAnswerCurrent, sent, effects)?;

        let (leading, sender) = self.leading()?;
        sender.next_piece(leading.follower(from)?, received, effects);
        Some(())
    }
}
