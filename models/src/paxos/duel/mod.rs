//! Two proposers that outbid each other: Paxos without a last ballot.
//!
//! Nothing that Paxos needs bounds its ballots, and that is why it may never choose: one proposer collects promises, the other begins a higher ballot before the first
//! one's proposal arrives, and so on in turn (*Paxos Made Simple*, §2.4). No protocol that never disagrees can be sure to decide without an assumption about time (Fischer, Lynch & Paterson, JACM 32(2),
//! 1985). With ballots 0 to n the duel ends at n. So here ballots are unbounded, and yet there are finitely many states:
//!
//! **Ranks.** Actions compare ballots and do nothing else with them. So after each step the ballots that are still mentioned anywhere (by proposers, acceptors and replies) are
//! replaced by their ranks, 0 being the lowest. A state and its image have the same steps, to states and images of states, by the same proposers and
//! acceptors: a bisimulation. A cycle of ranks is a behaviour in which ballots grow for ever.
//!
//! **Links.** From each proposer to each acceptor and back there is room for one message, and the sender's next one takes the place of the last. A newer request is of a higher ballot or of a later
//! phase, and makes the older one useless; a reply to an older ballot would change nothing, and is not kept. Nothing else is lost, so that it is not loss that prevents a choice. As a network that
//! loses messages may do all this, every behaviour here is one of Paxos.
//!
//! **Proposers** begin anew when an acceptor refuses, with a ballot above all others, as if ballots were read off a clock that both share; the second may *give way* and
//! begin no more. That an acceptor tells whom it refuses is advised in *Paxos Made Simple*. Left out: losing a link's last message, crashes, disks, and learners; a value is chosen when
//! a quorum has voted for it in one ballot, whether or not anyone knows.
//!
//! This is no rung: all its rules are Paxos's, whose ladder shows what they are for. What is asked here is what Paxos does *not* promise ([`temporal`]).

pub mod state;
pub mod temporal;

use stateright::{Model, Property};

use crate::kit::{Id, PerNode, Spec, given};
pub use crate::paxos::duel::state::{Attempt, Link, Reply, Request, Stage, State};
use crate::paxos::durable::state::Proposer;
use crate::paxos::spec::Chosen;
use crate::paxos::state::Memory;
use crate::paxos::{Acceptor, Value, Vote};

/// How many proposers there are.
pub const PROPOSERS: usize = 2;

/// The most acceptors that the model holds.
pub const MAX_ACCEPTORS: usize = 3;

/// The proposer that may give way.
const RIVAL: Proposer = Proposer(1);

/// Two proposers and their acceptors.
#[derive(Clone, Copy, Debug)]
pub struct Duel {
    /// How many acceptors there are.
    pub acceptors: usize,
    /// How many of them are a quorum.
    pub quorum: usize,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What can happen.
    pub enum Action {
        /// A proposer begins a ballot above all others, and asks for promises.
        Phase1a(Proposer),
        /// An acceptor receives a proposer's request for a promise.
        Phase1b(Proposer, Acceptor),
        /// A proposer that a quorum has promised its ballot proposes a value.
        Phase2a(Proposer),
        /// An acceptor receives a proposer's request for a vote.
        Phase2b(Proposer, Acceptor),
        /// A proposer receives an acceptor's reply.
        Receive(Proposer, Acceptor),
        /// The second proposer gives way: it begins no more.
        GiveWay,
    }
}

impl Duel {
    /// A duel before so many acceptors, a majority of which is a quorum.
    pub fn new(acceptors: usize) -> Self {
        Self {
            acceptors,
            quorum: acceptors / 2 + 1,
        }
    }

    fn phase1a(&self, s: &State, p: Proposer) -> Option<State> {
        given(s.proposers[p].stage == Stage::Idle)?;
        given(p != RIVAL || !s.gave_way)?;

        let mut t = *s;
        t.proposers[p] = Attempt {
            bal: s.above_all(),
            stage: Stage::Asked,
            ..Attempt::default()
        };
        let asked = Link {
            request: Some(Request::Promise),
            reply: None,
        };
        t.links[p] = PerNode::all(self.acceptors, asked);
        Some(t)
    }

    fn phase1b(&self, s: &State, p: Proposer, a: Acceptor) -> Option<State> {
        given(s.links[p][a].request == Some(Request::Promise))?;
        let bal = s.proposers[p].bal;

        let mut t = *s;
        t.links[p][a].request = None;
        if bal > s.acceptors[a].max_bal {
            t.acceptors[a].max_bal = bal;
            answer(&mut t, p, a, Reply::Promised(s.acceptors[a].vote));
        } else {
            answer(&mut t, p, a, Reply::Refused);
        }
        Some(t)
    }

    fn phase2a(&self, s: &State, p: Proposer) -> Option<State> {
        let attempt = s.proposers[p];
        given(attempt.stage == Stage::Asked && attempt.promised.len() >= self.quorum)?;
        let val = match attempt.kept {
            Vote::NONE => Value::new(p.index()),
            vote => vote.val,
        };

        let mut t = *s;
        t.proposers[p] = Attempt {
            bal: attempt.bal,
            stage: Stage::Proposed,
            ..Attempt::default()
        };
        for link in t.links[p].values_mut() {
            link.request = Some(Request::Vote(val));
            link.reply = link.reply.filter(|reply| *reply == Reply::Refused);
        }
        Some(t)
    }

