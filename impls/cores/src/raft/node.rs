//! One server: its state, what comes in, and where it goes from there.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::hash::Hash;

use concur_rules::raft_core::{RaftCoreRule as Core, RaftNodeRule};
use concur_rules::{Faithful, RuleSet};

use super::config::Config;
use super::entry::Position;
use super::log::Log;
use super::message::{Body, Message};
use super::notice::{Notice, Request, Timer};
use super::progress::Progress;
use super::record::{Ballot, Receipt, Record, Snapshot};
use super::snapshots::Incoming;
use crate::{Command, Effects, Input, NodeId, Protocol};

/// No term and no index of a cluster comes near this; what is beyond is refused, so that none overflows.
pub(super) const REACH: u64 = u64::MAX / 2;

/// The rules that a server keeps: [`Faithful`] ones, unless a check leaves one out.
pub trait Rules: RuleSet<RaftNodeRule> + Eq + Hash + Debug {}

impl<S: RuleSet<RaftNodeRule> + Eq + Hash + Debug> Rules for S {}

/// A server (Figure 2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Raft<C: Command, S: Rules = Faithful> {
    pub(super) config: Arc<Config<S>>,
    pub(super) ballot: Ballot,
    pub(super) snapshot: Snapshot,
    pub(super) log: Log<C>,
    pub(super) commit_index: u64,
    pub(super) part: Part,
    pub(super) leader: Option<NodeId>,
    /// Whether a leader was heard since the election alarm was set the last time that it went off.
    pub(super) hears: bool,
    pub(super) incoming: Option<Incoming>,
}

/// What a server is (Figure 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It answers.
    Follower,
    /// It asks whether it could win an election (thesis, §9.6).
    PreCandidate,
    /// It asks for votes.
    Candidate,
    /// It takes requests and replicates them.
    Leader,
}

/// What a server does, and what it needs for that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Follower,
    /// Who would vote for it.
    PreCandidate(Vec<NodeId>),
    /// Who has voted for it.
    Candidate(Vec<NodeId>),
    Leader(Leading),
}

/// What a leader knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Leading {
    /// Of each other server.
    pub(super) progress: Vec<Progress>,
    /// Up to where its own log is on its own disk, as far as it was told in this term.
    pub(super) synced: u64,
    /// The bytes of what it has taken and not committed.
    pub(super) uncommitted: usize,
    /// To whom it hands over.
    pub(super) transfer: Option<NodeId>,
}

impl<C: Command, S: Rules> Protocol for Raft<C, S> {
    type Config = Config<S>;
    type Request = Request<C>;
    type Message = Message<C>;
    type Timer = Timer;
    type Record = Record<C>;
    type Receipt = Receipt;
    type Notice = Notice<C>;
    type Rule = RaftNodeRule;

    /// Starts a server, as a follower, from its persistent state (Figure 2).
    ///
    /// # Panics
    ///
    /// If the server is not among its own voters.
    fn recover(config: Config<S>, records: &[Record<C>], effects: &mut Effects<Self>) -> Self {
        assert!(
            config.voters.contains(&config.id),
            "a server is one of its voters"
        );
        let mut server = Self::new(config);
        for record in records {
            server.replay(record);
        }
        server.commit_index = server.snapshot.last.index;
        server.ballot.boot += 1;
        server.persist_ballot(effects);
        if server.commit_index > 0 {
            effects
                .notify_ahead
                .push(Notice::Restore(server.snapshot.clone()));
        }
        arm(effects, Timer::Election);
        server
    }

    fn is_checkpoint(record: &Record<C>) -> bool {
        matches!(record, Record::Checkpoint { .. })
    }

    #[inline]
    fn step(&mut self, input: Input<Self>, effects: &mut Effects<Self>) {
        match input {
            Input::Request(Request::Propose(commands)) => self.client_request(commands, effects),
            Input::Request(Request::Compact { index, data }) => self.compact(index, data, effects),
            Input::Request(Request::Transfer(to)) => self.transfer(to, effects),
            Input::Receive { from, message } => self.receive(from, message, effects),
            Input::Elapsed(Timer::Election) => self.timeout(effects),
            Input::Elapsed(Timer::Heartbeat) => self.heartbeat(effects),
            Input::Elapsed(Timer::Quorum) => self.check_quorum(effects),
            Input::Elapsed(Timer::Transfer) => self.abandon_transfer(effects),
            Input::Persisted(receipt) => self.persisted(receipt, effects),
        };
    }
}

impl<C: Command, S: Rules> Raft<C, S> {
    fn new(config: Config<S>) -> Self {
        Self {
            config: Arc::new(config),
            ballot: Ballot::default(),
            snapshot: Snapshot::default(),
            log: Log {
                start: Position::default(),
                entries: Vec::new(),
            },
            commit_index: 0,
            part: Part::Follower,
            leader: None,
            hears: false,
            incoming: None,
        }
    }

