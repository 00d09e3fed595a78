//! Sizes of clusters of Raft cores, and what each must show.
//!
//! [`RaftCoresRung`]'s rules are the guards that small sizes miss. Long random runs miss others besides (`tests/raft.rs`): `PrevLogMatches`, `SnapshotCurrent`, `SnapshotAhead`,
//! `ChunkInOrder`. No step stops conforming without the rest, each for a reason:
//! - `LeaderSticky`, `PreVoteQuorum`, `PreVoteUpToDate`, `PreVoteOwnTerm`, `PreVoteCurrent`, `TransferCaughtUp`, `TimeoutNowCurrent`: they keep a server from standing for election,
//!   and the model's may stand at any time;
//! - `UncommittedLimit`, `NoRequestInTransfer`, `TransferToPeer`: limits and courtesy, of which the model knows nothing;
//! - `RefusalCurrent`, `ChunkAnswerCurrent`: what a leader sends next is free in the model;
//! - `TimeoutNotLeader`, `LeaderAlone`, `CommittedStays`: nothing that happens here would be refused, as the other guards see to it; so are messages that nobody sent, and receipts of an
//!   earlier boot, which a crash takes with it (`FromPeer`, `WithinReach`, `MatchWithinLog`, `ReceiptOfBoot`): random runs with forged ones are among the core's own tests;
//! - `SuffixMatches`: a follower whose log conflicts with a snapshot at its last entry did not come about in these runs; that, too, is left to the core's own tests.

use concur_models::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use concur_models::raft::asynchronous::{AsynchronousRaft, Size};
use concur_rules::raft::RaftRule as Model;
use concur_rules::raft_core::{RaftCoreRule as Core, RaftNodeRule as Rule};
use concur_rules::{Faithful, RuleSet};

use super::{Features, RaftCores};
use crate::{Clustered, Clusters, Walk};

/// Where no client is answered.
const TOLD: &[&str] = &["HostsToldTrue"];

/// Clusters of Raft cores.
pub struct RaftCoresRung;

const fn number(name: &'static str, from: u32, to: u32, default: u32, help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::Number(from..=to),
        default,
        help,
    }
}

