//! The state of non-blocking atomic commitment: a coordinator and its participants.

use crate::kit::{NodeSet, PerNode};
use crate::two_phase::non_blocking::MAX_PARTICIPANTS;
use crate::two_phase::{Decision, Rm, RmState, RmStates};

/// The sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The coordinator.
    pub coordinator: Coordinator,
    /// The participants.
    pub participants: PerNode<Rm, Participant, MAX_PARTICIPANTS>,
}

/// The coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coordinator {
    /// Whether it is up.
    pub up: bool,
    /// Whom it has asked.
    pub asked: NodeSet<Rm>,
    /// Whose votes it has.
    pub votes: NodeSet<Rm>,
    /// What it has decided.
    pub decision: Option<Decision>,
    /// To whom it has sent that.
    pub told: NodeSet<Rm>,
}

/// A participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Participant {
    /// Whether it is up.
    pub up: bool,
    /// Whether its vote is YES.
    pub yes: bool,
    /// Whether it has voted.
    pub voted: bool,
    /// The decision that it has taken up, from the coordinator or another participant.
    pub taken_up: Option<Decision>,
    /// To whom it has forwarded that.
    pub forwarded: NodeSet<Rm>,
    /// What it has decided.
    pub decision: Option<Decision>,
}

impl State {
    /// The state in TCommit.tla.
    pub fn images(&self) -> RmStates {
        let mut images = RmStates::all(self.participants.values().len(), RmState::Working);
        for (rm, p) in self.participants.iter() {
            let image = match p.decision {
                Some(Decision::Commit) => RmState::Committed,
                Some(Decision::Abort) => RmState::Aborted,
                None if p.voted && p.yes => RmState::Prepared,
                None => RmState::Working,
            };
            images.set(rm, image);
        }
        images
    }

    /// The participants that are up.
    pub fn up(&self) -> impl Iterator<Item = (Rm, &Participant)> {
        self.participants.iter().filter(|(_, p)| p.up)
    }
}
