//! Sizes of three-phase commit, and what each must show.

use concur_rules::RuleSet;
use concur_rules::three_phase::ThreePhaseRule as Rule;

use crate::kit::{Config, Domain, Expect, Faults, NoSuchModel, Param, Rung, Values};
use crate::two_phase::three_phase::{MAX_PARTICIPANTS, ThreePhase};

/// The protocol that does not block.
pub struct ThreePhaseRung;

impl Rung for ThreePhaseRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = ThreePhase<S>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "three-phase";
    const REFINES: &'static str = "tcommit";
    const CLAIM: &'static str = "where sites crash and networks do not part, a third phase keeps the promise of transaction commit and never blocks a live site";
    const SOURCE: &'static str = "Skeen 1981; Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = &[
        Param {
            name: "participants",
            domain: Domain::Number(1..=MAX_PARTICIPANTS as u32),
            default: 3,
            help: "participants",
        },
        Param {
            name: "crashes",
            domain: Domain::Number(0..=5),
            default: 2,
            help: "how often sites may crash, all together",
        },
        Param {
            name: "partition",
            domain: Domain::Number(0..=1),
            default: 0,
            help: "how often the network may part: once is once too often",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "participants=2,crashes=2",
            &[("participants", 2)],
            Expect::ours(2_327, 14).orbits(1_207),
        ),
        Config::small(
            "participants=3,crashes=2",
            &[("participants", 3)],
            Expect::ours(17_691, 17).orbits(3_455),
        ),
        Config::small(
            "participants=2,crashes=0,partition=1",
            &[("participants", 2), ("crashes", 0), ("partition", 1)],
            Expect::fails("AC1", 8),
        ),
        Config::ci(
            "participants=3,crashes=4",
            &[("participants", 3), ("crashes", 4)],
            Expect::ours(84_912, 21).orbits(16_365),
        ),
        Config::ci(
            "participants=4,crashes=3",
            &[("participants", 4), ("crashes", 3)],
            Expect::ours(450_439, 22).orbits(25_385),
        ),
        Config::full(
            "participants=4,crashes=5",
            &[("participants", 4), ("crashes", 5)],
            Expect::ours(1_533_127, 26),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<ThreePhase<S>, NoSuchModel> {
        Ok(ThreePhase {
            participants: values.size("participants"),
            most: Faults {
                crashes: values["crashes"] as u8,
                ..Faults::default()
            },
            parts: values["partition"] == 1,
            rules,
        })
    }
}
