//! What two-phase commit with a backup keeps: the promise, and that the backup can always decide.

use concur_rules::backup_manager::BackupManagerRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Property;

use crate::kit::{Refines, StepProperty};
use crate::two_phase::backup::state::{Phase, Progress, State, Word};
use crate::two_phase::backup::{Action, BackupManager};
use crate::two_phase::spec::TCommit;
use crate::two_phase::{Decision, RmStates, ac1, ac2, ac3};

/// The properties of states. AC1 is `Consistency` in 2PCwithBTM.tla.
pub(super) fn of_states<S: RuleSet<Rule>>() -> Vec<Property<BackupManager<S>>> {
    let mut all = of_promise();
    all.extend(of_managers());
    all
}

fn of_promise<S: RuleSet<Rule>>() -> Vec<Property<BackupManager<S>>> {
    type P<S> = Property<BackupManager<S>>;
    vec![
        P::<S>::always("AC1", |_, s| ac1(&s.images())),
        P::<S>::sometimes("AC1: the manager is obeyed before it is gone", |_, s| {
            s.manager == Progress::Told && s.any(Phase::Committed)
        }),
        P::<S>::sometimes(
            "AC1: one commits, another waits, the manager is gone",
            |_, s| s.word == Word::Hidden && s.any(Phase::Committed) && s.any(Phase::Prepared),
        ),
        P::<S>::sometimes("AC1: the backup is obeyed", |_, s| {
            s.backup == Progress::Gone && s.word == Word::Told(Decision::Abort)
        }),
        P::<S>::always("AC3", |_, s| ac3(&s.images())),
        P::<S>::sometimes("AC3: one commits", |_, s| s.any(Phase::Committed)),
        P::<S>::sometimes("AC2: one commits", |_, s| s.any(Phase::Committed)),
        P::<S>::sometimes("AC2: one aborts", |_, s| s.any(Phase::Aborted)),
    ]
}

fn of_managers<S: RuleSet<Rule>>() -> Vec<Property<BackupManager<S>>> {
    type P<S> = Property<BackupManager<S>>;
    vec![
        // Whoever is told to abort is told so because somebody else could not commit.
        P::<S>::always("AbortHasReason", |_, s| {
            s.word != Word::Told(Decision::Abort) || s.any(Phase::Aborted) || s.any(Phase::Failed)
        }),
        P::<S>::sometimes("AbortHasReason: prepared ones are told to abort", |_, s| {
            s.word == Word::Told(Decision::Abort) && s.any(Phase::Prepared)
        }),
        // A backup that has seen how everyone is, nobody still working, need not wait.
        P::<S>::always("BackupCanDecide", |m, s| {
            let informed = s.rms.values().iter().all(|r| m.seen(r) == Some(r.phase));
            let waits = s.word == Word::Hidden && s.backup == Progress::Looks;
            let decides = |decision| m.backup_decides(s, decision).is_some();
            !(waits && informed) || s.any(Phase::Working) || Decision::ALL.into_iter().any(decides)
        }),
        P::<S>::sometimes("BackupCanDecide: one has failed, one commits", |_, s| {
            let waits = s.word == Word::Hidden && s.backup == Progress::Looks;
            waits && s.any(Phase::Failed) && s.any(Phase::Committed)
        }),
        P::<S>::sometimes("BackupCanDecide: one has failed, none commits", |_, s| {
            let waits = s.word == Word::Hidden && s.backup == Progress::Looks;
            waits && s.any(Phase::Failed) && !s.any(Phase::Committed)
        }),
    ]
}

/// The properties of steps.
pub(super) fn of_steps<S: RuleSet<Rule>>() -> Vec<StepProperty<BackupManager<S>>> {
    vec![StepProperty {
        name: "AC2",
        holds: |_, s, _: &Action, t| ac2(&s.images(), &t.images()),
    }]
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for BackupManager<S> {
    type Abstract = TCommit;

    fn abstract_model(&self) -> TCommit {
        TCommit {
            rms: self.rms,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> RmStates {
        s.images()
    }
}
