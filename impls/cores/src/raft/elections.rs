//! How a leader is elected (§5.2, §5.4.1), with pre-vote (thesis, §9.6) and check-quorum (thesis, §4.2.3 and §6.2).

use alloc::vec;
use alloc::vec::Vec;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::raft_core::RaftCoreRule as Core;

use super::entry::{Entries, Entry, Position};
use super::message::Body;
use super::node::{Leading, Part, Raft, Rules, arm, disarm};
use super::notice::{Notice, Timer};
use super::progress::Progress;
use super::record::Receipt;
use crate::{Command, Effects, NodeId};

impl<C: Command, S: Rules> Raft<C, S> {
    /// The election alarm: nothing was heard of a leader (§5.2).
    pub(super) fn timeout(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let leads = matches!(self.part, Part::Leader(_));
        self.requires(Rule::TimeoutNotLeader, !leads, effects)?;

        self.hears = false;
        self.leader = None;
        if !self.config.pre_vote {
            return self.campaign(false, effects);
        }
        arm(effects, Timer::Election);
        self.part = Part::PreCandidate(vec![self.config.id]);
        let last = self.log.last();
        let mut request = self.message(Body::PreVoteRequest { last });
        request.term += 1;
        let peers = self.config.peers();
        effects
            .send_ahead
            .extend(peers.map(|id| (id, request.clone())));
        self.begin_if_welcome()?;
        self.campaign(false, effects)
    }

    /// Whether enough servers would vote.
    fn begin_if_welcome(&self) -> Option<()> {
        let welcome = self.config.is_quorum(self.supporters().len());
        self.keeps(Rule::PreVoteQuorum, welcome).then_some(())
    }

    /// Begins a term. The candidate's own vote does not count before it is on its disk.
    fn campaign(&mut self, transfer: bool, effects: &mut Effects<Self>) -> Option<()> {
        let synced = false;

        self.ballot.term += 1;
        self.ballot.voted_for = Some(self.config.id);
        self.part = Part::Candidate(Vec::new());
        self.leader = None;
        self.hears = false;
        self.persist_ballot(effects);
        effects.receipt = Some(self.receipt());
        arm(effects, Timer::Election);
        let last = self.log.last();
        let request = self.message(Body::RequestVoteRequest { last, transfer });
        let peers = self.config.peers();
        effects.send.extend(peers.map(|id| (id, request.clone())));
        if self.keeps(Core::OwnVoteSynced, synced) {
            self.count_vote(self.config.id, effects)?;
        }
        Some(())
    }

    /// The leader asks this server not to wait (thesis, §3.10).
    pub(super) fn timeout_now(&mut self, term: u64, effects: &mut Effects<Self>) -> Option<()> {
        let current = term == self.ballot.term;
        self.requires(Core::TimeoutNowCurrent, current, effects)?;
        let leads = matches!(self.part, Part::Leader(_));
        self.requires(Rule::TimeoutNotLeader, !leads, effects)?;

        self.campaign(true, effects)
    }

    /// Adopts a newer term before anything else is done with a message (§5.1). To ask for a pre-vote, and to give it, does not change terms; nor does who stands for election
    /// while a leader is heard.
    #[inline]
    pub(super) fn meet_term(
        &mut self,
        term: u64,
        body: &Body<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        match body {
            Body::PreVoteRequest { .. } | Body::PreVoteResponse { granted: true } => {
                return Some(());
            }
            Body::RequestVoteRequest { transfer, .. } => {
                self.requires(Rule::LeaderSticky, *transfer || !self.sticks(), effects)?;
            }
            _ => {}
        }
        if self.keeps(Rule::UpdateTermNewer, term > self.ballot.term) {
            self.update_term(term, effects);
        }
        Some(())
    }

    /// Whether the server does not vote, because it has a leader.
    fn sticks(&self) -> bool {
        self.config.check_quorum && self.has_leader()
    }

    #[cold]
    fn update_term(&mut self, term: u64, effects: &mut Effects<Self>) {
        if term != self.ballot.term {
            self.ballot.term = term;
            self.ballot.voted_for = None;
            self.persist_ballot(effects);
            self.step_down(effects);
        }
    }

    /// Becomes a follower of nobody (Figure 4).
    pub(super) fn step_down(&mut self, effects: &mut Effects<Self>) {
        let part = core::mem::replace(&mut self.part, Part::Follower);
        self.leader = None;
        self.hears = false;
        if let Part::Leader(_) = part {
            for timer in [Timer::Heartbeat, Timer::Quorum, Timer::Transfer] {
                disarm(effects, timer);
            }
            arm(effects, Timer::Election);
            let (term, leader) = (self.ballot.term, None);
            effects.notify_ahead.push(Notice::Follows { term, leader });
        }
    }

    /// Says whether it would vote. A refusal speaks of its own term, so that whoever is behind learns of it.
    pub(super) fn pre_vote(
        &mut self,
        from: NodeId,
        term: u64,
        last: Position,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let granted = self.would_vote(term, last, effects).is_some();

        let mut response = self.message(Body::PreVoteResponse { granted });
        if granted {
            response.term = term;
        }
        effects.send.push((from, response));
        Some(())
    }

    fn would_vote(&self, term: u64, last: Position, effects: &mut Effects<Self>) -> Option<()> {
        self.requires(Rule::LeaderSticky, !self.sticks(), effects)?;
        self.requires(Core::PreVoteOwnTerm, term > self.ballot.term, effects)?;
        self.requires(Rule::PreVoteUpToDate, self.up_to_date(last), effects)
    }

