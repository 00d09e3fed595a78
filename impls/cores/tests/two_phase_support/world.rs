//! Sites under a random schedule, with clients, hosts and operators that act by chance; each step is checked.

use std::collections::BTreeMap;

use concur_cores::NodeId;
use concur_cores::two_phase::{
    Branch, Entry, Image, InDoubt, Message, Mode, Notice, Outcome, Participation, Request, Site,
    Timer, TransactionId, Value, Vote,
};
use concur_harness::{Chances, Cluster, Simulation};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;

use super::ledger::{BranchFacts, Claim, Ledger};
use super::{Without, configs, n};

const SITES: u64 = 4;
const ACCEPTORS: u64 = 3;
const CHECKPOINT_EVERY: u64 = 16;

/// How many rounds of alarms everything may take once it is repaired.
const ROUNDS: usize = 40;

/// What a host will say, unless its site crashes first.
struct Answer {
    site: NodeId,
    incarnation: u64,
    request: Request,
}

/// The sites, and everyone around them.
pub(crate) struct World {
    sim: Simulation<Site<Without>>,
    ledger: Ledger,
    answers: Vec<Answer>,
    /// How many records of each disk have been looked at, and how many checkpoints there were.
    seen: BTreeMap<NodeId, usize>,
    tokens: u64,
}

type Host = Cluster<Site<Without>>;

impl World {
    /// A new cluster, under those rules and the schedule of that seed.
    pub(crate) fn new(rules: Without, seed: u64) -> Self {
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

    fn chance(&mut self, percent: u32) -> bool {
        self.sim.rng.random_ratio(percent, 100)
    }

    fn cluster(&mut self) -> &mut Host {
        &mut self.sim.cluster
    }

    fn some_site(&mut self) -> NodeId {
        let sites: Vec<_> = self.sim.cluster.ids().collect();
        *sites.choose(&mut self.sim.rng).expect("there are sites")
    }

    /// A recent transaction, or any.
    fn some_transaction(&mut self) -> Option<TransactionId> {
        let mut all: Vec<_> = self.ledger.facts.keys().copied().collect();
        if self.chance(80) {
            all.retain(|id| self.ledger.facts[id].decided.is_none());
        }
        all.choose(&mut self.sim.rng).copied()
    }

    fn request(&mut self, site: NodeId, request: Request) {
        if self.cluster().is_up(site) {
            self.cluster().request(site, request);
        }
    }
}

// Clients, hosts and operators.
impl World {
    fn act(&mut self) {
        if self.chance(30) {
            self.answer();
        }
        if self.chance(4) {
            self.begin();
        }
        let Some(transaction) = self.some_transaction() else {
            return;
        };
        if self.chance(12) {
            let site = self.some_site();
            self.request(site, Request::Enlist { transaction });
        }
        if self.chance(6) {
            self.submit(transaction);
        }
        if self.chance(1) {
            self.request(transaction.coordinator, Request::Rollback { transaction });
        }
        if self.chance(2) {
            self.meddle(transaction);
        }
        if self.chance(1) {
            self.operate(transaction);
        }
    }

    fn answer(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        let chosen = self.sim.rng.random_range(0..self.answers.len());
        let Answer {
            site,
            incarnation,
            request,
        } = self.answers.swap_remove(chosen);
        if !self.cluster().is_up(site) || self.cluster().core(site).incarnation() != incarnation {
            return;
        }
        self.note_answer(site, &request);
        self.request(site, request);
    }

    /// A host that votes or has carried something out knows so.
    fn note_answer(&mut self, site: NodeId, request: &Request) {
        let (transaction, vote) = match request {
            Request::Vote { transaction, vote } => (*transaction, Some(*vote)),
            Request::Applied { transaction } => (*transaction, None),
            _ => return,
        };
        let Some(participation) = self
            .sim
            .cluster
            .core(site)
            .participations()
            .get(&transaction)
        else {
            return;
        };
        let preparing = matches!(participation, Participation::Preparing(_));
        let told = self.facts_at(transaction, site).map(|facts| facts.told);
        if let Some(facts) = self.facts_at(transaction, site) {
            match vote {
                Some(vote) if preparing => facts.vote = Some(vote),
                Some(_) => {}
                None => facts.applied = told == Some(Some(Outcome::Commit)),
            }
        }
    }

    fn begin(&mut self) {
        let site = self.some_site();
        self.tokens += 1;
        let token = self.tokens;
        self.request(site, Request::Begin { token });
    }

