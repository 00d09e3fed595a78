//! The state: disks, memories, messages; and the parts of it that the protocol and its properties read.

use std::fmt;

use crate::kit::{Durable, Faults, Id, NodeSet, PerNode, Process};
use crate::paxos::messages::{Message, Messages};
use crate::paxos::spec::Chosen;
use crate::paxos::state::Memory;
use crate::paxos::{Acceptor, Ballot, MAX_BALLOTS, PerAcceptor, Renaming, Value, Vote};

crate::ids! {
    /// A proposer: one who leads ballots.
    pub Proposer = "p";
}

/// The most proposers that a model holds.
pub const MAX_PROPOSERS: usize = 3;

/// Who can crash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// An acceptor.
    Acceptor(Acceptor),
    /// A proposer.
    Proposer(Proposer),
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acceptor(a) => a.fmt(f),
            Self::Proposer(p) => p.fmt(f),
        }
    }
}

/// Everything there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The acceptors: on disk what Paxos.tla remembers of each, in one cell; in memory the answer that waits for the sync.
    pub acceptors: PerAcceptor<Process<Durable<Memory>, Owed>>,
    /// The proposers: on disk the last ballot begun; in memory how far it has come.
    pub proposers: PerNode<Proposer, Process<Durable<Ballot>, Attempt>, MAX_PROPOSERS>,
    /// What the learner knows.
    pub learner: Learner,
    /// Every message ever sent.
    pub msgs: Messages,
    /// How often a fault has struck.
    pub faults: Faults,
}

/// The answer that an acceptor owes: what it will say once it is safe to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owed {
    /// None: it can take the next request.
    #[default]
    Nothing,
    /// That it promises this ballot.
    Promise(Ballot),
    /// That it has voted.
    Vote(Vote),
}

/// How far a proposer has come with a ballot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt {
    /// The ballot.
    pub bal: Ballot,
    /// What it has done in it.
    pub stage: Stage,
    /// Who it knows to have promised.
    pub promised: NodeSet<Acceptor>,
    /// Of the votes reported to it, the one that it keeps.
    pub kept: Vote,
}

/// What a proposer has done in its ballot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It leads no ballot.
    #[default]
    Idle,
    /// It has begun a ballot and told nobody yet.
    Begun,
    /// It has asked for promises.
    Asked,
    /// It has proposed.
    Proposed,
}

/// What the learner has heard, ballot by ballot, and what it has learned from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Learner {
    /// The votes it has counted.
    pub tallies: [Tally; MAX_BALLOTS],
    /// The values it has ever learned.
    pub learned: NodeSet<Value>,
}

/// Votes, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tally {
    /// Whose votes.
    pub heard: NodeSet<Acceptor>,
    /// How many. As many as there are in `heard`, unless a rule is left out.
    pub count: u8,
}

impl State {
    /// Nobody has heard of any ballot.
    pub fn initial(acceptors: usize, proposers: usize) -> Self {
        let acceptor = Process::new(Durable::new(Memory::BLANK), Owed::Nothing);
        let proposer = Process::new(Durable::new(Ballot::NONE), Attempt::default());
        Self {
            acceptors: PerNode::all(acceptors, acceptor),
            proposers: PerNode::all(proposers, proposer),
            learner: Learner::default(),
            msgs: Messages::empty(),
            faults: Faults::default(),
        }
    }

    /// The processes, acceptors first.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        let proposers = self.proposers.nodes().map(Node::Proposer);
        self.acceptors.nodes().map(Node::Acceptor).chain(proposers)
    }

    /// Whether the node is down.
    pub fn is_down(&self, node: Node) -> bool {
        match node {
            Node::Acceptor(a) => self.acceptors[a].is_down(),
            Node::Proposer(p) => self.proposers[p].is_down(),
        }
    }

    /// The votes of an acceptor that someone else may know of, those that its promises report included.
    pub fn known_votes(&self, a: Acceptor) -> impl Iterator<Item = Vote> {
        let told = self.msgs.within(Message::votes(a)).map(Message::vote);
        let reported = self
            .msgs
            .within(Message::all_promises(a))
            .map(Message::vote);
        told.chain(reported.filter(|vote| !vote.is_none()))
    }

    /// Whether someone else may know of that vote.
    pub fn is_known(&self, a: Acceptor, vote: Vote) -> bool {
        self.known_votes(a).any(|known| known == vote)
    }

    /// What Paxos.tla would have the acceptor remember, by what it has said.
    pub fn said(&self, a: Acceptor) -> Memory {
        let last = self.known_votes(a).max().unwrap_or(Vote::NONE);
        let promises = self.msgs.within(Message::all_promises(a));
        let promised = promises.map(ballot_promised).max();
        Memory {
            max_bal: promised.unwrap_or(Ballot::NONE).max(last.bal),
            vote: last,
        }
    }

    /// How many acceptors told of that vote.
    pub fn voters(&self, vote: Vote) -> usize {
        let voted = |a: &Acceptor| self.msgs.contains(Message::P2b(*a, vote));
        self.acceptors.nodes().filter(voted).count()
    }

    /// The values for which `quorum` acceptors told of their votes in one ballot.
    pub fn chosen(&self, quorum: usize) -> Chosen {
        let proposals = self.msgs.within(Message::ALL_PROPOSALS).map(Message::vote);
        let chosen = proposals.filter(|&vote| self.voters(vote) >= quorum);
        chosen.map(|vote| vote.val).collect()
    }

    /// How many values were proposed in a ballot.
    pub fn proposals(&self, bal: Ballot) -> usize {
        self.msgs.within(Message::proposals(bal)).count()
    }
}

/// The ballot that a promise promises.
fn ballot_promised(promise: Message) -> Ballot {
    match promise {
        Message::P1b(_, bal, _) => bal,
        _ => Ballot::NONE,
    }
}

/// The proposer that owns a ballot, if there are `proposers` of them.
pub fn owner(bal: Ballot, proposers: usize) -> Proposer {
    Proposer::new(bal.0 as usize % proposers)
}

// ------------------------------------------------------------------------------------------------------------- Symmetry

impl State {
    /// The same, with acceptors and values under other names.
    pub fn renamed(&self, r: &Renaming) -> Self {
        let acceptor = |process: Process<Durable<Memory>, Owed>| {
            process.map(|disk| disk.map(|m| m.renamed(r)), |owed| owed.renamed(r))
        };
        let mut proposers = self.proposers;
        for process in proposers.values_mut() {
            *process = process.map(|disk| *disk, |attempt| attempt.renamed(r));
        }
        Self {
            acceptors: r.per_acceptor(&self.acceptors, acceptor),
            proposers,
            learner: self.learner.renamed(r),
            msgs: self.msgs.iter().map(|m| m.renamed(r)).collect(),
            faults: self.faults,
        }
    }
}

impl Owed {
    fn renamed(self, r: &Renaming) -> Self {
        match self {
            Self::Nothing | Self::Promise(_) => self,
            Self::Vote(vote) => Self::Vote(r.vote(vote)),
        }
    }
}

impl Attempt {
    fn renamed(self, r: &Renaming) -> Self {
        Self {
            promised: self.promised.iter().map(|a| r.acceptor(a)).collect(),
            kept: r.vote(self.kept),
            ..self
        }
    }
}

impl Learner {
    fn renamed(mut self, r: &Renaming) -> Self {
        for tally in &mut self.tallies {
            tally.heard = tally.heard.iter().map(|a| r.acceptor(a)).collect();
        }
        self.learned = self.learned.iter().map(|val| r.value(val)).collect();
        self
    }
}
