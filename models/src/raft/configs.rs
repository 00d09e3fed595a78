//! Sizes of the rungs of Raft, and what each must show.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use super::abstract_raft::AbstractRaft;
use super::history::RaftHistory;
use super::protocol::{Raft, Size};
use super::spec::{ReplicatedLog, State};
use super::start::Start;
use super::{MAX_LOG, MAX_MSGS, MAX_SERVERS, MAX_TERM};
use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Recorded, Redundant, Rung, Values};

const SERVERS: Param = Param {
    name: "servers",
    domain: Domain::Number(1..=MAX_SERVERS as u32),
    default: 3,
    help: "servers",
};
const VALUES: Param = Param {
    name: "values",
    domain: Domain::Number(1..=3),
    default: 1,
    help: "values that clients ask for",
};
const MAX_TERM_PARAM: Param = Param {
    name: "max_term",
    domain: Domain::Number(1..=MAX_TERM as u32),
    default: 2,
    help: "bound on terms",
};
const MAX_LOG_PARAM: Param = Param {
    name: "max_log",
    domain: Domain::Number(1..=MAX_LOG as u32),
    default: 1,
    help: "bound on the length of a log",
};
const MAX_MSGS_PARAM: Param = Param {
    name: "max_msgs",
    domain: Domain::Number(1..=MAX_MSGS as u32),
    default: 1,
    help: "bound on the messages in flight, duplicates counted",
};
const START: Param = Param {
    name: "start",
    domain: Domain::OneOf(Start::NAMES),
    default: 0,
    help: "where the exploration begins",
};

/// The promise.
pub struct ReplicatedLogRung;

impl Rung for ReplicatedLogRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = ReplicatedLog<S>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "replicated-log";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str =
        "what is committed stays committed, and servers take only that for committed";
    const SOURCE: &'static str = "Ongaro & Ousterhout 2014, §2";
    const RULES: &'static [Rule] = &[Rule::CommitExtends, Rule::LearnCommitted, Rule::LearnNotes];
    const PARAMS: &'static [Param] = &[SERVERS, VALUES, MAX_TERM_PARAM, MAX_LOG_PARAM];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=2,values=1,max_term=2,max_log=1",
            &[("servers", 2)],
            Expect::ours(9, 4),
        ),
        Config::small(
            "servers=3,values=2,max_term=3,max_log=2",
            &[("values", 2), ("max_term", 3), ("max_log", 2)],
            Expect::ours(1_021, 5),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<ReplicatedLog<S>, NoSuchModel> {
        Ok(ReplicatedLog {
            servers: values.size("servers"),
            values: values.size("values"),
            max_term: values["max_term"] as u8,
            max_log: values.size("max_log"),
            start: State::new(values.size("servers")),
            rules,
        })
    }
}

/// The protocol with atomic elections and appends.
pub struct AbstractRaftRung;

impl Rung for AbstractRaftRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = AbstractRaft<S>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "abstract-raft";
    const REFINES: &'static str = "replicated-log";
    const CLAIM: &'static str = "up-to-date leaders that commit only entries of their own term never lose a committed entry";
    const SOURCE: &'static str = "AbstractRaft.tla; Ongaro & Ousterhout 2014, §5.4";
    const RULES: &'static [Rule] = &[
        Rule::ClientRequestLeader,
        Rule::ClientRequestAppends,
        Rule::GetEntriesFollower,
        Rule::PrevLogMatches,
        Rule::EntryAppended,
        Rule::RollbackFollower,
        Rule::RollbackOlder,
        Rule::RemoveConflicting,
        Rule::ConflictRemoved,
        Rule::CandidateVotesForItself,
        Rule::VotesFromQuorum,
        Rule::OneVotePerTerm,
        Rule::LogUpToDateTerm,
        Rule::LogUpToDateLength,
        Rule::VoteRecorded,
        Rule::UpdateTermStepsDown,
        Rule::BecomeLeaderRole,
        Rule::CommitLeader,
        Rule::CommitOwnTerm,
        Rule::CommitQuorum,
        Rule::CommitHoldersInTerm,
        Rule::CommitNotes,
        Rule::UpdateTermNewer,
        Rule::UpdateTermAdopts,
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[
        Redundant {
            rule: Rule::ConflictRemoved,
            because: "a follower that keeps a conflicting entry never takes another one; nothing is lost, \
                      but it never catches up, and that is liveness",
        },
        Redundant {
            rule: Rule::CommitLeader,
            because: "an entry that a majority holds while it is in the entry's term is committed, \
                      whoever takes note of it",
        },
    ];
    const PARAMS: &'static [Param] = &[SERVERS, MAX_TERM_PARAM, MAX_LOG_PARAM];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=3,max_term=1,max_log=1",
            &[("max_term", 1)],
            Expect::tlc(67, 6)
                .orbits(14)
                .without(&["Leader Completeness"]),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=1",
            &[],
            Expect::tlc(388, 8).orbits(72),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=2",
            &[("max_log", 2)],
            Expect::tlc(2_272, 12).orbits(404),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=1",
            &[("max_term", 3)],
            Expect::ours(1_312, 10).orbits(234),
        ),
        Config::small(
            "servers=3,max_term=3,max_log=2",
            &[("max_term", 3), ("max_log", 2)],
            Expect::ours(10_411, 15).orbits(1_808),
        ),
        Config::small(
            "servers=3,max_term=4,max_log=1",
            &[("max_term", 4)],
            Expect::ours(3_355, 11).orbits(587),
        ),
        Config::small(
            "servers=3,max_term=4,max_log=2",
            &[("max_term", 4), ("max_log", 2)],
            Expect::ours(35_014, 17).orbits(6_009),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<AbstractRaft<S>, NoSuchModel> {
        Ok(AbstractRaft {
            servers: values.size("servers"),
            max_term: values["max_term"] as u8,
            max_log: values.size("max_log"),
            rules,
        })
    }
}

