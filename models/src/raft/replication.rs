//! The actions of raft.tla that replicate the log: ClientRequest, AppendEntries and its handlers, AdvanceCommitIndex.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use super::protocol::Raft;
use super::state::{Body, Message, ServerState, State};
use super::{Entry, Role, Server, Value, is_quorum, term_at};
use crate::kit::{NodeSet, given};

impl<S: RuleSet<Rule>> Raft<S> {
    pub(super) fn client_request(&self, s: &State, i: Server, value: Value) -> Option<State> {
        let leader = &s.servers[i];
        self.rules
            .when(Rule::ClientRequestLeader, leader.role == Role::Leader)?;

        let mut t = *s;
        if self.rules.performs(Rule::ClientRequestAppends) {
            let term = leader.term;
            t.servers[i].log.push(Entry { term, value });
        }
        Some(t)
    }

    pub(super) fn advance_commit_index(&self, s: &State, i: Server) -> Option<State> {
        let leader = &s.servers[i];
        self.rules
            .when(Rule::CommitLeader, leader.role == Role::Leader)?;
        let agreed = self.agreed(i, leader)?;
        self.rules.when(
            Rule::CommitOwnTerm,
            term_at(&leader.log, agreed) == leader.term,
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::CommitNotes) {
            t.servers[i].commit_index = agreed;
        }
        Some(t)
    }

    /// `Max(agreeIndexes)`: up to where a quorum agrees with the leader `i`.
    fn agreed(&self, i: Server, leader: &ServerState) -> Option<u8> {
        (1..=leader.log.len() as u8).rev().find(|&index| {
            self.rules.requires(
                Rule::CommitQuorum,
                is_quorum(leader.agree(i, index), self.size.servers),
            )
        })
    }

    /// That `nextIndex` stays within reach of the log is an invariant; where a rule is left out and it does not, nothing precedes.
    pub(super) fn append_entries(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let leader = &s.servers[i];
        self.rules
            .when(Rule::AppendEntriesLeader, leader.role == Role::Leader)?;

        let mut t = *s;
        if self.rules.performs(Rule::AppendEntriesSends) {
            let next = leader.next_index[j];
            t.messages.insert(Message {
                term: leader.term,
                source: i,
                dest: j,
                body: Body::AppendEntriesRequest {
                    prev_log_index: next - 1,
                    prev_log_term: term_at(&leader.log, next - 1),
                    entry: leader.log.get(next as usize - 1).copied(),
                    commit_index: self.commit_to_tell(leader, next),
                },
            });
        }
        Some(t)
    }

    fn commit_to_tell(&self, leader: &ServerState, next: u8) -> u8 {
        let last_entry = next.min(leader.log.len() as u8);
        if self.rules.performs(Rule::CommitUpToLastEntry) {
            leader.commit_index.min(last_entry)
        } else {
            leader.commit_index
        }
    }

    /// Refuses, returns to follower, or accepts. A leader ignores the request: by Election Safety there is no other in its term.
    pub(super) fn handle_append_entries_request(&self, s: &State, m: Message) -> Option<State> {
        let receiver = &s.servers[m.dest];
        given(s.messages.contains(&m))?;
        self.rules
            .when(Rule::NewerTermFirst, m.term <= receiver.term)?;
        let current = self
            .rules
            .requires(Rule::AppendEntriesCurrent, m.term >= receiver.term);

        match receiver.role {
            _ if !current => self.refuse(s, m),
            Role::Leader => None,
            Role::Candidate => self.return_to_follower(s, m),
            Role::Follower => self.accept(s, m),
        }
    }

    fn refuse(&self, s: &State, m: Message) -> Option<State> {
        let mut t = *s;
        t.messages.remove(&m);
        if self.rules.performs(Rule::AppendRefused) {
            let body = Body::AppendEntriesResponse {
                success: false,
                match_index: 0,
            };
            t.messages.insert(m.reply(s.servers[m.dest].term, body));
        }
        Some(t)
    }

    fn return_to_follower(&self, s: &State, m: Message) -> Option<State> {
        let mut t = *s;
        if self.rules.performs(Rule::CandidateYields) {
            t.servers[m.dest].role = Role::Follower;
        }
        Some(t)
    }

