//! Paxos, one decision: `Paxos ⊐ cores`.
//!
//! An acceptor has done what its disk says: the model's acceptor promises or votes when the record is durable, before anyone hears of it. A ballot's owner promises it by beginning
//! it, so one record stands for `Phase1a` and the owner's `Phase1b`. Proposing leaves at once, and is `Phase2a`.
//!
//! What the mapping forgets, and why:
//! - what a proposer has collected, and what a learner has heard: Paxos.tla reads that off the messages;
//! - `Preempted`, `Learn` and `Chosen`: they move nobody but whom they tell, and what hosts are told is checked by itself;
//! - alarms: they say when, not what;
//! - a promise that is repeated after the vote in the same ballot, and reports that vote: its proposer has proposed, and counts no more.

use std::collections::BTreeSet;

use concur_cores::NodeId;
use concur_cores::paxos::single::{
    Config as NodeConfig, Message as Said, Node, Notice, Record, Request, Timer,
};
use concur_cores::paxos::{Ballot as CoreBallot, Quorums, Ranked};
use concur_models::kit::{
    Config, Domain, Expect, NoSuchModel, Param, PerNode, QuorumKind, Rung, Values,
};
use concur_models::paxos::messages::Message;
use concur_models::paxos::protocol::{Action, Paxos};
use concur_models::paxos::state::{Memory, State as Above};
use concur_models::paxos::{Acceptor, Ballot, MAX_BALLOTS, Size, Value, Vote};
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};

use crate::cluster::{Event, StateOf, Step};
use crate::{Clustered, Clusters, Correspondence, Kept, Walk};

/// Nodes that are proposers, acceptors and learners at once, and the model above.
#[derive(Clone, Debug)]
pub struct PaxosCores<S> {
    /// How many nodes there are.
    pub nodes: usize,
    /// How many of them propose, each a value of its own.
    pub proposers: usize,
    /// How many rounds of ballots there are.
    pub rounds: u64,
    /// How often nodes may crash.
    pub crashes: u32,
    /// Whether writes take time.
    pub slow_disks: bool,
    /// The model above.
    pub above: Paxos,
    /// The rules that are kept.
    pub rules: S,
}

type Core<S> = Node<u64, Kept<S>>;

impl<S> PaxosCores<S> {
    fn ids(&self) -> impl Iterator<Item = NodeId> + use<S> {
        (1..=self.nodes as u64).map(NodeId)
    }

    /// The model's number of a ballot: in the same order, owner by owner within a round.
    fn ballot(&self, ballot: CoreBallot) -> Ballot {
        match ballot.round {
            0 => Ballot::NONE,
            round => Ballot(((round - 1) * self.proposers as u64 + ballot.node.0 - 1) as i8),
        }
    }

    fn vote(&self, vote: &Ranked<u64>) -> Vote {
        Vote::new(self.ballot(vote.ballot), Value(vote.value as u8))
    }

    /// What an acceptor remembers after these records.
    fn memory<'r>(&self, records: impl IntoIterator<Item = &'r Record<u64>>) -> Memory {
        records
            .into_iter()
            .fold(Memory::BLANK, |memory, record| match record {
                Record::Promised(ballot) => Memory {
                    max_bal: self.ballot(*ballot),
                    ..memory
                },
                Record::Accepted(vote) => Memory {
                    max_bal: self.ballot(vote.ballot),
                    vote: self.vote(vote),
                },
            })
    }
}

fn acceptor(id: NodeId) -> Acceptor {
    Acceptor(id.0 as u8 - 1)
}

/// What acceptors, and owners of ballots, are entitled to say by what is on their disks.
type Entitled = BTreeSet<Message>;

impl<S: RuleSet<Rule>> Correspondence for PaxosCores<S> {
    type Core = Core<S>;
    type Above = Paxos;
    type History = Entitled;

