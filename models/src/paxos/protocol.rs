//! Paxos: Paxos.tla, action for action.
//!
//! Left out, as there: leaders (whoever takes a ballot's actions leads it), learners (a value is chosen when enough have voted,
//! whether or not anyone knows), and loss, duplication and delay (a message that was sent may be received at any time, or
//! never).

use concur_rules::paxos::PaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::events::event;
use super::messages::{Message, Messages};
use super::spec::Chosen;
use super::state::{Memory, State};
use super::voting::{self, Voting};
use super::{Acceptor, Ballot, Quorum, Renaming, Size, Value, Vote};
use crate::kit::{Event, NodeSet, PerNode, Quorums, Refines, Spec, given, symmetry};

/// Acceptors, and messages to and from them.
#[derive(Clone, Debug)]
pub struct Paxos<S = Faithful> {
    /// How large it is.
    pub size: Size,
    /// The quorums of each phase.
    pub quorums: Quorums<Acceptor>,
    /// The symmetries.
    pub renamings: Vec<Renaming>,
    /// The rules that are kept.
    pub rules: S,
}

impl<S: RuleSet<Rule>> Paxos<S> {
    /// Paxos of that size.
    pub fn new(size: Size, rules: S) -> Self {
        Self {
            size,
            quorums: Quorums::new(size.quorums, size.acceptors),
            renamings: size.renamings(),
            rules,
        }
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of Paxos.tla.
    pub enum Action {
        /// A leader begins a ballot.
        Phase1a(Ballot),
        /// An acceptor promises a ballot.
        Phase1b(Acceptor, Ballot),
        /// A leader proposes a value in a ballot.
        Phase2a(Ballot, Value),
        /// An acceptor votes for what was proposed.
        Phase2b(Acceptor, Ballot, Value),
    }
}

impl<S: RuleSet<Rule>> Paxos<S> {
    fn phase1a(&self, s: &State, bal: Ballot) -> Option<State> {
        let mut t = *s;
        if self.rules.performs(Rule::P1aSends) {
            t.msgs.insert(Message::P1a(bal));
        }
        Some(t)
    }

    fn phase1b(&self, s: &State, a: Acceptor, bal: Ballot) -> Option<State> {
        given(s.msgs.contains(Message::P1a(bal)))?;
        self.rules
            .when(Rule::P1bHigherBallot, bal > s.acceptors[a].max_bal)?;

        let mut t = *s;
        if self.rules.performs(Rule::P1bPromises) {
            t.acceptors[a].max_bal = bal;
        }
        if self.rules.performs(Rule::P1bSends) {
            t.msgs.insert(Message::P1b(a, bal, self.report(s, a, bal)));
        }
        Some(t)
    }

    /// What an acceptor reports when it promises a ballot: its last vote, which is below that ballot.
    ///
    /// Paxos.tla need not say "below", since an acceptor never promises a ballot that it has reached; *Paxos Made Simple* does.
    fn report(&self, s: &State, a: Acceptor, bal: Ballot) -> Vote {
        let vote = s.acceptors[a].vote;
        if self.rules.performs(Rule::P1bReportsVote) && vote.bal < bal {
            vote
        } else {
            Vote::NONE
        }
    }

    fn phase2a(&self, s: &State, bal: Ballot, val: Value) -> Option<State> {
        self.rules.when(Rule::P2aOncePerBallot, !s.proposed(bal))?;
        given(self.some_quorum_allows(s, bal, val))?;

        let mut t = *s;
        if self.rules.performs(Rule::P2aSends) {
            t.msgs.insert(Message::P2a(Vote::new(bal, val)));
        }
        Some(t)
    }

    // Not inlined: most actions never come here, and all would save its registers.
    #[inline(never)]
    fn some_quorum_allows(&self, s: &State, bal: Ballot, val: Value) -> bool {
        let promised = self.size.acceptors().filter(|&a| s.promised(a, bal));
        let promised = promised.collect();
        let allows = |&q: &Quorum| {
            self.quorum_promised(q, promised).is_some()
                && self.quorum_allows(s, q, bal, val).is_some()
        };
        self.quorums.phase1.iter().any(allows)
    }

    fn quorum_promised(&self, q: Quorum, promised: NodeSet<Acceptor>) -> Option<()> {
        self.rules
            .when(Rule::P2aQuorumPromised, q.is_subset(promised))
    }

    /// Whether the promises of a phase-1 quorum allow a leader to propose a value.
    fn quorum_allows(&self, s: &State, q: Quorum, bal: Ballot, val: Value) -> Option<()> {
        let (mut highest, mut for_val) = (Ballot::NONE, Ballot::NONE);
        for vote in q.iter().flat_map(|a| s.reports(a, bal)) {
            highest = highest.max(vote.bal);
            if vote.val == val {
                for_val = for_val.max(vote.bal);
            }
        }
        let (free, reported) = (highest == Ballot::NONE, for_val != Ballot::NONE);
        self.rules.when(Rule::P2aReportedValue, free || reported)?;
        self.rules
            .when(Rule::P2aHighestBallot, !reported || for_val == highest)
    }

