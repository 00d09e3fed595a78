//! Three-phase commit: no site commits while a live one is still uncertain, so that no live one ever has to wait for a site that is down.
//!
//! What this rung adds to two-phase commit: between the votes and the decision, everyone is made *committable*; and a termination protocol, in which a
//! backup takes over from a coordinator that no longer answers. After Skeen, *Nonblocking Commit Protocols* (SIGMOD 1981), and Bernstein,
//! Hadzilacos & Goodman, *Concurrency Control and Recovery in Database Systems* (1987), chapter 7. It refines the promise, not TwoPhase.tla: it has no one manager that decides.
//!
//! It is right in a synchronous world only, and that world is modelled. A message arrives at once or, where the network has parted, never: the time limit
//! is longer than any delay, so that whatever was sent has arrived when a limit runs out, and one step may stand for sending and
//! receiving. A site times out on those who are down, and on nobody else; unless the network has parted (the parameter `partition`): then it
//! also times out on those who are up on the other side, and the protocol breaks its promise.
//!
//! Left out: logs. All that a site knows of the transaction survives its crash, except that it leads; [durable two-phase commit](crate::two_phase::durable) is about records. Left
//! out, too: recovery when all sites have been down at the same time; they stay undecided.

pub mod configs;
mod properties;

use concur_rules::three_phase::ThreePhaseRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Faults, Id, NodeSet, PerNode, Spec, given};
use crate::two_phase::{Rm, RmState, RmStates, Site};

/// The most participants that a model holds.
pub const MAX_PARTICIPANTS: usize = 4;

/// A coordinator and its participants.
#[derive(Clone, Debug)]
pub struct ThreePhase<S = Faithful> {
    /// How many participants there are.
    pub participants: usize,
    /// How often each fault may strike.
    pub most: Faults,
    /// Whether the network may part, once and for ever.
    pub parts: bool,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// How far the coordinator is.
    pub coordinator: Coordinator,
    /// Whether it is up.
    pub status: Status,
    /// The participants.
    pub participants: PerNode<Rm, Participant, MAX_PARTICIPANTS>,
    /// How often sites have crashed.
    pub faults: Faults,
}

/// How far the coordinator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coordinator {
    /// It waits for votes.
    Waiting,
    /// It makes all participants committable.
    Precommitting,
    /// It has decided to commit.
    Committed,
    /// It has decided to abort.
    Aborted,
}

/// A participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Participant {
    /// How far it is.
    pub phase: Phase,
    /// Whether it is up.
    pub status: Status,
    /// Whether the coordinator has its YES.
    pub voted: bool,
    /// Whether the network has parted it from the coordinator.
    pub far: bool,
    /// What it does as a backup, if it is one.
    pub leads: Option<Plan>,
}

/// How far a participant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It has not voted.
    Working,
    /// It has voted YES, and cannot tell how it will end.
    Uncertain,
    /// It knows that all have voted YES.
    Committable,
    /// It has committed.
    Committed,
    /// It has aborted.
    Aborted,
}

/// Whether a site is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It has always been up.
    Up,
    /// It is down.
    Down,
    /// It was down, and is up.
    Back,
}

/// What a backup has decided to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plan {
    /// To abort.
    Abort,
    /// To make all committable, and then to commit.
    Precommit,
    /// To commit.
    Commit,
}

impl Plan {
    /// All plans.
    pub const ALL: [Self; 3] = [Self::Abort, Self::Precommit, Self::Commit];
}

impl Phase {
    /// Whether it has decided.
    pub fn decided(self) -> bool {
        matches!(self, Self::Committed | Self::Aborted)
    }
}

impl State {
    /// How far a participant is.
    pub fn phase(&self, rm: Rm) -> Phase {
        self.participants[rm].phase
    }

    /// Whether the coordinator is at work, and can be reached by a participant.
    pub fn coordinated(&self, rm: Rm) -> bool {
        self.status == Status::Up && !self.participants[rm].far
    }

    /// Whether the network joins two participants.
    fn joined(&self, a: Rm, b: Rm) -> bool {
        self.participants[a].far == self.participants[b].far
    }

