//! The state of a replicated log: replicas, leaders, what was proposed; and what can be read off it.

use crate::kit::{Disk, Faults, NodeSet, PerNode, Process, symmetry::Permutation};
use crate::paxos::{Acceptor, Ballot};

use crate::paxos::multi::spec::Chosen;
use crate::paxos::multi::{Entry, MAX_BALLOTS, MAX_REPLICAS, PerSlot, Ranked, RankedSet, Slot};

/// Everything there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The replicas, each an acceptor and a learner, with the messages that it has sent.
    pub replicas: PerNode<Acceptor, Replica, MAX_REPLICAS>,
    /// The leader of each ballot, once it has heard from a quorum.
    pub leaders: [Option<Leader>; MAX_BALLOTS],
    /// The proposals that were ever sent (2a), slot by slot.
    pub proposals: PerSlot<RankedSet>,
    /// How often a fault has struck.
    pub faults: Faults,
}

/// A replica, and the messages that it has ever sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replica {
    /// Its disk, and its memory while it is up.
    pub process: Process<Stable, Executed>,
    /// Its promises (1b), ballot by ballot.
    pub promises: [Option<Promise>; MAX_BALLOTS],
    /// Its votes (2b), slot by slot.
    pub cast: PerSlot<RankedSet>,
}

/// What is on a replica's disk. Each change is synced before anyone hears of it, in the same step: what happens in between is the
/// subject of [`durable_paxos`](crate::paxos::durable).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    /// The highest ballot that it has promised or voted in.
    pub max_bal: Ballot,
    /// Its last vote in each slot, unless that is truncated.
    pub votes: PerSlot<Ranked>,
    /// The snapshot: what was executed in the slots that are truncated.
    pub snapshot: Executed,
}

impl Disk for Stable {
    /// All of it is synced.
    fn crash(&mut self) {}
}

/// The slots that were executed, from the first on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Executed {
    /// The watermark: the number of slots, and so the index of the first that is not among them.
    pub len: u8,
    /// What was executed; the no-op in slots that were not.
    pub entries: PerSlot<Entry>,
}

/// A promise: what a replica tells the leader of a ballot of all slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Promise {
    /// Everything below is chosen.
    pub watermark: u8,
    /// The replica's last votes in the slots from there on.
    pub votes: PerSlot<Ranked>,
}

/// What a leader has learned in phase 1: the highest watermark of a quorum, and of the votes reported for each slot the last one.
pub type Leader = Promise;

impl Executed {
    /// None of `slots` slots.
    pub fn none(slots: usize) -> Self {
        Self {
            len: 0,
            entries: PerNode::all(slots, Entry::NO_OP),
        }
    }

    /// The slots, each with what was executed.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, Entry)> {
        let all = self.entries.iter().map(|(slot, &entry)| (slot, entry));
        all.take(self.len as usize)
    }

    /// The same up to and with `slot`, for which it was `entry`.
    pub fn with(mut self, slot: Slot, entry: Entry) -> Self {
        self.entries[slot] = entry;
        self.len = self.len.max(slot.0 + 1);
        self
    }

    /// The first `len` slots of it.
    pub fn first(&self, len: u8) -> Self {
        let slots = self.entries.values().len();
        let kept = self.iter().take(len as usize);
        let first = kept.fold(Self::none(slots), |all, (slot, entry)| {
            all.with(slot, entry)
        });
        Self { len, ..first }
    }
}

impl Promise {
    /// It says nothing.
    pub fn blank(slots: usize) -> Self {
        Self {
            watermark: 0,
            votes: PerNode::all(slots, Ranked::NONE),
        }
    }

    /// Whether `slot` is a gap: nothing is reported for it, and something is for a later one.
    pub fn is_gap(&self, slot: Slot) -> bool {
        let later = self.votes.iter().filter(|(other, _)| *other > slot);
        self.votes[slot].is_none() && later.into_iter().any(|(_, vote)| !vote.is_none())
    }
}

