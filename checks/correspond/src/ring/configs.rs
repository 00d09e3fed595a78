//! Sizes of clusters of hand-over cores, and what each must show.

use std::sync::Arc;

use concur_models::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use concur_models::ring::unbounded::UnboundedRing;
use concur_rules::ring::RingRule as Rule;
use concur_rules::{AllBut, RuleSet};

use super::{RingCores, Tokens};
use crate::{Clustered, Clusters, Walk};

/// Clusters of hand-over cores.
pub struct RingCoresRung;

const fn number(
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

/// Without a read there is nothing to say of reads.
const NO_READ: &[&str] = &["Reads Are Current"];

impl Rung for RingCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<RingCores<S>>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "cores";
    const REFINES: &'static str = "unbounded";
    const CLAIM: &'static str = "the nodes that ship hand keys over as the ring does, on disks that lose what was not synced, and tell hosts and clients what is so";
    const SOURCE: &'static str =
        "DeCandia et al. 2007 (Dynamo), §4.9; Stoica et al. 2001 (Chord), §4";
    const RULES: &'static [Rule] = &[
        Rule::RingInstallNext,
        Rule::RingInstallSettled,
        Rule::RingReceiveEpoch,
        Rule::RingReceiveOnce,
        Rule::RingDeleteThisHandOver,
        Rule::RingDeleteAcked,
        Rule::OwnerDropUnneeded,
        Rule::RingAcceptEpoch,
        Rule::RingAcceptOwner,
        Rule::RingAcceptArrived,
        Rule::RingAcceptOnce,
        Rule::RingAnswerEpoch,
        Rule::RingAnswerOwner,
        Rule::RingAnswerArrived,
    ];
    const PARAMS: &'static [Param] = &[
        number("nodes", 1, 7, 2, "nodes, members or not"),
        number(
            "members",
            1,
            7,
            1,
            "how many of them are members in the first view",
        ),
        number("vnodes", 1, 4, 1, "tokens of each node"),
        number(
            "positions",
            2,
            64,
            3,
            "positions on the ring, at least as many as nodes and as keys",
        ),
        number("keys", 1, 26, 1, "keys"),
        number(
            "writes",
            1,
            200,
            1,
            "writes, each by a client of its own to a key of its choice",
        ),
        number(
            "reads",
            0,
            200,
            0,
            "reads, each of a key that the client chooses",
        ),
        number("epochs", 1, 100, 2, "epochs, the first one included"),
        number("crashes", 0, 200, 0, "how often nodes may crash"),
        number("slow", 0, 1, 0, "1 if writes take time"),
        number(
            "known",
            1,
            100,
            100,
            "by how many of the last views clients route",
        ),
        number(
            "hosts",
            0,
            1,
            0,
            "1 if hosts ask for checkpoints, and would like to switch nodes off",
        ),
        number(
            "backlog",
            1,
            4,
            1,
            "the most writes that a disk may have waiting",
        ),
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=2", &[], Expect::ours(64, 11).without(NO_READ)),
        Config::small(
            "nodes=3,members=2",
            &[("nodes", 3), ("members", 2)],
            Expect::ours(344, 12).without(NO_READ),
        ),
        Config::small(
            "slow,crashes=2",
            &[("slow", 1), ("crashes", 2), ("backlog", 2)],
            Expect::ours(1_347, 18).without(NO_READ),
        ),
        Config::small(
            "keys=2,slow,crashes=1",
            &[("keys", 2), ("slow", 1), ("crashes", 1)],
            Expect::ours(1_174, 17).without(NO_READ),
        ),
        Config::small(
            "members=2,hosts,slow,crashes=1",
            &[("members", 2), ("hosts", 1), ("slow", 1), ("crashes", 1)],
            Expect::ours(4_728, 21).without(NO_READ),
        ),
        Config::small(
            "writes=2",
            &[("writes", 2)],
            Expect::ours(779, 16).without(NO_READ),
        ),
        Config::small("reads=1", &[("reads", 1)], Expect::ours(1_484, 17)),
        Config::small(
            "members=2,epochs=3",
            &[("members", 2), ("epochs", 3)],
            Expect::ours(964, 17).without(NO_READ),
        ),
        Config::small(
            "epochs=4",
            &[("epochs", 4)],
            Expect::ours(6_008, 23).without(NO_READ),
        ),
        Config::ci(
            "nodes=3,members=2,slow,crashes=1",
            &[("nodes", 3), ("members", 2), ("slow", 1), ("crashes", 1)],
            Expect::ours(6_109, 19).without(NO_READ),
        ),
        Config::ci(
            "nodes=3,members=2,epochs=3",
            &[("nodes", 3), ("members", 2), ("epochs", 3)],
            Expect::ours(8_384, 20).without(NO_READ),
        ),
        Config::ci(
            "reads=1,slow,crashes=1",
            &[("reads", 1), ("slow", 1), ("crashes", 1)],
            Expect::ours(13_584, 23),
        ),
        Config::ci(
            "epochs=3,slow,crashes=1",
            &[("epochs", 3), ("slow", 1), ("crashes", 1)],
            Expect::ours(21_322, 28).without(NO_READ),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<RingCores<S>>, NoSuchModel> {
        let (nodes, positions, keys) = (
            values.size("nodes"),
            values.size("positions"),
            values.size("keys"),
        );
        if positions < nodes || positions < keys || nodes < values.size("members") {
            let needs = "a node and a key have a position of their own, and a member is a node";
            return Err(NoSuchModel(needs.to_owned()));
        }
        // Those behind the first meet those of other nodes.
        let tokens = |n| {
            (0..values.size("vnodes"))
                .map(|v| (n + 5 * v) % positions)
                .collect()
        };
        let above = UnboundedRing {
            first: Some(values.size("members")),
            tokens: (0..nodes).map(tokens).collect(),
            positions,
            keys,
            writes: values.size("writes"),
            reads: values.size("reads"),
            epochs: values["epochs"],
            crashes: values["crashes"],
            rules: AllBut(None),
        };
        Ok(Clustered::new(RingCores {
            placement: Tokens {
                of: Arc::new(above.tokens.clone()),
                positions,
            },
            above,
            hosts: values["hosts"] == 1,
            known: values.size("known"),
            hasty: false,
            slow_disks: values["slow"] == 1,
            backlog: values.size("backlog"),
            rules,
        }))
    }
}

