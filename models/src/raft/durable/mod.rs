//! Raft on disks that must be synced: crashes between any two steps, the leader's disk in parallel with its followers', and the extensions of the thesis.
//!
//! `ReplicatedLog ⊐ DurableRaft`, beside [`history`](crate::raft::history). raft.tla is not above this rung: there a log is durable at once, while here a leader
//! sends an entry that is not yet on its own disk, a follower acknowledges it, and a crash takes it from the leader alone. What is committed is a history
//! variable, as in `raft-history`. A term and a vote are one record on a disk ([`Cells::One`]), the log is another one. What is written is
//! lost by a crash until it is synced; a reply leaves only once what it says is synced.
//!
//! Left out, so that sizes stay small, and why that is safe:
//! - A request is sent and handled in one step. It is made of what its sender knows, which while it leads or stands for election only grows; so a request
//!   that was under way for long is one that could have been sent short of that (`requests=old`). What is lost is a request that outlives the leadership of its sender;
//!   where the receiver is still in that term, it could have come before. Replies do travel, within a bound, and outlive everything.
//! - A server syncs what a reply needs in the same step in which it sends it: a crash between the two is a crash before, or a reply that is lost. A candidate
//!   syncs its vote for itself as it writes it: nobody has seen what a crash between would take.
//! - A refusal to vote is not sent, and a refusal from a newer term neither: they only keep servers from doing something.
//! - A leader is made as its last vote is counted, and commits as the last acknowledgement is; both could wait, but nothing else looks at them.
//! - Time: who is heard in time, and when a leader misses its quorum, is free (`features`). Values are told apart by their terms.

pub mod configs;
pub mod elections;
mod events;
pub mod properties;
pub mod replication;
pub mod state;

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::symmetry::{Permutation, least};
use crate::kit::{
    Durable, Event, Faults, Mapped, PerNode, Process, Refines, Spec, StepProperty, given,
};
use crate::raft::durable::properties::{durable_properties, durable_step_properties};
use crate::raft::durable::state::{Ballot, Memory, Node, Part, Reply, Says, State, Store};
use crate::raft::spec::{self, ReplicatedLog};
use crate::raft::{Log, Role, Server, last_term};

/// Servers with disks.
#[derive(Clone, Debug)]
pub struct DurableRaft<S = Faithful> {
    /// How many servers there are.
    pub servers: usize,
    /// The largest term. Terms begin at 0.
    pub max_term: u8,
    /// The largest length of a log.
    pub max_log: usize,
    /// The most replies in flight.
    pub max_msgs: usize,
    /// How often each fault may strike.
    pub faults: Faults,
    /// The extensions.
    pub features: Features,
    /// Whether a leader's requests may also be older ones.
    pub old_requests: bool,
    /// How a term and a vote are kept.
    pub cells: Cells,
    /// Whether the lemmas are checked, too, or Figure 3 and the promise alone. So these are seen to notice by themselves what a lemma notices before.
    pub lemmas: bool,
    /// The rules that are kept.
    pub rules: S,
}

/// How a term and a vote are kept on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// In one record.
    One,
    /// In two, which are synced one by one: an expected failure. A crash may leave the term of one election with the vote of another, so that a vote that
    /// was sent is not on the disk any more. Three servers that crash twice do not come to elect two leaders by that.
    Two,
}

/// The extensions of Ongaro's thesis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// A server asks whether it could win before it begins a term.
    pub pre_vote: bool,
    /// A server that hears a leader does not vote, and a leader that misses its quorum steps down.
    pub check_quorum: bool,
    /// A leader may ask a follower to take over.
    pub transfer: bool,
}

impl Features {
    /// The names by which the command line knows them, in the order of [`Features::from_choice`].
    pub const NAMES: &'static [&'static str] =
        &["none", "pre-vote", "check-quorum", "transfer", "all"];

    /// The ones of that position in [`Features::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        Self {
            pre_vote: matches!(choice, 1 | 4),
            check_quorum: matches!(choice, 2 | 4),
            transfer: matches!(choice, 3 | 4),
        }
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What happens.
    pub enum Action {
        /// A server stops, and loses what is not synced.
        Crash(Server),
        /// A server comes back with what is on its disk.
        Restart(Server),
        /// A leader's disk has its log.
        Sync(Server),
        /// One of two cells is synced by itself: the term.
        SyncTerm(Server),
        /// One of two cells is synced by itself: the vote.
        SyncVote(Server),
        /// A server starts an election.
        Timeout(Server),
        /// The second server handles the first one's request for its vote.
        RequestVote(Server, Server),
        /// A server syncs what its reply says, and sends it.
        SendReply(Server),
        /// The receiver handles a reply.
        HandleReply(Reply),
        /// A leader takes a request.
        ClientRequest(Server),
        /// The second server handles the first one's entries: those after an index, up to an index, with a commit index.
        AppendEntries(Server, Server, u8, u8, u8),
        /// A leader asks a follower to take over.
        TimeoutNow(Server, Server),
        /// A leader misses its quorum.
        StepDown(Server),
        /// A server has not heard of its leader for some time.
        Elapse(Server),
        /// The network loses a reply.
        DropMessage(Reply),
        /// The network repeats a reply.
        DuplicateMessage(Reply),
    }
}

