//! Non-blocking atomic commitment: two-phase commit in which everybody passes the decision on to all others before acting on it.
//!
//! After Babaoğlu & Toueg, *Non-Blocking Atomic Commitment* (in Mullender, *Distributed Systems*, 1993), as written down in ACP_SB.tla and ACP_NB.tla
//! (tlaplus/Examples), action for action: TLC finds the same states. What makes two-phase commit block is a coordinator that stops between two messages: one
//! participant has the decision, acts on it, stops as well, and nobody else can know. A broadcast that is *uniform* closes the gap without a
//! third phase: if anybody delivers the decision, all who are up can have it.
//!
//! It is right in a synchronous world only: a time limit runs out on those who are down and on nobody else, and only when nothing that was sent to anyone who
//! is up is still under way. What was sent arrives, also from those who have stopped since. Nobody comes back. ACP_NB_WRONG_TLC.tla shows what comes
//! of acting on the decision before passing it on: that is this protocol without `NbDecideForwarded`.
//!
//! The parameter `broadcast` says which of the two specifications is meant: `uniform` is ACP_NB.tla. `simple` is ACP_SB.tla, where the coordinator sends its
//! decision to each participant, and whoever receives it decides at once. Nothing is taken up first or forwarded, and nobody aborts for want of a decision.
//! That keeps the same promise, and blocks: what is claimed instead is that only those wait for ever who have voted YES and whom the coordinator did not
//! live to tell. That nobody does (`judge=non-blocking`) is an expected failure.
//!
//! A vote, a decision that was sent and one that was forwarded never change, so that sets of participants say what the arrays of the specification do.

pub mod configs;
mod properties;
pub mod state;

use concur_rules::non_blocking::NonBlockingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::symmetry::{Permutation, least};
use crate::kit::{Id, NodeSet, PerNode, Spec, StepProperty, given};
use crate::two_phase::non_blocking::state::{Coordinator, Participant, State};
use crate::two_phase::{Decision, Rm};

/// The most participants that a model holds.
pub const MAX_PARTICIPANTS: usize = 3;

/// A coordinator and its participants.
#[derive(Clone, Debug)]
pub struct NonBlocking<S = Faithful> {
    /// How many participants there are.
    pub participants: usize,
    /// How the decision reaches them.
    pub broadcast: Broadcast,
    /// What is claimed of those who wait.
    pub judge: Judge,
    /// The rules that are kept.
    pub rules: S,
}

/// How the coordinator's decision reaches the participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broadcast {
    /// If anybody acts on it, all who are up come to have it: everyone forwards it to all others first. ACP_NB.tla.
    Uniform,
    /// The coordinator sends it to one after the other, and nobody forwards it. ACP_SB.tla.
    Simple,
}

/// What is claimed of participants that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// What the broadcast is good for: where it is simple, that only those wait for ever who must.
    Broadcast,
    /// That nobody waits for ever: where the broadcast is simple, an expected failure.
    NonBlocking,
}

impl Broadcast {
    /// The names by which the command line knows them, in the order of [`Broadcast::from_choice`].
    pub const NAMES: &'static [&'static str] = &["uniform", "simple"];

    /// The one of that position in [`Broadcast::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Uniform, Self::Simple][choice as usize]
    }

    /// Whether that is an action of its specification: ACP_NB.tla adds some to ACP_SB.tla.
    fn has(self, action: &Action) -> bool {
        let added = matches!(
            action,
            Action::PreDecide(_)
                | Action::PreDecideOnForward(..)
                | Action::Forward(..)
                | Action::AbortOnTimeout(_)
        );
        self == Self::Uniform || !added
    }
}