    fn phase2b(&self, s: &State, a: Acceptor, vote: Vote) -> Option<State> {
        given(s.msgs.contains(Message::P2a(vote)))?;
        self.rules
            .when(Rule::P2bNotBelowPromise, vote.bal >= s.acceptors[a].max_bal)?;

        let mut t = *s;
        if self.rules.performs(Rule::P2bRaises) {
            t.acceptors[a].max_bal = vote.bal;
        }
        if self.rules.performs(Rule::P2bRemembersVote) {
            t.acceptors[a].vote = vote;
        }
        if self.rules.performs(Rule::P2bSends) {
            t.msgs.insert(Message::P2b(a, vote));
        }
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for Paxos<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            acceptors: PerNode::all(self.size.acceptors, Memory::BLANK),
            msgs: Messages::empty(),
        }]
    }

    /// Phase 1b and 2b for messages that exist; phase 1a once, as sending it again changes nothing.
    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for bal in self.size.ballots() {
            if s.msgs.contains(Message::P1a(bal)) {
                actions.extend(self.size.acceptors().map(|a| Action::Phase1b(a, bal)));
            } else {
                actions.push(Action::Phase1a(bal));
            }
            for val in self.size.values() {
                actions.push(Action::Phase2a(bal, val));
                if s.msgs.contains(Message::P2a(Vote::new(bal, val))) {
                    actions.extend(self.size.acceptors().map(|a| Action::Phase2b(a, bal, val)));
                }
            }
        }
    }

    #[inline(always)]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Phase1a(bal) => self.phase1a(s, bal),
            Action::Phase1b(a, bal) => self.phase1b(s, a, bal),
            Action::Phase2a(bal, val) => self.phase2a(s, bal, val),
            Action::Phase2b(a, bal, val) => self.phase2b(s, a, Vote::new(bal, val)),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |m, s| m.chosen(s).len() <= 1),
            Property::<Self>::sometimes("Agreement: a value is chosen", |m, s| {
                !m.chosen(s).is_empty()
            }),
            Property::<Self>::always("PromisesKept", |_, s| s.promises_kept()),
            Property::<Self>::sometimes("PromisesKept: one reports a vote", |_, s| {
                s.any_reported()
            }),
            Property::<Self>::always("LastVotesRemembered", |_, s| s.last_votes_remembered()),
            Property::<Self>::sometimes("LastVotesRemembered: one votes", |_, s| s.any_voted()),
            Property::<Self>::always("OneProposalPerBallot", |m, s| {
                m.size.ballots().all(|bal| s.proposals(bal).count() <= 1)
            }),
            Property::<Self>::sometimes("OneProposalPerBallot: one proposes", |m, s| {
                m.size.ballots().any(|bal| s.proposals(bal).count() > 0)
            }),
            Property::<Self>::always("VotesWereProposed", |_, s| s.votes_were_proposed()),
            Property::<Self>::sometimes("VotesWereProposed: one votes", |_, s| s.any_voted()),
        ]
    }
}

impl<S: RuleSet<Rule>> Paxos<S> {
    /// The values chosen: those for which a phase-2 quorum voted in one ballot. Only what was proposed can have votes.
    pub fn chosen(&self, s: &State) -> Chosen {
        let mut chosen = Chosen::empty();
        for vote in s.all_proposals().iter() {
            let voters = self.size.acceptors().filter(|&a| s.voted(a, vote));
            if self.quorums.chosen_by(voters.collect()) {
                chosen.insert(vote.val);
            }
        }
        chosen
    }
}

impl<S: RuleSet<Rule>> Spec for Paxos<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of acceptors and of values");

    fn event(&self, before: &State, action: &Action) -> Event {
        event(before, action)
    }

    /// Acceptors come first in the order of states: only where their memories are least, messages decide.
    fn canonical(&self, s: &State) -> State {
        let memories = |r: &&Renaming| r.per_acceptor(&s.acceptors, |m| m.renamed(r));
        let acceptors = symmetry::least(&self.renamings, |r| memories(&r));
        let least = self.renamings.iter().filter(|r| memories(r) == acceptors);
        symmetry::least(least, |r| State {
            acceptors,
            msgs: s.msgs.iter().map(|m| m.renamed(r)).collect(),
        })
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for Paxos<S> {
    type Abstract = Voting;

    fn abstract_model(&self) -> Voting {
        Voting::new(self.size, Faithful)
    }

    /// `maxBal` as it is, and the votes that were sent.
    fn abstract_state(&self, s: &State) -> voting::State {
        voting::State {
            votes: PerNode::from_fn(self.size.acceptors, |a| s.votes(a)),
            max_bal: PerNode::from_fn(self.size.acceptors, |a| s.acceptors[a].max_bal),
        }
    }
}
