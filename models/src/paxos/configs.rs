//! Sizes of the rungs of Paxos, and what each must show.

use concur_rules::RuleSet;
use concur_rules::paxos::PaxosRule as Rule;

use super::protocol::Paxos;
use super::spec::Consensus;
use super::voting::Voting;
use super::{MAX_ACCEPTORS, MAX_BALLOTS, MAX_VALUES, Size};
use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, QuorumKind, Rung, Values};

const VALUES: Param = Param {
    name: "values",
    domain: Domain::Number(1..=MAX_VALUES as u32),
    default: 2,
    help: "values that may be chosen",
};

const PARAMS: &[Param] = &[
    Param {
        name: "acceptors",
        domain: Domain::Number(1..=MAX_ACCEPTORS as u32),
        default: 3,
        help: "acceptors",
    },
    VALUES,
    Param {
        name: "max_ballot",
        domain: Domain::Number(0..=MAX_BALLOTS as u32 - 1),
        default: 1,
        help: "the highest ballot; the lowest is 0",
    },
    Param {
        name: "quorums",
        domain: Domain::OneOf(QuorumKind::NAMES),
        default: 0,
        help: "which sets of acceptors are quorums",
    },
];

const FLEXIBLE: u32 = QuorumKind::Flexible as u32;
const GRID: u32 = QuorumKind::Grid as u32;
const SINGLE: u32 = QuorumKind::Single as u32;

fn size(values: &Values) -> Result<Size, NoSuchModel> {
    let size = Size {
        acceptors: values.size("acceptors"),
        values: values.size("values"),
        max_ballot: values.size("max_ballot"),
        quorums: QuorumKind::from_choice(values["quorums"]),
    };
    if size.quorums == QuorumKind::Grid && size.acceptors < 2 {
        return Err(NoSuchModel(
            "a grid needs at least 2 acceptors, for a row".into(),
        ));
    }
    Ok(size)
}

/// The promise.
pub struct ConsensusRung;

impl Rung for ConsensusRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Consensus<S>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "consensus";
    const REFINES: &'static str = "promise";
    const CLAIM: &'static str = "at most one value is ever chosen, and it stays chosen";
    const SOURCE: &'static str = "Consensus.tla";
    const RULES: &'static [Rule] = &[Rule::ConsensusOnce];
    const PARAMS: &'static [Param] = &[VALUES];
    const CONFIGS: &'static [Config] = &[
        Config::small("values=2", &[("values", 2)], Expect::ours(3, 2).orbits(2)),
        Config::small("values=3", &[("values", 3)], Expect::ours(4, 2).orbits(2)),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Consensus<S>, NoSuchModel> {
        Ok(Consensus {
            values: values.size("values"),
            rules,
        })
    }
}

/// Voting, with conditions that nobody could check in one step.
pub struct VotingRung;

impl Rung for VotingRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Voting<S>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "voting";
    const REFINES: &'static str = "consensus";
    const CLAIM: &'static str = "votes that are cast only where a quorum shows that no other value can have been chosen before keep the promise of consensus";
    const SOURCE: &'static str = "Voting.tla";
    const RULES: &'static [Rule] = &[
        Rule::IncreaseHigher,
        Rule::IncreaseRaises,
        Rule::VoteNotBelowMaxBal,
        Rule::VoteOnceInBallot,
        Rule::VoteSameValueInBallot,
        Rule::VoteQuorumMovedOn,
        Rule::VoteLastValueOfQuorum,
        Rule::VoteCasts,
        Rule::VoteRaises,
    ];
    const PARAMS: &'static [Param] = PARAMS;
    const CONFIGS: &'static [Config] = &[
        // In ballot 0 every value is safe.
        Config::small(
            "acceptors=3,values=2,max_ballot=0",
            &[("acceptors", 3), ("values", 2), ("max_ballot", 0)],
            Expect::tlc(40, 6).orbits(9).without(&["VotesSafe"]),
        ),
        Config::small(
            "acceptors=3,values=1,max_ballot=1",
            &[("acceptors", 3), ("values", 1), ("max_ballot", 1)],
            Expect::tlc(283, 11).orbits(70),
        ),
        Config::small(
            "acceptors=3,values=2,max_ballot=1",
            &[("acceptors", 3), ("values", 2), ("max_ballot", 1)],
            Expect::tlc(599, 11).orbits(77),
        ),
        Config::small(
            "acceptors=3,values=2,max_ballot=2",
            &[("acceptors", 3), ("values", 2), ("max_ballot", 2)],
            Expect::tlc(6_752, 16).orbits(686),
        ),
        Config::small(
            "acceptors=4,values=2,max_ballot=1,quorums=flexible",
            &[
                ("acceptors", 4),
                ("values", 2),
                ("max_ballot", 1),
                ("quorums", FLEXIBLE),
            ],
            Expect::ours(3_009, 15).orbits(149),
        ),
        Config::small(
            "acceptors=4,values=2,max_ballot=1,quorums=grid",
            &[
                ("acceptors", 4),
                ("values", 2),
                ("max_ballot", 1),
                ("quorums", GRID),
            ],
            Expect::ours(3_777, 13).orbits(513),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Voting<S>, NoSuchModel> {
        Ok(Voting::new(size(values)?, rules))
    }
}

