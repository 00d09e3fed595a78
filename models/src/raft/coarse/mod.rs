//! Coarse Raft: elections and replication are atomic, and each such step is a fixed sequence of raft.tla's own actions.
//!
//! What this adds to [`protocol`](crate::raft::protocol) is a grain: a server stands for election, asks its voters and wins in one step; a leader brings a
//! follower's log up to some entry in one step, with the refusals, the removals and the entries that this takes. No message is in flight
//! between two steps. So Figure 8, which needs four elections, is found among thousands of states.
//!
//! Beside [`abstract_raft`](crate::raft::abstract_raft), which follows AbstractRaft.tla, votes are for somebody, a leader knows what was acknowledged to it, servers
//! restart, and the refinement is to raft.tla itself.
//!
//! Left out: candidacies that fail, a candidate that does without its own vote, a leader that is told of a newer term by somebody who does not want
//! to lead. They only keep servers from doing something: a message of an older term is ignored, whether or not its sender has learned that. A server
//! that ceases to lead is taken to have restarted, so that no follower keeps what only a leader reads. What is committed is noted beside the
//! servers, and no action reads it: `commitIndex` stays 0, which is raft.tla with no AdvanceCommitIndex. Values are told apart by their terms.

pub mod choices;
pub mod configs;
pub mod properties;
pub mod steps;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::symmetry::{Permutation, least};
use crate::kit::{MsgSet, Nibbles, NodeSet, PerNode, Spec, StepProperty, given};
use crate::raft::abstract_raft::Commitment;
pub use crate::raft::coarse::choices::{Compare, Judge, Quorum, Refusals, Rollback};
use crate::raft::coarse::properties::{coarse_properties, coarse_step_properties};
use crate::raft::{Entry, Log, MAX_LOG, MAX_SERVERS, Server, Value, last_term, term_at};

/// Servers that replicate a log, in large steps.
#[derive(Clone, Debug)]
pub struct CoarseRaft<S = Faithful> {
    /// How many servers there are.
    pub servers: usize,
    /// The largest term. Terms begin at 1.
    pub max_term: u8,
    /// The largest length of a log.
    pub max_log: usize,
    /// How many servers are taken to be enough.
    pub quorum: Quorum,
    /// What a voter compares of two logs.
    pub compare: Compare,
    /// When a follower removes entries.
    pub rollback: Rollback,
    /// Which refusals a leader believes.
    pub refusals: Refusals,
    /// What judges the steps.
    pub judge: Judge,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The servers, and what was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What each server remembers.
    pub nodes: PerNode<Server, Node, MAX_SERVERS>,
    /// The entries that leaders have committed by counting, not those committed with them. A history variable.
    pub committed: MsgSet<Commitment, 4>,
}

/// What a server remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// `currentTerm`.
    pub term: u8,
    /// `votedFor`: for whom it voted in its term.
    pub voted_for: Option<Server>,
    /// `log`.
    pub log: Log,
    /// What it knows as a leader, if it is one.
    pub leads: Option<Leadership>,
}

/// What a leader knows. Its `nextIndex` follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leadership {
    /// `votesGranted`: who has elected it.
    pub voters: NodeSet<Server>,
    /// `matchIndex`: up to where each follower has acknowledged its log.
    pub match_index: Nibbles<Server>,
}

impl Node {
    /// How many entries the server had when it was elected.
    pub fn inherited(&self) -> u8 {
        let older = |entry: &&Entry| entry.term < self.term;
        self.log.iter().filter(older).count() as u8
    }

    /// `nextIndex`: behind what was acknowledged, or, before any answer, behind what the leader had when it was elected.
    pub fn next_index(&self, j: Server) -> u8 {
        match self.leads.map_or(0, |leads| leads.match_index[j]) {
            0 => self.inherited() + 1,
            acknowledged => acknowledged + 1,
        }
    }

