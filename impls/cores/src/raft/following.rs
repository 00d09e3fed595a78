//! How a follower takes entries (§5.3).

use concur_rules::raft::RaftRule as Rule;
use concur_rules::raft_core::RaftCoreRule as Core;

use super::entry::{Entries, Position};
use super::message::{Answer, Body, Message};
use super::node::{Part, Raft, Rules, arm};
use super::notice::{Notice, Timer};
use super::record::Record;
use crate::{Command, Effects, NodeId, push_with};

impl<C: Command, S: Rules> Raft<C, S> {
    /// AppendEntries (Figure 2).
    #[inline]
    pub(super) fn append_entries(
        &mut self,
        from: NodeId,
        term: u64,
        prev: Position,
        entries: Entries<C>,
        commit_index: u64,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let current = term >= self.ballot.term;
        if self
            .requires(Rule::AppendEntriesCurrent, current, effects)
            .is_none()
        {
            return self.refuse_entries(from, prev, effects);
        }
        self.follow(from, effects)?;
        let matches =
            prev.index < self.log.start().index || self.log.term_at(prev.index) == Some(prev.term);
        if self
            .requires(Rule::PrevLogMatches, matches, effects)
            .is_none()
        {
            return self.refuse_entries(from, prev, effects);
        }
        // What is in between would be missing: this is no rule that could be left out.
        (prev.index <= self.log.last_index()).then_some(())?;

        let match_index = prev.index + entries.len() as u64;
        self.take(prev, entries, effects)?;
        self.commit(commit_index.min(match_index), effects);
        self.acknowledge(from, match_index, effects);
        Some(())
    }

    /// Follows the leader of its term, and waits for another election timeout (§5.2).
    #[inline]
    pub(super) fn follow(&mut self, from: NodeId, effects: &mut Effects<Self>) -> Option<()> {
        let leads = matches!(self.part, Part::Leader(_));
        self.requires(Core::LeaderAlone, !leads, effects)?;

        if leads {
            self.step_down(effects);
        }
        self.part = Part::Follower;
        self.hears = true;
        if self.leader != Some(from) {
            self.leader = Some(from);
            let (term, leader) = (self.ballot.term, self.leader);
            effects.notify_ahead.push(Notice::Follows { term, leader });
        }
        arm(effects, Timer::Election);
        Some(())
    }

    /// Makes the log agree with the leader's up to the last of `entries`: what agrees already stays, with all that follows; the first entry that conflicts goes, with all that
    /// follows it (§5.3).
    #[inline]
    fn take(
        &mut self,
        prev: Position,
        entries: Entries<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        if prev.index == self.log.last_index() && !entries.is_empty() {
            self.log.append(&entries);
            let after = prev.index;
            push_with(&mut effects.persist, || Record::Append { after, entries });
            return Some(());
        }
        let agree = self.agree_upto(prev, &entries);
        let conflicts = agree < self.log.last_index() && agree < prev.index + entries.len() as u64;
        let removes = self.keeps(Rule::RemoveConflicting, conflicts);
        if removes {
            self.requires(Core::CommittedStays, agree >= self.commit_index, effects)?;
        }

        if removes {
            self.log.truncate(agree);
        }
        let there = self.log.last_index().saturating_sub(prev.index) as usize;
        let new = Entries::from(entries.get(there..).unwrap_or_default());
        self.log.append(&new);
        if removes || !new.is_empty() {
            effects.persist.push(Record::Append {
                after: self.log.last_index() - new.len() as u64,
                entries: new,
            });
        }
        Some(())
    }

    /// Up to where the log agrees with these entries behind `prev`. What a snapshot has replaced was committed, and agrees.
    fn agree_upto(&self, prev: Position, entries: &Entries<C>) -> u64 {
        let start = self.log.start().index;
        let indices = prev.index + 1..;
        let differs = indices
            .zip(entries.iter())
            .find(|(index, entry)| *index > start && self.log.term_at(*index) != Some(entry.term));
        match differs {
            Some((index, _)) => index - 1,
            None => prev.index + entries.len() as u64,
        }
    }

    /// Tells the leader where agreement is to be sought (§5.3, the end); or, if its term is over, of the newer one (§5.1).
    fn refuse_entries(
        &self,
        from: NodeId,
        prev: Position,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let hint = self.log.last_upto(prev).unwrap_or(self.log.start());
        let prev_index = prev.index;
        let answer = Answer::Refused { prev_index, hint };
        let response = self.message(Body::AppendEntriesResponse(answer));
        effects.send.push((from, response));
        None
    }

    /// Acknowledges the entries that it was sent, not those that it has besides (§5.3). An acknowledgement that has not left yet is raised: one message stands for both.
    #[inline]
    pub(super) fn acknowledge(&self, to: NodeId, upto: u64, effects: &mut Effects<Self>) {
        if let Some((other, message)) = effects.send.last_mut()
            && *other == to
            && let Message {
                term,
                body: Body::AppendEntriesResponse(Answer::Accepted { match_index }),
            } = message
            && *term == self.ballot.term
        {
            *match_index = upto.max(*match_index);
            return;
        }
        let answer = Answer::Accepted { match_index: upto };
        let response = || self.message(Body::AppendEntriesResponse(answer));
        push_with(&mut effects.send, || (to, response()));
    }
}
