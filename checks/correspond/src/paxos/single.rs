//! One decision: a cluster of [`Node`]s as Paxos in one slot.
//!
//! What the mapping forgets, and why:
//! - what a proposer has collected, and what a learner has heard: Paxos.tla reads that off the messages;
//! - `Preempted`, `Learn` and `Chosen`: they move nobody but whom they tell, and what hosts are told is checked by itself;
//! - what is written and not durable: nobody knows of it, and a crash may take it;
//! - alarms: they say when, not what;
//! - a promise that is given after the vote in the same ballot, and reports that vote: its proposer has proposed, and counts no more.

use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::single::{
    Config as NodeConfig, Message as Said, Node, Notice, Record, Request, Timer,
};
use concur_cores::paxos::{Ballot as CoreBallot, Quorums, Ranked};
use concur_models::kit::Mapped;
use concur_models::paxos::unbounded::protocol::Action;
use concur_models::paxos::unbounded::state::{Memory, Message, Messages, State as Above, Votes};
use concur_models::paxos::unbounded::{Ballot, Slot, Value, Vote};
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::{Card, RuleSet};
use stateright::Property;

use super::{AbovePaxos, acceptor, actions_between, ballot, begun, news, relaxed};
use crate::cluster::{Event, Packet, StateOf, Step};
use crate::{Clustered, Correspondence, Kept};

/// The one decision.
const ONE: Slot = Slot(0);

/// Nodes that are proposers, acceptors and learners at once, and the model above.
#[derive(Clone, Debug)]
pub struct PaxosCores<S> {
    /// How many nodes there are.
    pub nodes: usize,
    /// How many acceptors begin a ballot, and how many choose a value.
    pub phases: (usize, usize),
    /// How many of the nodes propose, each a value of its own.
    pub proposers: usize,
    /// How many rounds of ballots there are.
    pub rounds: u64,
    /// How many ballots may be begun, all together.
    pub ballots: usize,
    /// How often nodes may crash.
    pub crashes: u32,
    /// Whether writes take time.
    pub slow_disks: bool,
    /// Whether nodes ask what was chosen.
    pub learn: bool,
    /// Whether the network loses votes and refusals, so that nobody learns from another.
    pub quiet: bool,
    /// The model above.
    pub above: AbovePaxos,
    /// The rules that are kept.
    pub rules: S,
}

/// What has happened, beyond what disks and cores show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Done {
    /// What acceptors and owners of ballots have done, by what was ever durable on their disks, and what was proposed: the model's messages.
    pub msgs: Messages,
    /// Who has said what it has not done, if anybody has.
    pub unfounded: Option<NodeId>,
}

type Core<S> = Node<u64, Kept<S>>;

impl<S> PaxosCores<S> {
    fn ids(&self) -> impl Iterator<Item = NodeId> + use<S> {
        (1..=self.nodes as u64).map(NodeId)
    }

    fn ballot(&self, of: CoreBallot) -> Option<Ballot> {
        ballot(self.proposers, of)
    }

    fn vote(&self, vote: &Ranked<u64>) -> Option<Vote> {
        Some(Vote::new(self.ballot(vote.ballot)?, Value(vote.value)))
    }

    fn votes(&self, vote: Option<&Ranked<u64>>) -> Votes {
        let vote = vote.and_then(|vote| self.vote(vote));
        vote.map(|vote| (ONE, vote)).into_iter().collect()
    }

    /// What an acceptor remembers after these records.
    fn memory<'r>(&self, records: impl IntoIterator<Item = &'r Record<u64>>) -> Memory {
        let mut memory = Memory::default();
        for record in records {
            match record {
                Record::Promised(ballot) => memory.max_bal = self.ballot(*ballot),
                Record::Accepted(vote) => {
                    memory.max_bal = self.ballot(vote.ballot);
                    memory.votes = self.votes(Some(vote));
                }
            }
        }
        memory
    }

    /// What a node has done once `record` is durable, where its disk held `before`.
    fn done(&self, id: NodeId, before: &[Record<u64>], record: &Record<u64>) -> Vec<Message> {
        match record {
            Record::Promised(ballot) => {
                let Some(bal) = self.ballot(*ballot) else {
                    return Vec::new();
                };
                let votes = self.memory(before).votes;
                let begun = (ballot.node == id).then_some(Message::P1a(bal));
                let promise = Message::P1b(acceptor(id), bal, votes);
                begun.into_iter().chain([promise]).collect()
            }
            Record::Accepted(vote) => {
                let vote = self.vote(vote);
                let cast = vote.map(|vote| Message::P2b(acceptor(id), ONE, vote));
                cast.into_iter().collect()
            }
        }
    }

    /// What a message says of its sender's disk.
    fn says(&self, packet: &Packet<Core<S>>) -> Option<Message>
    where
        S: RuleSet<Rule>,
    {
        let from = acceptor(packet.from);
        match &packet.message {
            Said::Phase1a { ballot } => Some(Message::P1a(self.ballot(*ballot)?)),
            Said::Phase1b { ballot, vote } => {
                let again = vote.as_ref().is_some_and(|vote| vote.ballot == *ballot);
                let votes = self.votes(vote.as_ref());
                (!again).then_some(Message::P1b(from, self.ballot(*ballot)?, votes))
            }
            Said::Phase2b(vote) => Some(Message::P2b(from, ONE, self.vote(vote)?)),
            _ => None,
        }
    }

    fn proposal(&self, packet: &Packet<Core<S>>) -> Option<Message>
    where
        S: RuleSet<Rule>,
    {
        match &packet.message {
            Said::Phase2a(proposal) => Some(Message::P2a(ONE, self.vote(proposal)?)),
            _ => None,
        }
    }
}

