//! Sizes of durable Raft, and what each must show.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::{Config, Domain, Expect, Faults, NoSuchModel, Param, Redundant, Rung, Values};
use crate::raft::durable::{Cells, DurableRaft, Features};
use crate::raft::{MAX_LOG, MAX_MSGS, MAX_SERVERS, MAX_TERM};

const fn number(name: &'static str, from: u32, to: u32, default: u32, help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::Number(from..=to),
        default,
        help,
    }
}

/// What needs a leader that follows another one.
const ONE_TERM_FIGURE_3: &[&str] = &["Leader Completeness"];
/// What a pair, of which both must agree, is too few for: something is committed only while it is on both disks.
const PAIR: &[&str] = &["CommittedOnQuorum"];
/// What needs a leader that follows another one, and is refused.
const ONE_TERM: &[&str] = &["Leader Completeness", "NextGtMatch", "MatchIsAcknowledged"];
/// What needs an entry.
const NO_ENTRY: &[&str] = &[
    "Log Matching",
    "Leader Completeness",
    "State Machine Safety",
    "CommittedOnQuorum",
    "NextGtMatch",
    "ReplySynced",
    "CommitsOwnTerm",
    "MatchIsTrue",
    "Leader Append-Only",
    "CommitMonotonic",
    "MatchMonotonic",
    "MatchIsAcknowledged",
];
/// What a pair is too few for, where neither forgets.
const PAIR_THAT_STAYS: &[&str] = &["CommittedOnQuorum", "NextGtMatch", "MatchIsAcknowledged"];

/// The protocol on disks that must be synced.
pub struct DurableRaftRung;

