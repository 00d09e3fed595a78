//! Sizes of clusters of sites whose acceptors decide, and what each must show.

use concur_cores::two_phase::{Mode, Rule};
use concur_models::kit::{Config, Domain, Elsewhere, Expect, NoSuchModel, Param, Rung, Values};
use concur_models::paxos_commit::unbounded::Ballot;
use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as DurablePaxos;
use concur_rules::paxos_commit::PaxosCommitRule as Paxos;
use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;
use concur_rules::{AllBut, RuleSet};

use super::rungs::{
    ALARMS, APART, CARELESS, COORDINATORS, CRASHES, NO, NOBODY, PARTICIPANTS, READERS, REOPENED,
    ROLLBACK, SITES, SLOW, TRANSACTIONS, TURNS, WRITES, holds, number, sites,
};
use super::{AbovePaxosCommit, Sites, stories};
use crate::{Clustered, Clusters, Walk};

/// One participant and three acceptors, after a story in which ballots cross; then no alarm goes off any more.
const fn crossing(after: u32) -> [(&'static str, u32); 7] {
    [
        ("participants", 1),
        ("acceptors", 3),
        ("leaders", 0),
        ("rounds", 2),
        ("alarms", NOBODY),
        ("quiet", 1),
        ("after", after),
    ]
}

/// Where nobody learns of a decision.
const fn undecided(distinct: u64, depth: u32) -> Expect {
    Expect::ours(distinct, depth).without(&["HostsToldTrue", "OperatorsLearn"])
}

/// Clusters of sites whose acceptors decide.
pub struct PaxosCommitCoresRung;

impl Rung for PaxosCommitCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<Sites<S, AbovePaxosCommit>>;

    const PROTOCOL: &'static str = "paxos-commit";
    const NAME: &'static str = "cores";
    const REFINES: &'static str = "unbounded-paxos-commit";
    const CLAIM: &'static str =
        "the sites that ship commit as PaxosCommit.tla does, across crashes, whatever they forget";
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
    const ELSEWHERE: &'static [Elsewhere] = &[Elsewhere {
        property: "OperatorsLearn",
        because: "where acceptors decide, no operator does",
    }];
    const ASKS_BOTH_WAYS: bool = false;
    const PARAMS: &'static [Param] = &[
        COORDINATORS,
        PARTICIPANTS,
        APART,
        TRANSACTIONS,
        SITES,
        TURNS,
        number(
            "acceptors",
            1,
            5,
            1,
            "the first so many sites are acceptors",
        ),
        number(
            "leaders",
            0,
            5,
            1,
            "the first so many sites lead when they have waited too long",
        ),
        number("rounds", 0, 1_000, 1, "the highest round of ballots"),
        READERS,
        NO,
        ROLLBACK,
        CARELESS,
        ALARMS,
        REOPENED,
        CRASHES,
        SLOW,
        WRITES,
        number(
            "quiet",
            0,
            1,
            0,
            "1 if the network loses what acceptors say of their votes",
        ),
        Param {
            name: "after",
            domain: Domain::OneOf(stories::NAMES),
            default: 0,
            help: "what happens first",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "participants=2,acceptors=1,no",
            &[("leaders", 0), ("no", 1), ("alarms", NOBODY)],
            holds(404, 22),
        ),
        Config::small(
            "participants=2,acceptors=3,slow",
            &[
                ("acceptors", 3),
                ("leaders", 0),
                ("alarms", NOBODY),
                ("slow", 1),
            ],
            holds(3_568, 44),
        ),
        Config::small(
            "participants=2,acceptors=1,crashes=1",
            &[("leaders", 0), ("crashes", 1)],
            holds(7_459, 31),
        ),
        Config::small(
            "participants=2,acceptors=1,crashes=1,slow",
            &[
                ("leaders", 0),
                ("alarms", NOBODY),
                ("crashes", 1),
                ("slow", 1),
            ],
            holds(4_416, 36),
        ),
        Config::small(
            "participants=1,acceptors=1,leaders=1,no",
            &[("participants", 1), ("alarms", NOBODY), ("no", 1)],
            holds(1_100, 23),
        ),
        Config::small(
            "participants=1,acceptors=1,leaders=1,rounds=2",
            &[("participants", 1), ("alarms", NOBODY), ("rounds", 2)],
            holds(12_274, 31),
        ),
        Config::small(
            "participants=1,acceptors=1,reopened",
            &[
                ("participants", 1),
                ("leaders", 0),
                ("alarms", NOBODY),
                ("reopened", 1),
            ],
            holds(17, 15),
        ),
        Config::small(
            "participants=1,acceptors=3,quiet,after=two-leaders",
            &crossing(1),
            undecided(2_702, 27),
        ),
        Config::small(
            "participants=1,acceptors=3,quiet,after=a-proposal",
            &crossing(2),
            undecided(140, 20),
        ),
        Config::small(
            "participants=1,acceptors=3,quiet,after=a-choice",
            &crossing(3),
            undecided(421, 21),
        ),
        Config::small(
            "participants=1,acceptors=3,quiet,after=two-ballots",
            &crossing(4),
            undecided(521, 28),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<Sites<S, AbovePaxosCommit>>, NoSuchModel> {
        let above = above(values);
        let sites = sites(values, Mode::PaxosCommit, above, rules);
        Ok(Clustered::new(Sites {
            acceptors: u64::from(values["acceptors"]),
            leaders: u64::from(values["leaders"]),
            rounds: u64::from(values["rounds"]),
            quiet: values["quiet"] == 1,
            story: stories::lines(values["after"]),
            ..sites
        }))
    }
}

/// Of the ballots without end, those are listed that leaders begin before anything crashes. A coordinator leads, too, when its client rolls back.
fn above(values: &Values) -> AbovePaxosCommit {
    let rolls_back = values["rollback"] * values["coordinators"];
    let leaders = u64::from(values["leaders"].max(rolls_back));
    let incarnation = 1;
    let rounds = 1..=u64::from(values["rounds"]);
    let ballots = rounds.flat_map(|round| {
        (1..=leaders).map(move |leader| Ballot {
            round,
            leader,
            incarnation,
        })
    });
    let (rms, acceptors) = (values.size("participants"), values.size("acceptors"));
    AbovePaxosCommit::new(rms, acceptors, ballots, AllBut(None))
}

const AT_ONCE: &str = "a majority's votes are the decision: nothing happens between the two";
const UNKNOWN: &str = "who leads does not know of a decision, and a majority's votes are the decision: nothing happens between the two";

impl Clusters for PaxosCommitCoresRung {
    const PARTLY: &'static [(&'static str, &'static str)] = &[
        ("RMChooseToAbort", AT_ONCE),
        (
            "RMRcvAbortMsg",
            "one that has not voted aborts by itself, whatever it is told",
        ),
        ("Phase1a", UNKNOWN),
        ("Phase1b", UNKNOWN),
        ("Phase2a", UNKNOWN),
        ("Phase2b", UNKNOWN),
        ("DecideAbort", AT_ONCE),
    ];
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
            ("reopened", 1),
            ("writes", 1_000),
            ("slow", 1),
        ],
        steps: 2_000,
    }];
}
