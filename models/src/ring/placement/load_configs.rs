//! Sizes of weighted placement and of bounded loads, and what each must show.

use concur_rules::bounded_loads::{BoundRule, WeightRule};
use concur_rules::{Rule as _, RuleSet};

use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use crate::ring::placement::MAX_NODES;
use crate::ring::placement::bounded_loads::{BoundedLoads, MAX_REQUESTS, MAX_SERVERS};
use crate::ring::placement::weighted::{MAX_VNODES, WeightedPlacement};

/// All assignments to positions are initial states: there are no more than that.
const MAX_ASSIGNMENTS: usize = 1 << 20;

const fn number(name: &'static str, most: usize, default: u32, help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::Number(1..=most as u32),
        default,
        help,
    }
}

/// Weights and zones.
pub struct WeightedPlacementRung;

impl Rung for WeightedPlacementRung {
    type Rule = WeightRule;
    type Model<S: RuleSet<WeightRule>> = WeightedPlacement<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "weighted-placement";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "nodes have points by their weights, a change of weight moves only what it must, and replicas lie on distinct nodes in distinct zones";
    const SOURCE: &'static str = "DeCandia et al. 2007 (Dynamo), §4.2, §4.3, §4.6";
    const RULES: &'static [WeightRule] = WeightRule::ALL;
    const PARAMS: &'static [Param] = &[
        number("nodes", MAX_NODES, 3, "nodes, members or not"),
        number("unit", MAX_VNODES, 1, "virtual nodes of a node of weight 1"),
        number("weights", MAX_VNODES, 2, "the largest weight"),
        number("positions", 8, 3, "positions on the ring"),
        number("replicas", MAX_NODES, 2, "nodes that are to hold each key"),
        number("zones", MAX_NODES, 2, "zones, in which nodes lie by turns"),
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=3", &[], Expect::ours(19_683, 4)),
        Config::ci(
            "nodes=4,replicas=3",
            &[("nodes", 4), ("replicas", 3)],
            Expect::ours(531_441, 5),
        ),
        Config::ci(
            "nodes=4,replicas=3,zones=3",
            &[("nodes", 4), ("replicas", 3), ("zones", 3)],
            Expect::ours(531_441, 5),
        ),
    ];

    fn model<S: RuleSet<WeightRule>>(
        values: &Values,
        rules: S,
    ) -> Result<WeightedPlacement<S>, NoSuchModel> {
        let m = WeightedPlacement {
            nodes: values.size("nodes"),
            unit: values.size("unit"),
            weights: values.size("weights"),
            positions: values.size("positions"),
            replicas: values.size("replicas"),
            zones: values.size("zones"),
            rules,
        };
        let vnodes = m.unit * m.weights;
        if vnodes > MAX_VNODES {
            return Err(NoSuchModel(format!(
                "{vnodes} virtual nodes of one node are more than {MAX_VNODES}"
            )));
        }
        fits(m.positions, m.nodes * vnodes)?;
        Ok(m)
    }
}

/// Bounded loads.
pub struct BoundedLoadsRung;

impl Rung for BoundedLoadsRung {
    type Rule = BoundRule;
    type Model<S: RuleSet<BoundRule>> = BoundedLoads<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "bounded-loads";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "each request goes to the first server clockwise with room, there always is one, and no load is lost or kept when servers go";
    const SOURCE: &'static str = "Mirrokni, Thorup & Zadimoghaddam 2016 (arXiv 1608.01350)";
    const RULES: &'static [BoundRule] = BoundRule::ALL;
    const PARAMS: &'static [Param] = &[
        number("servers", MAX_SERVERS, 2, "servers, members or not"),
        number("requests", MAX_REQUESTS, 3, "requests, each there or not"),
        number("positions", 8, 3, "positions on the ring"),
        number(
            "quarters",
            16,
            5,
            "the factor c of the capacity, in quarters",
        ),
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("servers=2", &[], Expect::ours(30_402, 8)),
        Config::small("quarters=4", &[("quarters", 4)], Expect::ours(30_618, 8)),
        Config::small(
            "quarters=3",
            &[("quarters", 3)],
            Expect::fails("Every Request Finds A Server", 5),
        ),
        Config::small(
            "servers=3",
            &[("servers", 3), ("positions", 2)],
            Expect::ours(25_840, 12),
        ),
        Config::ci(
            "servers=3,requests=4",
            &[("servers", 3), ("requests", 4), ("positions", 2)],
            Expect::ours(210_304, 13),
        ),
    ];

    fn model<S: RuleSet<BoundRule>>(
        values: &Values,
        rules: S,
    ) -> Result<BoundedLoads<S>, NoSuchModel> {
        let m = BoundedLoads {
            servers: values.size("servers"),
            requests: values.size("requests"),
            positions: values.size("positions"),
            quarters: values.size("quarters"),
            rules,
        };
        fits(m.positions, m.servers + m.requests)?;
        Ok(m)
    }
}

fn fits(positions: usize, points: usize) -> Result<(), NoSuchModel> {
    match positions.checked_pow(points as u32) {
        Some(all) if all <= MAX_ASSIGNMENTS => Ok(()),
        _ => Err(NoSuchModel(format!(
            "{positions}^{points} assignments to positions are more than {MAX_ASSIGNMENTS}, all of which would be initial states"
        ))),
    }
}
