//! Random runs of Raft, with every step checked; and that each guard is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use concur_harness::seeds;
use concur_rules::Rule as _;
use concur_rules::raft::RaftRule as Rule;
use concur_rules::raft_core::{RaftCoreRule as Core, RaftNodeRule};

use crate::support::Without;
use crate::support::run::Run;

const STEPS: usize = 1_000;
const SEEDS: u64 = 200;

#[test]
fn every_step_of_random_runs_keeps_figure_3_and_the_cluster_goes_on() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in seeds(SEEDS) {
        for (event, times) in Run::play(seed, STEPS, Without(None)).expect("all rules are kept") {
            *seen.entry(event).or_default() += times;
        }
    }
    for event in [
        "a server leads",
        "an entry is committed",
        "a command is applied",
        "a command is applied ahead of the own disk",
        "a snapshot is restored",
        "a request is refused",
        "a leader hands over",
        "a transfer is abandoned",
        "entries are refused",
    ] {
        assert!(
            seen.get(event) > Some(&10),
            "hardly ever: {event}: {seen:?}"
        );
    }
}

/// A server whose disk is slow starts, applies, goes down before it has synced that it had started, and starts again under the same boot number: it applies everything again.
#[test]
fn a_server_that_starts_twice_under_one_boot_number_applies_everything_again() {
    Run::play(100_819, STEPS, Without(None)).expect("all rules are kept");
}

