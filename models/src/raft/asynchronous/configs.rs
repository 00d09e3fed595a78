//! Sizes of asynchronous Raft, and what each must show.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Recorded, Redundant, Rung, Values};
use crate::raft::asynchronous::history::AsynchronousHistory;
use crate::raft::asynchronous::start::Start;
use crate::raft::asynchronous::{AsynchronousRaft, Size};
use crate::raft::{MAX_LOG, MAX_SERVERS, MAX_TERM};

const fn number(name: &'static str, from: u32, to: u32, default: u32, help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::Number(from..=to),
        default,
        help,
    }
}

const fn switch(name: &'static str, help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::OneOf(&["no", "yes"]),
        default: 0,
        help,
    }
}

/// What needs a leader that follows another one.
const ONE_LEADER: &[&str] = &["Leader Completeness", "TermsInOrder", "OneSenderPerTerm"];
/// The same, where the exploration begins behind the election of the one leader.
const LED: &[&str] = &[
    "Leader Completeness",
    "TermsInOrder",
    "OneSenderPerTerm",
    "VotesWereGiven",
];
/// The same, behind the election of two leaders of whose entries none comes to be committed.
const DIVERGED: &[&str] = &[
    "Log Matching",
    "Leader Completeness",
    "TermsInOrder",
    "VotesWereGiven",
];
/// What needs an entry.
const NO_ENTRY: &[&str] = &[
    "Log Matching",
    "Leader Completeness",
    "State Machine Safety",
    "Leader Append-Only",
    "TermsInOrder",
    "MessagesAreDurable",
    "AnswersWereAsked",
    "OneSenderPerTerm",
    "VotersAreBehind",
    "MatchIsTrue",
    "MatchWasAcknowledged",
    "NothingGoesBack",
];

/// The protocol on disks that are written asynchronously.
pub struct AsynchronousRaftRung;

