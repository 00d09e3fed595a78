//! Sizes of coarse Raft, and what each must show.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Redundant, Rung, Values};
use crate::raft::coarse::{CoarseRaft, Compare, Judge, Quorum, Refusals, Rollback};
use crate::raft::{MAX_LOG, MAX_SERVERS, MAX_TERM};

/// What needs two elections.
const SHORT: &[&str] = &["Election Safety", "Leader Completeness"];

/// The protocol in large steps.
pub struct CoarseRaftRung;

impl Rung for CoarseRaftRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = CoarseRaft<S>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "coarse-raft";
    const REFINES: &'static str = "raft";
    const CLAIM: &'static str =
        "elections and replication as single steps are raft.tla's own, and keep all of Figure 3";
    const SOURCE: &'static str = "raft.tla; Ongaro & Ousterhout 2014, §5 and Figure 3";
    const RULES: &'static [Rule] = &[
        Rule::TermIsDurable,
        Rule::VoteIsDurable,
        Rule::LogIsDurable,
        Rule::TimeoutIncrementsTerm,
        Rule::TimeoutClearsVote,
        Rule::VotesFromQuorum,
        Rule::VotesCountedOnce,
        Rule::BecomeLeaderRole,
        Rule::UpdateTermNewer,
        Rule::UpdateTermAdopts,
        Rule::UpdateTermStepsDown,
        Rule::UpdateTermClearsVote,
        Rule::VoteOwnTerm,
        Rule::LogUpToDateTerm,
        Rule::LogUpToDateLength,
        Rule::OneVotePerTerm,
        Rule::VoteRecorded,
        Rule::ClientRequestLeader,
        Rule::ClientRequestAppends,
        Rule::AppendEntriesLeader,
        Rule::AppendEntriesCurrent,
        Rule::PrevLogMatches,
        Rule::RemoveConflicting,
        Rule::ConflictRemoved,
        Rule::EntryAppended,
        Rule::MatchNoted,
        Rule::CommitQuorum,
        Rule::CommitOwnTerm,
        Rule::CommitNotes,
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[Redundant {
        rule: Rule::VoteOwnTerm,
        because: "candidacies never fail here, so that a term that a voter is ahead by has a leader, and a majority has voted for that one: \
                  among any other majority somebody has, and a server votes once a term",
    }];
    const PARAMS: &'static [Param] = &[
        Param {
            name: "servers",
            domain: Domain::Number(1..=MAX_SERVERS as u32),
            default: 3,
            help: "servers",
        },
        Param {
            name: "max_term",
            domain: Domain::Number(1..=MAX_TERM as u32),
            default: 2,
            help: "bound on terms",
        },
        Param {
            name: "max_log",
            domain: Domain::Number(1..=MAX_LOG as u32),
            default: 1,
            help: "bound on the length of a log",
        },
        Param {
            name: "quorum",
            domain: Domain::OneOf(Quorum::NAMES),
            default: 0,
            help: "how many servers are taken to be enough",
        },
        Param {
            name: "compare",
            domain: Domain::OneOf(Compare::NAMES),
            default: 0,
            help: "what a voter compares of two logs",
        },
        Param {
            name: "rollback",
            domain: Domain::OneOf(Rollback::NAMES),
            default: 0,
            help: "when a follower removes entries",
        },
        Param {
            name: "refusals",
            domain: Domain::OneOf(Refusals::NAMES),
            default: 0,
            help: "which refusals a leader believes; stale ones only with judge=figure-3",
        },
        Param {
            name: "judge",
            domain: Domain::OneOf(Judge::NAMES),
            default: 0,
            help: "what judges the steps besides the properties: raft.tla, or nothing",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=3,max_term=3,max_log=1,judge=figure-3",
            &[("max_term", 3), ("judge", 1)],
            Expect::ours(1_741, 9),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=2,judge=figure-3",
            &[("max_term", 3), ("max_log", 2), ("judge", 1)],
            Expect::ours(10_444, 13),
        ),
        Config::small(
            "servers=3,max_term=5,max_log=1,judge=figure-3",
            &[("max_term", 5), ("judge", 1)],
            Expect::ours(17_983, 11),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=3,judge=figure-3",
            &[("max_term", 3), ("max_log", 3), ("judge", 1)],
            Expect::ours(45_604, 17),
        ),
        Config::small(
            "servers=4,max_term=2,max_log=1,judge=figure-3",
            &[("servers", 4), ("judge", 1)],
            Expect::ours(561, 8).without(SHORT),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=1",
            &[("max_term", 3)],
            Expect::ours(1_741, 9),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=2",
            &[("max_term", 3), ("max_log", 2)],
            Expect::ours(10_444, 13),
        ),
        Config::small(
            "servers=3,max_term=5,max_log=1",
            &[("max_term", 5)],
            Expect::ours(17_983, 11),
        ),
        Config::small(
            "servers=4,max_term=2,max_log=1",
            &[("servers", 4)],
            Expect::ours(561, 8).without(SHORT),
        ),
        Config::small(
            "servers=4,max_term=3,max_log=1",
            &[("servers", 4), ("max_term", 3)],
            Expect::ours(8_029, 10),
        ),
        Config::small(
            "servers=5,max_term=2,max_log=1",
            &[("servers", 5)],
            Expect::ours(5_521, 9).without(SHORT),
        ),
        Config::small(
            "servers=2,quorum=half,judge=figure-3",
            &[("servers", 2), ("quorum", 1), ("judge", 1)],
            Expect::fails("Election Safety", 3),
        ),
        Config::small(
            "servers=3,quorum=third,judge=figure-3",
            &[("quorum", 2), ("judge", 1)],
            Expect::fails("Election Safety", 3),
        ),
        Config::small(
            "servers=4,quorum=half,judge=figure-3",
            &[("servers", 4), ("quorum", 1), ("judge", 1)],
            Expect::fails("Election Safety", 3),
        ),
        Config::small(
            "servers=3,max_term=3,compare=nothing,judge=figure-3",
            &[("max_term", 3), ("compare", 1), ("judge", 1)],
            Expect::fails("Leader Completeness", 6),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=2,refusals=stale,judge=figure-3",
            &[
                ("max_term", 3),
                ("max_log", 2),
                ("refusals", 1),
                ("judge", 1),
            ],
            Expect::ours(11_221, 13),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=2,rollback=eager,judge=figure-3",
            &[
                ("max_term", 3),
                ("max_log", 2),
                ("rollback", 1),
                ("judge", 1),
            ],
            Expect::ours(10_012, 13),
        ),
        Config::small(
            "servers=3,max_log=2,rollback=eager,refusals=stale,judge=figure-3",
            &[
                ("max_log", 2),
                ("rollback", 1),
                ("refusals", 1),
                ("judge", 1),
            ],
            Expect::fails("Committed On Quorum", 7),
        ),
        Config::ci(
            "servers=3,max_term=4,max_log=2",
            &[("max_term", 4), ("max_log", 2)],
            Expect::ours(56_209, 14).orbits(9_476),
        ),
        Config::full(
            "servers=5,max_term=3,max_log=1",
            &[("servers", 5), ("max_term", 3)],
            Expect::ours(376_881, 12).orbits(4_309),
        ),
        Config::full(
            "servers=3,max_term=5,max_log=2",
            &[("max_term", 5), ("max_log", 2)],
            Expect::ours(196_435, 15).orbits(32_959),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<CoarseRaft<S>, NoSuchModel> {
        if values["refusals"] > 0 && values["judge"] == 0 {
            return Err(NoSuchModel(
                "a leader that believes old refusals is judged by Figure 3 alone".to_owned(),
            ));
        }
        Ok(CoarseRaft {
            servers: values.size("servers"),
            max_term: values["max_term"] as u8,
            max_log: values.size("max_log"),
            quorum: Quorum::from_choice(values["quorum"]),
            compare: Compare::from_choice(values["compare"]),
            rollback: Rollback::from_choice(values["rollback"]),
            refusals: Refusals::from_choice(values["refusals"]),
            judge: Judge::from_choice(values["judge"]),
            rules,
        })
    }
}
