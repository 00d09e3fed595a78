//! The actions of raft.tla that elect a leader: Restart, Timeout, RequestVote and its handlers, BecomeLeader, UpdateTerm.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use super::protocol::Raft;
use super::state::{Body, Message, ServerState, State};
use super::{Role, Server, is_quorum, last_term};
use crate::kit::{Nibbles, NodeSet, given};

impl<S: RuleSet<Rule>> Raft<S> {
    /// What is not durable is lost by a crash, not by a rule.
    pub(super) fn restart(&self, s: &State, i: Server) -> Option<State> {
        let before = &s.servers[i];

        let mut t = *s;
        t.servers[i] = ServerState::new(self.size.servers);
        if self.rules.performs(Rule::TermIsDurable) {
            t.servers[i].term = before.term;
        }
        if self.rules.performs(Rule::VoteIsDurable) {
            t.servers[i].voted_for = before.voted_for;
        }
        if self.rules.performs(Rule::LogIsDurable) {
            t.servers[i].log = before.log;
        }
        Some(t)
    }

    pub(super) fn timeout(&self, s: &State, i: Server) -> Option<State> {
        self.rules
            .when(Rule::TimeoutNotLeader, s.servers[i].role != Role::Leader)?;

        let mut t = *s;
        let candidate = &mut t.servers[i];
        if self.rules.performs(Rule::TimeoutCandidate) {
            candidate.role = Role::Candidate;
        }
        if self.rules.performs(Rule::TimeoutIncrementsTerm) {
            candidate.term += 1;
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
        Some(t)
    }

    pub(super) fn request_vote(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let candidate = &s.servers[i];
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
            t.messages.insert(Message {
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

    pub(super) fn become_leader(&self, s: &State, i: Server) -> Option<State> {
        let candidate = &s.servers[i];
        let servers = self.size.servers;
        self.rules.when(
            Rule::BecomeLeaderCandidate,
            candidate.role == Role::Candidate,
        )?;
        self.rules.when(
            Rule::VotesFromQuorum,
            is_quorum(candidate.votes_granted, servers),
        )?;

        let mut t = *s;
        let leader = &mut t.servers[i];
        if self.rules.performs(Rule::BecomeLeaderRole) {
            leader.role = Role::Leader;
        }
        if self.rules.performs(Rule::BecomeLeaderResetsNext) {
            leader.next_index = Nibbles::all(servers, leader.log.len() as u8 + 1);
        }
        if self.rules.performs(Rule::BecomeLeaderResetsMatch) {
            leader.match_index = Nibbles::all(servers, 0);
        }
        Some(t)
    }

    pub(super) fn update_term(&self, s: &State, m: Message) -> Option<State> {
        given(s.messages.contains(&m))?;
        self.rules
            .when(Rule::UpdateTermNewer, m.term > s.servers[m.dest].term)?;

        let mut t = *s;
        let receiver = &mut t.servers[m.dest];
        if self.rules.performs(Rule::UpdateTermAdopts) {
            receiver.term = m.term;
        }
        if self.rules.performs(Rule::UpdateTermStepsDown) {
            receiver.role = Role::Follower;
        }
        if self.rules.performs(Rule::UpdateTermClearsVote) {
            receiver.voted_for = None;
        }
        Some(t)
    }

    pub(super) fn handle_request_vote_request(&self, s: &State, m: Message) -> Option<State> {
        let voter = &s.servers[m.dest];
        given(s.messages.contains(&m))?;
        self.rules
            .when(Rule::NewerTermFirst, m.term <= voter.term)?;
        let grant = self.grants(voter, &m)?;

        let mut t = *s;
        t.messages.remove(&m);
        if grant && self.rules.performs(Rule::VoteRecorded) {
            t.servers[m.dest].voted_for = Some(m.source);
        }
        if self.rules.performs(Rule::VoteReplies) {
            let body = Body::RequestVoteResponse {
                vote_granted: grant,
            };
            t.messages.insert(m.reply(voter.term, body));
        }
        Some(t)
    }

    /// `grant`: whether the voter votes for the candidate, if that is what `m` asks for.
    fn grants(&self, voter: &ServerState, m: &Message) -> Option<bool> {
        let Body::RequestVoteRequest {
            last_log_term,
            last_log_index,
        } = m.body
        else {
            return None;
        };
        let own = last_term(&voter.log);
        let rules = &self.rules;
        Some(
            rules.requires(Rule::VoteOwnTerm, m.term >= voter.term)
                && rules.requires(Rule::LogUpToDateTerm, last_log_term >= own)
                && rules.requires(
                    Rule::LogUpToDateLength,
                    last_log_term != own || last_log_index as usize >= voter.log.len(),
                )
                && rules.requires(
                    Rule::OneVotePerTerm,
                    voter.voted_for.is_none_or(|j| j == m.source),
                ),
        )
    }

    /// Votes are counted whatever the receiver's role; only a candidate will look at them.
    pub(super) fn handle_request_vote_response(&self, s: &State, m: Message) -> Option<State> {
        let Body::RequestVoteResponse { vote_granted } = m.body else {
            return None;
        };
        let receiver = &s.servers[m.dest];
        given(s.messages.contains(&m))?;
        self.rules
            .when(Rule::NewerTermFirst, m.term <= receiver.term)?;
        self.rules
            .when(Rule::VoteResponseCurrent, m.term >= receiver.term)?;
        let granted = self.rules.requires(Rule::VoteGranted, vote_granted);

        let mut t = *s;
        t.messages.remove(&m);
        if self.rules.performs(Rule::VoteResponseNoted) {
            t.servers[m.dest].votes_responded.insert(m.source);
        }
        if granted && self.rules.performs(Rule::VoteCounted) {
            t.servers[m.dest].votes_granted.insert(m.source);
        }
        Some(t)
    }

    /// That the answer is stale is no rule here: the network may lose any message. The rules are `VoteResponseCurrent` and
    /// `AppendResponseCurrent`, which keep a stale answer from being used.
    pub(super) fn drop_stale_response(&self, s: &State, m: Message) -> Option<State> {
        given(s.messages.contains(&m))?;
        given(m.is_response() && m.term < s.servers[m.dest].term)?;

        let mut t = *s;
        t.messages.remove(&m);
        Some(t)
    }
}
