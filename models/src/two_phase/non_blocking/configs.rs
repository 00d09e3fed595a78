//! Sizes of non-blocking atomic commitment, and what each must show.

use concur_rules::RuleSet;
use concur_rules::non_blocking::NonBlockingRule as Rule;

use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use crate::two_phase::non_blocking::{MAX_PARTICIPANTS, NonBlocking};

/// The protocol that forwards before it decides.
pub struct NonBlockingRung;

impl Rung for NonBlockingRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = NonBlocking<S>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "non-blocking";
    const REFINES: &'static str = "tcommit";
    const CLAIM: &'static str = "where sites stop and time limits are right, a decision that is forwarded before it is acted on keeps the promise of transaction commit and never blocks a live site";
    const SOURCE: &'static str =
        "ACP_NB.tla (tlaplus/Examples); Babaoğlu & Toueg 1993, Non-Blocking Atomic Commitment";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = &[Param {
        name: "participants",
        domain: Domain::Number(1..=MAX_PARTICIPANTS as u32),
        default: 2,
        help: "participants",
    }];
    const CONFIGS: &'static [Config] = &[
        Config::small("participants=2", &[], Expect::tlc(4_284, 19).orbits(2_199)),
        Config::ci(
            "participants=3",
            &[("participants", 3)],
            Expect::ours(730_842, 30).orbits(124_618),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<NonBlocking<S>, NoSuchModel> {
        Ok(NonBlocking {
            participants: values.size("participants"),
            rules,
        })
    }
}
