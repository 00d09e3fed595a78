//! The steps that replicate the log, and what arrives.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use super::state::State;
use super::{Habit, LiveRaft};
use crate::kit::given;
use crate::raft::state::{Body, Message, ServerState};
use crate::raft::{Entry, Role, Server, Value, is_quorum, term_at};

/// What a request to append says.
struct Append {
    prev: u8,
    prev_term: u8,
    entry: Option<Entry>,
    commit_index: u8,
}

impl<S: RuleSet<Rule>> LiveRaft<S> {
    pub(super) fn client_request(&self, s: &State, i: Server) -> Option<State> {
        let leader = &s.servers[i];
        self.rules
            .when(Rule::ClientRequestLeader, leader.role == Role::Leader)?;
        given(leader.log.len() < self.max_log)?;

        let mut t = *s;
        if self.rules.performs(Rule::ClientRequestAppends) {
            t.servers[i].log.push(Entry {
                term: leader.term,
                value: Value::A,
            });
        }
        Some(t)
    }

    pub(super) fn append_entries(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let leader = &s.servers[i];
        given(s.is_up(j) && s.requests[i][j].is_none())?;
        self.rules
            .when(Rule::AppendEntriesLeader, leader.role == Role::Leader)?;

        let mut t = *s;
        if self.rules.performs(Rule::AppendEntriesSends) {
            let next = leader.next_index[j];
            let last_entry = next.min(leader.log.len() as u8);
            t.requests[i][j] = Some(Message {
                term: leader.term,
                source: i,
                dest: j,
                body: Body::AppendEntriesRequest {
                    prev_log_index: next - 1,
                    prev_log_term: term_at(&leader.log, next - 1),
                    entry: leader.log.get(next as usize - 1).copied(),
                    commit_index: leader.commit_index.min(last_entry),
                },
            });
        }
        Some(t)
    }

    // ------------------------------------------------------------------------------------------------------ What arrives

    /// The receiver adopts a newer term, and answers. While its last reply is under way, it waits.
    pub(super) fn receive_request(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let m = s.requests[i][j]?;
        given(s.responses[j][i].is_none())?;

        let mut t = *s;
        t.requests[i][j] = None;
        self.adopt(&mut t.servers[j], m.term);
        let reply = match m.body {
            Body::RequestVoteRequest {
                last_log_term,
                last_log_index,
            } => self.handle_request_vote_request(&mut t, m, (last_log_term, last_log_index)),
            Body::AppendEntriesRequest {
                prev_log_index: prev,
                prev_log_term: prev_term,
                entry,
                commit_index,
            } => {
                let append = Append {
                    prev,
                    prev_term,
                    entry,
                    commit_index,
                };
                self.handle_append_entries_request(&mut t.servers[j], m, append)
            }
            _ => None,
        };
        t.responses[j][i] = reply.filter(|_| s.is_up(i));
        Some(t)
    }

    /// The receiver adopts a newer term, or takes note of the answer to what it asked in its own.
    pub(super) fn receive_response(&self, s: &State, j: Server, i: Server) -> Option<State> {
        let m = s.responses[j][i]?;

        let mut t = *s;
        t.responses[j][i] = None;
        self.adopt(&mut t.servers[i], m.term);
        match m.body {
            Body::RequestVoteResponse { vote_granted } => {
                self.handle_request_vote_response(&mut t, m, vote_granted);
            }
            Body::AppendEntriesResponse {
                success,
                match_index,
            } => self.handle_append_entries_response(&mut t.servers[i], m, success, match_index),
            _ => {}
        }
        Some(t)
    }

    /// Refuses, or accepts. A candidate yields to the leader of its term; a leader is alone in its term, and is not sent anything.
    fn handle_append_entries_request(
        &self,
        receiver: &mut ServerState,
        m: Message,
        append: Append,
    ) -> Option<Message> {
        let current = m.term >= receiver.term;
        if !self.rules.requires(Rule::AppendEntriesCurrent, current) {
            return self.refuse(receiver, m);
        }
        if receiver.role == Role::Candidate && self.rules.performs(Rule::CandidateYields) {
            self.follow(receiver);
        }
        if receiver.role != Role::Follower {
            return None;
        }
        let Append {
            prev, prev_term, ..
        } = append;
        let matches = prev == 0 || (term_at(&receiver.log, prev) == prev_term && prev_term > 0);
        if !self.rules.requires(Rule::PrevLogMatches, matches) {
            return self.refuse(receiver, m);
        }
        self.accept(receiver, m, append)
    }

    fn refuse(&self, receiver: &ServerState, m: Message) -> Option<Message> {
        let body = Body::AppendEntriesResponse {
            success: false,
            match_index: 0,
        };
        let says = self.rules.performs(Rule::AppendRefused);
        says.then(|| m.reply(receiver.term, body))
    }

    fn accept(&self, follower: &mut ServerState, m: Message, append: Append) -> Option<Message> {
        let last = append.prev + u8::from(append.entry.is_some());
        if let Some(new) = append.entry {
            self.append(follower, append.prev, new);
        }
        if self.rules.performs(Rule::FollowerLearnsCommit) {
            follower.commit_index = follower.commit_index.max(append.commit_index);
        }
        let body = Body::AppendEntriesResponse {
            success: true,
            match_index: last,
        };
        let says = self.rules.performs(Rule::AppendAcknowledged);
        says.then(|| m.reply(follower.term, body))
    }

    /// An entry that is there stays, as does what follows it; one that conflicts is removed with all that follows.
    fn append(&self, follower: &mut ServerState, prev: u8, new: Entry) {
        let there = term_at(&follower.log, prev + 1);
        let conflicts = there > 0 && there != new.term;
        if self.rules.requires(Rule::RemoveConflicting, conflicts)
            && self.rules.performs(Rule::ConflictRemoved)
        {
            follower.log.truncate(prev as usize);
        }
        if follower.log.len() == prev as usize && self.rules.performs(Rule::EntryAppended) {
            follower.log.push(new);
        }
    }

    fn handle_append_entries_response(
        &self,
        leader: &mut ServerState,
        m: Message,
        success: bool,
        match_index: u8,
    ) {
        let current = m.term == leader.term;
        if leader.role != Role::Leader || !self.rules.requires(Rule::AppendResponseCurrent, current)
        {
            return;
        }
        let success = self.rules.requires(Rule::AppendSucceeded, success);
        if success && self.rules.performs(Rule::MatchNoted) {
            let noted = leader.match_index[m.source].max(match_index);
            leader.match_index.set(m.source, noted);
        }
        if success && self.rules.performs(Rule::NextMovesOn) {
            leader.next_index.set(m.source, match_index + 1);
        }
        if !success && self.rules.performs(Rule::NextStepsBack) {
            let back = (leader.next_index[m.source] - 1).max(1);
            leader.next_index.set(m.source, back);
        }
        self.advance_commit_index(m.dest, leader);
    }

    fn advance_commit_index(&self, i: Server, leader: &mut ServerState) {
        let mut commit = leader.commit_index;
        for index in leader.commit_index + 1..=leader.log.len() as u8 {
            let own_term = term_at(&leader.log, index) == leader.term;
            if !own_term && self.habit == Habit::CommitStopsAtOldTerm {
                break;
            }
            let holders = is_quorum(leader.agree(i, index), self.servers);
            if self.rules.requires(Rule::CommitQuorum, holders)
                && self.rules.requires(Rule::CommitOwnTerm, own_term)
            {
                commit = index;
            }
        }
        if self.rules.performs(Rule::CommitNotes) {
            leader.commit_index = commit;
        }
    }
}