    /// A record of a ballot's owner: it begins the ballot, promises it, and, where it is a quorum by itself, proposes and votes.
    const STEPS: usize = 4;
    const BOUNDS: &'static [&'static str] = &["crashes", "rounds"];

    fn configs(&self) -> Vec<(NodeId, NodeConfig<Kept<S>>)> {
        let quorums = Quorums::majority(self.ids()).expect("there are members");
        let config = |me| NodeConfig {
            me,
            quorums: quorums.clone(),
            others: [].into(),
            rules: Kept(self.rules.clone()),
        };
        self.ids().map(|id| (id, config(id))).collect()
    }

    fn above(&self) -> Paxos {
        self.above.clone()
    }

    fn mapped(&self, cluster: &StateOf<Self>) -> Above {
        let memory = |a: Acceptor| {
            let node = &cluster.nodes[a.0 as usize];
            self.memory(node.disk.durable())
        };
        let proposed = cluster.sent().filter_map(|packet| match &packet.message {
            Said::Phase2a(proposal) => Some(Message::P2a(self.vote(proposal))),
            _ => None,
        });
        let entitled = cluster.history.iter().copied();
        Above {
            acceptors: PerNode::from_fn(self.nodes, memory),
            msgs: entitled.chain(proposed).collect(),
        }
    }

    fn remember(&self, step: &Step<'_, Self>) -> Option<Entitled> {
        let id = step.event.node();
        let mut durable = step.before.node(id).disk.durable().to_vec();
        let mut entitled = (*step.before.history).clone();
        for record in step.forced {
            let before = self.memory(&durable);
            entitled.extend(self.entitled(id, before, record));
            durable.push(record.clone());
        }
        (entitled != *step.before.history).then_some(entitled)
    }

    fn witness(
        &self,
        before: &StateOf<Self>,
        _: &Event<Core<S>>,
        after: &StateOf<Self>,
    ) -> Vec<Action> {
        let (old, new) = (self.mapped(before).msgs, self.mapped(after).msgs);
        let mut said: Vec<Message> = new.iter().filter(|m| !old.contains(*m)).collect();
        said.sort_by_key(|m| phase(*m));
        said.into_iter().map(action).collect()
    }

    fn requests(&self, cluster: &StateOf<Self>, node: NodeId) -> Vec<Request<u64>> {
        let proposes = node.0 <= self.proposers as u64 && cluster.node(node).requests == 0;
        proposes
            .then_some(Request::Propose(node.0 - 1))
            .into_iter()
            .collect()
    }

    fn may_elapse(&self, _: &StateOf<Self>, _: NodeId, timer: Timer) -> bool {
        timer == Timer::Retry
    }

    fn slow_disks(&self) -> bool {
        self.slow_disks
    }

    fn crashes(&self) -> u32 {
        self.crashes
    }

    fn exceeded(&self, cluster: &StateOf<Self>) -> Option<usize> {
        let beyond = |(_, core): (NodeId, &Core<S>)| core.seen().round > self.rounds;
        cluster.up().any(beyond).then_some(1)
    }

    fn is_true(&self, above: &Above, _: NodeId, Notice::Learned(value): &Notice<u64>) -> bool {
        self.above.chosen(above).contains(Value(*value as u8))
    }

    fn has_told(&self, cluster: &StateOf<Self>) -> bool {
        cluster.up().any(|(_, core)| core.learned().is_some())
    }
}

impl<S: RuleSet<Rule>> PaxosCores<S> {
    /// What a node is entitled to say once `record` is durable.
    fn entitled(&self, id: NodeId, before: Memory, record: &Record<u64>) -> Vec<Message> {
        match record {
            Record::Promised(ballot) => {
                let bal = self.ballot(*ballot);
                let begun = (ballot.node == id).then_some(Message::P1a(bal));
                let promise = Message::P1b(acceptor(id), bal, before.vote);
                begun.into_iter().chain([promise]).collect()
            }
            Record::Accepted(vote) => vec![Message::P2b(acceptor(id), self.vote(vote))],
        }
    }
}

/// In which order messages of one step are said.
fn phase(message: Message) -> u8 {
    match message {
        Message::P1a(_) => 0,
        Message::P1b(..) => 1,
        Message::P2a(_) => 2,
        Message::P2b(..) => 3,
    }
}

