//! A log under random schedules: agreement in each slot, validity, honest learners in slot order and kept promises after every step, and progress once all
//! is repaired.

use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::Quorums;
use concur_cores::paxos::multi::{Config, Node, Notice, Request, Rule, Slot, Snapshot, Timer};
use concur_harness::{Chances, Cluster, Fault, Simulation};
use concur_rules::Rule as _;
use concur_rules::multi_paxos_core::MultiPaxosCoreRule;
use rand::Rng as _;

use crate::support::watch::{Verdict, Watch, holds, state_of};
use crate::support::{Without, quorums};
use concur_harness::seeds;

type Core = Node<u64, Without<Rule>>;

/// The node that only learns.
const OUTSIDER: NodeId = NodeId(9);

const WINDOW: usize = 6;

fn cluster(quorums: &Quorums, rules: Without<Rule>) -> Cluster<Core> {
    let all = quorums.members().iter().copied().chain([OUTSIDER]);
    Cluster::silent(all.map(|me| {
        let config = Config {
            me,
            quorums: quorums.clone(),
            learners: Arc::new([OUTSIDER]),
            window: WINDOW,
            batch: 3,
            rules,
        };
        (me, config)
    }))
}

fn chances() -> Chances {
    let mut chances = Chances::default();
    let more = [
        (Fault::Crash, 6),
        (Fault::Restart, 30),
        (Fault::SlowDisk, 4),
        (Fault::Lose, 30),
        (Fault::PromptDisk, 0),
    ];
    for (fault, weight) in &mut chances.0 {
        if let Some((_, other)) = more.iter().find(|(which, _)| which == fault) {
            *weight = *other;
        }
    }
    chances
}

/// A run, and what is remembered of it.
struct Run {
    simulation: Simulation<Core>,
    watch: Watch,
    next_command: u64,
}

impl Run {
    fn new(seed: u64, rules: Without<Rule>) -> Self {
        let quorums = quorums(seed);
        Self {
            simulation: Simulation::new(cluster(&quorums, rules), seed, chances()),
            watch: Watch::new(quorums, WINDOW),
            next_command: 1,
        }
    }

    fn look(&mut self) -> Verdict {
        self.watch.look(&mut self.simulation.cluster)
    }

    fn propose(&mut self, id: NodeId, count: u64) {
        let commands: Vec<u64> = (self.next_command..self.next_command + count).collect();
        self.next_command += count;
        self.watch.requested = self.next_command;
        self.simulation
            .cluster
            .request(id, Request::Propose(commands));
    }

    /// The host has a snapshot of what was executed; now and then it claims more than is chosen.
    fn compact(&mut self, id: NodeId, claims_more: bool) {
        let executed = self.watch.executed(id);
        let chosen = self.simulation.cluster.core(id).log().chosen();
        let upto = match claims_more {
            true => chosen.plus(1),
            false => Slot(executed.len() as u64),
        };
        let state = state_of(executed);
        let snapshot = Snapshot { upto, state };
        self.simulation
            .cluster
            .request(id, Request::Compact(snapshot));
    }

    fn any_up(&mut self) -> Option<NodeId> {
        let up: Vec<NodeId> = self.simulation.cluster.up().map(|(id, _)| id).collect();
        (!up.is_empty()).then(|| up[self.simulation.rng.random_range(0..up.len())])
    }

    /// One event, or a request before it.
    fn step(&mut self) -> Verdict {
        if self.simulation.rng.random_bool(0.1)
            && let Some(id) = self.any_up()
        {
            let leader = self.simulation.cluster.core(id).leader();
            let leader = leader.filter(|id| self.simulation.cluster.is_up(*id));
            let count = self.simulation.rng.random_range(1..=3);
            self.propose(leader.unwrap_or(id), count);
            self.look()?;
        }
        if self.simulation.rng.random_bool(0.01)
            && let Some(id) = self.any_up()
        {
            let claims_more = self.simulation.rng.random_bool(0.2);
            self.compact(id, claims_more);
            self.look()?;
        }
        if self.simulation.rng.random_bool(0.003)
            && let Some(id) = self.any_up()
        {
            self.prompt_disk(id)?;
        }
        self.simulation.step();
        self.look()
    }

    /// A disk becomes prompt, write after write: what one look shows is what is on the disk at one time.
    fn prompt_disk(&mut self, id: NodeId) -> Verdict {
        while self.simulation.cluster.sync(id) {
            self.look()?;
        }
        self.simulation.cluster.prompt_disk(id);
        Ok(())
    }

    fn deliver_all(&mut self) -> Verdict {
        let mut budget = 20_000;
        while !self.simulation.cluster.network().packets().is_empty() {
            budget -= 1;
            holds(budget > 0, || "Progress: the messages never end".to_owned())?;
            self.simulation.cluster.deliver(0);
            self.look()?;
        }
        Ok(())
    }

    fn elapse(&mut self, id: NodeId, timer: Timer) -> Verdict {
        if self.simulation.cluster.alarms(id).any(|set| set == timer) {
            self.simulation.cluster.elapse(id, timer);
            self.look()?;
        }
        self.deliver_all()
    }