impl Rung for RaftCoresRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Clustered<RaftCores<S>>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "cores";
    const REFINES: &'static str = "asynchronous";
    const CLAIM: &'static str =
        "the servers that ship behave as Raft does, on disks that lose what was not synced";
    const SOURCE: &'static str = "Ongaro & Ousterhout 2014; Ongaro 2014 (thesis)";
    const RULES: &'static [Rule] = &[
        Rule::Model(Model::UpdateTermNewer),
        Rule::Model(Model::VoteOwnTerm),
        Rule::Model(Model::LogUpToDateTerm),
        Rule::Model(Model::LogUpToDateLength),
        Rule::Model(Model::OneVotePerTerm),
        Rule::Model(Model::VoteResponseCurrent),
        Rule::Model(Model::VoteGranted),
        Rule::Model(Model::VotesCountedOnce),
        Rule::Model(Model::VotesFromQuorum),
        Rule::Model(Model::AppendEntriesCurrent),
        Rule::Model(Model::RemoveConflicting),
        Rule::Model(Model::AppendResponseCurrent),
        Rule::Model(Model::CommitOwnTerm),
        Rule::Model(Model::CommitQuorum),
        Rule::Model(Model::OwnEntrySynced),
        Rule::Core(Core::OwnVoteSynced),
        Rule::Core(Core::ReceiptOfTerm),
        Rule::Core(Core::CompactCommitted),
    ];
    const ASKS_BOTH_WAYS: bool = false;
    const PARAMS: &'static [Param] = &[
        number("servers", 1, 7, 2, "servers"),
        number("max_term", 1, 100_000, 1, "bound on terms"),
        number("max_log", 0, 100_000, 1, "bound on the length of a log"),
        number(
            "max_msgs",
            0,
            60_000,
            60_000,
            "bound on the messages ever sent",
        ),
        number("requests", 0, 100_000, 1, "requests to one server"),
        number("crashes", 0, 100_000, 0, "how often servers may crash"),
        number("slow", 0, 1, 0, "1 if writes take time"),
        number(
            "pre_vote",
            0,
            1,
            0,
            "1 if servers ask before they begin a term",
        ),
        number(
            "check_quorum",
            0,
            1,
            0,
            "1 if leaders need a quorum, and are stuck to",
        ),
        number("heartbeats", 0, 1, 0, "1 if leaders send heartbeats"),
        number("compacts", 0, 1, 0, "1 if logs are compacted"),
        number("transfers", 0, 1, 0, "1 if leadership is handed over"),
        number(
            "calm",
            0,
            1,
            0,
            "1 if nobody stands while the newest term has a leader",
        ),
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=1,max_log=3,requests=2,crashes=1,slow",
            &[
                ("servers", 1),
                ("max_log", 3),
                ("requests", 2),
                ("crashes", 1),
                ("slow", 1),
            ],
            Expect::ours(68, 11),
        ),
        Config::small(
            "servers=2,max_log=2,crashes=1,slow",
            &[("max_log", 2), ("crashes", 1), ("slow", 1)],
            Expect::ours(2_992, 23),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=2,max_msgs=9",
            &[("max_term", 2), ("max_log", 2), ("max_msgs", 9)],
            Expect::ours(881, 13),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=1,max_msgs=6,requests=0,slow",
            &[
                ("max_term", 2),
                ("max_msgs", 6),
                ("requests", 0),
                ("slow", 1),
            ],
            Expect::ours(1_011, 18).without(TOLD),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=2,max_msgs=10,requests=0,heartbeats",
            &[
                ("max_term", 2),
                ("max_log", 2),
                ("max_msgs", 10),
                ("requests", 0),
                ("heartbeats", 1),
            ],
            Expect::ours(2_737, 15).without(TOLD),
        ),
        Config::small(
            "servers=2,max_log=2,max_msgs=10,requests=2,compacts,transfers",
            &[
                ("max_log", 2),
                ("max_msgs", 10),
                ("requests", 2),
                ("compacts", 1),
                ("transfers", 1),
            ],
            Expect::ours(533, 14),
        ),
        Config::small(
            "servers=2,max_log=2,max_msgs=9,requests=0,pre_vote,check_quorum,heartbeats",
            &[
                ("max_log", 2),
                ("max_msgs", 9),
                ("requests", 0),
                ("pre_vote", 1),
                ("check_quorum", 1),
                ("heartbeats", 1),
            ],
            Expect::ours(2_261, 14).without(TOLD),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=2,max_msgs=8,requests=0,crashes=1,slow",
            &[
                ("max_term", 2),
                ("max_log", 2),
                ("max_msgs", 8),
                ("requests", 0),
                ("crashes", 1),
                ("slow", 1),
            ],
            Expect::ours(22_402, 25).without(TOLD),
        ),
        Config::small(
            "servers=3,max_log=1,max_msgs=8,slow",
            &[("servers", 3), ("max_msgs", 8), ("slow", 1)],
            Expect::ours(4_487, 18).without(TOLD),
        ),
        Config::small(
            "servers=4,max_log=1,max_msgs=7",
            &[("servers", 4), ("max_msgs", 7)],
            Expect::ours(147, 6).without(TOLD),
        ),
        Config::ci(
            "servers=2,max_term=2,max_log=2,max_msgs=10,crashes=2,slow",
            &[
                ("max_term", 2),
                ("max_log", 2),
                ("max_msgs", 10),
                ("crashes", 2),
                ("slow", 1),
            ],
            Expect::ours(1_003_352, 35),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Clustered<RaftCores<S>>, NoSuchModel> {
        let on = |name| values[name] == 1;
        let servers = values.size("servers");
        let above = AsynchronousRaft {
            size: Size {
                max_term: values["max_term"].into(),
                max_log: values["max_log"].into(),
                max_msgs: values.size("max_msgs"),
                crashes: values["crashes"],
                ..Size::unbounded(servers)
            },
            rules: Faithful,
        };
        Ok(Clustered::new(RaftCores {
            servers,
            max_term: values["max_term"].into(),
            max_log: values["max_log"].into(),
            max_msgs: values.size("max_msgs"),
            requests: values["requests"],
            crashes: values["crashes"],
            slow_disks: on("slow"),
            features: Features {
                pre_vote: on("pre_vote"),
                check_quorum: on("check_quorum"),
                heartbeats: on("heartbeats"),
                compacts: on("compacts"),
                transfers: on("transfers"),
                calm: on("calm"),
            },
            above,
            rules,
        }))
    }
}

impl Clusters for RaftCoresRung {
    // Servers that write while they wait have too many transitions; that each action is taken by some walk is a test.
    const HELD_AGAINST: bool = false;
    const WALKS: &'static [Walk] = &[
        Walk {
            name: "servers=3",
            settings: &[
                ("servers", 3),
                ("max_term", 10_000),
                ("max_log", 40),
                ("requests", 1_000),
                ("crashes", 100),
                ("slow", 1),
                ("heartbeats", 1),
                ("compacts", 1),
                ("transfers", 1),
            ],
            steps: 2_000,
        },
        Walk {
            name: "servers=3,calm",
            settings: &[
                ("servers", 3),
                ("max_term", 10_000),
                ("max_log", 200),
                ("requests", 1_000),
                ("crashes", 100),
                ("slow", 1),
                ("heartbeats", 1),
                ("compacts", 1),
                ("calm", 1),
            ],
            steps: 2_000,
        },
        Walk {
            name: "servers=5,pre_vote,check_quorum",
            settings: &[
                ("servers", 5),
                ("max_term", 10_000),
                ("max_log", 60),
                ("requests", 1_000),
                ("crashes", 100),
                ("slow", 1),
                ("pre_vote", 1),
                ("check_quorum", 1),
                ("heartbeats", 1),
                ("compacts", 1),
                ("transfers", 1),
            ],
            steps: 2_000,
        },
        Walk {
            name: "servers=7",
            settings: &[
                ("servers", 7),
                ("max_term", 10_000),
                ("max_log", 60),
                ("requests", 1_000),
                ("crashes", 100),
                ("slow", 1),
                ("check_quorum", 1),
                ("heartbeats", 1),
                ("compacts", 1),
            ],
            steps: 2_000,
        },
    ];
}
