//! What Paxos does not promise without a last ballot, and what it does if all proposers but one give way.
//!
//! In TLA+, for each proposer `p` and acceptor `a`: `SF(Phase1b(p, a) \/ Phase2b(p, a))` and `SF(Receive(p, a))`; for each proposer `WF(Phase1a(p) \/ Phase2a(p))`; and, for the
//! promise that is kept, `WF(GiveWay)` instead of the second proposer's. The formula of both: `<>(chosen # {})`.

use super::{Action, Duel, MAX_ACCEPTORS, RIVAL, State};
use crate::kit::{
    Broken, Claim, Domain, Fairness, Id, Live, LiveConfig, NoSuchModel, Param, Promise, Rung,
    Strength, Temporal, Tier, Values,
};
use crate::paxos::configs::PaxosRung;

const REQUESTS_ARRIVE: &str =
    "each acceptor receives again and again what each proposer sends it again and again";
const REPLIES_ARRIVE: &str =
    "each proposer receives again and again what each acceptor replies again and again";
const FIRST_GOES_ON: &str = "the first proposer begins and proposes if it can, at some time";
const RIVAL_GOES_ON: &str = "the second proposer does so, too";
const RIVAL_GIVES_WAY: &str = "the second proposer gives way, at some time";

impl Temporal for Duel {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        vec![
            Fairness::each(REQUESTS_ARRIVE, Strength::Strong, |_, _, a| match a {
                Action::Phase1b(p, a) | Action::Phase2b(p, a) => {
                    Some(p.index() * MAX_ACCEPTORS + a.index())
                }
                _ => None,
            }),
            Fairness::each(REPLIES_ARRIVE, Strength::Strong, |_, _, a| match a {
                Action::Receive(p, a) => Some(p.index() * MAX_ACCEPTORS + a.index()),
                _ => None,
            }),
            Fairness::weak(FIRST_GOES_ON, |_, _, a| match a {
                Action::Phase1a(p) | Action::Phase2a(p) => *p != RIVAL,
                _ => false,
            }),
            Fairness::weak(RIVAL_GOES_ON, |_, _, a| match a {
                Action::Phase1a(p) | Action::Phase2a(p) => *p == RIVAL,
                _ => false,
            }),
            Fairness::weak(RIVAL_GIVES_WAY, |_, _, a| *a == Action::GiveWay),
        ]
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        let chosen = |_: &Self, s: &State| !s.chosen.is_empty();
        vec![
            Promise {
                name: "a value is chosen if one proposer keeps going and the other gives way",
                claim: Claim::Eventually(chosen),
                needs: &[
                    REQUESTS_ARRIVE,
                    REPLIES_ARRIVE,
                    FIRST_GOES_ON,
                    RIVAL_GIVES_WAY,
                ],
            },
            Promise {
                name: DUELS,
                claim: Claim::Eventually(chosen),
                needs: &[
                    REQUESTS_ARRIVE,
                    REPLIES_ARRIVE,
                    FIRST_GOES_ON,
                    RIVAL_GOES_ON,
                ],
            },
        ]
    }
}

const DUELS: &str = "a value is chosen if both proposers keep going";

/// What Paxos promises of two proposers without a last ballot.
pub struct DuelLive;

impl Live for DuelLive {
    type Model = Duel;

    const PROTOCOL: &'static str = PaxosRung::PROTOCOL;
    const NAME: &'static str = "duel";
    const CLAIM: &'static str = "two proposers may outbid each other for ever, and one that is left alone gets a value chosen";
    const SOURCE: &'static str =
        "Lamport, Paxos Made Simple, 2001, §2.4; Fischer, Lynch & Paterson 1985";
    const PARAMS: &'static [Param] = &[Param {
        name: "acceptors",
        domain: Domain::Number(1..=MAX_ACCEPTORS as u32),
        default: 2,
        help: "acceptors; a majority of them is a quorum",
    }];
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small("live,acceptors=2", &[], 8_062, 26_530).breaks(&[outbid(2, 24)]),
        LiveConfig::small(
            "live,acceptors=3",
            &[("acceptors", 3)],
            1_678_654,
            8_708_688,
        )
        .at(Tier::Ci)
        .breaks(&[outbid(2, 29)]),
    ];

    fn model(values: &Values) -> Result<Duel, NoSuchModel> {
        Ok(Duel::new(values.size("acceptors")))
    }
}

const fn outbid(stem: usize, cycle: usize) -> Broken {
    Broken {
        promise: DUELS,
        stem,
        cycle,
        because: "no protocol that never disagrees can be sure to decide without an assumption about time: before one proposer's values arrive, the other has begun a higher ballot",
    }
}
