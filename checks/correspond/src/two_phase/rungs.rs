//! Sizes of clusters of sites that commit in two phases, and what each must show.

use concur_cores::two_phase::{Mode, Rule};
use concur_models::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use concur_models::two_phase::MAX_RMS;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as TwoPhase;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;
use concur_rules::{AllBut, RuleSet};

use super::{AboveTwoPhase, Alarms, Sites};
use crate::{Clustered, Clusters, Walk};

/// Clusters of sites that commit in two phases, or in one.
pub struct TwoPhaseCoresRung;

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

pub(super) const PARTICIPANTS: Param = number(
    "participants",
    1,
    MAX_RMS as u32,
    2,
    "sites that take part; one decides alone",
);
pub(super) const COORDINATORS: Param = number(
    "coordinators",
    1,
    5,
    1,
    "the first so many sites coordinate",
);
pub(super) const TRANSACTIONS: Param = number(
    "transactions",
    1,
    10_000,
    1,
    "transactions of each client: up to two one after the other, more two at a time",
);
pub(super) const SITES: Param = number("sites", 0, 8, 0, "sites, at least");
pub(super) const TURNS: Param = number(
    "turns",
    0,
    1,
    0,
    "1 if other sites take part in each transaction",
);
pub(super) const APART: Param = number("apart", 0, 1, 0, "1 if coordinators take no part");
pub(super) const READERS: Param = number(
    "readers",
    0,
    MAX_RMS as u32,
    0,
    "how many participants may vote READ",
);
pub(super) const NO: Param = number("no", 0, 1, 0, "1 if participants may vote NO, and withdraw");
pub(super) const ROLLBACK: Param = number("rollback", 0, 1, 0, "1 if clients may roll back");
pub(super) const CARELESS: Param = number(
    "careless",
    0,
    8,
    0,
    "of a site that has had fewer requests, things are asked that are out of place",
);
pub(super) const ALARMS: Param = Param {
    name: "alarms",
    domain: Domain::OneOf(&["everyone", "in-doubt", "nobody"]),
    default: 0,
    help: "who does something about waiting too long: everyone, only participants in doubt, or nobody",
};
pub(super) const CRASHES: Param = number(
    "crashes",
    0,
    1_000,
    0,
    "how often sites may crash, all together",
);
pub(super) const REOPENED: Param = number(
    "reopened",
    0,
    1,
    0,
    "1 if acceptors that were told to forget may be asked again",
);
pub(super) const WRITES: Param = number(
    "writes",
    1,
    1_000,
    3,
    "how many writes of a site may be under way",
);
pub(super) const SLOW: Param = number("slow", 0, 1, 0, "1 if writes take time");

/// Positions of the parameter `alarms`.
const IN_DOUBT: u32 = 1;
pub(super) const NOBODY: u32 = 2;

/// Without operators, nothing is promised about them.
pub(super) const fn holds(distinct: u64, depth: u32) -> Expect {
    Expect::ours(distinct, depth).without(&["OperatorsLearn"])
}

pub(super) fn sites<S, A>(values: &Values, mode: Mode, above: A, rules: S) -> Sites<S, A> {
    Sites {
        coordinators: u64::from(values["coordinators"]),
        participants: u64::from(values["participants"]),
        apart: values["apart"] == 1,
        mode,
        acceptors: 0,
        transactions: values["transactions"],
        readers: u64::from(values["readers"]),
        says_no: values["no"] == 1,
        rolls_back: values["rollback"] == 1,
        operators: false,
        careless: values["careless"],
        alarms: [Alarms::Everyone, Alarms::InDoubt, Alarms::Nobody][values.size("alarms")],
        rounds: 0,
        leaders: 0,
        reopens: values["reopened"] == 1,
        writes: values.size("writes"),
        checkpoint_every: 1,
        sites: u64::from(values["sites"]),
        in_turn: values["turns"] == 1,
        crashes: values["crashes"],
        slow_disks: values["slow"] == 1,
        quiet: false,
        story: Vec::new(),
        above,
        rules,
    }
}