/// Why the cores leave out some transitions of nearly every action.
const UNSENT: &str = "data is sent by the very step that installs the view: where it is set aside and not sent, cores are only in the middle of a step, or down after a crash";

impl Clusters for RingCoresRung {
    const PARTLY: &'static [(&'static str, &'static str)] = &[
        ("Accept", UNSENT),
        ("Ack", UNSENT),
        (
            "Ask",
            "as with the others, data waits to be sent; and clients, which are alike, begin in their order",
        ),
        ("AskRead", UNSENT),
        ("Crash", UNSENT),
        ("Delete", UNSENT),
        ("HandOver", UNSENT),
        ("Install", UNSENT),
        ("Join", UNSENT),
        ("Leave", UNSENT),
        ("Receive", UNSENT),
        ("Restart", UNSENT),
        ("Return", UNSENT),
    ];
    const WALKS: &'static [Walk] = &[
        Walk {
            name: "nodes=3",
            settings: &[
                ("nodes", 3),
                ("vnodes", 2),
                ("positions", 8),
                ("keys", 4),
                ("writes", 30),
                ("reads", 20),
                ("epochs", 12),
                ("known", 3),
                ("hosts", 1),
                ("crashes", 20),
                ("slow", 1),
                ("backlog", 3),
            ],
            steps: 1_000,
        },
        Walk {
            name: "nodes=7",
            settings: &[
                ("nodes", 7),
                ("members", 3),
                ("vnodes", 3),
                ("positions", 24),
                ("keys", 8),
                ("writes", 60),
                ("reads", 40),
                ("epochs", 20),
                ("known", 3),
                ("hosts", 1),
                ("crashes", 40),
                ("slow", 1),
                ("backlog", 3),
            ],
            steps: 2_000,
        },
    ];
}
