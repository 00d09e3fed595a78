//! What is claimed of a log, judged by disks, messages and notices alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::multi::{
    Entries, Entry, Message, Node, Notice, Record, Rule, Slot, Snapshot, Suffix,
};
use concur_cores::paxos::{Ballot, Quorums, Ranked, Voters};
use concur_harness::{Cluster, Packet};

use super::Without;

type Core = Node<u64, Without<Rule>>;

/// What is executed: a command, or a no-op.
type Executed = Option<u64>;

/// Whether all claims hold, or which does not.
pub(crate) type Verdict = Result<(), String>;

/// That it holds, or the claim that does not.
pub(crate) fn holds(holds: bool, claim: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(claim()) }
}

/// The state that executing these has led to: here, the history itself.
pub(crate) fn state_of(executed: &[Executed]) -> Arc<[u8]> {
    let numbers = executed.iter().map(|entry| entry.unwrap_or(0));
    numbers.flat_map(u64::to_le_bytes).collect()
}

fn history(snapshot: &Snapshot) -> Vec<Executed> {
    let numbers = snapshot.state.chunks_exact(8).map(|bytes| {
        let bytes = bytes.try_into().expect("a chunk is eight bytes");
        u64::from_le_bytes(bytes)
    });
    numbers
        .map(|number| (number > 0).then_some(number))
        .collect()
}

fn executed(entry: &Entry<u64>) -> Executed {
    match entry {
        Entry::NoOp => None,
        Entry::Command(command) => Some(*command),
    }
}

/// What is on a node's disk, read record by record.
#[derive(Clone, Default)]
struct Shadow {
    read: usize,
    checkpoint: Option<Record<u64>>,
    promised: Ballot,
    covered: Slot,
    votes: BTreeMap<Slot, Ranked<Executed>>,
}

/// What is remembered of a run.
#[derive(Clone)]
pub(crate) struct Watch {
    quorums: Quorums,
    window: usize,
    /// Commands below were requested.
    pub(crate) requested: u64,
    votes: BTreeMap<(Slot, Ballot), (Executed, Voters)>,
    /// What was chosen in each slot, and first in which ballot.
    pub(crate) chosen: BTreeMap<Slot, Ranked<Executed>>,
    shadows: BTreeMap<NodeId, Shadow>,
    down: Vec<NodeId>,
    executed: BTreeMap<NodeId, Vec<Executed>>,
    /// How often a snapshot was restored.
    pub(crate) restored: usize,
    /// How many slots were executed ahead of the node's own disk.
    pub(crate) ahead: usize,
}

impl Watch {
    pub(crate) fn new(quorums: Quorums, window: usize) -> Self {
        Self {
            quorums,
            window,
            requested: 1,
            votes: BTreeMap::new(),
            chosen: BTreeMap::new(),
            shadows: BTreeMap::new(),
            down: Vec::new(),
            executed: BTreeMap::new(),
            restored: 0,
            ahead: 0,
        }
    }

    /// What that node has executed since it started.
    pub(crate) fn executed(&self, id: NodeId) -> &[Executed] {
        self.executed.get(&id).map_or(&[], Vec::as_slice)
    }

    /// How many ballots have chosen something.
    pub(crate) fn ballots(&self) -> usize {
        let mut ballots: Vec<Ballot> = self.chosen.values().map(|vote| vote.ballot).collect();
        ballots.sort_unstable();
        ballots.dedup();
        ballots.len()
    }

    /// Looks at everything, after each step.
    pub(crate) fn look(&mut self, cluster: &mut Cluster<Core>) -> Verdict {
        let ids: Vec<NodeId> = cluster.ids().collect();
        for id in &ids {
            self.read_disk(cluster, *id)?;
        }
        for packet in cluster.network().packets() {
            self.said_is_synced(packet)?;
        }
        for id in &ids {
            self.heed_notices(cluster, *id)?;
        }
        self.within_window(cluster)?;
        self.chosen_stays()
    }

