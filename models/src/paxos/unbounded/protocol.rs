//! Paxos without bounds: the actions of Paxos.tla, of which the second phase is for one slot.

use std::collections::BTreeSet;

use concur_rules::paxos::PaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::state::{Message, State, Votes};
use super::{Ballot, Slot, Value, Vote};
use crate::kit::{Id, Quorums, Refines, Spec, given};
use crate::paxos::protocol::Paxos;
use crate::paxos::state::State as FlatState;
use crate::paxos::{self, Acceptor, Quorum};

/// Acceptors, and messages to and from them.
#[derive(Clone, Debug)]
pub struct UnboundedPaxos<S = Faithful> {
    /// How many acceptors there are; how many ballots and values are tried where all actions are listed.
    pub size: paxos::Size,
    /// For how many slots proposals are tried, where all actions are listed.
    pub slots: u64,
    /// Which slot the model above looks at.
    pub looks_at: Slot,
    /// The quorums of each phase.
    pub quorums: Quorums<Acceptor>,
    /// The rules that are kept.
    pub rules: S,
}

impl<S: RuleSet<Rule>> UnboundedPaxos<S> {
    /// Paxos of that size in so many slots.
    pub fn new(size: paxos::Size, slots: u64, rules: S) -> Self {
        Self {
            size,
            slots,
            looks_at: Slot(0),
            quorums: Quorums::new(size.quorums, size.acceptors),
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
        /// An acceptor promises a ballot, in all slots at once.
        Phase1b(Acceptor, Ballot),
        /// A leader proposes a value for a slot.
        Phase2a(Slot, Ballot, Value),
        /// An acceptor votes for what was proposed for a slot.
        Phase2b(Acceptor, Slot, Ballot, Value),
    }
}

impl<S: RuleSet<Rule>> UnboundedPaxos<S> {
    fn phase1a(&self, s: &State, bal: Ballot) -> Option<State> {
        let mut t = s.clone();
        if self.rules.performs(Rule::P1aSends) {
            t.send(Message::P1a(bal));
        }
        Some(t)
    }

    fn phase1b(&self, s: &State, a: Acceptor, bal: Ballot) -> Option<State> {
        given(s.msgs.contains(&Message::P1a(bal)))?;
        self.rules
            .when(Rule::P1bHigherBallot, Some(bal) > s.memory(a).max_bal)?;

        let mut t = s.clone();
        if self.rules.performs(Rule::P1bPromises) {
            t.acceptors[a.index()].max_bal = Some(bal);
        }
        if self.rules.performs(Rule::P1bSends) {
            t.send(Message::P1b(a, bal, self.report(s, a, bal)));
        }
        Some(t)
    }

    /// What an acceptor reports when it promises a ballot: its last vote in each slot, if that is below the ballot.
    fn report(&self, s: &State, a: Acceptor, bal: Ballot) -> Votes {
        let votes = s.memory(a).votes.iter();
        let reported =
            votes.filter(|(_, vote)| self.rules.performs(Rule::P1bReportsVote) && vote.bal < bal);
        reported.map(|(slot, vote)| (*slot, *vote)).collect()
    }

    fn phase2a(&self, s: &State, slot: Slot, vote: Vote) -> Option<State> {
        self.rules
            .when(Rule::P2aOncePerBallot, !s.proposed(slot, vote.bal))?;
        let allows = |q: &Quorum| self.quorum_allows(s, *q, slot, vote).is_some();
        given(self.quorums.phase1.iter().any(allows))?;

        let mut t = s.clone();
        if self.rules.performs(Rule::P2aSends) {
            t.send(Message::P2a(slot, vote));
        }
        Some(t)
    }

    /// Whether the promises of a phase-1 quorum allow a leader to propose a value for a slot.
    fn quorum_allows(&self, s: &State, q: Quorum, slot: Slot, proposal: Vote) -> Option<()> {
        let promised = |a| s.reports(a, proposal.bal).next().is_some();
        self.rules
            .when(Rule::P2aQuorumPromised, q.iter().all(promised))?;
        let reports = q.iter().flat_map(|a| s.reports(a, proposal.bal));
        let (mut highest, mut for_value) = (None, None);
        for vote in reports.filter_map(|votes| votes.get(&slot)) {
            highest = highest.max(Some(vote.bal));
            if vote.val == proposal.val {
                for_value = for_value.max(Some(vote.bal));
            }
        }
        let (free, reported) = (highest.is_none(), for_value.is_some());
        self.rules.when(Rule::P2aReportedValue, free || reported)?;
        self.rules
            .when(Rule::P2aHighestBallot, !reported || for_value == highest)
    }