impl Rung for AsynchronousRaftRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = AsynchronousHistory<S>;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "asynchronous";
    const REFINES: &'static str = "replicated-log";
    const CLAIM: &'static str = "servers that go on while their disks lag behind keep the promise, if what they say waits for what it says";
    const SOURCE: &'static str =
        "Ongaro & Ousterhout 2014, §5 and Figure 2; raft.tla; Ongaro 2014 (thesis), §10.2.1";
    const RULES: &'static [Rule] = &[
        Rule::CandidateVotes,
        Rule::CandidacySynced,
        Rule::RequestVoteCandidate,
        Rule::VotesFromQuorum,
        Rule::NewerTermFirst,
        Rule::UpdateTermNewer,
        Rule::UpdateTermStepsDown,
        Rule::VoteOwnTerm,
        Rule::LogUpToDateTerm,
        Rule::LogUpToDateLength,
        Rule::OneVotePerTerm,
        Rule::VoteRecorded,
        Rule::VoteSynced,
        Rule::VoteResponseCurrent,
        Rule::TermSynced,
        Rule::ClientRequestLeader,
        Rule::AppendEntriesLeader,
        Rule::AppendEntriesCurrent,
        Rule::PrevLogMatches,
        Rule::RemoveConflicting,
        Rule::ConflictRemoved,
        Rule::CommitUpToLastEntry,
        Rule::CommitOnlyGrows,
        Rule::AcknowledgeLastEntry,
        Rule::EntriesSynced,
        Rule::AppendResponseCurrent,
        Rule::MatchOnlyGrows,
        Rule::CommitQuorum,
        Rule::CommitOwnTerm,
        Rule::OwnEntrySynced,
        Rule::DiskCommitted,
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[];
    const PARAMS: &'static [Param] = &[
        number("servers", 1, MAX_SERVERS as u32, 2, "servers"),
        number("values", 1, 3, 1, "values that clients ask for"),
        number("max_term", 1, MAX_TERM as u32, 1, "bound on terms"),
        number(
            "max_log",
            0,
            MAX_LOG as u32,
            1,
            "bound on the length of a log",
        ),
        number("max_msgs", 1, 16, 4, "bound on the messages ever sent"),
        number(
            "max_writes",
            1,
            4,
            1,
            "bound on the writes of a server that are under way",
        ),
        number("crashes", 0, 3, 0, "bound on crashes"),
        Param {
            name: "start",
            domain: Domain::OneOf(Start::NAMES),
            default: 0,
            help: "where the exploration begins",
        },
        switch(
            "gathers",
            "whether a server may take several steps before it writes",
        ),
        switch("refuses", "whether refusals are sent"),
        switch("covers", "whether there are snapshots"),
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "servers=2,max_term=1,max_log=1,max_msgs=4",
            &[],
            Expect::ours(1_242, 25).without(ONE_LEADER),
        ),
        Config::small(
            "servers=2,max_term=1,max_log=1,max_msgs=4,max_writes=2,crashes=1,gathers",
            &[("max_writes", 2), ("crashes", 1), ("gathers", 1)],
            Expect::ours(5_066, 24).without(ONE_LEADER),
        ),
        Config::small(
            "servers=2,max_term=1,max_log=2,max_msgs=6,crashes=1,start=replicated,covers",
            &[
                ("max_log", 2),
                ("max_msgs", 6),
                ("crashes", 1),
                ("start", 2),
                ("covers", 1),
            ],
            Expect::ours(6_678, 18).without(LED),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=2,max_msgs=6,start=replicated",
            &[
                ("max_term", 2),
                ("max_log", 2),
                ("max_msgs", 6),
                ("start", 2),
            ],
            Expect::ours(11_904, 17).without(&["TermsInOrder", "OneSenderPerTerm"]),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=1,max_msgs=6,start=elected",
            &[("max_term", 2), ("max_msgs", 6), ("start", 1)],
            Expect::ours(14_042, 22).without(&["TermsInOrder"]),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=2,max_msgs=5,start=elected",
            &[
                ("max_term", 2),
                ("max_log", 2),
                ("max_msgs", 5),
                ("start", 1),
            ],
            Expect::ours(26_793, 22).without(&["Leader Completeness", "OneSenderPerTerm"]),
        ),
        Config::small(
            "servers=3,max_term=2,max_log=1,max_msgs=6,start=diverged",
            &[
                ("servers", 3),
                ("max_term", 2),
                ("max_msgs", 6),
                ("start", 3),
            ],
            Expect::ours(2_842, 13).without(DIVERGED),
        ),
        Config::small(
            "servers=3,max_term=1,max_log=1,max_msgs=6,start=elected",
            &[("servers", 3), ("max_msgs", 6), ("start", 1)],
            Expect::ours(23_712, 18).without(LED),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=1,max_msgs=6",
            &[("max_term", 2), ("max_msgs", 6)],
            Expect::ours(52_966, 39).without(&["TermsInOrder"]),
        ),
        Config::small(
            "servers=2,max_term=2,max_log=0,max_msgs=3,refuses",
            &[
                ("max_term", 2),
                ("max_log", 0),
                ("max_msgs", 3),
                ("refuses", 1),
            ],
            Expect::ours(82_739, 25).without(NO_ENTRY),
        ),
        Config::ci(
            "servers=2,max_term=2,max_log=2,max_msgs=5,crashes=1",
            &[
                ("max_term", 2),
                ("max_log", 2),
                ("max_msgs", 5),
                ("crashes", 1),
            ],
            Expect::ours(226_822, 42).without(&["Leader Completeness", "OneSenderPerTerm"]),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<AsynchronousHistory<S>, NoSuchModel> {
        let size = Size {
            servers: values.size("servers"),
            values: values.size("values"),
            max_term: values["max_term"].into(),
            max_log: values["max_log"].into(),
            max_msgs: values.size("max_msgs"),
            max_writes: values.size("max_writes"),
            crashes: values["crashes"],
            gathers: values["gathers"] == 1,
            refuses: values["refuses"] == 1,
            covers: values["covers"] == 1,
            start: Start::from_choice(values["start"]),
        };
        let (servers, max_term, max_log) = size.start.needs();
        if size.servers < servers || size.max_term < max_term || size.max_log < max_log {
            return Err(NoSuchModel(format!(
                "this start needs servers={servers}, max_term={max_term} and max_log={max_log} at least"
            )));
        }
        Ok(Recorded::new(AsynchronousRaft { size, rules }))
    }
}
