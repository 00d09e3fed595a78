//! Paxos Commit without bounds: the actions of PaxosCommit.tla.

use std::sync::Arc;

use concur_rules::paxos_commit::PaxosCommitRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::state::{Message, State};
use super::{Ballot, Vote};
use crate::kit::{Id, NodeSet, QuorumKind, Quorums, Refines, Spec, given};
use crate::paxos_commit::protocol::PaxosCommit;
use crate::paxos_commit::state::State as FlatState;
use crate::paxos_commit::{Acceptor, Rm, Value};
use crate::two_phase::many::OneTransaction;
use crate::two_phase::{RmState, ac1};

/// Resource managers, leaders and acceptors.
#[derive(Clone, Debug)]
pub struct UnboundedPaxosCommit<S = Faithful> {
    /// How many resource managers there are.
    pub rms: usize,
    /// How many acceptors there are, the same for all instances.
    pub acceptors: usize,
    /// The ballots above ballot 0 that are tried where all actions are listed.
    pub ballots: Arc<[Ballot]>,
    /// The majorities.
    pub majorities: Vec<NodeSet<Acceptor>>,
    /// The rules that are kept.
    pub rules: S,
}

impl<S: RuleSet<Rule>> UnboundedPaxosCommit<S> {
    /// Paxos Commit of that size; above ballot 0, those ballots are tried.
    pub fn new(
        rms: usize,
        acceptors: usize,
        ballots: impl IntoIterator<Item = Ballot>,
        rules: S,
    ) -> Self {
        Self {
            rms,
            acceptors,
            ballots: ballots.into_iter().collect(),
            majorities: Quorums::new(QuorumKind::Majority, acceptors).phase1,
            rules,
        }
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of PaxosCommit.tla.
    pub enum Action {
        /// A resource manager prepares, and proposes so.
        RMPrepare(Rm),
        /// A resource manager aborts on its own, and proposes so.
        RMChooseToAbort(Rm),
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
        /// A leader learns that all instances have chosen prepared.
        DecideCommit,
        /// A leader learns that an instance has chosen aborted.
        DecideAbort,
    }
}

/// What a resource manager proposes in its own ballot.
pub fn proposal(rm: Rm, value: Value) -> Message {
    Message::P2a(rm, Vote::new(Ballot::ZERO, value))
}

impl<S: RuleSet<Rule>> UnboundedPaxosCommit<S> {
    fn rm_prepare(&self, s: &State, rm: Rm) -> Option<State> {
        let working = s.rm_state[rm] == RmState::Working;
        self.rules.when(Rule::PCPrepareWorking, working)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PCPrepareState) {
            t.rm_state.set(rm, RmState::Prepared);
        }
        if self.rules.performs(Rule::PCPrepareSends) {
            t.send(proposal(rm, Value::Prepared));
        }
        Some(t)
    }

