//! Durable two-phase commit: logs, crashes, presumed abort, read-only votes and cooperative termination.
//!
//! What this rung adds to TwoPhase.tla: a vote and a commit are on disk before anyone hears of them; a site may crash between any two steps, and
//! knows afterwards only what its log says; the coordinator forgets, and from then on *presumes* abort; a participant that is in doubt inquires, of the
//! coordinator and of the other participants. After Mohan, Lindsay & Obermarck, *Transaction Management in the R\* Distributed Database Management
//! System* (ACM TODS 11(4), 1986), and for the termination of Bernstein, Hadzilacos & Goodman, *Concurrency Control and Recovery in Database Systems* (1987), §7.4.
//!
//! The network is the set of all messages ever sent: a message can be lost (nobody needs to receive it), repeated and overtaken, always.
//! PREPARE is there from the start. A decision is one message, whoever sends it: `commit` and `abort` say who was told what.
//!
//! Left out: NO votes and all time limits (a coordinator that collects votes may abort at any moment, for whatever reason); trees of
//! participants; a participant's END record (it keeps its last record for ever, so that it can acknowledge again). That a commit of nobody but readers needs no
//! record is not made use of. While a participant forces a PREPARED record it does nothing else.
//!
//! One thing is stricter than in either source, because the two do not go together: a participant that restarts without a record does not help
//! others. It may have voted READ, and then 'I have not voted, so abort' would be wrong.

pub mod configs;
mod events;
mod properties;
pub mod state;
pub mod temporal;

use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Durable, Faults, Id, NodeSet, PerNode, Process, Spec, given};
pub use crate::two_phase::durable::state::{
    Coordinator, Log, MAX_PARTICIPANTS, Memory, Messages, Participant, Record, State, Votes,
};
use crate::two_phase::{Rm, Site};

/// A coordinator and its participants, who crash and come back.
#[derive(Clone, Debug)]
pub struct DurableTwoPhase<S = Faithful> {
    /// How many participants there are.
    pub participants: usize,
    /// How many of them may turn out to have read only.
    pub readers: usize,
    /// How often each fault may strike.
    pub most: Faults,
    /// How many votes the coordinator waits for before it commits.
    pub votes: u8,
    /// What a participant does that has been in doubt for too long.
    pub on_timeout: OnTimeout,
    /// What the coordinator presumes of a transaction of which it knows nothing.
    pub presumes: Presumption,
    /// Whether the invariants near the bugs are claimed, too, and not only the promise.
    pub near: bool,
    /// The rules that are kept.
    pub rules: S,
}

/// What a participant does that has been in doubt for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTimeout {
    /// It inquires, and goes on waiting.
    Inquires,
    /// It aborts alone: wrong.
    Aborts,
    /// It commits alone: wrong.
    Commits,
}

/// What the coordinator presumes of a transaction of which it knows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presumption {
    /// That it was aborted, as its way of logging demands.
    Abort,
    /// That it has committed: wrong, unless aborts are logged and acknowledged instead.
    Commit,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What can happen.
    pub enum Action {
        /// A participant receives PREPARE, and prepares.
        Prepare(Rm),
        /// A participant votes YES.
        VoteYes(Rm),
        /// A participant receives PREPARE, has only read, and votes READ.
        VoteRead(Rm),
        /// A participant aborts on its own.
        ChooseToAbort(Rm),
        /// The coordinator receives a vote.
        RcvVote(Rm),
        /// The coordinator decides to commit.
        Commit,
        /// The coordinator tells a participant to commit, for the first time or again.
        TellCommit(Rm),
        /// The coordinator decides to abort.
        Abort,
        /// A participant is told to commit.
        RcvCommit(Rm),
        /// A participant acknowledges COMMIT.
        Ack(Rm),
        /// A participant is told to abort.
        RcvAbort(Rm),
        /// The coordinator forgets a commit that everyone has acknowledged.
        Forget,
        /// A participant has been in doubt for too long.
        TimeOut(Rm),
        /// The coordinator, which knows nothing of the transaction, answers an inquiry.
        Answer(Rm),
        /// A participant answers the inquiry of another: commit.
        AnswerCommit(Rm, Rm),
        /// A participant answers the inquiry of another: abort.
        AnswerAbort(Rm, Rm),
        /// What a site has written is on its disk.
        Sync(Site),
        /// A site stops, and loses what is not on its disk.
        Crash(Site),
        /// A site comes back, with what its log says.
        Restart(Site),
    }
}