impl<S: RuleSet<Rule>> DurableRaft<S> {
    fn crash(&self, s: &State, i: Server) -> Option<State> {
        given(!s.nodes[i].is_down())?;

        let mut t = *s;
        t.nodes[i].crash();
        t.faults.crashes += 1;
        Some(t)
    }

    fn restart(&self, s: &State, i: Server) -> Option<State> {
        given(s.nodes[i].is_down())?;

        let mut t = *s;
        t.nodes[i].restart(|_| Memory::new());
        Some(t)
    }

    fn sync(&self, s: &State, i: Server) -> Option<State> {
        let node = s.nodes[i].up()?;
        given(node.role() == Role::Leader && !s.nodes[i].disk.log.is_synced())?;

        let mut t = *s;
        t.nodes[i].disk.log.sync();
        self.advance(&mut t, i);
        Some(t)
    }

    /// Half of what [`Durable::sync`] does to a record.
    fn sync_cell(&self, s: &State, i: Server, term: bool) -> Option<State> {
        s.nodes[i].up()?;
        let written = *s.nodes[i].disk.ballot.written();
        let synced = *s.nodes[i].disk.ballot.synced();
        let half = match term {
            true => Ballot {
                term: written.term,
                ..synced
            },
            false => Ballot {
                term: synced.term,
                ..written
            },
        };
        given(half != synced)?;

        let mut t = *s;
        t.nodes[i].disk.ballot = Durable::new(half);
        t.nodes[i].disk.ballot.write(written);
        Some(t)
    }

    fn send_reply(&self, s: &State, j: Server) -> Option<State> {
        let reply = s.nodes[j].up()?.owes?;

        let mut t = *s;
        let node = &mut t.nodes[j];
        let written = *node.disk.ballot.written();
        let mut safe = *node.disk.ballot.synced();
        if self.rules.performs(Rule::TermSynced) {
            safe.term = written.term;
        }
        if self.rules.performs(Rule::VoteSynced) {
            safe.voted_for = written.voted_for;
        }
        node.disk.ballot = Durable::new(safe);
        node.disk.ballot.write(written);
        if self.rules.performs(Rule::EntriesSynced) {
            node.disk.log.sync();
        }
        node.up_mut()?.owes = None;
        t.replies.insert(reply);
        Some(t)
    }

    /// An answer that comes too late is dropped. So is one to a server that is down.
    fn handle_reply(&self, s: &State, m: Reply) -> Option<State> {
        given(s.replies.contains(&m))?;

        let mut t = *s;
        t.replies.remove(&m);
        match m.says {
            Says::Granted => self.count_vote(&mut t, m),
            Says::Accepted(index) => self.note(&mut t, m, index, true),
            Says::Refused(index) => self.note(&mut t, m, index, false),
        }
        Some(t)
    }

    fn drop_message(&self, s: &State, m: Reply) -> Option<State> {
        given(s.replies.contains(&m))?;

        let mut t = *s;
        t.replies.remove(&m);
        t.faults.losses += 1;
        Some(t)
    }

