//! The node: what it knows, and what becomes of each input.

mod catching_up;
mod elections;
mod leader;
mod phase2;
mod surface;

use core::fmt;
use core::hash::Hash;

use concur_rules::{Faithful, RuleSet};

use super::reports::Reports;
use super::{Config, Log, Message, Receipt, Record, Rule, Slot};
use crate::paxos::{Acceptor, Ballot, Proposer};
use crate::{Command, Effects, Input, NodeId, Protocol};

use leader::Leader;
pub use surface::{Notice, Request, Timer};

/// The rules that a node keeps.
pub trait Rules: RuleSet<Rule> + Eq + Hash + fmt::Debug {}

impl<S: RuleSet<Rule> + Eq + Hash + fmt::Debug> Rules for S {}

/// A replica: acceptor, learner, and leader now and then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node<C, S = Faithful> {
    config: Config<S>,
    /// All of it, but for the watermark, is durable before anyone hears of it.
    acceptor: Acceptor<Log<C>>,
    role: Role<C>,
    /// Whom to send clients to.
    leader: Option<NodeId>,
    /// The highest ballot that it has heard of.
    seen: Ballot,
    /// From where on it has asked what was chosen, since the last heartbeat: it does not ask the same twice.
    asked: Option<Slot>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Role<C> {
    Follower,
    Candidate(Proposer<Reports<C>>),
    Leader(Leader),
}

impl<C: Command, S: Rules> Protocol for Node<C, S> {
    type Config = Config<S>;
    type Request = Request<C>;
    type Message = Message<C>;
    type Timer = Timer;
    type Record = Record<C>;
    type Receipt = Receipt;
    type Notice = Notice<C>;
    type Rule = Rule;

    fn recover(config: Config<S>, records: &[Record<C>], effects: &mut Effects<Self>) -> Self {
        let mut acceptor = Acceptor::default();
        for record in records {
            record.apply(&mut acceptor);
        }
        let node = Self {
            config,
            seen: acceptor.promised(),
            acceptor,
            role: Role::Follower,
            leader: None,
            asked: None,
        };
        let log = node.log();
        if log.first() > Slot::default() {
            effects
                .notify_ahead
                .push(Notice::Restored(log.snapshot().clone()));
        }
        node.announce(log.first(), effects);
        node.await_leader(effects);
        node
    }

    fn is_checkpoint(record: &Record<C>) -> bool {
        matches!(record, Record::Checkpoint { .. })
    }

    fn step(&mut self, input: Input<Self>, effects: &mut Effects<Self>) {
        // `None` is a step that did not happen, or not to its end; what it was refused by is in the effects.
        let _ = match input {
            Input::Request(Request::Propose(commands)) => self.propose(commands, effects),
            Input::Request(Request::Compact(snapshot)) => self.compact(snapshot, effects),
            Input::Receive { from, message } => self.receive(from, message, effects),
            Input::Elapsed(Timer::Election) => self.campaign(effects),
            Input::Elapsed(Timer::Heartbeat) => self.heartbeat(effects),
            Input::Persisted(receipt) => self.persisted(receipt, effects),
        };
    }
}

/// What a host may ask, besides what it is told.
impl<C: Command, S: Rules> Node<C, S> {
    /// The log.
    pub fn log(&self) -> &Log<C> {
        &self.acceptor.votes
    }

    /// The highest ballot that its acceptor has taken part in.
    pub fn promised(&self) -> Ballot {
        self.acceptor.promised()
    }

    /// The highest ballot that it has heard of.
    pub fn seen(&self) -> Ballot {
        self.seen
    }

    /// Whether this node leads, as far as it knows.
    pub fn leads(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// Who leads, as far as this node knows.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }
}

impl<C: Command, S: Rules> Node<C, S> {
    fn receive(
        &mut self,
        from: NodeId,
        message: Message<C>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        match message {
            Message::Phase1a { ballot, first } => self.phase1a(from, ballot, first, effects),
            Message::Phase1b { ballot, told } => self.phase1b(from, ballot, told, effects),
            Message::Phase2a {
                ballot,
                first,
                entries,
                chosen,
            } => {
                self.heed(from, ballot, chosen, effects)?;
                self.phase2a(from, ballot, first, entries, effects)?;
                self.tell_who_lags(from, chosen, first, effects)
            }
            Message::Phase2b { ballot, first, end } => {
                self.phase2b(from, ballot, first, end, effects)
            }
            Message::Preempted { promised } => self.preempted(promised, effects),
            Message::Heartbeat { ballot, chosen } => {
                self.asked = None;
                self.heed(from, ballot, chosen, effects)
            }
            Message::Learn { first } => self.tell(from, first, effects),
            Message::Chosen {
                first,
                entries,
                chosen,
            } => self.catch_up(from, first, entries, chosen, effects),
            Message::Snapshot(snapshot) => self.restore(snapshot, effects),
        }
    }

    /// The guard `rule`, as a line that ends in `?`; the log names it if it refuses.
    fn when(&self, rule: impl Into<Rule>, holds: bool, effects: &mut Effects<Self>) -> Option<()> {
        let rule = rule.into();
        let kept = self.config.rules.when(rule, holds);
        if kept.is_none() {
            effects.refused = Some(rule);
        }
        kept
    }

    /// Changes the acceptor's memory, on the disk too.
    fn write(&mut self, record: Record<C>, effects: &mut Effects<Self>) {
        record.apply(&mut self.acceptor);
        effects.persist.push(record);
    }
}

impl<C, S> fmt::Display for Node<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.config.me, self.acceptor.promised())?;
        match &self.role {
            Role::Follower => write!(f, " follower")?,
            Role::Candidate(Proposer { promised, .. }) => {
                write!(f, " candidate with {} promises", promised.count())?;
            }
            Role::Leader(leader) => write!(f, " leader next={}", leader.next)?,
        }
        write!(f, " chosen<{}", self.acceptor.votes.chosen())
    }
}
