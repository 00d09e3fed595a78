//! The two phases, as proposer and as acceptor: one function for each action of the paper.

use concur_rules::durable_paxos::DurablePaxosRule as Rule;

use super::node::{Attempt, Rules};
use super::{Message, Node, Receipt, Record, Timer};
use crate::paxos::{Ballot, Proposer, Ranked, keep};
use crate::{Command, Effects, NodeId};

/// The proposer.
impl<V: Command, S: Rules> Node<V, S> {
    /// A client wants `value` to be chosen.
    pub(super) fn propose(&mut self, value: V, effects: &mut Effects<Self>) -> Option<()> {
        if self.learned.is_some() {
            return self.announce(effects);
        }
        self.wanted = Some(value);
        match self.attempt {
            Some(Attempt {
                proposed: false, ..
            }) => None,
            _ => self.begin(effects),
        }
    }

    pub(super) fn retry(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        self.wanted.as_ref()?;
        self.begin(effects)
    }

    /// Begins a ballot that is higher than all that were heard of. It is on the disk, as a promise of the own acceptor, before anyone is asked: so it will never
    /// be begun again.
    fn begin(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let highest = self.seen.max(self.acceptor.promised());
        let ballot = highest.next(self.config.me)?;

        self.seen = ballot;
        self.attempt = Some(Attempt {
            proposer: Proposer::new(ballot, None),
            proposed: false,
        });
        self.write(Record::Promised(ballot), effects);
        let asked = self.config.other_members();
        effects
            .send
            .extend(asked.map(|to| (to, Message::Phase1a { ballot })));
        effects.arm.push(Timer::Retry);
        Some(())
    }

    /// A promise arrives.
    pub(super) fn phase1b(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        vote: Option<Ranked<V>>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let position = self.config.quorums.position(from)?;
        let attempt = self.attempt.as_ref()?;
        let current = ballot == attempt.proposer.ballot;
        self.when(Rule::CollectCurrentBallot, current, effects)?;
        self.when(Rule::ProposeOnce, !attempt.proposed, effects)?;

        let rules = self.config.rules.clone();
        let proposer = &mut self.attempt.as_mut()?.proposer;
        proposer.promised.insert(position);
        if let Some(vote) = vote {
            keep(&mut proposer.kept, vote, |higher| {
                rules.requires(Rule::CollectKeepsHighest, higher)
            });
        }
        self.propose_if_promised(effects)
    }

    /// Phase 2a, once a quorum has promised. Until then it is no refusal that nothing is proposed.
    fn propose_if_promised(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let rules = &self.config.rules;
        let Attempt { proposer, .. } = self.attempt.as_ref()?;
        let quorum = self.config.quorums.phase1(proposer.promised);
        rules.when(Rule::ProposeQuorumPromised, quorum)?;
        let free = rules.requires(Rule::ProposeReported, proposer.kept.is_none());
        let value = if free {
            self.wanted.clone()
        } else {
            proposer.kept.as_ref().map(|vote| vote.value.clone())
        };
        let proposal = Ranked::new(proposer.ballot, value?);

        self.attempt.as_mut()?.proposed = true;
        let all = self.config.other_members();
        let messages = all.map(|to| (to, Message::Phase2a(proposal.clone())));
        effects.send_ahead.extend(messages);
        self.config.quorums.position(self.config.me)?;
        self.accept(proposal, effects)
    }

    /// An acceptor has promised a higher ballot: this one is over. Another is begun when the alarm goes off, not at once, lest two proposers duel.
    pub(super) fn preempted(&mut self, promised: Ballot) -> Option<()> {
        self.seen = self.seen.max(promised);
        let over = self.attempt.as_ref()?.proposer.ballot < promised;
        if over {
            self.attempt = None;
        }
        Some(())
    }
}

/// The acceptor.
impl<V: Command, S: Rules> Node<V, S> {
    /// A request for a promise arrives. To one that is repeated the answer is repeated.
    pub(super) fn phase1a(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let higher = self.acceptor.may_promise(ballot);
        self.answer_unless(Rule::PromiseHigher, higher, from, effects)?;

        self.seen = self.seen.max(ballot);
        if ballot != self.acceptor.promised() {
            self.write(Record::Promised(ballot), effects);
        }
        let vote = self.acceptor.votes.clone();
        let promise = Message::Phase1b { ballot, vote };
        effects.send.push((from, promise));
        Some(())
    }

    /// A proposal arrives.
    pub(super) fn phase2a(
        &mut self,
        from: NodeId,
        proposal: Ranked<V>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let promised = self.acceptor.may_accept(proposal.ballot);
        self.answer_unless(Rule::AcceptNotBelowPromise, promised, from, effects)?;
        self.accept(proposal, effects)
    }

    /// Phase 2b: votes, and tells all learners once the vote is durable. This node's own learner hears of it then too.
    fn accept(&mut self, proposal: Ranked<V>, effects: &mut Effects<Self>) -> Option<()> {
        let promised = self.acceptor.may_accept(proposal.ballot);
        self.when(Rule::AcceptNotBelowPromise, promised, effects)?;

        self.seen = self.seen.max(proposal.ballot);
        if self.acceptor.votes.as_ref() != Some(&proposal) {
            self.write(Record::Accepted(proposal.clone()), effects);
        }
        let learners = self.config.other_nodes();
        let votes = learners.map(|to| (to, Message::Phase2b(proposal.clone())));
        effects.send.extend(votes);
        Some(())
    }

    /// The guard `rule`; whoever it refuses hears why.
    fn answer_unless(
        &self,
        rule: Rule,
        holds: bool,
        from: NodeId,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let kept = self.when(rule, holds, effects);
        if kept.is_none() {
            let promised = self.acceptor.promised();
            effects.send.push((from, Message::Preempted { promised }));
        }
        kept
    }

    /// What this node's own acceptor has promised, and voted for, counts from now on: it is on the disk.
    pub(super) fn persisted(
        &mut self,
        receipt: Receipt,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let me = self.config.me;
        let position = self.config.quorums.position(me)?;
        let vote = self.acceptor.votes.clone();
        if let Some(vote) = vote.clone().filter(|v| Some(v.ballot) == receipt.voted) {
            self.phase2b(me, vote, effects);
        }
        let Attempt { proposer, .. } = self.attempt.as_ref()?;
        let promised = self.acceptor.promised() == proposer.ballot;
        let first = !proposer.promised.contains(position);
        if promised && first && receipt.promised == proposer.ballot {
            return self.phase1b(me, proposer.ballot, vote, effects);
        }
        None
    }
}
