//! Durable Paxos Commit: resource managers and acceptors that crash, and come back with what is on their disks.
//!
//! What this rung adds to PaxosCommit.tla: whoever promises, votes or prepares writes it, and says so only when it is on disk; and the claim for which
//! the protocol exists, that nobody is blocked while at most F of 2F+1 acceptors are down (`NotBlocked`). After Gray & Lamport,
//! *Consensus on Transaction Commit* (ACM TODS 31(1), 2006), §4.
//!
//! The guards of PaxosCommit.tla are the rules of the rung above. Here they are physics: a site that takes one of its steps asks that model, and
//! keeps what it would change until its disk has it. Leaders have no state, there as here.
//!
//! The network is the set of all messages ever sent, so messages are lost, repeated and reordered. A site that waits for its disk does
//! nothing else, and an acceptor answers in an instance before it takes the next step there: after a crash it answers again.

pub mod configs;
mod properties;
pub mod temporal;

use std::fmt;

use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Durable, Faults, Id, PerNode, Process, Spec, given};
use crate::paxos_commit::messages::{Message, Messages};
use crate::paxos_commit::protocol::{self, PaxosCommit};
use crate::paxos_commit::state::{self, Memory};
use crate::paxos_commit::{Acceptor, Ballot, MAX_ACCEPTORS, MAX_RMS, Rm, Value, Vote};
use crate::two_phase::durable::state::{Memory as RmMemory, Record};
use crate::two_phase::{RmState, RmStates};

/// Paxos Commit whose sites crash and come back.
#[derive(Clone, Debug)]
pub struct DurablePaxosCommit<S = Faithful> {
    /// The rung above, of the same size.
    pub above: PaxosCommit,
    /// The same with one ballot more, in which nobody has acted yet.
    pub higher: PaxosCommit,
    /// How many acceptors may be down when nobody is to be blocked.
    pub tolerates: usize,
    /// How often each fault may strike.
    pub most: Faults,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The sites, and all messages ever sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The resource managers: the last record of each, and what it remembers.
    pub rms: PerNode<Rm, Process<Durable<Record>, RmMemory>, MAX_RMS>,
    /// The acceptors. What one remembers is what it has written.
    pub acceptors: PerNode<Acceptor, Process<Durable<Instances>, ()>, MAX_ACCEPTORS>,
    /// `msgs`: every message ever sent.
    pub msgs: Messages,
    /// How often sites have crashed.
    pub faults: Faults,
}

/// What an acceptor keeps of each instance.
pub type Instances = PerNode<Rm, Memory, MAX_RMS>;

/// A site.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// A resource manager.
    Rm(Rm),
    /// An acceptor.
    Acceptor(Acceptor),
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rm(rm) => rm.fmt(f),
            Self::Acceptor(a) => a.fmt(f),
        }
    }
}

impl State {
    /// What a resource manager remembers, if it is up.
    pub fn memory(&self, rm: Rm) -> Option<RmMemory> {
        self.rms[rm].up().copied()
    }

    /// How many acceptors are down.
    pub fn acceptors_down(&self) -> usize {
        let acceptors = self.acceptors.values().iter();
        acceptors.filter(|acceptor| acceptor.is_down()).count()
    }

    /// The state of a resource manager in PaxosCommit.tla: what its record says, or what it has given up by not having one.
    pub fn image(&self, rm: Rm) -> RmState {
        match (self.rms[rm].disk.synced(), self.memory(rm)) {
            (Record::Prepared, _) => RmState::Prepared,
            (Record::Committed, _) => RmState::Committed,
            (Record::Aborted, _) => RmState::Aborted,
            (Record::Empty, None | Some(RmMemory::Aborted)) => RmState::Aborted,
            (Record::Empty, Some(_)) => RmState::Working,
        }
    }

    /// The state in PaxosCommit.tla: what is on disk counts as said.
    pub fn paxos_commit(&self) -> state::State {
        let mut above = self.as_seen();
        for rm in self.rms.nodes() {
            above.rm_state.set(rm, self.image(rm));
            above
                .msgs
                .insert(match (self.rms[rm].disk.synced(), self.image(rm)) {
                    (Record::Empty, RmState::Working) => continue,
                    (Record::Empty, _) => proposal(rm, Value::Aborted),
                    _ => proposal(rm, Value::Prepared),
                });
        }
        for (a, acceptor) in self.acceptors.iter() {
            for (rm, &memory) in acceptor.disk.synced().iter() {
                above.acceptors[rm][a] = memory;
                if let Some(reply) = reply(rm, a, memory) {
                    above.msgs.insert(reply);
                }
            }
        }
        above
    }

