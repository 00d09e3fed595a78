//! Clusters of Raft cores as a rung: rules, parameters, and what is made of them.
//!
//! Every guard is left out, and noticed: by refinement, by what servers promise each other (`claims`), by what nobody honest gives them (`outside`), or in a size that begins with a story
//! (`stories`). Two change nothing that anybody could see, and are declared redundant.

use concur_models::kit::{Config, Domain, NoSuchModel, Param, Redundant, Rung, Values};
use concur_models::raft::asynchronous::{AsynchronousRaft, Size};
use concur_rules::raft::RaftRule as Model;
use concur_rules::raft_core::{RaftCoreRule as Core, RaftNodeRule as Rule};
use concur_rules::{AllBut, RuleSet};

use super::{Features, RaftCores, sizes, stories};
use crate::{Clustered, Clusters, Walk};

/// More than a leader takes.
const MANY_BYTES: u32 = 1 << 20;

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
        Rule::Model(Model::TimeoutNotLeader),
        Rule::Model(Model::LeaderSticky),
        Rule::Model(Model::PreVoteQuorum),
        Rule::Model(Model::PreVoteUpToDate),
        Rule::Model(Model::VoteOwnTerm),
        Rule::Model(Model::LogUpToDateTerm),
        Rule::Model(Model::LogUpToDateLength),
        Rule::Model(Model::OneVotePerTerm),
        Rule::Model(Model::VoteResponseCurrent),
        Rule::Model(Model::VoteGranted),
        Rule::Model(Model::VotesCountedOnce),
        Rule::Model(Model::VotesFromQuorum),
        Rule::Model(Model::AppendEntriesCurrent),
        Rule::Model(Model::PrevLogMatches),
        Rule::Model(Model::RemoveConflicting),
        Rule::Model(Model::AppendResponseCurrent),
        Rule::Model(Model::CommitOwnTerm),
        Rule::Model(Model::CommitQuorum),
        Rule::Model(Model::OwnEntrySynced),
        Rule::Model(Model::TransferCaughtUp),
        Rule::Core(Core::FromPeer),
        Rule::Core(Core::WithinReach),
        Rule::Core(Core::OwnVoteSynced),
        Rule::Core(Core::ReceiptOfBoot),
        Rule::Core(Core::ReceiptOfTerm),
        Rule::Core(Core::PreVoteOwnTerm),
        Rule::Core(Core::PreVoteCurrent),
        Rule::Core(Core::LeaderAlone),
        Rule::Core(Core::CommittedStays),
        Rule::Core(Core::MatchWithinLog),
        Rule::Core(Core::RefusalCurrent),
        Rule::Core(Core::UncommittedLimit),
        Rule::Core(Core::NoRequestInTransfer),
        Rule::Core(Core::TransferToPeer),
        Rule::Core(Core::TimeoutNowCurrent),
        Rule::Core(Core::CompactCommitted),
        Rule::Core(Core::SnapshotCurrent),
        Rule::Core(Core::SnapshotAhead),
        Rule::Core(Core::ChunkInOrder),
        Rule::Core(Core::SuffixMatches),
        Rule::Core(Core::ChunkAnswerCurrent),
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[
        Redundant {
            rule: Rule::Core(Core::RefusalCurrent),
            because: "an old refusal costs messages: what a leader sends again, its follower has",
        },
        Redundant {
            rule: Rule::Core(Core::ChunkAnswerCurrent),
            because: "an old answer costs messages: a follower takes no piece out of order",
        },
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
        number(
            "strangers",
            0,
            1,
            0,
            "1 if servers are given what nobody honest gives them",
        ),
        number(
            "uncommitted",
            1,
            MANY_BYTES,
            MANY_BYTES,
            "the most bytes that a leader takes before they are committed",
        ),
        Param {
            name: "after",
            domain: Domain::OneOf(stories::NAMES),
            default: 0,
            help: "what happens first",
        },
    ];
    const CONFIGS: &'static [Config] = sizes::CONFIGS;

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
            rules: AllBut(None),
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
                strangers: on("strangers"),
            },
            uncommitted_bytes: values.size("uncommitted"),
            story: stories::lines(values["after"]),
            above,
            rules,
        }))
    }
}

impl Clusters for RaftCoresRung {
    // The model above, whose servers write while they wait, has too many transitions. What it may do where servers come to rest is held against them by a test, and that each
    // action is taken by some walk.
    const HELD_AGAINST: bool = false;
    const WALKS: &'static [Walk] = sizes::WALKS;
}