// The participants.
impl<S: RuleSet<Rule>> DurableTwoPhase<S> {
    fn prepare(&self, s: &State, rm: Rm) -> Option<State> {
        let memory = s.memory(rm)?;
        self.rules
            .when(Rule::DPrepareWorking, memory == Memory::Working)?;

        let mut t = *s;
        if self.rules.performs(Rule::DPrepareWrites) {
            t.participants[rm].disk.write(Record::Prepared);
        }
        if self.rules.performs(Rule::DPrepareState) {
            *t.participants[rm].up_mut()? = Memory::Prepared;
        }
        Some(t)
    }

    fn vote_yes(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.memory(rm) == Some(Memory::Prepared))?;
        let synced = s.participants[rm].disk.is_synced();
        self.rules.when(Rule::DYesSynced, synced)?;

        let mut t = *s;
        if self.rules.performs(Rule::DYesSends) {
            t.msgs.yes.insert(rm);
        }
        Some(t)
    }

    fn vote_read(&self, s: &State, rm: Rm) -> Option<State> {
        let memory = s.memory(rm)?;
        given(s.msgs.read.len() < self.readers)?;
        self.rules
            .when(Rule::DReadWorking, memory == Memory::Working)?;

        let mut t = *s;
        if self.rules.performs(Rule::DReadSends) {
            t.msgs.read.insert(rm);
        }
        if self.rules.performs(Rule::DReadForgets) {
            *t.participants[rm].up_mut()? = Memory::Forgotten;
        }
        Some(t)
    }

    fn choose_to_abort(&self, s: &State, rm: Rm) -> Option<State> {
        let memory = s.memory(rm)?;
        self.rules
            .when(Rule::DChooseToAbortWorking, memory == Memory::Working)?;

        let mut t = *s;
        if self.rules.performs(Rule::DChooseToAbortState) {
            *t.participants[rm].up_mut()? = Memory::Aborted;
        }
        Some(t)
    }

    fn rcv_commit(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.commit.contains(rm))?;

        self.commits(s, rm)
    }

    fn commits(&self, s: &State, rm: Rm) -> Option<State> {
        let mut t = *s;
        let memory = t.participants[rm].up_mut()?;
        if self.rules.performs(Rule::DRcvCommitState) {
            *memory = Memory::Committed;
        }
        if self.rules.performs(Rule::DRcvCommitWrites) {
            t.participants[rm].disk.write(Record::Committed);
        }
        Some(t)
    }

    fn ack(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.commit.contains(rm) && s.memory(rm) == Some(Memory::Committed))?;
        let synced = s.participants[rm].disk.is_synced();
        self.rules.when(Rule::DAckSynced, synced)?;

        let mut t = *s;
        if self.rules.performs(Rule::DAckSends) {
            t.msgs.ack.insert(rm);
        }
        Some(t)
    }

    fn rcv_abort(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.abort.contains(rm))?;
        let memory = s.memory(rm)?;
        let forces = memory == Memory::Prepared && !s.in_doubt(rm);
        given(!forces)?;
        let undecided = matches!(memory, Memory::Working | Memory::Prepared);
        self.rules.when(Rule::DRcvAbortUndecided, undecided)?;

        self.aborts(s, rm)
    }

    fn aborts(&self, s: &State, rm: Rm) -> Option<State> {
        let mut t = *s;
        let p = &mut t.participants[rm];
        if self.rules.performs(Rule::DRcvAbortState) {
            *p.up_mut()? = Memory::Aborted;
        }
        // Without a PREPARED record there is nothing to be said: no record means the same.
        if *p.disk.written() != Record::Empty && self.rules.performs(Rule::DRcvAbortWrites) {
            p.disk.write(Record::Aborted);
        }
        Some(t)
    }

    fn time_out(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.in_doubt(rm))?;
        match self.on_timeout {
            OnTimeout::Inquires => {}
            OnTimeout::Aborts => return self.aborts(s, rm),
            OnTimeout::Commits => return self.commits(s, rm),
        }

        let mut t = *s;
        if self.rules.performs(Rule::DTimeOutInquires) {
            t.msgs.inquiry.insert(rm);
        }
        Some(t)
    }

    fn answer_commit(&self, s: &State, peer: Rm, rm: Rm) -> Option<State> {
        given(peer != rm && s.msgs.inquiry.contains(rm))?;
        let memory = s.memory(peer)?;
        let committed = memory == Memory::Committed;
        self.rules.when(Rule::DAnswerCommitCommitted, committed)?;

        let mut t = *s;
        if self.rules.performs(Rule::DAnswerCommitTells) {
            t.msgs.commit.insert(rm);
        }
        Some(t)
    }

    fn answer_abort(&self, s: &State, peer: Rm, rm: Rm) -> Option<State> {
        given(peer != rm && s.msgs.inquiry.contains(rm))?;
        let memory = s.memory(peer)?;
        let certain = matches!(memory, Memory::Aborted | Memory::Working);
        self.rules.when(Rule::DAnswerAbortCertain, certain)?;

        let mut t = *s;
        if memory == Memory::Working && self.rules.performs(Rule::DAnswerAbortState) {
            *t.participants[peer].up_mut()? = Memory::Aborted;
        }
        if self.rules.performs(Rule::DAnswerAbortTells) {
            t.msgs.abort.insert(rm);
        }
        Some(t)
    }
}