    fn submit(&mut self, transaction: TransactionId) {
        let facts = &self.ledger.facts[&transaction];
        let branches: Vec<Branch> = facts.branches.keys().copied().collect();
        let again = facts.submitted.is_some();
        if branches.is_empty() || (again && !self.chance(10)) {
            return;
        }
        let mode = if self.chance(50) {
            Mode::TwoPhase
        } else {
            Mode::PaxosCommit
        };
        let begun = self.is_begun(transaction);
        if begun && !again {
            let mut plan = BTreeMap::new();
            branches.iter().for_each(|branch| {
                plan.entry(branch.site).or_insert(branch.incarnation);
            });
            self.ledger.of(transaction).submitted = Some((plan, mode));
        }
        self.request(
            transaction.coordinator,
            Request::Commit {
                transaction,
                branches,
                mode,
            },
        );
    }

    fn is_begun(&self, transaction: TransactionId) -> bool {
        let coordinator = transaction.coordinator;
        self.sim.cluster.is_up(coordinator)
            && self
                .sim
                .cluster
                .core(coordinator)
                .coordinated()
                .contains_key(&transaction)
    }

    /// A host that says too much, or too late.
    fn meddle(&mut self, transaction: TransactionId) {
        let site = self.some_site();
        if !self.cluster().is_up(site) {
            return;
        }
        let vote = *[Vote::Yes, Vote::Read, Vote::No]
            .choose(&mut self.sim.rng)
            .expect("three");
        let preparing = matches!(
            self.cluster().core(site).participations().get(&transaction),
            Some(Participation::Preparing(_))
        );
        match self.sim.rng.random_range(0..3) {
            0 => self.request(site, Request::Withdraw { transaction }),
            1 if !preparing => self.request(site, Request::Vote { transaction, vote }),
            _ => {
                // A checkpoint leaves no old records to look at.
                self.request(site, Request::Checkpoint);
            }
        }
    }

    /// An operator decides for someone, or takes note of what came of it.
    fn operate(&mut self, transaction: TransactionId) {
        let site = self.some_site();
        if !self.cluster().is_up(site) || self.cluster().disk(site).unsynced() > 0 {
            return;
        }
        if self.chance(30) {
            return self.request(site, Request::ForgetMismatch { transaction });
        }
        let outcome = if self.chance(50) {
            Outcome::Commit
        } else {
            Outcome::Abort
        };
        self.request(
            site,
            Request::Resolve {
                transaction,
                outcome,
            },
        );
    }
}

// Observation.
impl World {
    fn observe(&mut self) -> Claim {
        let up: Vec<_> = self.sim.cluster.up().map(|(id, _)| id).collect();
        for site in up {
            for notice in self.cluster().take_notices(site) {
                self.hear(site, notice)?;
            }
        }
        self.look_at_disks()?;
        self.acks_are_logged()?;
        let cluster = &self.sim.cluster;
        self.ledger
            .check(|site| Image::of(cluster.disk(site).durable()))
    }

    fn look_at_disks(&mut self) -> Claim {
        for site in self.sim.cluster.ids().collect::<Vec<_>>() {
            let durable = self.sim.cluster.disk(site).durable();
            let seen = self.seen.insert(site, durable.len()).unwrap_or(0);
            let new = if durable.len() < seen {
                durable
            } else {
                &durable[seen..]
            };
            for record in new {
                self.ledger.found(site, record)?;
            }
        }
        Ok(())
    }

    /// Whoever acknowledges will not be in doubt after a crash.
    fn acks_are_logged(&self) -> Claim {
        let cluster = &self.sim.cluster;
        for packet in cluster.network().packets() {
            let Message::Ack { transaction, .. } = packet.message else {
                continue;
            };
            let image = Image::of(cluster.disk(packet.from).durable());
            let prepared = matches!(image.entries.get(&transaction), Some(Entry::Prepared(_)));
            broken_unless(!prepared, || {
                format!(
                    "AckIsLogged: {} is in doubt about {transaction}",
                    packet.from
                )
            })?;
        }
        Ok(())
    }

    fn facts_at(&mut self, transaction: TransactionId, site: NodeId) -> Option<&mut BranchFacts> {
        let facts = self.ledger.of(transaction);
        let branch = facts.branch_at(site)?;
        facts.branches.get_mut(&branch)
    }

    fn later(&mut self, site: NodeId, request: Request) {
        let incarnation = self.cluster().core(site).incarnation();
        self.answers.push(Answer {
            site,
            incarnation,
            request,
        });
    }

