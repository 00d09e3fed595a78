//! Sizes of the unbounded ring: those of the flat one, with which it is compared.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::UnboundedRing;
use crate::kit::{Config, Expect, NoSuchModel, Param, Rung, Values};
use crate::ring::configs::RingRung;

/// The protocol on lists and sets.
pub struct UnboundedRingRung;

/// Without a read there is nothing to say of reads.
const NO_READ: &[&str] = &["Reads Are Versions"];

impl Rung for UnboundedRingRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = UnboundedRing<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "unbounded";
    const REFINES: &'static str = "ring";
    const CLAIM: &'static str = "the ring on lists and sets that grow is the ring: what random runs of large clusters are compared with";
    const SOURCE: &'static str = RingRung::SOURCE;
    const RULES: &'static [Rule] = RingRung::RULES;
    const PARAMS: &'static [Param] = RingRung::PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=2", &[], Expect::ours(2_252, 17).without(NO_READ)),
        Config::small(
            "epochs=4",
            &[("epochs", 4)],
            Expect::ours(13_668, 23).without(NO_READ),
        ),
        Config::small(
            "crashes=1",
            &[("crashes", 1)],
            Expect::ours(9_008, 19).without(NO_READ),
        ),
        Config::small(
            "keys=2",
            &[("keys", 2)],
            Expect::ours(6_965, 18).without(NO_READ),
        ),
        Config::small(
            "reads=1,epochs=2",
            &[("reads", 1), ("epochs", 2)],
            Expect::ours(3_866, 16),
        ),
        Config::ci(
            "nodes=3",
            &[("nodes", 3)],
            Expect::ours(47_588, 20).without(NO_READ),
        ),
        Config::ci("reads=1", &[("reads", 1)], Expect::ours(84_154, 23)),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<UnboundedRing<S>, NoSuchModel> {
        let flat = RingRung::model(values, rules)?;
        Ok(UnboundedRing {
            first: None,
            tokens: (0..flat.nodes).map(|n| vec![n]).collect(),
            positions: flat.positions,
            keys: flat.keys,
            writes: flat.writes,
            reads: usize::from(flat.reads),
            epochs: flat.epochs.into(),
            crashes: flat.crashes.into(),
            rules: flat.rules,
        })
    }
}
