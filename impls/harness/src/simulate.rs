//! Random runs: from a seed, a schedule of deliveries, alarms, losses, crashes and cuts.

use concur_cores::{NodeId, Protocol};
use rand::Rng as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::Cluster;

/// What can go wrong, or go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A message arrives.
    Deliver,
    /// A message arrives, and will arrive again.
    Duplicate,
    /// A message is lost.
    Lose,
    /// An alarm goes off.
    Elapse,
    /// A slow disk syncs one write.
    Sync,
    /// A node crashes; of its unsynced writes some may have reached the disk.
    Crash,
    /// A node that is down starts again.
    Restart,
    /// The nodes are cut into two groups.
    Partition,
    /// The network is whole again.
    Heal,
    /// A disk becomes slow.
    SlowDisk,
    /// A disk becomes prompt.
    PromptDisk,
}

/// How likely each event is, relative to the others.
#[derive(Clone, Debug)]
pub struct Chances(pub Vec<(Fault, u32)>);

impl Default for Chances {
    fn default() -> Self {
        Self(vec![
            (Fault::Deliver, 600),
            (Fault::Duplicate, 20),
            (Fault::Lose, 20),
            (Fault::Elapse, 60),
            (Fault::Sync, 150),
            (Fault::Crash, 3),
            (Fault::Restart, 10),
            (Fault::Partition, 2),
            (Fault::Heal, 4),
            (Fault::SlowDisk, 2),
            (Fault::PromptDisk, 2),
        ])
    }
}

/// A cluster under a random schedule: the same seed gives the same run.
pub struct Simulation<P: Protocol> {
    /// The cluster.
    pub cluster: Cluster<P>,
    /// Where chance comes from; also for the author's requests.
    pub rng: ChaCha8Rng,
    chances: Chances,
}

impl<P: Protocol> Simulation<P> {
    /// That cluster, under the schedule that the seed gives.
    pub fn new(cluster: Cluster<P>, seed: u64, chances: Chances) -> Self {
        Self {
            cluster,
            rng: ChaCha8Rng::seed_from_u64(seed),
            chances,
        }
    }

    /// One event, if the one that chance chose is possible now.
    pub fn step(&mut self) {
        match self.draw() {
            Fault::Deliver => self.with_packet(Cluster::deliver),
            Fault::Duplicate => self.with_packet(Cluster::duplicate),
            Fault::Lose => self.with_packet(Cluster::drop_packet),
            Fault::Elapse => self.elapse(),
            Fault::Sync => self.with_node(true, |cluster, id, _| {
                cluster.sync(id);
            }),
            Fault::Crash => self.with_node(true, |cluster, id, chance| {
                let kept = chance as usize % (cluster.disk(id).unsynced() + 1);
                cluster.crash_keeping(id, kept);
            }),
            Fault::Restart => self.with_node(false, |cluster, id, _| cluster.restart(id)),
            Fault::Partition => self.partition(),
            Fault::Heal => self.cluster.heal(),
            Fault::SlowDisk => self.with_node(true, |cluster, id, _| cluster.slow_disk(id)),
            Fault::PromptDisk => self.with_node(true, |cluster, id, _| cluster.prompt_disk(id)),
        }
    }

    /// Mends the network and the disks, and starts every node that is down.
    pub fn repair(&mut self) {
        self.cluster.heal();
        let ids: Vec<NodeId> = self.cluster.ids().collect();
        for id in ids {
            if !self.cluster.is_up(id) {
                self.cluster.restart(id);
            }
            self.cluster.prompt_disk(id);
        }
    }

    fn draw(&mut self) -> Fault {
        let total: u32 = self.chances.0.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.rng.random_range(0..total);
        for (fault, weight) in &self.chances.0 {
            if drawn < *weight {
                return *fault;
            }
            drawn -= weight;
        }
        unreachable!("drawn is less than the sum of the weights")
    }

    fn with_packet(&mut self, event: impl FnOnce(&mut Cluster<P>, usize)) {
        let packets = self.cluster.network().packets().len();
        if packets > 0 {
            let position = self.rng.random_range(0..packets);
            event(&mut self.cluster, position);
        }
    }

    fn with_node(&mut self, up: bool, event: impl FnOnce(&mut Cluster<P>, NodeId, u32)) {
        let ids: Vec<NodeId> = self
            .cluster
            .ids()
            .filter(|id| self.cluster.is_up(*id) == up)
            .collect();
        if !ids.is_empty() {
            let id = ids[self.rng.random_range(0..ids.len())];
            let chance = self.rng.random_range(0..u32::MAX);
            event(&mut self.cluster, id, chance);
        }
    }

    fn elapse(&mut self) {
        let ids: Vec<NodeId> = self.cluster.up().map(|(id, _)| id).collect();
        let alarms: Vec<_> = ids
            .iter()
            .flat_map(|id| self.cluster.alarms(*id).map(|timer| (*id, timer)))
            .collect();
        if !alarms.is_empty() {
            let (id, timer) = alarms[self.rng.random_range(0..alarms.len())];
            self.cluster.elapse(id, timer);
        }
    }

    fn partition(&mut self) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for id in self.cluster.ids() {
            let side = if self.rng.random_bool(0.5) {
                &mut left
            } else {
                &mut right
            };
            side.push(id);
        }
        self.cluster.heal();
        self.cluster.partition(&[&left, &right]);
    }
}