    /// Whether a log that ends there is at least as up-to-date as this server's (§5.4.1).
    fn up_to_date(&self, last: Position) -> bool {
        let own = self.log.last();
        (last.term, last.index) >= (own.term, own.index)
    }

    pub(super) fn count_pre_vote(
        &mut self,
        from: NodeId,
        term: u64,
        granted: bool,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        self.requires(Rule::VoteGranted, granted, effects)?;
        let current = term == self.ballot.term + 1;
        self.requires(Core::PreVoteCurrent, current, effects)?;
        let once = !self.supporters().contains(&from);
        self.requires(Rule::VotesCountedOnce, once, effects)?;

        let Part::PreCandidate(servers) = &mut self.part else {
            return None;
        };
        servers.push(from);
        self.begin_if_welcome()?;
        self.campaign(false, effects)
    }

    /// RequestVote (Figure 2).
    pub(super) fn vote(
        &mut self,
        from: NodeId,
        term: u64,
        last: Position,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let granted = self.grants(from, term, last, effects).is_some();

        if granted && self.ballot.voted_for != Some(from) {
            self.ballot.voted_for = Some(from);
            self.persist_ballot(effects);
        }
        if granted {
            // Who has just voted gives the candidate time (§5.2).
            arm(effects, Timer::Election);
        }
        let response = self.message(Body::RequestVoteResponse { granted });
        effects.send.push((from, response));
        Some(())
    }

    fn grants(
        &self,
        from: NodeId,
        term: u64,
        last: Position,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let own = self.log.last();
        self.requires(Rule::VoteOwnTerm, term >= self.ballot.term, effects)?;
        self.requires(Rule::LogUpToDateTerm, last.term >= own.term, effects)?;
        let as_long = last.term != own.term || last.index >= own.index;
        self.requires(Rule::LogUpToDateLength, as_long, effects)?;
        let free = self.ballot.voted_for.is_none_or(|id| id == from);
        self.requires(Rule::OneVotePerTerm, free, effects)
    }

    pub(super) fn vote_response(
        &mut self,
        from: NodeId,
        term: u64,
        granted: bool,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        self.requires(Rule::VoteResponseCurrent, term == self.ballot.term, effects)?;
        self.requires(Rule::VoteGranted, granted, effects)?;
        self.count_vote(from, effects)
    }

    /// A vote, from another server or its own, counts once, and only for a candidate. With a majority of them it leads (§5.2).
    fn count_vote(&mut self, from: NodeId, effects: &mut Effects<Self>) -> Option<()> {
        let Part::Candidate(voters) = &self.part else {
            return None;
        };
        let once = !voters.contains(&from);
        self.requires(Rule::VotesCountedOnce, once, effects)?;

        if let Part::Candidate(voters) = &mut self.part {
            voters.push(from);
        }
        let won = self.config.is_quorum(self.supporters().len());
        if self.keeps(Rule::VotesFromQuorum, won) {
            self.lead(effects);
        }
        Some(())
    }

    /// Becomes leader, and begins its term with an entry without a command, so that all before it can be committed (§5.4.2, §8).
    fn lead(&mut self, effects: &mut Effects<Self>) {
        let last = self.log.last_index();
        let waiting = self.log.after(self.commit_index);
        let leading = Leading {
            progress: self
                .config
                .peers()
                .map(|id| Progress::new(id, last))
                .collect(),
            synced: 0,
            uncommitted: waiting.iter().map(Entry::bytes).sum(),
            transfer: None,
        };
        self.part = Part::Leader(leading);
        self.leader = Some(self.config.id);
        self.incoming = None;
        disarm(effects, Timer::Election);
        arm(effects, Timer::Heartbeat);
        if self.config.check_quorum {
            arm(effects, Timer::Quorum);
        }
        let term = self.ballot.term;
        effects.notify_ahead.push(Notice::Leads { term });
        let blank = Entry {
            term,
            command: None,
        };
        let bytes = blank.bytes();
        self.append(Entries::from_iter([blank]), bytes, effects);
    }

    /// The quorum alarm: a leader that has not heard of a majority for an election timeout steps down (thesis, §6.2).
    pub(super) fn check_quorum(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let Part::Leader(leading) = &mut self.part else {
            return None;
        };
        let answered = leading
            .progress
            .iter_mut()
            .filter_map(|follower| core::mem::take(&mut follower.active).then_some(()));
        let heard = 1 + answered.count();
        if self.config.is_quorum(heard) {
            arm(effects, Timer::Quorum);
        } else {
            self.step_down(effects);
        }
        Some(())
    }

    /// Something that was written is durable now. It counts only if it was written in this term and since this boot: what has that index now may be something else.
    #[inline]
    pub(super) fn persisted(
        &mut self,
        receipt: Receipt,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let Receipt { term, index, boot } = receipt;
        self.requires(Core::ReceiptOfBoot, boot == self.ballot.boot, effects)?;
        self.requires(Core::ReceiptOfTerm, term == self.ballot.term, effects)?;

        match &mut self.part {
            Part::Candidate(_) => self.count_vote(self.config.id, effects),
            Part::Leader(leading) => {
                leading.synced = leading.synced.max(index);
                self.advance_commit_index(effects)
            }
            Part::Follower | Part::PreCandidate(_) => None,
        }
    }
}
