//! What has happened to each transaction, as far as disks and messages settle it: the history that the mapping reads, whatever logs forget.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::two_phase::{
    Ballot, Branch, Instances, Message, Notice, Outcome, Plan, Record, Rule, TransactionId,
    Value as Proposed, Vote,
};
use concur_models::paxos_commit::Value;
use concur_models::paxos_commit::unbounded::state::Message as Sent;
use concur_rules::RuleSet;

use super::Sites;
use super::ballots::Ballots;
use super::mapping::{Above, has_read};
use crate::cluster::{Event, Step};

/// What has happened, by transaction.
pub type History = BTreeMap<TransactionId, Arc<Facts>>;

/// What a participant's log has said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Logged {
    /// It is prepared.
    Prepared,
    /// It has committed.
    Committed,
    /// It has aborted, after it had prepared.
    Aborted,
}

/// What has happened to a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Whether the client was told its name.
    pub begun: bool,
    /// The branches of which the client was told: in which incarnations each site has taken up work.
    pub enlisted: BTreeSet<Branch>,
    /// Whose hosts were told to commit.
    pub told_to_commit: BTreeSet<NodeId>,
    /// Who was asked to vote, or to decide alone.
    pub branches: Vec<Branch>,
    /// What was durable last in the log of each participant that has voted YES.
    pub logged: BTreeMap<NodeId, Logged>,
    /// Who has sent the vote READ.
    pub read: BTreeSet<NodeId>,
    /// Whether the commit is decided: the record is durable, a participant alone has decided, or the acceptors have chosen it.
    pub committed: bool,
    /// Whether someone was told to abort, or the acceptors have chosen that, before a commit was decided.
    pub aborted: bool,
    /// Where operators have decided, and do not know yet whether they were right.
    pub resolved: BTreeSet<NodeId>,
    /// Whether an operator's decision was forgotten before that was known.
    pub uncompared: bool,
    /// Whether its only participant decides.
    one_phase: bool,
    /// What the acceptors have done; none in two-phase commit.
    pub ballots: Option<Ballots>,
    /// Whether someone has said what it has not done: voted or promised what is not on its disk.
    pub unfounded: bool,
    /// The acceptors that were told to forget, and have heard so.
    pub forgot: BTreeSet<NodeId>,
}

impl Facts {
    /// Whether the coordinator decides, and not its only participant or the acceptors.
    fn is_the_coordinators(&self) -> bool {
        self.ballots.is_none() && !self.one_phase
    }

    /// Whether both values were chosen for a participant, before the acceptors were told to forget.
    pub fn has_chosen_both(&self) -> bool {
        self.ballots.as_ref().is_some_and(Ballots::has_chosen_both)
    }

    /// Takes note of a record that is durable at `site` now.
    pub fn log(&mut self, site: NodeId, record: &Record) {
        match record {
            Record::Commit(..) => self.committed = true,
            Record::OnePhase(_) => {
                self.committed = true;
                self.logged.insert(site, Logged::Committed);
            }
            Record::Prepared(..) => {
                self.logged.insert(site, Logged::Prepared);
                self.vote_prepared(site);
            }
            Record::Committed(_) => self.over(site, Logged::Committed),
            Record::Aborted(_) => self.over(site, Logged::Aborted),
            Record::Resolved(_, resolved) if resolved.decided.is_none() => {
                self.resolved.insert(site);
            }
            Record::Resolved(..) => {
                self.resolved.remove(&site);
            }
            Record::Forgotten(_) => self.uncompared |= self.resolved.contains(&site),
            Record::Accepted(_, instances) => self.accept(site, instances),
            Record::Incarnation(_)
            | Record::End(_)
            | Record::Released(_)
            | Record::Checkpoint(_) => {}
        }
    }

    fn over(&mut self, site: NodeId, how: Logged) {
        self.logged.insert(site, how);
        self.resolved.remove(&site);
    }

    fn vote_prepared(&mut self, site: NodeId) {
        if let Some(ballots) = &mut self.ballots {
            ballots.vote_prepared(site);
        }
    }

    fn accept(&mut self, acceptor: NodeId, instances: &Instances) {
        let Some(ballots) = &mut self.ballots else {
            return;
        };
        ballots.accept(acceptor, instances);
        if ballots.chose_for_all(Value::Prepared) {
            self.committed = true;
            ballots.send(Sent::Commit);
        } else if ballots.chose_for_one(Value::Aborted) {
            self.abort();
        }
    }

    fn abort(&mut self) {
        self.aborted |= !self.committed;
        if let Some(ballots) = self.ballots.as_mut().filter(|_| !self.committed) {
            ballots.send(Sent::Abort);
        }
    }

    /// Takes note of what the host of `site`, or its client, was told.
    pub fn tell(&mut self, site: NodeId, notice: &Notice) {
        match notice {
            Notice::Begun { .. } => self.begun = true,
            Notice::Enlisted { branch, .. } => {
                self.enlisted.insert(*branch);
            }
            Notice::Commit { .. } => {
                self.told_to_commit.insert(site);
            }
            _ => {}
        }
    }