    fn restarted(&self) -> Self {
        Self {
            leads: None,
            ..*self
        }
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What happens in one step.
    pub enum Action {
        /// A server forgets all that is not durable.
        Restart(Server),
        /// A server times out so many times, and is then elected by these voters, of whom it is one.
        Elect(Server, NodeSet<Server>, u8),
        /// A leader takes a request.
        ClientRequest(Server),
        /// The first server, a leader, brings the log of the second one up to that entry of its own.
        Replicate(Server, Server, u8),
        /// The same, by a leader that was made to begin anew at its first entry.
        ReplicateAnew(Server, Server, u8),
        /// A leader commits what it may.
        Commit(Server),
    }
}

impl<S: RuleSet<Rule>> CoarseRaft<S> {
    fn restart(&self, s: &State, i: Server) -> Option<State> {
        let before = &s.nodes[i];

        let mut t = *s;
        t.nodes[i] = self.first();
        if self.rules.performs(Rule::TermIsDurable) {
            t.nodes[i].term = before.term;
        }
        if self.rules.performs(Rule::VoteIsDurable) {
            t.nodes[i].voted_for = before.voted_for;
        }
        if self.rules.performs(Rule::LogIsDurable) {
            t.nodes[i].log = before.log;
        }
        Some(t)
    }

    fn elect(&self, s: &State, i: Server, voters: NodeSet<Server>, timeouts: u8) -> Option<State> {
        given(voters.contains(i))?;
        let mut t = *s;
        t.nodes[i] = self.timed_out(&s.nodes[i], timeouts);
        let candidate = t.nodes[i];
        self.rules.when(
            Rule::VotesFromQuorum,
            self.counted(i, voters) >= self.quorum.size(self.servers),
        )?;
        given(
            voters
                .iter()
                .all(|v| self.votes(&t.nodes[v], &candidate, i)),
        )?;

        for v in voters.iter() {
            t.nodes[v] = self.voted(&t.nodes[v], candidate.term, i);
        }
        if self.rules.performs(Rule::BecomeLeaderRole) {
            t.nodes[i].leads = Some(Leadership {
                voters,
                match_index: Nibbles::all(self.servers, 0),
            });
        }
        Some(t)
    }

    /// A server that has timed out so many times, each time after its election failed. A leader restarts first.
    fn timed_out(&self, node: &Node, timeouts: u8) -> Node {
        let mut candidate = node.restarted();
        if self.rules.performs(Rule::TimeoutIncrementsTerm) {
            candidate.term += timeouts;
        }
        if self.rules.performs(Rule::TimeoutClearsVote) {
            candidate.voted_for = None;
        }
        candidate
    }

    /// How many votes are counted. The network repeats the answer of one voter, the candidate aside.
    fn counted(&self, i: Server, voters: NodeSet<Server>) -> usize {
        let mut counted = NodeSet::empty();
        let repeated = repeated(i, voters);
        let arrive = voters.iter().chain(repeated);
        arrive
            .filter(|&v| {
                let new = !counted.contains(v);
                counted.insert(v);
                self.rules.requires(Rule::VotesCountedOnce, new)
            })
            .count()
    }

    /// Whether `voter` votes for `i`.
    fn votes(&self, voter: &Node, candidate: &Node, i: Server) -> bool {
        let vote = self.adopted(voter, candidate.term).voted_for;
        let rules = &self.rules;
        rules.requires(Rule::VoteOwnTerm, candidate.term >= voter.term)
            && (self.compare == Compare::Nothing || self.up_to_date(&voter.log, &candidate.log))
            && rules.requires(Rule::OneVotePerTerm, vote.is_none_or(|j| j == i))
    }

    /// Whether a candidate's log is at least as up-to-date as the voter's.
    fn up_to_date(&self, own: &Log, candidate: &Log) -> bool {
        let (old, new) = (last_term(own), last_term(candidate));
        self.rules.requires(Rule::LogUpToDateTerm, new >= old)
            && self.rules.requires(
                Rule::LogUpToDateLength,
                new != old || candidate.len() >= own.len(),
            )
    }

    fn voted(&self, voter: &Node, term: u8, i: Server) -> Node {
        let mut voter = self.adopted(voter, term);
        if self.rules.performs(Rule::VoteRecorded) {
            voter.voted_for = Some(i);
        }
        voter
    }

