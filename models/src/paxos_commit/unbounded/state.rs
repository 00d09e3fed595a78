//! The state of PaxosCommit.tla, whatever the number of ballots, and what can be read off it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::{Ballot, Vote};
use crate::kit::PerNode;
use crate::paxos_commit::messages::Message as FlatMessage;
use crate::paxos_commit::state::{Memory as FlatMemory, State as FlatState};
use crate::paxos_commit::{self as flat, Acceptor, Rm, Value};
use crate::two_phase::{RmState, RmStates};

/// The variables of PaxosCommit.tla.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `rmState`: the state of each resource manager.
    pub rm_state: RmStates,
    /// `aState`: what acceptors remember of each resource manager's instance.
    pub acceptors: Memories,
    /// `msgs`: every message ever sent.
    pub msgs: Messages,
}

/// What each acceptor remembers of each instance: of those that are missing, nothing. Shared, since most steps of whoever refines this change none.
pub type Memories = Arc<BTreeMap<(Rm, Acceptor), Memory>>;

/// A set of messages that only grows; shared likewise.
pub type Messages = Arc<BTreeSet<Message>>;

/// What an acceptor remembers of one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// `mbal`: the highest ballot that it has promised or voted in; ballot 0 needs no promise.
    pub max_bal: Ballot,
    /// `bal` and `val`: its last vote.
    pub vote: Option<Vote>,
}

/// A message. Everyone can read every message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// All resource managers are to commit.
    Commit,
    /// All resource managers are to abort.
    Abort,
    /// The leader of a ballot of an instance asks for promises.
    P1a(Rm, Ballot),
    /// An acceptor promises a ballot of an instance, and reports its last vote in a lower one.
    P1b(Rm, Acceptor, Ballot, Option<Vote>),
    /// A value is proposed in a ballot of an instance: by the resource manager itself in ballot 0, by a leader above.
    P2a(Rm, Vote),
    /// An acceptor votes in an instance.
    P2b(Rm, Acceptor, Vote),
}

impl State {
    /// Resource managers that work, and acceptors that have not heard of them.
    pub fn initial(rms: usize) -> Self {
        Self {
            rm_state: RmStates::all(rms, RmState::Working),
            acceptors: Memories::default(),
            msgs: Messages::default(),
        }
    }

    /// What an acceptor remembers of an instance.
    pub fn memory(&self, rm: Rm, a: Acceptor) -> Memory {
        self.acceptors.get(&(rm, a)).copied().unwrap_or_default()
    }

    /// Lets an acceptor remember something else.
    pub fn remember(&mut self, rm: Rm, a: Acceptor, memory: Memory) {
        if memory != self.memory(rm, a) {
            Arc::make_mut(&mut self.acceptors).insert((rm, a), memory);
        }
    }

    /// Whether that message was sent.
    pub fn was_sent(&self, message: Message) -> bool {
        self.msgs.contains(&message)
    }

    /// Adds a message.
    pub fn send(&mut self, message: Message) {
        if !self.was_sent(message) {
            Arc::make_mut(&mut self.msgs).insert(message);
        }
    }

    /// The values that were proposed in a ballot of an instance.
    pub fn proposals(&self, rm: Rm, bal: Ballot) -> impl Iterator<Item = Vote> + '_ {
        let votes = Value::ALL.map(|val| Vote::new(bal, val)).into_iter();
        votes.filter(move |vote| self.was_sent(Message::P2a(rm, *vote)))
    }

    /// The last votes that an acceptor reported with its promise of a ballot: one report, unless a rule is left out.
    pub fn reports(
        &self,
        rm: Rm,
        a: Acceptor,
        bal: Ballot,
    ) -> impl Iterator<Item = Option<Vote>> + '_ {
        let from = self.msgs.range(Message::P1b(rm, a, bal, None)..);
        from.map_while(move |message| match message {
            Message::P1b(of, by, promised, vote) if (*of, *by, *promised) == (rm, a, bal) => {
                Some(*vote)
            }
            _ => None,
        })
    }

    /// The same in the flat model, whose ballots are numbers.
    ///
    /// # Panics
    /// If it is too large for the flat model.
    pub fn flat(&self, acceptors: usize) -> FlatState {
        let blank = PerNode::all(acceptors, FlatMemory::BLANK);
        let mut flat = FlatState {
            rm_state: self.rm_state,
            acceptors: PerNode::all(self.rm_state.nodes().count(), blank),
            msgs: self.msgs.iter().map(|message| message.flat()).collect(),
        };
        for ((rm, a), memory) in self.acceptors.iter() {
            flat.acceptors[*rm][*a] = FlatMemory {
                max_bal: flat_ballot(memory.max_bal),
                vote: flat_vote(memory.vote),
            };
        }
        flat
    }
}

impl Message {
    fn flat(self) -> FlatMessage {
        match self {
            Self::Commit => FlatMessage::Commit,
            Self::Abort => FlatMessage::Abort,
            Self::P1a(rm, bal) => FlatMessage::P1a(rm, flat_ballot(bal)),
            Self::P1b(rm, a, bal, vote) => {
                FlatMessage::P1b(rm, a, flat_ballot(bal), flat_vote(vote))
            }
            Self::P2a(rm, vote) => FlatMessage::P2a(rm, flat_vote(Some(vote))),
            Self::P2b(rm, a, vote) => FlatMessage::P2b(rm, a, flat_vote(Some(vote))),
        }
    }
}

fn flat_ballot(bal: Ballot) -> flat::Ballot {
    flat::Ballot(i8::try_from(bal.round).expect("a ballot of a flat size"))
}

fn flat_vote(vote: Option<Vote>) -> flat::Vote {
    let flat = |vote: Vote| flat::Vote::new(flat_ballot(vote.bal), vote.val);
    vote.map_or(flat::Vote::NONE, flat)
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit => f.write_str("Commit"),
            Self::Abort => f.write_str("Abort"),
            Self::P1a(rm, bal) => write!(f, "{rm:?}: 1a@{bal:?}"),
            Self::P1b(rm, a, bal, Some(vote)) => {
                write!(f, "{rm:?}: {a:?} 1b@{bal:?} voted {vote:?}")
            }
            Self::P1b(rm, a, bal, None) => write!(f, "{rm:?}: {a:?} 1b@{bal:?}"),
            Self::P2a(rm, vote) => write!(f, "{rm:?}: 2a {vote:?}"),
            Self::P2b(rm, a, vote) => write!(f, "{rm:?}: {a:?} 2b {vote:?}"),
        }
    }
}
