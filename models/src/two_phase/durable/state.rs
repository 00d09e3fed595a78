//! The state of durable two-phase commit, what can be read off it, and its image in TwoPhase.tla.

use std::fmt;

use crate::kit::{Durable, Faults, Id, NodeSet, PerNode, Process, ShortVec};
use crate::two_phase::protocol::{self, TmState};
use crate::two_phase::{Rm, RmState, RmStates, Site};

/// The most participants that a model holds.
pub const MAX_PARTICIPANTS: usize = 4;

/// A coordinator, participants, and all that was ever sent between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The coordinator: its log, and what it remembers.
    pub coordinator: Process<Durable<Log>, Coordinator>,
    /// The participants: the last record of each one's log, and what it remembers.
    pub participants: PerNode<Rm, Participant, MAX_PARTICIPANTS>,
    /// Every message ever sent.
    pub msgs: Messages,
    /// How often sites have crashed.
    pub faults: Faults,
}

/// A participant.
pub type Participant = Process<Durable<Record>, Memory>;

/// The last record in the coordinator's log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// None: presumed abort needs none to abort.
    Empty,
    /// It has decided to commit, and these must be told.
    Commit(NodeSet<Rm>),
    /// All of them have acknowledged.
    End,
}

/// What the coordinator remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coordinator {
    /// It collects votes.
    Collecting(Votes),
    /// It has decided to commit, and waits for its disk and for acknowledgements.
    Committing,
    /// It knows nothing of the transaction.
    Forgotten,
}

/// The votes that have come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Votes {
    /// Who has voted YES.
    pub yes: NodeSet<Rm>,
    /// Who has voted READ.
    pub read: NodeSet<Rm>,
    /// How many votes were counted.
    pub counted: u8,
}

/// The last record in a participant's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Record {
    /// None.
    Empty,
    /// It has prepared.
    Prepared,
    /// It has committed.
    Committed,
    /// It has aborted, after it had prepared.
    Aborted,
}

/// What a participant remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Memory {
    /// It has not voted.
    Working,
    /// It has prepared, and does not know the decision.
    Prepared,
    /// It has committed.
    Committed,
    /// It has aborted.
    Aborted,
    /// It knows nothing of the transaction: it has voted READ, or has lost its work.
    Forgotten,
}

/// The set of all messages ever sent. PREPARE has been sent to everyone before the first state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Messages {
    /// Who has voted YES.
    pub yes: NodeSet<Rm>,
    /// Who has voted READ.
    pub read: NodeSet<Rm>,
    /// Who was told to commit, by whomever.
    pub commit: NodeSet<Rm>,
    /// Who was told to abort, by whomever.
    pub abort: NodeSet<Rm>,
    /// Who has acknowledged COMMIT.
    pub ack: NodeSet<Rm>,
    /// Who has inquired, of the coordinator and of all others.
    pub inquiry: NodeSet<Rm>,
}

impl Messages {
    /// Whether a decision is on its way to a participant.
    pub fn told(&self, rm: Rm) -> bool {
        self.commit.contains(rm) || self.abort.contains(rm)
    }
}

impl Log {
    /// Whether this says that the transaction commits.
    pub fn commits(self) -> bool {
        self != Self::Empty
    }

    fn names(self, rm: Rm) -> bool {
        matches!(self, Self::Commit(who) if who.contains(rm))
    }

    fn renamed(self, names: impl FnOnce(NodeSet<Rm>) -> NodeSet<Rm>) -> Self {
        match self {
            Self::Commit(who) => Self::Commit(names(who)),
            Self::Empty | Self::End => self,
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Commit(who) => write!(f, "commit {who:?}"),
            Self::End => f.write_str("end"),
        }
    }
}

// -------------------------------------------------------------------------------------------------- What can be read off

impl State {
    /// What a participant remembers, if it is up.
    pub fn memory(&self, rm: Rm) -> Option<Memory> {
        self.participants[rm].up().copied()
    }

    /// What a crash would leave of a participant.
    pub fn record(&self, rm: Rm) -> Record {
        *self.participants[rm].disk.synced()
    }

    /// Whether a participant is up, and waits for the decision with its PREPARED record on disk.
    pub fn in_doubt(&self, rm: Rm) -> bool {
        self.memory(rm) == Some(Memory::Prepared) && self.participants[rm].disk.is_synced()
    }

    /// Whether the coordinator is up and knows nothing of the transaction.
    pub fn forgotten(&self) -> bool {
        self.coordinator.up() == Some(&Coordinator::Forgotten)
    }

    /// Whether that site is down.
    pub fn is_down(&self, site: Site) -> bool {
        match site {
            Site::Coordinator => self.coordinator.is_down(),
            Site::Rm(rm) => self.participants[rm].is_down(),
        }
    }

    /// What has been decided: to commit when the commit record is on disk, to abort when the first one was told so.
    ///
    /// Not the other way round: a coordinator that has forgotten a commit answers old inquiries with ABORT, and nobody minds.
    pub fn decision(&self) -> TmState {
        if self.coordinator.disk.synced().commits() {
            TmState::Committed
        } else if self.msgs.abort.is_empty() {
            TmState::Init
        } else {
            TmState::Aborted
        }
    }

