//! Sizes of Paxos with disks, and what each must show.

use concur_rules::RuleSet;
use concur_rules::durable_paxos::DurablePaxosRule as Rule;

use crate::kit::{Config, Domain, Expect, Faults, NoSuchModel, Param, QuorumKind, Rung, Values};
use crate::paxos::durable::QuorumSizes;
use crate::paxos::durable::protocol::DurablePaxos;
use crate::paxos::durable::state::MAX_PROPOSERS;
use crate::paxos::{MAX_ACCEPTORS, MAX_BALLOTS, MAX_VALUES, Size};

const fn number(
    name: &'static str,
    least: u32,
    most: usize,
    default: u32,
    help: &'static str,
) -> Param {
    Param {
        name,
        domain: Domain::Number(least..=most as u32),
        default,
        help,
    }
}

const PARAMS: &[Param] = &[
    number("acceptors", 1, MAX_ACCEPTORS, 2, "acceptors"),
    number("values", 1, MAX_VALUES, 2, "values that may be chosen"),
    number(
        "max_ballot",
        0,
        MAX_BALLOTS - 1,
        1,
        "the highest ballot; the lowest is 0",
    ),
    number(
        "proposers",
        1,
        MAX_PROPOSERS,
        2,
        "proposers, which share the ballots",
    ),
    number("learners", 0, 1, 1, "learners"),
    number("crashes", 0, 4, 0, "how often a node may crash"),
    number(
        "wipe",
        0,
        1,
        0,
        "1 if a crash takes the acceptor's disk with it: an expected failure",
    ),
    Param {
        name: "quorum",
        domain: Domain::OneOf(QuorumSizes::NAMES),
        default: 0,
        help: "how many acceptors are a quorum; half, third and unsatisfiable are mistakes",
    },
];

const FLEXIBLE: u32 = 1;
const HALF: u32 = 2;
const THIRD: u32 = 3;

/// Paxos with disks.
pub struct DurablePaxosRung;

impl Rung for DurablePaxosRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = DurablePaxos<S>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "durable-paxos";
    const REFINES: &'static str = "paxos";
    const CLAIM: &'static str = "acceptors that write, sync and then answer, proposers that restart, and learners that count behave as Paxos does";
    const SOURCE: &'static str = "Lamport 2001; Chandra, Griesemer & Redstone 2007";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "acceptors=2",
            &[],
            Expect::ours(2_276, 41)
                .orbits(750)
                .without(&["SaidIsSynced", "NoBallotReused"]),
        ),
        Config::small(
            "acceptors=2,crashes=1",
            &[("crashes", 1)],
            Expect::ours(16_890, 43)
                .orbits(5_292)
                .without(&["NoBallotReused"]),
        ),
        // Phase 1 needs one acceptor: the other votes without having promised.
        Config::small(
            "acceptors=2,quorum=flexible",
            &[("quorum", FLEXIBLE)],
            Expect::ours(25_804, 41)
                .orbits(6_632)
                .without(&["SaidIsSynced", "NoBallotReused"]),
        ),
        // A third ballot: votes in two lower ones can be reported.
        Config::small(
            "acceptors=2,max_ballot=2,crashes=1,learners=0",
            &[("max_ballot", 2), ("crashes", 1), ("learners", 0)],
            Expect::ours(128_456, 57)
                .orbits(38_906)
                .without(&["Consistency", "LearnedImpliesChosen"]),
        ),
        Config::small(
            "acceptors=2,quorum=half",
            &[("quorum", HALF)],
            Expect::fails("Agreement", 23),
        ),
        Config::small(
            "acceptors=2,quorum=third",
            &[("quorum", THIRD)],
            Expect::fails("Agreement", 23),
        ),
        Config::small(
            "acceptors=2,crashes=1,wipe=1",
            &[("crashes", 1), ("wipe", 1)],
            Expect::fails("SaidIsSynced", 8),
        ),
        Config::ci(
            "acceptors=2,max_ballot=2,proposers=1,crashes=2,learners=0",
            &[
                ("max_ballot", 2),
                ("proposers", 1),
                ("crashes", 2),
                ("learners", 0),
            ],
            Expect::ours(202_791, 59)
                .orbits(57_941)
                .without(&["Consistency", "LearnedImpliesChosen"]),
        ),
        Config::ci(
            "acceptors=3",
            &[("acceptors", 3)],
            Expect::ours(579_896, 55)
                .orbits(51_464)
                .without(&["SaidIsSynced", "NoBallotReused"]),
        ),
        Config::ci(
            "acceptors=3,crashes=1,learners=0",
            &[("acceptors", 3), ("crashes", 1), ("learners", 0)],
            Expect::ours(1_256_507, 53).orbits(116_523).without(&[
                "Consistency",
                "LearnedImpliesChosen",
                "NoBallotReused",
            ]),
        ),
        // Three acceptors and three ballots: what two ballots can never show (`models/tests/paxos_zoo.rs`).
        Config::full(
            "acceptors=3,max_ballot=2,proposers=1,learners=0",
            &[
                ("acceptors", 3),
                ("max_ballot", 2),
                ("proposers", 1),
                ("learners", 0),
            ],
            Expect::ours(3_952_137, 74).orbits(346_063).without(&[
                "Consistency",
                "LearnedImpliesChosen",
                "SaidIsSynced",
            ]),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<DurablePaxos<S>, NoSuchModel> {
        let size = Size {
            acceptors: values.size("acceptors"),
            values: values.size("values"),
            max_ballot: values.size("max_ballot"),
            quorums: QuorumKind::Majority,
        };
        Ok(DurablePaxos {
            size,
            proposers: values.size("proposers"),
            learns: values["learners"] == 1,
            quorums: QuorumSizes::new(values["quorum"], size.acceptors),
            wipes: values["wipe"] == 1,
            most: Faults {
                crashes: values["crashes"] as u8,
                ..Faults::default()
            },
            renamings: size.renamings(),
            rules,
        })
    }
}
