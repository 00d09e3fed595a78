//! A site: its state, what it does when it starts, and the dispatch of what happens to it.

mod acceptor;
mod coordinator;
mod display;
mod leader;
mod log;
mod operator;
mod participant;
mod state;
mod termination;
mod voting;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use concur_rules::Faithful;

pub use state::{Asked, Closed, Coordination, Leader, Participation};

use super::{
    Config, Entry, Image, InDoubt, Instances, Message, Notice, Outcome, Record, Request, Rule,
    Rules, Timer, TransactionId,
};
use crate::{Effects, Input, NodeId, Protocol};

/// One site, in all its roles: coordinator of the transactions that begin here, participant in those that do work here, acceptor and leader of Paxos Commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site<S = Faithful> {
    config: Config<S>,
    /// What the log says, with the records that are not written yet.
    image: Image,
    /// Records that need not be forced: they ride along with the next that must be.
    lazy: Vec<Record>,
    /// Acknowledgements that wait for those records.
    held: Vec<(NodeId, Message)>,
    /// How many records were written since the last checkpoint.
    since_checkpoint: u64,
    /// How many transactions were begun in this incarnation.
    next: u64,
    coordinated: BTreeMap<TransactionId, Coordination>,
    participations: BTreeMap<TransactionId, Participation>,
    /// Participations of this incarnation that are over, until their coordinator says that nothing of them can arrive any more.
    closed: BTreeMap<TransactionId, Closed>,
    /// By coordinator: all transactions that are less are closed.
    floors: BTreeMap<NodeId, TransactionId>,
    /// Acceptor: what it knows; what it has voted for in ballot 0 may not be written yet.
    instances: BTreeMap<TransactionId, Instances>,
    leaders: BTreeMap<TransactionId, Leader>,
}

pub(super) type SiteEffects<S> = Effects<Site<S>>;

impl<S: Rules> Protocol for Site<S> {
    type Config = Config<S>;
    type Request = Request;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Receipt = ();
    type Notice = Notice;
    type Rule = Rule;

    fn recover(config: Config<S>, records: &[Record], effects: &mut SiteEffects<S>) -> Self {
        let mut site = Self {
            config,
            image: Image::of(records),
            lazy: Vec::new(),
            held: Vec::new(),
            since_checkpoint: records.len() as u64,
            next: 0,
            coordinated: BTreeMap::new(),
            participations: BTreeMap::new(),
            closed: BTreeMap::new(),
            floors: BTreeMap::new(),
            instances: BTreeMap::new(),
            leaders: BTreeMap::new(),
        };
        site.force(
            Record::Incarnation(site.image.incarnation.saturating_add(1)),
            effects,
        );
        site.recover_coordinator(effects);
        site.recover_participant(effects);
        site.recover_acceptor(effects);
        site
    }

    fn is_checkpoint(record: &Record) -> bool {
        matches!(record, Record::Checkpoint(_))
    }

    fn step(&mut self, input: Input<Self>, effects: &mut SiteEffects<S>) {
        match input {
            Input::Request(request) => self.request(request, effects),
            Input::Receive { from, message } => self.receive(from, message, effects),
            Input::Elapsed(timer) => self.elapsed(timer, effects),
            Input::Persisted(()) => {}
        }
    }
}

// Dispatch.
impl<S: Rules> Site<S> {
    fn request(&mut self, request: Request, effects: &mut SiteEffects<S>) {
        match request {
            Request::Begin { token } => self.begin(token, effects),
            Request::Commit {
                transaction,
                branches,
                mode,
            } => {
                self.submit(transaction, branches, mode, effects);
            }
            Request::Rollback { transaction } => self.roll_back(transaction, effects),
            Request::Enlist { transaction } => self.enlist(transaction, effects),
            Request::Vote { transaction, vote } => self.vote(transaction, vote, effects),
            Request::Withdraw { transaction } => self.withdraw(transaction, effects),
            Request::Applied { transaction } => self.applied(transaction, effects),
            Request::Resolve {
                transaction,
                outcome,
            } => self.resolve(transaction, outcome, effects),
            Request::ForgetMismatch { transaction } => self.forget_mismatch(transaction, effects),
            Request::Checkpoint => self.checkpoint(effects),
        }
    }

