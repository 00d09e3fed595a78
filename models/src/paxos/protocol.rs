//! Paxos: Paxos.tla, action for action.
//!
//! Left out, as there: leaders (whoever takes a ballot's actions leads it), learners (a value is chosen when enough have voted,
//! whether or not anyone knows), and loss, duplication and delay (a message that was sent may be received at any time, or
//! never).

use concur_rules::paxos::PaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::messages::{Message, Messages};
use super::voting::{self, Voting};
use super::{Acceptor, Ballot, PerAcceptor, Renaming, Size, Value, Vote};
use crate::kit::{NodeSet, PerNode, Quorums, Refines, Spec, given, symmetry};

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

// ---------------------------------------------------------------------------------------------------------------- State

/// The variables of Paxos.tla.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What each acceptor remembers.
    pub acceptors: PerAcceptor<Memory>,
    /// `msgs`: every message ever sent.
    pub msgs: Messages,
}

/// What an acceptor remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// `maxBal`: the highest ballot that it has promised or voted in.
    pub max_bal: Ballot,
    /// `maxVBal` and `maxVal`: its last vote.
    pub vote: Vote,
}

impl Memory {
    const BLANK: Self = Self {
        max_bal: Ballot::NONE,
        vote: Vote::NONE,
    };
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
        let report = self.rules.performs(Rule::P1bReportsVote);
        if self.rules.performs(Rule::P1bPromises) {
            t.acceptors[a].max_bal = bal;
        }
        if self.rules.performs(Rule::P1bSends) {
            t.msgs.insert(Message::P1b(
                a,
                bal,
                if report {
                    vote_below(s, a, bal)
                } else {
                    Vote::NONE
                },
            ));
        }
        Some(t)
    }

    fn phase2a(&self, s: &State, bal: Ballot, val: Value) -> Option<State> {
        self.rules
            .when(Rule::P2aOncePerBallot, !self.proposed_any(s, bal))?;
        given(self.some_quorum_allows(s, bal, val))?;

        let mut t = *s;
        if self.rules.performs(Rule::P2aSends) {
            t.msgs.insert(Message::P2a(Vote::new(bal, val)));
        }
        Some(t)
    }

    fn some_quorum_allows(&self, s: &State, bal: Ballot, val: Value) -> bool {
        let allows = |&q: &_| self.quorum_allows(s, q, bal, val).is_some();
        self.quorums.phase1.iter().any(allows)
    }

    /// Whether the promises of a phase-1 quorum allow a leader to propose a value.
    fn quorum_allows(
        &self,
        s: &State,
        q: NodeSet<Acceptor>,
        bal: Ballot,
        val: Value,
    ) -> Option<()> {
        let promised = q.iter().all(|a| self.reports(s, a, bal).next().is_some());
        self.rules.when(Rule::P2aQuorumPromised, promised)?;

        let votes = || q.iter().flat_map(|a| self.reports(s, a, bal));
        let highest = votes().map(|vote| vote.bal).max().unwrap_or(Ballot::NONE);
        let for_val = votes()
            .filter(|vote| vote.val == val)
            .map(|vote| vote.bal)
            .max()
            .unwrap_or(Ballot::NONE);
        let reported = for_val != Ballot::NONE;
        self.rules
            .when(Rule::P2aReportedValue, reported || highest == Ballot::NONE)?;
        self.rules
            .when(Rule::P2aHighestBallot, for_val == highest || !reported)
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

/// What an acceptor reports when it promises a ballot: its last vote, which is below that ballot.
///
/// Paxos.tla need not say so, since an acceptor never promises a ballot that it has reached; *Paxos Made Simple* does.
fn vote_below(s: &State, a: Acceptor, bal: Ballot) -> Vote {
    let vote = s.acceptors[a].vote;
    if vote.bal < bal { vote } else { Vote::NONE }
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
            Property::<Self>::always("PromisesKept", Self::promises_kept),
            Property::<Self>::sometimes("PromisesKept: one reports a vote", |_, s| {
                s.msgs
                    .iter()
                    .any(|m| matches!(m, Message::P1b(_, _, vote) if !vote.is_none()))
            }),
            Property::<Self>::always("LastVoteRemembered", Self::last_vote_remembered),
            Property::<Self>::sometimes("LastVoteRemembered: one votes", |_, s| one_votes(s)),
            Property::<Self>::always("OneProposalPerBallot", |m, s| {
                m.size.ballots().all(|bal| m.proposed(s, bal).count() <= 1)
            }),
            Property::<Self>::sometimes("OneProposalPerBallot: one proposes", |m, s| {
                m.size.ballots().any(|bal| m.proposed_any(s, bal))
            }),
            Property::<Self>::always("VotesWereProposed", |_, s| {
                s.msgs.iter().all(|m| match m {
                    Message::P2b(_, vote) => s.msgs.contains(Message::P2a(vote)),
                    _ => true,
                })
            }),
            Property::<Self>::sometimes("VotesWereProposed: one votes", |_, s| one_votes(s)),
        ]
    }
}