impl Rung for DurableRaftRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = DurableRaft<S>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "durable-raft";
    const REFINES: &'static str = "replicated-log";
    const CLAIM: &'static str =
        "servers that crash between any two steps keep the promise, if what they reply is synced";
    const SOURCE: &'static str = "Ongaro & Ousterhout 2014, §5 and Figure 2; Ongaro 2014 (thesis), §3.10, §4.2.3, §9.6 and §10.2.1";
    const RULES: &'static [Rule] = &[
        Rule::CandidateVotes,
        Rule::CandidacySynced,
        Rule::VotesFromQuorum,
        Rule::LogUpToDateTerm,
        Rule::LogUpToDateLength,
        Rule::OneVotePerTerm,
        Rule::VoteRecorded,
        Rule::VoteResponseCurrent,
        Rule::VotesCountedOnce,
        Rule::UpdateTermNewer,
        Rule::UpdateTermStepsDown,
        Rule::UpdateTermClearsVote,
        Rule::TermSynced,
        Rule::VoteSynced,
        Rule::EntriesSynced,
        Rule::ClientRequestLeader,
        Rule::AppendEntriesCurrent,
        Rule::CandidateYields,
        Rule::PrevLogMatches,
        Rule::RemoveConflicting,
        Rule::ConflictRemoved,
        Rule::CommitUpToLastEntry,
        Rule::CommitOnlyGrows,
        Rule::AcknowledgeLastEntry,
        Rule::AppendResponseCurrent,
        Rule::AppendSucceeded,
        Rule::MatchOnlyGrows,
        Rule::NextMovesOn,
        Rule::NextStepsBack,
        Rule::NextAboveMatch,
        Rule::CommitQuorum,
        Rule::CommitOwnTerm,
        Rule::OwnEntrySynced,
        Rule::CommitNotes,
        Rule::PreVoteQuorum,
        Rule::PreVoteUpToDate,
        Rule::LeaderSticky,
        Rule::TransferCaughtUp,
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[];
    const PARAMS: &'static [Param] = &[
        number("servers", 1, MAX_SERVERS as u32, 3, "servers"),
        number("max_term", 1, MAX_TERM as u32, 2, "bound on terms"),
        number(
            "max_log",
            0,
            MAX_LOG as u32,
            1,
            "bound on the length of a log",
        ),
        number(
            "max_msgs",
            1,
            MAX_MSGS as u32,
            1,
            "bound on the replies in flight",
        ),
        number("crashes", 0, 3, 0, "bound on crashes"),
        number("losses", 0, 2, 0, "bound on replies that are lost"),
        number("duplicates", 0, 2, 0, "bound on replies that come twice"),
        Param {
            name: "features",
            domain: Domain::OneOf(Features::NAMES),
            default: 0,
            help: "the extensions",
        },
        Param {
            name: "requests",
            domain: Domain::OneOf(&["new", "old"]),
            default: 0,
            help: "whether a leader's requests may also be older ones",
        },
        Param {
            name: "cells",
            domain: Domain::OneOf(&["one", "two"]),
            default: 0,
            help: "in how many records a term and a vote are kept",
        },
        Param {
            name: "judge",
            domain: Domain::OneOf(&["all", "figure-3"]),
            default: 0,
            help: "what judges: the lemmas, too, or Figure 3 and the promise",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=2,max_term=2,max_log=1,crashes=1,judge=figure-3",
            &[("servers", 2), ("crashes", 1), ("judge", 1)],
            Expect::ours(2_508, 23),
        ),
        Config::small(
            "servers=3,max_term=1,max_log=1,crashes=1,judge=figure-3",
            &[("max_term", 1), ("crashes", 1), ("judge", 1)],
            Expect::ours(97_366, 22).without(ONE_TERM_FIGURE_3),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=2,max_msgs=2,requests=old,judge=figure-3",
            &[
                ("servers", 2),
                ("max_log", 2),
                ("max_msgs", 2),
                ("requests", 1),
                ("judge", 1),
            ],
            Expect::ours(32_803, 26),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=1,judge=figure-3",
            &[("judge", 1)],
            Expect::ours(180_495, 30).orbits(30_141),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=1,crashes=1",
            &[("servers", 2), ("crashes", 1)],
            Expect::ours(2_508, 23).without(PAIR),
        ),
        Config::small(
            "servers=3,max_term=1,max_log=1,crashes=1",
            &[("max_term", 1), ("crashes", 1)],
            Expect::ours(97_366, 22).without(ONE_TERM),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=2,max_msgs=2,crashes=1,requests=old",
            &[
                ("servers", 2),
                ("max_log", 2),
                ("max_msgs", 2),
                ("crashes", 1),
                ("requests", 1),
            ],
            Expect::ours(154_831, 28).without(PAIR),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=0",
            &[("max_log", 0)],
            Expect::ours(4_098, 17).without(NO_ENTRY),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=1",
            &[],
            Expect::ours(180_495, 30).orbits(30_141),
        ),
        Config::small(
            "servers=4,max_term=1,max_log=0,max_msgs=2,duplicates=1",
            &[
                ("servers", 4),
                ("max_term", 1),
                ("max_log", 0),
                ("max_msgs", 2),
                ("duplicates", 1),
            ],
            Expect::ours(36_608, 20).without(NO_ENTRY),
        ),
        Config::small(
            "servers=3,max_term=1,max_log=0,max_msgs=2,losses=1,duplicates=1",
            &[
                ("max_term", 1),
                ("max_log", 0),
                ("max_msgs", 2),
                ("losses", 1),
                ("duplicates", 1),
            ],
            Expect::ours(5_831, 15).without(NO_ENTRY),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=0,features=pre-vote",
            &[("max_log", 0), ("features", 1)],
            Expect::ours(4_098, 17).without(NO_ENTRY),
        ),
        Config::small(
            "servers=3,max_term=1,max_log=0,features=check-quorum",
            &[("max_term", 1), ("max_log", 0), ("features", 2)],
            Expect::ours(3_263, 15).without(NO_ENTRY),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=1,features=transfer",
            &[("servers", 2), ("features", 3)],
            Expect::ours(625, 21).without(PAIR_THAT_STAYS),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=1,features=all",
            &[("servers", 2), ("features", 4)],
            Expect::ours(2_220, 22).without(PAIR),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=0,features=all",
            &[("max_log", 0), ("features", 4)],
            Expect::ours(24_636, 20).without(NO_ENTRY),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=0,cells=two",
            &[("max_log", 0), ("cells", 1)],
            Expect::fails("ReplySynced", 8),
        ),
        Config::ci(
            "servers=3,max_term=2,max_log=1,crashes=1",
            &[("crashes", 1)],
            Expect::ours(928_520, 32).orbits(155_014),
        ),
        Config::ci(
            "servers=5,max_term=1,max_log=0",
            &[("servers", 5), ("max_term", 1), ("max_log", 0)],
            Expect::ours(209_087, 21).orbits(2_226).without(NO_ENTRY),
        ),
        Config::full(
            "servers=3,max_term=3,max_log=1",
            &[("max_term", 3)],
            Expect::ours(961_414, 34).orbits(160_436),
        ),
        Config::full(
            "servers=3,max_term=2,max_log=2",
            &[("max_log", 2)],
            Expect::ours(3_663_309, 35),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<DurableRaft<S>, NoSuchModel> {
        Ok(DurableRaft {
            servers: values.size("servers"),
            max_term: values["max_term"] as u8,
            max_log: values.size("max_log"),
            max_msgs: values.size("max_msgs"),
            faults: Faults {
                crashes: values["crashes"] as u8,
                losses: values["losses"] as u8,
                duplicates: values["duplicates"] as u8,
            },
            features: Features::from_choice(values["features"]),
            old_requests: values["requests"] == 1,
            cells: [Cells::One, Cells::Two][values.size("cells")],
            lemmas: values["judge"] == 0,
            rules,
        })
    }
}
