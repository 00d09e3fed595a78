//! Sizes of non-blocking atomic commitment, and what each must show.

use concur_rules::RuleSet;
use concur_rules::non_blocking::NonBlockingRule as Rule;

use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use crate::two_phase::non_blocking::{Broadcast, Judge, MAX_PARTICIPANTS, NonBlocking};

/// The protocol that forwards before it decides.
pub struct NonBlockingRung;

impl Rung for NonBlockingRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = NonBlocking<S>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "non-blocking";
    const REFINES: &'static str = "tcommit";
    const CLAIM: &'static str = "where sites stop and time limits are right, a decision that is forwarded before it is acted on keeps the promise of transaction commit and never blocks a live site";
    const SOURCE: &'static str = "ACP_NB.tla, ACP_SB.tla (tlaplus/Examples); Babaoğlu & Toueg 1993, Non-Blocking Atomic Commitment";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = &[
        Param {
            name: "participants",
            domain: Domain::Number(1..=MAX_PARTICIPANTS as u32),
            default: 2,
            help: "participants",
        },
        Param {
            name: "broadcast",
            domain: Domain::OneOf(Broadcast::NAMES),
            default: 0,
            help: "how the decision reaches the participants: a simple broadcast is ACP_SB.tla, and blocks",
        },
        Param {
            name: "judge",
            domain: Domain::OneOf(Judge::NAMES),
            default: 0,
            help: "what is claimed of those who wait: what the broadcast is good for, or that nobody does for ever",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("participants=2", &[], Expect::tlc(4_284, 19).orbits(2_199)),
        Config::small(
            "participants=3,broadcast=simple",
            &[("participants", 3), ("broadcast", 1)],
            Expect::tlc(54_944, 21).orbits(10_100),
        ),
        Config::small(
            "participants=2,broadcast=simple,judge=non-blocking",
            &[("broadcast", 1), ("judge", 1)],
            Expect::fails("NonBlocking", 5),
        ),
        Config::ci(
            "participants=3",
            &[("participants", 3)],
            Expect::ours(730_842, 30).orbits(124_618),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<NonBlocking<S>, NoSuchModel> {
        Ok(NonBlocking {
            participants: values.size("participants"),
            broadcast: Broadcast::from_choice(values["broadcast"]),
            judge: Judge::from_choice(values["judge"]),
            rules,
        })
    }
}