    /// Takes note of a message that was sent. `voted_read` says whether its sender has voted READ, as it remembers.
    pub fn hear(&mut self, from: NodeId, to: NodeId, message: &Message, voted_read: bool) {
        // What is sent in one step has no order: a ballot may be heard of before the first PREPARE.
        if let Some(plan) = plan_of(message).filter(|plan| plan.is_paxos()) {
            self.ballots.get_or_insert_with(|| Ballots::new(plan));
        }
        if let Some(ballots) = &mut self.ballots {
            ballots.hear(message);
        }
        match message {
            Message::Prepare { plan, .. } => self.branches.clone_from(&plan.participants),
            Message::PrepareOnePhase { incarnation, .. } => {
                let (site, incarnation) = (to, *incarnation);
                self.branches = vec![Branch { site, incarnation }];
                self.one_phase = true;
            }
            Message::Vote {
                vote: Vote::Read, ..
            } => {
                self.read.insert(from);
            }
            // Nothing is written where nothing was changed: the message is all there is.
            Message::OnePhaseDone {
                outcome: Outcome::Commit,
                ..
            }
            | Message::Phase2a {
                ballot: Ballot::ZERO,
                ..
            } if voted_read => {
                self.read.insert(from);
                self.vote_prepared(from);
            }
            // One that has only read, and has forgotten that, may say ABORT: it is still not concerned.
            Message::OnePhaseDone {
                outcome: Outcome::Abort,
                ..
            } if !self.read.contains(&from) => {
                self.abort();
            }
            Message::Decision {
                outcome: Outcome::Abort,
                ..
            }
            | Message::Forgotten { .. }
                if self.is_the_coordinators() =>
            {
                self.abort();
            }
            _ => {}
        }
        self.unfounded |= !self.is_so(from, message);
    }

    /// Whether someone has done what it says, by what is durable on its disk.
    fn is_so(&self, from: NodeId, message: &Message) -> bool {
        let prepared = self.logged.contains_key(&from);
        match message {
            Message::Vote {
                vote: Vote::Yes, ..
            } => prepared,
            Message::Phase2a {
                ballot: Ballot::ZERO,
                values,
                ..
            } => {
                let yes = values.get(&from) == Some(&Proposed::Prepared);
                yes == (prepared || self.read.contains(&from))
            }
            _ => {
                let ballots = self.ballots.as_ref();
                ballots.is_none_or(|ballots| ballots.is_so(from, message))
            }
        }
    }
}

/// Who takes part and who votes, if a message says so.
fn plan_of(message: &Message) -> Option<&Plan> {
    match message {
        Message::Prepare { plan, .. }
        | Message::Phase1a { plan, .. }
        | Message::Phase2a { plan, .. } => Some(plan),
        _ => None,
    }
}

/// Of which transaction a record speaks.
pub(super) fn transaction_of(record: &Record) -> Option<TransactionId> {
    match record {
        Record::Commit(transaction, _)
        | Record::End(transaction)
        | Record::Prepared(transaction, _)
        | Record::Committed(transaction)
        | Record::Aborted(transaction)
        | Record::OnePhase(transaction)
        | Record::Resolved(transaction, _)
        | Record::Forgotten(transaction)
        | Record::Accepted(transaction, _)
        | Record::Released(transaction) => Some(*transaction),
        Record::Incarnation(_) | Record::Checkpoint(_) => None,
    }
}

/// Of which transaction a host is told.
pub(super) fn told_of(notice: &Notice) -> TransactionId {
    match notice {
        Notice::Begun { transaction, .. }
        | Notice::Decided { transaction, .. }
        | Notice::Enlisted { transaction, .. }
        | Notice::Prepare { transaction }
        | Notice::InDoubt { transaction }
        | Notice::Commit { transaction }
        | Notice::Abort { transaction }
        | Notice::Mismatch { transaction, .. } => *transaction,
    }
}

/// The history before a step, and what changes.
struct Changed<'h>(&'h History, BTreeMap<TransactionId, Facts>);

impl Changed<'_> {
    fn of(&mut self, transaction: TransactionId) -> &mut Facts {
        let known = self.0.get(&transaction);
        let facts = || known.map_or_else(Facts::default, |facts| (**facts).clone());
        self.1.entry(transaction).or_insert_with(facts)
    }
}

/// The history after a step, if it changes: first by what became durable, then by what was sent, then by what was told, as it happened.
pub(super) fn remember<S: RuleSet<Rule>, A: Above>(
    step: &Step<'_, Sites<S, A>>,
) -> Option<History> {
    let id = step.event.node();
    let old = &step.before.history;
    let mut changed = Changed(old, BTreeMap::new());
    for record in step.forced {
        if let Some(transaction) = transaction_of(record) {
            changed.of(transaction).log(id, record);
        }
    }
    if let Event::Deliver(packet) = step.event
        && let Message::Forget { transaction } = &packet.message
    {
        changed.of(*transaction).forgot.insert(id);
    }
    let core = step.after.node(id).core.as_ref();
    for packet in step.after.sent_since(step.before) {
        let transaction = packet.message.transaction();
        let read = core.is_some_and(|core| has_read(core, transaction));
        let facts = changed.of(transaction);
        facts.hear(packet.from, packet.to, &packet.message, read);
    }
    for notice in step.told {
        changed.of(told_of(notice)).tell(id, notice);
    }
    let mut changed = changed.1;
    changed.retain(|transaction, facts| old.get(transaction).map(|it| &**it) != Some(&*facts));
    changed.retain(|_, facts| *facts != Facts::default());
    if changed.is_empty() {
        return None;
    }
    let mut history = (**old).clone();
    history.extend(
        changed
            .into_iter()
            .map(|(transaction, facts)| (transaction, Arc::new(facts))),
    );
    Some(history)
}
