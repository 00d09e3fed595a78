//! Two-phase commit with a backup: when the transaction manager is gone, another one looks at the resource managers and decides in its place.
//!
//! After 2PCwithBTM.tla (M. Demirbas, in tlaplus/Examples), action for action: TLC finds the same states. Nothing is sent: the decision is a word that
//! resource managers read, and that is hidden once the manager has failed. At most one resource manager fails, and the manager always does, after
//! it has told its decision. `Finish` is the end of the PlusCal process: it does nothing.
//!
//! That specification keeps its promise because of two things that a network does not give. A resource manager reads the decision and acts on it in one step,
//! so that nobody commits any more once it is hidden. And the backup sees all resource managers at one time, at which the manager is gone. The
//! parameter `looks` takes the second apart. To look at them one by one is harmless, as long as the first look comes after the manager has gone
//! (`after`): whoever has decided by then is seen. What is wrong is to believe a look that was taken before (`early`): the backup saw everyone
//! prepared, the manager has told to abort since, and one has obeyed when the backup has the others commit. As with [three-phase
//! commit](crate::two_phase::three_phase), everything rests on knowing that somebody is gone.
//!
//! One that has failed counts as prepared in TCommit.tla: it has not decided, and never will.

pub mod configs;
mod properties;
pub mod state;

use concur_rules::backup_manager::BackupManagerRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Id, PerNode, Spec, StepProperty, given};
use crate::two_phase::backup::state::{Member, Phase, Progress, State, Word};
use crate::two_phase::{Decision, Rm};

/// The most resource managers that a model holds.
pub const MAX_RMS: usize = 5;

/// Resource managers, a transaction manager and its backup.
#[derive(Clone, Debug)]
pub struct BackupManager<S = Faithful> {
    /// How many resource managers there are.
    pub rms: usize,
    /// How the backup looks at them.
    pub looks: Looks,
    /// The rules that are kept.
    pub rules: S,
}

/// How the backup looks at the resource managers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// At all of them in one step, as published.
    AtOnce,
    /// At one after the other, once the manager is gone.
    After,
    /// At one after the other, at any time: an expected failure.
    Early,
}

impl Looks {
    /// The names by which the command line knows them, in the order of [`Looks::from_choice`].
    pub const NAMES: &'static [&'static str] = &["at-once", "after", "early"];

    /// The one of that position in [`Looks::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::AtOnce, Self::After, Self::Early][choice as usize]
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What can happen.
    pub enum Action {
        /// A resource manager becomes able to commit.
        Prepare(Rm),
        /// A resource manager commits.
        Commit(Rm),
        /// A resource manager aborts.
        Abort(Rm),
        /// A resource manager stops for ever.
        Fail(Rm),
        /// A resource manager has nothing more to do.
        Finish(Rm),
        /// The transaction manager decides.
        ManagerDecides(Decision),
        /// The transaction manager tells its decision.
        ManagerTells,
        /// The transaction manager is gone, and its decision with it.
        ManagerFails,
        /// The backup looks at a resource manager.
        BackupLooks(Rm),
        /// The backup decides.
        BackupDecides(Decision),
        /// The backup tells its decision.
        BackupTells,
    }
}

/// What resource managers do.
impl<S: RuleSet<Rule>> BackupManager<S> {
    fn prepare(&self, s: &State, rm: Rm) -> Option<State> {
        let phase = s.rms[rm].phase;
        given(phase != Phase::Failed)?;
        self.rules
            .when(Rule::BtmPrepareWorking, phase == Phase::Working)?;

        let mut t = *s;
        if self.rules.performs(Rule::BtmPrepareState) {
            t.rms[rm].phase = Phase::Prepared;
        }
        Some(t)
    }

    fn commit(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.rms[rm].phase.is_open())?;
        self.rules
            .when(Rule::BtmCommitTold, s.word == Word::Told(Decision::Commit))?;

        let mut t = *s;
        if self.rules.performs(Rule::BtmCommitState) {
            t.rms[rm].phase = Phase::Committed;
        }
        Some(t)
    }

    fn abort(&self, s: &State, rm: Rm) -> Option<State> {
        let phase = s.rms[rm].phase;
        given(phase.is_open())?;
        let told = s.word == Word::Told(Decision::Abort);
        self.rules
            .when(Rule::BtmAbortTold, told || phase == Phase::Working)?;

        let mut t = *s;
        if self.rules.performs(Rule::BtmAbortState) {
            t.rms[rm].phase = Phase::Aborted;
        }
        Some(t)
    }

    fn fail(&self, s: &State, rm: Rm) -> Option<State> {
        given(s.rms[rm].phase.is_open() && !s.any(Phase::Failed))?;

        let mut t = *s;
        t.rms[rm].phase = Phase::Failed;
        Some(t)
    }

    fn finish(&self, s: &State, rm: Rm) -> Option<State> {
        given(!s.rms[rm].phase.is_open() && !s.rms[rm].finished)?;

        let mut t = *s;
        t.rms[rm].finished = true;
        Some(t)
    }
}

