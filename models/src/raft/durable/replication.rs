//! The steps of durable Raft that replicate the log: several entries at once, conflicts removed in one go, the leader's own disk among the others.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::{NodeSet, given};
use crate::raft::durable::DurableRaft;
use crate::raft::durable::state::{Leading, Memory, Node, Part, Reply, Says, State};
use crate::raft::history::Committed;
use crate::raft::{Entry, Log, MAX_LOG, Role, Server, Value, is_quorum, term_at};

/// A request to append: the entries after an index, up to an index, and up to where the leader has committed.
#[derive(Clone, Copy)]
struct Request {
    prev: u8,
    upto: u8,
    commit: u8,
}

impl<S: RuleSet<Rule>> DurableRaft<S> {
    pub(super) fn client_request(&self, s: &State, i: Server) -> Option<State> {
        let leads = s.nodes[i].up()?.role() == Role::Leader;
        self.rules.when(Rule::ClientRequestLeader, leads)?;
        given(s.nodes[i].disk.log.written().len() <= MAX_LOG)?;

        let mut t = *s;
        let disk = &mut t.nodes[i].disk;
        let mut log = *disk.log.written();
        log.push(Entry {
            term: disk.term(),
            value: Value::A,
        });
        disk.log.write(log);
        Some(t)
    }

    /// The requests that a leader may send: from `next` on, any number of entries, what it has committed; and older ones, if asked for.
    pub(super) fn requests(
        &self,
        node: &Node,
        memory: &Memory,
        next: u8,
        mut request: impl FnMut(u8, u8, u8),
    ) {
        let last = node.disk.log.written().len() as u8;
        let newest = next - 1;
        let (prevs, commits) = match self.old_requests {
            true => (0, 0),
            false => (newest, memory.commit_index),
        };
        for prev in prevs..=newest {
            for upto in prev..=last {
                for commit in commits..=memory.commit_index {
                    request(prev, upto, commit);
                }
            }
        }
    }

    pub(super) fn append_entries(
        &self,
        s: &State,
        i: Server,
        j: Server,
        prev: u8,
        upto: u8,
        commit: u8,
    ) -> Option<State> {
        let (leader, follower) = (&s.nodes[i], &s.nodes[j]);
        let request = Request { prev, upto, commit };
        given(leader.up()?.role() == Role::Leader && !follower.is_down())?;
        given(upto as usize <= leader.disk.log.written().len())?;
        self.rules.when(
            Rule::AppendEntriesCurrent,
            leader.disk.term() >= follower.disk.term(),
        )?;

        let mut t = *s;
        let follower = &mut t.nodes[j];
        self.adopt(follower, leader.disk.term())?;
        self.follow(follower)?;
        let index = self.take(follower, leader.disk.log.written(), request)?;
        follower.up_mut()?.owes = Some(Reply {
            term: leader.disk.term(),
            source: j,
            dest: i,
            says: index,
        });
        Some(t)
    }

    /// A candidate yields to the leader of its term. A leader is alone in its term and is not sent anything.
    fn follow(&self, follower: &mut Node) -> Option<()> {
        let memory = follower.up_mut()?;
        given(memory.role() != Role::Leader)?;
        if self.rules.performs(Rule::CandidateYields) {
            memory.part = Part::Follower;
        }
        memory.hears = self.features.check_quorum;
        Some(())
    }

    fn take(&self, follower: &mut Node, leader: &Log, request: Request) -> Option<Says> {
        let Request { prev, upto, commit } = request;
        let mut log = *follower.disk.log.written();
        let term = term_at(leader, prev);
        let matches = prev == 0 || (term > 0 && term_at(&log, prev) == term);
        if !self.rules.requires(Rule::PrevLogMatches, matches) {
            return Some(Says::Refused(log.len() as u8));
        }
        given(log.len() >= prev as usize)?;
        self.append(&mut log, leader, prev, upto)?;
        follower.disk.log.write(log);
        let last = log.len() as u8;
        let memory = follower.up_mut()?;
        let told = match self.rules.performs(Rule::CommitUpToLastEntry) {
            true => commit.min(upto),
            false => commit,
        };
        if self.rules.performs(Rule::CommitOnlyGrows) {
            memory.commit_index = memory.commit_index.max(told);
        } else {
            memory.commit_index = told;
        }
        let acknowledged = match self.rules.performs(Rule::AcknowledgeLastEntry) {
            true => upto,
            false => last,
        };
        Some(Says::Accepted(acknowledged))
    }

