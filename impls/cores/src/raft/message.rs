//! What servers tell each other, and what each message promises.

use alloc::vec::Vec;
use core::fmt::{self, Display};

use super::entry::{Entries, Numbered, Position};

/// A message. Servers may lose, repeat and reorder them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "C: Clone + serde::Serialize",
        deserialize = "C: serde::Deserialize<'de>"
    ))
)]
pub struct Message<C> {
    /// The sender's term (§5.1); with a request for a pre-vote, and with a pre-vote that is given, the term that would begin (thesis, §9.6). Except in those two, the
    /// sender promises that the term is on its disk.
    pub term: u64,
    /// What the message says.
    pub body: Body<C>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "C: Clone + serde::Serialize",
        deserialize = "C: serde::Deserialize<'de>"
    ))
)]
pub enum Body<C> {
    /// Would you vote for me in that term? Promises nothing, and changes nothing at the receiver (thesis, §9.6).
    PreVoteRequest {
        /// The last entry of the sender's log.
        last: Position,
    },
    /// An answer to that. Given, it promises nothing; refused, its term is the sender's own (thesis, §9.6).
    PreVoteResponse {
        /// Whether the sender would vote.
        granted: bool,
    },
    /// RequestVote. The sender promises that it stands for election in that term, and that its vote for itself is on its disk (Figure 2; §5.2).
    RequestVoteRequest {
        /// `lastLogIndex` and `lastLogTerm`: the last entry of the sender's log (§5.4.1).
        last: Position,
        /// Whether the leader itself has asked the sender to stand, so that who hears the leader may vote (thesis, §3.10 and §4.2.3).
        transfer: bool,
    },
    /// The answer. Granted, the sender promises to vote for nobody else in that term, also after a crash (§5.2; Figure 2).
    RequestVoteResponse {
        /// `voteGranted`.
        granted: bool,
    },
    /// AppendEntries. The sender promises that it is the one leader of that term, and that its log has `entries` right behind `prev` (§5.3). It does not promise that they
    /// are on its own disk (thesis, §10.2.1). Without entries it is a heartbeat (§5.2).
    AppendEntriesRequest {
        /// `prevLogIndex` and `prevLogTerm`.
        prev: Position,
        /// What follows `prev` in the leader's log.
        entries: Entries<C>,
        /// `leaderCommit`: up to where the leader knows entries to be committed.
        commit_index: u64,
    },
    /// The answer to AppendEntries, and to a snapshot that is installed or was not needed.
    AppendEntriesResponse(Answer),
    /// InstallSnapshot. The sender promises that it is the one leader of that term, and that everything up to `last` is committed and in the snapshot (extended version,
    /// §7, Figure 13). Without data, and not the last piece, it asks how much has arrived.
    InstallSnapshotRequest {
        /// `lastIncludedIndex` and `lastIncludedTerm`.
        last: Position,
        /// Where in the snapshot `data` begins, in bytes.
        offset: u64,
        /// A piece of the snapshot.
        data: Vec<u8>,
        /// Whether it is the last piece.
        done: bool,
    },
    /// The answer, as long as pieces are missing. Promises nothing beyond this boot of the sender: pieces are kept in memory (extended version, Figure 13).
    InstallSnapshotResponse {
        /// `lastIncludedIndex` of the snapshot.
        last_index: u64,
        /// How many bytes of it have arrived: where the next piece must begin.
        received: u64,
    },
    /// Take over. The sender promises that the receiver has acknowledged all of its log, and that it takes no requests for a while (thesis, §3.10).
    TimeoutNow,
}

/// Whether entries were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Answer {
    /// The sender promises that its log agrees with the leader's up to that index, on its disk (§5.3; Figure 2).
    Accepted {
        /// What becomes the leader's `matchIndex`.
        match_index: u64,
    },
    /// The sender's log has nothing, or another entry, at `prev_index` (§5.3), or the leader's term is over (§5.1). Promises nothing about the log.
    Refused {
        /// `prevLogIndex` of the request.
        prev_index: u64,
        /// The last place in the sender's log, not after `prev_index`, where the term is not above the leader's there: where agreement is to be sought (§5.3, the end).
        hint: Position,
    },
}

impl<C: Display> Display for Message<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let term = self.term;
        match &self.body {
            Body::PreVoteRequest { last } => write!(f, "PreVote@{term} last={last}"),
            Body::PreVoteResponse { granted } => write!(f, "PreVote@{term} {}", verdict(*granted)),
            Body::RequestVoteRequest { last, transfer } => {
                let asked = if *transfer { " transfer" } else { "" };
                write!(f, "RequestVote@{term} last={last}{asked}")
            }
            Body::RequestVoteResponse { granted } => {
                write!(f, "Vote@{term} {}", verdict(*granted))
            }
            Body::AppendEntriesRequest {
                prev,
                entries,
                commit_index,
            } => {
                let first = prev.index.saturating_add(1);
                let entries = Numbered { first, entries };
                write!(
                    f,
                    "AppendEntries@{term} prev={prev} {entries} commit={commit_index}"
                )
            }
            Body::AppendEntriesResponse(answer) => write!(f, "AppendEntries@{term} {answer}"),
            Body::InstallSnapshotRequest {
                last,
                offset,
                data,
                done,
            } => {
                let end = if *done { " done" } else { "" };
                write!(
                    f,
                    "InstallSnapshot@{term} last={last} {offset}+{}{end}",
                    data.len()
                )
            }
            Body::InstallSnapshotResponse {
                last_index,
                received,
            } => write!(
                f,
                "InstallSnapshot@{term} last={last_index} received={received}"
            ),
            Body::TimeoutNow => write!(f, "TimeoutNow@{term}"),
        }
    }
}

impl Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { match_index } => write!(f, "match={match_index}"),
            Self::Refused { prev_index, hint } => {
                write!(f, "refused prev={prev_index} hint={hint}")
            }
        }
    }
}

fn verdict(granted: bool) -> &'static str {
    if granted { "granted" } else { "refused" }
}
