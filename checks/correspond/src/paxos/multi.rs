//! A log of slots: a cluster of [`Node`]s as Paxos in each slot, with ballots that all slots share.
//!
//! What the mapping forgets, and why:
//! - who leads, what a candidate has collected, which votes a leader has counted: Paxos.tla reads that off the messages;
//! - watermarks, and what was learned, caught up with or restored: they move no acceptor, and whatever is said of them, on a disk, in a message or to a host, must be chosen in the model;
//! - that votes are forgotten below a snapshot: the model's acceptor remembers them, and nobody may need them;
//! - `Preempted`, heartbeats and alarms: they say who should give up, and when, not what is chosen;
//! - what is written and not durable: nobody knows of it, and a crash may take it;
//! - a promise that is given once more after a vote in its ballot: its candidate leads already, or never will.

use concur_cores::paxos::multi::{
    Config as NodeConfig, Entries, Entry, Log, Message as Said, Node, Notice, Record, Request,
    Rule, Slot as CoreSlot, Snapshot, Timer,
};
use concur_cores::paxos::{Ballot as CoreBallot, Quorums};
use concur_cores::{Effects, NodeId, Protocol};
use concur_models::kit::Mapped;
use concur_models::paxos::unbounded::protocol::Action;
use concur_models::paxos::unbounded::state::{Memory, Message, State as Above};
use concur_models::paxos::unbounded::{Ballot, Slot, Value, Vote};
use concur_rules::{Card, Faithful, RuleSet};
use stateright::Property;

use super::past::Past;
use super::{AbovePaxos, acceptor, actions_between, ballot, begun, news, relaxed};
use crate::cluster::{Event, Packet, StateOf, Step};
use crate::{Clustered, Correspondence, Kept};

/// Nodes that are leaders, acceptors and learners at once, and the model above.
#[derive(Clone, Debug)]
pub struct MultiPaxosCores<S> {
    /// How many acceptors there are.
    pub nodes: usize,
    /// How many nodes there are that only learn.
    pub learners: usize,
    /// How many acceptors begin a ballot, and how many choose an entry.
    pub phases: (usize, usize),
    /// How many of the acceptors ever campaign.
    pub proposers: usize,
    /// How many rounds of ballots there are.
    pub rounds: u64,
    /// How many ballots may be begun, all together.
    pub ballots: usize,
    /// How many slots clients fill.
    pub slots: u64,
    /// How many requests each node gets.
    pub requests: u32,
    /// For how many slots ahead of what is chosen a leader may propose.
    pub window: usize,
    /// Whether hosts take snapshots; some too early.
    pub compact: bool,
    /// Whether leaders' heartbeats go off.
    pub heartbeats: bool,
    /// Whether the network loses votes, refusals and heartbeats, so that nobody learns what is chosen.
    pub quiet: bool,
    /// How often nodes may crash.
    pub crashes: u32,
    /// Whether writes take time.
    pub slow_disks: bool,
    /// The model above.
    pub above: AbovePaxos,
    /// The rules that are kept.
    pub rules: S,
}

type Core<S> = Node<u64, Kept<S>>;

/// The model's name of a slot.
pub(super) fn slot(slot: CoreSlot) -> Slot {
    Slot(slot.0)
}

/// The model's name of an entry: 0 is the no-op.
pub(super) fn value(entry: &Entry<u64>) -> Value {
    match entry {
        Entry::NoOp => Value(0),
        Entry::Command(command) => Value(*command),
    }
}

/// Neighbouring slots from `first` on, each with the value of its entry.
pub(super) fn values(
    first: CoreSlot,
    entries: &Entries<u64>,
) -> impl Iterator<Item = (Slot, Value)> {
    (first.0..).map(Slot).zip(entries.iter().map(value))
}

/// A host whose state is all that it has executed: eight bytes a slot.
fn snapshot(log: &Log<u64>, upto: CoreSlot) -> Snapshot {
    let entry = |at| {
        log.get(CoreSlot(at))
            .map_or(u64::MAX, |vote| value(&vote.value).0)
    };
    let executed = (log.first().0..upto.0).flat_map(|at| entry(at).to_le_bytes());
    let before = log.snapshot().state.iter().copied();
    Snapshot {
        upto,
        state: before.chain(executed).collect(),
    }
}

impl<S> MultiPaxosCores<S> {
    fn ids(&self) -> impl Iterator<Item = NodeId> + use<S> {
        (1..=(self.nodes + self.learners) as u64).map(NodeId)
    }

    pub(super) fn ballot(&self, of: CoreBallot) -> Option<Ballot> {
        ballot(self.proposers, of)
    }

    fn config<R>(&self, me: NodeId, rules: R) -> NodeConfig<R> {
        let (phase1, phase2) = self.phases;
        let quorums = Quorums::flexible(self.ids().take(self.nodes), phase1, phase2);
        NodeConfig {
            me,
            quorums: quorums.expect("the sizes were made to meet"),
            learners: self.ids().skip(self.nodes).collect(),
            window: self.window,
            batch: self.window,
            rules,
        }
    }

