//! Paxos Commit: PaxosCommit.tla, action for action.
//!
//! Left out, as there: how a leader is selected (anyone may act as one), Prepare messages, and message loss (a message need not be
//! received). Its action Decide has two arms; here each is an action.

use concur_rules::paxos_commit::PaxosCommitRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::messages::{Message, Messages};
use super::state::{Memory, State};
use super::{Acceptor, Ballot, Rm, Value, Vote, properties};
use crate::kit::symmetry::Permutation;
use crate::kit::{Id, NodeSet, PerNode, QuorumKind, Quorums, given};
use crate::two_phase::{RmState, RmStates};

/// Resource managers, and an instance of Paxos for each of them.
#[derive(Clone, Debug)]
pub struct PaxosCommit<S = Faithful> {
    /// How many resource managers there are.
    pub rms: usize,
    /// How many acceptors there are, the same for all instances.
    pub acceptors: usize,
    /// The highest ballot.
    pub max_ballot: Ballot,
    /// The majorities.
    pub majorities: Vec<NodeSet<Acceptor>>,
    /// All that resource managers and acceptors may be called instead.
    pub renamings: Vec<(Permutation, Permutation)>,
    /// The rules that are kept.
    pub rules: S,
}

impl<S: RuleSet<Rule>> PaxosCommit<S> {
    /// Paxos Commit of that size, its ballots being 0 to `max_ballot`.
    pub fn new(rms: usize, acceptors: usize, max_ballot: usize, rules: S) -> Self {
        let of_acceptors = Permutation::all(acceptors);
        let pairs = |of_rms: Permutation| {
            of_acceptors
                .iter()
                .map(move |p| (of_rms.clone(), p.clone()))
        };
        Self {
            rms,
            acceptors,
            max_ballot: Ballot(max_ballot as i8),
            majorities: Quorums::new(QuorumKind::Majority, acceptors).phase1,
            renamings: Permutation::all(rms).into_iter().flat_map(pairs).collect(),
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

impl<S: RuleSet<Rule>> PaxosCommit<S> {
    fn rm_prepare(&self, s: &State, rm: Rm) -> Option<State> {
        let working = s.rm_state[rm] == RmState::Working;
        self.rules.when(Rule::PCPrepareWorking, working)?;

        let mut t = *s;
        if self.rules.performs(Rule::PCPrepareState) {
            t.rm_state.set(rm, RmState::Prepared);
        }
        if self.rules.performs(Rule::PCPrepareSends) {
            t.msgs
                .insert(Message::P2a(rm, Vote::new(Ballot(0), Value::Prepared)));
        }
        Some(t)
    }

    fn rm_choose_to_abort(&self, s: &State, rm: Rm) -> Option<State> {
        let working = s.rm_state[rm] == RmState::Working;
        self.rules.when(Rule::PCChooseToAbortWorking, working)?;

        let mut t = *s;
        if self.rules.performs(Rule::PCChooseToAbortState) {
            t.rm_state.set(rm, RmState::Aborted);
        }
        if self.rules.performs(Rule::PCChooseToAbortSends) {
            t.msgs
                .insert(Message::P2a(rm, Vote::new(Ballot(0), Value::Aborted)));
        }
        Some(t)
    }

    fn rm_rcv_commit_msg(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.contains(Message::Commit))?;

        let mut t = *s;
        if self.rules.performs(Rule::PCRcvCommitMsgState) {
            t.rm_state.set(rm, RmState::Committed);
        }
        Some(t)
    }

    fn rm_rcv_abort_msg(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.msgs.contains(Message::Abort))?;

        let mut t = *s;
        if self.rules.performs(Rule::PCRcvAbortMsgState) {
            t.rm_state.set(rm, RmState::Aborted);
        }
        Some(t)
    }

    fn phase1a(&self, s: &State, rm: Rm, bal: Ballot) -> Option<State> {
        let mut t = *s;
        if self.rules.performs(Rule::PC1aSends) {
            t.msgs.insert(Message::P1a(rm, bal));
        }
        Some(t)
    }

    fn phase1b(&self, s: &State, rm: Rm, a: Acceptor, bal: Ballot) -> Option<State> {
        given(s.msgs.contains(Message::P1a(rm, bal)))?;
        let higher = bal > s.acceptors[rm][a].max_bal;
        self.rules.when(Rule::PC1bHigherBallot, higher)?;

        let mut t = *s;
        if self.rules.performs(Rule::PC1bPromises) {
            t.acceptors[rm][a].max_bal = bal;
        }
        if self.rules.performs(Rule::PC1bSends) {
            t.msgs
                .insert(Message::P1b(rm, a, bal, self.report(s, rm, a, bal)));
        }
        Some(t)
    }

    /// What an acceptor reports when it promises a ballot: its last vote, which is below that ballot, as in [`Paxos`](crate::paxos::protocol::Paxos).
    fn report(&self, s: &State, rm: Rm, a: Acceptor, bal: Ballot) -> Vote {
        let vote = s.acceptors[rm][a].vote;
        if self.rules.performs(Rule::PC1bReportsVote) && vote.bal < bal {
            vote
        } else {
            Vote::NONE
        }
    }

    fn phase2a(&self, s: &State, rm: Rm, vote: Vote) -> Option<State> {
        let proposed = s.proposals(rm, vote.bal).next().is_some();
        self.rules.when(Rule::PC2aOncePerBallot, !proposed)?;
        let allows = |&majority: &_| self.majority_allows(s, majority, rm, vote).is_some();
        given(self.majorities.iter().any(allows))?;

        let mut t = *s;
        if self.rules.performs(Rule::PC2aSends) {
            t.msgs.insert(Message::P2a(rm, vote));
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

        let votes = || majority.iter().flat_map(reports);
        let highest = votes().map(|v| v.bal).max().unwrap_or(Ballot::NONE);
        let free = highest == Ballot::NONE;
        let is_highest = votes().any(|v| v == Vote::new(highest, vote.val));
        self.rules
            .when(Rule::PC2aFreeAborts, !free || vote.val == Value::Aborted)?;
        self.rules.when(Rule::PC2aHighestBallot, free || is_highest)
    }

    fn phase2b(&self, s: &State, rm: Rm, a: Acceptor, vote: Vote) -> Option<State> {
        given(s.msgs.contains(Message::P2a(rm, vote)))?;
        let not_below = vote.bal >= s.acceptors[rm][a].max_bal;
        self.rules.when(Rule::PC2bNotBelowPromise, not_below)?;

        let mut t = *s;
        if self.rules.performs(Rule::PC2bRaises) {
            t.acceptors[rm][a].max_bal = vote.bal;
        }
        if self.rules.performs(Rule::PC2bRemembersVote) {
            t.acceptors[rm][a].vote = vote;
        }
        if self.rules.performs(Rule::PC2bSends) {
            t.msgs.insert(Message::P2b(rm, a, vote));
        }
        Some(t)
    }

    fn decide_commit(&self, s: &State) -> Option<State> {
        let all = Rm::first(self.rms).all(|rm| self.has_chosen(s, rm, Value::Prepared));
        self.rules.when(Rule::PCDecideCommitAll, all)?;

        let mut t = *s;
        if self.rules.performs(Rule::PCDecideCommitSends) {
            t.msgs.insert(Message::Commit);
        }
        Some(t)
    }

    fn decide_abort(&self, s: &State) -> Option<State> {
        let one = Rm::first(self.rms).any(|rm| self.has_chosen(s, rm, Value::Aborted));
        self.rules.when(Rule::PCDecideAbortOne, one)?;

        let mut t = *s;
        if self.rules.performs(Rule::PCDecideAbortSends) {
            t.msgs.insert(Message::Abort);
        }
        Some(t)
    }

    /// `Decided`: whether an instance has chosen a value.
    pub fn has_chosen(&self, s: &State, rm: Rm, val: Value) -> bool {
        self.ballots().any(|bal| {
            let voted = |a| s.voted(rm, a, Vote::new(bal, val));
            self.majorities
                .iter()
                .any(|majority| majority.iter().all(voted))
        })
    }

    /// All ballots.
    pub fn ballots(&self) -> impl Iterator<Item = Ballot> + use<S> {
        (0..=self.max_ballot.0).map(Ballot)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for PaxosCommit<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let blank = PerNode::all(self.acceptors, Memory::BLANK);
        vec![State {
            rm_state: RmStates::all(self.rms, RmState::Working),
            acceptors: PerNode::all(self.rms, blank),
            msgs: Messages::empty(),
        }]
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
            for bal in self.ballots().skip(1) {
                if s.msgs.contains(Message::P1a(rm, bal)) {
                    actions.extend(
                        Acceptor::first(self.acceptors).map(|a| Action::Phase1b(rm, a, bal)),
                    );
                } else {
                    actions.push(Action::Phase1a(rm, bal));
                }
                actions.extend(Value::ALL.map(|val| Action::Phase2a(rm, Vote::new(bal, val))));
            }
            for vote in self.ballots().flat_map(|bal| s.proposals(rm, bal)) {
                actions
                    .extend(Acceptor::first(self.acceptors).map(|a| Action::Phase2b(rm, a, vote)));
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

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states()
    }
}
