//! The rules that the production core of Raft keeps beside those of the models: about snapshots, limits, completions of a disk and forged messages.

use crate::raft::RaftRule;
use crate::{Card, Rule};

crate::rules! {
    /// What the core refuses where the models have no rule.
    pub enum RaftCoreRule of "raft";

    /// A message counts only if it comes from another server of the configuration.
    guard FromPeer = "Ongaro & Ousterhout 2014, §5.2 (a majority of the full cluster)";
    /// A term or an index that no cluster can reach is refused.
    guard WithinReach = "Ongaro & Ousterhout 2014, §5.1 (terms are consecutive integers)";

    /// A candidate counts its own vote only once it is on its own disk.
    guard OwnVoteSynced = "Ongaro & Ousterhout 2014, Figure 2 (persistent state)";
    /// A completion that a disk reports for an earlier boot of the server does not count.
    guard ReceiptOfBoot = "Ongaro 2014 (thesis), §10.2.1";
    /// A completion that a disk reports for another term does not count.
    guard ReceiptOfTerm = "Ongaro 2014 (thesis), §10.2.1";

    /// A server encourages nobody to begin a term that is over.
    guard PreVoteOwnTerm = "Ongaro 2014 (thesis), §9.6";
    /// A server counts encouragement only for the term that it asks about.
    guard PreVoteCurrent = "Ongaro 2014 (thesis), §9.6";

    /// A leader takes no entries and no snapshot from another leader of its own term.
    guard LeaderAlone = "Ongaro & Ousterhout 2014, Figure 3 (Election Safety)";
    /// An entry that is known to be committed is never removed.
    guard CommittedStays = "Ongaro & Ousterhout 2014, Figure 3 (State Machine Safety)";
    /// An acknowledgement of more than the leader has does not count.
    guard MatchWithinLog = "Ongaro & Ousterhout 2014, §5.3";
    /// A refusal counts only if it answers what was asked last and was not acknowledged since.
    guard RefusalCurrent = "Ongaro & Ousterhout 2014, §5.3";

    /// A leader takes no request beyond its limit of uncommitted bytes.
    guard UncommittedLimit = "etcd-io/raft, Config.MaxUncommittedEntriesSize";
    /// A leader that hands over takes no requests.
    guard NoRequestInTransfer = "Ongaro 2014 (thesis), §3.10";
    /// A leader hands over only to another server of the configuration.
    guard TransferToPeer = "Ongaro 2014 (thesis), §3.10";
    /// A server takes over only when the leader of its own term asks it to.
    guard TimeoutNowCurrent = "Ongaro 2014 (thesis), §3.10";

    /// A snapshot covers only what was committed.
    guard CompactCommitted = "Ongaro & Ousterhout 2014 (extended version), §7";
    /// A server refuses a snapshot from a leader of an older term.
    guard SnapshotCurrent = "Ongaro & Ousterhout 2014 (extended version), Figure 13 (1)";
    /// A server installs a snapshot only if it covers more than the server knows to be committed.
    guard SnapshotAhead = "Ongaro & Ousterhout 2014 (extended version), §7";
    /// A piece of a snapshot counts only where the piece before it ended.
    guard ChunkInOrder = "Ongaro & Ousterhout 2014 (extended version), Figure 13 (3)";
    /// What follows a snapshot stays in the log only if the log agrees with the snapshot on its last entry.
    guard SuffixMatches = "Ongaro & Ousterhout 2014 (extended version), Figure 13 (6, 7)";
    /// An answer about a snapshot counts only if that snapshot is being sent.
    guard ChunkAnswerCurrent = "Ongaro & Ousterhout 2014 (extended version), §7";
}

/// A rule by which the core can refuse: one of the models', or one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RaftNodeRule {
    /// One that a model has, too.
    Model(RaftRule),
    /// One that only the core has.
    Core(RaftCoreRule),
}

const MODEL: usize = RaftRule::ALL.len();
const CORE: usize = RaftCoreRule::ALL.len();

const fn all() -> [RaftNodeRule; MODEL + CORE] {
    let mut all = [RaftNodeRule::Core(RaftCoreRule::FromPeer); MODEL + CORE];
    let mut at = 0;
    while at < MODEL + CORE {
        all[at] = if at < MODEL {
            RaftNodeRule::Model(RaftRule::ALL[at])
        } else {
            RaftNodeRule::Core(RaftCoreRule::ALL[at - MODEL])
        };
        at += 1;
    }
    all
}

impl Rule for RaftNodeRule {
    const ALL: &'static [Self] = &all();

    fn card(self) -> &'static Card {
        match self {
            Self::Model(rule) => rule.card(),
            Self::Core(rule) => rule.card(),
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Model(rule) => rule.index(),
            Self::Core(rule) => MODEL + rule.index(),
        }
    }
}

impl From<RaftRule> for RaftNodeRule {
    #[inline(always)]
    fn from(rule: RaftRule) -> Self {
        Self::Model(rule)
    }
}

impl From<RaftCoreRule> for RaftNodeRule {
    #[inline(always)]
    fn from(rule: RaftCoreRule) -> Self {
        Self::Core(rule)
    }
}
