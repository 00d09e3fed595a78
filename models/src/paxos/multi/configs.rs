//! Sizes of the log of slots and of Multi-Paxos, and what each must show.

use concur_rules::RuleSet;
use concur_rules::multi_paxos::MultiPaxosRule as Rule;

use crate::kit::{Config, Domain, Expect, Faults, NoSuchModel, Param, Quorums, Rung, Values};
use crate::paxos::multi::protocol::MultiPaxos;
use crate::paxos::multi::spec::Slots;
use crate::paxos::multi::{MAX_BALLOTS, MAX_COMMANDS, MAX_REPLICAS, MAX_SLOTS};

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

const SLOTS: Param = number("slots", 1, MAX_SLOTS, 2, "slots of the log");
const COMMANDS: Param = number("commands", 1, MAX_COMMANDS, 2, "commands of clients");

const PARAMS: &[Param] = &[
    number("replicas", 1, MAX_REPLICAS, 3, "replicas"),
    SLOTS,
    COMMANDS,
    number(
        "max_ballot",
        0,
        MAX_BALLOTS - 1,
        1,
        "the highest ballot; the lowest is 0",
    ),
    number(
        "executors",
        0,
        MAX_REPLICAS,
        MAX_REPLICAS as u32,
        "replicas that execute, truncate and catch up; the others only vote",
    ),
    number(
        "own",
        0,
        1,
        0,
        "1 if each leader has one command of its own, instead of all of them",
    ),
    number("crashes", 0, 4, 0, "how often a replica may crash"),
];

/// One slot has no gap.
const ONE_SLOT: &[&str] = &["NoOpOnlyFillsGap", "ProposedInOrder"];

const NOBODY_EXECUTES: &[&str] = &[
    "LearnedImpliesChosen",
    "TruncatedIsChosen",
    "NothingForgotten",
];

const ONE_SLOT_NOBODY_EXECUTES: &[&str] = &[
    "NoOpOnlyFillsGap",
    "ProposedInOrder",
    "LearnedImpliesChosen",
    "TruncatedIsChosen",
    "NothingForgotten",
];

/// The promise.
pub struct SlotsRung;

impl Rung for SlotsRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Slots<S>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "slots";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str =
        "in each slot at most one entry is ever chosen, and it stays chosen";
    const SOURCE: &'static str = "Lamport 2001, §3";
    const RULES: &'static [Rule] = &[Rule::SlotChosenOnce];
    const PARAMS: &'static [Param] = &[SLOTS, COMMANDS];
    const CONFIGS: &'static [Config] = &[Config::small(
        "slots=2",
        &[("slots", 2)],
        Expect::ours(16, 3).orbits(10),
    )];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Slots<S>, NoSuchModel> {
        Ok(Slots {
            slots: values.size("slots"),
            commands: values.size("commands"),
            rules,
        })
    }
}

/// Multi-Paxos.
pub struct MultiPaxosRung;

impl Rung for MultiPaxosRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = MultiPaxos<S>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "multi-paxos";
    const REFINES: &'static str = "slots";
    const CLAIM: &'static str = "a leader that asks once for all slots, fills gaps and meets replicas that have forgotten what they executed keeps the promise of each slot";
    const SOURCE: &'static str = "Lamport 2001, §3; Chandra, Griesemer & Redstone 2007";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL.split_at(1).1;
    const PARAMS: &'static [Param] = PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "replicas=1,crashes=1",
            &[("replicas", 1), ("crashes", 1)],
            Expect::ours(3_563, 18).orbits(1_795),
        ),
        Config::small(
            "replicas=2,crashes=1",
            &[("replicas", 2), ("crashes", 1)],
            Expect::ours(87_720, 27).orbits(22_622),
        ),
        // A third ballot, as votes in two lower ones can be reported.
        Config::ci(
            "replicas=3,slots=1,max_ballot=2,executors=0",
            &[("slots", 1), ("max_ballot", 2), ("executors", 0)],
            Expect::ours(249_176, 25)
                .orbits(23_124)
                .without(ONE_SLOT_NOBODY_EXECUTES),
        ),
        Config::ci(
            "replicas=3,executors=0",
            &[("executors", 0)],
            Expect::ours(555_576, 25)
                .orbits(49_984)
                .without(NOBODY_EXECUTES),
        ),
        Config::ci(
            "replicas=3,slots=1,crashes=1",
            &[("slots", 1), ("crashes", 1)],
            Expect::ours(613_464, 26).orbits(54_478).without(ONE_SLOT),
        ),
        // One replica executes, the others vote; where all execute there are too many states to wait for.
        Config::ci(
            "replicas=3,executors=1,own=1,crashes=1",
            &[("executors", 1), ("own", 1), ("crashes", 1)],
            Expect::ours(2_556_846, 32).orbits(1_307_788),
        ),
        Config::full(
            "replicas=3,executors=1,crashes=1",
            &[("executors", 1), ("crashes", 1)],
            Expect::ours(12_839_184, 32).orbits(3_293_347),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<MultiPaxos<S>, NoSuchModel> {
        let replicas = values.size("replicas");
        let majority = replicas / 2 + 1;
        Ok(MultiPaxos {
            replicas,
            slots: values.size("slots"),
            commands: values.size("commands"),
            max_ballot: values.size("max_ballot"),
            executors: replicas.min(values.size("executors")),
            own: values["own"] == 1,
            quorums: Quorums::of_sizes(replicas, majority, majority),
            most: Faults {
                crashes: values["crashes"] as u8,
                ..Faults::default()
            },
            rules,
        })
    }
}