    fn receive(&mut self, from: NodeId, message: Message, effects: &mut SiteEffects<S>) {
        match message {
            Message::Prepare {
                transaction,
                plan,
                floor,
            } => {
                self.raise_floor(from, floor);
                self.on_prepare(from, transaction, Asked::Prepare(plan), effects);
            }
            Message::PrepareOnePhase {
                transaction,
                incarnation,
                floor,
            } => {
                self.raise_floor(from, floor);
                self.on_prepare(from, transaction, Asked::OnePhase(incarnation), effects);
            }
            Message::Vote { transaction, vote } => self.on_vote(from, transaction, vote, effects),
            Message::Decision {
                transaction,
                outcome,
                acknowledge,
            } => {
                self.on_decision(from, transaction, outcome, acknowledge, effects);
            }
            Message::Ack {
                transaction,
                mismatch,
            } => self.on_ack(from, transaction, mismatch, effects),
            Message::Inquiry {
                transaction,
                incarnation,
            } => {
                self.on_inquiry(from, transaction, incarnation, effects);
            }
            Message::Forgotten { transaction } => self.on_forgotten(from, transaction, effects),
            // A peer that is uncertain cannot help: what helps is to go on asking.
            Message::Uncertain { .. } => {}
            Message::OnePhaseDone {
                transaction,
                outcome,
            } => {
                self.on_one_phase_done(from, transaction, outcome, effects);
            }
            Message::OnePhaseAck { transaction } => self.on_one_phase_ack(transaction, effects),
            Message::Phase1a {
                transaction,
                plan,
                ballot,
            } => {
                self.on_phase1a(from, transaction, plan, ballot, effects);
            }
            Message::Phase1b {
                transaction,
                ballot,
                votes,
            } => {
                self.on_phase1b(from, transaction, ballot, votes, effects);
            }
            Message::Phase2a {
                transaction,
                plan,
                ballot,
                values,
            } => {
                self.on_phase2a(from, transaction, plan, (ballot, values), effects);
            }
            Message::Phase2b {
                transaction,
                ballot,
                values,
            } => {
                self.on_phase2b(from, transaction, ballot, values, effects);
            }
            Message::Outvoted {
                transaction,
                promised,
            } => self.on_outvoted(transaction, promised),
            Message::Forget { transaction } => self.on_forget(transaction, effects),
        }
    }

    fn elapsed(&mut self, timer: Timer, effects: &mut SiteEffects<S>) {
        match timer {
            Timer::Coordinator(transaction) => self.coordinator_waited(transaction, effects),
            Timer::Participant(transaction) => self.participant_waited(transaction, effects),
            Timer::Leader(transaction) => self.leader_waited(transaction, effects),
            Timer::Acceptor(transaction) => self.acceptor_waited(transaction, effects),
            Timer::Flush => self.flush(effects),
        }
    }
}

// Rules.
impl<S: Rules> Site<S> {
    /// Whether the rule lets the input have its effect; if not, the refusal is named.
    fn requires(&self, rule: impl Into<Rule>, holds: bool, effects: &mut SiteEffects<S>) -> bool {
        let rule = rule.into();
        let allowed = self.config.rules.requires(rule, holds);
        if !allowed {
            effects.refused = Some(rule);
        }
        allowed
    }

    /// Whether the rule lets it happen now. That it does not yet is no refusal.
    fn allows(&self, rule: impl Into<Rule>, holds: bool) -> bool {
        self.config.rules.requires(rule.into(), holds)
    }

    /// Sends what tells of a record that was just written: only when it is durable, as the rule demands.
    fn send_synced(
        &self,
        rule: impl Into<Rule>,
        to: NodeId,
        message: Message,
        effects: &mut SiteEffects<S>,
    ) {
        if self.allows(rule, false) {
            effects.send_ahead.push((to, message));
        } else {
            effects.send.push((to, message));
        }
    }
}

// What the host may look at.
impl<S: Rules> Site<S> {
    /// The name of this site.
    pub fn id(&self) -> NodeId {
        self.config.id
    }

    /// How often this site has been started, this time included.
    pub fn incarnation(&self) -> u64 {
        self.image.incarnation
    }

    /// What the log will say once everything is written.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// How many records wait for a write to ride along with.
    pub fn unwritten(&self) -> usize {
        self.lazy.len()
    }

    /// The transactions that this site coordinates, and how far they are.
    pub fn coordinated(&self) -> &BTreeMap<TransactionId, Coordination> {
        &self.coordinated
    }

    /// The transactions in which this site takes part, and how far they are.
    pub fn participations(&self) -> &BTreeMap<TransactionId, Participation> {
        &self.participations
    }

    /// The participations of this incarnation that are over, as far as they are remembered.
    pub fn closed(&self) -> &BTreeMap<TransactionId, Closed> {
        &self.closed
    }

    /// What this site knows as an acceptor.
    pub fn instances(&self) -> &BTreeMap<TransactionId, Instances> {
        &self.instances
    }

    /// The transactions that this site leads to a decision, as in Paxos.
    pub fn leaders(&self) -> &BTreeMap<TransactionId, Leader> {
        &self.leaders
    }

    /// What an operator should see: transactions in doubt, and operators' decisions that are not settled.
    pub fn in_doubt(&self) -> impl Iterator<Item = (TransactionId, InDoubt)> + '_ {
        let entries = self.image.entries.iter();
        entries.filter_map(|(transaction, entry)| {
            let state = match (entry, self.participations.get(transaction)?) {
                (Entry::Prepared(_), Participation::Prepared { .. }) => InDoubt::Waiting,
                (Entry::Resolved(resolved), Participation::Resolved(_)) => InDoubt::Resolved {
                    took: resolved.took,
                    decided: resolved.decided,
                },
                _ => return None,
            };
            Some((*transaction, state))
        })
    }

    /// What this site knows to be the decision: from the coordinator, from another participant, or its own.
    pub fn outcome(&self, transaction: TransactionId) -> Option<Outcome> {
        match self.participations.get(&transaction) {
            Some(participation) => participation.outcome(),
            None => self.closed.get(&transaction)?.outcome,
        }
    }
}
