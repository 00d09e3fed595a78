//! Sizes of the rungs of the hash ring, and what each must show.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

pub use super::chord::configs::{ChordCorrectedRung, ChordReachRung, ChordRung};
use super::ownership::Ownership;
pub use super::placement::configs::PlacementRung;
pub use super::placement::load_configs::{BoundedLoadsRung, WeightedPlacementRung};
use super::protocol::Ring;
pub use super::replicated::configs::ReplicatedRingRung;
use super::spec::KeyMap;
use super::{MAX_EPOCHS, MAX_KEYS, MAX_NODES, MAX_WRITES};
use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};

const NODES: Param = Param {
    name: "nodes",
    domain: Domain::Number(1..=MAX_NODES as u32),
    default: 2,
    help: "nodes, members or not",
};
const KEYS: Param = Param {
    name: "keys",
    domain: Domain::Number(1..=MAX_KEYS as u32),
    default: 1,
    help: "keys",
};
const WRITES: Param = Param {
    name: "writes",
    domain: Domain::Number(1..=MAX_WRITES as u32),
    default: 2,
    help: "writes, each by a client of its own to a key of its choice",
};
const READS: Param = Param {
    name: "reads",
    domain: Domain::Number(0..=1),
    default: 1,
    help: "reads, of a key that the client chooses",
};
const EPOCHS: Param = Param {
    name: "epochs",
    domain: Domain::Number(1..=MAX_EPOCHS as u32),
    default: 3,
    help: "epochs, the first one included",
};

/// The promise.
pub struct KeyMapRung;

impl Rung for KeyMapRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = KeyMap<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "key-map";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "no acknowledged write is lost, each takes effect at most once, and a read returns what is current";
    const SOURCE: &'static str = "Herlihy & Wing 1990";
    const RULES: &'static [Rule] = &[
        Rule::KeyMapApplyAsked,
        Rule::KeyMapApplyOnce,
        Rule::KeyMapAckApplied,
        Rule::KeyMapReturnVersion,
        Rule::KeyMapReturnCurrent,
    ];
    const PARAMS: &'static [Param] = &[KEYS, WRITES, READS];
    const CONFIGS: &'static [Config] = &[
        Config::small("writes=2", &[], Expect::ours(108, 9)),
        Config::small("keys=2", &[("keys", 2)], Expect::ours(429, 9)),
        Config::small(
            "keys=2,writes=3",
            &[("keys", 2), ("writes", 3)],
            Expect::ours(4_947, 12),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<KeyMap<S>, NoSuchModel> {
        Ok(KeyMap {
            keys: values.size("keys"),
            writes: values.size("writes"),
            reads: values["reads"] > 0,
            rules,
        })
    }
}

/// Owners and hand-over.
pub struct OwnershipRung;

impl Rung for OwnershipRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Ownership<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "ownership";
    const REFINES: &'static str = "key-map";
    const CLAIM: &'static str =
        "a key with one owner at a time, handed over with its data, keeps the promise of the map";
    const SOURCE: &'static str = "DeCandia et al. 2007 (Dynamo), §4.3, §4.9";
    const RULES: &'static [Rule] = &[
        Rule::OwnerAcceptAtHome,
        Rule::OwnerAcceptOnce,
        Rule::OwnerAcceptStores,
        Rule::OwnerAcceptReplies,
        Rule::OwnerAnswerAtHome,
        Rule::OwnerAnswerReplies,
        Rule::OwnerReleaseAtHome,
        Rule::OwnerReleaseNewer,
        Rule::OwnerReleaseStops,
        Rule::OwnerReleaseEpoch,
        Rule::OwnerTakeAddressed,
        Rule::OwnerTakeCopies,
        Rule::OwnerTakePlace,
        Rule::OwnerDropUnneeded,
        Rule::OwnerDropForgets,
    ];
    const PARAMS: &'static [Param] = &[NODES, KEYS, WRITES, READS, EPOCHS];
    const CONFIGS: &'static [Config] = &[
        Config::small("nodes=2", &[("writes", 1)], Expect::ours(612, 11)),
        Config::small("nodes=3", &[("nodes", 3)], Expect::ours(33_816, 16)),
        Config::small(
            "keys=2",
            &[("keys", 2), ("writes", 1)],
            Expect::ours(25_088, 14),
        ),
        Config::ci(
            "nodes=3,keys=2",
            &[("nodes", 3), ("keys", 2), ("writes", 1)],
            Expect::ours(266_112, 16),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Ownership<S>, NoSuchModel> {
        Ok(Ownership {
            nodes: values.size("nodes"),
            keys: values.size("keys"),
            writes: values.size("writes"),
            reads: values["reads"] > 0,
            epochs: values["epochs"] as u8,
            rules,
        })
    }
}

/// Without a read there is nothing to say of reads.
const NO_READ: &[&str] = &["Reads Are Current"];