    /// The server once it has met `term`. A leader restarts before it meets a newer one.
    fn adopted(&self, node: &Node, term: u8) -> Node {
        let mut adopted = *node;
        if !self.rules.requires(Rule::UpdateTermNewer, term > node.term) {
            return adopted;
        }
        if self.rules.performs(Rule::UpdateTermAdopts) {
            adopted.term = term;
        }
        if self.rules.performs(Rule::UpdateTermStepsDown) {
            adopted = adopted.restarted();
        }
        if self.rules.performs(Rule::UpdateTermClearsVote) {
            adopted.voted_for = None;
        }
        adopted
    }

    fn client_request(&self, s: &State, i: Server) -> Option<State> {
        let leader = &s.nodes[i];
        self.rules
            .when(Rule::ClientRequestLeader, leader.leads.is_some())?;
        given(leader.log.len() <= MAX_LOG)?;

        let mut t = *s;
        if self.rules.performs(Rule::ClientRequestAppends) {
            t.nodes[i].log.push(Entry {
                term: leader.term,
                value: Value::A,
            });
        }
        Some(t)
    }

    fn replicate(&self, s: &State, i: Server, j: Server, upto: u8) -> Option<State> {
        self.replicate_from(s, i, j, s.nodes[i].next_index(j) - 1, upto)
    }

    fn replicate_anew(&self, s: &State, i: Server, j: Server, upto: u8) -> Option<State> {
        given(self.refusals == Refusals::Stale)?;

        self.replicate_from(s, i, j, 0, upto)
    }

    /// That a leader of the same term is never sent anything is Election Safety; it would ignore it.
    fn replicate_from(
        &self,
        s: &State,
        i: Server,
        j: Server,
        guess: u8,
        upto: u8,
    ) -> Option<State> {
        let leader = &s.nodes[i];
        self.rules
            .when(Rule::AppendEntriesLeader, leader.leads.is_some())?;
        self.rules
            .when(Rule::AppendEntriesCurrent, leader.term >= s.nodes[j].term)?;
        let mut follower = self.adopted(&s.nodes[j], leader.term);
        given(follower.leads.is_none())?;
        let agreed = self.agreed(leader, &follower, guess);
        // A request carries an entry, unless there is none left to carry.
        given(upto > agreed || upto as usize == leader.log.len())?;

        if self.rollback == Rollback::Eager {
            follower.log.truncate(agreed.into());
        }
        for index in agreed + 1..=upto {
            self.append(&mut follower.log, index, leader.log[index as usize - 1])?;
        }
        if upto > agreed {
            // The network repeats the first request, when it is old; the answer is lost. That must not matter.
            self.append(&mut follower.log, agreed + 1, leader.log[agreed as usize])?;
        }
        let mut t = *s;
        t.nodes[j] = follower;
        if let Some(leads) = &mut t.nodes[i].leads
            && self.rules.performs(Rule::MatchNoted)
        {
            let acknowledged = leads.match_index[j].max(upto);
            leads.match_index.set(j, acknowledged);
        }
        Some(t)
    }

    /// Up to where the follower does not refuse. The leader begins with its guess and steps back.
    fn agreed(&self, leader: &Node, follower: &Node, guess: u8) -> u8 {
        let matches = |&prev: &u8| {
            let term = term_at(&leader.log, prev);
            let matches = prev == 0 || (term > 0 && term_at(&follower.log, prev) == term);
            self.rules.requires(Rule::PrevLogMatches, matches)
        };
        (0..=guess).rev().find(matches).unwrap_or(0)
    }

    /// Puts an entry at its index, if it is not there. What conflicts is removed, with all that follows.
    fn append(&self, log: &mut Log, index: u8, new: Entry) -> Option<()> {
        let there = term_at(log, index);
        if there > 0 {
            let conflicts = there != new.term;
            if !self.rules.requires(Rule::RemoveConflicting, conflicts) {
                return Some(());
            }
            if self.rules.performs(Rule::ConflictRemoved) {
                log.truncate(index as usize - 1);
            }
        }
        given(log.len() <= MAX_LOG)?;
        if self.rules.performs(Rule::EntryAppended) {
            log.push(new);
        }
        Some(())
    }