impl Rung for TwoPhaseCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<Sites<S, AboveTwoPhase>>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "cores";
    const REFINES: &'static str = "two-phase";
    const CLAIM: &'static str =
        "the sites that ship commit as TwoPhase.tla does, across crashes, whatever they forget";
    const SOURCE: &'static str = "Gray & Lamport 2006; Mohan, Lindsay & Obermarck 1986";
    const RULES: &'static [Rule] = &[
        Rule::TwoPhase(TwoPhase::DPrepareWorking),
        Rule::TwoPhase(TwoPhase::DYesSynced),
        Rule::TwoPhase(TwoPhase::DReadWorking),
        Rule::TwoPhase(TwoPhase::DChooseToAbortWorking),
        Rule::TwoPhase(TwoPhase::DAckSynced),
        Rule::TwoPhase(TwoPhase::DRcvAbortUndecided),
        Rule::TwoPhase(TwoPhase::DAnswerCommitCommitted),
        Rule::TwoPhase(TwoPhase::DAnswerAbortCertain),
        Rule::TwoPhase(TwoPhase::DCommitAllVoted),
        Rule::TwoPhase(TwoPhase::DTellCommitSynced),
        Rule::TwoPhase(TwoPhase::DAbortUndecided),
        Rule::TwoPhase(TwoPhase::DForgetAllAcked),
        Rule::TwoPhase(TwoPhase::DAnswerForgotten),
        Rule::Core(Core::SubmitOnce),
        Rule::Core(Core::BranchOfThisIncarnation),
        Rule::Core(Core::EnlistOpen),
        Rule::Core(Core::OnePhaseGivenAway),
        Rule::Core(Core::OnePhaseSynced),
        Rule::Core(Core::OnePhaseForgetHeard),
        Rule::Core(Core::ResolveInDoubt),
        Rule::Core(Core::ForgetCompared),
    ];
    const ASKS_BOTH_WAYS: bool = false;
    const PARAMS: &'static [Param] = &[
        COORDINATORS,
        PARTICIPANTS,
        APART,
        TRANSACTIONS,
        SITES,
        TURNS,
        READERS,
        NO,
        ROLLBACK,
        number(
            "operators",
            0,
            1,
            0,
            "1 if operators decide in place of participants in doubt",
        ),
        CARELESS,
        ALARMS,
        number(
            "checkpoint",
            0,
            64,
            0,
            "after how many records a site writes a checkpoint; 0 if never",
        ),
        REOPENED,
        CRASHES,
        SLOW,
        WRITES,
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "participants=2,no,readers=2,rollback",
            &[("no", 1), ("readers", 2), ("rollback", 1)],
            holds(9_671, 28),
        ),
        // One-phase commit.
        Config::small(
            "participants=1,apart,readers=1,no,rollback,careless,crashes=1,slow",
            &[
                ("participants", 1),
                ("apart", 1),
                ("readers", 1),
                ("no", 1),
                ("rollback", 1),
                ("careless", 3),
                ("crashes", 1),
                ("slow", 1),
            ],
            Expect::ours(5_685, 23).without(&["OperatorsLearn", "SaidIsDone"]),
        ),
        Config::small(
            "participants=2,crashes=1,slow",
            &[("alarms", NOBODY), ("crashes", 1), ("slow", 1)],
            holds(2_327, 34),
        ),
        // Logs that say no more than they must.
        Config::small(
            "participants=2,checkpoint=1,crashes=1,slow",
            &[
                ("alarms", NOBODY),
                ("checkpoint", 1),
                ("crashes", 1),
                ("slow", 1),
            ],
            holds(2_325, 34),
        ),
        Config::small(
            "participants=2,crashes=1,alarms=in-doubt",
            &[("alarms", IN_DOUBT), ("crashes", 1)],
            holds(13_654, 32),
        ),
        Config::small(
            "participants=2,apart,transactions=2",
            &[("apart", 1), ("transactions", 2), ("alarms", NOBODY)],
            holds(432, 40),
        ),
        Config::small(
            "participants=2,apart,careless",
            &[("apart", 1), ("careless", 4), ("alarms", NOBODY)],
            holds(4_042, 28),
        ),
        Config::small(
            "participants=2,operators,careless",
            &[("operators", 1), ("careless", 4), ("alarms", NOBODY)],
            Expect::ours(13_761, 29),
        ),
        Config::ci(
            "participants=2,crashes=1",
            &[("crashes", 1)],
            holds(51_976, 33),
        ),
        Config::ci(
            "participants=2,careless,crashes=1,alarms=in-doubt",
            &[("careless", 3), ("crashes", 1), ("alarms", IN_DOUBT)],
            holds(67_782, 35),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<Sites<S, AboveTwoPhase>>, NoSuchModel> {
        let checkpoint = u64::from(values["checkpoint"]);
        let above = AboveTwoPhase {
            rms: values.size("participants"),
            rules: AllBut(None),
        };
        let sites = sites(values, Mode::TwoPhase, above, rules);
        Ok(Clustered::new(Sites {
            operators: values["operators"] == 1,
            checkpoint_every: if checkpoint == 0 {
                u64::MAX
            } else {
                checkpoint
            },
            ..sites
        }))
    }
}

impl Clusters for TwoPhaseCoresRung {
    const PARTLY: &'static [(&'static str, &'static str)] = &[(
        "RMChooseToAbort",
        "a participant that aborts when the transaction manager has aborted counts as told so",
    )];
    const WALKS: &'static [Walk] = &[Walk {
        name: "sites=5",
        settings: &[
            ("sites", 5),
            ("coordinators", 3),
            ("participants", 2),
            ("turns", 1),
            ("transactions", 1_000),
            ("readers", 1),
            ("checkpoint", 16),
            ("crashes", 1_000),
            ("reopened", 1),
            ("writes", 1_000),
            ("slow", 1),
        ],
        steps: 2_000,
    }];
}
