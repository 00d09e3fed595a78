//! Sizes of Chord's ring maintenance, as published and as corrected, and what each must show.

use concur_rules::RuleSet;
use concur_rules::chord::ChordRule as Rule;

use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use crate::ring::chord::corrected::ChordCorrected;
use crate::ring::chord::pointers::{MAX_LIST, MAX_NODES};
use crate::ring::chord::reach::ChordReach;
use crate::ring::chord::{CLAIMS, Chord, Fails};

const NODES: Param = Param {
    name: "nodes",
    domain: Domain::Number(2..=MAX_NODES as u32),
    default: 3,
    help: "nodes, members or not, and as many positions",
};
const LIST: Param = Param {
    name: "list",
    domain: Domain::Number(1..=MAX_LIST as u32),
    default: 2,
    help: "length of a list of successors",
};

const NEVER: u32 = 0;
const SPARING: u32 = 1;
const ANY: u32 = 2;

/// The claim of that name.
const fn claim(name: &str) -> u32 {
    let mut at = 0;
    while at < CLAIMS.len() {
        if same(CLAIMS[at], name) {
            return at as u32;
        }
        at += 1;
    }
    panic!("no such claim")
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// As published.
pub struct ChordRung;

impl Rung for ChordRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Chord<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "chord";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "Chord as published keeps one ordered ring while nodes only join; once they fail, each invariant of the ring has a counterexample";
    const SOURCE: &'static str = "Stoica et al. 2001, 2003 (Chord); Zave 2012, 2015";
    const RULES: &'static [Rule] = &[
        Rule::ChordJoinStranger,
        Rule::ChordJoinPlace,
        Rule::ChordJoinAdds,
        Rule::ChordJoinSuccessor,
        Rule::ChordStabilizeCloser,
        Rule::ChordStabilizeSuccessor,
        Rule::ChordNotifyCloser,
        Rule::ChordNotifyPredecessor,
        Rule::ChordReconcileList,
        Rule::ChordUpdateDead,
        Rule::ChordUpdateNext,
        Rule::ChordFlushDead,
        Rule::ChordFlushForgets,
        Rule::ChordFailSpares,
    ];
    const PARAMS: &'static [Param] = &[
        NODES,
        Param {
            name: "first",
            domain: Domain::Number(1..=MAX_NODES as u32),
            default: 1,
            help: "members of the ideal ring in the beginning",
        },
        LIST,
        Param {
            name: "fails",
            domain: Domain::OneOf(&["never", "sparing", "any"]),
            default: SPARING,
            help: "which nodes fail: none, any that leave each member a live node in its list, or any but the last",
        },
        Param {
            name: "joins",
            domain: Domain::OneOf(&["never", "any"]),
            default: 1,
            help: "which nodes join after the beginning",
        },
        Param {
            name: "claim",
            domain: Domain::OneOf(CLAIMS),
            default: 0,
            help: "what is claimed beyond the local properties",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "fails=never",
            &[("nodes", 4), ("fails", NEVER), ("claim", claim("rings"))],
            Expect::ours(8_777, 15),
        ),
        Config::small(
            "first=3,fails=never",
            &[
                ("nodes", 4),
                ("first", 3),
                ("fails", NEVER),
                ("claim", claim("all")),
            ],
            Expect::ours(49, 7),
        ),
        Config::small("fails=sparing", &[], Expect::ours(9_391, 33)),
        Config::small(
            "first=3,fails=sparing",
            &[("first", 3)],
            Expect::ours(9_391, 35),
        ),
        Config::small(
            "first=3,joins=never",
            &[("first", 3), ("joins", 0)],
            Expect::ours(88, 9),
        ),
        Config::small(
            "claim=AtLeastOneRing",
            &[("fails", ANY), ("claim", claim("AtLeastOneRing"))],
            Expect::fails("AtLeastOneRing", 3),
        ),
        Config::small(
            "claim=AtMostOneRing",
            &[("claim", claim("AtMostOneRing"))],
            Expect::fails("AtMostOneRing", 13),
        ),
        Config::small(
            "claim=OrderedRing",
            &[("claim", claim("OrderedRing"))],
            Expect::fails("OrderedRing", 15),
        ),
        Config::small(
            "claim=ConnectedAppendages",
            &[("fails", ANY), ("claim", claim("ConnectedAppendages"))],
            Expect::fails("ConnectedAppendages", 3),
        ),
        Config::small(
            "claim=OrderedMerges",
            &[("fails", NEVER), ("claim", claim("OrderedMerges"))],
            Expect::fails("OrderedMerges", 5),
        ),
        Config::small(
            "claim=OneOrderedRing",
            &[("claim", claim("OneOrderedRing"))],
            Expect::fails("OneOrderedRing", 13),
        ),
        Config::small(
            "claim=OneOrderedRing,first=3",
            &[("first", 3), ("claim", claim("OneOrderedRing"))],
            Expect::fails("OneOrderedRing", 15),
        ),
        Config::small(
            "claim=OrderedSuccessorLists",
            &[("first", 3), ("claim", claim("OrderedSuccessorLists"))],
            Expect::fails("OrderedSuccessorLists", 7),
        ),
        Config::small(
            "claim=NoDuplicates",
            &[("first", 3), ("claim", claim("NoDuplicates"))],
            Expect::fails("NoDuplicates", 4),
        ),
        Config::full(
            "nodes=4,fails=sparing",
            &[("nodes", 4)],
            Expect::ours(5_211_935, 56),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Chord<S>, NoSuchModel> {
        let (nodes, first) = (values.size("nodes"), values.size("first"));
        fits(nodes, first)?;
        Ok(Chord {
            nodes,
            first,
            list: values.size("list"),
            fails: [Fails::Never, Fails::Sparing, Fails::Any][values.size("fails")],
            joins: values["joins"] > 0,
            claim: values.size("claim"),
            rules,
        })
    }
}

