//! Sizes of clusters of Paxos cores that keep a log, and what each must show.

use concur_cores::paxos::multi::Rule;
use concur_models::kit::{Config, Expect, NoSuchModel, Param, Redundant, Rung, Tier, Values};
use concur_rules::RuleSet;
use concur_rules::multi_paxos::MultiPaxosRule as Model;
use concur_rules::multi_paxos_core::MultiPaxosCoreRule as Core;

use super::configs::{
    BALLOTS, CRASHES, MANY, NODES, PHASE2, PROPOSERS, ROUNDS, SLOW, above, number, phases,
};
use super::multi::MultiPaxosCores;
use crate::{Clustered, Clusters, Walk};

/// Clusters of cores that keep a log.
pub struct MultiPaxosCoresRung;

impl Rung for MultiPaxosCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<MultiPaxosCores<S>>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "multi-cores";
    const REFINES: &'static str = "unbounded-paxos";
    const CLAIM: &'static str = "the nodes that ship, with a leader that asks once for all slots, batches, snapshots and catching up, behave as Paxos does in each slot";
    const SOURCE: &'static str = "Lamport 2001, §3; Chandra, Griesemer & Redstone 2007";
    const RULES: &'static [Rule] = &[
        Rule::Model(Model::ReplicaPromiseHigher),
        Rule::Model(Model::LeadQuorumPromised),
        Rule::Model(Model::LeadKeepsHighest),
        Rule::Model(Model::LeaderProposesReported),
        Rule::Model(Model::ReplicaAcceptNotBelow),
        Rule::Model(Model::ExecuteQuorum),
        Rule::Model(Model::ExecuteInOrder),
        Rule::Model(Model::CatchUpExecuted),
        Rule::Model(Model::TruncateExecuted),
        Rule::Core(Core::LeadCountsOwnBallot),
        Rule::Core(Core::LeaderCountsOwnBallot),
        Rule::Core(Core::FollowVotedInBallot),
        Rule::Core(Core::PromiseReachesBack),
        Rule::Core(Core::ProposeWithinWindow),
        Rule::Core(Core::AcceptWithinWindow),
    ];
    const ASKS_BOTH_WAYS: bool = false;
    /// `ExecuteInOrder` refuses something at sizes of tier ci alone.
    const COVERED_FROM: Tier = Tier::Ci;
    const PARAMS: &'static [Param] = &[
        NODES,
        number("learners", 0, 3, 0, "nodes that only learn"),
        PHASE2,
        PROPOSERS,
        ROUNDS,
        BALLOTS,
        number("slots", 1, MANY, 1, "slots that clients fill"),
        number("requests", 1, MANY, 1, "requests that each node gets"),
        number("window", 1, MANY, 1, "slots that may be under way"),
        number("compact", 0, 1, 0, "1 if hosts take snapshots"),
        number("heartbeats", 0, 1, 0, "1 if leaders' heartbeats go off"),
        number(
            "quiet",
            0,
            1,
            0,
            "1 if the network loses votes, refusals and heartbeats",
        ),
        CRASHES,
        SLOW,
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[Redundant {
        rule: Rule::Core(Core::PromiseReachesBack),
        because: "a candidate does not heed a promise that leaves out slots it does not know; without the rule it is never told of them, and nobody leads (`Progress`, in the random runs of the core)",
    }];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=2", &[], Expect::ours(42, 10)),
        Config::small(
            "nodes=2,slow,crashes=1",
            &[("slow", 1), ("crashes", 1)],
            Expect::ours(566, 17),
        ),
        Config::small(
            "nodes=2,rounds=2,ballots=2,crashes=1",
            &[("rounds", 2), ("ballots", 2), ("crashes", 1)],
            Expect::ours(1_946, 20),
        ),
        Config::small(
            "nodes=2,slots=2,requests=2",
            &[("slots", 2), ("requests", 2)],
            Expect::ours(138, 15),
        ),
        Config::small(
            "nodes=2,heartbeats",
            &[("heartbeats", 1)],
            Expect::ours(106, 14),
        ),
        Config::small(
            "nodes=2,requests=2,compact,crashes=1",
            &[("requests", 2), ("compact", 1), ("crashes", 1)],
            Expect::ours(782, 15),
        ),
        // The leader chooses by itself, and the other lags behind.
        Config::small(
            "nodes=2,phase2=1,proposers=1,slots=2,requests=2",
            &[
                ("phase2", 1),
                ("proposers", 1),
                ("slots", 2),
                ("requests", 2),
            ],
            Expect::ours(785, 21),
        ),
        // A leader leads by its own promise, and needs the other's vote.
        Config::small(
            "nodes=2,phase2=2,proposers=1,rounds=2,ballots=2,requests=2,slow,crashes=1",
            &[
                ("phase2", 2),
                ("proposers", 1),
                ("rounds", 2),
                ("ballots", 2),
                ("requests", 2),
                ("slow", 1),
                ("crashes", 1),
            ],
            Expect::ours(3_678, 22),
        ),
        Config::small(
            "nodes=2,slots=2,window=2,rounds=2,ballots=2,crashes=1",
            &[
                ("slots", 2),
                ("window", 2),
                ("rounds", 2),
                ("ballots", 2),
                ("crashes", 1),
            ],
            Expect::ours(7_486, 28),
        ),
        // A candidate that has missed what others have forgotten.
        Config::small(
            "nodes=2,phase2=1,rounds=2,ballots=2,requests=2,compact",
            &[
                ("phase2", 1),
                ("rounds", 2),
                ("ballots", 2),
                ("requests", 2),
                ("compact", 1),
            ],
            Expect::ours(1_194, 18),
        ),
        Config::small(
            "nodes=2,learners=1,proposers=1,requests=2,compact,heartbeats",
            &[
                ("learners", 1),
                ("proposers", 1),
                ("requests", 2),
                ("compact", 1),
                ("heartbeats", 1),
            ],
            Expect::ours(2_747, 22),
        ),
        Config::ci(
            "nodes=2,phase2=1,proposers=1,slots=2,requests=2,slow,crashes=1",
            &[
                ("phase2", 1),
                ("proposers", 1),
                ("slots", 2),
                ("requests", 2),
                ("slow", 1),
                ("crashes", 1),
            ],
            Expect::ours(53_108, 34),
        ),
        Config::ci(
            "nodes=2,slots=2,requests=2,window=2,compact,heartbeats",
            &[
                ("slots", 2),
                ("requests", 2),
                ("window", 2),
                ("compact", 1),
                ("heartbeats", 1),
            ],
            Expect::ours(65_730, 29),
        ),
        Config::ci(
            "nodes=2,rounds=2,ballots=2,requests=2,compact,slow,crashes=1",
            &[
                ("rounds", 2),
                ("ballots", 2),
                ("requests", 2),
                ("compact", 1),
                ("slow", 1),
                ("crashes", 1),
            ],
            Expect::ours(102_633, 35),
        ),
        // Votes in two lower ballots are reported.
        Config::ci(
            "nodes=3,proposers=3,rounds=2,ballots=3,quiet",
            &[
                ("nodes", 3),
                ("proposers", 3),
                ("rounds", 2),
                ("ballots", 3),
                ("quiet", 1),
            ],
            Expect::ours(50_591, 23),
        ),
        Config::ci(
            "nodes=3,ballots=2,heartbeats",
            &[("nodes", 3), ("ballots", 2), ("heartbeats", 1)],
            Expect::ours(115_379, 28),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<MultiPaxosCores<S>>, NoSuchModel> {
        let phases = phases(values)?;
        let commands = values.size("proposers") * values.size("requests");
        let slots = u64::from(values["slots"]);
        Ok(Clustered::new(MultiPaxosCores {
            nodes: values.size("nodes"),
            learners: values.size("learners"),
            phases,
            proposers: values.size("proposers"),
            rounds: u64::from(values["rounds"]),
            ballots: values.size("ballots"),
            slots,
            requests: values["requests"],
            window: values.size("window"),
            compact: values["compact"] == 1,
            heartbeats: values["heartbeats"] == 1,
            quiet: values["quiet"] == 1,
            crashes: values["crashes"],
            slow_disks: values["slow"] == 1,
            above: above(values, phases, commands + 1, slots),
            rules,
        }))
    }
}

impl Clusters for MultiPaxosCoresRung {
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
            "a leader that may choose proposes what its clients ask for, slot after slot, and nobody proposes in a ballot that it has left",
        ),
        ("Phase2b", "whoever proposes votes before others hear of it"),
    ];
    const WALKS: &'static [Walk] = &[Walk {
        name: "nodes=5",
        settings: &[
            ("nodes", 5),
            ("learners", 1),
            ("proposers", 5),
            ("rounds", MANY),
            ("slots", MANY),
            ("requests", MANY),
            ("window", 4),
            ("compact", 1),
            ("heartbeats", 1),
            ("crashes", MANY),
            ("slow", 1),
        ],
        steps: 3_000,
    }];
}