    /// The state of a participant in TwoPhase.tla: what its log says, or what it has given up by not having one.
    ///
    /// One that has voted READ is prepared for ever. One without a record that is down, or has come back, has lost its work, and so has aborted.
    pub fn image(&self, rm: Rm) -> RmState {
        match (self.record(rm), self.memory(rm)) {
            (Record::Prepared, _) => RmState::Prepared,
            (Record::Committed, _) => RmState::Committed,
            (Record::Aborted, _) => RmState::Aborted,
            (Record::Empty, _) if self.msgs.read.contains(rm) => RmState::Prepared,
            (Record::Empty, None | Some(Memory::Aborted | Memory::Forgotten)) => RmState::Aborted,
            (Record::Empty, Some(_)) => RmState::Working,
        }
    }

    /// The images of all participants.
    pub fn images(&self) -> RmStates {
        let nodes = self.participants.nodes();
        let mut images = RmStates::all(nodes.clone().count(), RmState::Working);
        for rm in nodes {
            images.set(rm, self.image(rm));
        }
        images
    }

    /// The state in TwoPhase.tla. Its transaction manager counts the votes in the moment in which it commits, and otherwise none.
    pub fn two_phase(&self) -> protocol::State {
        let rm_state = self.images();
        let tm_state = self.decision();
        let logged = |rm: &Rm| self.record(*rm) != Record::Empty || self.msgs.read.contains(*rm);
        protocol::State {
            rm_state,
            tm_state,
            tm_prepared: match tm_state {
                TmState::Committed => rm_state.nodes().collect(),
                TmState::Init | TmState::Aborted => NodeSet::empty(),
            },
            msgs: protocol::Messages {
                prepared: rm_state.nodes().filter(logged).collect(),
                commit: tm_state == TmState::Committed,
                abort: tm_state == TmState::Aborted,
            },
        }
    }

    /// Whether a participant acts as one that has committed, or would after a crash.
    pub fn has_committed(&self, rm: Rm) -> bool {
        self.memory(rm) == Some(Memory::Committed) || self.image(rm) == RmState::Committed
    }

    /// Whether a participant acts as one that has aborted, or would after a crash.
    pub fn has_aborted(&self, rm: Rm) -> bool {
        self.memory(rm) == Some(Memory::Aborted) || self.image(rm) == RmState::Aborted
    }

    /// Whether the coordinator has decided to commit, or a participant acts as if it had.
    pub fn commits(&self) -> bool {
        let mut participants = self.participants.nodes();
        self.decision() == TmState::Committed || participants.any(|rm| self.has_committed(rm))
    }
}

// -------------------------------------------------------------------------------------------------------------- Symmetry

impl State {
    fn votes(&self) -> Votes {
        match self.coordinator.up() {
            Some(Coordinator::Collecting(votes)) => *votes,
            _ => Votes::default(),
        }
    }

    /// All that is known of a participant.
    fn all_of(&self, rm: Rm) -> (Participant, [bool; 10]) {
        let (votes, log, msgs) = (self.votes(), self.coordinator.disk, &self.msgs);
        let known = [
            msgs.yes.contains(rm),
            msgs.read.contains(rm),
            msgs.commit.contains(rm),
            msgs.abort.contains(rm),
            msgs.ack.contains(rm),
            msgs.inquiry.contains(rm),
            votes.yes.contains(rm),
            votes.read.contains(rm),
            log.synced().names(rm),
            log.written().names(rm),
        ];
        (self.participants[rm], known)
    }

    /// Nothing relates two participants, so sorting all that is known of each is exact.
    pub fn sorted(&self) -> Self {
        let mut order: ShortVec<Rm, MAX_PARTICIPANTS> = self.participants.nodes().collect();
        order.sort_unstable_by_key(|&rm| self.all_of(rm));
        let set = |old: NodeSet<Rm>| -> NodeSet<Rm> {
            let places = Rm::first(order.len()).zip(order.iter());
            let members = places.filter(|(_, was)| old.contains(**was));
            members.map(|(new, _)| new).collect()
        };
        let mut t = *self;
        for (new, &old) in Rm::first(order.len()).zip(order.iter()) {
            t.participants[new] = self.participants[old];
        }
        if let Some(Coordinator::Collecting(votes)) = t.coordinator.up_mut() {
            votes.yes = set(votes.yes);
            votes.read = set(votes.read);
        }
        let log = self.coordinator.disk;
        t.coordinator.disk = Durable::new(log.synced().renamed(set));
        t.coordinator.disk.write(log.written().renamed(set));
        t.msgs = Messages {
            yes: set(self.msgs.yes),
            read: set(self.msgs.read),
            commit: set(self.msgs.commit),
            abort: set(self.msgs.abort),
            ack: set(self.msgs.ack),
            inquiry: set(self.msgs.inquiry),
        };
        t
    }
}