    /// Whether a participant can ask a site that is up.
    pub(super) fn reaches(&self, rm: Rm, of: Site) -> bool {
        match of {
            Site::Coordinator => self.status != Status::Down && !self.participants[rm].far,
            Site::Rm(a) => self.participants[a].status != Status::Down && self.joined(a, rm),
        }
    }

    /// What a site that was down can learn from another: what it has decided.
    pub(super) fn decision(&self, of: Site) -> Option<Phase> {
        match of {
            Site::Rm(rm) => Some(self.phase(rm)).filter(|phase| phase.decided()),
            Site::Coordinator => match self.coordinator {
                Coordinator::Committed => Some(Phase::Committed),
                Coordinator::Aborted => Some(Phase::Aborted),
                Coordinator::Waiting | Coordinator::Precommitting => None,
            },
        }
    }

    /// The state in TCommit.tla.
    pub fn images(&self) -> RmStates {
        let nodes = self.participants.nodes();
        let mut images = RmStates::all(nodes.clone().count(), RmState::Working);
        for rm in nodes {
            images.set(
                rm,
                match self.phase(rm) {
                    Phase::Working => RmState::Working,
                    Phase::Uncertain | Phase::Committable => RmState::Prepared,
                    Phase::Committed => RmState::Committed,
                    Phase::Aborted => RmState::Aborted,
                },
            );
        }
        images
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What can happen.
    pub enum Action {
        /// A participant votes YES.
        Vote(Rm),
        /// A participant aborts on its own.
        ChooseToAbort(Rm),
        /// The coordinator decides to abort.
        Abort,
        /// The coordinator tells a participant to abort.
        TellAbort(Rm),
        /// The coordinator begins to make all committable.
        Precommit,
        /// The coordinator tells a participant to prepare to commit.
        TellPrecommit(Rm),
        /// The coordinator decides to commit.
        Commit,
        /// The coordinator tells a participant to commit.
        TellCommit(Rm),
        /// A participant becomes the backup, looks at all that take part, and makes its plan.
        Elect(Rm, Plan),
        /// A backup tells a participant what its plan asks of it.
        BackupTell(Rm, Rm),
        /// A backup that has made all committable decides to commit.
        BackupCommit(Rm),
        /// A participant that was down asks a site.
        Ask(Rm, Site),
        /// A site stops.
        Crash(Site),
        /// A site comes back.
        Restart(Site),
        /// The network parts these participants from the coordinator.
        Part(NodeSet<Rm>),
    }
}

impl<S: RuleSet<Rule>> ThreePhase<S> {
    fn vote(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.participants[rm].status == Status::Up)?;
        self.rules
            .when(Rule::T3VoteWorking, s.phase(rm) == Phase::Working)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3VoteState) {
            t.participants[rm].phase = Phase::Uncertain;
        }
        if s.coordinated(rm) && self.rules.performs(Rule::T3VoteSends) {
            t.participants[rm].voted = true;
        }
        Some(t)
    }

    fn choose_to_abort(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.participants[rm].status != Status::Down)?;
        let working = s.phase(rm) == Phase::Working;
        self.rules.when(Rule::T3ChooseToAbortWorking, working)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3ChooseToAbortState) {
            t.participants[rm].phase = Phase::Aborted;
        }
        Some(t)
    }

    fn abort(&self, s: &State) -> Option<State> {
        given(s.status == Status::Up)?;
        let waiting = s.coordinator == Coordinator::Waiting;
        self.rules.when(Rule::T3AbortWaiting, waiting)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3AbortState) {
            t.coordinator = Coordinator::Aborted;
        }
        Some(t)
    }

    fn tell_abort(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.coordinator == Coordinator::Aborted && self.hears(s, rm))?;
        given(s.phase(rm) != Phase::Aborted)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3TellAbortState) {
            t.participants[rm].phase = Phase::Aborted;
        }
        Some(t)
    }

    fn precommit(&self, s: &State) -> Option<State> {
        given(s.status == Status::Up)?;
        let waiting = s.coordinator == Coordinator::Waiting;
        self.rules.when(Rule::T3PrecommitWaiting, waiting)?;
        let all_yes = s.participants.values().iter().all(|p| p.voted);
        self.rules.when(Rule::T3PrecommitAllYes, all_yes)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3PrecommitState) {
            t.coordinator = Coordinator::Precommitting;
        }
        Some(t)
    }

    fn tell_precommit(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.coordinator == Coordinator::Precommitting && self.hears(s, rm))?;
        given(s.phase(rm) == Phase::Uncertain)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3TellPrecommitState) {
            t.participants[rm].phase = Phase::Committable;
        }
        Some(t)
    }

    fn commit(&self, s: &State) -> Option<State> {
        given(s.status == Status::Up)?;
        let precommitting = s.coordinator == Coordinator::Precommitting;
        self.rules
            .when(Rule::T3CommitPrecommitting, precommitting)?;
        let acked = |rm| !self.hears(s, rm) || s.phase(rm) == Phase::Committable;
        self.rules
            .when(Rule::T3CommitAllAcked, self.all().all(acked))?;

        let mut t = *s;
        if self.rules.performs(Rule::T3CommitState) {
            t.coordinator = Coordinator::Committed;
        }
        Some(t)
    }

    fn tell_commit(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.coordinator == Coordinator::Committed && self.hears(s, rm))?;
        given(s.phase(rm) != Phase::Committed)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3TellCommitState) {
            t.participants[rm].phase = Phase::Committed;
        }
        Some(t)
    }

    /// Whether a participant is one that the coordinator can tell something.
    fn hears(&self, s: &State, rm: Rm) -> bool {
        s.coordinated(rm) && s.participants[rm].status == Status::Up
    }
}