    fn hear(&mut self, site: NodeId, notice: Notice) -> Claim {
        match notice {
            Notice::Begun { transaction, .. } => {
                let new = !self.ledger.facts.contains_key(&transaction);
                self.ledger.of(transaction);
                return broken_unless(new, || format!("IdsAreUnique: {transaction}"));
            }
            Notice::Decided {
                transaction,
                outcome,
            } => {
                let facts = self.ledger.of(transaction);
                let before = facts.decided.replace(outcome).unwrap_or(outcome);
                broken_unless(before == outcome, || {
                    format!("AC2: {transaction} was {before}, and is {outcome} for the client")
                })?;
                return self.is_chosen(transaction, outcome);
            }
            Notice::Enlisted {
                transaction,
                branch,
            } => return self.enlisted(transaction, branch),
            Notice::Prepare { transaction } => return self.prepare(site, transaction),
            Notice::InDoubt { transaction } => {
                let facts = self.facts_at(transaction, site);
                if facts.is_some_and(|facts| facts.applied) {
                    self.request(site, Request::Applied { transaction });
                }
            }
            Notice::Commit { transaction } => {
                self.told(site, transaction, Outcome::Commit)?;
                self.later(site, Request::Applied { transaction });
            }
            Notice::Abort { transaction } => self.told(site, transaction, Outcome::Abort)?,
            Notice::Mismatch {
                transaction,
                site,
                took,
                decided,
            } => {
                if let Some(facts) = self.facts_at(transaction, site) {
                    facts.mismatch = Some((took, decided));
                }
            }
        }
        Ok(())
    }

    /// What a client is told of a Paxos Commit has been chosen: acceptors keep it on disk, who cannot forget before the client has heard.
    fn is_chosen(&self, transaction: TransactionId, outcome: Outcome) -> Claim {
        let Some((plan, Mode::PaxosCommit)) = &self.ledger.facts[&transaction].submitted else {
            return Ok(());
        };
        let disks = (1..=ACCEPTORS).map(|site| self.sim.cluster.disk(n(site)).durable());
        let images: Vec<_> = disks.map(Image::of).collect();
        let chosen = |site: &NodeId, value| {
            let accepted = images
                .iter()
                .filter_map(|image| image.accepted.get(&transaction));
            let votes = accepted.filter_map(|instances| instances.votes.get(site));
            2 * votes.filter(|cast| cast.value == value).count() > images.len()
        };
        let holds = match outcome {
            Outcome::Commit => plan.keys().all(|site| chosen(site, Value::Prepared)),
            Outcome::Abort => plan.keys().any(|site| chosen(site, Value::Aborted)),
        };
        broken_unless(holds, || {
            format!("DecisionIsChosen: {transaction} {outcome}")
        })
    }

    fn enlisted(&mut self, transaction: TransactionId, branch: Branch) -> Claim {
        let facts = self
            .ledger
            .of(transaction)
            .branches
            .entry(branch)
            .or_default();
        let open = facts.vote.is_none() && facts.told.is_none();
        broken_unless(open, || {
            format!("NotReopened: {transaction} at {branch} is enlisted again")
        })
    }

    fn prepare(&mut self, site: NodeId, transaction: TransactionId) -> Claim {
        let incarnation = self.cluster().core(site).incarnation();
        let branch = Branch { site, incarnation };
        let vote = match self.sim.rng.random_range(0..10) {
            0 => Vote::No,
            1 => Vote::Read,
            _ => Vote::Yes,
        };
        self.later(site, Request::Vote { transaction, vote });
        let facts = self.ledger.of(transaction);
        let planned = facts.planned().any(|(planned, _)| planned == branch);
        let facts = facts.branches.entry(branch).or_default();
        let open = !facts.asked && facts.vote.is_none() && facts.told.is_none();
        facts.asked = true;
        broken_unless(open && planned, || {
            format!("NotReopened: {transaction} at {branch} is asked for a vote")
        })
    }

    /// A host is told an outcome: as the decision, unless an operator took it.
    fn told(&mut self, site: NodeId, transaction: TransactionId, outcome: Outcome) -> Claim {
        let participation = self.cluster().core(site).participations().get(&transaction);
        let taken =
            matches!(participation, Some(Participation::Resolved(it)) if it.took == outcome);
        let Some(facts) = self.facts_at(transaction, site) else {
            return Err(format!(
                "AC2: {site} decides {transaction}, in which it takes no part"
            ));
        };
        if taken {
            let before = facts.took.replace(outcome).unwrap_or(outcome);
            let first = before == outcome && (!facts.applied || outcome == Outcome::Commit);
            return broken_unless(first, || {
                format!("AC2: {transaction} at {site} is resolved")
            });
        }
        let before = facts.told.replace(outcome).unwrap_or(outcome);
        broken_unless(
            before == outcome && facts.took.is_none_or(|took| took == outcome),
            || format!("AC2: {transaction} at {site} was {before}, and is {outcome}"),
        )
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

fn broken_unless(holds: bool, says: impl FnOnce() -> String) -> Claim {
    if holds { Ok(()) } else { Err(says()) }
}