fn action(message: Message) -> Action {
    match message {
        Message::P1a(bal) => Action::Phase1a(bal),
        Message::P1b(a, bal, _) => Action::Phase1b(a, bal),
        Message::P2a(vote) => Action::Phase2a(vote.bal, vote.val),
        Message::P2b(a, vote) => Action::Phase2b(a, vote.bal, vote.val),
    }
}

// ---------------------------------------------------------------------------------------------------------------- Sizes

/// Clusters of Paxos cores.
pub struct PaxosCoresRung;

const fn number(
    name: &'static str,
    least: u32,
    most: u32,
    default: u32,
    help: &'static str,
) -> Param {
    Param {
        name,
        domain: Domain::Number(least..=most),
        default,
        help,
    }
}

impl Rung for PaxosCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<PaxosCores<S>>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "cores";
    const REFINES: &'static str = "paxos";
    const CLAIM: &'static str =
        "the nodes that ship behave as Paxos does, on disks that lose what was not synced";
    const SOURCE: &'static str = "Lamport 2001";
    const RULES: &'static [Rule] = &[
        Rule::PromiseHigher,
        Rule::AcceptNotBelowPromise,
        Rule::CollectCurrentBallot,
        Rule::CollectKeepsHighest,
        Rule::ProposeOnce,
        Rule::ProposeQuorumPromised,
        Rule::ProposeReported,
        Rule::LearnQuorum,
    ];
    const PARAMS: &'static [Param] = &[
        number("nodes", 2, 5, 2, "nodes, each an acceptor and a learner"),
        number("proposers", 1, 2, 2, "how many of them propose"),
        number("rounds", 1, 4, 1, "rounds of ballots"),
        number("crashes", 0, 3, 0, "how often nodes may crash"),
        number("slow", 0, 1, 0, "1 if writes take time"),
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=2", &[], Expect::ours(65, 10)),
        Config::small(
            "nodes=2,slow,crashes=1",
            &[("slow", 1), ("crashes", 1)],
            Expect::ours(1_118, 17),
        ),
        Config::small(
            "nodes=2,rounds=2,crashes=1",
            &[("rounds", 2), ("crashes", 1)],
            Expect::ours(37_898, 22),
        ),
        Config::ci("nodes=3", &[("nodes", 3)], Expect::ours(148_223, 22)),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<PaxosCores<S>>, NoSuchModel> {
        let size = Size {
            acceptors: values.size("nodes"),
            values: values.size("proposers"),
            max_ballot: values.size("proposers") * values.size("rounds") - 1,
            quorums: QuorumKind::Majority,
        };
        if size.max_ballot >= MAX_BALLOTS {
            let most =
                format!("Paxos has at most {MAX_BALLOTS} ballots: fewer rounds or proposers");
            return Err(NoSuchModel(most));
        }
        Ok(Clustered::new(PaxosCores {
            nodes: values.size("nodes"),
            proposers: values.size("proposers"),
            rounds: u64::from(values["rounds"]),
            crashes: values["crashes"],
            slow_disks: values["slow"] == 1,
            above: Paxos::new(size, Faithful),
            rules,
        }))
    }
}

impl Clusters for PaxosCoresRung {
    const PARTLY: &'static [(&'static str, &'static str)] = &[
        (
            "Phase1a",
            "a ballot is begun by its owner alone, which promises it in the same record, and not below one that it has promised",
        ),
        (
            "Phase1b",
            "the owner has promised its ballot before anyone else is asked",
        ),
        (
            "Phase2a",
            "who may choose proposes its own value, and nobody proposes in a ballot that it has left",
        ),
        ("Phase2b", "whoever proposes votes before others hear of it"),
    ];
    const WALKS: &'static [Walk] = &[Walk {
        name: "nodes=5",
        settings: &[("nodes", 5), ("rounds", 2), ("crashes", 3), ("slow", 1)],
        steps: 300,
    }];
}