impl Judge {
    /// The names by which the command line knows them, in the order of [`Judge::from_choice`].
    pub const NAMES: &'static [&'static str] = &["broadcast", "non-blocking"];

    /// The one of that position in [`Judge::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Broadcast, Self::NonBlocking][choice as usize]
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What can happen.
    pub enum Action {
        /// The coordinator asks a participant for its vote.
        Request(Rm),
        /// The coordinator receives a vote.
        GetVote(Rm),
        /// The coordinator waits no longer for a participant that is down.
        DetectFault(Rm),
        /// The coordinator has all votes, and decides.
        MakeDecision(Decision),
        /// The coordinator sends its decision to a participant.
        Broadcast(Rm),
        /// The coordinator stops for ever.
        CoordinatorDies,
        /// A participant votes.
        SendVote(Rm),
        /// A participant that has voted NO aborts.
        AbortOnVote(Rm),
        /// A participant that will not be asked aborts.
        AbortOnTimeoutRequest(Rm),
        /// A participant takes up the coordinator's decision.
        PreDecide(Rm),
        /// The first participant takes up what the second one has forwarded.
        PreDecideOnForward(Rm, Rm),
        /// The first participant forwards the decision to the second one.
        Forward(Rm, Rm),
        /// A participant decides what it has taken up.
        Decide(Rm),
        /// A participant that no decision can reach aborts.
        AbortOnTimeout(Rm),
        /// A participant stops for ever.
        ParticipantDies(Rm),
    }
}

/// What the coordinator does.
impl<S: RuleSet<Rule>> NonBlocking<S> {
    fn request(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.coordinator.up && !s.coordinator.asked.contains(rm))?;

        let mut t = *s;
        if self.rules.performs(Rule::NbRequestSends) {
            t.coordinator.asked.insert(rm);
        }
        Some(t)
    }

    /// Whether the coordinator has asked everyone, and still waits for a participant's vote.
    fn waits_for(&self, s: &State, rm: Rm) -> bool {
        let c = &s.coordinator;
        let all_asked = c.asked.len() == self.participants;
        c.up && c.decision.is_none() && all_asked && !c.votes.contains(rm)
    }

    fn get_vote(&self, s: &State, rm: Rm) -> Option<State> {
        given(self.waits_for(s, rm) && s.participants[rm].voted)?;

        let mut t = *s;
        if self.rules.performs(Rule::NbVoteNoted) {
            t.coordinator.votes.insert(rm);
        }
        Some(t)
    }

    fn detect_fault(&self, s: &State, rm: Rm) -> Option<State> {
        given(self.waits_for(s, rm) && !s.participants[rm].voted)?;
        self.rules
            .when(Rule::NbFaultDetected, !s.participants[rm].up)?;

        Some(self.decided(s, Decision::Abort))
    }

    fn make_decision(&self, s: &State, decision: Decision) -> Option<State> {
        let c = &s.coordinator;
        given(c.up && c.decision.is_none() && c.votes.len() == self.participants)?;
        let all_yes = s.participants.values().iter().all(|p| p.yes);
        match decision {
            Decision::Commit => self.rules.when(Rule::NbCommitAllYes, all_yes)?,
            Decision::Abort => self.rules.when(Rule::NbAbortSomeNo, !all_yes)?,
        }

        Some(self.decided(s, decision))
    }

    fn decided(&self, s: &State, decision: Decision) -> State {
        let mut t = *s;
        if self.rules.performs(Rule::NbDecides) {
            t.coordinator.decision = Some(decision);
        }
        t
    }

    fn broadcast(&self, s: &State, rm: Rm) -> Option<State> {
        let c = &s.coordinator;
        given(c.up && c.decision.is_some() && !c.told.contains(rm))?;

        let mut t = *s;
        if self.rules.performs(Rule::NbBroadcastSends) {
            t.coordinator.told.insert(rm);
        }
        Some(t)
    }

    fn coordinator_dies(&self, s: &State) -> Option<State> {
        given(s.coordinator.up)?;

        let mut t = *s;
        t.coordinator.up = false;
        Some(t)
    }
}

/// What participants do.
impl<S: RuleSet<Rule>> NonBlocking<S> {
    fn send_vote(&self, s: &State, rm: Rm) -> Option<State> {
        let p = &s.participants[rm];
        given(p.up && !p.voted && s.coordinator.asked.contains(rm))?;

        let mut t = *s;
        if self.rules.performs(Rule::NbVoteSends) {
            t.participants[rm].voted = true;
        }
        Some(t)
    }

