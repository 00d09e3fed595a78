//! What has happened, beyond what the servers know: who led, what was committed, what was applied, what was sent.

use std::collections::{BTreeMap, BTreeSet};

use concur_cores::NodeId;
use concur_cores::codec::Decode as _;
use concur_cores::raft::{
    Answer, Ballot, Body, Entry, Message, Notice, Position, Receipt, Record, Role, Snapshot,
};
use concur_harness::{Cluster, Packet};

use super::Server;

/// A committed entry, and the term of the leader that committed it.
pub(crate) type Committed = (Entry<u64>, u64);

/// What a disk holds, read independently of the core.
#[derive(Clone, Default)]
pub(crate) struct Durable {
    pub(crate) ballot: Ballot,
    pub(crate) snapshot: Snapshot,
    pub(crate) log: Vec<Entry<u64>>,
}

impl Durable {
    fn read(records: &[Record<u64>]) -> Self {
        let mut disk = Self::default();
        for record in records {
            match record.clone() {
                Record::Ballot(ballot) => disk.ballot = ballot,
                Record::Append { after, entries } => {
                    let kept = after - disk.snapshot.last.index;
                    disk.log.truncate(kept as usize);
                    disk.log.extend_from_slice(&entries);
                }
                Record::Checkpoint {
                    ballot,
                    snapshot,
                    entries,
                } => {
                    disk.ballot = ballot;
                    disk.snapshot = snapshot;
                    disk.log = entries.to_vec();
                }
            }
        }
        disk
    }

    /// Whether the disk has that entry at that index; if a snapshot covers it, it has.
    pub(crate) fn has(&self, index: u64, term: u64) -> bool {
        let start = self.snapshot.last.index;
        index <= start || self.log.get((index - start) as usize - 1).map(|e| e.term) == Some(term)
    }
}

/// What a server was before the step.
#[derive(Clone)]
pub(crate) struct Before {
    pub(crate) server: Server,
    pub(crate) unsynced: usize,
}

/// The state machine of a server's host: the commands that it has applied.
#[derive(Clone, Default)]
pub(crate) struct Host {
    pub(crate) applied: u64,
    pub(crate) commands: Vec<u64>,
}

/// What has happened.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) leaders: BTreeMap<u64, NodeId>,
    pub(crate) committed: Vec<Committed>,
    pub(crate) before: BTreeMap<NodeId, Before>,
    pub(crate) disks: BTreeMap<NodeId, Durable>,
    seen: BTreeMap<NodeId, (usize, Option<Record<u64>>)>,
    pub(crate) hosts: BTreeMap<NodeId, Host>,
    /// Who asked for votes, or pre-votes, in which term, and the end of its log.
    pub(crate) asked: BTreeSet<(NodeId, u64)>,
    pub(crate) pre_asked: BTreeSet<(NodeId, u64, (u64, u64))>,
    /// Who has given a vote, or a pre-vote, in which term, and to whom.
    pub(crate) votes: BTreeMap<(NodeId, u64), NodeId>,
    pub(crate) pre_votes: BTreeSet<(NodeId, u64, NodeId)>,
    /// Who was asked to take over, in which term.
    pub(crate) handed: BTreeSet<(NodeId, u64)>,
    /// Completions that disks have reported.
    pub(crate) receipts: BTreeMap<NodeId, Vec<Receipt>>,
    /// How often what was seen, for the witnesses.
    pub(crate) seen_events: BTreeMap<&'static str, u64>,
    /// How many messages were on their way before the step, and the last of them.
    packets: (usize, Option<Packet<Server>>),
    /// Where, on the network, those begin that were sent in the last step.
    pub(crate) new_packets: usize,
}

impl History {
    /// Counts something that a run should have shown.
    pub(crate) fn witness(&mut self, event: &'static str) {
        *self.seen_events.entry(event).or_default() += 1;
    }