impl State {
    /// Nobody has heard of any ballot.
    pub fn initial(replicas: usize, slots: usize) -> Self {
        let disk = Stable {
            max_bal: Ballot::NONE,
            votes: PerNode::all(slots, Ranked::NONE),
            snapshot: Executed::none(slots),
        };
        let replica = Replica {
            process: Process::new(disk, Executed::none(slots)),
            promises: [None; MAX_BALLOTS],
            cast: PerNode::all(slots, NodeSet::empty()),
        };
        Self {
            replicas: PerNode::all(replicas, replica),
            leaders: [None; MAX_BALLOTS],
            proposals: PerNode::all(slots, NodeSet::empty()),
            faults: Faults::default(),
        }
    }

    /// Whether more than half of the replicas have voted so.
    pub fn is_chosen(&self, slot: Slot, ranked: Ranked) -> bool {
        let voted = |replica: &&Replica| replica.cast[slot].contains(ranked);
        let replicas = self.replicas.values();
        2 * replicas.iter().filter(voted).count() > replicas.len()
    }

    /// The entries chosen, slot by slot. Only what was proposed can have votes.
    pub fn chosen(&self) -> Chosen {
        PerNode::from_fn(self.proposals.values().len(), |slot| {
            let chosen = self.proposals[slot]
                .iter()
                .filter(|&r| self.is_chosen(slot, r));
            chosen.map(|ranked| ranked.entry).collect()
        })
    }

    /// The entries proposed for a slot in a ballot.
    pub fn proposed(&self, slot: Slot, bal: Ballot) -> impl Iterator<Item = Entry> {
        let of_ballot = self.proposals[slot].iter().filter(move |r| r.bal == bal);
        of_ballot.map(|ranked| ranked.entry)
    }

    /// The leader of a ballot.
    pub fn leader(&self, bal: Ballot) -> Option<&Leader> {
        self.leaders[bal.0 as usize].as_ref()
    }
}

// ------------------------------------------------------------------------------------------------------------- Symmetry

impl State {
    /// The same, with commands under other names.
    pub fn renamed(&self, commands: &Permutation) -> Self {
        let mut to = *self;
        for replica in to.replicas.values_mut() {
            *replica = replica.renamed(commands);
        }
        for leader in &mut to.leaders {
            *leader = leader.map(|known| known.renamed(commands));
        }
        to.proposals = map(&self.proposals, |all| renamed_set(all, commands));
        to
    }
}

impl Replica {
    fn renamed(&self, commands: &Permutation) -> Self {
        let disk = |disk: &Stable| Stable {
            votes: map(&disk.votes, |vote| vote.renamed(commands)),
            snapshot: disk.snapshot.renamed(commands),
            ..*disk
        };
        Self {
            process: self.process.map(disk, |known| known.renamed(commands)),
            promises: self.promises.map(|sent| sent.map(|p| p.renamed(commands))),
            cast: map(&self.cast, |all| renamed_set(all, commands)),
        }
    }
}

impl Executed {
    fn renamed(&self, commands: &Permutation) -> Self {
        Self {
            entries: map(&self.entries, |entry| entry.renamed(commands)),
            ..*self
        }
    }
}

impl Promise {
    fn renamed(&self, commands: &Permutation) -> Self {
        Self {
            votes: map(&self.votes, |vote| vote.renamed(commands)),
            ..*self
        }
    }
}

impl Ranked {
    fn renamed(self, commands: &Permutation) -> Self {
        Self {
            entry: self.entry.renamed(commands),
            ..self
        }
    }
}

impl Entry {
    fn renamed(self, commands: &Permutation) -> Self {
        match self {
            Self::NO_OP => self,
            Self(command) => Self(commands.apply(Self(command - 1)).0 + 1),
        }
    }
}

fn renamed_set(all: RankedSet, commands: &Permutation) -> RankedSet {
    all.iter().map(|ranked| ranked.renamed(commands)).collect()
}

fn map<T: Copy>(all: &PerSlot<T>, renamed: impl Fn(T) -> T) -> PerSlot<T> {
    PerNode::from_fn(all.values().len(), |slot| renamed(all[slot]))
}