    fn phase2b(&self, s: &State, a: Acceptor, slot: Slot, vote: Vote) -> Option<State> {
        given(s.msgs.contains(&Message::P2a(slot, vote)))?;
        self.rules.when(
            Rule::P2bNotBelowPromise,
            Some(vote.bal) >= s.memory(a).max_bal,
        )?;

        let mut t = s.clone();
        let memory = &mut t.acceptors[a.index()];
        if self.rules.performs(Rule::P2bRaises) {
            memory.max_bal = Some(vote.bal);
        }
        if self.rules.performs(Rule::P2bRemembersVote) {
            memory.votes.insert(slot, vote);
        }
        if self.rules.performs(Rule::P2bSends) {
            t.send(Message::P2b(a, slot, vote));
        }
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for UnboundedPaxos<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::initial(self.size.acceptors)]
    }

    /// Phase 1b and 2b for messages that exist; phase 1a once, as sending it again changes nothing.
    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for bal in (0..=self.size.max_ballot as u64).map(Ballot) {
            if !s.msgs.contains(&Message::P1a(bal)) {
                actions.push(Action::Phase1a(bal));
            }
            for slot in (0..self.slots).map(Slot) {
                let values = (0..self.size.values as u64).map(Value);
                actions.extend(values.map(|val| Action::Phase2a(slot, bal, val)));
            }
        }
        for message in s.msgs.iter() {
            let all = self.size.acceptors();
            match message {
                Message::P1a(bal) => actions.extend(all.map(|a| Action::Phase1b(a, *bal))),
                Message::P2a(slot, Vote { bal, val }) => {
                    actions.extend(all.map(|a| Action::Phase2b(a, *slot, *bal, *val)));
                }
                Message::P1b(..) | Message::P2b(..) => {}
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Phase1a(bal) => self.phase1a(s, bal),
            Action::Phase1b(a, bal) => self.phase1b(s, a, bal),
            Action::Phase2a(slot, bal, val) => self.phase2a(s, slot, Vote::new(bal, val)),
            Action::Phase2b(a, slot, bal, val) => self.phase2b(s, a, slot, Vote::new(bal, val)),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    /// Those of Paxos.tla are checked above; here it is shown that there is something to check in each slot.
    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |m, s| {
                m.each_slot().all(|slot| m.chosen(s, slot).len() <= 1)
            }),
            Property::<Self>::sometimes("Agreement: a value is chosen in every slot", |m, s| {
                m.each_slot().all(|slot| !m.chosen(s, slot).is_empty())
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> Spec for UnboundedPaxos<S> {}

impl<S: RuleSet<Rule>> UnboundedPaxos<S> {
    fn each_slot(&self) -> impl Iterator<Item = Slot> + use<S> {
        (0..self.slots).map(Slot)
    }

    /// The values chosen for a slot: those for which a phase-2 quorum voted in one ballot. Only what was proposed can have votes.
    pub fn chosen(&self, s: &State, slot: Slot) -> BTreeSet<Value> {
        let chosen = |vote: &Vote| {
            let voters = self.size.acceptors().filter(|a| s.voted(*a, slot, *vote));
            self.quorums.chosen_by(voters.collect())
        };
        s.proposals(slot)
            .filter(chosen)
            .map(|vote| vote.val)
            .collect()
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

/// Of all slots, one is looked at. A step in another is no step there.
impl<S: RuleSet<Rule>> Refines for UnboundedPaxos<S> {
    type Abstract = Paxos;

    fn abstract_model(&self) -> Paxos {
        Paxos {
            size: self.size,
            quorums: self.quorums.clone(),
            renamings: Vec::new(),
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> FlatState {
        s.seen_in(self.looks_at)
    }
}
