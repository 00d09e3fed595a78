//! The actions that elect a leader: Timeout, RequestVote and its handlers, CountOwnVote, BecomeLeader, UpdateTerm, StepDown, Refuse.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::{NodeSet, given};
use crate::raft::asynchronous::AsynchronousRaft;
use crate::raft::asynchronous::state::{Body, Memory, Message, Part, State};
use crate::raft::{Role, Server, is_quorum};

impl<S: RuleSet<Rule>> AsynchronousRaft<S> {
    /// When a server does so is free: by its alarm, asked by the leader, after a pre-vote.
    pub(super) fn timeout(&self, s: &State, i: Server) -> Option<State> {
        given(s.node(i).up()?.role() != Role::Leader)?;

        let mut t = s.clone();
        let candidate = t.node_mut(i).memory.as_mut()?;
        candidate.store.term += 1;
        candidate.store.voted_for = self.rules.performs(Rule::CandidateVotes).then_some(i);
        candidate.part = Part::Candidate(NodeSet::empty());
        Some(t)
    }

    pub(super) fn request_vote(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let candidate = s.node(i).up()?;
        let stands = candidate.role() == Role::Candidate;
        self.rules.when(Rule::RequestVoteCandidate, stands)?;

        let mut t = s.clone();
        let body = Body::RequestVoteRequest {
            last_log_term: candidate.store.last_term(),
            last_log_index: candidate.store.last_index(),
        };
        let request = Self::message(candidate, i, j, body);
        self.send_synced(&mut t, Rule::CandidacySynced, request)?;
        Some(t)
    }

    /// The disk's report is what brings a candidate its own vote: there is nothing to count before.
    pub(super) fn count_own_vote(&self, s: &State, i: Server) -> Option<State> {
        let node = s.node(i);
        let candidate = node.up()?;
        given(node.synced.term == candidate.store.term && node.synced.voted_for == Some(i))?;

        self.count_vote(s, i, i)
    }

    pub(super) fn handle_request_vote_response(&self, s: &State, m: &Message) -> Option<State> {
        let candidate = self.receiver(s, m)?;
        given(m.body == Body::RequestVoteResponse)?;
        let current = m.term >= candidate.store.term;
        self.rules.when(Rule::VoteResponseCurrent, current)?;

        self.count_vote(s, m.dest, m.source)
    }

    fn count_vote(&self, s: &State, i: Server, voter: Server) -> Option<State> {
        let mut t = s.clone();
        match &mut t.node_mut(i).memory.as_mut()?.part {
            Part::Candidate(voters) => voters.insert(voter),
            Part::Follower | Part::Leader(_) => return None,
        }
        Some(t)
    }

    pub(super) fn become_leader(&self, s: &State, i: Server) -> Option<State> {
        let Part::Candidate(voters) = s.node(i).up()?.part else {
            return None;
        };
        let won = is_quorum(voters, s.nodes.len());
        self.rules.when(Rule::VotesFromQuorum, won)?;

        let mut t = s.clone();
        t.node_mut(i).memory.as_mut()?.part = Part::Leader(vec![0; s.nodes.len()]);
        Some(t)
    }

    pub(super) fn handle_request_vote_request(&self, s: &State, m: &Message) -> Option<State> {
        let voter = self.receiver(s, m)?;
        let Body::RequestVoteRequest {
            last_log_term,
            last_log_index,
        } = m.body
        else {
            return None;
        };
        let own = &voter.store;
        let free = own.voted_for.is_none_or(|j| j == m.source);
        let shorter = last_log_term == own.last_term() && last_log_index < own.last_index();
        self.rules.when(Rule::VoteOwnTerm, m.term >= own.term)?;
        self.rules
            .when(Rule::LogUpToDateTerm, last_log_term >= own.last_term())?;
        self.rules.when(Rule::LogUpToDateLength, !shorter)?;
        self.rules.when(Rule::OneVotePerTerm, free)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::VoteRecorded) {
            t.node_mut(m.dest).memory.as_mut()?.store.voted_for = Some(m.source);
        }
        let vote = Self::message(voter, m.dest, m.source, Body::RequestVoteResponse);
        self.send_synced(&mut t, Rule::VoteSynced, vote)?;
        Some(t)
    }

    /// Whatever the message says: also a server that will not look at it learns of the term.
    pub(super) fn update_term(&self, s: &State, m: &Message) -> Option<State> {
        given(s.messages.contains(m))?;
        let receiver = s.node(m.dest).up()?;
        let newer = m.term > receiver.store.term;
        self.rules.when(Rule::UpdateTermNewer, newer)?;

        let mut t = s.clone();
        let receiver = t.node_mut(m.dest).memory.as_mut()?;
        receiver.store.term = m.term;
        receiver.store.voted_for = None;
        if self.rules.performs(Rule::UpdateTermStepsDown) {
            receiver.part = Part::Follower;
        }
        Some(t)
    }

    /// A leader misses its quorum; a candidate asks first whether it could win, or hears of a leader.
    pub(super) fn step_down(&self, s: &State, i: Server) -> Option<State> {
        given(s.node(i).up()?.role() != Role::Follower)?;

        let mut t = s.clone();
        t.node_mut(i).memory.as_mut()?.part = Part::Follower;
        Some(t)
    }

    /// A server refuses, whatever it was asked: to vote, to take entries, to take a snapshot.
    pub(super) fn refuse(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let memory = s.node(i).up()?;

        let mut t = s.clone();
        let refusal = Self::message(memory, i, j, Body::Refusal);
        self.send_synced(&mut t, Rule::TermSynced, refusal)?;
        Some(t)
    }

    /// The receiver of `m`, if it is up and `m` was sent. A newer term is adopted first.
    pub(super) fn receiver<'s>(&self, s: &'s State, m: &Message) -> Option<&'s Memory> {
        given(s.messages.contains(m))?;
        let receiver = s.node(m.dest).up()?;
        let adopted = m.term <= receiver.store.term;
        self.rules.when(Rule::NewerTermFirst, adopted)?;
        Some(receiver)
    }
}
