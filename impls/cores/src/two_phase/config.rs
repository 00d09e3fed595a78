//! What a site is told before it starts.

use alloc::vec::Vec;

use concur_rules::Faithful;

use crate::NodeId;

/// What a site is told about itself and its cluster, before it starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config<S = Faithful> {
    /// The name of this site.
    pub id: NodeId,
    /// The acceptors of the Paxos Commits that this site coordinates: 2F+1 of them, so that F may be down; none if it uses two-phase commit only.
    /// May be changed at a restart: each transaction keeps those that it began with.
    pub acceptors: Vec<NodeId>,
    /// After how many records the site writes a checkpoint, so that the host may delete what is older. Zero counts as one.
    pub checkpoint_every: u64,
    /// The rules that are kept.
    pub rules: S,
}

impl Config {
    /// That site, with those acceptors, and a checkpoint after 4,096 records.
    pub fn new(id: NodeId, acceptors: Vec<NodeId>) -> Self {
        Self {
            id,
            acceptors,
            checkpoint_every: 4096,
            rules: Faithful,
        }
    }
}

impl<S> Config<S> {
    /// The same, under other rules.
    pub fn with_rules<T>(self, rules: T) -> Config<T> {
        let Self {
            id,
            acceptors,
            checkpoint_every,
            ..
        } = self;
        Config {
            id,
            acceptors,
            checkpoint_every,
            rules,
        }
    }
}