// Termination and recovery.
impl<S: RuleSet<Rule>> ThreePhase<S> {
    fn elect(&self, s: &State, rm: Rm, plan: Plan) -> Option<State> {
        given(self.takes_part(s, rm) && s.participants[rm].leads.is_none())?;
        self.rules.when(Rule::T3ElectTimedOut, !s.coordinated(rm))?;
        let group = || {
            self.all()
                .filter(|&a| s.joined(a, rm) && self.takes_part(s, a))
        };
        let alone = group().all(|a| s.participants[a].leads.is_none());
        self.rules.when(Rule::T3ElectAlone, alone)?;
        let any = |phase| group().any(|a| s.phase(a) == phase);
        let (aborted, committed) = (any(Phase::Aborted), any(Phase::Committed));
        let committable = any(Phase::Committable);
        match plan {
            Plan::Abort => self.rules.when(
                Rule::T3TerminateAbort,
                aborted || !committable && !committed,
            )?,
            Plan::Commit => self.rules.when(Rule::T3TerminateCommit, committed)?,
            Plan::Precommit => self.rules.when(
                Rule::T3TerminatePrecommit,
                committable && !aborted && !committed,
            )?,
        }

        let mut t = *s;
        t.participants[rm].leads = Some(plan);
        Some(t)
    }

    fn backup_tell(&self, s: &State, backup: Rm, rm: Rm) -> Option<State> {
        given(self.takes_part(s, rm) && s.joined(backup, rm))?;
        let next = match (s.participants[backup].leads?, s.phase(rm)) {
            (_, Phase::Committed | Phase::Aborted) => return None,
            (Plan::Abort, _) => Phase::Aborted,
            (Plan::Commit, _) => Phase::Committed,
            (Plan::Precommit, Phase::Uncertain) => Phase::Committable,
            (Plan::Precommit, _) => return None,
        };

        let mut t = *s;
        if self.rules.performs(Rule::T3BackupTells) {
            t.participants[rm].phase = next;
        }
        Some(t)
    }

