//! The actions that replicate the log: ClientRequest, AppendEntries and its handlers, AdvanceCommitIndex, AcknowledgeCommitted.

use std::sync::Arc;

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::{NodeSet, given};
use crate::raft::asynchronous::AsynchronousRaft;
use crate::raft::asynchronous::state::{Body, Entry, Memory, Message, Node, Part, State};
use crate::raft::{Role, Server, is_quorum};

impl<S: RuleSet<Rule>> AsynchronousRaft<S> {
    pub(super) fn client_request(&self, s: &State, i: Server, value: u64) -> Option<State> {
        let leader = s.node(i).up()?;
        let leads = leader.role() == Role::Leader;
        self.rules.when(Rule::ClientRequestLeader, leads)?;

        let mut t = s.clone();
        let store = &mut t.node_mut(i).memory.as_mut()?.store;
        let new = Entry {
            term: store.term,
            value,
        };
        store.log = store.log.iter().copied().chain([new]).collect();
        Some(t)
    }

    /// The entries after `prev`, up to `upto`. They need not be on the leader's own disk (thesis, §10.2.1).
    pub(super) fn append_entries(
        &self,
        s: &State,
        (i, j): (Server, Server),
        (prev, upto): (u64, u64),
        commit_index: u64,
    ) -> Option<State> {
        let leader = s.node(i).up()?;
        let store = &leader.store;
        given(prev <= upto && upto <= store.last_index() && commit_index <= leader.commit_index)?;
        let leads = leader.role() == Role::Leader;
        self.rules.when(Rule::AppendEntriesLeader, leads)?;

        let mut t = s.clone();
        let body = Body::AppendEntriesRequest {
            prev_log_index: prev,
            prev_log_term: store.term_at(prev),
            entries: Arc::from(&store.log[prev as usize..upto as usize]),
            commit_index,
        };
        t.send([Self::message(leader, i, j, body)]);
        Some(t)
    }

    /// A follower takes the entries, learns what is committed, and acknowledges. What it does not take, it refuses. By Election Safety no leader is asked in its own term.
    pub(super) fn handle_append_entries_request(&self, s: &State, m: &Message) -> Option<State> {
        let follower = self.receiver(s, m)?;
        let Body::AppendEntriesRequest {
            prev_log_index: prev,
            prev_log_term,
            ref entries,
            commit_index,
        } = m.body
        else {
            return None;
        };
        let own = &follower.store;
        given(follower.role() != Role::Leader)?;
        self.rules
            .when(Rule::AppendEntriesCurrent, m.term >= own.term)?;
        let precedes = own.term_at(prev) == prev_log_term; // 0 where there is nothing
        self.rules.when(Rule::PrevLogMatches, precedes)?;
        let log = self.with_entries(&own.log, own.last_index().min(prev) as usize, entries);

        let mut t = s.clone();
        let last = prev + entries.len() as u64;
        let follower = t.node_mut(m.dest).memory.as_mut()?;
        follower.part = Part::Follower;
        follower.store.log = log;
        follower.commit_index = self.commit_of_follower(follower, commit_index, last);
        let match_index = match self.rules.performs(Rule::AcknowledgeLastEntry) {
            true => last,
            false => follower.store.last_index(),
        };
        let body = Body::AppendEntriesResponse { match_index };
        let answer = Self::message(follower, m.dest, m.source, body);
        self.send_synced(&mut t, Rule::EntriesSynced, answer)?;
        Some(t)
    }

    /// What agrees stays, with all that follows; the first entry that conflicts goes, with all that follows it.
    fn with_entries(&self, log: &Arc<[Entry]>, prev: usize, entries: &[Entry]) -> Arc<[Entry]> {
        let same = log[prev..].iter().zip(entries);
        let agree = prev + same.take_while(|(own, new)| own.term == new.term).count();
        let last = prev + entries.len();
        let conflicts = agree < log.len().min(last);
        if self.rules.requires(Rule::RemoveConflicting, conflicts) {
            let kept = match self.rules.performs(Rule::ConflictRemoved) {
                true => agree,
                false => log.len(),
            };
            let new = entries.iter().skip(kept - prev);
            return log[..kept].iter().chain(new).copied().collect();
        }
        let new = entries.get(log.len() - prev..).unwrap_or_default();
        match new {
            [] => log.clone(),
            _ => log.iter().chain(new).copied().collect(),
        }
    }

