//! The steps that elect a leader.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use super::ranks::NewTerm;
use super::state::{Budget, State};
use super::{Habit, LiveRaft, Timers};
use crate::kit::{Nibbles, NodeSet, given};
use crate::raft::state::{Body, Message, ServerState};
use crate::raft::{Role, Server, is_quorum, last_term};

impl<S: RuleSet<Rule>> LiveRaft<S> {
    pub(super) fn timeout(&self, s: &State, i: Server, new: NewTerm) -> Option<State> {
        let own = s.servers[i].term;
        given(s.is_up(i))?;
        given(new == NewTerm::Next || own < s.newest())?;
        self.rules
            .when(Rule::TimeoutNotLeader, s.servers[i].role != Role::Leader)?;
        let left = self.left_after_timeout(s)?;

        let mut t = *s;
        t.left = left;
        let term = match new {
            NewTerm::Next => s.next_after(own),
            NewTerm::Before => t.before_next(own),
        };
        self.campaign(&mut t.servers[i], i, term);
        Some(t)
    }

    fn left_after_timeout(&self, s: &State) -> Option<Budget> {
        if self.timers == Timers::Apart && s.is_quiet() {
            return Some(s.left);
        }
        let timeouts = s.left.timeouts.checked_sub(1)?;
        Some(Budget { timeouts, ..s.left })
    }

    /// Nothing disturbs the servers here, so that all are in one term, and begin the same one.
    pub(super) fn timeout_together(&self, s: &State) -> Option<State> {
        given(self.timers == Timers::Together && s.is_quiet())?;

        let mut t = *s;
        for i in s.servers.nodes() {
            self.campaign(&mut t.servers[i], i, s.newest() + 1);
        }
        Some(t)
    }

    fn campaign(&self, candidate: &mut ServerState, i: Server, term: u8) {
        if self.rules.performs(Rule::TimeoutCandidate) {
            candidate.role = Role::Candidate;
        }
        if self.rules.performs(Rule::TimeoutIncrementsTerm) {
            candidate.term = term;
        }
        if self.rules.performs(Rule::TimeoutClearsVote) {
            candidate.voted_for = None;
        }
        if self.rules.performs(Rule::TimeoutClearsResponded) {
            candidate.votes_responded = NodeSet::empty();
        }
        if self.rules.performs(Rule::TimeoutClearsGranted) {
            candidate.votes_granted = NodeSet::empty();
        }
        candidate.votes_responded.insert(i);
        if self.rules.performs(Rule::CandidateVotes) {
            candidate.voted_for = Some(i);
            candidate.votes_granted.insert(i);
        }
    }

    pub(super) fn request_vote(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let candidate = &s.servers[i];
        given(s.is_up(j) && s.requests[i][j].is_none())?;
        self.rules.when(
            Rule::RequestVoteCandidate,
            candidate.role == Role::Candidate,
        )?;
        self.rules.when(
            Rule::RequestVoteUnanswered,
            !candidate.votes_responded.contains(j),
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::RequestVoteSends) {
            t.requests[i][j] = Some(Message {
                term: candidate.term,
                source: i,
                dest: j,
                body: Body::RequestVoteRequest {
                    last_log_term: last_term(&candidate.log),
                    last_log_index: candidate.log.len() as u8,
                },
            });
        }
        Some(t)
    }

    /// The voter, which has adopted the candidate's term, answers.
    pub(super) fn handle_request_vote_request(
        &self,
        t: &mut State,
        m: Message,
        last: (u8, u8),
    ) -> Option<Message> {
        let voter = &t.servers[m.dest];
        let grant = self.grants(voter, &m, last);
        let term = voter.term;

        if grant && self.rules.performs(Rule::VoteRecorded) {
            t.servers[m.dest].voted_for = Some(m.source);
        }
        if grant && matches!(self.habit, Habit::VoterBeginsTerm | Habit::VoterRaisesTerm) {
            t.servers[m.dest].term = t.before_next(term);
        }
        if grant && self.habit == Habit::VoterBeginsTerm {
            t.servers[m.dest].voted_for = None;
        }
        let body = Body::RequestVoteResponse {
            vote_granted: grant,
        };
        let answers = self.rules.performs(Rule::VoteReplies);
        answers.then(|| m.reply(term, body))
    }

    fn grants(&self, voter: &ServerState, m: &Message, last: (u8, u8)) -> bool {
        let own = (last_term(&voter.log), voter.log.len() as u8);
        let vote = voter.voted_for;
        let rules = &self.rules;
        rules.requires(Rule::VoteOwnTerm, m.term >= voter.term)
            && rules.requires(Rule::LogUpToDateTerm, last.0 >= own.0)
            && rules.requires(Rule::LogUpToDateLength, last.0 != own.0 || last.1 >= own.1)
            && rules.requires(Rule::OneVotePerTerm, vote.is_none_or(|j| j == m.source))
    }

    /// A vote is counted, and with a majority of them the candidate leads.
    pub(super) fn handle_request_vote_response(&self, t: &mut State, m: Message, granted: bool) {
        let candidate = &mut t.servers[m.dest];
        let current = m.term == candidate.term;
        if candidate.role != Role::Candidate
            || !self.rules.requires(Rule::VoteResponseCurrent, current)
        {
            return;
        }
        if self.rules.performs(Rule::VoteResponseNoted) {
            candidate.votes_responded.insert(m.source);
        }
        if self.rules.requires(Rule::VoteGranted, granted) && self.rules.performs(Rule::VoteCounted)
        {
            candidate.votes_granted.insert(m.source);
        }
        let enough = is_quorum(candidate.votes_granted, self.servers);
        if self.rules.requires(Rule::VotesFromQuorum, enough) {
            self.become_leader(candidate);
        }
    }

    fn become_leader(&self, leader: &mut ServerState) {
        let next = leader.log.len() as u8 + 1;
        self.follow(leader);
        if self.rules.performs(Rule::BecomeLeaderRole) {
            leader.role = Role::Leader;
        }
        if self.rules.performs(Rule::BecomeLeaderResetsNext) {
            leader.next_index = Nibbles::all(self.servers, next);
        }
        if self.rules.performs(Rule::BecomeLeaderResetsMatch) {
            leader.match_index = Nibbles::all(self.servers, 0);
        }
    }
}