impl<S: RuleSet<Rule>> Paxos<S> {
    /// The values chosen: those for which a phase-2 quorum voted in one ballot.
    fn chosen(&self, s: &State) -> NodeSet<Value> {
        let voted = |a, vote| s.msgs.contains(Message::P2b(a, vote));
        let voters = |vote| self.size.acceptors().filter(|&a| voted(a, vote)).collect();
        self.size
            .votes()
            .filter(|&vote| self.quorums.chosen_by(voters(vote)))
            .map(|vote| vote.val)
            .collect()
    }

    /// The proposals in a ballot.
    fn proposed<'a>(&'a self, s: &'a State, bal: Ballot) -> impl Iterator<Item = Vote> + 'a {
        let votes = self.size.values().map(move |val| Vote::new(bal, val));
        votes.filter(|&vote| s.msgs.contains(Message::P2a(vote)))
    }

    fn proposed_any(&self, s: &State, bal: Ballot) -> bool {
        self.proposed(s, bal).next().is_some()
    }

    /// The last votes that an acceptor reported with its promise of a ballot: one at most, unless a rule is left out.
    fn reports<'a>(
        &'a self,
        s: &'a State,
        a: Acceptor,
        bal: Ballot,
    ) -> impl Iterator<Item = Vote> + 'a {
        let votes = bal
            .below()
            .flat_map(|c| self.size.values().map(move |val| Vote::new(c, val)));
        let reported = std::iter::once(Vote::NONE).chain(votes);
        reported.filter(move |&vote| s.msgs.contains(Message::P1b(a, bal, vote)))
    }

    /// An acceptor's votes in the ballots after `from` and before `to`.
    fn votes_between<'a>(
        &'a self,
        s: &'a State,
        a: Acceptor,
        from: Ballot,
        to: Ballot,
    ) -> impl Iterator<Item = Vote> + 'a {
        let votes = from
            .between(to)
            .flat_map(|c| self.size.values().map(move |val| Vote::new(c, val)));
        votes.filter(move |&vote| s.msgs.contains(Message::P2b(a, vote)))
    }

    /// Whoever promised a ballot still keeps out of lower ones, and has not voted in one since the vote that it reported.
    fn promises_kept(&self, s: &State) -> bool {
        s.msgs.iter().all(|m| match m {
            Message::P1b(a, bal, vote) => {
                s.acceptors[a].max_bal >= bal
                    && self.was_cast(s, a, vote)
                    && self.votes_between(s, a, vote.bal, bal).next().is_none()
            }
            _ => true,
        })
    }

    /// Each acceptor remembers its last vote, in a ballot that it still takes part in or a lower one.
    fn last_vote_remembered(&self, s: &State) -> bool {
        let end = Ballot(self.size.max_ballot as i8 + 1);
        s.acceptors.iter().all(|(a, &Memory { max_bal, vote })| {
            vote.bal <= max_bal
                && self.was_cast(s, a, vote)
                && self.votes_between(s, a, vote.bal, end).next().is_none()
        })
    }

    fn was_cast(&self, s: &State, a: Acceptor, vote: Vote) -> bool {
        vote.is_none() || s.msgs.contains(Message::P2b(a, vote))
    }
}

fn one_votes(s: &State) -> bool {
    s.msgs.iter().any(|m| matches!(m, Message::P2b(..)))
}

impl<S: RuleSet<Rule>> Spec for Paxos<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of acceptors and of values");

    fn canonical(&self, s: &State) -> State {
        symmetry::least(&self.renamings, |renaming| State {
            acceptors: renaming.per_acceptor(&s.acceptors, |memory| Memory {
                vote: renaming.vote(memory.vote),
                ..memory
            }),
            msgs: s.msgs.iter().map(|m| m.renamed(renaming)).collect(),
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
        let cast = |m| match m {
            Message::P2b(a, vote) => Some((a, vote)),
            _ => None,
        };
        let mut votes = PerNode::all(self.size.acceptors, super::Votes::empty());
        for (a, vote) in s.msgs.iter().filter_map(cast) {
            votes[a].insert(vote);
        }
        voting::State {
            votes,
            max_bal: PerNode::from_fn(self.size.acceptors, |a| s.acceptors[a].max_bal),
        }
    }
}
