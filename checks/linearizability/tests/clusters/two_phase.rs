//! Transactions under two-phase commit and Paxos Commit: whoever learns a decision learns the same one, and a commit only after all votes.

use std::collections::{BTreeMap, BTreeSet};

use concur_cores::NodeId;
use concur_cores::two_phase::{
    Branch, Config, Mode, Notice, Outcome, Request, Rule, Site, TransactionId, Vote,
};
use concur_harness::{Chances, Cluster, Simulation, Without, seeds};
use concur_linearizability::specs::{self, Decision, Step, Transaction};
use concur_linearizability::{Fate, History, Limits, Verdict, check};
use concur_rules::Rule as _;
use rand::Rng as _;

const SITES: u64 = 4;
const ACCEPTORS: u64 = 3;
const STEPS: usize = 1_000;

/// What a host will say, unless its site crashes first.
struct Reply {
    site: NodeId,
    incarnation: u64,
    request: Request,
}

/// What the clients and hosts of a transaction know.
#[derive(Default)]
struct Work {
    /// The number by which the history knows it.
    number: u64,
    /// The incarnations of each site in which work was begun.
    enlisted: BTreeMap<NodeId, BTreeSet<u64>>,
    submitted: Option<BTreeMap<NodeId, u64>>,
    /// Who has voted YES, and must hear the outcome.
    yes: BTreeSet<NodeId>,
    over: bool,
}

impl Work {
    /// Whether an abort that the site is told of is the transaction's: it has voted on the branch that was submitted, and has begun no other.
    fn is_bound(&self, site: NodeId) -> bool {
        let planned = self.submitted.as_ref().and_then(|plan| plan.get(&site));
        let enlisted = self.enlisted.get(&site);
        let only = enlisted.is_some_and(|all| all.len() == 1);
        self.yes.contains(&site) && planned.is_some() && only
    }
}

struct World {
    sim: Simulation<Site<Without<Rule>>>,
    history: History<Transaction, specs::Outcome>,
    works: BTreeMap<TransactionId, Work>,
    replies: Vec<Reply>,
}