    /// The node that starts from these records.
    fn recovered(&self, id: NodeId, records: &[Record<u64>]) -> Node<u64> {
        Protocol::recover(self.config(id, Faithful), records, &mut Effects::new())
    }

    /// The highest ballot in which an acceptor with these records has taken part.
    fn promised(&self, records: &[Record<u64>]) -> Option<Ballot> {
        let ballots = records.iter().rev().find_map(|record| match record {
            Record::Promised(ballot) | Record::Accepted { ballot, .. } => Some(*ballot),
            Record::Checkpoint { promised, .. } => Some(*promised),
            Record::Learned { .. } => None,
        });
        self.ballot(ballots?)
    }

    /// Notes what a node has done once `record` is durable.
    fn note(&self, past: &mut Past, id: NodeId, record: &Record<u64>) {
        let a = acceptor(id);
        match record {
            Record::Promised(ballot) => {
                let Some(bal) = self.ballot(*ballot) else {
                    return;
                };
                if ballot.node == id {
                    past.send(Message::P1a(bal));
                }
                past.send(Message::P1b(a, bal, past.votes_of(a)));
            }
            Record::Accepted {
                ballot,
                first,
                entries,
                ..
            } => {
                for (slot, val) in values(*first, entries) {
                    let bal = self.ballot(*ballot);
                    past.vote(a, slot, bal.map(|bal| Vote::new(bal, val)));
                }
            }
            Record::Learned { .. } | Record::Checkpoint { .. } => {}
        }
    }

    /// Notes what was proposed.
    fn note_proposals(&self, past: &mut Past, said: &Said<u64>) {
        if let Said::Phase2a {
            ballot,
            first,
            entries,
            ..
        } = said
            && let Some(bal) = self.ballot(*ballot)
        {
            for (slot, val) in values(*first, entries) {
                past.send(Message::P2a(slot, Vote::new(bal, val)));
            }
        }
    }
}

impl<S: RuleSet<Rule>> Correspondence for MultiPaxosCores<S> {
    type Core = Core<S>;
    type Above = AbovePaxos;
    type History = Past;

