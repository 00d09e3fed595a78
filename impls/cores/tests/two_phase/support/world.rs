//! Sites under a random schedule, with clients, hosts and operators that act by chance; each step is checked.

use std::collections::BTreeMap;

use concur_cores::NodeId;
use concur_cores::two_phase::Rule;
use concur_cores::two_phase::{Image, InDoubt, Outcome, Request, Site, Timer, TransactionId};
use concur_harness::{Chances, Cluster, Simulation};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;

use super::ledger::{Claim, Ledger};
use super::{Without, configs};

const SITES: u64 = 4;
pub(super) const ACCEPTORS: u64 = 3;
const CHECKPOINT_EVERY: u64 = 16;

/// How many rounds of alarms everything may take once it is repaired.
const ROUNDS: usize = 40;

/// What a host will say, unless its site crashes first.
pub(super) struct Answer {
    pub(super) site: NodeId,
    pub(super) incarnation: u64,
    pub(super) request: Request,
}

/// The sites, and everyone around them.
pub(crate) struct World {
    pub(super) sim: Simulation<Site<Without<Rule>>>,
    pub(super) ledger: Ledger,
    pub(super) answers: Vec<Answer>,
    /// How many records of each disk have been looked at, and how many checkpoints there were.
    pub(super) seen: BTreeMap<NodeId, usize>,
    pub(super) tokens: u64,
}

type Host = Cluster<Site<Without<Rule>>>;

impl World {
    /// A new cluster, under those rules and the schedule of that seed.
    pub(crate) fn new(rules: Without<Rule>, seed: u64) -> Self {
        let configs = configs(SITES, ACCEPTORS, CHECKPOINT_EVERY, rules);
        let sim = Simulation::new(Cluster::silent(configs), seed, Chances::default());
        Self {
            sim,
            ledger: Ledger::default(),
            answers: Vec::new(),
            seen: BTreeMap::new(),
            tokens: 0,
        }
    }

    /// That many steps, then repair and an end. How many transactions have committed and aborted, if nothing was broken.
    pub(crate) fn run(mut self, steps: u32) -> Result<(usize, usize), String> {
        for _ in 0..steps {
            self.act();
            self.sim.step();
            self.observe()?;
        }
        self.finish()?;
        self.ledger.check_end()?;
        let facts = self.ledger.facts.values();
        let outcomes: Vec<_> = facts.map(|facts| facts.outcomes()).collect();
        let count = |outcome| outcomes.iter().filter(|all| all.contains(&outcome)).count();
        Ok((count(Outcome::Commit), count(Outcome::Abort)))
    }

    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.sim.rng.random_ratio(percent, 100)
    }

    pub(super) fn cluster(&mut self) -> &mut Host {
        &mut self.sim.cluster
    }

    pub(super) fn some_site(&mut self) -> NodeId {
        let sites: Vec<_> = self.sim.cluster.ids().collect();
        *sites.choose(&mut self.sim.rng).expect("there are sites")
    }

    /// A recent transaction, or any.
    pub(super) fn some_transaction(&mut self) -> Option<TransactionId> {
        let mut all: Vec<_> = self.ledger.facts.keys().copied().collect();
        if self.chance(80) {
            all.retain(|id| self.ledger.facts[id].decided.is_none());
        }
        all.choose(&mut self.sim.rng).copied()
    }

    pub(super) fn request(&mut self, site: NodeId, request: Request) {
        if self.cluster().is_up(site) {
            self.cluster().request(site, request);
        }
    }
}

// The end.
impl World {
    /// Repairs everything; from then on messages arrive, alarms go off, and hosts answer, until nothing is left to be done.
    fn finish(&mut self) -> Claim {
        self.sim.repair();
        self.settle()?;
        for _ in 0..ROUNDS {
            if self.is_over() {
                return Ok(());
            }
            for site in self.sim.cluster.ids().collect::<Vec<_>>() {
                self.wind_up(site)?;
            }
        }
        let cluster = &self.sim.cluster;
        let sites: Vec<_> = cluster.up().map(|(_, core)| core.to_string()).collect();
        Err(format!(
            "AC5: it does not come to an end\n{}",
            sites.join("\n")
        ))
    }

    fn settle(&mut self) -> Claim {
        loop {
            while !self.answers.is_empty() {
                self.answer();
                self.observe()?;
            }
            if self.cluster().network().packets().is_empty() {
                return self.observe();
            }
            self.cluster().deliver(0);
            self.observe()?;
        }
    }

    /// All alarms of a site go off; clients and operators finish what they have begun there.
    fn wind_up(&mut self, site: NodeId) -> Claim {
        let alarms: Vec<Timer> = self.cluster().alarms(site).collect();
        for timer in alarms {
            if self.cluster().alarms(site).any(|set| set == timer) {
                self.cluster().elapse(site, timer);
                self.settle()?;
            }
        }
        let core = self.cluster().core(site);
        let begun: Vec<_> = core.coordinated().keys().copied().collect();
        let wrong: Vec<_> = core
            .in_doubt()
            .filter(|(_, state)| {
                matches!(
                    state,
                    InDoubt::Resolved {
                        decided: Some(_),
                        ..
                    }
                )
            })
            .map(|(transaction, _)| transaction)
            .collect();
        for transaction in begun {
            self.request(site, Request::Rollback { transaction });
            self.settle()?;
        }
        for transaction in wrong {
            self.request(site, Request::ForgetMismatch { transaction });
            self.settle()?;
        }
        Ok(())
    }

    /// Whether nothing is left to be done, and nothing is left on any disk.
    fn is_over(&self) -> bool {
        let cluster = &self.sim.cluster;
        cluster.up().all(|(site, core)| {
            core.coordinated().is_empty()
                && core.participations().is_empty()
                && core.leaders().is_empty()
                && core.instances().is_empty()
                && core.unwritten() == 0
                && Image::of(cluster.disk(site).durable()).is_clear()
        })
    }
}