// The coordinator.
impl<S: RuleSet<Rule>> DurableTwoPhase<S> {
    fn rcv_vote(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.yes.union(s.msgs.read).contains(rm))?;
        let &Coordinator::Collecting(mut votes) = s.coordinator.up()? else {
            return None;
        };
        given((votes.counted as usize) < self.participants)?;
        let known = votes.yes.union(votes.read).contains(rm);
        self.rules.when(Rule::DVoteOnce, !known)?;

        let mut t = *s;
        if self.rules.performs(Rule::DVoteRecords) {
            votes.counted += 1;
            if s.msgs.read.contains(rm) {
                votes.read.insert(rm);
            } else {
                votes.yes.insert(rm);
            }
            *t.coordinator.up_mut()? = Coordinator::Collecting(votes);
        }
        Some(t)
    }

    fn commit(&self, s: &State) -> Option<State> {
        let &Coordinator::Collecting(votes) = s.coordinator.up()? else {
            return None;
        };
        self.rules
            .when(Rule::DCommitAllVoted, votes.counted >= self.votes)?;

        let mut t = *s;
        if self.rules.performs(Rule::DCommitState) {
            *t.coordinator.up_mut()? = Coordinator::Committing;
        }
        if self.rules.performs(Rule::DCommitWrites) {
            t.coordinator.disk.write(Log::Commit(self.to_tell(votes)));
        }
        Some(t)
    }

    /// Who must be told that the transaction commits.
    fn to_tell(&self, votes: Votes) -> NodeSet<Rm> {
        let mut who = NodeSet::first(self.participants);
        if self.rules.performs(Rule::DCommitWithoutReaders) {
            votes.read.iter().for_each(|rm| who.remove(rm));
        }
        who
    }

    fn tell_commit(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.coordinator.up() == Some(&Coordinator::Committing))?;
        let concerns = match *s.coordinator.disk.written() {
            Log::Commit(who) => who.contains(rm),
            Log::Empty | Log::End => true,
        };
        given(concerns)?;
        let synced = s.coordinator.disk.is_synced();
        self.rules.when(Rule::DTellCommitSynced, synced)?;

        let mut t = *s;
        if self.rules.performs(Rule::DTellCommitSends) {
            t.msgs.commit.insert(rm);
        }
        Some(t)
    }

    fn abort(&self, s: &State) -> Option<State> {
        let collecting = matches!(s.coordinator.up()?, Coordinator::Collecting(_));
        self.rules.when(Rule::DAbortUndecided, collecting)?;

        let mut t = *s;
        if self.rules.performs(Rule::DAbortTells) {
            t.msgs.abort = NodeSet::first(self.participants);
        }
        if self.rules.performs(Rule::DAbortForgets) {
            *t.coordinator.up_mut()? = Coordinator::Forgotten;
        }
        Some(t)
    }

    fn forget(&self, s: &State) -> Option<State> {
        given(s.coordinator.up() == Some(&Coordinator::Committing))?;
        let &Log::Commit(who) = s.coordinator.disk.written() else {
            return None;
        };
        self.rules
            .when(Rule::DForgetAllAcked, who.is_subset(s.msgs.ack))?;

        let mut t = *s;
        if self.rules.performs(Rule::DForgetState) {
            *t.coordinator.up_mut()? = Coordinator::Forgotten;
        }
        if self.rules.performs(Rule::DForgetWrites) {
            t.coordinator.disk.write(Log::End);
        }
        Some(t)
    }

    fn answer(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.inquiry.contains(rm) && !s.coordinator.is_down())?;
        self.rules.when(Rule::DAnswerForgotten, s.forgotten())?;

        let mut t = *s;
        if self.rules.performs(Rule::DAnswerPresumes) {
            match self.presumes {
                Presumption::Abort => t.msgs.abort.insert(rm),
                Presumption::Commit => t.msgs.commit.insert(rm),
            }
        }
        Some(t)
    }
}

// Disks, crashes, recovery.
impl<S: RuleSet<Rule>> DurableTwoPhase<S> {
    fn sync(&self, s: &State, site: Site) -> Option<State> {
        let synced = match site {
            Site::Coordinator => s.coordinator.disk.is_synced(),
            Site::Rm(rm) => s.participants[rm].disk.is_synced(),
        };
        given(!synced)?;

        let mut t = *s;
        match site {
            Site::Coordinator => t.coordinator.disk.sync(),
            Site::Rm(rm) => t.participants[rm].disk.sync(),
        }
        Some(t)
    }

