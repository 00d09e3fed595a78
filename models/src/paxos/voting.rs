//! Voting in numbered ballots: Voting.tla, action for action.
//!
//! An acceptor votes on conditions that speak of all acceptors at once. Nobody could check them in one step; that they suffice
//! is the idea of Paxos, and how to check them with messages is the rung below.

use concur_rules::paxos::PaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::spec::{Chosen, Consensus};
use super::{Acceptor, Ballot, PerAcceptor, Quorum, Renaming, Size, Value, Vote, Votes};
use crate::kit::{PerNode, Quorums, Refines, Spec, given, symmetry};

/// Acceptors that vote.
#[derive(Clone, Debug)]
pub struct Voting<S = Faithful> {
    /// How large it is.
    pub size: Size,
    /// The quorums.
    pub quorums: Quorums<Acceptor>,
    /// The symmetries.
    pub renamings: Vec<Renaming>,
    /// The rules that are kept.
    pub rules: S,
}

impl<S: RuleSet<Rule>> Voting<S> {
    /// Voting of that size.
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

/// The variables of Voting.tla.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `votes`: what each acceptor has voted for.
    pub votes: PerAcceptor<Votes>,
    /// `maxBal`: the ballot below which an acceptor will not vote any more.
    pub max_bal: PerAcceptor<Ballot>,
}

impl State {
    /// `VotedFor`: whether an acceptor has cast that vote.
    fn voted_for(&self, a: Acceptor, vote: Vote) -> bool {
        self.votes[a].contains(vote)
    }

    /// Whether an acceptor has voted in a ballot; the negation of `DidNotVoteAt`.
    fn voted_at(&self, a: Acceptor, bal: Ballot) -> bool {
        self.votes[a].iter().any(|vote| vote.bal == bal)
    }

    /// `CannotVoteAt`: whether an acceptor has not voted in a ballot and never will.
    fn cannot_vote_at(&self, a: Acceptor, bal: Ballot) -> bool {
        self.max_bal[a] > bal && !self.voted_at(a, bal)
    }

    /// Every vote that was cast, with who cast it.
    fn cast(&self) -> impl Iterator<Item = (Acceptor, Vote)> {
        self.votes
            .iter()
            .flat_map(|(a, votes)| votes.iter().map(move |vote| (a, vote)))
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// The actions of Voting.tla.
    pub enum Action {
        /// An acceptor moves on to a ballot.
        IncreaseMaxBal(Acceptor, Ballot),
        /// An acceptor votes for a value in a ballot.
        VoteFor(Acceptor, Ballot, Value),
    }
}

impl<S: RuleSet<Rule>> Voting<S> {
    fn increase_max_bal(&self, s: &State, a: Acceptor, bal: Ballot) -> Option<State> {
        self.rules.when(Rule::IncreaseHigher, bal > s.max_bal[a])?;

        let mut t = *s;
        if self.rules.performs(Rule::IncreaseRaises) {
            t.max_bal[a] = bal;
        }
        Some(t)
    }

    fn vote_for(&self, s: &State, a: Acceptor, bal: Ballot, val: Value) -> Option<State> {
        let others = s.cast().filter(|&(c, vote)| c != a && vote.bal == bal);
        let same_value = others.map(|(_, vote)| vote.val).all(|other| other == val);
        self.rules
            .when(Rule::VoteNotBelowMaxBal, s.max_bal[a] <= bal)?;
        self.rules
            .when(Rule::VoteOnceInBallot, !s.voted_at(a, bal))?;
        self.rules.when(Rule::VoteSameValueInBallot, same_value)?;
        given(self.some_quorum_shows_safe_at(s, bal, val))?;

        let mut t = *s;
        if self.rules.performs(Rule::VoteCasts) {
            t.votes[a].insert(Vote::new(bal, val));
        }
        if self.rules.performs(Rule::VoteRaises) {
            t.max_bal[a] = bal;
        }
        Some(t)
    }

    fn some_quorum_shows_safe_at(&self, s: &State, bal: Ballot, val: Value) -> bool {
        let shows = |&q: &_| self.shows_safe_at(s, q, bal, val).is_some();
        self.quorums.phase1.iter().any(shows)
    }