const RAFT_PARAMS: &[Param] = &[
    SERVERS,
    VALUES,
    MAX_TERM_PARAM,
    MAX_LOG_PARAM,
    MAX_MSGS_PARAM,
    START,
];

const RAFT_RULES: &[Rule] = &[
    Rule::TermIsDurable,
    Rule::VoteIsDurable,
    Rule::LogIsDurable,
    Rule::TimeoutNotLeader,
    Rule::TimeoutCandidate,
    Rule::TimeoutIncrementsTerm,
    Rule::TimeoutClearsVote,
    Rule::TimeoutClearsResponded,
    Rule::TimeoutClearsGranted,
    Rule::RequestVoteCandidate,
    Rule::RequestVoteUnanswered,
    Rule::RequestVoteSends,
    Rule::BecomeLeaderCandidate,
    Rule::VotesFromQuorum,
    Rule::BecomeLeaderRole,
    Rule::BecomeLeaderResetsNext,
    Rule::BecomeLeaderResetsMatch,
    Rule::ClientRequestLeader,
    Rule::ClientRequestAppends,
    Rule::CommitLeader,
    Rule::CommitQuorum,
    Rule::CommitOwnTerm,
    Rule::CommitNotes,
    Rule::AppendEntriesLeader,
    Rule::AppendEntriesSends,
    Rule::CommitUpToLastEntry,
    Rule::NewerTermFirst,
    Rule::UpdateTermNewer,
    Rule::UpdateTermAdopts,
    Rule::UpdateTermStepsDown,
    Rule::UpdateTermClearsVote,
    Rule::VoteOwnTerm,
    Rule::LogUpToDateTerm,
    Rule::LogUpToDateLength,
    Rule::OneVotePerTerm,
    Rule::VoteRecorded,
    Rule::VoteReplies,
    Rule::VoteResponseCurrent,
    Rule::VoteResponseNoted,
    Rule::VoteGranted,
    Rule::VoteCounted,
    Rule::AppendEntriesCurrent,
    Rule::CandidateYields,
    Rule::PrevLogMatches,
    Rule::AppendRefused,
    Rule::RemoveConflicting,
    Rule::ConflictRemoved,
    Rule::EntryAppended,
    Rule::FollowerLearnsCommit,
    Rule::AppendAcknowledged,
    Rule::AppendResponseCurrent,
    Rule::AppendSucceeded,
    Rule::MatchNoted,
    Rule::NextMovesOn,
    Rule::NextStepsBack,
];

const RAFT_REDUNDANT: &[Redundant<Rule>] = &[
    Redundant {
        rule: Rule::RequestVoteUnanswered,
        because: "a candidate that asks again does what the network can do by duplicating its request: \
                  who has voted gives the same answer, and votes are counted as a set",
    },
    Redundant {
        rule: Rule::AppendSucceeded,
        because: "a refusal acknowledges entries up to index 0, so that taking it for an acknowledgement claims nothing: \
                  the leader starts over from the first entry",
    },
];

/// What needs a leader that follows another one.
const ONE_LEADER: &[&str] = &["Leader Is Up To Date"];
const ONE_LEADER_HISTORY: &[&str] = &["Leader Is Up To Date", "Leader Completeness"];

