//! The state of two-phase commit with a backup: resource managers, the word that they read, two managers.

use crate::kit::PerNode;
use crate::two_phase::backup::MAX_RMS;
use crate::two_phase::{Decision, Rm, RmState, RmStates};

/// Everything there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The resource managers.
    pub rms: PerNode<Rm, Member, MAX_RMS>,
    /// `tmState`: what resource managers read.
    pub word: Word,
    /// How far the transaction manager is.
    pub manager: Progress,
    /// How far its backup is.
    pub backup: Progress,
}

/// A resource manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// How far it is.
    pub phase: Phase,
    /// Whether its process has ended.
    pub finished: bool,
    /// What the backup saw when it looked at this one last. Kept only where it looks at one after the other.
    pub seen: Option<Phase>,
}

/// `rmState`: how far a resource manager is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It can still abort on its own.
    Working,
    /// It is able to commit, and waits for the decision.
    Prepared,
    /// It has committed.
    Committed,
    /// It has aborted.
    Aborted,
    /// It has stopped for ever.
    Failed,
}

/// What resource managers read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// Nothing yet.
    Init,
    /// A decision.
    Told(Decision),
    /// Nothing any more: the transaction manager is gone.
    Hidden,
}

/// How far a manager is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// It looks at the resource managers.
    Looks,
    /// It has decided, and has told nobody.
    Decided(Decision),
    /// It has told its decision.
    Told,
    /// It is gone, or has nothing more to do.
    Gone,
}

impl Phase {
    /// Whether the resource manager still has something to do.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Working | Self::Prepared)
    }

    /// The state in TCommit.tla.
    fn image(self) -> RmState {
        match self {
            Self::Working => RmState::Working,
            Self::Prepared | Self::Failed => RmState::Prepared,
            Self::Committed => RmState::Committed,
            Self::Aborted => RmState::Aborted,
        }
    }
}

impl State {
    /// The state in TCommit.tla.
    pub fn images(&self) -> RmStates {
        let mut images = RmStates::all(self.rms.values().len(), RmState::Working);
        for (rm, member) in self.rms.iter() {
            images.set(rm, member.phase.image());
        }
        images
    }

    /// Whether some resource manager has come to that phase.
    pub fn any(&self, phase: Phase) -> bool {
        self.rms.values().iter().any(|m| m.phase == phase)
    }
}