    /// What the sites themselves see: what they remember and have written, and what was sent.
    fn as_seen(&self) -> state::State {
        let rms = self.rms.values().len();
        let mut seen = state::State {
            rm_state: RmStates::all(rms, RmState::Working),
            acceptors: PerNode::all(
                rms,
                PerNode::all(self.acceptors.values().len(), Memory::BLANK),
            ),
            msgs: self.msgs,
        };
        for rm in self.rms.nodes() {
            let state = match self.memory(rm) {
                Some(RmMemory::Prepared) => RmState::Prepared,
                Some(RmMemory::Committed) => RmState::Committed,
                Some(RmMemory::Aborted) => RmState::Aborted,
                _ => RmState::Working,
            };
            seen.rm_state.set(rm, state);
            for (a, acceptor) in self.acceptors.iter() {
                seen.acceptors[rm][a] = acceptor.disk.written()[rm];
            }
        }
        seen
    }
}

/// What a resource manager proposes in ballot 0.
fn proposal(rm: Rm, val: Value) -> Message {
    Message::P2a(rm, Vote::new(Ballot(0), val))
}

/// What an acceptor answers in an instance: its vote in the ballot that it has reached, or its promise of it.
fn reply(rm: Rm, a: Acceptor, memory: Memory) -> Option<Message> {
    match memory {
        Memory::BLANK => None,
        Memory { max_bal, vote } if vote.bal == max_bal => Some(Message::P2b(rm, a, vote)),
        Memory { max_bal, vote } => Some(Message::P1b(rm, a, max_bal, vote)),
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of PaxosCommit.tla, with disks and faults.
    pub enum Action {
        /// A resource manager prepares.
        RMPrepare(Rm),
        /// A resource manager aborts on its own.
        RMChooseToAbort(Rm),
        /// A resource manager proposes, in ballot 0, that it is prepared or has aborted.
        Propose(Rm),
        /// A resource manager is told to commit.
        RMRcvCommitMsg(Rm),
        /// A resource manager is told to abort.
        RMRcvAbortMsg(Rm),
        /// A leader begins a ballot of an instance.
        Phase1a(Rm, Ballot),
        /// An acceptor promises a ballot of an instance.
        Phase1b(Rm, Acceptor, Ballot),
        /// A leader proposes a value in a ballot of an instance.
        Phase2a(Rm, Vote),
        /// An acceptor votes for what was proposed.
        Phase2b(Rm, Acceptor, Vote),
        /// An acceptor sends its promise or its vote.
        Reply(Rm, Acceptor),
        /// A leader learns that all instances have chosen prepared.
        DecideCommit,
        /// A leader learns that an instance has chosen aborted.
        DecideAbort,
        /// What a site has written is on its disk.
        Sync(Site),
        /// A site stops, and loses what is not on its disk.
        Crash(Site),
        /// A site comes back, with what is on its disk.
        Restart(Site),
    }
}

impl<S: RuleSet<Rule>> DurablePaxosCommit<S> {
    fn rm_prepare(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.memory(rm) == Some(RmMemory::Working))?;

        let mut t = *s;
        *t.rms[rm].up_mut()? = RmMemory::Prepared;
        if self.rules.performs(Rule::DPPrepareWrites) {
            t.rms[rm].disk.write(Record::Prepared);
        }
        Some(t)
    }

    fn rm_choose_to_abort(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.memory(rm) == Some(RmMemory::Working))?;

        let mut t = *s;
        *t.rms[rm].up_mut()? = RmMemory::Aborted;
        Some(t)
    }

    fn propose(&self, s: &State, rm: Rm) -> Option<State> {
        let written = *s.rms[rm].disk.written();
        let val = match s.memory(rm)? {
            RmMemory::Prepared => Value::Prepared,
            RmMemory::Aborted if written == Record::Empty => Value::Aborted,
            _ => return None,
        };
        let synced = s.rms[rm].disk.is_synced();
        self.rules.when(Rule::DPProposeSynced, synced)?;

        let mut t = *s;
        if self.rules.performs(Rule::DPProposeSends) {
            t.msgs.insert(proposal(rm, val));
        }
        Some(t)
    }

    fn rm_rcv(&self, s: &State, rm: Rm, message: Message) -> Option<State> {
        let memory = s.memory(rm)?;
        given(s.msgs.contains(message) && s.rms[rm].disk.is_synced())?;
        given(matches!(memory, RmMemory::Working | RmMemory::Prepared))?;
        let (becomes, record) = match message {
            Message::Commit => (RmMemory::Committed, Record::Committed),
            _ => (RmMemory::Aborted, Record::Aborted),
        };

        let mut t = *s;
        *t.rms[rm].up_mut()? = becomes;
        // One that has not prepared needs no record to have aborted.
        let needs = memory == RmMemory::Prepared;
        if needs && self.rules.performs(Rule::DPDecisionWrites) {
            t.rms[rm].disk.write(record);
        }
        Some(t)
    }

    /// A step of a leader, which sends and remembers nothing.
    fn lead(&self, above: &PaxosCommit, s: &State, action: protocol::Action) -> Option<State> {
        let mut t = *s;
        t.msgs = above.next_state(&s.as_seen(), action)?.msgs;
        Some(t)
    }

    /// A step of an acceptor, which writes now and answers later.
    fn accept(&self, s: &State, rm: Rm, a: Acceptor, action: protocol::Action) -> Option<State> {
        let acceptor = &s.acceptors[a];
        given(!acceptor.is_down() && acceptor.disk.is_synced())?;
        let last = reply(rm, a, acceptor.disk.written()[rm]);
        given(last.is_none_or(|last| s.msgs.contains(last)))?;
        let above = self.above.next_state(&s.as_seen(), action)?;

        let mut t = *s;
        if self.rules.performs(Rule::DPAcceptorWrites) {
            let mut written = *acceptor.disk.written();
            written[rm] = above.acceptors[rm][a];
            t.acceptors[a].disk.write(written);
        }
        Some(t)
    }

    fn reply(&self, s: &State, rm: Rm, a: Acceptor) -> Option<State> {
        let acceptor = &s.acceptors[a];
        given(!acceptor.is_down())?;
        let message = reply(rm, a, acceptor.disk.written()[rm])?;
        let synced = acceptor.disk.is_synced();
        self.rules.when(Rule::DPReplySynced, synced)?;

        let mut t = *s;
        if self.rules.performs(Rule::DPReplySends) {
            t.msgs.insert(message);
        }
        Some(t)
    }

    fn sync(&self, s: &State, site: Site) -> Option<State> {
        let mut t = *s;
        match site {
            Site::Rm(rm) => t.rms[rm].disk.sync(),
            Site::Acceptor(a) => t.acceptors[a].disk.sync(),
        }
        given(t != *s)?;

        Some(t)
    }

    fn crash(&self, s: &State, site: Site) -> Option<State> {
        given(!self.is_down(s, site))?;

        let mut t = *s;
        match site {
            Site::Rm(rm) => t.rms[rm].crash(),
            Site::Acceptor(a) => t.acceptors[a].crash(),
        }
        t.faults.crashes += 1;
        Some(t)
    }

    fn restart(&self, s: &State, site: Site) -> Option<State> {
        given(self.is_down(s, site))?;

        let mut t = *s;
        match site {
            Site::Rm(rm) => t.rms[rm].restart(|disk| self.recover(*disk.synced())),
            Site::Acceptor(a) => {
                if !self.rules.performs(Rule::DPAcceptorRecovers) {
                    t.acceptors[a].disk = self.blank();
                }
                t.acceptors[a].restart(|_| ());
            }
        }
        Some(t)
    }

    fn recover(&self, record: Record) -> RmMemory {
        match record {
            Record::Empty if !self.rules.performs(Rule::DPRestartAborts) => RmMemory::Working,
            Record::Prepared if self.rules.performs(Rule::DPRestartPrepared) => RmMemory::Prepared,
            Record::Empty | Record::Prepared | Record::Aborted => RmMemory::Aborted,
            Record::Committed => RmMemory::Committed,
        }
    }

    fn is_down(&self, s: &State, site: Site) -> bool {
        match site {
            Site::Rm(rm) => s.rms[rm].is_down(),
            Site::Acceptor(a) => s.acceptors[a].is_down(),
        }
    }

    fn blank(&self) -> Durable<Instances> {
        Durable::new(PerNode::all(self.above.rms, Memory::BLANK))
    }

    fn sites(&self) -> impl Iterator<Item = Site> + use<S> {
        let acceptors = Acceptor::first(self.above.acceptors).map(Site::Acceptor);
        Rm::first(self.above.rms).map(Site::Rm).chain(acceptors)
    }

    fn step(&self, above: &PaxosCommit, s: &State, action: Action) -> Option<State> {
        type Above = protocol::Action;
        match action {
            Action::RMPrepare(rm) => self.rm_prepare(s, rm),
            Action::RMChooseToAbort(rm) => self.rm_choose_to_abort(s, rm),
            Action::Propose(rm) => self.propose(s, rm),
            Action::RMRcvCommitMsg(rm) => self.rm_rcv(s, rm, Message::Commit),
            Action::RMRcvAbortMsg(rm) => self.rm_rcv(s, rm, Message::Abort),
            Action::Phase1a(rm, bal) => self.lead(above, s, Above::Phase1a(rm, bal)),
            Action::Phase1b(rm, a, bal) => self.accept(s, rm, a, Above::Phase1b(rm, a, bal)),
            Action::Phase2a(rm, vote) => self.lead(above, s, Above::Phase2a(rm, vote)),
            Action::Phase2b(rm, a, vote) => self.accept(s, rm, a, Above::Phase2b(rm, a, vote)),
            Action::Reply(rm, a) => self.reply(s, rm, a),
            Action::DecideCommit => self.lead(above, s, Above::DecideCommit),
            Action::DecideAbort => self.lead(above, s, Above::DecideAbort),
            Action::Sync(site) => self.sync(s, site),
            Action::Crash(site) => self.crash(s, site),
            Action::Restart(site) => self.restart(s, site),
        }
    }

    /// The state to which a leader brings `s` with the sites that are up, in a ballot that nobody has heard of yet. Every step is one of this model's.
    pub(super) fn led(&self, s: &State) -> State {
        let ballot = self.higher.max_ballot;
        let rms = || Rm::first(self.above.rms);
        let mut t = *s;
        let mut take = |actions: &mut dyn Iterator<Item = Action>| {
            for action in actions {
                if let Some(next) = self.step(&self.higher, &t, action) {
                    t = next;
                }
            }
        };
        let acceptors = || Acceptor::first(self.above.acceptors);
        let settle = || {
            let replies = move |rm| acceptors().map(move |a| Action::Reply(rm, a));
            self.sites()
                .map(Action::Sync)
                .chain(rms().flat_map(replies))
        };
        take(&mut settle());
        for rm in rms() {
            take(&mut [Action::Phase1a(rm, ballot)].into_iter());
            take(&mut acceptors().map(|a| Action::Phase1b(rm, a, ballot)));
            take(&mut settle());
            for val in Value::ALL {
                let vote = Vote::new(ballot, val);
                take(&mut [Action::Phase2a(rm, vote)].into_iter());
                take(&mut acceptors().map(|a| Action::Phase2b(rm, a, vote)));
                take(&mut settle());
            }
        }
        take(&mut [Action::DecideCommit, Action::DecideAbort].into_iter());
        take(&mut rms().map(Action::RMRcvCommitMsg));
        take(&mut rms().map(Action::RMRcvAbortMsg));
        t
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for DurablePaxosCommit<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let rm = Process::new(Durable::new(Record::Empty), RmMemory::Working);
        let acceptor = Process::new(self.blank(), ());
        vec![State {
            rms: PerNode::all(self.above.rms, rm),
            acceptors: PerNode::all(self.above.acceptors, acceptor),
            msgs: Messages::empty(),
            faults: Faults::default(),
        }]
    }

    /// What the rung above would try on the messages that were sent, and what this one adds.
    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        let mut above = Vec::new();
        self.above.actions(&s.as_seen(), &mut above);
        actions.extend(above.into_iter().map(|action| match action {
            protocol::Action::RMPrepare(rm) => Action::RMPrepare(rm),
            protocol::Action::RMChooseToAbort(rm) => Action::RMChooseToAbort(rm),
            protocol::Action::RMRcvCommitMsg(rm) => Action::RMRcvCommitMsg(rm),
            protocol::Action::RMRcvAbortMsg(rm) => Action::RMRcvAbortMsg(rm),
            protocol::Action::Phase1a(rm, bal) => Action::Phase1a(rm, bal),
            protocol::Action::Phase1b(rm, a, bal) => Action::Phase1b(rm, a, bal),
            protocol::Action::Phase2a(rm, vote) => Action::Phase2a(rm, vote),
            protocol::Action::Phase2b(rm, a, vote) => Action::Phase2b(rm, a, vote),
            protocol::Action::DecideCommit => Action::DecideCommit,
            protocol::Action::DecideAbort => Action::DecideAbort,
        }));
        for rm in Rm::first(self.above.rms) {
            actions.push(Action::Propose(rm));
            actions.extend(Acceptor::first(self.above.acceptors).map(|a| Action::Reply(rm, a)));
        }
        for site in self.sites() {
            actions.extend([
                Action::Sync(site),
                Action::Crash(site),
                Action::Restart(site),
            ]);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.step(&self.above, s, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states()
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }
}
