//! Sizes of clusters of sites, and what each must show.

use concur_cores::two_phase::{Mode, Rule};
use concur_models::kit::{Config, Domain, Expect, NoSuchModel, Param, Redundant, Rung, Values};
use concur_models::two_phase::MAX_RMS;
use concur_rules::RuleSet;
use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as DurablePaxos;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as TwoPhase;
use concur_rules::paxos_commit::PaxosCommitRule as Paxos;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;

use super::{Alarms, Sites};
use crate::{Clustered, Clusters, Walk};

/// Clusters of sites that commit in two phases, or in one.
pub struct TwoPhaseCoresRung;

/// Clusters of sites whose acceptors decide.
pub struct PaxosCommitCoresRung;

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

const PARTICIPANTS: Param = number("participants", 1, MAX_RMS as u32, 2, "sites that take part; one decides alone");
const COORDINATORS: Param = number("coordinators", 1, 5, 1, "the first so many sites coordinate");
const TRANSACTIONS: Param = number("transactions", 1, 10_000, 1, "transactions of each client: up to two one after the other, more two at a time");
const SITES: Param = number("sites", 0, 8, 0, "sites, at least");
const TURNS: Param = number("turns", 0, 1, 0, "1 if other sites take part in each transaction");
const APART: Param = number("apart", 0, 1, 0, "1 if coordinators take no part");
const READERS: Param = number("readers", 0, MAX_RMS as u32, 0, "how many participants may vote READ");
const NO: Param = number("no", 0, 1, 0, "1 if participants may vote NO, and withdraw");
const ROLLBACK: Param = number("rollback", 0, 1, 0, "1 if clients may roll back");
const CARELESS: Param = number("careless", 0, 8, 0, "of a site that has had fewer requests, things are asked that are out of place");
const ALARMS: Param = Param {
    name: "alarms",
    domain: Domain::OneOf(&["everyone", "in-doubt", "nobody"]),
    default: 0,
    help: "who does something about waiting too long: everyone, only participants in doubt, or nobody",
};
const CRASHES: Param = number("crashes", 0, 1_000, 0, "how often sites may crash, all together");
const SLOW: Param = number("slow", 0, 1, 0, "1 if writes take time");

fn sites<S>(values: &Values, mode: Mode, rules: S) -> Sites<S> {
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
        checkpoint_every: 1,
        sites: u64::from(values["sites"]),
        in_turn: values["turns"] == 1,
        crashes: values["crashes"],
        slow_disks: values["slow"] == 1,
        rules,
    }
}

impl Rung for TwoPhaseCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<Sites<S>>;

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
    const REDUNDANT: &'static [Redundant<Rule>] = &[];
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
        number("operators", 0, 1, 0, "1 if operators decide in place of participants in doubt"),
        CARELESS,
        ALARMS,
        number("checkpoint", 0, 64, 0, "after how many records a site writes a checkpoint; 0 if never"),
        CRASHES,
        SLOW,
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("participants=2", &[], Expect::ours(0, 0)),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<Sites<S>>, NoSuchModel> {
        let checkpoint = u64::from(values["checkpoint"]);
        let sites = sites(values, Mode::TwoPhase, rules);
        Ok(Clustered::new(Sites {
            operators: values["operators"] == 1,
            checkpoint_every: if checkpoint == 0 { u64::MAX } else { checkpoint },
            ..sites
        }))
    }
}

impl Rung for PaxosCommitCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<Sites<S>>;

    const PROTOCOL: &'static str = "paxos-commit";
    const NAME: &'static str = "cores";
    const REFINES: &'static str = "two-phase";
    const CLAIM: &'static str =
        "the sites that ship commit as TwoPhase.tla does, with acceptors for its transaction manager";
    const SOURCE: &'static str = "Gray & Lamport 2006, §4";
    const RULES: &'static [Rule] = &[
        Rule::Paxos(Paxos::PC1bHigherBallot),
        Rule::Paxos(Paxos::PC2aOncePerBallot),
        Rule::Paxos(Paxos::PC2aMajorityPromised),
        Rule::Paxos(Paxos::PC2aFreeAborts),
        Rule::Paxos(Paxos::PC2aHighestBallot),
        Rule::Paxos(Paxos::PC2bNotBelowPromise),
        Rule::Paxos(Paxos::PCDecideCommitAll),
        Rule::Paxos(Paxos::PCDecideAbortOne),
        Rule::DurablePaxos(DurablePaxos::DPProposeSynced),
        Rule::DurablePaxos(DurablePaxos::DPReplySynced),
        Rule::Core(Core::PresumeTwoPhase),
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[];
    const PARAMS: &'static [Param] = &[
        COORDINATORS,
        PARTICIPANTS,
        APART,
        TRANSACTIONS,
        SITES,
        TURNS,
        number("acceptors", 1, 5, 1, "the first so many sites are acceptors"),
        number("leaders", 0, 5, 1, "the first so many sites lead when they have waited too long"),
        number("rounds", 0, 1_000, 1, "the highest round of ballots"),
        READERS,
        NO,
        ROLLBACK,
        CARELESS,
        ALARMS,
        CRASHES,
        SLOW,
    ];
    const CONFIGS: &'static [Config] = &[Config::small("participants=2", &[], Expect::ours(0, 0))];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<Sites<S>>, NoSuchModel> {
        let sites = sites(values, Mode::PaxosCommit, rules);
        Ok(Clustered::new(Sites {
            acceptors: u64::from(values["acceptors"]),
            leaders: u64::from(values["leaders"]),
            rounds: u64::from(values["rounds"]),
            ..sites
        }))
    }
}

impl Clusters for TwoPhaseCoresRung {
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
            ("slow", 1),
        ],
        steps: 2_000,
    }];
}

impl Clusters for PaxosCommitCoresRung {
    const WALKS: &'static [Walk] = &[Walk {
        name: "sites=5",
        settings: &[
            ("sites", 5),
            ("coordinators", 3),
            ("participants", 2),
            ("acceptors", 3),
            ("leaders", 5),
            ("rounds", 1_000),
            ("turns", 1),
            ("transactions", 1_000),
            ("readers", 1),
            ("crashes", 1_000),
            ("slow", 1),
        ],
        steps: 2_000,
    }];
}
