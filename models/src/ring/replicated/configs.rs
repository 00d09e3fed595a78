//! Sizes of the replicated ring, and what each must show.

use concur_rules::replicated_ring::RepRule as Rule;
use concur_rules::{Rule as _, RuleSet};

use crate::kit::{Config, Domain, Expect, Faults, NoSuchModel, Param, Rung, Values};
use crate::ring::replicated::{MAX_NODES, ReplicatedRing};
use crate::ring::{MAX_EPOCHS, MAX_KEYS, MAX_WRITES};

/// Without a read there is nothing to say of reads.
const NO_READ: &[&str] = &["Reads Are Current"];

/// Where every node is a replica, no copy is a stranger's.
const NO_STRANGER: &[&str] = &["Reads Are Current", "Room Is Freed"];

/// Copies in memory.
pub struct ReplicatedRingRung;

impl Rung for ReplicatedRingRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = ReplicatedRing<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "replicated-ring";
    const REFINES: &'static str = "key-map";
    const CLAIM: &'static str = "a key with N copies in memory loses no acknowledged write while fewer than N nodes crash before the copies are restored";
    const SOURCE: &'static str =
        "DeCandia et al. 2007 (Dynamo), §4.3, §4.9; Oki & Liskov 1988; Alsberg & Day 1976";
    const RULES: &'static [Rule] = Rule::ALL;
    const PARAMS: &'static [Param] = &[
        Param {
            name: "nodes",
            domain: Domain::Number(1..=MAX_NODES as u32),
            default: 3,
            help: "nodes, members or not",
        },
        Param {
            name: "replicas",
            domain: Domain::Number(1..=MAX_NODES as u32),
            default: 2,
            help: "nodes that are to hold each key",
        },
        Param {
            name: "keys",
            domain: Domain::Number(1..=MAX_KEYS as u32),
            default: 1,
            help: "keys",
        },
        Param {
            name: "writes",
            domain: Domain::Number(1..=MAX_WRITES as u32),
            default: 1,
            help: "writes, each by a client of its own to a key of its choice",
        },
        Param {
            name: "reads",
            domain: Domain::Number(0..=1),
            default: 0,
            help: "reads, of a key that the client chooses",
        },
        Param {
            name: "epochs",
            domain: Domain::Number(1..=MAX_EPOCHS as u32),
            default: 3,
            help: "epochs, the first one included",
        },
        Param {
            name: "together",
            domain: Domain::Number(0..=MAX_NODES as u32),
            default: 1,
            help: "nodes that may crash before the number of copies is restored",
        },
        Param {
            name: "crashes",
            domain: Domain::Number(0..=4),
            default: 1,
            help: "how many crashes there may be, of all nodes together",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "reads=1",
            &[("reads", 1), ("epochs", 2)],
            Expect::ours(52_930, 21),
        ),
        Config::small(
            "keys=2",
            &[("keys", 2), ("epochs", 2)],
            Expect::ours(30_427, 20).without(NO_READ),
        ),
        Config::small(
            "nodes=2,crashes=2",
            &[("nodes", 2), ("epochs", 4), ("crashes", 2)],
            Expect::ours(79_012, 26).without(NO_STRANGER),
        ),
        Config::small(
            "together=2",
            &[("epochs", 2), ("together", 2), ("crashes", 2)],
            Expect::fails("No Acknowledged Write Lost", 7),
        ),
        Config::small(
            "replicas=3,together=3",
            &[
                ("replicas", 3),
                ("epochs", 2),
                ("together", 3),
                ("crashes", 3),
            ],
            Expect::fails("No Acknowledged Write Lost", 9),
        ),
        Config::ci(
            "writes=2",
            &[("writes", 2), ("epochs", 2)],
            Expect::ours(199_160, 24).without(NO_READ),
        ),
        Config::ci(
            "nodes=4,replicas=3,crashes=2",
            &[
                ("nodes", 4),
                ("replicas", 3),
                ("epochs", 2),
                ("together", 2),
                ("crashes", 2),
            ],
            Expect::ours(136_111, 23).without(NO_READ),
        ),
        Config::ci(
            "crashes=2",
            &[("crashes", 2)],
            Expect::ours(496_501, 27).without(NO_READ),
        ),
        Config::full(
            "reads=1,epochs=3",
            &[("reads", 1)],
            Expect::ours(1_880_734, 29),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<ReplicatedRing<S>, NoSuchModel> {
        let (nodes, replicas) = (values.size("nodes"), values.size("replicas"));
        if replicas > nodes {
            return Err(NoSuchModel(format!(
                "{nodes} nodes are too few for {replicas} replicas of each key"
            )));
        }
        Ok(ReplicatedRing {
            nodes,
            replicas,
            keys: values.size("keys"),
            writes: values.size("writes"),
            reads: values["reads"] > 0,
            epochs: values["epochs"] as u8,
            together: values.size("together"),
            most: Faults {
                crashes: values["crashes"] as u8,
                ..Faults::default()
            },
            rules,
        })
    }
}
