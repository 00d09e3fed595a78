//! Abstract Raft: AbstractRaft.tla, action for action. An election is one step, and so is taking over an entry.
//!
//! Left out, as there: messages, and with them candidates; what a server knows to be committed; the entries' values. A
//! commitment notes the term in which it was made beside the entry's own term. They are the same as long as
//! `CommitOwnTerm` is kept; without it, Leader Completeness must speak of the former (Figure 8).

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::abstract_properties::{abstract_properties, abstract_step_properties};
use super::events::atomic;
use super::spec::{self, ReplicatedLog};
use super::{
    Entry, Log, MAX_LOG, MAX_SERVERS, MAX_TERM, Role, Server, Value, is_quorum, last_term, term_at,
};
use crate::kit::symmetry::{Permutation, least};
use crate::kit::{Event, MsgSet, NodeSet, Numbered, PerNode, Refines, Spec, StepProperty, given};

/// Servers that replicate a log, with atomic elections and appends.
#[derive(Clone, Debug)]
pub struct AbstractRaft<S = Faithful> {
    /// How many servers there are.
    pub servers: usize,
    /// The largest term. Terms begin at 0.
    pub max_term: u8,
    /// The largest length of a log.
    pub max_log: usize,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The variables of AbstractRaft.tla.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `currentTerm`, `state` and `log` of each server.
    pub nodes: PerNode<Server, Node, MAX_SERVERS>,
    /// `immediatelyCommitted`: the entries that a leader has committed, not those committed with them.
    pub committed: MsgSet<Commitment, 4>,
}

/// What a server remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// `currentTerm`.
    pub term: u8,
    /// `state`: a primary is a leader, a secondary a follower.
    pub role: Role,
    /// `log`.
    pub log: Log,
}

/// An entry, committed by a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment {
    /// The entry's index.
    pub index: u8,
    /// The entry's term.
    pub term: u8,
    /// The term of the leader that committed it.
    pub in_term: u8,
}

const TERMS: usize = MAX_TERM + 1;

impl Numbered for Commitment {
    fn number(self) -> usize {
        (self.index as usize * TERMS + self.term as usize) * TERMS + self.in_term as usize
    }

    fn of_number(number: usize) -> Self {
        Self {
            index: (number / TERMS / TERMS) as u8,
            term: (number / TERMS % TERMS) as u8,
            in_term: (number % TERMS) as u8,
        }
    }
}

const _: () = assert!((MAX_LOG + 1) * TERMS * TERMS <= 4 * 64);

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of AbstractRaft.tla.
    pub enum Action {
        /// A leader takes a request.
        ClientRequest(Server),
        /// The first server takes the entry after its last one from the second.
        GetEntries(Server, Server),
        /// The first server removes its last entry, because the second one's log is newer.
        RollbackEntries(Server, Server),
        /// A server is elected by these voters.
        BecomeLeader(Server, NodeSet<Server>),
        /// A leader commits the last entry of its log.
        CommitEntry(Server),
        /// The first server tells the second one of its newer term.
        UpdateTerms(Server, Server),
    }
}

impl<S: RuleSet<Rule>> AbstractRaft<S> {
    fn client_request(&self, s: &State, i: Server) -> Option<State> {
        let node = &s.nodes[i];
        self.rules
            .when(Rule::ClientRequestLeader, node.role == Role::Leader)?;

        let mut t = *s;
        if self.rules.performs(Rule::ClientRequestAppends) {
            t.nodes[i].log.push(Entry {
                term: node.term,
                value: Value::A,
            });
        }
        Some(t)
    }

    fn get_entries(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let (node, from) = (&s.nodes[i], &s.nodes[j]);
        let next = *from.log.get(node.log.len())?;
        let prev = node.log.len() as u8;
        self.rules
            .when(Rule::GetEntriesFollower, node.role == Role::Follower)?;
        self.rules.when(
            Rule::PrevLogMatches,
            term_at(&from.log, prev) == term_at(&node.log, prev),
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::EntryAppended) {
            t.nodes[i].log.push(next);
        }
        Some(t)
    }

    fn rollback_entries(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let (log, other) = (&s.nodes[i].log, &s.nodes[j].log);
        let last = log.len() as u8;
        given(!log.is_empty())?;
        self.rules
            .when(Rule::RollbackFollower, s.nodes[i].role == Role::Follower)?;
        self.rules
            .when(Rule::RollbackOlder, last_term(log) < last_term(other))?;
        self.rules.when(
            Rule::RemoveConflicting,
            term_at(other, last) != last_term(log),
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::ConflictRemoved) {
            t.nodes[i].log.truncate(log.len() - 1);
        }
        Some(t)
    }

    fn become_leader(&self, s: &State, i: Server, voters: NodeSet<Server>) -> Option<State> {
        let term = s.nodes[i].term + 1;
        self.rules
            .when(Rule::CandidateVotesForItself, voters.contains(i))?;
        self.rules
            .when(Rule::VotesFromQuorum, is_quorum(voters, self.servers))?;
        given(voters.iter().all(|v| self.votes(s, v, i, term)))?;

        let mut t = *s;
        for v in voters.iter() {
            // The term is all that tells that a vote was given.
            if self.rules.performs(Rule::VoteRecorded) {
                t.nodes[v].term = term;
            }
            if self.rules.performs(Rule::UpdateTermStepsDown) {
                t.nodes[v].role = Role::Follower;
            }
        }
        if self.rules.performs(Rule::BecomeLeaderRole) {
            t.nodes[i].role = Role::Leader;
        }
        Some(t)
    }

