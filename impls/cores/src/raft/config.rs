//! What a server is told before it starts: who it is, who votes, what it may do at once.

use alloc::vec::Vec;

use concur_rules::Faithful;

use crate::NodeId;

/// What a server is told before it starts. All servers of a cluster have the same `voters`, `pre_vote` and `check_quorum`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config<S = Faithful> {
    /// Who this server is.
    pub id: NodeId,
    /// Every server of the cluster, this one among them.
    pub voters: Vec<NodeId>,
    /// Whether a server asks if it could win before it begins a term (thesis, §9.6).
    pub pre_vote: bool,
    /// Whether a server that hears a leader does not vote (thesis, §4.2.3), and a leader that misses its quorum for an election timeout steps down (thesis, §6.2).
    pub check_quorum: bool,
    /// How much may be under way at once. Servers may differ in that.
    pub limits: Limits,
    /// The rules that are kept: all of them, unless a check leaves one out.
    pub rules: S,
}

/// How much may be under way at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// The most bytes of entries in one message, unless a single entry is larger.
    pub message_bytes: usize,
    /// The most messages with entries on their way to one follower. At least 1.
    pub inflight_messages: usize,
    /// Once that many bytes of entries are on their way to one follower, no other message follows. At least 1.
    pub inflight_bytes: usize,
    /// The most bytes of entries that a leader has taken and not committed; a request beyond that is refused, unless nothing waits.
    pub uncommitted_bytes: usize,
    /// The bytes in one piece of a snapshot. At least 1.
    pub chunk_bytes: usize,
}

impl Default for Limits {
    /// Messages of 1 MiB, 256 messages or 16 MiB in flight, 64 MiB uncommitted, snapshots in pieces of 256 KiB.
    fn default() -> Self {
        Self {
            message_bytes: 1 << 20,
            inflight_messages: 256,
            inflight_bytes: 16 << 20,
            uncommitted_bytes: 64 << 20,
            chunk_bytes: 256 << 10,
        }
    }
}

impl Config {
    /// That server of that cluster, with pre-vote, check-quorum, the usual limits and all rules.
    pub fn new(id: NodeId, voters: impl IntoIterator<Item = NodeId>) -> Self {
        Self {
            id,
            voters: voters.into_iter().collect(),
            pre_vote: true,
            check_quorum: true,
            limits: Limits::default(),
            rules: Faithful,
        }
    }
}

impl<S> Config<S> {
    /// The same with other rules: for a check that leaves one out.
    pub fn with_rules<T>(self, rules: T) -> Config<T> {
        Config {
            id: self.id,
            voters: self.voters,
            pre_vote: self.pre_vote,
            check_quorum: self.check_quorum,
            limits: self.limits,
            rules,
        }
    }

    /// Whether that many servers are a majority (§5.2).
    #[inline]
    pub(super) fn is_quorum(&self, servers: usize) -> bool {
        2 * servers > self.voters.len()
    }

    /// The other servers.
    pub(super) fn peers(&self) -> impl Iterator<Item = NodeId> + '_ {
        let others = self.voters.iter().copied();
        others.filter(|id| *id != self.id)
    }

    /// Whether that is another server of the cluster.
    #[inline]
    pub(super) fn is_peer(&self, id: NodeId) -> bool {
        id != self.id && self.voters.contains(&id)
    }
}