    fn abort_on_vote(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.participants[rm].voted)?;
        self.rules
            .when(Rule::NbAbortVotedNo, !s.participants[rm].yes)?;

        self.aborted(s, rm)
    }

    fn abort_on_timeout_request(&self, s: &State, rm: Rm) -> Option<State> {
        given(!s.coordinator.up)?;
        let unasked = !s.coordinator.asked.contains(rm);
        self.rules.when(Rule::NbAbortUnasked, unasked)?;

        self.aborted(s, rm)
    }

    fn abort_on_timeout(&self, s: &State, rm: Rm) -> Option<State> {
        given(!s.coordinator.up)?;
        let told = s.up().any(|(other, _)| s.coordinator.told.contains(other));
        self.rules.when(Rule::NbTimeoutNobodyTold, !told)?;
        let reaches = |p: &Participant| s.up().any(|(other, _)| p.forwarded.contains(other));
        let mut down = s.participants.values().iter().filter(|p| !p.up);
        let forwarded = down.any(reaches);
        self.rules
            .when(Rule::NbTimeoutNothingForwarded, !forwarded)?;

        self.aborted(s, rm)
    }

    fn aborted(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.participants[rm].up && s.participants[rm].decision.is_none())?;

        let mut t = *s;
        t.participants[rm].decision = Some(Decision::Abort);
        Some(t)
    }

    fn pre_decide(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.participants[rm].up && s.participants[rm].taken_up.is_none())?;
        given(s.coordinator.told.contains(rm))?;

        let mut t = *s;
        if self.rules.performs(Rule::NbTakeBroadcast) {
            t.participants[rm].taken_up = s.coordinator.decision;
        }
        Some(t)
    }

    fn pre_decide_on_forward(&self, s: &State, rm: Rm, from: Rm) -> Option<State> {
        given(s.participants[rm].up && s.participants[rm].taken_up.is_none())?;
        given(s.participants[from].forwarded.contains(rm))?;

        let mut t = *s;
        if self.rules.performs(Rule::NbTakeForwarded) {
            t.participants[rm].taken_up = s.participants[from].taken_up;
        }
        Some(t)
    }

    fn forward(&self, s: &State, rm: Rm, to: Rm) -> Option<State> {
        let p = &s.participants[rm];
        given(rm != to && p.up && p.taken_up.is_some() && !p.forwarded.contains(to))?;

        let mut t = *s;
        if self.rules.performs(Rule::NbForwardSends) {
            t.participants[rm].forwarded.insert(to);
        }
        Some(t)
    }

    fn decide(&self, s: &State, rm: Rm) -> Option<State> {
        match self.broadcast {
            Broadcast::Uniform => self.decide_taken_up(s, rm),
            Broadcast::Simple => self.decide_at_once(s, rm),
        }
    }

    /// In ACP_SB.tla, `decide`: nobody takes up a decision first, and so nobody has anything to forward.
    fn decide_at_once(&self, s: &State, rm: Rm) -> Option<State> {
        let p = &s.participants[rm];
        given(p.up && p.decision.is_none() && s.coordinator.told.contains(rm))?;

        let mut t = *s;
        if self.rules.performs(Rule::NbDecideState) {
            t.participants[rm].decision = s.coordinator.decision;
        }
        Some(t)
    }

    /// In ACP_NB.tla, `decideNB`.
    fn decide_taken_up(&self, s: &State, rm: Rm) -> Option<State> {
        let p = &s.participants[rm];
        given(p.up && p.taken_up.is_some() && p.decision != p.taken_up)?;
        let to_all = p.forwarded.len() + 1 == self.participants;
        self.rules.when(Rule::NbDecideForwarded, to_all)?;

        let mut t = *s;
        if self.rules.performs(Rule::NbDecideState) {
            t.participants[rm].decision = p.taken_up;
        }
        Some(t)
    }

    fn participant_dies(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.participants[rm].up)?;

        let mut t = *s;
        t.participants[rm].up = false;
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> NonBlocking<S> {
    /// What sites that are up can do by themselves: all but to stop.
    pub(super) fn own_steps(&self) -> impl Iterator<Item = Action> {
        let rms = || Rm::first(self.participants);
        let of_rm = move |rm| {
            let alone = [
                Action::Request(rm),
                Action::GetVote(rm),
                Action::DetectFault(rm),
                Action::Broadcast(rm),
                Action::SendVote(rm),
                Action::AbortOnVote(rm),
                Action::AbortOnTimeoutRequest(rm),
                Action::PreDecide(rm),
                Action::Decide(rm),
                Action::AbortOnTimeout(rm),
            ];
            let with = move |other| {
                [
                    Action::Forward(rm, other),
                    Action::PreDecideOnForward(rm, other),
                ]
            };
            alone.into_iter().chain(rms().flat_map(with))
        };
        let decisions = Decision::ALL.map(Action::MakeDecision);
        let all = decisions.into_iter().chain(rms().flat_map(of_rm));
        all.filter(|action| self.broadcast.has(action))
    }
}