    fn read_disk(&mut self, cluster: &Cluster<Core>, id: NodeId) -> Verdict {
        let records = cluster.disk(id).durable();
        let mut shadow = self.shadows.remove(&id).unwrap_or_default();
        let checkpoint = records
            .first()
            .filter(|record| matches!(record, Record::Checkpoint { .. }));
        if checkpoint != shadow.checkpoint.as_ref() {
            shadow.checkpoint = checkpoint.cloned();
            shadow.read = 0;
        }
        for record in &records[shadow.read..] {
            self.read_record(id, &mut shadow, record)?;
        }
        shadow.read = records.len();
        self.shadows.insert(id, shadow);
        Ok(())
    }

    fn read_record(&mut self, id: NodeId, shadow: &mut Shadow, record: &Record<u64>) -> Verdict {
        match record {
            Record::Promised(ballot) => shadow.promised = *ballot,
            Record::Accepted {
                ballot,
                first,
                entries,
                ..
            } => {
                shadow.promised = *ballot;
                for (slot, value) in slots(*first, entries) {
                    shadow.votes.insert(slot, Ranked::new(*ballot, value));
                    self.vote(id, slot, *ballot, value)?;
                }
            }
            Record::Learned { first, entries } => {
                for (slot, value) in slots(*first, entries) {
                    self.is_chosen(id, slot, value, "LearnedImpliesChosen")?;
                }
                shadow.covered = shadow.covered.max(first.plus(entries.len()));
            }
            Record::Checkpoint {
                promised,
                snapshot,
                rest,
            } => {
                shadow.promised = *promised;
                self.read_votes(id, shadow, rest)?;
                self.read_snapshot(id, snapshot)?;
                shadow.covered = shadow.covered.max(rest.chosen);
            }
        }
        Ok(())
    }

    fn read_snapshot(&self, id: NodeId, snapshot: &Snapshot) -> Verdict {
        let history = history(snapshot);
        holds(history.len() as u64 == snapshot.upto.0, || {
            format!("TruncatedIsChosen: {id} has forgotten slots that it has not executed")
        })?;
        let mut slots = (0..).map(Slot).zip(history);
        slots.try_for_each(|(slot, value)| self.is_chosen(id, slot, value, "TruncatedIsChosen"))
    }

    /// The votes in a checkpoint, which may have displaced the records of votes before anyone looked. In the lowest ballot there are none, only what was learned.
    fn read_votes(&mut self, id: NodeId, shadow: &mut Shadow, rest: &Suffix<u64>) -> Verdict {
        for (nth, vote) in rest.votes.iter().enumerate() {
            let Some(vote) = vote else { continue };
            let (slot, value) = (rest.first.plus(nth), executed(&vote.value));
            if vote.ballot > Ballot::default() {
                shadow.votes.insert(slot, Ranked::new(vote.ballot, value));
                self.vote(id, slot, vote.ballot, value)?;
            }
            if slot < rest.chosen {
                self.is_chosen(id, slot, value, "LearnedImpliesChosen")?;
            }
        }
        Ok(())
    }

    fn vote(&mut self, id: NodeId, slot: Slot, ballot: Ballot, value: Executed) -> Verdict {
        let valid = value.is_none_or(|command| command < self.requested);
        holds(valid, || format!("Validity: {value:?} in {slot}"))?;
        let Some(position) = self.quorums.position(id) else {
            return Ok(());
        };
        let none = (value, Voters::default());
        let (proposed, voters) = self.votes.entry((slot, ballot)).or_insert(none);
        voters.insert(position);
        holds(*proposed == value, || {
            format!("OneProposalPerBallot: {value:?} and {proposed:?} in {slot} in {ballot}")
        })?;
        if !self.quorums.phase2(*voters) {
            return Ok(());
        }
        let vote = Ranked::new(ballot, value);
        let chosen = self.chosen.entry(slot).or_insert(vote);
        holds(chosen.value == value, || {
            format!("Agreement: {value:?} beside {:?} in {slot}", chosen.value)
        })
    }

