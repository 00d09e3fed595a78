//! Sizes of clusters of Paxos cores, one decision, and what each must show.

use concur_models::kit::{
    Config, Domain, Expect, NoSuchModel, Param, QuorumKind, Quorums, Rung, Values,
};
use concur_models::paxos::Size;
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::{AllBut, RuleSet};

use super::AbovePaxos;
use super::single::PaxosCores;
use crate::{Clustered, Clusters, Walk};

pub(super) const fn number(
    name: &'static str,
    least: u32,
    most: u32,
    default: u32,
    help: &'static str,
) -> Param {
    Param {
        name,
        domain: Domain::Number(least..=most),
        default,
        help,
    }
}

pub(super) const NODES: Param = number("nodes", 2, 7, 2, "nodes, each an acceptor and a learner");
pub(super) const PHASE2: Param = number(
    "phase2",
    0,
    7,
    0,
    "how many acceptors choose a value, while phase 1 asks so many that the two meet; 0 is a majority in both",
);
pub(super) const PROPOSERS: Param = number("proposers", 1, 7, 2, "how many of the nodes propose");
pub(super) const ROUNDS: Param = number("rounds", 1, MANY, 1, "rounds of ballots");
pub(super) const BALLOTS: Param = number("ballots", 1, MANY, MANY, "ballots that may be begun");
pub(super) const CRASHES: Param = number("crashes", 0, MANY, 0, "how often nodes may crash");
pub(super) const SLOW: Param = number("slow", 0, 1, 0, "1 if writes take time");

/// More than a walk comes to.
pub(super) const MANY: u32 = 1_000_000;

/// How many acceptors each phase asks.
pub(super) fn phases(values: &Values) -> Result<(usize, usize), NoSuchModel> {
    let (nodes, phase2) = (values.size("nodes"), values.size("phase2"));
    match phase2 {
        _ if phase2.max(values.size("proposers")) > nodes => {
            let few = format!("{nodes} nodes are fewer than propose, or than choose a value");
            Err(NoSuchModel(few))
        }
        0 => Ok((nodes / 2 + 1, nodes / 2 + 1)),
        _ => Ok((nodes + 1 - phase2, phase2)),
    }
}

/// The model above, of that size: of `values` values in so many slots.
pub(super) fn above(
    values: &Values,
    (phase1, phase2): (usize, usize),
    choices: usize,
    slots: u64,
) -> AbovePaxos {
    let acceptors = values.size("nodes");
    let size = Size {
        acceptors,
        values: choices,
        max_ballot: values.size("proposers") * values.size("rounds") - 1,
        quorums: QuorumKind::Majority,
    };
    AbovePaxos {
        quorums: Quorums::of_sizes(acceptors, phase1, phase2),
        ..AbovePaxos::new(size, slots, AllBut(None))
    }
}

/// Clusters of cores for one decision.
pub struct PaxosCoresRung;

impl Rung for PaxosCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<PaxosCores<S>>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "cores";
    const REFINES: &'static str = "unbounded-paxos";
    const CLAIM: &'static str =
        "the nodes that ship behave as Paxos does, on disks that lose what was not synced";
    const SOURCE: &'static str = "Lamport 2001";
    const RULES: &'static [Rule] = &[
        Rule::PromiseHigher,
        Rule::AcceptNotBelowPromise,
        Rule::CollectCurrentBallot,
        Rule::CollectKeepsHighest,
        Rule::ProposeOnce,
        Rule::ProposeQuorumPromised,
        Rule::ProposeReported,
        Rule::LearnQuorum,
    ];
    const PARAMS: &'static [Param] = &[
        NODES,
        PHASE2,
        PROPOSERS,
        ROUNDS,
        BALLOTS,
        CRASHES,
        SLOW,
        number("learn", 0, 1, 0, "1 if nodes ask what was chosen"),
        number(
            "quiet",
            0,
            1,
            0,
            "1 if the network loses votes and refusals",
        ),
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=2", &[], Expect::ours(57, 10)),
        Config::small(
            "nodes=2,slow,crashes=1",
            &[("slow", 1), ("crashes", 1)],
            Expect::ours(1_416, 18),
        ),
        Config::small(
            "nodes=2,rounds=2,ballots=2,crashes=1",
            &[("rounds", 2), ("ballots", 2), ("crashes", 1)],
            Expect::ours(5_979, 17),
        ),
        // One acceptor begins a ballot by itself, so that promises come when it has proposed.
        Config::small(
            "nodes=2,phase2=2,rounds=2,ballots=2",
            &[("phase2", 2), ("rounds", 2), ("ballots", 2)],
            Expect::ours(2_881, 13),
        ),
        Config::small(
            "nodes=2,rounds=2,ballots=2,learn",
            &[("rounds", 2), ("ballots", 2), ("learn", 1)],
            Expect::ours(7_624, 19),
        ),
        Config::small(
            "nodes=3,proposers=1,slow",
            &[("nodes", 3), ("proposers", 1), ("slow", 1)],
            Expect::ours(2_931, 21),
        ),
        Config::ci(
            "nodes=2,rounds=2,ballots=2,slow,crashes=1",
            &[("rounds", 2), ("ballots", 2), ("slow", 1), ("crashes", 1)],
            Expect::ours(46_064, 27),
        ),
        // Votes in two lower ballots are reported.
        Config::ci(
            "nodes=3,rounds=2,ballots=3,quiet",
            &[("nodes", 3), ("rounds", 2), ("ballots", 3), ("quiet", 1)],
            Expect::ours(46_076, 22).without(&["HostsToldTrue"]),
        ),
        Config::ci("nodes=3", &[("nodes", 3)], Expect::ours(146_807, 22)),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<PaxosCores<S>>, NoSuchModel> {
        let phases = phases(values)?;
        Ok(Clustered::new(PaxosCores {
            nodes: values.size("nodes"),
            phases,
            proposers: values.size("proposers"),
            rounds: u64::from(values["rounds"]),
            ballots: values.size("ballots"),
            crashes: values["crashes"],
            slow_disks: values["slow"] == 1,
            learn: values["learn"] == 1,
            quiet: values["quiet"] == 1,
            above: above(values, phases, values.size("proposers"), 1),
            rules,
        }))
    }
}

impl Clusters for PaxosCoresRung {
    const PARTLY: &'static [(&'static str, &'static str)] = &[
        (
            "Phase1a",
            "a ballot is begun by its owner alone, which promises it in the same record, and not below one that it has heard of",
        ),
        (
            "Phase1b",
            "the owner has promised its ballot before anyone else is asked",
        ),
        (
            "Phase2a",
            "who may choose proposes its own value, and the owner's own promise is always among those that it counts",
        ),
        ("Phase2b", "whoever proposes votes before others hear of it"),
    ];
    const WALKS: &'static [Walk] = &[Walk {
        name: "nodes=5",
        settings: &[
            ("nodes", 5),
            ("proposers", 5),
            ("rounds", MANY),
            ("crashes", MANY),
            ("slow", 1),
            ("learn", 1),
        ],
        steps: 3_000,
    }];
}
