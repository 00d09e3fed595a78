//! What the acceptors of a transaction have promised and voted for, whatever they forget: the messages of PaxosCommit.tla.

use std::collections::{BTreeMap, BTreeSet};

use concur_cores::NodeId;
use concur_cores::two_phase::{
    Ballot as CoreBallot, Cast, Instances, Message as Said, Outcome, Plan, Value as CoreValue,
};
use concur_models::kit::Id;
use concur_models::paxos_commit::unbounded::protocol::proposal;
use concur_models::paxos_commit::unbounded::state::{Memory, Message, State};
use concur_models::paxos_commit::unbounded::{Ballot, Vote};
use concur_models::paxos_commit::{Acceptor, Rm, Value};

/// What has happened in the ballots of a transaction, as far as disks and messages settle it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ballots {
    /// The participants, in the order of the resource managers.
    sites: Vec<NodeId>,
    /// Who votes.
    acceptors: Vec<NodeId>,
    /// The state of PaxosCommit.tla, but for the resource managers, of which their own logs tell; all of them work in it.
    pub past: State,
    /// Whether acceptors were told to forget: what they vote for afterwards concerns nobody.
    released: bool,
}

/// What is noted. Nothing is, once acceptors were told to forget.
impl Ballots {
    pub(super) fn new(plan: &Plan) -> Self {
        let sites: Vec<_> = plan.sites().collect();
        Self {
            past: State::initial(sites.len()),
            sites,
            acceptors: plan.acceptors.clone(),
            released: false,
        }
    }

    pub(super) fn send(&mut self, message: Message) {
        if !self.released {
            self.past.send(message);
        }
    }

    /// A participant has voted to commit, so that nothing can take it back.
    pub(super) fn vote_prepared(&mut self, site: NodeId) {
        if let Some(rm) = self.rm(site) {
            self.send(proposal(rm, Value::Prepared));
        }
    }

    /// What leaders say. What a participant says in ballot 0 stands in its log, and one that answers a peer does not decide.
    pub(super) fn hear(&mut self, said: &Said) {
        match said {
            Said::Phase1a { ballot, .. } => {
                for rm in self.rms() {
                    self.send(Message::P1a(rm, bal(*ballot)));
                }
            }
            Said::Phase2a { ballot, values, .. } if *ballot > CoreBallot::ZERO => {
                for (rm, vote) in self.votes(*ballot, values) {
                    self.send(Message::P2a(rm, vote));
                }
            }
            Said::Decision {
                outcome,
                acknowledge: true,
                ..
            } => self.send(match outcome {
                Outcome::Commit => Message::Commit,
                Outcome::Abort => Message::Abort,
            }),
            Said::Forget { .. } => self.released = true,
            _ => {}
        }
    }

    /// What is durable at an acceptor. Votes that are new were cast, and another promise than theirs was given last: it reports them. Whether it could be, the model says.
    pub(super) fn accept(&mut self, from: NodeId, instances: &Instances) {
        let Some(a) = self.acceptor(from).filter(|_| !self.released) else {
            return;
        };
        let promised = bal(instances.promised);
        for (rm, site) in self.rms().zip(self.sites.clone()) {
            let before = self.past.memory(rm, a);
            let vote = instances.votes.get(&site).copied().map(cast);
            let mut max_bal = before.max_bal;
            if let Some(vote) = vote.filter(|_| vote != before.vote) {
                self.send(Message::P2b(rm, a, vote));
                max_bal = vote.bal;
            }
            if promised != max_bal {
                self.send(Message::P1b(rm, a, promised, report(vote, promised)));
            }
            let memory = Memory {
                max_bal: promised,
                vote,
            };
            self.past.remember(rm, a, memory);
        }
    }
}

/// What can be read off it.
impl Ballots {
    fn rms(&self) -> impl Iterator<Item = Rm> + use<> {
        Rm::first(self.sites.len())
    }

    fn rm(&self, site: NodeId) -> Option<Rm> {
        let nth = self.sites.iter().position(|it| *it == site)?;
        Some(Rm::new(nth))
    }

    fn acceptor(&self, id: NodeId) -> Option<Acceptor> {
        let nth = self.acceptors.iter().position(|it| *it == id)?;
        Some(Acceptor::new(nth))
    }

    /// Values in a ballot, as the model names them.
    fn votes(&self, ballot: CoreBallot, values: &BTreeMap<NodeId, CoreValue>) -> Vec<(Rm, Vote)> {
        let votes = values.iter().filter_map(|(site, value)| {
            Some((self.rm(*site)?, Vote::new(bal(ballot), val(*value))))
        });
        votes.collect()
    }

    /// Whether a majority has voted for that in one ballot.
    pub(super) fn has_chosen(&self, rm: Rm, value: Value) -> bool {
        let mut voters: BTreeMap<Ballot, BTreeSet<Acceptor>> = BTreeMap::new();
        for message in self.past.msgs.iter() {
            if let Message::P2b(of, a, vote) = message
                && (*of, vote.val) == (rm, value)
            {
                voters.entry(vote.bal).or_default().insert(*a);
            }
        }
        voters
            .values()
            .any(|voters| voters.len() > self.acceptors.len() / 2)
    }

    /// Whether that is chosen for all participants.
    pub(super) fn chose_for_all(&self, value: Value) -> bool {
        self.rms().all(|rm| self.has_chosen(rm, value))
    }

    /// Whether that is chosen for one of them.
    pub(super) fn chose_for_one(&self, value: Value) -> bool {
        self.rms().any(|rm| self.has_chosen(rm, value))
    }

    /// Whether both values are chosen for one of them.
    pub(super) fn has_chosen_both(&self) -> bool {
        let both = |rm| Value::ALL.iter().all(|value| self.has_chosen(rm, *value));
        self.rms().any(both)
    }

    /// Whether an acceptor has done what it says. Of what nobody needs any more it may say anything.
    pub(super) fn is_so(&self, from: NodeId, said: &Said) -> bool {
        let done = |message| self.past.was_sent(message);
        let Some(a) = self.acceptor(from).filter(|_| !self.released) else {
            return true;
        };
        match said {
            Said::Phase1b { ballot, votes, .. } => {
                let mut sites = self.rms().zip(&self.sites);
                let promised = bal(*ballot);
                sites.all(|(rm, site)| {
                    let vote = votes.get(site).copied().map(cast);
                    done(Message::P1b(rm, a, promised, report(vote, promised)))
                })
            }
            Said::Phase2b { ballot, values, .. } => {
                let mut votes = self.votes(*ballot, values).into_iter();
                votes.all(|(rm, vote)| done(Message::P2b(rm, a, vote)))
            }
            _ => true,
        }
    }
}

/// A promise reports votes in lower ballots.
fn report(vote: Option<Vote>, promised: Ballot) -> Option<Vote> {
    vote.filter(|vote| vote.bal < promised)
}

/// The model's name of a ballot.
pub(super) fn bal(ballot: CoreBallot) -> Ballot {
    Ballot {
        round: ballot.round,
        leader: ballot.leader.0,
        incarnation: ballot.incarnation,
    }
}

fn val(value: CoreValue) -> Value {
    match value {
        CoreValue::Prepared => Value::Prepared,
        CoreValue::Aborted => Value::Aborted,
    }
}

fn cast(cast: Cast) -> Vote {
    Vote::new(bal(cast.ballot), val(cast.value))
}