    fn backup_commit(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.participants[rm].leads == Some(Plan::Precommit))?;
        let mut group = self
            .all()
            .filter(|&a| s.joined(a, rm) && self.takes_part(s, a));
        let acked = group.all(|a| s.phase(a) == Phase::Committable);
        self.rules.when(Rule::T3BackupAllAcked, acked)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3BackupCommitState) {
            t.participants[rm].leads = Some(Plan::Commit);
        }
        Some(t)
    }

    /// Whether a participant takes part in termination.
    fn takes_part(&self, s: &State, rm: Rm) -> bool {
        let status = s.participants[rm].status;
        let always_up = status == Status::Up;
        status != Status::Down && self.rules.requires(Rule::T3RecoveredStayOut, always_up)
    }

    fn ask(&self, s: &State, rm: Rm, of: Site) -> Option<State> {
        given(s.participants[rm].status == Status::Back && !s.phase(rm).decided())?;
        given(s.reaches(rm, of))?;
        let decision = s.decision(of)?;

        let mut t = *s;
        if self.rules.performs(Rule::T3AskState) {
            t.participants[rm].phase = decision;
        }
        Some(t)
    }

    fn crash(&self, s: &State, site: Site) -> Option<State> {
        let mut t = *s;
        let status = t.status_mut(site);
        given(*status != Status::Down)?;

        *status = Status::Down;
        if let Site::Rm(rm) = site {
            t.participants[rm].leads = None;
        }
        t.faults.crashes += 1;
        Some(t)
    }

    fn restart(&self, s: &State, site: Site) -> Option<State> {
        let mut t = *s;
        let status = t.status_mut(site);
        given(*status == Status::Down)?;

        *status = Status::Back;
        Some(t)
    }

    fn part(&self, s: &State, far: NodeSet<Rm>) -> Option<State> {
        given(self.parts && s.participants.values().iter().all(|p| !p.far))?;

        let mut t = *s;
        for rm in far.iter() {
            t.participants[rm].far = true;
        }
        Some(t)
    }

    fn all(&self) -> impl Iterator<Item = Rm> + Clone + use<S> {
        Rm::first(self.participants)
    }

    /// What sites that are up can do by themselves: no fault, and no repair.
    pub(super) fn own_steps(&self) -> impl Iterator<Item = Action> {
        let of_rm = move |rm| {
            [
                Action::Vote(rm),
                Action::ChooseToAbort(rm),
                Action::TellAbort(rm),
                Action::TellPrecommit(rm),
                Action::TellCommit(rm),
                Action::BackupCommit(rm),
            ]
            .into_iter()
            .chain(Plan::ALL.map(|plan| Action::Elect(rm, plan)))
            .chain(self.all().map(move |backup| Action::BackupTell(backup, rm)))
        };
        [Action::Abort, Action::Precommit, Action::Commit]
            .into_iter()
            .chain(self.all().flat_map(of_rm))
    }
}

impl State {
    fn status_mut(&mut self, site: Site) -> &mut Status {
        match site {
            Site::Coordinator => &mut self.status,
            Site::Rm(rm) => &mut self.participants[rm].status,
        }
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for ThreePhase<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let participant = Participant {
            phase: Phase::Working,
            status: Status::Up,
            voted: false,
            far: false,
            leads: None,
        };
        vec![State {
            coordinator: Coordinator::Waiting,
            status: Status::Up,
            participants: PerNode::all(self.participants, participant),
            faults: Faults::default(),
        }]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend(self.own_steps());
        for site in Site::all(self.participants) {
            actions.extend(self.all().map(|rm| Action::Ask(rm, site)));
            actions.extend([Action::Crash(site), Action::Restart(site)]);
        }
        if self.parts {
            let sides = 1..1 << self.participants;
            actions.extend(sides.map(|far| Action::Part(NodeSet::from_bits(far))));
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Vote(rm) => self.vote(s, rm),
            Action::ChooseToAbort(rm) => self.choose_to_abort(s, rm),
            Action::Abort => self.abort(s),
            Action::TellAbort(rm) => self.tell_abort(s, rm),
            Action::Precommit => self.precommit(s),
            Action::TellPrecommit(rm) => self.tell_precommit(s, rm),
            Action::Commit => self.commit(s),
            Action::TellCommit(rm) => self.tell_commit(s, rm),
            Action::Elect(rm, plan) => self.elect(s, rm, plan),
            Action::BackupTell(backup, rm) => self.backup_tell(s, backup, rm),
            Action::BackupCommit(rm) => self.backup_commit(s, rm),
            Action::Ask(rm, of) => self.ask(s, rm, of),
            Action::Crash(site) => self.crash(s, site),
            Action::Restart(site) => self.restart(s, site),
            Action::Part(far) => self.part(s, far),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self.parts)
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }
}