    /// Repairs everything; then one candidate keeps going, leads, and everyone executes what it proposes.
    fn progress(&mut self, candidate: NodeId) -> Verdict {
        let up: Vec<NodeId> = self.simulation.cluster.up().map(|(id, _)| id).collect();
        up.into_iter().try_for_each(|id| self.prompt_disk(id))?;
        self.simulation.repair();
        self.look()?;
        self.deliver_all()?;
        for _ in 0..5 {
            self.elapse(candidate, Timer::Election)?;
            self.elapse(candidate, Timer::Heartbeat)?;
        }
        let last = self.next_command + 1;
        self.propose(candidate, 2);
        self.deliver_all()?;
        for _ in 0..3 {
            self.elapse(candidate, Timer::Heartbeat)?;
        }
        let ids: Vec<NodeId> = self.simulation.cluster.ids().collect();
        let lags = ids.into_iter().find(|id| {
            let executed = self.watch.executed(*id);
            executed.last() != Some(&Some(last))
        });
        holds(lags.is_none(), || {
            let id = lags.unwrap_or_default();
            format!(
                "Progress: {} has not executed {last}",
                self.simulation.cluster.core(id)
            )
        })
    }
}

/// A run of that many steps, and then the repair. Gives what was seen before the repair.
fn run(seed: u64, steps: usize, rules: Without<Rule>) -> Result<Watch, String> {
    let mut run = Run::new(seed, rules);
    for _ in 0..steps {
        run.step()?;
    }
    let watch = run.watch.clone();
    run.progress(NodeId(1 + seed % 3))?;
    Ok(watch)
}

#[test]
fn whatever_happens_one_entry_is_chosen_for_a_slot_and_everyone_executes_it() {
    let (mut chosen, mut no_ops, mut restored, mut ahead, mut changes) = (0, 0, 0, 0, 0);
    let mut runs = 0;
    for seed in seeds(300) {
        runs += 1;
        match run(seed, 1_000, Without(None)) {
            Ok(watch) => {
                chosen += watch.chosen.len();
                no_ops += watch.chosen.values().filter(|v| v.value.is_none()).count();
                restored += watch.restored;
                ahead += watch.ahead;
                changes += watch.ballots().saturating_sub(1);
            }
            Err(claim) => panic!("CONCUR_SEED={seed}: {claim}"),
        }
    }
    let rare = |count: usize| count < runs / 10;
    assert!(
        ![chosen / 20, no_ops, restored, ahead, changes]
            .into_iter()
            .any(rare),
        "in {runs} runs: {chosen} slots chosen, {no_ops} no-ops, {restored} restored, {ahead} executed ahead of the disk, {changes} changes of leader"
    );
}

/// The claim that a run without the rule breaks first, if there is one.
fn broken(rule: Rule, seeds: u64) -> Option<String> {
    (0..seeds).find_map(|seed| {
        let claim = run(seed, 800, Without(Some(rule))).err()?;
        Some(format!("{claim} (seed {seed})"))
    })
}

/// The guards of the core, and what breaks without each.
const GUARDS: &[(&str, &[&str])] = &[
    ("ReplicaPromiseHigher", &["SaidIsSynced"]),
    ("ReplicaAcceptNotBelow", &["SaidIsSynced"]),
    ("LeadQuorumPromised", &["Agreement", "ChosenStays"]),
    ("LeadKeepsHighest", &["Agreement", "ChosenStays"]),
    ("LeaderProposesReported", &["Agreement", "ChosenStays"]),
    ("ExecuteQuorum", &["LearnedImpliesChosen"]),
    ("ExecuteInOrder", &["ExecutedInOrder"]),
    ("CatchUpExecuted", &["LearnedImpliesChosen"]),
    ("TruncateExecuted", &["TruncatedIsChosen"]),
    ("LeadCountsOwnBallot", &["Agreement", "ChosenStays"]),
    ("LeaderCountsOwnBallot", &["LearnedImpliesChosen"]),
    ("FollowVotedInBallot", &["LearnedImpliesChosen"]),
    ("PromiseReachesBack", &["Progress"]),
    ("ProposeWithinWindow", &["WithinWindow"]),
    ("AcceptWithinWindow", &["WithinWindow"]),
];

#[test]
fn every_rule_of_the_core_alone_is_among_those_left_out() {
    for rule in MultiPaxosCoreRule::ALL {
        let name = rule.card().name;
        assert!(GUARDS.iter().any(|(guard, _)| *guard == name), "{name}");
    }
}

#[test]
fn without_any_of_its_guards_the_core_breaks_a_claim() {
    let mut wrong = Vec::new();
    for (name, claims) in GUARDS {
        let rule = Rule::named(name).expect("the rule exists");
        match broken(rule, 6_000) {
            Some(found) if claims.iter().any(|claim| found.starts_with(claim)) => {}
            found => wrong.push(format!("without {name}: {found:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_host_is_told_of_every_command_that_is_not_taken() {
    let mut run = Run::new(0, Without(None));
    run.propose(NodeId(1), 2);
    let notices = run.simulation.cluster.take_notices(NodeId(1));
    let rejected = Notice::Rejected {
        commands: vec![1, 2],
        leader: None,
    };
    assert_eq!(notices, [rejected]);
}