    fn duplicate_message(&self, s: &State, m: Reply) -> Option<State> {
        given(s.replies.contains(&m))?;

        let mut t = *s;
        t.replies.insert(m);
        t.faults.duplicates += 1;
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for DurableRaft<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let store = Store {
            ballot: Durable::new(Ballot {
                term: 0,
                voted_for: None,
            }),
            log: Durable::new(Log::new()),
        };
        vec![State::new(self.servers, Process::new(store, Memory::new()))]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for (i, node) in s.nodes.iter() {
            let Some(memory) = node.up() else {
                actions.push(Action::Restart(i));
                continue;
            };
            actions.extend([
                Action::Crash(i),
                Action::Timeout(i),
                Action::SendReply(i),
                Action::ClientRequest(i),
                Action::Sync(i),
            ]);
            if self.cells == Cells::Two {
                actions.extend([Action::SyncTerm(i), Action::SyncVote(i)]);
            }
            if self.features.check_quorum {
                actions.extend([Action::StepDown(i), Action::Elapse(i)]);
            }
            for j in s.nodes.nodes().filter(|&j| j != i) {
                actions.push(Action::RequestVote(i, j));
                if self.features.transfer {
                    actions.push(Action::TimeoutNow(i, j));
                }
                if let Part::Leader(leading) = &memory.part {
                    self.requests(node, memory, leading.next_index[j], |prev, upto, commit| {
                        actions.push(Action::AppendEntries(i, j, prev, upto, commit));
                    });
                }
            }
        }
        for &m in s.replies.distinct() {
            actions.extend([
                Action::HandleReply(m),
                Action::DropMessage(m),
                Action::DuplicateMessage(m),
            ]);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Crash(i) => self.crash(s, i),
            Action::Restart(i) => self.restart(s, i),
            Action::Sync(i) => self.sync(s, i),
            Action::SyncTerm(i) => self.sync_cell(s, i, true),
            Action::SyncVote(i) => self.sync_cell(s, i, false),
            Action::Timeout(i) => self.timeout(s, i),
            Action::RequestVote(i, v) => self.request_vote(s, i, v),
            Action::SendReply(j) => self.send_reply(s, j),
            Action::HandleReply(m) => self.handle_reply(s, m),
            Action::ClientRequest(i) => self.client_request(s, i),
            Action::AppendEntries(i, j, prev, upto, commit) => {
                self.append_entries(s, i, j, prev, upto, commit)
            }
            Action::TimeoutNow(i, j) => self.timeout_now(s, i, j),
            Action::StepDown(i) => self.step_down(s, i),
            Action::Elapse(i) => self.elapse(s, i),
            Action::DropMessage(m) => self.drop_message(s, m),
            Action::DuplicateMessage(m) => self.duplicate_message(s, m),
        }
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        durable_properties()
    }
}

impl<S: RuleSet<Rule>> Spec for DurableRaft<S> {
    const BOUNDS: &'static [&'static str] = &[
        "crashes",
        "losses",
        "duplicates",
        "max_term",
        "max_log",
        "max_msgs",
    ];
    const SYMMETRY: Option<&'static str> = Some("permutations of servers");

    fn exceeded(&self, s: &State) -> Option<usize> {
        let sizes = || {
            let mut disks = s.nodes.values().iter().map(|node| &node.disk);
            [
                disks.clone().any(|disk| disk.term() > self.max_term),
                disks.any(|disk| disk.log.written().len() > self.max_log),
                s.replies.len() > self.max_msgs,
            ]
            .iter()
            .position(|&exceeded| exceeded)
            .map(|at| at + Faults::BOUNDS.len())
        };
        s.faults.exceeded(&self.faults).or_else(sizes)
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        durable_step_properties()
    }

    fn event(&self, before: &State, action: &Action) -> Event {
        events::event(before, action)
    }

    fn canonical(&self, s: &State) -> State {
        least(Permutation::group(self.servers), |to| s.permuted(to))
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for DurableRaft<S> {
    /// A leader that commits knows that it does.
    const STEPS: usize = 2;

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

    fn abstract_state(&self, s: &State) -> spec::State {
        let known = |i| s.nodes[i].up().map_or(0, |node| node.commit_index);
        spec::State {
            committed: s
                .committed
                .iter()
                .map(|committed| committed.entry)
                .collect(),
            known: PerNode::from_fn(self.servers, known),
        }
    }

    fn witness(
        &self,
        _: &State,
        _: &Action,
        after: &State,
        Mapped {
            from: old, to: new, ..
        }: Mapped<'_, Self::Abstract>,
    ) -> Vec<spec::Action> {
        let mut steps = Vec::new();
        if let Some(more) = new.committed.get(old.committed.len()..)
            && !more.is_empty()
        {
            steps.push(spec::Action::Commit(more.iter().copied().collect()));
        }
        let learns = |i: &Server| old.known[*i] != new.known[*i];
        let learners = after.nodes.nodes().filter(learns);
        steps.extend(learners.map(|i| spec::Action::Learn(i, new.known[i])));
        steps
    }
}

/// What a server needs to know of another one's log: its last term, then its length (§5.4.1).
pub(super) fn up_to_date(node: &Node) -> (u8, usize) {
    let log = node.disk.log.written();
    (last_term(log), log.len())
}