    /// `ShowsSafeAt`: whether no other value has been or will be chosen in a lower ballot, as a phase-1 quorum can tell.
    fn shows_safe_at(&self, s: &State, q: Quorum, bal: Ballot, val: Value) -> Option<()> {
        let moved_on = q.iter().all(|a| s.max_bal[a] >= bal);
        let last = bal
            .below()
            .rev()
            .find(|&c| q.iter().any(|a| s.voted_at(a, c)));
        let last_value = last.is_none_or(|c| q.iter().any(|a| s.voted_for(a, Vote::new(c, val))));
        self.rules.when(Rule::VoteQuorumMovedOn, moved_on)?;
        self.rules.when(Rule::VoteLastValueOfQuorum, last_value)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for Voting<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            votes: PerNode::all(self.size.acceptors, Votes::empty()),
            max_bal: PerNode::all(self.size.acceptors, Ballot::NONE),
        }]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for a in self.size.acceptors() {
            for bal in self.size.ballots() {
                actions.push(Action::IncreaseMaxBal(a, bal));
                actions.extend(self.size.values().map(|val| Action::VoteFor(a, bal, val)));
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::IncreaseMaxBal(a, bal) => self.increase_max_bal(s, a, bal),
            Action::VoteFor(a, bal, val) => self.vote_for(s, a, bal, val),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |m, s| m.chosen(s).len() <= 1),
            Property::<Self>::sometimes("Agreement: a value is chosen", |m, s| {
                !m.chosen(s).is_empty()
            }),
            Property::<Self>::always("VotesSafe", |m, s| {
                s.cast().all(|(_, vote)| m.safe_at(s, vote))
            }),
            Property::<Self>::sometimes("VotesSafe: one votes after ballot 0", |_, s| {
                s.cast().any(|(_, vote)| vote.bal > Ballot(0))
            }),
            Property::<Self>::always("OneValuePerBallot", |_, s| one_value_per_ballot(s)),
            Property::<Self>::sometimes("OneValuePerBallot: one votes", |_, s| {
                s.cast().next().is_some()
            }),
            Property::<Self>::always("OneVote", |_, s| s.votes.values().iter().all(one_vote)),
            Property::<Self>::sometimes("OneVote: one votes", |_, s| s.cast().next().is_some()),
            // What Paxos.tla's acceptors remember relies on it, although Agreement does not.
            Property::<Self>::always("VotesWithinMaxBal", |_, s| {
                s.cast().all(|(a, vote)| vote.bal <= s.max_bal[a])
            }),
            Property::<Self>::sometimes("VotesWithinMaxBal: one votes", |_, s| {
                s.cast().next().is_some()
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> Voting<S> {
    /// The values chosen: those for which a phase-2 quorum voted in one ballot.
    fn chosen(&self, s: &State) -> Chosen {
        let voters = |vote| {
            self.size
                .acceptors()
                .filter(|&a| s.voted_for(a, vote))
                .collect()
        };
        self.size
            .votes()
            .filter(|&vote| self.quorums.chosen_by(voters(vote)))
            .map(|vote| vote.val)
            .collect()
    }

    /// `SafeAt`: whether no other value was or ever can be chosen in a lower ballot.
    fn safe_at(&self, s: &State, vote: Vote) -> bool {
        vote.bal
            .below()
            .all(|c| self.none_other_choosable_at(s, Vote::new(c, vote.val)))
    }

    /// `NoneOtherChoosableAt`. A phase-1 quorum does, as it meets every quorum that could choose.
    fn none_other_choosable_at(&self, s: &State, vote: Vote) -> bool {
        let excludes = |a| s.voted_for(a, vote) || s.cannot_vote_at(a, vote.bal);
        self.quorums.phase1.iter().any(|q| q.iter().all(excludes))
    }
}

fn one_value_per_ballot(s: &State) -> bool {
    let differ = |v: Vote, w: Vote| v.bal == w.bal && v.val != w.val;
    s.cast().all(|(_, v)| !s.cast().any(|(_, w)| differ(v, w)))
}

fn one_vote(votes: &Votes) -> bool {
    votes
        .iter()
        .zip(votes.iter().skip(1))
        .all(|(v, w)| v.bal != w.bal)
}

impl<S: RuleSet<Rule>> Spec for Voting<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of acceptors and of values");

    fn canonical(&self, s: &State) -> State {
        symmetry::least(&self.renamings, |renaming| State {
            votes: renaming.per_acceptor(&s.votes, |votes| {
                votes.iter().map(|vote| renaming.vote(vote)).collect()
            }),
            max_bal: renaming.per_acceptor(&s.max_bal, |bal| bal),
        })
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for Voting<S> {
    type Abstract = Consensus;

    fn abstract_model(&self) -> Consensus {
        Consensus {
            values: self.size.values,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> Chosen {
        self.chosen(s)
    }
}
