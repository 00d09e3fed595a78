//! Sizes of durable Paxos Commit, and what each must show.

use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as Rule;
use concur_rules::{Faithful, RuleSet};

use crate::kit::{Config, Domain, Expect, Faults, NoSuchModel, Param, Rung, Values};
use crate::paxos_commit::durable::DurablePaxosCommit;
use crate::paxos_commit::protocol::PaxosCommit;
use crate::paxos_commit::{MAX_ACCEPTORS, MAX_BALLOTS, MAX_RMS};

/// The protocol with disks.
pub struct DurablePaxosCommitRung;

impl Rung for DurablePaxosCommitRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = DurablePaxosCommit<S>;

    const PROTOCOL: &'static str = "paxos-commit";
    const NAME: &'static str = "durable-paxos-commit";
    const REFINES: &'static str = "paxos-commit";
    const CLAIM: &'static str = "across crashes, Paxos Commit keeps its promise, and blocks nobody while at most F of 2F+1 acceptors are down";
    const SOURCE: &'static str = "Gray & Lamport 2006, §4";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = &[
        Param {
            name: "rms",
            domain: Domain::Number(1..=MAX_RMS as u32),
            default: 1,
            help: "resource managers",
        },
        Param {
            name: "acceptors",
            domain: Domain::Number(1..=MAX_ACCEPTORS as u32),
            default: 3,
            help: "acceptors, the same in each instance of Paxos",
        },
        Param {
            name: "max_ballot",
            domain: Domain::Number(0..=MAX_BALLOTS as u32 - 2),
            default: 0,
            help: "the highest ballot that is explored; that nobody is blocked is shown in the next one",
        },
        Param {
            name: "crashes",
            domain: Domain::Number(0..=4),
            default: 1,
            help: "how often sites may crash, all together",
        },
        Param {
            name: "too_many",
            domain: Domain::Number(0..=1),
            default: 0,
            help: "by how many more than F acceptors may be down when nobody is to be blocked: one more is too many",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        // Without a leader of its own ballot, nobody aborts who has prepared.
        Config::small(
            "rms=1,max_ballot=0,crashes=1",
            &[],
            Expect::ours(912, 18).orbits(262).without(&["AC2"]),
        ),
        Config::small(
            "rms=1,max_ballot=1,crashes=0",
            &[("max_ballot", 1), ("crashes", 0)],
            Expect::ours(19_026, 36)
                .orbits(3_971)
                .without(&["NotBlocked"]),
        ),
        Config::small(
            "too_many=1",
            &[("crashes", 2), ("too_many", 1)],
            Expect::fails("NotBlocked", 3),
        ),
        Config::ci(
            "rms=1,max_ballot=1,crashes=1",
            &[("max_ballot", 1)],
            Expect::ours(95_777, 38).orbits(18_729),
        ),
        Config::ci(
            "rms=1,acceptors=5,max_ballot=0,crashes=2",
            &[("acceptors", 5), ("crashes", 2)],
            Expect::ours(55_169, 26).orbits(1_922).without(&["AC2"]),
        ),
        Config::ci(
            "rms=2,max_ballot=0,crashes=1",
            &[("rms", 2)],
            Expect::ours(116_998, 32).orbits(12_016),
        ),
        Config::full(
            "rms=1,max_ballot=1,crashes=2",
            &[("max_ballot", 1), ("crashes", 2)],
            Expect::ours(238_009, 40).orbits(45_408),
        ),
        Config::full(
            "rms=2,max_ballot=0,crashes=2",
            &[("rms", 2), ("crashes", 2)],
            Expect::ours(328_691, 34),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<DurablePaxosCommit<S>, NoSuchModel> {
        let (rms, acceptors) = (values.size("rms"), values.size("acceptors"));
        let of = |max_ballot| PaxosCommit::new(rms, acceptors, max_ballot, Faithful);
        let max_ballot = values.size("max_ballot");
        Ok(DurablePaxosCommit {
            above: of(max_ballot),
            higher: of(max_ballot + 1),
            tolerates: (acceptors - 1) / 2 + values.size("too_many"),
            most: Faults {
                crashes: values["crashes"] as u8,
                ..Faults::default()
            },
            rules,
        })
    }
}