impl World {
    fn new(rule: Option<Rule>, seed: u64) -> Self {
        let configs = (1..=SITES).map(|site| {
            let acceptors = (1..=ACCEPTORS).map(NodeId).collect();
            let mut config = Config::new(NodeId(site), acceptors).with_rules(Without(rule));
            config.checkpoint_every = 16;
            (NodeId(site), config)
        });
        Self {
            sim: Simulation::new(Cluster::silent(configs), seed, Chances::default()),
            history: History::new(),
            works: BTreeMap::new(),
            replies: Vec::new(),
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.sim.rng.random_ratio(percent, 100)
    }

    fn some_site(&mut self) -> NodeId {
        NodeId(self.sim.rng.random_range(1..=SITES))
    }

    /// A transaction that its client still works on.
    fn some_transaction(&mut self) -> Option<TransactionId> {
        let open = self.works.iter().filter(|(_, work)| !work.over);
        let all: Vec<TransactionId> = open.map(|(id, _)| *id).collect();
        (!all.is_empty()).then(|| all[self.sim.rng.random_range(0..all.len())])
    }

    fn request(&mut self, site: NodeId, request: Request) {
        if self.sim.cluster.is_up(site) {
            self.sim.cluster.request(site, request);
        }
    }

    fn happens(&mut self, transaction: TransactionId, step: Step) {
        let of = self.step_of(transaction, step);
        self.history.call(transaction.coordinator.0, of);
    }

    fn step_of(&self, transaction: TransactionId, step: Step) -> Transaction {
        Transaction {
            transaction: self.works[&transaction].number,
            step,
        }
    }

    fn step(&mut self) {
        if self.chance(40) {
            self.reply();
        }
        if self.chance(5) {
            let site = self.some_site();
            self.request(site, Request::Begin { token: 0 });
        }
        if let Some(transaction) = self.some_transaction() {
            match self.sim.rng.random_range(0..100) {
                0..14 => {
                    let site = self.some_site();
                    self.request(site, Request::Enlist { transaction });
                }
                14..22 => self.submit(transaction),
                22 => self.roll_back(transaction),
                _ => {}
            }
        }
        self.sim.step();
        self.hear();
    }

    /// Each transaction is submitted once, with what its client knows of.
    fn submit(&mut self, transaction: TransactionId) {
        let mode = match self.chance(50) {
            true => Mode::TwoPhase,
            false => Mode::PaxosCommit,
        };
        let work = self.works.get_mut(&transaction).expect("it has begun");
        if work.submitted.is_some() || work.enlisted.is_empty() {
            return;
        }
        let branches = work.enlisted.iter().flat_map(|(site, incarnations)| {
            incarnations.iter().map(|incarnation| Branch {
                site: *site,
                incarnation: *incarnation,
            })
        });
        let branches: Vec<Branch> = branches.collect();
        let plan = branches
            .iter()
            .map(|branch| (branch.site, branch.incarnation));
        let plan: BTreeMap<_, _> = plan.collect();
        let participants = plan.keys().map(|site| site.0).collect();
        work.submitted = Some(plan);
        self.happens(transaction, Step::Submit { participants });
        let request = Request::Commit {
            transaction,
            branches,
            mode,
        };
        self.request(transaction.coordinator, request);
    }

    fn roll_back(&mut self, transaction: TransactionId) {
        self.request(transaction.coordinator, Request::Rollback { transaction });
    }

    /// A host answers at last, if it still remembers.
    fn reply(&mut self) {
        if self.replies.is_empty() {
            return;
        }
        let chosen = self.sim.rng.random_range(0..self.replies.len());
        let Reply {
            site,
            incarnation,
            request,
        } = self.replies.swap_remove(chosen);
        let up = self.sim.cluster.is_up(site);
        if !up || self.sim.cluster.core(site).incarnation() != incarnation {
            return;
        }
        if let Request::Vote { transaction, vote } = request {
            if vote != Vote::No {
                let participant = site.0;
                self.happens(transaction, Step::VoteYes { participant });
            }
            if vote == Vote::Yes {
                let work = self.works.get_mut(&transaction).expect("it has begun");
                work.yes.insert(site);
            }
        }
        self.request(site, request);
    }

    fn later(&mut self, site: NodeId, request: Request) {
        let incarnation = self.sim.cluster.core(site).incarnation();
        self.replies.push(Reply {
            site,
            incarnation,
            request,
        });
    }

    fn hear(&mut self) {
        let up: Vec<NodeId> = self.sim.cluster.up().map(|(id, _)| id).collect();
        for site in up {
            for notice in self.sim.cluster.take_notices(site) {
                self.note(site, notice);
            }
        }
    }

    fn note(&mut self, site: NodeId, notice: Notice) {
        match notice {
            Notice::Begun { transaction, .. } => {
                let number = self.works.len() as u64 + 1;
                self.works.entry(transaction).or_default().number = number;
            }
            Notice::Enlisted {
                transaction,
                branch,
            } => {
                if let Some(work) = self.works.get_mut(&transaction) {
                    let incarnations = work.enlisted.entry(branch.site).or_default();
                    incarnations.insert(branch.incarnation);
                }
            }
            Notice::Prepare { transaction } => {
                let vote = match self.sim.rng.random_range(0..12) {
                    0 => Vote::No,
                    1 => Vote::Read,
                    _ => Vote::Yes,
                };
                self.later(site, Request::Vote { transaction, vote });
            }
            Notice::Decided {
                transaction,
                outcome,
            } => {
                self.learns(site, transaction, outcome);
                if let Some(work) = self.works.get_mut(&transaction) {
                    work.over = true;
                }
            }
            Notice::Commit { transaction } => {
                self.learns(site, transaction, Outcome::Commit);
                self.later(site, Request::Applied { transaction });
            }
            Notice::Abort { transaction } => {
                if self
                    .works
                    .get(&transaction)
                    .is_some_and(|work| work.is_bound(site))
                {
                    self.learns(site, transaction, Outcome::Abort);
                }
            }
            Notice::InDoubt { .. } | Notice::Mismatch { .. } => {}
        }
    }

    fn learns(&mut self, site: NodeId, transaction: TransactionId, outcome: Outcome) {
        if self.works.contains_key(&transaction) {
            let learn = self.step_of(transaction, Step::Learn);
            let call = self.history.call(site.0, learn);
            let outcome = match outcome {
                Outcome::Commit => specs::Outcome::Commit,
                Outcome::Abort => specs::Outcome::Abort,
            };
            self.history.returned(call, outcome);
        }
    }

    /// Everything is repaired; messages arrive, hosts answer, alarms go off, for a while.
    fn wind_up(&mut self) {
        self.sim.repair();
        self.hear();
        for _ in 0..20 {
            for _ in 0..2_000 {
                self.reply();
                self.hear();
                if !self.sim.cluster.network().packets().is_empty() {
                    self.sim.cluster.deliver(0);
                } else if self.replies.is_empty() {
                    break;
                }
                self.hear();
            }
            for site in (1..=SITES).map(NodeId) {
                for timer in self.sim.cluster.alarms(site).collect::<Vec<_>>() {
                    if self.sim.cluster.alarms(site).any(|set| set == timer) {
                        self.sim.cluster.elapse(site, timer);
                        self.hear();
                    }
                }
            }
        }
    }

    /// How many transactions somebody has learnt to commit, and to abort.
    fn run(mut self, seed: u64) -> Result<[usize; 2], String> {
        for _ in 0..STEPS {
            self.step();
        }
        self.wind_up();
        match check(&Decision, &self.history, Limits::default()) {
            Verdict::Linearizable(_) => Ok(self.learnt()),
            other => Err(format!("CONCUR_SEED={seed}: {other}")),
        }
    }

    fn learnt(&self) -> [usize; 2] {
        [specs::Outcome::Commit, specs::Outcome::Abort].map(|outcome| {
            let learnt = self.history.operations().iter().filter(
                |operation| matches!(&operation.fate, Fate::Returned(_, told) if *told == outcome),
            );
            let transactions = learnt.map(|operation| operation.operation.transaction);
            transactions.collect::<BTreeSet<_>>().len()
        })
    }
}

#[test]
fn whoever_learns_a_decision_learns_the_same_one() {
    let (mut runs, mut commits, mut aborts) = (0, 0, 0);
    for seed in seeds(200) {
        let learnt = World::new(None, seed).run(seed);
        let [committed, aborted] = learnt.unwrap_or_else(|wrong| panic!("{wrong}"));
        (commits, aborts, runs) = (commits + committed, aborts + aborted, runs + 1);
    }
    eprintln!("{runs} runs: {commits} transactions committed, {aborts} aborted");
    assert!(commits > runs && aborts > runs, "{commits} {aborts}");
}

/// Guards whose absence whoever learns notices.
///
/// Not `DTellCommitSynced`: for a client to notice it, a coordinator must crash between telling of a commit and its disk, one participant must have heard it, and another must inquire after the restart
/// and hear of an abort; these runs do not come to that. The rung of clusters notices on the way, where a host is told of a commit that no disk holds (`concur-correspond`, `tests/two_phase.rs`).
const NOTICED: &[&str] = &[
    "DPrepareWorking",
    "DAckSynced",
    "DRcvAbortUndecided",
    "DAnswerCommitCommitted",
    "DAnswerAbortCertain",
    "DCommitAllVoted",
    "DForgetAllAcked",
    "DAnswerForgotten",
    "PC2aMajorityPromised",
    "PC2aFreeAborts",
    "PC2bNotBelowPromise",
    "PCDecideCommitAll",
    "SubmitOnce",
    "EnlistOpen",
    "OnePhaseGivenAway",
    "OnePhaseForgetHeard",
    "PresumeTwoPhase",
];

#[test]
fn somebody_notices_what_a_guard_of_commitment_is_for() {
    for name in NOTICED {
        let rule = Rule::named(name).expect("there is such a rule");
        let run = |seed| World::new(Some(rule), seed).run(seed).err();
        let wrong = (0..1_500).find_map(|seed| run(seed).filter(|wrong| wrong.contains("not lin")));
        let wrong = wrong.unwrap_or_else(|| panic!("nobody notices that {name} is missing"));
        eprintln!("without {name}: {wrong}");
    }
}