/// The protocol.
pub struct PaxosRung;

impl Rung for PaxosRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = Paxos<S>;

    const PROTOCOL: &'static str = "paxos";
    const NAME: &'static str = "paxos";
    const REFINES: &'static str = "voting";
    const CLAIM: &'static str = "acceptors that exchange messages vote only as voting allows";
    const SOURCE: &'static str = "Paxos.tla; Lamport 2001, §2";
    const RULES: &'static [Rule] = &[
        Rule::P1aSends,
        Rule::P1bHigherBallot,
        Rule::P1bPromises,
        Rule::P1bReportsVote,
        Rule::P1bSends,
        Rule::P2aOncePerBallot,
        Rule::P2aQuorumPromised,
        Rule::P2aReportedValue,
        Rule::P2aHighestBallot,
        Rule::P2aSends,
        Rule::P2bNotBelowPromise,
        Rule::P2bRaises,
        Rule::P2bRemembersVote,
        Rule::P2bSends,
    ];
    const PARAMS: &'static [Param] = PARAMS;
    const CONFIGS: &'static [Config] = &[
        // No ballot is lower than 0.
        Config::small(
            "acceptors=1,values=1,max_ballot=0",
            &[("acceptors", 1), ("values", 1), ("max_ballot", 0)],
            Expect::tlc(5, 5).orbits(5).without(&["PromisesKept"]),
        ),
        Config::small(
            "acceptors=1,values=1,max_ballot=1",
            &[("acceptors", 1), ("values", 1), ("max_ballot", 1)],
            Expect::tlc(25, 9).orbits(25),
        ),
        Config::small(
            "acceptors=2,values=2,max_ballot=1",
            &[("acceptors", 2), ("values", 2), ("max_ballot", 1)],
            Expect::tlc(145, 13).orbits(56),
        ),
        Config::small(
            "acceptors=3,values=1,max_ballot=1",
            &[("acceptors", 3), ("values", 1), ("max_ballot", 1)],
            Expect::tlc(1_681, 17).orbits(373),
        ),
        Config::small(
            "acceptors=3,values=2,max_ballot=0",
            &[("acceptors", 3), ("values", 2), ("max_ballot", 0)],
            Expect::tlc(73, 9).orbits(15).without(&["PromisesKept"]),
        ),
        Config::small(
            "acceptors=3,values=2,max_ballot=1",
            &[("acceptors", 3), ("values", 2), ("max_ballot", 1)],
            Expect::tlc(3_921, 17).orbits(443),
        ),
        Config::small(
            "acceptors=3,values=3,max_ballot=1",
            &[("acceptors", 3), ("values", 3), ("max_ballot", 1)],
            Expect::ours(6_801, 17).orbits(443),
        ),
        Config::small(
            "acceptors=3,values=2,max_ballot=2",
            &[("acceptors", 3), ("values", 2), ("max_ballot", 2)],
            Expect::tlc(185_369, 25).orbits(17_153),
        ),
        Config::small(
            "acceptors=4,values=2,max_ballot=1,quorums=flexible",
            &[
                ("acceptors", 4),
                ("values", 2),
                ("max_ballot", 1),
                ("quorums", FLEXIBLE),
            ],
            Expect::ours(20_609, 21).orbits(834),
        ),
        Config::small(
            "acceptors=4,values=2,max_ballot=1,quorums=grid",
            &[
                ("acceptors", 4),
                ("values", 2),
                ("max_ballot", 1),
                ("quorums", GRID),
            ],
            Expect::ours(39_937, 21).orbits(5_164),
        ),
        Config::small(
            "acceptors=3,values=2,max_ballot=1,quorums=single",
            &[
                ("acceptors", 3),
                ("values", 2),
                ("max_ballot", 1),
                ("quorums", SINGLE),
            ],
            Expect::fails("Agreement", 9),
        ),
        Config::ci(
            "acceptors=5,values=2,max_ballot=1,quorums=flexible",
            &[
                ("acceptors", 5),
                ("values", 2),
                ("max_ballot", 1),
                ("quorums", FLEXIBLE),
            ],
            Expect::ours(106_305, 25),
        ),
        Config::ci(
            "acceptors=4,values=1,max_ballot=2",
            &[("acceptors", 4), ("values", 1), ("max_ballot", 2)],
            Expect::ours(912_673, 31),
        ),
        Config::full(
            "acceptors=3,values=2,max_ballot=3",
            &[("acceptors", 3), ("values", 2), ("max_ballot", 3)],
            Expect::ours(8_220_065, 33),
        ),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<Paxos<S>, NoSuchModel> {
        Ok(Paxos::new(size(values)?, rules))
    }
}