    /// One thing at a time: the request stays in flight until its entry is in the log.
    fn accept(&self, s: &State, m: Message) -> Option<State> {
        let Body::AppendEntriesRequest {
            prev_log_index: prev,
            prev_log_term,
            entry,
            commit_index,
        } = m.body
        else {
            return None;
        };
        let log = &s.servers[m.dest].log;
        let matches = prev == 0 || (term_at(log, prev) == prev_log_term && prev_log_term > 0);
        if !self.rules.requires(Rule::PrevLogMatches, matches) {
            return self.refuse(s, m);
        }
        match (entry, term_at(log, prev + 1)) {
            (None, _) => self.done(s, m, prev, commit_index),
            (Some(new), 0) => self.append(s, m, prev, new),
            (Some(new), term)
                if self
                    .rules
                    .requires(Rule::RemoveConflicting, term != new.term) =>
            {
                self.remove_conflict(s, m)
            }
            (Some(_), _) => self.done(s, m, prev + 1, commit_index),
        }
    }

    fn done(&self, s: &State, m: Message, matched: u8, commit_index: u8) -> Option<State> {
        let mut t = *s;
        t.messages.remove(&m);
        // This may lower the follower's commit index, for example after an old request; raft.tla lets it.
        if self.rules.performs(Rule::FollowerLearnsCommit) {
            t.servers[m.dest].commit_index = commit_index;
        }
        if self.rules.performs(Rule::AppendAcknowledged) {
            let body = Body::AppendEntriesResponse {
                success: true,
                match_index: matched,
            };
            t.messages.insert(m.reply(s.servers[m.dest].term, body));
        }
        Some(t)
    }

    fn remove_conflict(&self, s: &State, m: Message) -> Option<State> {
        let mut t = *s;
        let log = &mut t.servers[m.dest].log;
        if self.rules.performs(Rule::ConflictRemoved) {
            log.truncate(log.len() - 1);
        }
        Some(t)
    }

    fn append(&self, s: &State, m: Message, prev: u8, new: Entry) -> Option<State> {
        let log = &s.servers[m.dest].log;
        given(log.len() == prev as usize)?;

        let mut t = *s;
        if self.rules.performs(Rule::EntryAppended) {
            t.servers[m.dest].log.push(new);
        }
        Some(t)
    }

    /// Answers are taken whatever the receiver's role; only a leader will look at what they say.
    pub(super) fn handle_append_entries_response(&self, s: &State, m: Message) -> Option<State> {
        let Body::AppendEntriesResponse {
            success,
            match_index,
        } = m.body
        else {
            return None;
        };
        let receiver = &s.servers[m.dest];
        given(s.messages.contains(&m))?;
        self.rules
            .when(Rule::NewerTermFirst, m.term <= receiver.term)?;
        self.rules
            .when(Rule::AppendResponseCurrent, m.term >= receiver.term)?;
        let success = self.rules.requires(Rule::AppendSucceeded, success);

        let mut t = *s;
        t.messages.remove(&m);
        let leader = &mut t.servers[m.dest];
        if success && self.rules.performs(Rule::MatchNoted) {
            leader.match_index.set(m.source, match_index);
        }
        if success && self.rules.performs(Rule::NextMovesOn) {
            leader.next_index.set(m.source, match_index + 1);
        }
        if !success && self.rules.performs(Rule::NextStepsBack) {
            let back = (leader.next_index[m.source] - 1).max(1);
            leader.next_index.set(m.source, back);
        }
        Some(t)
    }
}

impl ServerState {
    /// `Agree(index)`: the leader `i`, whose state this is, and who has acknowledged its log up to `index`.
    pub(super) fn agree(&self, i: Server, index: u8) -> NodeSet<Server> {
        let mut agree: NodeSet<Server> = self
            .match_index
            .iter()
            .filter(|(_, acknowledged)| *acknowledged >= index)
            .map(|(k, _)| k)
            .collect();
        agree.insert(i);
        agree
    }
}

impl Message {
    /// An answer to this request.
    pub(super) fn reply(&self, term: u8, body: Body) -> Self {
        Self {
            term,
            source: self.dest,
            dest: self.source,
            body,
        }
    }

    /// Whether it is an answer.
    pub fn is_response(&self) -> bool {
        matches!(
            self.body,
            Body::RequestVoteResponse { .. } | Body::AppendEntriesResponse { .. }
        )
    }
}