/// What needs a second server.
const SINGLE: &[&str] = &[
    "Committed On Quorum",
    "Leader Is Up To Date",
    "Log Matching",
    "Match Is True",
    "Messages Are True",
    "Next In Reach",
];

/// The protocol.
pub struct RaftRung;

impl Rung for RaftRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Raft<S>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "raft";
    // Its state does not tell what is committed; raft-history, the same actions with a record of that, refines the promise.
    const REFINES: &'static str = "anything";
    const CLAIM: &'static str =
        "servers that vote once a term elect one leader in it, and their logs match";
    const SOURCE: &'static str = "raft.tla; Ongaro & Ousterhout 2014, §5";
    const RULES: &'static [Rule] = RAFT_RULES;
    const REDUNDANT: &'static [Redundant<Rule>] = RAFT_REDUNDANT;
    const PARAMS: &'static [Param] = RAFT_PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=2,values=1,max_term=2,max_log=1,max_msgs=1",
            &[("servers", 2)],
            Expect::tlc(1_645, 28).orbits(831).without(ONE_LEADER),
        ),
        Config::small(
            "servers=2,values=1,max_term=2,max_log=1,max_msgs=2",
            &[("servers", 2), ("max_msgs", 2)],
            Expect::tlc(22_231, 33).orbits(11_139).without(ONE_LEADER),
        ),
        Config::small(
            "servers=2,values=1,max_term=2,max_log=2,max_msgs=2",
            &[("servers", 2), ("max_log", 2), ("max_msgs", 2)],
            Expect::tlc(53_365, 43).orbits(26_706).without(ONE_LEADER),
        ),
        Config::small(
            "servers=2,values=2,max_term=2,max_log=1,max_msgs=1",
            &[("servers", 2), ("values", 2)],
            Expect::ours(1_989, 28).without(ONE_LEADER),
        ),
        Config::small(
            "servers=2,values=1,max_term=3,max_log=1,max_msgs=1",
            &[("servers", 2), ("max_term", 3)],
            Expect::ours(18_575, 41),
        ),
        Config::small(
            "servers=2,values=1,max_term=3,max_log=2,max_msgs=1",
            &[("servers", 2), ("max_term", 3), ("max_log", 2)],
            Expect::ours(46_207, 46),
        ),
        Config::small(
            "servers=3,values=1,max_term=2,max_log=2,max_msgs=1,start=lagging",
            &[("max_log", 2), ("start", 1)],
            Expect::ours(2_108, 25).without(ONE_LEADER),
        ),
        Config::small(
            "servers=3,values=1,max_term=3,max_log=1,max_msgs=1,start=diverged",
            &[("max_term", 3), ("start", 2)],
            Expect::ours(4_116, 28).without(ONE_LEADER),
        ),
        Config::small(
            "servers=3,values=1,max_term=3,max_log=1,max_msgs=2,start=diverged",
            &[("max_term", 3), ("max_msgs", 2), ("start", 2)],
            Expect::ours(88_676, 35).without(ONE_LEADER),
        ),
        Config::small(
            "servers=3,values=1,max_term=4,max_log=2,max_msgs=1,start=re-elected",
            &[("max_term", 4), ("max_log", 2), ("start", 3)],
            Expect::ours(27_443, 39),
        ),
        Config::small(
            "servers=3,values=1,max_term=6,max_log=1,max_msgs=1,start=truncated",
            &[("max_term", 6), ("start", 4)],
            Expect::ours(4_676, 29),
        ),
        Config::small(
            "servers=1,values=1,max_term=3,max_log=2,max_msgs=1",
            &[("servers", 1), ("max_term", 3), ("max_log", 2)],
            Expect::ours(78, 15).without(SINGLE),
        ),
        Config::ci(
            "servers=2,values=1,max_term=3,max_log=1,max_msgs=2",
            &[("servers", 2), ("max_term", 3), ("max_msgs", 2)],
            Expect::ours(825_282, 49),
        ),
        Config::ci(
            "servers=3,values=1,max_term=2,max_log=1,max_msgs=1",
            &[],
            Expect::tlc(1_931_973, 53).without(ONE_LEADER),
        ),
        Config::full(
            "servers=2,values=1,max_term=3,max_log=2,max_msgs=2",
            &[
                ("servers", 2),
                ("max_term", 3),
                ("max_log", 2),
                ("max_msgs", 2),
            ],
            Expect::ours(3_011_152, 60),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Raft<S>, NoSuchModel> {
        Ok(Raft {
            size: size(values)?,
            rules,
        })
    }
}

/// The protocol with the committed log.
pub struct RaftHistoryRung;