    /// Takes note of what the last step has done; `Err` says what it broke.
    pub(crate) fn observe(&mut self, cluster: &mut Cluster<Server>) -> Result<(), String> {
        self.read_disks(cluster);
        self.read_packets(cluster)?;
        let ids: Vec<NodeId> = cluster.up().map(|(id, _)| id).collect();
        for &id in &ids {
            self.note_leader(cluster.core(id))?;
        }
        for &id in &ids {
            self.note_commit(cluster.core(id))?;
            self.note_receipt(cluster.core(id));
        }
        // A host goes down with its server. Its boot number would not tell: one that was never synced comes again.
        self.hosts.retain(|id, _| ids.contains(id));
        for &id in &ids {
            let notices = cluster.take_notices(id);
            self.host(cluster.core(id), notices)?;
        }
        Ok(())
    }

    /// Forgets what was before; to be called when the checks of a step are done.
    pub(crate) fn turn(&mut self, cluster: &Cluster<Server>) {
        let remembered = |(id, server): (NodeId, &Server)| {
            let unsynced = cluster.disk(id).unsynced();
            let server = server.clone();
            (id, Before { server, unsynced })
        };
        self.before = cluster.up().map(remembered).collect();
        let packets = cluster.network().packets();
        self.packets = (packets.len(), packets.last().cloned());
    }

    fn read_disks(&mut self, cluster: &Cluster<Server>) {
        for id in cluster.ids() {
            let records = cluster.disk(id).durable();
            let mark = (records.len(), records.last().cloned());
            if self.seen.get(&id) != Some(&mark) {
                self.disks.insert(id, Durable::read(records));
                self.seen.insert(id, mark);
            }
        }
    }

    /// What was sent in the last step is at the end of the network; a step takes at most one message away.
    fn read_packets(&mut self, cluster: &Cluster<Server>) -> Result<(), String> {
        let packets = cluster.network().packets();
        let (many, last) = &self.packets;
        let before = many.saturating_sub(1);
        let untouched = *many > 0 && packets.get(before) == last.as_ref();
        self.new_packets = before + usize::from(untouched);
        let packets: Vec<_> = packets.get(self.new_packets..).unwrap_or_default().to_vec();
        packets
            .iter()
            .try_for_each(|packet| self.read_packet(packet))
    }

    fn read_packet(&mut self, packet: &Packet<Server>) -> Result<(), String> {
        let Packet { from, to, message } = packet;
        let Message { term, body } = message;
        match body {
            Body::RequestVoteRequest { .. } => {
                self.asked.insert((*from, *term));
            }
            Body::PreVoteRequest { last } => {
                self.pre_asked
                    .insert((*from, *term, (last.term, last.index)));
            }
            Body::PreVoteResponse { granted: true } => {
                self.pre_votes.insert((*from, *term, *to));
            }
            Body::RequestVoteResponse { granted: true } => {
                let first = *self.votes.entry((*from, *term)).or_insert(*to);
                if first != *to {
                    return Err(format!(
                        "One Vote: {from} voted for {first} and {to} in {term}"
                    ));
                }
                if !self.asked.contains(&(*to, *term)) {
                    return Err(format!("Votes Are True: {to} did not stand in {term}"));
                }
            }
            Body::TimeoutNow => {
                self.handed.insert((*to, *term));
                self.witness("a leader hands over");
            }
            Body::AppendEntriesResponse(Answer::Refused { .. }) => {
                self.witness("entries are refused");
            }
            _ => {}
        }
        Ok(())
    }

    /// Election Safety (§5.2, Figure 3).
    fn note_leader(&mut self, server: &Server) -> Result<(), String> {
        if server.role() != Role::Leader {
            return Ok(());
        }
        let term = server.ballot().term;
        let known = self.leaders.get(&term).copied();
        match known {
            None => {
                self.leaders.insert(term, server.id());
                self.witness("a server leads");
                Ok(())
            }
            Some(leader) if leader == server.id() => Ok(()),
            Some(leader) => Err(format!(
                "Election Safety: {leader} and {} lead in {term}",
                server.id()
            )),
        }
    }