/// What managers do.
impl<S: RuleSet<Rule>> BackupManager<S> {
    /// Whether a manager that sees the resource managers so may decide so.
    fn may_decide(&self, seen: &[Phase], decision: Decision) -> Option<()> {
        let committed = seen.contains(&Phase::Committed);
        match decision {
            Decision::Commit => {
                let prepared = seen.iter().all(|&phase| phase == Phase::Prepared);
                let follows = committed && self.rules.performs(Rule::BtmCommitFollows);
                self.rules
                    .when(Rule::BtmCommitAllPrepared, prepared || follows)
            }
            Decision::Abort => {
                let mut reasons = [Phase::Aborted, Phase::Failed].iter();
                let reason = reasons.any(|phase| seen.contains(phase));
                self.rules.when(Rule::BtmAbortReason, reason)?;
                self.rules.when(Rule::BtmAbortNoneCommitted, !committed)
            }
        }
    }

    fn manager_decides(&self, s: &State, decision: Decision) -> Option<State> {
        given(s.manager == Progress::Looks)?;
        let seen: Vec<Phase> = s.rms.values().iter().map(|m| m.phase).collect();
        self.may_decide(&seen, decision)?;

        let mut t = *s;
        t.manager = Progress::Decided(decision);
        Some(t)
    }

    fn manager_tells(&self, s: &State) -> Option<State> {
        let Progress::Decided(decision) = s.manager else {
            return None;
        };

        let mut t = *s;
        t.manager = Progress::Told;
        if self.rules.performs(Rule::BtmManagerTells) {
            t.word = Word::Told(decision);
        }
        Some(t)
    }

    fn manager_fails(&self, s: &State) -> Option<State> {
        given(s.manager == Progress::Told)?;

        let mut t = *s;
        t.manager = Progress::Gone;
        t.word = Word::Hidden;
        Some(t)
    }

    /// A look that shows nothing new is none.
    fn backup_looks(&self, s: &State, rm: Rm) -> Option<State> {
        let member = s.rms[rm];
        given(s.backup == Progress::Looks && member.seen != Some(member.phase))?;
        given(self.looks == Looks::Early || s.word == Word::Hidden)?;

        let mut t = *s;
        t.rms[rm].seen = Some(member.phase);
        Some(t)
    }

    fn backup_decides(&self, s: &State, decision: Decision) -> Option<State> {
        given(s.backup == Progress::Looks)?;
        self.rules
            .when(Rule::BtmBackupTakesOver, s.word == Word::Hidden)?;
        let members = s.rms.values().iter();
        let seen: Option<Vec<Phase>> = members.map(|m| self.seen(m)).collect();
        self.may_decide(&seen?, decision)?;

        let mut t = *s;
        t.backup = Progress::Decided(decision);
        Some(t)
    }

    /// How far the backup takes a resource manager to be.
    fn seen(&self, member: &Member) -> Option<Phase> {
        match self.looks {
            Looks::AtOnce => Some(member.phase),
            Looks::After | Looks::Early => member.seen,
        }
    }

    fn backup_tells(&self, s: &State) -> Option<State> {
        let Progress::Decided(decision) = s.backup else {
            return None;
        };

        let mut t = *s;
        t.backup = Progress::Gone;
        if self.rules.performs(Rule::BtmBackupTells) {
            t.word = Word::Told(decision);
        }
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for BackupManager<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let member = Member {
            phase: Phase::Working,
            finished: false,
            seen: None,
        };
        vec![State {
            rms: PerNode::all(self.rms, member),
            word: Word::Init,
            manager: Progress::Looks,
            backup: Progress::Looks,
        }]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for rm in Rm::first(self.rms) {
            actions.extend([
                Action::Prepare(rm),
                Action::Commit(rm),
                Action::Abort(rm),
                Action::Fail(rm),
                Action::Finish(rm),
            ]);
            if self.looks != Looks::AtOnce {
                actions.push(Action::BackupLooks(rm));
            }
        }
        actions.extend(Decision::ALL.map(Action::ManagerDecides));
        actions.extend(Decision::ALL.map(Action::BackupDecides));
        actions.extend([
            Action::ManagerTells,
            Action::ManagerFails,
            Action::BackupTells,
        ]);
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Prepare(rm) => self.prepare(s, rm),
            Action::Commit(rm) => self.commit(s, rm),
            Action::Abort(rm) => self.abort(s, rm),
            Action::Fail(rm) => self.fail(s, rm),
            Action::Finish(rm) => self.finish(s, rm),
            Action::ManagerDecides(decision) => self.manager_decides(s, decision),
            Action::ManagerTells => self.manager_tells(s),
            Action::ManagerFails => self.manager_fails(s),
            Action::BackupLooks(rm) => self.backup_looks(s, rm),
            Action::BackupDecides(decision) => self.backup_decides(s, decision),
            Action::BackupTells => self.backup_tells(s),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states()
    }
}

impl<S: RuleSet<Rule>> Spec for BackupManager<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of resource managers");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        properties::of_steps()
    }

    /// Nothing relates two resource managers, so sorting all that is known of each is exact.
    fn canonical(&self, s: &State) -> State {
        let mut t = *s;
        t.rms.values_mut().sort_unstable();
        t
    }
}
