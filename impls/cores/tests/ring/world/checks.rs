//! What must hold in the ring's world on every step, told from outside: by what clients were told, and by what nodes hold.

use std::collections::BTreeMap;

use concur_cores::NodeId;
use concur_cores::ring::hand_over::{Ask, Bytes, Config, Entry, Notice};
use concur_cores::ring::{Ring, Scheme};
use concur_harness::Cluster;
use concur_rules::ring::RingRule as Rule;

use super::{Checked, Core, KEYS, Without, recovered};

/// What was promised to clients, and what nodes were seen to be.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Who made each version of each key that a client knows of.
    versions: BTreeMap<(Bytes, u64), (u64, u64)>,
    /// The writes that were acknowledged, with their versions.
    written: BTreeMap<(u64, u64), (Bytes, u64)>,
    /// Who accepted writes to each key in each epoch.
    writers: BTreeMap<(Bytes, u64), NodeId>,
    /// For each read what the key held at least when it was asked for.
    reads: Vec<u64>,
    answers: usize,
    hand_overs: usize,
    epochs: BTreeMap<NodeId, u64>,
    /// What the nodes that are down will be.
    down: BTreeMap<NodeId, Core>,
}

impl Ledger {
    pub(crate) fn acknowledged(&self, client: u64, sequence: u64) -> bool {
        self.written.contains_key(&(client, sequence))
    }

    pub(crate) fn answers(&self) -> usize {
        self.answers
    }

    pub(crate) fn tally(&self) -> [usize; 3] {
        [self.hand_overs, self.written.len(), self.answers]
    }

    /// The number of a read that begins now.
    pub(crate) fn begin_read(&mut self, key: &Bytes) -> u64 {
        self.reads.push(self.latest(key));
        self.reads.len() as u64 - 1
    }

    fn latest(&self, key: &Bytes) -> u64 {
        let of_key = (key.clone(), 0)..=(key.clone(), u64::MAX);
        self.versions
            .range(of_key)
            .next_back()
            .map_or(0, |((_, version), _)| *version)
    }

    pub(crate) fn check(
        &mut self,
        cluster: &mut Cluster<Core>,
        config: &Config<Scheme, Without<Rule>>,
        rings: &[Ring],
    ) -> Checked {
        for id in cluster.ids().collect::<Vec<_>>() {
            for notice in cluster.take_notices(id) {
                self.notice(id, &notice, rings)?;
            }
            self.epoch(cluster, id)?;
            if cluster.is_up(id) {
                self.down.remove(&id);
            } else {
                let down = &mut self.down;
                down.entry(id)
                    .or_insert_with(|| recovered(cluster, id, config));
            }
        }
        let cores: Vec<&Core> = cluster
            .up()
            .map(|(_, core)| core)
            .chain(self.down.values())
            .collect();
        KEYS.iter()
            .try_for_each(|key| self.key(&cores, &Bytes::from(*key)))
    }