    fn phase2b(&self, s: &State, p: Proposer, a: Acceptor) -> Option<State> {
        let Some(Request::Vote(val)) = s.links[p][a].request else {
            return None;
        };
        let bal = s.proposers[p].bal;

        let mut t = *s;
        t.links[p][a].request = None;
        if bal < s.acceptors[a].max_bal {
            answer(&mut t, p, a, Reply::Refused);
            return Some(t);
        }
        t.acceptors[a] = Memory {
            max_bal: bal,
            vote: Vote::new(bal, val),
        };
        t.proposers[p].voted.insert(a);
        if t.proposers[p].voted.len() >= self.quorum {
            t.chosen.insert(val);
        }
        Some(t)
    }

    fn receive(&self, s: &State, p: Proposer, a: Acceptor) -> Option<State> {
        let reply = s.links[p][a].reply?;

        let mut t = *s;
        t.links[p][a].reply = None;
        match reply {
            Reply::Promised(vote) => {
                let attempt = &mut t.proposers[p];
                attempt.promised.insert(a);
                attempt.kept = attempt.kept.max(vote);
            }
            Reply::Refused => {
                t.proposers[p] = Attempt {
                    bal: s.proposers[p].bal,
                    voted: s.proposers[p].voted,
                    ..Attempt::default()
                };
                for link in t.links[p].values_mut() {
                    link.reply = None;
                }
            }
        }
        Some(t)
    }

    /// A step, ballots being what they are.
    fn step(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Phase1a(p) => self.phase1a(s, p),
            Action::Phase1b(p, a) => self.phase1b(s, p, a),
            Action::Phase2a(p) => self.phase2a(s, p),
            Action::Phase2b(p, a) => self.phase2b(s, p, a),
            Action::Receive(p, a) => self.receive(s, p, a),
            Action::GiveWay => self.give_way(s),
        }
    }

    fn give_way(&self, s: &State) -> Option<State> {
        given(!s.gave_way)?;

        let mut t = *s;
        t.gave_way = true;
        Some(t)
    }
}

/// Sends a reply, unless the proposer has been refused already and would not listen.
fn answer(t: &mut State, p: Proposer, a: Acceptor, reply: Reply) {
    if t.proposers[p].stage != Stage::Idle {
        t.links[p][a].reply = Some(reply);
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl Model for Duel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            proposers: PerNode::all(PROPOSERS, Attempt::default()),
            acceptors: PerNode::all(self.acceptors, Memory::BLANK),
            links: PerNode::all(PROPOSERS, PerNode::all(self.acceptors, Link::default())),
            chosen: Chosen::empty(),
            gave_way: false,
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for p in s.proposers.nodes() {
            actions.extend([Action::Phase1a(p), Action::Phase2a(p)]);
            for a in s.acceptors.nodes() {
                actions.extend([
                    Action::Phase1b(p, a),
                    Action::Phase2b(p, a),
                    Action::Receive(p, a),
                ]);
            }
        }
        actions.push(Action::GiveWay);
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.step(s, action).map(State::ranked)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |_, s| s.chosen.len() <= 1),
            Property::<Self>::sometimes("Agreement: a value is chosen", |_, s| {
                !s.chosen.is_empty()
            }),
            Property::<Self>::sometimes("Agreement: the second proposer's is", |_, s| {
                s.chosen.contains(Value::new(RIVAL.index()))
            }),
        ]
    }
}

impl Spec for Duel {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::paxos::Ballot;

    /// Every state that can be reached, and what each of its steps leads to before ballots become ranks.
    fn explore(model: &Duel, mut visit: impl FnMut(&State, &State)) -> usize {
        let mut open = model.init_states();
        let mut seen: BTreeSet<State> = open.iter().copied().collect();
        while let Some(s) = open.pop() {
            let mut actions = Vec::new();
            model.actions(&s, &mut actions);
            for raw in actions.into_iter().filter_map(|a| model.step(&s, a)) {
                visit(&s, &raw);
                let t = raw.ranked();
                if seen.insert(t) {
                    open.push(t);
                }
            }
        }
        seen.len()
    }

    fn steps(model: &Duel, s: &State) -> Vec<Option<State>> {
        let mut actions = Vec::new();
        model.actions(s, &mut actions);
        actions
            .into_iter()
            .map(|a| model.next_state(s, a))
            .collect()
    }

    #[test]
    fn a_state_and_its_ranks_have_the_same_steps() {
        let model = Duel::new(2);
        let mut differ = 0;
        explore(&model, |_, raw| {
            let ranked = raw.ranked();
            differ += usize::from(ranked != *raw);
            assert_eq!(raw.chosen, ranked.chosen);
            assert_eq!(steps(&model, raw), steps(&model, &ranked), "{raw:?}");
        });
        assert!(differ > 0, "nothing is ever renumbered");
    }

    #[test]
    fn only_the_order_of_ballots_matters() {
        let model = Duel::new(2);
        explore(&model, |s, _| {
            let mut spread = *s;
            for bal in spread.ballots().filter(|bal| **bal != Ballot::NONE) {
                bal.0 = 2 * bal.0 + 1;
            }
            assert_eq!(steps(&model, &spread), steps(&model, s), "{s:?}");
        });
    }
}
