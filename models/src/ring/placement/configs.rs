//! Sizes of placement, and what each must show.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Judge, MAX_NODES, MAX_VNODES, Placement, Points};
use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};

/// Placement, on its own.
pub struct PlacementRung;

impl Rung for PlacementRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Placement<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "placement";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "who holds a key is a function of the members alone, whatever collides, and changes no more than it must";
    const SOURCE: &'static str =
        "Karger et al. 1997, §4; DeCandia et al. 2007 (Dynamo), §4.2, §4.3";
    const RULES: &'static [Rule] = &[
        Rule::PlaceTieByIdentity,
        Rule::PlaceInsertKeepsOther,
        Rule::PlaceInsertOnce,
        Rule::PlaceInsertShares,
        Rule::PlaceInsertAll,
        Rule::PlaceRemoveOwn,
        Rule::PlaceRemoveOnce,
        Rule::PlaceRemoveUnshared,
        Rule::PlaceRemoveAll,
        Rule::PlaceLookupAtOrAfter,
        Rule::PlaceLookupWraps,
        Rule::PlaceReplicaDistinct,
        Rule::PlaceReplicaFromOwner,
    ];
    const PARAMS: &'static [Param] = &[
        Param {
            name: "nodes",
            domain: Domain::Number(1..=MAX_NODES as u32),
            default: 3,
            help: "nodes, members or not",
        },
        Param {
            name: "vnodes",
            domain: Domain::Number(1..=MAX_VNODES as u32),
            default: 2,
            help: "virtual nodes of each node at full weight",
        },
        Param {
            name: "positions",
            domain: Domain::Number(1..=8),
            default: 3,
            help: "positions on the ring",
        },
        Param {
            name: "replicas",
            domain: Domain::Number(1..=MAX_NODES as u32),
            default: 2,
            help: "nodes that are to hold each key",
        },
        Param {
            name: "points",
            domain: Domain::OneOf(Points::NAMES),
            default: 0,
            help: "how the table tells points apart",
        },
        Param {
            name: "judge",
            domain: Domain::OneOf(Judge::NAMES),
            default: 0,
            help: "what is claimed: all, or that every position has an owner",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "nodes=2",
            &[("nodes", 2), ("positions", 4)],
            Expect::ours(2_304, 5),
        ),
        Config::small("nodes=3", &[], Expect::ours(19_683, 7)),
        Config::small("positions=4", &[("positions", 4)], Expect::ours(110_592, 7)),
        Config::small(
            "nodes=2,vnodes=1,replicas=1,points=by-position,judge=coverage",
            &[
                ("nodes", 2),
                ("vnodes", 1),
                ("replicas", 1),
                ("points", 1),
                ("judge", 1),
            ],
            Expect::fails("Coverage", 4),
        ),
        Config::ci(
            "vnodes=3",
            &[("vnodes", 3), ("positions", 3)],
            Expect::ours(1_259_712, 7),
        ),
        Config::ci(
            "nodes=4",
            &[("nodes", 4), ("positions", 3), ("replicas", 3)],
            Expect::ours(531_441, 9),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Placement<S>, NoSuchModel> {
        let m = Placement {
            nodes: values.size("nodes"),
            vnodes: values.size("vnodes"),
            positions: values.size("positions"),
            replicas: values.size("replicas"),
            points: Points::from_choice(values["points"]),
            judge: Judge::from_choice(values["judge"]),
            rules,
        };
        let assignments = m.positions.checked_pow((m.nodes * m.vnodes) as u32);
        if assignments.is_none_or(|all| all > MAX_ASSIGNMENTS) {
            return Err(NoSuchModel(format!(
                "{}^({}·{}) assignments of virtual nodes to positions are more than {MAX_ASSIGNMENTS}, all of which would be initial states",
                m.positions, m.nodes, m.vnodes
            )));
        }
        Ok(m)
    }
}

const MAX_ASSIGNMENTS: usize = 1 << 20;
