//! How a leader replicates its log (§5.3), and when it commits (§5.3, §5.4.2).

use alloc::vec::Vec;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::raft_core::RaftCoreRule as Core;

use super::entry::{Entries, Entry};
use super::message::Answer;
use super::node::{Leading, Part, Raft, Rules};
use super::notice::{Notice, Reason, Timer};
use super::progress::Batch;
use super::record::Record;
use crate::{Command, Effects, NodeId, push_with};

impl<C: Command, S: Rules> Raft<C, S> {
    /// A leader puts the commands at the end of its log, and sends them at once (§5.3).
    #[inline]
    pub(super) fn client_request(
        &mut self,
        commands: Vec<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let term = self.ballot.term;
        let command = |command| Entry {
            term,
            command: Some(command),
        };
        let entries: Entries<C> = commands.into_iter().map(command).collect();
        let bytes = entries.iter().map(Entry::bytes).sum();
        if let Err(why) = self.admits(bytes, effects) {
            return self.refuse(why, effects);
        }

        let first = self.log.last_index() + 1;
        let last = self.log.last_index() + entries.len() as u64;
        self.append(entries, bytes, effects);
        effects
            .notify_ahead
            .push(Notice::Proposed { term, first, last });
        Some(())
    }

    /// Whether a request of that many bytes is taken. Who does not lead has no followers to send to, so that rule cannot be left out.
    #[inline]
    fn admits(&self, bytes: usize, effects: &mut Effects<Self>) -> Result<(), Reason> {
        let Part::Leader(leading) = &self.part else {
            effects.refused = Some(Rule::ClientRequestLeader.into());
            return Err(Reason::NotLeader);
        };
        let stays = leading.transfer.is_none();
        self.requires(Core::NoRequestInTransfer, stays, effects)
            .ok_or(Reason::HandsOver)?;
        let waiting = leading.uncommitted;
        let fits = waiting == 0 || waiting + bytes <= self.config.limits.uncommitted_bytes;
        self.requires(Core::UncommittedLimit, fits, effects)
            .ok_or(Reason::TooMuchUncommitted)
    }

    /// Tells whoever asked why it was refused, and whom to ask.
    pub(super) fn refuse(&self, why: Reason, effects: &mut Effects<Self>) -> Option<()> {
        let leader = self.leader;
        effects.notify_ahead.push(Notice::Refused { why, leader });
        None
    }

    /// Puts entries at the end of the leader's log. They go to the followers while they go to the disk (thesis, §10.2.1).
    #[inline]
    pub(super) fn append(
        &mut self,
        entries: Entries<C>,
        bytes: usize,
        effects: &mut Effects<Self>,
    ) {
        if entries.is_empty() {
            return;
        }
        let prev = self.log.last();
        self.log.append(&entries);
        let batch = Batch {
            prev,
            entries,
            bytes,
        };
        self.replicate(&batch, effects);
        push_with(&mut effects.persist, || Record::Append {
            after: prev.index,
            entries: batch.entries,
        });
        effects.receipt = Some(self.receipt());
    }

    /// Sends what is new to every follower that has been sent all before it, and to the others what comes next for them (§5.3).
    #[inline]
    fn replicate(&mut self, new: &Batch<C>, effects: &mut Effects<Self>) {
        let Some((leading, sender)) = self.leading() else {
            return;
        };
        leading.uncommitted += new.bytes;
        for follower in &mut leading.progress {
            if follower.is_next(new, sender.limits) {
                sender.send(follower, new, effects);
            } else {
                sender.pump(follower, effects);
            }
        }
    }

    /// The heartbeat alarm (§5.2).
    pub(super) fn heartbeat(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let (leading, sender) = self.leading()?;
        for follower in &mut leading.progress {
            sender.heartbeat(follower, effects);
        }
        super::node::arm(effects, Timer::Heartbeat);
        Some(())
    }

    /// An answer to AppendEntries (§5.3).
    #[inline]
    pub(super) fn append_response(
        &mut self,
        from: NodeId,
        term: u64,
        answer: Answer,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let current = term == self.ballot.term;
        self.requires(Rule::AppendResponseCurrent, current, effects)?;
        match answer {
            Answer::Accepted { match_index } => self.accepted(from, match_index, effects),
            Answer::Refused { prev_index, hint } => {
                let (leading, sender) = self.leading()?;
                let follower = leading.follower(from)?;
                follower.active = true;
                let (asked, agree) = (follower.asked(prev_index), sender.agreement(hint));
                self.requires(Core::RefusalCurrent, asked, effects)?;

                let (leading, sender) = self.leading()?;
                let follower = leading.follower(from)?;
                follower.step_back(agree);
                sender.pump(follower, effects);
                Some(())
            }
        }
    }

    #[inline]
    fn accepted(
        &mut self,
        from: NodeId,
        match_index: u64,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let within = match_index <= self.log.last_index();
        self.requires(Core::MatchWithinLog, within, effects)?;

        let last = self.log.last_index();
        let (leading, _) = self.leading()?;
        let hands_over = leading.transfer.is_some();
        let follower = leading.follower(from)?;
        follower.active = true;
        follower.accept(match_index);
        let lacks = follower.next_index <= last;
        if match_index > self.commit_index {
            self.advance_commit_index(effects);
        }
        if lacks {
            let (leading, sender) = self.leading()?;
            sender.pump(leading.follower(from)?, effects);
        }
        if hands_over {
            self.hand_over(effects)?;
        }
        Some(())
    }

    /// Commits what a majority has on its disks, if it ends in an entry of the leader's own term; what comes before is committed with it (§5.3, §5.4.2). Followers are told with
    /// what they are sent next.
    #[inline]
    pub(super) fn advance_commit_index(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let Part::Leader(leading) = &self.part else {
            return None;
        };
        let matches = leading.progress.iter().map(|follower| follower.match_index);
        let agreed = matches.fold(self.commit_index, |agreed, index| {
            self.more_agreed(leading, agreed, index)
        });
        let agreed = self.more_agreed(leading, agreed, leading.synced);
        let own = self.log.term_at(agreed) == Some(self.ballot.term);
        if agreed == self.commit_index || !self.keeps(Rule::CommitOwnTerm, own) {
            return None;
        }

        let bytes = self.commit(agreed, effects);
        let (leading, _) = self.leading()?;
        leading.uncommitted = leading.uncommitted.saturating_sub(bytes);
        Some(())
    }

    #[inline]
    fn more_agreed(&self, leading: &Leading, agreed: u64, index: u64) -> u64 {
        match index > agreed && self.is_held(leading, index) {
            true => index,
            false => agreed,
        }
    }

    /// Whether a majority has the entry at `index` on its disks, the leader's own among them (thesis, §10.2.1).
    #[inline]
    fn is_held(&self, leading: &Leading, index: u64) -> bool {
        let has = |match_index: u64| usize::from(match_index >= index);
        let followers = leading.progress.iter().map(|f| has(f.match_index));
        let own = self.keeps(Rule::OwnEntrySynced, leading.synced >= index);
        let holders = followers.sum::<usize>() + usize::from(own);
        self.keeps(Rule::CommitQuorum, self.config.is_quorum(holders))
    }
}

impl Leading {
    /// What the leader knows of that server.
    #[inline]
    pub(super) fn follower(&mut self, id: NodeId) -> Option<&mut super::progress::Progress> {
        self.progress.iter_mut().find(|follower| follower.id == id)
    }
}