impl<S: RuleSet<Rule>> Model for NonBlocking<S> {
    type State = State;
    type Action = Action;

    /// Every combination of votes.
    fn init_states(&self) -> Vec<State> {
        let participant = |yes| Participant {
            up: true,
            yes,
            voted: false,
            taken_up: None,
            forwarded: NodeSet::empty(),
            decision: None,
        };
        let votes = |yes: u16| State {
            coordinator: Coordinator {
                up: true,
                asked: NodeSet::empty(),
                votes: NodeSet::empty(),
                decision: None,
                told: NodeSet::empty(),
            },
            participants: PerNode::from_fn(self.participants, |rm: Rm| {
                participant(NodeSet::from_bits(yes).contains(rm))
            }),
        };
        (0..1 << self.participants).map(votes).collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend(self.own_steps());
        actions.push(Action::CoordinatorDies);
        actions.extend(Rm::first(self.participants).map(Action::ParticipantDies));
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Request(rm) => self.request(s, rm),
            Action::GetVote(rm) => self.get_vote(s, rm),
            Action::DetectFault(rm) => self.detect_fault(s, rm),
            Action::MakeDecision(decision) => self.make_decision(s, decision),
            Action::Broadcast(rm) => self.broadcast(s, rm),
            Action::CoordinatorDies => self.coordinator_dies(s),
            Action::SendVote(rm) => self.send_vote(s, rm),
            Action::AbortOnVote(rm) => self.abort_on_vote(s, rm),
            Action::AbortOnTimeoutRequest(rm) => self.abort_on_timeout_request(s, rm),
            Action::PreDecide(rm) => self.pre_decide(s, rm),
            Action::PreDecideOnForward(rm, from) => self.pre_decide_on_forward(s, rm, from),
            Action::Forward(rm, to) => self.forward(s, rm, to),
            Action::Decide(rm) => self.decide(s, rm),
            Action::AbortOnTimeout(rm) => self.abort_on_timeout(s, rm),
            Action::ParticipantDies(rm) => self.participant_dies(s, rm),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = properties::of_promise();
        all.extend(properties::of_failures());
        all.extend(match (self.broadcast, self.judge) {
            (Broadcast::Uniform, _) | (_, Judge::NonBlocking) => properties::of_non_blocking(),
            (Broadcast::Simple, Judge::Broadcast) => properties::of_blocking(),
        });
        all
    }
}

impl<S: RuleSet<Rule>> Spec for NonBlocking<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of participants");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        properties::of_steps()
    }

    fn canonical(&self, s: &State) -> State {
        least(Permutation::group(self.participants), |to| {
            let mut t = *s;
            t.coordinator.asked = to.apply_set(s.coordinator.asked);
            t.coordinator.votes = to.apply_set(s.coordinator.votes);
            t.coordinator.told = to.apply_set(s.coordinator.told);
            for (rm, p) in s.participants.iter() {
                t.participants[to.apply(rm)] = Participant {
                    forwarded: to.apply_set(p.forwarded),
                    ..*p
                };
            }
            t
        })
    }
}
