//! The state of Paxos.tla, slot by slot: what acceptors remember and what was sent; and what can be read off it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::{Ballot, Slot, Value, Vote};
use crate::kit::{Id, PerNode};
use crate::paxos::messages::Message as FlatMessage;
use crate::paxos::state::{Memory as FlatMemory, State as FlatState};
use crate::paxos::{self, Acceptor};

/// The variables of Paxos.tla.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What each acceptor remembers.
    pub acceptors: Vec<Memory>,
    /// `msgs`: every message ever sent.
    pub msgs: Messages,
}

/// A set of messages that only grows: shared, since most steps of whoever refines this send none.
pub type Messages = Arc<BTreeSet<Message>>;

/// What an acceptor remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// `maxBal`: the highest ballot that it has promised or voted in, if there is one.
    pub max_bal: Option<Ballot>,
    /// `maxVBal` and `maxVal`, slot by slot.
    pub votes: Votes,
}

/// An acceptor's last vote in each slot in which it has voted.
pub type Votes = BTreeMap<Slot, Vote>;

/// A message. Everyone can read every message.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// The leader of a ballot asks for promises.
    P1a(Ballot),
    /// An acceptor promises a ballot, and reports its last votes in lower ones.
    P1b(Acceptor, Ballot, Votes),
    /// A value is proposed for a slot.
    P2a(Slot, Vote),
    /// An acceptor votes.
    P2b(Acceptor, Slot, Vote),
}

impl State {
    /// Acceptors that have not heard of any ballot.
    pub fn initial(acceptors: usize) -> Self {
        Self {
            acceptors: vec![Memory::default(); acceptors],
            msgs: Messages::default(),
        }
    }

    /// What an acceptor remembers.
    pub fn memory(&self, a: Acceptor) -> &Memory {
        &self.acceptors[a.index()]
    }

    /// The proposals for a slot.
    pub fn proposals(&self, slot: Slot) -> impl Iterator<Item = Vote> + '_ {
        let lowest = Vote::new(Ballot(0), Value(0));
        let from = self.msgs.range(Message::P2a(slot, lowest)..);
        from.map_while(move |message| match message {
            Message::P2a(of, vote) if *of == slot => Some(*vote),
            _ => None,
        })
    }

    /// Whether something was proposed for a slot in a ballot.
    pub fn proposed(&self, slot: Slot, bal: Ballot) -> bool {
        self.proposals(slot).any(|vote| vote.bal == bal)
    }

    /// What an acceptor reported with its promise of a ballot, if it has promised: one report, unless a rule is left out.
    pub fn reports(&self, a: Acceptor, bal: Ballot) -> impl Iterator<Item = &Votes> {
        let from = self.msgs.range(Message::P1b(a, bal, Votes::new())..);
        from.map_while(move |message| match message {
            Message::P1b(by, of, votes) if (*by, *of) == (a, bal) => Some(votes),
            _ => None,
        })
    }

    /// What an acceptor voted for in a slot in a ballot, if it did: one vote, unless a rule is left out.
    pub fn vote_in(&self, a: Acceptor, slot: Slot, bal: Ballot) -> Option<Vote> {
        let least = Message::P2b(a, slot, Vote::new(bal, Value(0)));
        match self.msgs.range(least..).next()? {
            Message::P2b(by, of, vote) if (*by, *of, vote.bal) == (a, slot, bal) => Some(*vote),
            _ => None,
        }
    }

    /// Adds a message.
    pub fn send(&mut self, message: Message) {
        Arc::make_mut(&mut self.msgs).insert(message);
    }

    /// Whether an acceptor has cast that vote.
    pub fn voted(&self, a: Acceptor, slot: Slot, vote: Vote) -> bool {
        self.msgs.contains(&Message::P2b(a, slot, vote))
    }

    /// The same, as whoever looks at that slot alone sees it: in which ballot an acceptor takes part there, its messages say.
    ///
    /// # Panics
    /// If that is too large for the flat model.
    pub fn seen_in(&self, slot: Slot) -> FlatState {
        let blank = PerNode::all(self.acceptors.len(), FlatMemory::BLANK);
        let mut flat = FlatState {
            acceptors: blank,
            msgs: self.msgs.iter().filter_map(|m| m.seen_in(slot)).collect(),
        };
        for (a, memory) in flat.acceptors.nodes().zip(&self.acceptors) {
            flat.acceptors[a].vote = flat_vote(memory.votes.get(&slot));
        }
        for message in flat.msgs.iter() {
            if let FlatMessage::P1b(a, bal, _) | FlatMessage::P2b(a, paxos::Vote { bal, .. }) =
                message
            {
                let memory = &mut flat.acceptors[a];
                memory.max_bal = memory.max_bal.max(bal);
            }
        }
        flat
    }
}

impl Message {
    /// What it is in that slot alone, if it is anything there.
    fn seen_in(&self, slot: Slot) -> Option<FlatMessage> {
        Some(match self {
            Self::P1a(bal) => FlatMessage::P1a(flat_ballot(*bal)),
            Self::P1b(a, bal, votes) => {
                FlatMessage::P1b(*a, flat_ballot(*bal), flat_vote(votes.get(&slot)))
            }
            Self::P2a(of, vote) if *of == slot => FlatMessage::P2a(flat_vote(Some(vote))),
            Self::P2b(a, of, vote) if *of == slot => FlatMessage::P2b(*a, flat_vote(Some(vote))),
            Self::P2a(..) | Self::P2b(..) => return None,
        })
    }
}

fn flat_ballot(bal: Ballot) -> paxos::Ballot {
    paxos::Ballot(i8::try_from(bal.0).expect("a ballot of a flat size"))
}

fn flat_vote(vote: Option<&Vote>) -> paxos::Vote {
    let value = |val: Value| paxos::Value(u8::try_from(val.0).expect("a value of a flat size"));
    let flat = |vote: &Vote| paxos::Vote::new(flat_ballot(vote.bal), value(vote.val));
    vote.map_or(paxos::Vote::NONE, flat)
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P1a(bal) => write!(f, "1a@{bal:?}"),
            Self::P1b(a, bal, votes) => write!(f, "{a:?} 1b@{bal:?} voted {votes:?}"),
            Self::P2a(slot, vote) => write!(f, "{slot:?} 2a {vote:?}"),
            Self::P2b(a, slot, vote) => write!(f, "{slot:?} {a:?} 2b {vote:?}"),
        }
    }
}