    /// State Machine Safety (§5.4.3, Figure 3): what one takes for committed, no other takes for something else.
    fn note_commit(&mut self, server: &Server) -> Result<(), String> {
        let before = self.before.get(&server.id());
        let from = before.map_or(0, |before| before.server.commit_index());
        let start = server.snapshot().last;
        self.same_snapshot(start)?;
        for index in from.max(start.index) + 1..=server.commit_index() {
            let at = (index - start.index) as usize - 1;
            let Some(entry) = server.entries().get(at) else {
                return Err(format!("{} has not all that it has committed", server.id()));
            };
            match self.committed.get(index as usize - 1) {
                None => {
                    self.committed.push((entry.clone(), server.ballot().term));
                    self.witness("an entry is committed");
                }
                Some((known, _)) if known == entry => {}
                Some((known, _)) => {
                    return Err(format!(
                        "State Machine Safety: {} takes {entry:?} at {index} for committed, not {known:?}",
                        server.id()
                    ));
                }
            }
        }
        Ok(())
    }

    fn same_snapshot(&self, last: Position) -> Result<(), String> {
        let known = (last.index as usize).checked_sub(1);
        let known = known.map(|at| self.committed.get(at).map(|(entry, _)| entry.term));
        match known {
            None => Ok(()),
            Some(term) if term == Some(last.term) => Ok(()),
            Some(_) => Err(format!("State Machine Safety: a snapshot of {last}")),
        }
    }

    fn note_receipt(&mut self, server: &Server) {
        let receipt = Receipt {
            term: server.ballot().term,
            index: server.synced(),
            boot: server.ballot().boot,
        };
        let receipts = self.receipts.entry(server.id()).or_default();
        if receipt.index > 0 && receipts.last() != Some(&receipt) {
            receipts.push(receipt);
        }
    }

    /// The host applies what it is told, in order, and nothing but what was committed.
    fn host(&mut self, server: &Server, notices: Vec<Notice<u64>>) -> Result<(), String> {
        let id = server.id();
        let mut host = self.hosts.remove(&id).unwrap_or_default();
        for notice in notices {
            self.witness_notice(&notice);
            match notice {
                Notice::Apply {
                    index,
                    term,
                    command,
                } => {
                    let synced = self
                        .disks
                        .get(&id)
                        .is_some_and(|disk| disk.has(index, term));
                    if !synced {
                        self.witness("a command is applied ahead of the own disk");
                    }
                    host.apply(index, command, &self.committed)
                        .map_err(|why| format!("State Machine Safety: {id} {why}"))?;
                }
                Notice::Restore(snapshot) => host
                    .restore(&snapshot, &self.committed)
                    .map_err(|why| format!("State Machine Safety: {id} {why}"))?,
                _ => {}
            }
        }
        self.hosts.insert(id, host);
        Ok(())
    }

    fn witness_notice(&mut self, notice: &Notice<u64>) {
        match notice {
            Notice::Apply { .. } => self.witness("a command is applied"),
            Notice::Restore(_) => self.witness("a snapshot is restored"),
            Notice::Refused { .. } => self.witness("a request is refused"),
            Notice::TransferAbandoned { .. } => self.witness("a transfer is abandoned"),
            _ => {}
        }
    }
}

impl Host {
    fn apply(&mut self, index: u64, command: u64, committed: &[Committed]) -> Result<(), String> {
        let skipped = self.applied as usize..index as usize - 1;
        let all_blank = committed
            .get(skipped)
            .is_some_and(|skipped| skipped.iter().all(|(entry, _)| entry.command.is_none()));
        let (entry, _) = &committed[index as usize - 1];
        if !all_blank || entry.command != Some(command) {
            return Err(format!(
                "applies {command} at {index}, after {}",
                self.applied
            ));
        }
        self.applied = index;
        self.commands.push(command);
        Ok(())
    }

    fn restore(&mut self, snapshot: &Snapshot, committed: &[Committed]) -> Result<(), String> {
        self.commands = Vec::from_bytes(&snapshot.data)
            .map_err(|why| format!("restores {snapshot:?}: {why}"))?;
        self.applied = snapshot.last.index;
        let covered = committed.get(..self.applied as usize).unwrap_or_default();
        let expected = covered.iter().filter_map(|(entry, _)| entry.command);
        if expected.eq(self.commands.iter().copied()) {
            Ok(())
        } else {
            Err(format!("restores {snapshot:?} of something else"))
        }
    }
}
