//! What the tests of two-phase commit share: rule sets that leave a rule out, hosts that answer by chance, and a ledger that knows what must hold.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod ledger;
mod observer;
mod people;
pub(crate) mod script;
pub(crate) mod world;

use concur_cores::NodeId;
use concur_cores::two_phase::{Config, Rule};
use concur_rules::RuleSet;

/// All rules but one, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Without(pub(crate) Option<Rule>);

impl RuleSet<Rule> for Without {
    fn requires(&self, rule: Rule, holds: bool) -> bool {
        holds || self.0 == Some(rule)
    }

    fn performs(&self, rule: Rule) -> bool {
        self.0 != Some(rule)
    }
}

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
