//! One decision under random schedules: agreement, validity, honest learners and kept promises after every step, and progress once all is repaired.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::single::{Config, Message, Node, Notice, Record, Request, Timer};
use concur_cores::paxos::{Ballot, Quorums, Ranked, Voters};
use concur_harness::{Chances, Cluster, Fault, Packet, Simulation};
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use rand::Rng as _;

use crate::support::{Without, quorums};
use concur_harness::seeds;

type Core = Node<u64, Without<Rule>>;

/// What is remembered of a run, from disks, messages and notices alone.
struct Watch {
    quorums: Quorums,
    requested: BTreeSet<u64>,
    votes: BTreeMap<(Ballot, u64), Voters>,
    chosen: Option<(Ballot, u64)>,
}

type Verdict = Result<(), String>;

fn holds(holds: bool, claim: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(claim()) }
}

impl Watch {
    fn new(quorums: Quorums) -> Self {
        Self {
            quorums,
            requested: BTreeSet::new(),
            votes: BTreeMap::new(),
            chosen: None,
        }
    }

    fn look(&mut self, cluster: &mut Cluster<Core>) -> Verdict {
        for packet in cluster.network().packets() {
            said_is_synced(cluster, packet)?;
            if let Message::Phase2b(vote) = &packet.message {
                self.vote(packet.from, vote)?;
            }
        }
        let ids: Vec<NodeId> = cluster.ids().collect();
        for id in &ids {
            if let Some(vote) = disk(cluster, *id).1 {
                self.vote(*id, &vote)?;
            }
        }
        for id in ids {
            for Notice::Learned(value) in cluster.take_notices(id) {
                let chosen = self.chosen.is_some_and(|(_, chosen)| chosen == value);
                holds(chosen, || {
                    format!("LearnedImpliesChosen: {id} learned {value}")
                })?;
            }
        }
        self.chosen_stays(cluster)
    }

    fn vote(&mut self, id: NodeId, vote: &Ranked<u64>) -> Verdict {
        let value = vote.value;
        holds(self.requested.contains(&value), || {
            format!("Validity: {vote}")
        })?;
        let Some(position) = self.quorums.position(id) else {
            return Ok(());
        };
        let voters = self.votes.entry((vote.ballot, value)).or_default();
        voters.insert(position);
        let voters = *voters;
        let in_ballot = (vote.ballot, u64::MIN)..=(vote.ballot, u64::MAX);
        holds(self.votes.range(in_ballot).count() == 1, || {
            format!("OneProposalPerBallot: {vote}")
        })?;
        if !self.quorums.phase2(voters) {
            return Ok(());
        }
        let (_, chosen) = *self.chosen.get_or_insert((vote.ballot, value));
        holds(chosen == value, || {
            format!("Agreement: {vote} beside {chosen}")
        })
    }

    /// What was chosen is on the disks of a phase-2 quorum, each of which has voted so in that ballot or later.
    fn chosen_stays(&self, cluster: &Cluster<Core>) -> Verdict {
        let Some((ballot, value)) = self.chosen else {
            return Ok(());
        };
        let mut voters = Voters::default();
        for (position, id) in self.quorums.members().iter().enumerate() {
            let vote = disk(cluster, *id).1;
            if vote.is_some_and(|vote| vote.ballot >= ballot && vote.value == value) {
                voters.insert(position);
            }
        }
        holds(self.quorums.phase2(voters), || {
            format!("ChosenStays: {value}@{ballot} is on too few disks")
        })
    }
}

/// What is on a node's disk: what it has promised, and its last vote.
fn disk(cluster: &Cluster<Core>, id: NodeId) -> (Ballot, Option<Ranked<u64>>) {
    let mut found = (Ballot::default(), None);
    for record in cluster.disk(id).durable() {
        match record {
            Record::Promised(ballot) => found.0 = *ballot,
            Record::Accepted(vote) => found = (vote.ballot, Some(vote.clone())),
        }
    }
    found
}

/// Whether what the message says of its sender's disk is there, or something later.
fn said_is_synced(cluster: &Cluster<Core>, packet: &Packet<Core>) -> Verdict {
    let (promised, vote) = disk(cluster, packet.from);
    let safe = match &packet.message {
        Message::Phase1a { ballot } | Message::Phase1b { ballot, .. } => promised >= *ballot,
        Message::Phase2b(said) => vote.is_some_and(|vote| vote.ballot >= said.ballot),
        _ => true,
    };
    holds(safe, || {
        format!("SaidIsSynced: {} {}", packet.from, packet.message)
    })
}

/// Three or four acceptors, and the last node, which only proposes and learns.
fn cluster(quorums: &Quorums, rules: Without<Rule>) -> Cluster<Core> {
    let outsider = NodeId(9);
    let all = quorums.members().iter().copied().chain([outsider]);
    Cluster::silent(all.map(|me| {
        let config = Config {
            me,
            quorums: quorums.clone(),
            others: Arc::new([outsider]),
            rules,
        };
        (me, config)
    }))
}