    /// A server that does not lead has nothing acknowledged, and so nothing to commit.
    fn commit(&self, s: &State, i: Server) -> Option<State> {
        let leader = &s.nodes[i];
        let leads = leader.leads.as_ref()?;
        let index = self.acknowledged(i, leader, leads)?;
        let commitment = Commitment {
            index,
            term: term_at(&leader.log, index),
            in_term: leader.term,
        };
        given(!s.committed.contains(commitment))?;
        self.rules
            .when(Rule::CommitOwnTerm, commitment.term == leader.term)?;

        let mut t = *s;
        if self.rules.performs(Rule::CommitNotes) {
            t.committed.insert(commitment);
        }
        Some(t)
    }

    /// `Max(agreeIndexes)`: up to where enough servers have acknowledged the leader's log, itself counted.
    fn acknowledged(&self, i: Server, leader: &Node, leads: &Leadership) -> Option<u8> {
        let acknowledge = |index| {
            let acknowledge = |(j, upto): (Server, u8)| j == i || upto >= index;
            leads
                .match_index
                .iter()
                .filter(|&at| acknowledge(at))
                .count()
        };
        (1..=leader.log.len() as u8).rev().find(|&index| {
            let enough = acknowledge(index) >= self.quorum.size(self.servers);
            self.rules.requires(Rule::CommitQuorum, enough)
        })
    }

    fn first(&self) -> Node {
        Node {
            term: 1,
            voted_for: None,
            log: Log::new(),
            leads: None,
        }
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for CoarseRaft<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            nodes: PerNode::all(self.servers, self.first()),
            committed: MsgSet::empty(),
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for (i, node) in s.nodes.iter() {
            actions.extend([
                Action::Restart(i),
                Action::ClientRequest(i),
                Action::Commit(i),
            ]);
            let all = (1..1 << self.servers).map(NodeSet::from_bits);
            for voters in all.filter(|voters| voters.contains(i)) {
                // One term beyond the bound, so that the bound is seen to cut.
                let timeouts = 1..=self.max_term + 1 - node.term.min(self.max_term);
                actions.extend(timeouts.map(|n| Action::Elect(i, voters, n)));
            }
            for j in s.nodes.nodes().filter(|&j| j != i) {
                let entries = 0..=node.log.len() as u8;
                actions.extend(entries.clone().map(|upto| Action::Replicate(i, j, upto)));
                if self.refusals == Refusals::Stale {
                    actions.extend(entries.map(|upto| Action::ReplicateAnew(i, j, upto)));
                }
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Restart(i) => self.restart(s, i),
            Action::Elect(i, voters, timeouts) => self.elect(s, i, voters, timeouts),
            Action::ClientRequest(i) => self.client_request(s, i),
            Action::Replicate(i, j, upto) => self.replicate(s, i, j, upto),
            Action::ReplicateAnew(i, j, upto) => self.replicate_anew(s, i, j, upto),
            Action::Commit(i) => self.commit(s, i),
        }
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        coarse_properties()
    }
}

impl<S: RuleSet<Rule>> Spec for CoarseRaft<S> {
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
        coarse_step_properties()
    }

    fn canonical(&self, s: &State) -> State {
        least(Permutation::group(self.servers), |to| {
            let mut t = *s;
            for (i, node) in s.nodes.iter() {
                t.nodes[to.apply(i)] = node.permuted(to);
            }
            t
        })
    }
}

/// Whose answer the network repeats.
pub(super) fn repeated(i: Server, voters: NodeSet<Server>) -> Option<Server> {
    voters.iter().filter(|&v| v != i).last()
}

impl Node {
    fn permuted(&self, to: &Permutation) -> Self {
        Self {
            voted_for: self.voted_for.map(|j| to.apply(j)),
            leads: self.leads.map(|leads| {
                let mut match_index = leads.match_index;
                for (j, upto) in leads.match_index.iter() {
                    match_index.set(to.apply(j), upto);
                }
                Leadership {
                    voters: to.apply_set(leads.voters),
                    match_index,
                }
            }),
            ..*self
        }
    }
}