    fn crash(&self, s: &State, site: Site) -> Option<State> {
        given(!s.is_down(site))?;

        let mut t = *s;
        match site {
            Site::Coordinator => t.coordinator.crash(),
            Site::Rm(rm) => t.participants[rm].crash(),
        }
        t.faults.crashes += 1;
        Some(t)
    }

    fn restart(&self, s: &State, site: Site) -> Option<State> {
        given(s.is_down(site))?;

        let mut t = *s;
        match site {
            Site::Coordinator => t.coordinator.restart(|log| self.recover(*log.synced())),
            Site::Rm(rm) => t.participants[rm].restart(|log| self.recover_rm(*log.synced())),
        }
        Some(t)
    }

    fn recover(&self, log: Log) -> Coordinator {
        match log {
            Log::Commit(_) if self.rules.performs(Rule::DRestartCommits) => Coordinator::Committing,
            Log::Empty if !self.rules.performs(Rule::DRestartPresumes) => {
                Coordinator::Collecting(Votes::default())
            }
            Log::Empty | Log::Commit(_) | Log::End => Coordinator::Forgotten,
        }
    }

    fn recover_rm(&self, log: Record) -> Memory {
        match log {
            Record::Prepared if self.rules.performs(Rule::DRestartInDoubt) => Memory::Prepared,
            Record::Empty if !self.rules.performs(Rule::DRestartForgets) => Memory::Working,
            Record::Empty | Record::Prepared => Memory::Forgotten,
            Record::Committed => Memory::Committed,
            Record::Aborted => Memory::Aborted,
        }
    }

    /// All states to which an answer to the inquiry of a participant can lead.
    pub(super) fn answers(&self, s: &State, rm: Rm) -> impl Iterator<Item = State> {
        let peers = move |peer| {
            [
                self.answer_commit(s, peer, rm),
                self.answer_abort(s, peer, rm),
            ]
        };
        let coordinator = [self.tell_commit(s, rm), self.answer(s, rm)];
        coordinator
            .into_iter()
            .chain(Rm::first(self.participants).flat_map(peers))
            .flatten()
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for DurableTwoPhase<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let participant = Process::new(Durable::new(Record::Empty), Memory::Working);
        let collecting = Coordinator::Collecting(Votes::default());
        vec![State {
            coordinator: Process::new(Durable::new(Log::Empty), collecting),
            participants: PerNode::all(self.participants, participant),
            msgs: Messages::default(),
            faults: Faults::default(),
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        let all = || Rm::first(self.participants);
        actions.extend([Action::Commit, Action::Abort, Action::Forget]);
        for rm in all() {
            actions.extend([
                Action::Prepare(rm),
                Action::VoteYes(rm),
                Action::VoteRead(rm),
                Action::ChooseToAbort(rm),
                Action::RcvVote(rm),
                Action::TellCommit(rm),
                Action::RcvCommit(rm),
                Action::Ack(rm),
                Action::RcvAbort(rm),
                Action::TimeOut(rm),
            ]);
        }
        for rm in s.msgs.inquiry.iter() {
            actions.push(Action::Answer(rm));
            actions.extend(all().map(|peer| Action::AnswerCommit(peer, rm)));
            actions.extend(all().map(|peer| Action::AnswerAbort(peer, rm)));
        }
        for site in Site::all(self.participants) {
            actions.extend([
                Action::Sync(site),
                Action::Crash(site),
                Action::Restart(site),
            ]);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Prepare(rm) => self.prepare(s, rm),
            Action::VoteYes(rm) => self.vote_yes(s, rm),
            Action::VoteRead(rm) => self.vote_read(s, rm),
            Action::ChooseToAbort(rm) => self.choose_to_abort(s, rm),
            Action::RcvVote(rm) => self.rcv_vote(s, rm),
            Action::Commit => self.commit(s),
            Action::TellCommit(rm) => self.tell_commit(s, rm),
            Action::Abort => self.abort(s),
            Action::RcvCommit(rm) => self.rcv_commit(s, rm),
            Action::Ack(rm) => self.ack(s, rm),
            Action::RcvAbort(rm) => self.rcv_abort(s, rm),
            Action::Forget => self.forget(s),
            Action::TimeOut(rm) => self.time_out(s, rm),
            Action::Answer(rm) => self.answer(s, rm),
            Action::AnswerCommit(peer, rm) => self.answer_commit(s, peer, rm),
            Action::AnswerAbort(peer, rm) => self.answer_abort(s, peer, rm),
            Action::Sync(site) => self.sync(s, site),
            Action::Crash(site) => self.crash(s, site),
            Action::Restart(site) => self.restart(s, site),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self.near)
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }
}
