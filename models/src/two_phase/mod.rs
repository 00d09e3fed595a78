//! Transaction commit and two-phase commit, after TCommit.tla and TwoPhase.tla of Gray & Lamport, *Consensus on
//! Transaction Commit* (ACM TODS 31(1), 2006).
//!
//! `TCommit ⊐ TwoPhase`: [`spec`] is the promise, that resource managers never decide differently; [`protocol`] keeps it with a
//! transaction manager and messages.
//!
//! `TwoPhase ⊐ DurableTwoPhase`: [`durable`] keeps it with logs, in spite of crashes, and may forget. `TCommit ⊐ ThreePhase`: [`three_phase`] never
//! blocks, as long as sites crash and the network does not part. `TCommit ⊐ BackupManager`: [`backup`] has a second transaction manager for when the
//! first is gone. `TCommit ⊐ NonBlocking`: [`non_blocking`] passes the decision on before anybody acts on it;
//! where nobody does, it keeps the same promise, and blocks.

pub mod backup;
pub mod configs;
pub mod durable;
mod events;
pub mod many;
pub mod non_blocking;
pub mod protocol;
pub mod spec;
pub mod temporal;
pub mod three_phase;

use std::fmt;

use crate::kit::{Id, OneOf, Packed};

crate::ids! {
    /// A resource manager.
    pub Rm = "rm";
}

/// A site: the coordinator, or a resource manager, which the papers on commit also call a participant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// The coordinator.
    Coordinator,
    /// A resource manager.
    Rm(Rm),
}

impl Site {
    /// The coordinator and the first `n` resource managers.
    pub fn all(n: usize) -> impl Iterator<Item = Self> {
        std::iter::once(Self::Coordinator).chain(Rm::first(n).map(Self::Rm))
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coordinator => f.write_str("coordinator"),
            Self::Rm(rm) => rm.fmt(f),
        }
    }
}

/// The most resource managers that a model holds.
pub const MAX_RMS: usize = RmStates::CAPACITY;

/// What a resource manager can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RmState {
    /// It can still abort on its own.
    Working,
    /// It is able to commit, and waits for the decision.
    Prepared,
    /// It has committed.
    Committed,
    /// It has aborted.
    Aborted,
}

impl OneOf for RmState {
    const ALL: &'static [Self] = &[
        Self::Working,
        Self::Prepared,
        Self::Committed,
        Self::Aborted,
    ];

    #[inline(always)]
    fn code(self) -> usize {
        self as usize
    }
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// To commit.
    Commit,
    /// To abort.
    Abort,
}

impl Decision {
    /// Both decisions.
    pub const ALL: [Self; 2] = [Self::Commit, Self::Abort];
}

/// The state of each resource manager.
pub type RmStates = Packed<Rm, RmState>;

/// AC1: all resource managers that decide reach the same decision (Bernstein, Hadzilacos & Goodman 1987, chapter 7; TCConsistent in TCommit.tla).
pub fn ac1(rms: &RmStates) -> bool {
    !(rms.contains(RmState::Committed) && rms.contains(RmState::Aborted))
}

/// AC2 of one step: a resource manager does not take its decision back.
pub fn ac2(before: &RmStates, after: &RmStates) -> bool {
    before == after
        || before
            .iter()
            .all(|(rm, was)| !decided(was) || after[rm] == was)
}

/// AC3: a resource manager has committed only if every one was prepared: none is still working, none aborted on its own.
pub fn ac3(rms: &RmStates) -> bool {
    !rms.contains(RmState::Committed) || rms.values().all(can_commit)
}

/// Whether a resource manager in that state has given up its right to abort alone.
pub fn can_commit(rm: RmState) -> bool {
    matches!(rm, RmState::Prepared | RmState::Committed)
}

/// Whether a resource manager in that state has decided.
pub fn decided(rm: RmState) -> bool {
    matches!(rm, RmState::Committed | RmState::Aborted)
}