/// What keeps a guard from being missed.
enum Proof {
    /// Some seed breaks something without it; the search begins at that one, to be quick.
    Breaks(u64),
    /// No run of servers that keep the other rules can show it, for that reason; a story shows that it refuses.
    Never(&'static str),
}

use Proof::{Breaks, Never};

/// Every guard of the core.
const GUARDS: &[(RaftNodeRule, Proof)] = &[
    (RaftNodeRule::Model(Rule::TimeoutNotLeader), Breaks(0)),
    (RaftNodeRule::Model(Rule::PreVoteQuorum), Breaks(0)),
    (RaftNodeRule::Model(Rule::LeaderSticky), Breaks(0)),
    (RaftNodeRule::Model(Rule::UpdateTermNewer), Breaks(0)),
    (RaftNodeRule::Model(Rule::PreVoteUpToDate), Breaks(0)),
    (RaftNodeRule::Model(Rule::VoteGranted), Breaks(0)),
    (RaftNodeRule::Model(Rule::VotesCountedOnce), Breaks(0)),
    (RaftNodeRule::Model(Rule::VoteOwnTerm), Breaks(0)),
    (RaftNodeRule::Model(Rule::LogUpToDateTerm), Breaks(120)),
    (RaftNodeRule::Model(Rule::LogUpToDateLength), Breaks(281)),
    (RaftNodeRule::Model(Rule::OneVotePerTerm), Breaks(0)),
    (RaftNodeRule::Model(Rule::VoteResponseCurrent), Breaks(0)),
    (RaftNodeRule::Model(Rule::VotesFromQuorum), Breaks(0)),
    (
        RaftNodeRule::Model(Rule::AppendResponseCurrent),
        Breaks(105),
    ),
    (RaftNodeRule::Model(Rule::CommitOwnTerm), Breaks(0)),
    (RaftNodeRule::Model(Rule::OwnEntrySynced), Breaks(0)),
    (RaftNodeRule::Model(Rule::CommitQuorum), Breaks(0)),
    (RaftNodeRule::Model(Rule::AppendEntriesCurrent), Breaks(0)),
    (RaftNodeRule::Model(Rule::PrevLogMatches), Breaks(0)),
    (RaftNodeRule::Model(Rule::RemoveConflicting), Breaks(0)),
    (RaftNodeRule::Model(Rule::TransferCaughtUp), Breaks(0)),
    (
        RaftNodeRule::Model(Rule::ClientRequestLeader),
        Never("it is not left out: who does not lead has no followers to send to"),
    ),
    (RaftNodeRule::Core(Core::FromPeer), Breaks(0)),
    (
        RaftNodeRule::Core(Core::WithinReach),
        Never("no term comes near the limit in a run; a forged message does"),
    ),
    (RaftNodeRule::Core(Core::OwnVoteSynced), Breaks(0)),
    (
        RaftNodeRule::Core(Core::ReceiptOfBoot),
        Never("a server leads a term in one boot only, so ReceiptOfTerm refuses first"),
    ),
    (RaftNodeRule::Core(Core::ReceiptOfTerm), Breaks(0)),
    (RaftNodeRule::Core(Core::PreVoteOwnTerm), Breaks(0)),
    (RaftNodeRule::Core(Core::PreVoteCurrent), Breaks(0)),
    (
        RaftNodeRule::Core(Core::LeaderAlone),
        Never("Election Safety: there is no other leader in the term, unless one is forged"),
    ),
    (
        RaftNodeRule::Core(Core::CommittedStays),
        Never(
            "Leader Completeness: no leader conflicts with what is committed, unless one is forged",
        ),
    ),
    (
        RaftNodeRule::Core(Core::MatchWithinLog),
        Never("nobody acknowledges what was not sent, unless an answer is forged"),
    ),
    (
        RaftNodeRule::Core(Core::RefusalCurrent),
        Never(
            "an old refusal costs messages: the leader does not go back behind what was acknowledged",
        ),
    ),
    (RaftNodeRule::Core(Core::UncommittedLimit), Breaks(0)),
    (RaftNodeRule::Core(Core::NoRequestInTransfer), Breaks(0)),
    (RaftNodeRule::Core(Core::TransferToPeer), Breaks(0)),
    (RaftNodeRule::Core(Core::TimeoutNowCurrent), Breaks(0)),
    (RaftNodeRule::Core(Core::CompactCommitted), Breaks(0)),
    (RaftNodeRule::Core(Core::SnapshotCurrent), Breaks(0)),
    (RaftNodeRule::Core(Core::SnapshotAhead), Breaks(54)),
    (RaftNodeRule::Core(Core::ChunkInOrder), Breaks(0)),
    (RaftNodeRule::Core(Core::SuffixMatches), Breaks(236)),
    (
        RaftNodeRule::Core(Core::ChunkAnswerCurrent),
        Never("an old answer costs messages: the follower takes no piece out of order"),
    ),
];

/// The first of these seeds that breaks something without that rule, and what.
fn broken_by(rule: RaftNodeRule, mut seeds: Range<u64>) -> Option<String> {
    seeds.find_map(|seed| Run::play(seed, STEPS, Without(Some(rule))).err())
}

#[test]
fn without_any_one_guard_some_run_breaks_something() {
    let mut survivors = Vec::new();
    for (rule, proof) in GUARDS {
        if let Breaks(from) = proof {
            match broken_by(*rule, *from..from + 2_000) {
                Some(why) => eprintln!("{}: {why}", rule.card().name),
                None => survivors.push(rule.card().name),
            }
        }
    }
    assert!(survivors.is_empty(), "nothing breaks without {survivors:?}");
}

#[test]
fn what_no_run_can_show_no_run_shows() {
    for (rule, proof) in GUARDS {
        if let Never(reason) = proof {
            let broken = broken_by(*rule, 0..40);
            assert_eq!(broken, None, "{}: {reason}", rule.card().name);
        }
    }
}

/// The guards are read off the sources, so that a new one cannot be forgotten here.
#[test]
fn every_guard_of_the_core_is_accounted_for() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/raft");
    let mut cited = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the sources are there") {
        let path = file.expect("it can be read").path();
        let text = std::fs::read_to_string(path).expect("it is text");
        for prefix in ["Rule::", "Core::"] {
            for (at, _) in text.match_indices(prefix) {
                let rest = &text[at + prefix.len()..];
                let end = rest.find(|c: char| !c.is_alphanumeric());
                let name = &rest[..end.unwrap_or(rest.len())];
                cited.extend(RaftNodeRule::named(name));
            }
        }
    }
    let listed: BTreeSet<RaftNodeRule> = GUARDS.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(cited, listed);
}