    fn replay(&mut self, record: &Record<C>) {
        match record {
            Record::Ballot(ballot) => self.ballot = *ballot,
            Record::Append { after, entries } => {
                self.log.truncate(*after);
                self.log.append(entries);
            }
            Record::Checkpoint {
                ballot,
                snapshot,
                entries,
            } => {
                self.ballot = *ballot;
                self.log.reset(snapshot.last);
                self.log.append(entries);
                self.snapshot = snapshot.clone();
            }
        }
    }

    #[inline]
    fn receive(
        &mut self,
        from: NodeId,
        message: Message<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let term = message.term;
        self.requires(Core::FromPeer, self.config.is_peer(from), effects)?;
        self.requires(Core::WithinReach, term <= REACH, effects)?;
        self.meet_term(term, &message.body, effects)?;
        match message.body {
            Body::PreVoteRequest { last } => self.pre_vote(from, term, last, effects),
            Body::PreVoteResponse { granted } => self.count_pre_vote(from, term, granted, effects),
            Body::RequestVoteRequest { last, .. } => self.vote(from, term, last, effects),
            Body::RequestVoteResponse { granted } => {
                self.vote_response(from, term, granted, effects)
            }
            Body::AppendEntriesRequest {
                prev,
                entries,
                commit_index,
            } => self.append_entries(from, term, prev, entries, commit_index, effects),
            Body::AppendEntriesResponse(answer) => {
                self.append_response(from, term, answer, effects)
            }
            Body::InstallSnapshotRequest {
                last,
                offset,
                data,
                done,
            } => {
                let piece = (offset, data.as_slice(), done);
                self.install_snapshot(from, term, last, piece, effects)
            }
            Body::InstallSnapshotResponse {
                last_index,
                received,
            } => self.snapshot_response(from, term, last_index, received, effects),
            Body::TimeoutNow => self.timeout_now(term, effects),
        }
    }

    /// The guard as a line that ends in `?`: where it does not hold, the refusal gets its name.
    #[inline(always)]
    pub(super) fn requires(
        &self,
        rule: impl Into<RaftNodeRule>,
        holds: bool,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let rule = rule.into();
        let kept = self.keeps(rule, holds);
        if !kept {
            core::hint::cold_path();
            if !cfg!(feature = "unlabelled") {
                effects.refused = Some(rule);
            }
        }
        kept.then_some(())
    }

    /// The guard as a condition: where it does not hold, nothing is refused, something is just not done.
    #[inline(always)]
    pub(super) fn keeps(&self, rule: impl Into<RaftNodeRule>, holds: bool) -> bool {
        if cfg!(feature = "unlabelled") {
            return holds;
        }
        self.config.rules.requires(rule.into(), holds)
    }

    #[inline]
    pub(super) fn message(&self, body: Body<C>) -> Message<C> {
        Message {
            term: self.ballot.term,
            body,
        }
    }

    /// Writes the ballot. One that was not written yet either is replaced: the later one says all that it says.
    pub(super) fn persist_ballot(&self, effects: &mut Effects<Self>) {
        if let Some(Record::Ballot(ballot)) = effects.persist.last_mut() {
            *ballot = self.ballot;
        } else {
            effects.persist.push(Record::Ballot(self.ballot));
        }
    }

    /// What the disk will have, once it has everything that was written so far.
    #[inline]
    pub(super) fn receipt(&self) -> Receipt {
        Receipt {
            term: self.ballot.term,
            index: self.log.last_index(),
            boot: self.ballot.boot,
        }
    }

    /// Takes note that everything up to `index` is committed, and has it applied. Gives the bytes of that.
    pub(super) fn commit(&mut self, index: u64, effects: &mut Effects<Self>) -> usize {
        let count = index.saturating_sub(self.commit_index) as usize;
        let behind = self.log.after(self.commit_index);
        let mut bytes = 0;
        for entry in &behind[..behind.len().min(count)] {
            self.commit_index += 1;
            bytes += entry.bytes();
            if let Some(command) = &entry.command {
                effects.notify_ahead.push(Notice::Apply {
                    index: self.commit_index,
                    term: entry.term,
                    command: command.clone(),
                });
            }
        }
        bytes
    }
}

/// Sets an alarm. It may be set again after it was taken back in the same effects, and the host does the one before the other.
#[inline]
pub(super) fn arm<P: Protocol>(effects: &mut Effects<P>, timer: P::Timer) {
    effects.disarm.retain(|other| *other != timer);
    if !effects.arm.contains(&timer) {
        effects.arm.push(timer);
    }
}

/// Takes an alarm back.
pub(super) fn disarm<P: Protocol>(effects: &mut Effects<P>, timer: P::Timer) {
    effects.arm.retain(|other| *other != timer);
    effects.disarm.push(timer);
}
