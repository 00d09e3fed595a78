//! Sizes of Paxos without bounds, and what each must show.

use concur_rules::RuleSet;
use concur_rules::paxos::PaxosRule as Rule;

use super::Slot;
use super::protocol::UnboundedPaxos;
use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, QuorumKind, Rung, Tier, Values};
use crate::paxos::configs::PaxosRung;
use crate::paxos::{MAX_ACCEPTORS, MAX_BALLOTS, MAX_VALUES, Size};

const fn number(
    name: &'static str,
    least: u32,
    most: usize,
    default: u32,
    help: &'static str,
) -> Param {
    Param {
        name,
        domain: Domain::Number(least..=most as u32),
        default,
        help,
    }
}

/// Paxos in any number of slots.
pub struct UnboundedPaxosRung;

/// The sizes are those that the rung above holds: beyond them there is nothing to compare with.
impl Rung for UnboundedPaxosRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = UnboundedPaxos<S>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "unbounded-paxos";
    const REFINES: &'static str = "paxos";
    const CLAIM: &'static str = "where all slots of a log share the ballots, each of them is Paxos; and no number is bounded";
    const SOURCE: &'static str = "Paxos.tla; Lamport 2001, §3";
    const RULES: &'static [Rule] = PaxosRung::RULES;
    /// A vote is outdone by a higher one only where there are three ballots.
    const COVERED_FROM: Tier = Tier::Ci;
    const PARAMS: &'static [Param] = &[
        number("acceptors", 1, MAX_ACCEPTORS, 2, "acceptors"),
        number("values", 1, MAX_VALUES, 2, "values that may be chosen"),
        number(
            "max_ballot",
            0,
            MAX_BALLOTS - 1,
            1,
            "the highest ballot; the lowest is 0",
        ),
        number("slots", 1, 4, 1, "slots, each a decision of its own"),
        number("looks_at", 1, 4, 1, "the slot that the rung above looks at"),
        Param {
            name: "quorums",
            domain: Domain::OneOf(QuorumKind::NAMES),
            default: 0,
            help: "which sets of acceptors are quorums",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("acceptors=2", &[], Expect::tlc(145, 13)),
        Config::small("acceptors=3", &[("acceptors", 3)], Expect::tlc(3_921, 17)),
        Config::small(
            "acceptors=2,slots=2",
            &[("slots", 2)],
            Expect::ours(3_913, 19),
        ),
        Config::small(
            "acceptors=2,slots=2,looks_at=2",
            &[("slots", 2), ("looks_at", 2)],
            Expect::ours(3_913, 19),
        ),
        Config::small(
            "acceptors=3,quorums=single",
            &[("acceptors", 3), ("quorums", QuorumKind::Single as u32)],
            Expect::fails("Agreement", 9),
        ),
        Config::ci(
            "acceptors=3,max_ballot=2",
            &[("acceptors", 3), ("max_ballot", 2)],
            Expect::tlc(185_369, 25),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<UnboundedPaxos<S>, NoSuchModel> {
        let size = Size {
            acceptors: values.size("acceptors"),
            values: values.size("values"),
            max_ballot: values.size("max_ballot"),
            quorums: QuorumKind::from_choice(values["quorums"]),
        };
        if values["looks_at"] > values["slots"] {
            return Err(NoSuchModel("there is no such slot to look at".into()));
        }
        Ok(UnboundedPaxos {
            looks_at: Slot(u64::from(values["looks_at"]) - 1),
            ..UnboundedPaxos::new(size, u64::from(values["slots"]), rules)
        })
    }
}
