//! Sizes of durable two-phase commit, and what each must show.

use concur_rules::RuleSet;
use concur_rules::durable_two_phase::DurableTwoPhaseRule as Rule;

use crate::kit::{Config, Domain, Expect, Faults, NoSuchModel, Param, Rung, Values};
use crate::two_phase::durable::{DurableTwoPhase, MAX_PARTICIPANTS, OnTimeout, Presumption};

/// The protocol with logs.
pub struct DurableTwoPhaseRung;

const fn number(name: &'static str, most: usize, default: u32, help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::Number(0..=most as u32),
        default,
        help,
    }
}

const fn one_of(name: &'static str, words: &'static [&'static str], help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::OneOf(words),
        default: 0,
        help,
    }
}

impl Rung for DurableTwoPhaseRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = DurableTwoPhase<S>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "durable-two-phase";
    const REFINES: &'static str = "two-phase";
    const CLAIM: &'static str = "with logs, presumed abort and cooperative termination, two-phase commit keeps its promise across crashes, and may forget";
    const SOURCE: &'static str =
        "Mohan, Lindsay & Obermarck 1986; Bernstein, Hadzilacos & Goodman 1987, §7.4";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = &[
        Param {
            name: "participants",
            domain: Domain::Number(1..=MAX_PARTICIPANTS as u32),
            default: 2,
            help: "participants",
        },
        number("crashes", 4, 1, "how often sites may crash, all together"),
        number(
            "read_only",
            MAX_PARTICIPANTS,
            0,
            "how many participants may turn out to have read only",
        ),
        one_of(
            "votes",
            &["all", "majority", "none"],
            "whose votes the coordinator waits for before it commits: all is right",
        ),
        one_of(
            "in_doubt",
            &["inquires", "aborts", "commits"],
            "what a participant does that is in doubt for too long: to inquire is right",
        ),
        one_of(
            "presume",
            &["abort", "commit"],
            "what the coordinator presumes of a transaction that it does not know: abort is right",
        ),
        Param {
            name: "near",
            domain: Domain::Number(0..=1),
            default: 1,
            help: "whether the invariants near the bugs are claimed, too, and not only the promise",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        // Without a crash nobody is blocked, and without readers nobody is left alone.
        Config::small(
            "participants=2,crashes=0,read_only=0",
            &[("crashes", 0)],
            Expect::ours(446, 25)
                .orbits(244)
                .without(&["ReadersLeftAlone", "BlockedOnlyWhenUncertain"]),
        ),
        Config::small(
            "participants=2,crashes=1,read_only=1",
            &[("read_only", 1)],
            Expect::ours(2_607, 27).orbits(1_366),
        ),
        Config::small(
            "participants=2,crashes=2,read_only=2",
            &[("crashes", 2), ("read_only", 2)],
            Expect::ours(6_212, 29).orbits(3_248),
        ),
        // What the field has tried instead.
        Config::small(
            "votes=majority",
            &[("participants", 3), ("crashes", 0), ("votes", 1)],
            Expect::fails("AC3", 11),
        ),
        Config::small(
            "votes=none",
            &[("crashes", 0), ("votes", 2)],
            Expect::fails("AC3", 3),
        ),
        Config::small(
            "in_doubt=aborts",
            &[("crashes", 0), ("in_doubt", 1), ("near", 0)],
            Expect::fails("Refinement", 5),
        ),
        Config::small(
            "in_doubt=commits",
            &[("crashes", 0), ("in_doubt", 2), ("near", 0)],
            Expect::fails("AC3", 4),
        ),
        Config::small(
            "presume=commit",
            &[("presume", 1), ("near", 0)],
            Expect::fails("AC3", 7),
        ),
        Config::ci(
            "participants=3,crashes=1,read_only=0",
            &[("participants", 3)],
            Expect::ours(32_507, 37)
                .orbits(6_344)
                .without(&["ReadersLeftAlone"]),
        ),
        Config::ci(
            "participants=3,crashes=2,read_only=3",
            &[("participants", 3), ("crashes", 2), ("read_only", 3)],
            Expect::ours(115_826, 39).orbits(21_828),
        ),
        Config::ci(
            "participants=4,crashes=2,read_only=1",
            &[("participants", 4), ("crashes", 2), ("read_only", 1)],
            Expect::ours(2_202_520, 49).orbits(114_466),
        ),
        Config::full(
            "participants=4,crashes=3,read_only=2",
            &[("participants", 4), ("crashes", 3), ("read_only", 2)],
            Expect::ours(4_604_527, 51),
        ),
        Config::full(
            "participants=4,crashes=4,read_only=4",
            &[("participants", 4), ("crashes", 4), ("read_only", 4)],
            Expect::ours(7_299_824, 53),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<DurableTwoPhase<S>, NoSuchModel> {
        let participants = values.size("participants");
        Ok(DurableTwoPhase {
            participants,
            readers: values.size("read_only"),
            most: Faults {
                crashes: values["crashes"] as u8,
                ..Faults::default()
            },
            votes: [participants, participants / 2 + 1, 0][values.size("votes")] as u8,
            on_timeout: [OnTimeout::Inquires, OnTimeout::Aborts, OnTimeout::Commits]
                [values.size("in_doubt")],
            presumes: [Presumption::Abort, Presumption::Commit][values.size("presume")],
            near: values["near"] == 1,
            rules,
        })
    }
}
