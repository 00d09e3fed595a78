//! One random run: a cluster whose hosts propose, compact and hand over, under a schedule that a seed gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use concur_cores::codec::Encode as _;
use concur_cores::raft::{Config, Request, Role, Timer};
use concur_cores::{Input, NodeId};
use concur_harness::{Chances, Cluster, Simulation};
use concur_rules::raft_core::RaftNodeRule;
use rand::Rng as _;

use super::history::History;
use super::{Server, Without, lemmas, n, small_limits};

/// A server that believes itself in a cluster with `n1`, which knows nothing of it.
const STRANGER: u64 = 9;

/// A run.
pub(crate) struct Run {
    sim: Simulation<Server>,
    history: History,
    command: u64,
}

impl Run {
    /// Runs that many steps of that seed, repairs everything and sees that the cluster goes on. Gives how often what was seen; `Err` says what was broken, and when.
    pub(crate) fn play(
        seed: u64,
        steps: usize,
        rules: Without<RaftNodeRule>,
    ) -> Result<BTreeMap<&'static str, u64>, String> {
        let mut run = Self::new(seed, rules);
        for step in 0..steps {
            run.step()
                .map_err(|why| format!("seed {seed}, step {step}: {why}"))?;
        }
        run.finish()
            .map_err(|why| format!("seed {seed}, at the end: {why}"))?;
        Ok(run.history.seen_events)
    }

    fn new(seed: u64, rules: Without<RaftNodeRule>) -> Self {
        let servers = [3, 3, 1, 4, 5][seed as usize % 5];
        let mut configs: Vec<(NodeId, Config<Without<RaftNodeRule>>)> = (1..=servers)
            .map(|id| (n(id), small_config(id, (1..=servers).collect(), rules)))
            .collect();
        if seed.is_multiple_of(4) {
            let pair = small_config(STRANGER, vec![1, STRANGER], rules);
            configs.push((n(STRANGER), pair));
        }
        let mut run = Self {
            sim: Simulation::new(Cluster::silent(configs), seed, Chances::default()),
            history: History::default(),
            command: 0,
        };
        run.history.turn(&run.sim.cluster);
        run
    }

    fn step(&mut self) -> Result<(), String> {
        match self.sim.rng.random_range(0..100) {
            0..6 => self.propose(),
            6..9 => self.compact(),
            9 => self.transfer(),
            10 => self.stray_alarm(),
            11 => self.late_receipt(),
            _ => self.sim.step(),
        }
        self.check()
    }

    fn check(&mut self) -> Result<(), String> {
        self.history.observe(&mut self.sim.cluster)?;
        lemmas::check(&self.history, &self.sim.cluster)?;
        self.history.turn(&self.sim.cluster);
        Ok(())
    }

    /// Any server that is up, more often a leader.
    fn anybody(&mut self) -> Option<NodeId> {
        let up: Vec<NodeId> = self.sim.cluster.up().map(|(id, _)| id).collect();
        let leads = |id: &&NodeId| self.sim.cluster.core(**id).role() == Role::Leader;
        let leaders: Vec<NodeId> = up.iter().filter(leads).copied().collect();
        let among = match leaders.is_empty() || self.sim.rng.random_bool(0.1) {
            true => up,
            false => leaders,
        };
        let many = among.len();
        (many > 0).then(|| among[self.sim.rng.random_range(0..many)])
    }

    fn propose(&mut self) {
        let Some(id) = self.anybody() else { return };
        let many = self.sim.rng.random_range(1..4);
        let commands = (self.command..).take(many).collect();
        self.command += many as u64;
        self.sim.cluster.request(id, Request::Propose(commands));
    }

    /// A host gives a snapshot of what it has applied; sometimes it does not know what it says.
    fn compact(&mut self) {
        let Some(id) = self.anybody() else { return };
        let host = self.history.hosts.get(&id).cloned().unwrap_or_default();
        let last = self.sim.cluster.core(id).last().index;
        let index = match self.sim.rng.random_bool(0.9) {
            true => host.applied,
            false => last,
        };
        let data = Arc::from(host.commands.to_bytes());
        if index == host.applied || index > self.sim.cluster.core(id).commit_index() {
            self.sim
                .cluster
                .request(id, Request::Compact { index, data });
        }
    }

    fn transfer(&mut self) {
        let Some(id) = self.anybody() else { return };
        let to = n(self.sim.rng.random_range(1..6));
        self.sim.cluster.request(id, Request::Transfer(to));
    }

    /// An alarm that went off while it was taken back.
    fn stray_alarm(&mut self) {
        let Some(id) = self.anybody() else { return };
        let timers = [
            Timer::Election,
            Timer::Heartbeat,
            Timer::Quorum,
            Timer::Transfer,
        ];
        let timer = timers[self.sim.rng.random_range(0..timers.len())];
        self.sim.cluster.input(id, Input::Elapsed(timer));
    }

    /// A disk reports again, or only now, what it has written long ago.
    fn late_receipt(&mut self) {
        let Some(id) = self.anybody() else { return };
        let receipts = self.history.receipts.get(&id).map_or(&[][..], |all| all);
        if let Some(latest) = receipts.len().checked_sub(1) {
            let receipt = receipts[self.sim.rng.random_range(0..=latest)];
            self.sim.cluster.input(id, Input::Persisted(receipt));
        }
    }

    /// When everything is repaired, the cluster elects a leader, and applies a new command everywhere.
    fn finish(&mut self) -> Result<(), String> {
        self.sim.repair();
        self.check()?;
        for _ in 0..60 {
            self.settle()?;
            let ids: Vec<NodeId> = self
                .sim
                .cluster
                .ids()
                .filter(|id| id.0 < STRANGER)
                .collect();
            let id = ids[self.sim.rng.random_range(0..ids.len())];
            self.alarms(id)?;
            let command = self.command;
            self.propose();
            self.check()?;
            self.settle()?;
            self.alarms(id)?;
            self.settle()?;
            let has = |id: &NodeId| {
                let host = self.history.hosts.get(id);
                host.is_some_and(|host| host.commands.contains(&command))
            };
            if ids.iter().all(has) {
                return Ok(());
            }
        }
        Err("no progress".to_owned())
    }

    /// The alarms of that server go off; the election alarm of a follower only if nobody leads.
    fn alarms(&mut self, id: NodeId) -> Result<(), String> {
        let nobody = self
            .sim
            .cluster
            .up()
            .all(|(id, server)| server.role() != Role::Leader || id == n(STRANGER));
        let leaders = self
            .sim
            .cluster
            .up()
            .filter(|(_, server)| server.role() == Role::Leader);
        let mut due: Vec<(NodeId, Timer)> = leaders
            .flat_map(|(id, _)| [(id, Timer::Transfer), (id, Timer::Heartbeat)])
            .collect();
        if nobody {
            due.push((id, Timer::Election));
        }
        for (id, timer) in due {
            if self.sim.cluster.alarms(id).any(|set| set == timer) {
                self.sim.cluster.elapse(id, timer);
                self.check()?;
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..20_000 {
            if self.sim.cluster.network().packets().is_empty() {
                return Ok(());
            }
            self.sim.cluster.deliver(0);
            self.check()?;
        }
        Err("the servers never stop talking".to_owned())
    }
}

fn small_config(
    id: u64,
    voters: Vec<u64>,
    rules: Without<RaftNodeRule>,
) -> Config<Without<RaftNodeRule>> {
    let mut config = Config::new(n(id), voters.into_iter().map(n)).with_rules(rules);
    config.limits = small_limits();
    config
}