    fn is_chosen(&self, id: NodeId, slot: Slot, value: Executed, claim: &str) -> Verdict {
        let chosen = self.chosen.get(&slot).map(|vote| vote.value);
        holds(chosen == Some(value), || {
            format!("{claim}: {id} has {value:?} in {slot}, where {chosen:?} was chosen")
        })
    }

    /// What a message says of its sender's disk is there, or something later.
    fn said_is_synced(&self, packet: &Packet<Core>) -> Verdict {
        let shadow = &self.shadows[&packet.from];
        let safe = match &packet.message {
            Message::Phase1a { ballot, .. } | Message::Phase1b { ballot, .. } => {
                shadow.promised >= *ballot
            }
            Message::Phase2b { ballot, first, end } => {
                let mut voted = (first.0..end.0).map(|slot| shadow.votes.get(&Slot(slot)));
                voted.all(|vote| vote.is_some_and(|vote| vote.ballot >= *ballot))
            }
            _ => true,
        };
        holds(safe, || {
            format!("SaidIsSynced: {} {}", packet.from, packet.message)
        })
    }

    fn heed_notices(&mut self, cluster: &mut Cluster<Core>, id: NodeId) -> Verdict {
        let was_down = self.down.contains(&id);
        self.down.retain(|other| *other != id);
        if !cluster.is_up(id) {
            self.down.push(id);
            return Ok(());
        }
        if was_down {
            self.executed.remove(&id);
        }
        for notice in cluster.take_notices(id) {
            self.heed(id, notice)?;
        }
        Ok(())
    }

    fn heed(&mut self, id: NodeId, notice: Notice<u64>) -> Verdict {
        match notice {
            Notice::Chosen { first, entries } => {
                let known = self.executed(id).len();
                holds(first.0 == known as u64, || {
                    format!("ExecutedInOrder: {id} executes {first} after {known} slots")
                })?;
                for (slot, value) in slots(first, &entries) {
                    self.is_chosen(id, slot, value, "LearnedImpliesChosen")?;
                    let shadow = &self.shadows[&id];
                    let synced = slot < shadow.covered || shadow.votes.contains_key(&slot);
                    self.ahead += usize::from(!synced);
                    self.executed.entry(id).or_default().push(value);
                }
            }
            Notice::Restored(snapshot) => {
                self.restored += 1;
                self.executed.insert(id, history(&snapshot));
            }
            Notice::Leading(_) | Notice::Deposed | Notice::Rejected { .. } => {}
        }
        Ok(())
    }

    /// No replica has voted, and so no leader proposed, further ahead of what it knows to be chosen than the window reaches.
    fn within_window(&self, cluster: &Cluster<Core>) -> Verdict {
        let ahead = |core: &Core| core.log().end().since(core.log().chosen());
        let mut far = cluster.up().filter(|(_, core)| ahead(core) > self.window);
        let found = far.next();
        holds(found.is_none(), || {
            format!("WithinWindow: {found:?} is too far ahead")
        })
    }

    /// What was chosen is on the disks of a phase-2 quorum, each of which has voted so in that ballot or later, or knows that it was chosen.
    fn chosen_stays(&self) -> Verdict {
        self.chosen
            .iter()
            .try_for_each(|(slot, chosen)| self.slot_stays(*slot, chosen))
    }

    fn slot_stays(&self, slot: Slot, chosen: &Ranked<Executed>) -> Verdict {
        let mut keepers = Voters::default();
        for (position, id) in self.quorums.members().iter().enumerate() {
            let shadow = &self.shadows[id];
            let voted = shadow.votes.get(&slot);
            let keeps = voted.is_some_and(|v| v.ballot >= chosen.ballot && v.value == chosen.value);
            if keeps || slot < shadow.covered {
                keepers.insert(position);
            }
        }
        holds(self.quorums.phase2(keepers), || {
            format!(
                "ChosenStays: {:?} of {slot} is on too few disks",
                chosen.value
            )
        })
    }
}

fn slots(first: Slot, entries: &Entries<u64>) -> impl Iterator<Item = (Slot, Executed)> + '_ {
    let values = entries.iter().map(executed);
    values
        .enumerate()
        .map(move |(nth, value)| (first.plus(nth), value))
}