/// As corrected.
pub struct ChordCorrectedRung;

impl Rung for ChordCorrectedRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = ChordCorrected<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "chord-corrected";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "Chord as corrected keeps one ordered ring to which every member leads, on a stable base of one member more than a list is long";
    const SOURCE: &'static str = "Zave 2015 (arXiv 1610.01140)";
    const RULES: &'static [Rule] = &[
        Rule::CorrectJoinStranger,
        Rule::CorrectJoinPlace,
        Rule::CorrectJoinAdds,
        Rule::CorrectJoinList,
        Rule::CorrectJoinPredecessor,
        Rule::CorrectDropDead,
        Rule::CorrectDropShifts,
        Rule::CorrectCopyList,
        Rule::CorrectAdoptCloser,
        Rule::CorrectAdoptLive,
        Rule::CorrectAdoptList,
        Rule::CorrectRectifyCloser,
        Rule::CorrectRectifyPredecessor,
        Rule::CorrectFailBase,
        Rule::CorrectFailSpares,
    ];
    const PARAMS: &'static [Param] = &[
        Param {
            default: 5,
            ..NODES
        },
        Param {
            name: "first",
            domain: Domain::Number(1..=MAX_NODES as u32),
            default: 3,
            help: "members of the ideal ring in the beginning",
        },
        Param {
            name: "base",
            domain: Domain::Number(0..=MAX_NODES as u32),
            default: 3,
            help: "members of the stable base among them, which do not fail",
        },
        LIST,
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=5", &[], Expect::ours(1_995, 18)),
        Config::small(
            "nodes=4,first=4",
            &[("nodes", 4), ("first", 4)],
            Expect::ours(48, 7).without(&["WholeLists"]),
        ),
        Config::small(
            "nodes=6,base=4",
            &[("nodes", 6), ("first", 4), ("base", 4)],
            Expect::ours(2_826, 18),
        ),
        Config::small(
            "nodes=6,list=3",
            &[("nodes", 6), ("first", 4), ("base", 4), ("list", 3)],
            Expect::ours(11_796, 21),
        ),
        Config::small("base=2", &[("base", 2)], Expect::fails("NoDuplicates", 3)),
        Config::ci("nodes=6", &[("nodes", 6)], Expect::ours(99_834, 27)),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<ChordCorrected<S>, NoSuchModel> {
        let (nodes, first) = (values.size("nodes"), values.size("first"));
        let base = values.size("base");
        fits(nodes, first)?;
        if base > first {
            return Err(NoSuchModel(format!(
                "a base of {base} is not among {first} members"
            )));
        }
        Ok(ChordCorrected {
            nodes,
            first,
            base,
            list: values.size("list"),
            rules,
        })
    }
}

/// As corrected, in first-order logic.
pub struct ChordReachRung;

impl Rung for ChordReachRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = ChordReach<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "chord-reach";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str =
        "every active node of Chord as corrected reaches the node that never fails";
    const SOURCE: &'static str =
        "Zave's Chord in Ivy (Padon et al. 2016), chord_ring_maintenance.tla";
    const RULES: &'static [Rule] = &[
        Rule::ReachJoinStranger,
        Rule::ReachJoinNotAcross,
        Rule::ReachJoinSuccessor,
        Rule::ReachStabilizeBetween,
        Rule::ReachStabilizeSuccessors,
        Rule::ReachNotifyBetween,
        Rule::ReachNotifyPredecessor,
        Rule::ReachInheritSecond,
        Rule::ReachRemoveFailed,
        Rule::ReachRemoveShifts,
        Rule::ReachFailNotOrigin,
        Rule::ReachFailSecond,
        Rule::ReachFailSecondActive,
        Rule::ReachFailFirstActive,
    ];
    const PARAMS: &'static [Param] = &[
        NODES,
        Param {
            name: "fails",
            domain: Domain::OneOf(&["never", "any"]),
            default: 1,
            help: "which nodes fail, the origin aside",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=3", &[("nodes", 3)], Expect::tlc(14_616, 21)),
        Config::small(
            "fails=never",
            &[("fails", 0)],
            Expect::ours(774, 9).without(&["ErrorFree", "OneLiveSuccessor"]),
        ),
        Config::small(
            "nodes=4,fails=never",
            &[("nodes", 4), ("fails", 0)],
            Expect::ours(36_808, 15).without(&["ErrorFree", "OneLiveSuccessor"]),
        ),
        Config::small(
            "nodes=2",
            &[("nodes", 2)],
            Expect::tlc(60, 9).without(&["ErrorFree", "AtMostOneRing", "OrderedRing"]),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<ChordReach<S>, NoSuchModel> {
        Ok(ChordReach {
            nodes: values.size("nodes"),
            fails: values["fails"] > 0,
            rules,
        })
    }
}

fn fits(nodes: usize, first: usize) -> Result<(), NoSuchModel> {
    match first <= nodes {
        true => Ok(()),
        false => Err(NoSuchModel(format!(
            "a ring of {first} members does not fit {nodes} nodes"
        ))),
    }
}