fn chances() -> Chances {
    let mut chances = Chances::default();
    let more = [
        (Fault::Crash, 8),
        (Fault::Restart, 30),
        (Fault::SlowDisk, 6),
        (Fault::Elapse, 30),
    ];
    for (fault, weight) in &mut chances.0 {
        if let Some((_, other)) = more.iter().find(|(which, _)| which == fault) {
            *weight = *other;
        }
    }
    chances
}

/// A run of that many steps, and then the repair. Says whether something was chosen before the repair.
fn run(seed: u64, steps: usize, rules: Without<Rule>) -> Result<bool, String> {
    let quorums = quorums(seed);
    let mut watch = Watch::new(quorums.clone());
    let mut simulation = Simulation::new(cluster(&quorums, rules), seed, chances());
    for _ in 0..steps {
        if simulation.rng.random_bool(0.02) {
            let up: Vec<NodeId> = simulation.cluster.up().map(|(id, _)| id).collect();
            if !up.is_empty() {
                let id = up[simulation.rng.random_range(0..up.len())];
                let value = simulation.rng.random_range(1..=5);
                watch.requested.insert(value);
                simulation.cluster.request(id, Request::Propose(value));
            }
        }
        simulation.step();
        watch.look(&mut simulation.cluster)?;
    }
    let chosen = watch.chosen.is_some();
    progress(&mut simulation, &mut watch)?;
    Ok(chosen)
}

/// Repairs everything; then one proposer keeps going, and everyone learns.
fn progress(simulation: &mut Simulation<Core>, watch: &mut Watch) -> Verdict {
    simulation.repair();
    let cluster = &mut simulation.cluster;
    let ids: Vec<NodeId> = cluster.ids().collect();
    watch.requested.insert(6);
    cluster.request(ids[0], Request::Propose(6));
    for _ in 0..6 {
        while !cluster.network().packets().is_empty() {
            cluster.deliver(0);
            watch.look(cluster)?;
        }
        for (id, timer) in [(ids[0], Timer::Retry)]
            .into_iter()
            .chain(ids.iter().map(|id| (*id, Timer::Learn)))
        {
            if cluster.alarms(id).any(|set| set == timer) {
                cluster.elapse(id, timer);
                watch.look(cluster)?;
            }
        }
    }
    let mut all = cluster.up().map(|(id, core)| (id, core.learned()));
    let ignorant = all.find(|(_, learned)| learned.is_none());
    holds(ignorant.is_none(), || {
        format!("Progress: {ignorant:?} has learned nothing")
    })
}

#[test]
fn whatever_happens_one_value_is_chosen_and_everyone_learns_it() {
    let mut chosen = 0;
    let mut runs = 0;
    for seed in seeds(400) {
        runs += 1;
        match run(seed, 1_000, Without(None)) {
            Ok(early) => chosen += u64::from(early),
            Err(claim) => panic!("CONCUR_SEED={seed}: {claim}"),
        }
    }
    assert!(
        chosen * 4 > runs,
        "in {chosen} of {runs} runs only was something chosen amid the faults"
    );
}

/// Leaves a rule out; some seed must show one of the claims broken.
fn breaks(rule: Rule, claims: &[&str]) {
    let found = (0..4_000).find_map(|seed| run(seed, 600, Without(Some(rule))).err());
    let claim = found.unwrap_or_else(|| panic!("no seed shows that {rule:?} is needed"));
    assert!(
        claims.iter().any(|expected| claim.starts_with(expected)),
        "without {rule:?}: {claim}"
    );
}

#[test]
fn without_its_guard_an_acceptor_breaks_its_promise_to_the_later_ballot() {
    breaks(Rule::PromiseHigher, &["SaidIsSynced"]);
}

#[test]
fn without_its_guard_an_acceptor_votes_below_its_promise() {
    breaks(Rule::AcceptNotBelowPromise, &["SaidIsSynced"]);
}

#[test]
fn without_its_guard_a_proposer_counts_promises_of_other_ballots() {
    breaks(
        Rule::CollectCurrentBallot,
        &["Agreement", "ChosenStays", "LearnedImpliesChosen"],
    );
}

#[test]
fn without_its_guard_a_proposer_keeps_a_vote_that_lost() {
    breaks(Rule::CollectKeepsHighest, &["Agreement", "ChosenStays"]);
}

#[test]
fn without_its_guard_a_proposer_proposes_twice() {
    breaks(Rule::ProposeOnce, &["OneProposalPerBallot"]);
}

#[test]
fn without_its_guard_a_proposer_does_not_wait_for_a_quorum() {
    breaks(Rule::ProposeQuorumPromised, &["Agreement", "ChosenStays"]);
}

#[test]
fn without_its_guard_a_proposer_ignores_what_was_reported() {
    breaks(Rule::ProposeReported, &["Agreement", "ChosenStays"]);
}

#[test]
fn without_its_guard_a_learner_does_not_wait_for_a_quorum() {
    breaks(Rule::LearnQuorum, &["LearnedImpliesChosen"]);
}