    fn notice(&mut self, id: NodeId, notice: &Notice, rings: &[Ring]) -> Checked {
        match notice {
            Notice::Written { ask, version } => {
                self.one_writer(id, ask)?;
                self.at_owner(id, ask, rings)?;
                self.written_once(ask, *version)
            }
            Notice::Value { ask, found } => {
                self.at_owner(id, ask, rings)?;
                self.read_currently(ask, found.as_ref())
            }
            Notice::HandedOver => {
                self.hand_overs += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Lookup by the epoch of a request reaches the owner: only that one serves it.
    fn at_owner(&self, id: NodeId, ask: &Ask, rings: &[Ring]) -> Checked {
        let ring = &rings[ask.epoch as usize - 1];
        holds(ring.owner(&ask.key.0) == id, || {
            format!("{id} serves {ask} and is not the owner")
        })
    }

    fn one_writer(&mut self, id: NodeId, ask: &Ask) -> Checked {
        let writer = *self
            .writers
            .entry((ask.key.clone(), ask.epoch))
            .or_insert(id);
        holds(writer == id, || {
            format!("{writer} and {id} both accept {ask}")
        })
    }

    /// A write makes one version, and a version is made by one write.
    fn written_once(&mut self, ask: &Ask, version: u64) -> Checked {
        let write = (ask.client, ask.sequence);
        let by = *self
            .versions
            .entry((ask.key.clone(), version))
            .or_insert(write);
        holds(by == write, || {
            format!("version {version} is {by:?}'s and {ask}'s")
        })?;
        let made = self
            .written
            .entry(write)
            .or_insert((ask.key.clone(), version));
        holds(made.1 == version, || {
            format!("{ask} made versions {} and {version}", made.1)
        })
    }

    fn read_currently(&mut self, ask: &Ask, found: Option<&(u64, Bytes)>) -> Checked {
        self.answers += 1;
        let version = found.map_or(0, |(version, _)| *version);
        let least = self.reads[ask.sequence as usize];
        holds(version >= least, || {
            format!("{ask} reads version {version} after {least}")
        })?;
        let known = found.zip(self.versions.get(&(ask.key.clone(), version)));
        known.map_or(Ok(()), |((_, value), write)| same(value, *write))
    }

    /// A node that stays up does not go back to an earlier epoch.
    fn epoch(&mut self, cluster: &Cluster<Core>, id: NodeId) -> Checked {
        if !cluster.is_up(id) {
            self.epochs.remove(&id);
            return Ok(());
        }
        let now = cluster.core(id).epoch();
        let before = self.epochs.insert(id, now).unwrap_or(0);
        holds(before <= now, || {
            format!("{id} goes back from epoch {before} to {now}")
        })
    }

    /// One node serves the key, or it is in flight; and what it holds is what was acknowledged.
    fn key(&self, cores: &[&Core], key: &Bytes) -> Checked {
        let serving: Vec<&&Core> = cores.iter().filter(|core| core.serves(key)).collect();
        let entry = match serving[..] {
            [] => in_flight(cores, key)?,
            [core] => core.held(key),
            _ => return Err(format!("{} nodes serve {key}", serving.len())),
        };
        self.nothing_lost(key, entry)
    }

    fn nothing_lost(&self, key: &Bytes, entry: Option<&Entry>) -> Checked {
        let least = self.latest(key);
        let version = entry.map_or(0, |entry| entry.version);
        holds(version >= least, || {
            format!("{key} is at {version}, and was at {least}")
        })?;
        let known = entry.zip(self.versions.get(&(key.clone(), version)));
        known.map_or(Ok(()), |(entry, write)| same(&entry.value, *write))
    }
}

/// The data of a key that nobody serves: that of its latest hand-over.
fn in_flight<'c>(cores: &[&'c Core], key: &Bytes) -> Result<Option<&'c Entry>, String> {
    let handed = cores.iter().flat_map(|core| core.handed(key));
    let latest = handed.max_by_key(|(epoch, _, _)| *epoch);
    let (epoch, to, entry) = latest.ok_or_else(|| format!("nobody has {key}"))?;
    let receiver = cores.iter().find(|core| core.id() == to);
    let can_arrive = receiver.is_some_and(|core| core.epoch() <= epoch);
    holds(can_arrive, || {
        format!("{key} cannot arrive at {to} in epoch {epoch}")
    })?;
    Ok(entry)
}

/// Whether a value is what that write wrote.
pub(crate) fn same(value: &Bytes, (client, sequence): (u64, u64)) -> Checked {
    let expected = Bytes::from(&*format!("c{client}#{sequence}"));
    holds(*value == expected, || {
        format!("{value} where {expected} was written")
    })
}

fn holds(condition: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if condition { Ok(()) } else { Err(otherwise()) }
}

/// The invariants, each by words of what is said when it does not hold: so that a test can ask which of them can fail.
pub(crate) const INVARIANTS: [&str; 10] = [
    "both accept",
    "and is not the owner",
    "'s and c",
    "made versions",
    "reads version",
    "goes back",
    "nodes serve",
    "and was at",
    "nobody has",
    "cannot arrive",
];
