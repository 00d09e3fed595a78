//! What is claimed of Paxos with disks: agreement, honest learners, ballots used once, and that what was said is safe.

use concur_rules::RuleSet;
use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use stateright::Property;

use crate::paxos::durable::protocol::DurablePaxos;
use crate::paxos::durable::state::{Attempt, Proposer, Stage, State, owner};
use crate::paxos::messages::Message;
use crate::paxos::spec::Chosen;
use crate::paxos::{Ballot, Vote};

impl<S: RuleSet<Rule>> DurablePaxos<S> {
    pub(super) fn claims() -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |m, s| m.chosen(s).len() <= 1),
            Property::<Self>::sometimes("Agreement: a value is chosen", |m, s| {
                !m.chosen(s).is_empty()
            }),
            Property::<Self>::sometimes("Agreement: a value is chosen after ballot 0", |m, s| {
                let later = |vote: &Vote| vote.bal > Ballot(0);
                m.size
                    .votes()
                    .filter(later)
                    .any(|v| s.voters(v) >= m.quorums.phase2)
            }),
            Property::<Self>::always("Consistency", |_, s| s.learner.learned.len() <= 1),
            Property::<Self>::sometimes("Consistency: one learns", |_, s| learned(s)),
            Property::<Self>::always("LearnedImpliesChosen", |m, s| {
                s.learner.learned.is_subset(m.chosen(s))
            }),
            Property::<Self>::sometimes("LearnedImpliesChosen: one learns", |_, s| learned(s)),
            Property::<Self>::always("SaidIsSynced", |_, s| said_is_synced(s)),
            Property::<Self>::sometimes("SaidIsSynced: one crashes that has voted", |_, s| {
                let crashed = |a| s.acceptors[a].is_down() && !s.said(a).vote.is_none();
                s.acceptors.nodes().any(crashed)
            }),
            Property::<Self>::always("NoBallotReused", |_, s| {
                begun(s).all(|(_, bal)| !s.msgs.contains(Message::P1a(bal)))
            }),
            Property::<Self>::sometimes("NoBallotReused: one begins a second ballot", |m, s| {
                begun(s).any(|(p, bal)| {
                    let asked = |b: &Ballot| s.msgs.contains(Message::P1a(*b));
                    bal.below()
                        .filter(asked)
                        .any(|b| owner(b, m.proposers) == p)
                })
            }),
            Property::<Self>::always("OneProposalPerBallot", |m, s| {
                m.size.ballots().all(|bal| s.proposals(bal) <= 1)
            }),
            Property::<Self>::sometimes("OneProposalPerBallot: one proposes", |m, s| {
                m.size.ballots().any(|bal| s.proposals(bal) == 1)
            }),
            Property::<Self>::always("CollectedIsSaid", |_, s| {
                attempts(s).all(|attempt| collected_is_said(s, attempt))
            }),
            Property::<Self>::sometimes("CollectedIsSaid: one is told of a vote", |_, s| {
                attempts(s).any(|attempt| !attempt.kept.is_none())
            }),
        ]
    }

    fn chosen(&self, s: &State) -> Chosen {
        s.chosen(self.quorums.phase2)
    }
}

fn learned(s: &State) -> bool {
    !s.learner.learned.is_empty()
}

/// Whether a crash now would leave each acceptor with all that it has said, or later.
fn said_is_synced(s: &State) -> bool {
    s.acceptors.iter().all(|(a, process)| {
        let (said, safe) = (s.said(a), process.disk.synced());
        let voted = said.vote == safe.vote || said.vote.bal < safe.vote.bal;
        said.max_bal <= safe.max_bal && voted
    })
}

/// Whether those that a proposer counts have promised its ballot, and what it keeps is the last vote that they reported.
fn collected_is_said(s: &State, attempt: &Attempt) -> bool {
    let reports = |a| {
        s.msgs
            .within(Message::promises(a, attempt.bal))
            .map(Message::vote)
    };
    let promised = attempt.promised.iter().all(|a| reports(a).count() > 0);
    let last = attempt.promised.iter().flat_map(reports).max();
    promised && attempt.kept == last.unwrap_or(Vote::NONE)
}

fn attempts(s: &State) -> impl Iterator<Item = &Attempt> {
    s.proposers
        .values()
        .iter()
        .filter_map(|process| process.up())
}

/// The proposers that have begun a ballot and told nobody yet.
fn begun(s: &State) -> impl Iterator<Item = (Proposer, Ballot)> {
    s.proposers.iter().filter_map(|(p, process)| {
        let attempt = process.up()?;
        (attempt.stage == Stage::Begun).then_some((p, attempt.bal))
    })
}