    /// The entries that are there stay, as does what follows them; the first one that conflicts is removed with all that follows.
    fn append(&self, log: &mut Log, leader: &Log, prev: u8, upto: u8) -> Option<()> {
        let differs = |index: &u8| {
            let there = term_at(log, *index);
            there > 0 && there != term_at(leader, *index)
        };
        let conflict = (prev + 1..=upto).find(differs);
        if self
            .rules
            .requires(Rule::RemoveConflicting, conflict.is_some())
            && self.rules.performs(Rule::ConflictRemoved)
        {
            // Where the rule is left out, a request cuts the log off at its own last entry.
            log.truncate(conflict.map_or(upto, |index| index - 1) as usize);
        }
        while log.len() < upto as usize {
            log.push(leader[log.len()]);
        }
        Some(())
    }

    /// The leader takes note of an answer: of what was acknowledged, or of a refusal.
    pub(super) fn note(&self, t: &mut State, m: Reply, index: u8, success: bool) {
        let success = self.rules.requires(Rule::AppendSucceeded, success);
        let Some(leading) = self.leading(t, m) else {
            return;
        };
        let noted = &mut leading.match_index[m.source];
        let next = &mut leading.next_index[m.source];
        if success {
            if self.rules.performs(Rule::MatchOnlyGrows) {
                *noted = index.max(*noted);
            } else {
                *noted = index;
            }
            if self.rules.performs(Rule::NextMovesOn) {
                *next = *noted + 1;
            }
            self.advance(t, m.dest);
        } else {
            if self.rules.performs(Rule::NextStepsBack) {
                *next = (index + 1).min((*next - 1).max(1));
            }
            if self.rules.performs(Rule::NextAboveMatch) {
                *next = (*next).max(*noted + 1);
            }
        }
    }

    /// What the receiver knows as a leader, if it is the one that was answered.
    fn leading<'t>(&self, t: &'t mut State, m: Reply) -> Option<&'t mut Leading> {
        let term = t.nodes[m.dest].disk.term();
        let Part::Leader(leading) = &mut t.nodes[m.dest].up_mut()?.part else {
            return None;
        };
        self.rules
            .when(Rule::AppendResponseCurrent, m.term == term)?;
        Some(leading)
    }

    /// The leader commits what it may. The record is made of that, rewritten if it contradicts.
    pub(super) fn advance(&self, t: &mut State, i: Server) {
        let node = &t.nodes[i];
        let Some(memory) = node.up() else {
            return;
        };
        let Part::Leader(leading) = &memory.part else {
            return;
        };
        let (term, log) = (node.disk.term(), *node.disk.log.written());
        let mut newer = (memory.commit_index + 1..=log.len() as u8).rev();
        let Some(index) = newer.find(|&index| {
            let holders = self.holders(i, node, leading, index);
            let rules = &self.rules;
            rules.requires(Rule::CommitQuorum, is_quorum(holders, self.servers))
                && rules.requires(Rule::CommitOwnTerm, term_at(&log, index) == term)
        }) else {
            return;
        };
        for (at, &entry) in log[..index as usize].iter().enumerate() {
            if t.committed.get(at).map(|c| c.entry) != Some(entry) {
                t.committed.truncate(at);
                t.committed.push(Committed {
                    entry,
                    in_term: term,
                });
            }
        }
        if let Some(memory) = t.nodes[i].up_mut()
            && self.rules.performs(Rule::CommitNotes)
        {
            memory.commit_index = index;
        }
    }

    /// Who has the entry at `index` on its disk, as far as the leader knows.
    fn holders(&self, i: Server, node: &Node, leading: &Leading, index: u8) -> NodeSet<Server> {
        let acknowledged = leading.match_index.iter();
        let mut holders: NodeSet<Server> = acknowledged
            .filter(|(_, acknowledged)| **acknowledged >= index)
            .map(|(j, _)| j)
            .collect();
        let synced = node.disk.log.synced().len() >= index as usize;
        if self.rules.requires(Rule::OwnEntrySynced, synced) {
            holders.insert(i);
        }
        holders
    }
}