impl Rung for RaftHistoryRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = RaftHistory<S>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "raft-history";
    const REFINES: &'static str = "replicated-log";
    const CLAIM: &'static str = "Raft keeps the promise of a replicated log: all of Figure 3 holds";
    const SOURCE: &'static str = "raft.tla; Ongaro & Ousterhout 2014, §5.4 and Figure 3";
    const RULES: &'static [Rule] = RAFT_RULES;
    const REDUNDANT: &'static [Redundant<Rule>] = RAFT_REDUNDANT;
    const PARAMS: &'static [Param] = RAFT_PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=2,values=1,max_term=2,max_log=1,max_msgs=1",
            &[("servers", 2)],
            Expect::ours(1_669, 28).without(ONE_LEADER_HISTORY),
        ),
        Config::small(
            "servers=2,values=1,max_term=2,max_log=1,max_msgs=2",
            &[("servers", 2), ("max_msgs", 2)],
            Expect::ours(23_439, 33).without(ONE_LEADER_HISTORY),
        ),
        Config::small(
            "servers=2,values=1,max_term=2,max_log=2,max_msgs=2",
            &[("servers", 2), ("max_log", 2), ("max_msgs", 2)],
            Expect::ours(60_569, 43).without(ONE_LEADER_HISTORY),
        ),
        Config::small(
            "servers=2,values=2,max_term=2,max_log=1,max_msgs=1",
            &[("servers", 2), ("values", 2)],
            Expect::ours(2_037, 28).without(ONE_LEADER_HISTORY),
        ),
        Config::small(
            "servers=2,values=1,max_term=3,max_log=1,max_msgs=1",
            &[("servers", 2), ("max_term", 3)],
            Expect::ours(22_133, 41),
        ),
        Config::small(
            "servers=2,values=1,max_term=3,max_log=2,max_msgs=1",
            &[("servers", 2), ("max_term", 3), ("max_log", 2)],
            Expect::ours(61_227, 46),
        ),
        Config::small(
            "servers=3,values=1,max_term=2,max_log=2,max_msgs=1,start=lagging",
            &[("max_log", 2), ("start", 1)],
            Expect::ours(2_108, 25).without(ONE_LEADER_HISTORY),
        ),
        Config::small(
            "servers=3,values=1,max_term=3,max_log=1,max_msgs=1,start=diverged",
            &[("max_term", 3), ("start", 2)],
            Expect::ours(4_549, 28).without(ONE_LEADER_HISTORY),
        ),
        Config::small(
            "servers=3,values=1,max_term=3,max_log=1,max_msgs=2,start=diverged",
            &[("max_term", 3), ("max_msgs", 2), ("start", 2)],
            Expect::ours(97_361, 35).without(ONE_LEADER_HISTORY),
        ),
        Config::small(
            "servers=3,values=1,max_term=4,max_log=2,max_msgs=1,start=re-elected",
            &[("max_term", 4), ("max_log", 2), ("start", 3)],
            Expect::ours(28_911, 39),
        ),
        Config::small(
            "servers=3,values=1,max_term=6,max_log=1,max_msgs=1,start=truncated",
            &[("max_term", 6), ("start", 4)],
            Expect::ours(5_109, 29).without(&["Leader Completeness"]),
        ),
        Config::small(
            "servers=1,values=1,max_term=3,max_log=2,max_msgs=1",
            &[("servers", 1), ("max_term", 3), ("max_log", 2)],
            Expect::ours(78, 15).without(SINGLE),
        ),
        Config::ci(
            "servers=2,values=1,max_term=3,max_log=1,max_msgs=2",
            &[("servers", 2), ("max_term", 3), ("max_msgs", 2)],
            Expect::ours(1_030_202, 49),
        ),
        Config::ci(
            "servers=3,values=1,max_term=2,max_log=1,max_msgs=1",
            &[],
            Expect::ours(2_006_613, 53).without(ONE_LEADER_HISTORY),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<RaftHistory<S>, NoSuchModel> {
        Ok(Recorded::new(RaftRung::model(values, rules)?))
    }
}

fn size(values: &Values) -> Result<Size, NoSuchModel> {
    let size = Size {
        servers: values.size("servers"),
        values: values.size("values"),
        max_term: values["max_term"] as u8,
        max_log: values.size("max_log"),
        max_msgs: values.size("max_msgs"),
        start: Start::from_choice(values["start"]),
    };
    let (servers, max_term, max_log) = size.start.needs();
    if size.servers < servers || size.max_term < max_term || size.max_log < max_log {
        return Err(NoSuchModel(format!(
            "this start needs servers={servers}, max_term={max_term} and max_log={max_log} at least"
        )));
    }
    Ok(size)
}
