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
    const CONFIGS: &'static [Config] = &[Config::small("x", &[], Expect::ours(0, 0))];

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
            crashes: Some(values["crashes"] as u8),
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
