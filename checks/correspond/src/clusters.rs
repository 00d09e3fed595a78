//! Families of clusters: what else than a rung they are.

use concur_models::kit::{Rung, Settings};

/// A family of clusters of one core, by size and rules.
pub trait Clusters: Rung {
    /// The actions of the model above for which no step of a cluster ever stands, each with the reason.
    const NEVER: &'static [(&'static str, &'static str)] = &[];

    /// The actions of the model above some of whose transitions no step of a cluster stands for, though the model has them at the same size; each with the reason.
    const PARTLY: &'static [(&'static str, &'static str)] = &[];

    /// Whether the model above is small enough at some small size that all its transitions can be held against those that the cluster takes.
    const HELD_AGAINST: bool = true;

    /// Sizes for random walks, far beyond what can be explored.
    const WALKS: &'static [Walk];
}

/// A size for random walks.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    /// Its name.
    pub name: &'static str,
    /// The parameters that differ from the defaults.
    pub settings: Settings,
    /// How many events one walk has.
    pub steps: u64,
}