/// The protocol.
pub struct RingRung;

impl Rung for RingRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Ring<S>;

    const PROTOCOL: &'static str = "ring";
    const NAME: &'static str = "ring";
    const REFINES: &'static str = "ownership";
    const CLAIM: &'static str = "nodes that follow a log of views hand keys over without losing a write, while clients route by old views and nodes crash and restart";
    const SOURCE: &'static str =
        "Stoica et al. 2001 (Chord), §4; DeCandia et al. 2007 (Dynamo), §4.2, §4.9";
    const RULES: &'static [Rule] = &[
        Rule::RingLookupAtOrAfter,
        Rule::RingLookupWraps,
        Rule::RingJoinStranger,
        Rule::RingJoinAdds,
        Rule::RingLeaveMember,
        Rule::RingLeaveNotLast,
        Rule::RingLeaveRemoves,
        Rule::RingInstallNext,
        Rule::RingInstallSettled,
        Rule::RingInstallEpoch,
        Rule::RingInstallStops,
        Rule::RingHandOverStopped,
        Rule::RingHandOverSends,
        Rule::RingReceiveEpoch,
        Rule::RingReceiveOnce,
        Rule::RingReceiveStores,
        Rule::RingReceiveReplies,
        Rule::RingDeleteAcked,
        Rule::RingDeleteThisHandOver,
        Rule::RingDeleteForgets,
        Rule::RingAskSends,
        Rule::RingAcceptEpoch,
        Rule::RingAcceptOwner,
        Rule::RingAcceptArrived,
        Rule::RingAcceptOnce,
        Rule::RingAcceptStores,
        Rule::RingAcceptReplies,
        Rule::RingAskReadSends,
        Rule::RingAnswerEpoch,
        Rule::RingAnswerOwner,
        Rule::RingAnswerArrived,
        Rule::RingAnswerReplies,
        Rule::RingRestartData,
        Rule::RingRestartEpoch,
    ];
    const PARAMS: &'static [Param] = &[
        NODES,
        Param {
            name: "positions",
            domain: Domain::Number(2..=4),
            default: 3,
            help: "positions on the ring, at least as many as nodes and as keys",
        },
        KEYS,
        Param {
            default: 1,
            ..WRITES
        },
        Param {
            default: 0,
            ..READS
        },
        EPOCHS,
        Param {
            name: "crashes",
            domain: Domain::Number(0..=3),
            default: 0,
            help: "how many crashes there may be, of all nodes together",
        },
    ];
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
            "nodes=3",
            &[("nodes", 3)],
            Expect::ours(47_588, 20).without(NO_READ),
        ),
        Config::small(
            "writes=2",
            &[("writes", 2)],
            Expect::ours(56_892, 22).without(NO_READ),
        ),
        Config::small(
            "reads=1,epochs=2",
            &[("reads", 1), ("epochs", 2)],
            Expect::ours(3_866, 16),
        ),
        Config::small("reads=1", &[("reads", 1)], Expect::ours(84_154, 23)),
        Config::ci(
            "epochs=4,crashes=1",
            &[("epochs", 4), ("crashes", 1)],
            Expect::ours(54_672, 25).without(NO_READ),
        ),
        Config::ci(
            "nodes=3,crashes=1",
            &[("nodes", 3), ("crashes", 1)],
            Expect::ours(237_940, 22).without(NO_READ),
        ),
        Config::ci(
            "keys=2,writes=2",
            &[("keys", 2), ("writes", 2)],
            Expect::ours(316_303, 23).without(NO_READ),
        ),
        Config::ci(
            "nodes=3,keys=2",
            &[("nodes", 3), ("keys", 2)],
            Expect::ours(171_597, 24).without(NO_READ),
        ),
        Config::ci(
            "nodes=3,epochs=4",
            &[("nodes", 3), ("epochs", 4)],
            Expect::ours(744_708, 27).without(NO_READ),
        ),
        Config::ci(
            "nodes=3,writes=2",
            &[("nodes", 3), ("writes", 2)],
            Expect::ours(1_245_132, 25).without(NO_READ),
        ),
        Config::ci(
            "nodes=3,reads=1",
            &[("nodes", 3), ("reads", 1)],
            Expect::ours(1_853_042, 26),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Ring<S>, NoSuchModel> {
        let (nodes, positions, keys) = (
            values.size("nodes"),
            values.size("positions"),
            values.size("keys"),
        );
        if positions < nodes || positions < keys {
            return Err(NoSuchModel(format!(
                "{positions} positions are too few: each of {nodes} nodes and {keys} keys has one of its own"
            )));
        }
        Ok(Ring {
            nodes,
            positions,
            keys,
            writes: values.size("writes"),
            reads: values["reads"] > 0,
            epochs: values["epochs"] as u8,
            crashes: values["crashes"] as u8,
            rules,
        })
    }
}
