//! Sizes of the rungs of two-phase commit, and what each must show.

use concur_rules::RuleSet;
use concur_rules::two_phase::TwoPhaseRule as Rule;

use super::MAX_RMS;
use super::protocol::TwoPhase;
use super::spec::TCommit;
use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Redundant, Rung, Values};

const PARAMS: &[Param] = &[Param {
    name: "rms",
    domain: Domain::Number(1..=MAX_RMS as u32),
    default: 3,
    help: "resource managers",
}];

/// The promise.
pub struct TCommitRung;

impl Rung for TCommitRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = TCommit<S>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "tcommit";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "resource managers never decide differently, never change a decision, and commit only if all were prepared";
    const SOURCE: &'static str = "TCommit.tla; Gray & Lamport 2006, §2";
    const RULES: &'static [Rule] = &[
        Rule::PrepareWorking,
        Rule::DecideCanCommit,
        Rule::DecideNotCommitted,
        Rule::DecideCommitPrepared,
        Rule::DecideAbortUndecided,
    ];
    const REDUNDANT: &'static [Redundant<Rule>] = &[
        Redundant {
            rule: Rule::DecideCommitPrepared,
            because: "canCommit already says that this one is prepared or committed, and committing twice changes nothing",
        },
        Redundant {
            rule: Rule::DecideAbortUndecided,
            because: "notCommitted already says that this one has not committed, and aborting twice changes nothing",
        },
    ];
    const PARAMS: &'static [Param] = PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small("rms=3", &[("rms", 3)], Expect::tlc(34, 7)),
        Config::small("rms=4", &[("rms", 4)], Expect::tlc(96, 9)),
        Config::small("rms=5", &[("rms", 5)], Expect::tlc(274, 11)),
        Config::small("rms=7", &[("rms", 7)], Expect::tlc(2_314, 15)),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<TCommit<S>, NoSuchModel> {
        Ok(TCommit {
            rms: values.size("rms"),
            rules,
        })
    }
}

/// The protocol.
pub struct TwoPhaseRung;

impl Rung for TwoPhaseRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = TwoPhase<S>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "two-phase";
    const REFINES: &'static str = "tcommit";
    const CLAIM: &'static str =
        "a transaction manager that collects votes keeps the promise of transaction commit";
    const SOURCE: &'static str = "TwoPhase.tla; Gray & Lamport 2006, §3";
    const RULES: &'static [Rule] = &[
        Rule::RMPrepareWorking,
        Rule::RMPrepareState,
        Rule::RMPrepareSends,
        Rule::RMChooseToAbortWorking,
        Rule::RMChooseToAbortState,
        Rule::RMRcvCommitMsgState,
        Rule::RMRcvAbortMsgState,
        Rule::TMRcvPreparedInit,
        Rule::TMRcvPreparedRecords,
        Rule::TMCommitInit,
        Rule::TMCommitAllPrepared,
        Rule::TMCommitState,
        Rule::TMCommitSends,
        Rule::TMAbortInit,
        Rule::TMAbortState,
        Rule::TMAbortSends,
    ];
    const PARAMS: &'static [Param] = PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small("rms=3", &[("rms", 3)], Expect::tlc(288, 11).orbits(80)),
        Config::small("rms=4", &[("rms", 4)], Expect::tlc(1_568, 14).orbits(166)),
        Config::small("rms=5", &[("rms", 5)], Expect::tlc(8_832, 17).orbits(314)),
        Config::ci("rms=7", &[("rms", 7)], Expect::tlc(296_448, 23).orbits(920)),
        Config::ci("rms=8", &[("rms", 8)], Expect::ours(1_745_408, 26)),
        Config::full(
            "rms=9",
            &[("rms", 9)],
            Expect::ours(10_340_352, 29).orbits(2_232),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<TwoPhase<S>, NoSuchModel> {
        Ok(TwoPhase {
            rms: values.size("rms"),
            rules,
        })
    }
}
