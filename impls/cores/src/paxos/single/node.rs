//! The node: what it knows, and what becomes of each input.

use core::fmt;
use core::hash::Hash;

use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::{Config, Message, Receipt, Record};
use crate::paxos::{Acceptor, Ballot, Learner, Proposer, Ranked};
use crate::{Command, Effects, Input, NodeId, Protocol};

/// The rules that a node keeps.
pub trait Rules: RuleSet<Rule> + Eq + Hash + fmt::Debug {}

impl<S: RuleSet<Rule> + Eq + Hash + fmt::Debug> Rules for S {}

/// Proposer, acceptor and learner of one decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node<V, S = Faithful> {
    pub(super) config: Config<S>,
    /// All of it is durable before anyone hears of it.
    pub(super) acceptor: Acceptor<Option<Ranked<V>>>,
    pub(super) attempt: Option<Attempt<V>>,
    pub(super) learner: Learner<V>,
    /// What this node would have chosen.
    pub(super) wanted: Option<V>,
    pub(super) learned: Option<V>,
    /// The highest ballot that it has heard of.
    pub(super) seen: Ballot,
}

/// A ballot that this node has begun since it started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Attempt<V> {
    pub(super) proposer: Proposer<Option<Ranked<V>>>,
    pub(super) proposed: bool,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Request<V> {
    /// That this value be chosen, or else to hear which one is. It replaces an earlier wish, as far as that was not proposed yet.
    Propose(V),
}

/// The alarms of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Timer {
    /// The ballot has taken too long.
    Retry,
    /// Nothing was learned for a while.
    Learn,
}

/// What the host is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Notice<V> {
    /// That value was chosen.
    Learned(V),
}

impl<V: Command, S: Rules> Protocol for Node<V, S> {
    type Config = Config<S>;
    type Request = Request<V>;
    type Message = Message<V>;
    type Timer = Timer;
    type Record = Record<V>;
    type Receipt = Receipt;
    type Notice = Notice<V>;
    type Rule = Rule;

    fn recover(config: Config<S>, records: &[Record<V>], effects: &mut Effects<Self>) -> Self {
        let mut acceptor = Acceptor::default();
        for record in records {
            record.apply(&mut acceptor);
        }
        effects.arm.push(Timer::Learn);
        Self {
            config,
            seen: acceptor.promised(),
            acceptor,
            attempt: None,
            learner: Learner::default(),
            wanted: None,
            learned: None,
        }
    }

    fn is_checkpoint(record: &Record<V>) -> bool {
        matches!(record, Record::Accepted(_))
    }

    fn step(&mut self, input: Input<Self>, effects: &mut Effects<Self>) {
        // `None` is a step that did not happen, or not to its end; what it was refused by is in the effects.
        let _ = match input {
            Input::Request(Request::Propose(value)) => self.propose(value, effects),
            Input::Receive { from, message } => self.receive(from, message, effects),
            Input::Elapsed(Timer::Retry) => self.retry(effects),
            Input::Elapsed(Timer::Learn) => self.ask(effects),
            Input::Persisted(receipt) => self.persisted(receipt, effects),
        };
    }
}

impl<V: Command, S: Rules> Node<V, S> {
    /// What was chosen, if this node knows.
    pub fn learned(&self) -> Option<&V> {
        self.learned.as_ref()
    }

    /// The highest ballot that it has heard of.
    pub fn seen(&self) -> Ballot {
        self.seen
    }

    fn receive(
        &mut self,
        from: NodeId,
        message: Message<V>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        match message {
            Message::Phase1a { ballot } => self.phase1a(from, ballot, effects),
            Message::Phase1b { ballot, vote } => self.phase1b(from, ballot, vote, effects),
            Message::Phase2a(proposal) => self.phase2a(from, proposal, effects),
            Message::Phase2b(vote) => self.phase2b(from, vote, effects),
            Message::Preempted { promised } => self.preempted(promised),
            Message::Learn => self.tell(from, effects),
            Message::Chosen { value } => self.learn(value, effects),
        }
    }

    /// The guard `rule`, as a line that ends in `?`; the log names it if it refuses.
    pub(super) fn when(&self, rule: Rule, holds: bool, effects: &mut Effects<Self>) -> Option<()> {
        let kept = self.config.rules.when(rule, holds);
        if kept.is_none() {
            effects.refused = Some(rule);
        }
        kept
    }

    /// Changes the acceptor's memory, on the disk too.
    pub(super) fn write(&mut self, record: Record<V>, effects: &mut Effects<Self>) {
        record.apply(&mut self.acceptor);
        effects.persist.push(record);
        effects.receipt = Some(Receipt {
            promised: self.acceptor.promised(),
            voted: self.acceptor.votes.as_ref().map(|vote| vote.ballot),
        });
    }
}

impl<V: fmt::Display, S> fmt::Display for Node<V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.config.me, self.acceptor.promised())?;
        if let Some(vote) = &self.acceptor.votes {
            write!(f, " voted {vote}")?;
        }
        if let Some(Attempt { proposer, proposed }) = &self.attempt {
            let stage = if *proposed { "proposed in" } else { "asks in" };
            let (ballot, promised) = (proposer.ballot, proposer.promised.count());
            write!(f, ", {stage} {ballot} with {promised} promises")?;
        }
        match &self.learned {
            Some(value) => write!(f, ", learned {value}"),
            None => Ok(()),
        }
    }
}

impl<V: fmt::Display> fmt::Display for Request<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Propose(value) = self;
        write!(f, "Propose {value}")
    }
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<V: fmt::Display> fmt::Display for Notice<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Learned(value) = self;
        write!(f, "Learned {value}")
    }
}