    fn rm_choose_to_abort(&self, s: &State, rm: Rm) -> Option<State> {
        let working = s.rm_state[rm] == RmState::Working;
        self.rules.when(Rule::PCChooseToAbortWorking, working)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PCChooseToAbortState) {
            t.rm_state.set(rm, RmState::Aborted);
        }
        if self.rules.performs(Rule::PCChooseToAbortSends) {
            t.send(proposal(rm, Value::Aborted));
        }
        Some(t)
    }

    fn rm_rcv_commit_msg(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.was_sent(Message::Commit))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PCRcvCommitMsgState) {
            t.rm_state.set(rm, RmState::Committed);
        }
        Some(t)
    }

    fn rm_rcv_abort_msg(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.was_sent(Message::Abort))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PCRcvAbortMsgState) {
            t.rm_state.set(rm, RmState::Aborted);
        }
        Some(t)
    }

    fn phase1a(&self, s: &State, rm: Rm, bal: Ballot) -> Option<State> {
        let mut t = s.clone();
        if self.rules.performs(Rule::PC1aSends) {
            t.send(Message::P1a(rm, bal));
        }
        Some(t)
    }

    fn phase1b(&self, s: &State, rm: Rm, a: Acceptor, bal: Ballot) -> Option<State> {
        given(s.was_sent(Message::P1a(rm, bal)))?;
        let mut memory = s.memory(rm, a);
        let higher = bal > memory.max_bal;
        self.rules.when(Rule::PC1bHigherBallot, higher)?;

        let reports = self.rules.performs(Rule::PC1bReportsVote);
        let report = memory.vote.filter(|vote| reports && vote.bal < bal);
        let mut t = s.clone();
        if self.rules.performs(Rule::PC1bPromises) {
            memory.max_bal = bal;
            t.remember(rm, a, memory);
        }
        if self.rules.performs(Rule::PC1bSends) {
            t.send(Message::P1b(rm, a, bal, report));
        }
        Some(t)
    }

    fn phase2a(&self, s: &State, rm: Rm, vote: Vote) -> Option<State> {
        let proposed = s.proposals(rm, vote.bal).next().is_some();
        self.rules.when(Rule::PC2aOncePerBallot, !proposed)?;
        let allows = |&majority: &_| self.majority_allows(s, majority, rm, vote).is_some();
        given(self.majorities.iter().any(allows))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PC2aSends) {
            t.send(Message::P2a(rm, vote));
        }
        Some(t)
    }

    /// Whether the promises of a majority allow a leader to propose `vote`.
    fn majority_allows(
        &self,
        s: &State,
        majority: NodeSet<Acceptor>,
        rm: Rm,
        vote: Vote,
    ) -> Option<()> {
        let reports = |a| s.reports(rm, a, vote.bal);
        let promised = majority.iter().all(|a| reports(a).next().is_some());
        self.rules.when(Rule::PC2aMajorityPromised, promised)?;

        let votes = || majority.iter().flat_map(reports).flatten();
        let highest = votes().map(|v| v.bal).max();
        let is_highest = votes().any(|v| Some(v.bal) == highest && v.val == vote.val);
        let free = highest.is_none();
        self.rules
            .when(Rule::PC2aFreeAborts, !free || vote.val == Value::Aborted)?;
        self.rules.when(Rule::PC2aHighestBallot, free || is_highest)
    }

    fn phase2b(&self, s: &State, rm: Rm, a: Acceptor, vote: Vote) -> Option<State> {
        given(s.was_sent(Message::P2a(rm, vote)))?;
        let mut memory = s.memory(rm, a);
        let not_below = vote.bal >= memory.max_bal;
        self.rules.when(Rule::PC2bNotBelowPromise, not_below)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PC2bRaises) {
            memory.max_bal = vote.bal;
        }
        if self.rules.performs(Rule::PC2bRemembersVote) {
            memory.vote = Some(vote);
        }
        t.remember(rm, a, memory);
        if self.rules.performs(Rule::PC2bSends) {
            t.send(Message::P2b(rm, a, vote));
        }
        Some(t)
    }

    fn decide_commit(&self, s: &State) -> Option<State> {
        let all = Rm::first(self.rms).all(|rm| self.has_chosen(s, rm, Value::Prepared));
        self.rules.when(Rule::PCDecideCommitAll, all)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PCDecideCommitSends) {
            t.send(Message::Commit);
        }
        Some(t)
    }

    fn decide_abort(&self, s: &State) -> Option<State> {
        let one = Rm::first(self.rms).any(|rm| self.has_chosen(s, rm, Value::Aborted));
        self.rules.when(Rule::PCDecideAbortOne, one)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::PCDecideAbortSends) {
            t.send(Message::Abort);
        }
        Some(t)
    }

    /// `Decided`: whether an instance has chosen a value. Only what was proposed can have votes.
    pub fn has_chosen(&self, s: &State, rm: Rm, val: Value) -> bool {
        let mut proposed = s.msgs.iter().filter_map(|message| match message {
            Message::P2a(of, vote) if (*of, vote.val) == (rm, val) => Some(*vote),
            _ => None,
        });
        proposed.any(|vote| {
            let voted = |a| s.was_sent(Message::P2b(rm, a, vote));
            let mut majorities = self.majorities.iter();
            majorities.any(|majority| majority.iter().all(voted))
        })
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for UnboundedPaxosCommit<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::initial(self.rms)]
    }

    /// Phase 1b and 2b for messages that exist; phase 1a once, as sending it again changes nothing.
    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::DecideCommit, Action::DecideAbort]);
        for rm in Rm::first(self.rms) {
            actions.extend([
                Action::RMPrepare(rm),
                Action::RMChooseToAbort(rm),
                Action::RMRcvCommitMsg(rm),
                Action::RMRcvAbortMsg(rm),
            ]);
            for &bal in self.ballots.iter() {
                if !s.was_sent(Message::P1a(rm, bal)) {
                    actions.push(Action::Phase1a(rm, bal));
                }
                actions.extend(Value::ALL.map(|val| Action::Phase2a(rm, Vote::new(bal, val))));
            }
        }
        let all = || Acceptor::first(self.acceptors);
        for message in s.msgs.iter() {
            match *message {
                Message::P1a(rm, bal) => actions.extend(all().map(|a| Action::Phase1b(rm, a, bal))),
                Message::P2a(rm, vote) => {
                    actions.extend(all().map(|a| Action::Phase2b(rm, a, vote)));
                }
                Message::Commit | Message::Abort | Message::P1b(..) | Message::P2b(..) => {}
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::RMPrepare(rm) => self.rm_prepare(s, rm),
            Action::RMChooseToAbort(rm) => self.rm_choose_to_abort(s, rm),
            Action::RMRcvCommitMsg(rm) => self.rm_rcv_commit_msg(s, rm),
            Action::RMRcvAbortMsg(rm) => self.rm_rcv_abort_msg(s, rm),
            Action::Phase1a(rm, bal) => self.phase1a(s, rm, bal),
            Action::Phase1b(rm, a, bal) => self.phase1b(s, rm, a, bal),
            Action::Phase2a(rm, vote) => self.phase2a(s, rm, vote),
            Action::Phase2b(rm, a, vote) => self.phase2b(s, rm, a, vote),
            Action::DecideCommit => self.decide_commit(s),
            Action::DecideAbort => self.decide_abort(s),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    /// Those of PaxosCommit.tla are checked above; here it is shown that there is something to check.
    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("AC1", |_, s| ac1(&s.rm_state)),
            Property::<Self>::sometimes("AC1: one commits", |_, s| {
                s.rm_state.contains(RmState::Committed)
            }),
            Property::<Self>::sometimes("AC1: a prepared one aborts", |m, s| {
                let proposed = |rm| s.was_sent(proposal(rm, Value::Prepared));
                Rm::first(m.rms).any(|rm| proposed(rm) && s.rm_state[rm] == RmState::Aborted)
            }),
            Property::<Self>::always("Agreement", |m, s| {
                let chosen = |rm| Value::ALL.iter().all(|&val| m.has_chosen(s, rm, val));
                !Rm::first(m.rms).any(chosen)
            }),
            Property::<Self>::sometimes(
                "Agreement: prepared is chosen in every instance",
                |m, s| Rm::first(m.rms).all(|rm| m.has_chosen(s, rm, Value::Prepared)),
            ),
            Property::<Self>::sometimes(
                "Agreement: aborted is chosen in every instance",
                |m, s| Rm::first(m.rms).all(|rm| m.has_chosen(s, rm, Value::Aborted)),
            ),
        ]
    }
}

impl<S: RuleSet<Rule>> Spec for UnboundedPaxosCommit<S> {}

impl<S: RuleSet<Rule>> OneTransaction for UnboundedPaxosCommit<S> {
    fn among(&self, rms: usize) -> Self {
        Self {
            rms,
            ..self.clone()
        }
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for UnboundedPaxosCommit<S> {
    type Abstract = PaxosCommit;

    fn abstract_model(&self) -> PaxosCommit {
        PaxosCommit::new(self.rms, self.acceptors, self.ballots.len(), Faithful)
    }

    fn abstract_state(&self, s: &State) -> FlatState {
        s.flat(self.acceptors)
    }
}
