//! What the tests of two-phase commit share: rule sets that leave a rule out, hosts that answer by chance, and a ledger that knows what must hold.

pub(crate) mod ledger;
mod observer;
mod people;
pub(crate) mod script;
pub(crate) mod world;

use concur_cores::NodeId;
use concur_cores::two_phase::Config;

pub(crate) use concur_harness::Without;

/// The site of that number.
pub(crate) fn n(number: u64) -> NodeId {
    NodeId(number)
}

/// That many sites, of which the first so many are acceptors.
pub(crate) fn configs<S: Clone>(
    sites: u64,
    acceptors: u64,
    checkpoint_every: u64,
    rules: S,
) -> impl Iterator<Item = (NodeId, Config<S>)> {
    (1..=sites).map(move |site| {
        let mut config = Config::new(n(site), (1..=acceptors).map(n).collect());
        config.checkpoint_every = checkpoint_every;
        (n(site), config.with_rules(rules.clone()))
    })
}