    fn commit_of_follower(&self, follower: &Memory, told: u64, last: u64) -> u64 {
        let reached = match self.rules.performs(Rule::CommitUpToLastEntry) {
            true => told.min(last),
            false => told,
        };
        match self.rules.performs(Rule::CommitOnlyGrows) {
            true => reached.max(follower.commit_index),
            false => reached,
        }
    }

    /// A follower that knows more to be committed than the leader of its term has sent says so: what is committed is in the leader's log, too (§5.4).
    pub(super) fn acknowledge_committed(&self, s: &State, m: &Message) -> Option<State> {
        let follower = self.receiver(s, m)?;
        given(matches!(m.body, Body::AppendEntriesRequest { .. }))?;
        given(follower.role() == Role::Follower && follower.commit_index > 0)?;
        self.rules
            .when(Rule::AppendEntriesCurrent, m.term >= follower.store.term)?;

        let mut t = s.clone();
        let match_index = follower.commit_index;
        let body = Body::AppendEntriesResponse { match_index };
        let answer = Self::message(follower, m.dest, m.source, body);
        self.send_synced(&mut t, Rule::EntriesSynced, answer)?;
        Some(t)
    }

    pub(super) fn handle_append_entries_response(&self, s: &State, m: &Message) -> Option<State> {
        let leader = self.receiver(s, m)?;
        let Body::AppendEntriesResponse { match_index } = m.body else {
            return None;
        };
        let current = m.term >= leader.store.term;
        self.rules.when(Rule::AppendResponseCurrent, current)?;

        let mut t = s.clone();
        let Part::Leader(known) = &mut t.node_mut(m.dest).memory.as_mut()?.part else {
            return None;
        };
        let known = &mut known[m.source.0 as usize];
        *known = match self.rules.performs(Rule::MatchOnlyGrows) {
            true => match_index.max(*known),
            false => match_index,
        };
        Some(t)
    }

    /// A leader may commit less than it could: its disk may not have told it yet how far it is.
    pub(super) fn advance_commit_index(&self, s: &State, i: Server, index: u64) -> Option<State> {
        let node = s.node(i);
        let leader = node.up()?;
        let Part::Leader(match_index) = &leader.part else {
            return None;
        };
        given(leader.commit_index < index && index <= leader.store.last_index())?;
        let held = is_quorum(self.holders(node, i, match_index, index), s.nodes.len());
        self.rules.when(Rule::CommitQuorum, held)?;
        let own = leader.store.term_at(index) == leader.store.term;
        self.rules.when(Rule::CommitOwnTerm, own)?;

        let mut t = s.clone();
        t.node_mut(i).memory.as_mut()?.commit_index = index;
        Some(t)
    }

    /// Who has the leader's entry at `index` on its disk. The leader is no exception (thesis, §10.2.1).
    fn holders(&self, node: &Node, i: Server, match_index: &[u64], index: u64) -> NodeSet<Server> {
        let synced = holds(node, index);
        let own = self.rules.requires(Rule::OwnEntrySynced, synced);
        let servers = (0..match_index.len()).map(|j| Server(j as u8));
        let others = servers.filter(|&j| j != i && match_index[j.0 as usize] >= index);
        others.chain(own.then_some(i)).collect()
    }
}

/// Whether the entry that a server has at `index` is on its own disk: there may still be another one, which it has removed since.
pub(super) fn holds(node: &Node, index: u64) -> bool {
    let term = node.up().map(|memory| memory.store.term_at(index));
    let synced = node.synced.term_at(index);
    synced > 0 && Some(synced) == term
}