    /// `CanVoteForOplog`: whether `v` can vote for `i` in `term`.
    fn votes(&self, s: &State, v: Server, i: Server, term: u8) -> bool {
        let (voter, candidate) = (&s.nodes[v], &s.nodes[i]);
        let (old, new) = (last_term(&voter.log), last_term(&candidate.log));
        self.rules.requires(Rule::OneVotePerTerm, voter.term < term)
            && self.rules.requires(Rule::LogUpToDateTerm, new >= old)
            && self.rules.requires(
                Rule::LogUpToDateLength,
                new != old || candidate.log.len() >= voter.log.len(),
            )
    }

    fn commit_entry(&self, s: &State, i: Server) -> Option<State> {
        let leader = &s.nodes[i];
        let commitment = Commitment {
            index: leader.log.len() as u8,
            term: last_term(&leader.log),
            in_term: leader.term,
        };
        given(!leader.log.is_empty() && !s.committed.contains(commitment))?;
        self.rules
            .when(Rule::CommitLeader, leader.role == Role::Leader)?;
        self.rules
            .when(Rule::CommitOwnTerm, commitment.term == leader.term)?;
        self.rules.when(
            Rule::CommitQuorum,
            is_quorum(self.holders(s, commitment), self.servers),
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::CommitNotes) {
            t.committed.insert(commitment);
        }
        Some(t)
    }

    /// The largest set of servers that could be the quorum of `ImmediatelyCommitted`.
    fn holders(&self, s: &State, entry: Commitment) -> NodeSet<Server> {
        let holds = |node: &Node| {
            term_at(&node.log, entry.index) == entry.term
                && self
                    .rules
                    .requires(Rule::CommitHoldersInTerm, node.term == entry.in_term)
        };
        s.nodes.nodes().filter(|&n| holds(&s.nodes[n])).collect()
    }

    fn update_terms(&self, s: &State, i: Server, j: Server) -> Option<State> {
        self.rules
            .when(Rule::UpdateTermNewer, s.nodes[i].term > s.nodes[j].term)?;

        let mut t = *s;
        if self.rules.performs(Rule::UpdateTermAdopts) {
            t.nodes[j].term = s.nodes[i].term;
        }
        if self.rules.performs(Rule::UpdateTermStepsDown) {
            t.nodes[j].role = Role::Follower;
        }
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for AbstractRaft<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let node = Node {
            term: 0,
            role: Role::Follower,
            log: Log::new(),
        };
        vec![State {
            nodes: PerNode::all(self.servers, node),
            committed: MsgSet::empty(),
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for i in s.nodes.nodes() {
            actions.extend([Action::ClientRequest(i), Action::CommitEntry(i)]);
            actions.extend(
                (1..1 << self.servers)
                    .map(|voters| Action::BecomeLeader(i, NodeSet::from_bits(voters))),
            );
            for j in s.nodes.nodes().filter(|&j| j != i) {
                actions.extend([
                    Action::GetEntries(i, j),
                    Action::RollbackEntries(i, j),
                    Action::UpdateTerms(i, j),
                ]);
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::ClientRequest(i) => self.client_request(s, i),
            Action::GetEntries(i, j) => self.get_entries(s, i, j),
            Action::RollbackEntries(i, j) => self.rollback_entries(s, i, j),
            Action::BecomeLeader(i, voters) => self.become_leader(s, i, voters),
            Action::CommitEntry(i) => self.commit_entry(s, i),
            Action::UpdateTerms(i, j) => self.update_terms(s, i, j),
        }
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        abstract_properties()
    }
}

impl<S: RuleSet<Rule>> Spec for AbstractRaft<S> {
    const BOUNDS: &'static [&'static str] = &["max_term", "max_log"];
    const SYMMETRY: Option<&'static str> = Some("permutations of servers");

    fn exceeded(&self, s: &State) -> Option<usize> {
        let mut nodes = s.nodes.values().iter();
        if nodes.clone().any(|node| node.term > self.max_term) {
            Some(0)
        } else if nodes.any(|node| node.log.len() > self.max_log) {
            Some(1)
        } else {
            None
        }
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        abstract_step_properties()
    }

    fn event(&self, before: &State, action: &Action) -> Event {
        atomic(before, action)
    }

    fn canonical(&self, s: &State) -> State {
        least(Permutation::group(self.servers), |to| {
            let mut t = *s;
            for (i, node) in s.nodes.iter() {
                t.nodes[to.apply(i)] = *node;
            }
            t
        })
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for AbstractRaft<S> {
    type Abstract = ReplicatedLog;

    fn abstract_model(&self) -> ReplicatedLog {
        ReplicatedLog {
            servers: self.servers,
            values: 1,
            max_term: self.max_term,
            max_log: self.max_log,
            start: spec::State::new(self.servers),
            rules: Faithful,
        }
    }

    /// The committed log ends with the committed entry of the highest index; any log that holds that entry tells what precedes
    /// it. Nobody knows anything: this rung does not say who does.
    fn abstract_state(&self, s: &State) -> spec::State {
        let upto = |c: Commitment| {
            let logs = s.nodes.values().iter().map(|node| &node.log);
            logs.filter(move |log| term_at(log, c.index) == c.term)
                .filter_map(move |log| log.get(..c.index as usize))
        };
        let committed = s
            .committed
            .iter()
            .flat_map(upto)
            .max_by_key(|log| log.len());
        spec::State {
            committed: committed.unwrap_or_default().iter().copied().collect(),
            known: PerNode::all(self.servers, 0),
        }
    }
}
