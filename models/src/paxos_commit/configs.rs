//! Sizes of Paxos Commit, and what each must show.

use concur_rules::RuleSet;
use concur_rules::paxos_commit::PaxosCommitRule as Rule;

use super::protocol::PaxosCommit;
use super::{MAX_ACCEPTORS, MAX_BALLOTS, MAX_RMS};
use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};

/// The protocol.
pub struct PaxosCommitRung;

impl Rung for PaxosCommitRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = PaxosCommit<S>;

    const PROTOCOL: &'static str = "paxos-commit";
    const NAME: &'static str = "paxos-commit";
    const REFINES: &'static str = "tcommit";
    const CLAIM: &'static str = "an instance of Paxos for each resource manager keeps the promise of transaction commit, whoever leads";
    const SOURCE: &'static str = "PaxosCommit.tla; Gray & Lamport 2006, §4";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = &[
        Param {
            name: "rms",
            domain: Domain::Number(1..=MAX_RMS as u32),
            default: 2,
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
            domain: Domain::Number(0..=MAX_BALLOTS as u32 - 1),
            default: 0,
            help: "the highest ballot; ballot 0 is the resource manager's own",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        // Ballot 0 needs no promise.
        Config::small(
            "rms=2,acceptors=3,max_ballot=0",
            &[("rms", 2), ("acceptors", 3), ("max_ballot", 0)],
            Expect::tlc(545, 12).orbits(101).without(&["PromisesKept"]),
        ),
        Config::small(
            "rms=1,acceptors=3,max_ballot=1",
            &[("rms", 1), ("acceptors", 3), ("max_ballot", 1)],
            Expect::tlc(1_461, 15).orbits(376),
        ),
        Config::small(
            "rms=3,acceptors=3,max_ballot=0",
            &[("rms", 3), ("acceptors", 3), ("max_ballot", 0)],
            Expect::ours(12_353, 17)
                .orbits(642)
                .without(&["PromisesKept"]),
        ),
        Config::small(
            "rms=1,acceptors=3,max_ballot=2",
            &[("rms", 1), ("acceptors", 3), ("max_ballot", 2)],
            Expect::ours(66_893, 23).orbits(12_946),
        ),
        Config::ci(
            "rms=2,acceptors=3,max_ballot=1",
            &[("rms", 2), ("acceptors", 3), ("max_ballot", 1)],
            Expect::ours(1_321_761, 28),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<PaxosCommit<S>, NoSuchModel> {
        Ok(PaxosCommit::new(
            values.size("rms"),
            values.size("acceptors"),
            values.size("max_ballot"),
            rules,
        ))
    }
}