    /// A leader proposes, and votes, in all slots of a window at once; and a crash may leave many writes on a disk.
    const STEPS: usize = 1 << 12;
    const BOUNDS: &'static [&'static str] = &["crashes", "rounds", "ballots"];

    fn configs(&self) -> Vec<(NodeId, NodeConfig<Kept<S>>)> {
        let config = |id| (id, self.config(id, Kept(self.rules.clone())));
        self.ids().map(config).collect()
    }

    fn above(&self) -> AbovePaxos {
        self.above.clone()
    }

    fn relaxed(&self) -> Vec<(&'static Card, AbovePaxos)> {
        relaxed(&self.above)
    }

    fn mapped(&self, cluster: &StateOf<Self>) -> Above {
        let acceptors = cluster.nodes.iter().take(self.nodes);
        let memory = acceptors.map(|node| Memory {
            max_bal: self.promised(node.disk.durable()),
            votes: cluster.history.votes_of(acceptor(node.id)),
        });
        Above {
            acceptors: memory.collect(),
            msgs: cluster.history.msgs.clone(),
        }
    }

    fn remember(&self, step: &Step<'_, Self>) -> Option<Past> {
        let id = step.event.node();
        if step.forced.is_empty() && step.before.packets == step.after.packets {
            return None;
        }
        let mut past = (*step.before.history).clone();
        for record in step.forced {
            self.note(&mut past, id, record);
        }
        for packet in news(step) {
            self.note_proposals(&mut past, &packet.message);
        }
        past.note_chosen(&self.above);
        if news(step).any(|packet| !self.is_so(&past, packet)) {
            past.unfounded = Some(id);
        }
        if !step.forced.is_empty() {
            let records = step.after.node(id).disk.durable();
            if !past.agrees(&self.above, id, self, self.recovered(id, records).log()) {
                past.forgetful = Some(id);
            }
        }
        (past != *step.before.history).then_some(past)
    }

    fn witness(
        &self,
        before: &StateOf<Self>,
        _: &Event<Core<S>>,
        after: &StateOf<Self>,
        _: Mapped<'_, Self::Above>,
    ) -> Vec<Action> {
        actions_between(&before.history.msgs, &after.history.msgs)
    }

    /// Clients ask whoever leads. Hosts take snapshots of what they have executed; and some, wrongly, of what was only voted for.
    fn requests(&self, cluster: &StateOf<Self>, id: NodeId) -> Vec<Request<u64>> {
        let node = cluster.node(id);
        let Some(core) = node.core.as_ref().filter(|_| node.requests < self.requests) else {
            return Vec::new();
        };
        let log = core.log();
        let mut requests = Vec::new();
        if core.leads() && log.end().0 < self.slots {
            let earlier = u64::from(node.requests) * self.proposers as u64;
            requests.push(Request::Propose(vec![earlier + id.0]));
        }
        let upto = [log.chosen(), log.end()].into_iter();
        let more = upto.filter(|upto| self.compact && *upto > log.first());
        requests.extend(more.map(|upto| Request::Compact(snapshot(log, upto))));
        requests.dedup();
        requests
    }

    fn may_elapse(&self, _: &StateOf<Self>, id: NodeId, timer: Timer) -> bool {
        match timer {
            Timer::Election => id.0 <= self.proposers as u64,
            Timer::Heartbeat => self.heartbeats,
        }
    }

    fn loses(&self, message: &Said<u64>) -> bool {
        let loud = matches!(
            message,
            Said::Phase2b { .. } | Said::Preempted { .. } | Said::Heartbeat { .. }
        );
        self.quiet && loud
    }

    fn slow_disks(&self) -> bool {
        self.slow_disks
    }

    fn crashes(&self) -> u32 {
        self.crashes
    }

    fn exceeded(&self, cluster: &StateOf<Self>) -> Option<usize> {
        let beyond = |(_, core): (NodeId, &Core<S>)| core.seen().round > self.rounds;
        if cluster.up().any(beyond) {
            return Some(1);
        }
        (begun(&cluster.history.msgs) > self.ballots).then_some(2)
    }

    /// One record that says all there is to say.
    fn tidy(&self, records: &mut Vec<Record<u64>>) {
        if records.len() < 2 {
            return;
        }
        let node = self.recovered(NodeId(1), records);
        let log = node.log();
        *records = vec![Record::Checkpoint {
            promised: node.promised(),
            snapshot: log.snapshot().clone(),
            rest: log.suffix(log.first()),
        }];
    }

    fn is_true(&self, above: &Above, _: NodeId, notice: &Notice<u64>) -> bool {
        let chosen = |(slot, value)| self.above.chosen(above, slot).contains(&value);
        match notice {
            Notice::Chosen { first, entries } => values(*first, entries).all(chosen),
            Notice::Restored(snapshot) => Past::held(snapshot).all(chosen),
            Notice::Leading(ballot) => self.ballot(*ballot).is_some_and(|bal| {
                let promised = |a| above.reports(a, bal).next().is_some();
                let mut quorums = self.above.quorums.phase1.iter();
                quorums.any(|quorum| quorum.iter().all(promised))
            }),
            Notice::Deposed | Notice::Rejected { .. } => true,
        }
    }

    fn has_told(&self, cluster: &StateOf<Self>) -> bool {
        cluster.up().any(|(_, core)| core.leads())
    }

    fn properties() -> Vec<Property<Clustered<Self>>> {
        vec![
            Property::<Clustered<Self>>::always("SaidIsDone", |_, s| s.history.unfounded.is_none()),
            Property::<Clustered<Self>>::sometimes("SaidIsDone: one promises", |_, s| {
                s.sent()
                    .any(|packet| matches!(packet.message, Said::Phase1b { .. }))
            }),
            Property::<Clustered<Self>>::always("DisksRemember", |_, s| {
                s.history.forgetful.is_none()
            }),
            Property::<Clustered<Self>>::sometimes("DisksRemember: one has voted", |_, s| {
                s.history.anyone_voted()
            }),
            Property::<Clustered<Self>>::always("WithinWindow", |m, s| {
                let window = m.correspondence.window;
                let within = |log: &Log<u64>| log.end() <= log.chosen().plus(window);
                s.up().all(|(_, core)| within(core.log()))
            }),
            Property::<Clustered<Self>>::sometimes("WithinWindow: a window is full", |m, s| {
                let window = m.correspondence.window;
                let full = |log: &Log<u64>| log.end() == log.chosen().plus(window);
                s.up().any(|(_, core)| full(core.log()))
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> MultiPaxosCores<S> {
    /// Whether what a message says of its sender's disk, and of what is chosen, is so.
    fn is_so(&self, past: &Past, packet: &Packet<Core<S>>) -> bool {
        let from = acceptor(packet.from);
        match &packet.message {
            Said::Phase1a { ballot, first } => {
                let bal = self.ballot(*ballot);
                let asked = bal.is_some_and(|bal| past.msgs.contains(&Message::P1a(bal)));
                asked && past.knows_below(slot(*first))
            }
            Said::Phase1b { ballot, told } => {
                let bal = self.ballot(*ballot);
                bal.is_some_and(|bal| past.promise_is_so(&self.above, from, bal, self, told))
            }
            Said::Phase2b { ballot, first, end } => self.ballot(*ballot).is_some_and(|bal| {
                let above = past.above();
                let voted = |at| above.vote_in(from, Slot(at), bal).is_some();
                (first.0..end.0).all(voted)
            }),
            Said::Phase2a { chosen, .. } | Said::Heartbeat { chosen, .. } => {
                past.knows_below(slot(*chosen))
            }
            Said::Chosen {
                first,
                entries,
                chosen,
            } => {
                let so = values(*first, entries).all(|(at, val)| past.chose(&self.above, at, val));
                so && past.knows_below(slot(*chosen))
            }
            Said::Snapshot(snapshot) => {
                Past::held(snapshot).all(|(at, val)| past.chose(&self.above, at, val))
            }
            Said::Preempted { .. } | Said::Learn { .. } => true,
        }
    }
}