impl<S: RuleSet<Rule>> Correspondence for PaxosCores<S> {
    type Core = Core<S>;
    type Above = AbovePaxos;
    type History = Done;

    /// What a node does at once is four at most: it begins a ballot, promises it, proposes, and votes, where it is a phase-1 quorum by itself. A crash may leave many writes on a disk.
    const STEPS: usize = 1 << 8;
    const BOUNDS: &'static [&'static str] = &["crashes", "rounds", "ballots"];

    fn configs(&self) -> Vec<(NodeId, NodeConfig<Kept<S>>)> {
        let (phase1, phase2) = self.phases;
        let quorums = Quorums::flexible(self.ids(), phase1, phase2);
        let quorums = quorums.expect("the sizes were made to meet");
        let config = |me| NodeConfig {
            me,
            quorums: quorums.clone(),
            others: [].into(),
            rules: Kept(self.rules.clone()),
        };
        self.ids().map(|id| (id, config(id))).collect()
    }

    fn above(&self) -> AbovePaxos {
        self.above.clone()
    }

    fn relaxed(&self) -> Vec<(&'static Card, AbovePaxos)> {
        relaxed(&self.above)
    }

    fn mapped(&self, cluster: &StateOf<Self>) -> Above {
        let nodes = cluster.nodes.iter();
        Above {
            acceptors: nodes.map(|node| self.memory(node.disk.durable())).collect(),
            msgs: cluster.history.msgs.clone(),
        }
    }

    fn remember(&self, step: &Step<'_, Self>) -> Option<Done> {
        let id = step.event.node();
        let mut durable = step.before.node(id).disk.durable().to_vec();
        let mut done: Vec<Message> = Vec::new();
        for record in step.forced {
            done.extend(self.done(id, &durable, record));
            durable.push(record.clone());
        }
        done.extend(news(step).filter_map(|packet| self.proposal(packet)));

        let mut history = (*step.before.history).clone();
        if done.iter().any(|message| !history.msgs.contains(message)) {
            Arc::make_mut(&mut history.msgs).extend(done);
        }
        let mut said = news(step).filter_map(|packet| self.says(packet));
        if said.any(|message| !history.msgs.contains(&message)) {
            history.unfounded = Some(id);
        }
        (history != *step.before.history).then_some(history)
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

    /// A proposer has a wish as long as its alarm is set. After a crash it must be asked again.
    fn requests(&self, cluster: &StateOf<Self>, id: NodeId) -> Vec<Request<u64>> {
        let node = cluster.node(id);
        let learned = node
            .core
            .as_ref()
            .is_some_and(|core| core.learned().is_some());
        let idle = !learned && !node.alarms.contains(&Timer::Retry);
        let proposes = idle && id.0 <= self.proposers as u64;
        let request = proposes.then_some(Request::Propose(id.0 - 1));
        request.into_iter().collect()
    }

    fn may_elapse(&self, _: &StateOf<Self>, _: NodeId, timer: Timer) -> bool {
        timer == Timer::Retry || self.learn
    }

    fn loses(&self, message: &Said<u64>) -> bool {
        self.quiet && matches!(message, Said::Phase2b(_) | Said::Preempted { .. })
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

    fn is_true(&self, above: &Above, _: NodeId, Notice::Learned(value): &Notice<u64>) -> bool {
        self.above.chosen(above, ONE).contains(&Value(*value))
    }

    fn has_told(&self, cluster: &StateOf<Self>) -> bool {
        cluster.up().any(|(_, core)| core.learned().is_some())
    }

    fn properties() -> Vec<Property<Clustered<Self>>> {
        vec![
            Property::<Clustered<Self>>::always("SaidIsDone", |_, s| s.history.unfounded.is_none()),
            Property::<Clustered<Self>>::sometimes("SaidIsDone: one promises", |_, s| {
                s.sent()
                    .any(|packet| matches!(packet.message, Said::Phase1b { .. }))
            }),
        ]
    }
}
