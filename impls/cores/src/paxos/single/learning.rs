//! Learning what was chosen: by votes, or from one who knows.

use concur_rules::durable_paxos::DurablePaxosRule as Rule;

use super::node::Rules;
use super::{Message, Node, Notice, Timer};
use crate::paxos::Ranked;
use crate::{Command, Effects, NodeId};

impl<V: Command, S: Rules> Node<V, S> {
    /// An acceptor tells of its vote.
    pub(super) fn phase2b(
        &mut self,
        from: NodeId,
        vote: Ranked<V>,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let position = self.config.quorums.position(from)?;
        self.seen = self.seen.max(vote.ballot);
        let value = vote.value.clone();
        let voters = self.learner.hear(position, vote);
        let chosen = self.config.quorums.phase2(voters);
        self.config.rules.when(Rule::LearnQuorum, chosen)?;
        self.learn(value, effects)
    }

    /// That value was chosen.
    pub(super) fn learn(&mut self, value: V, effects: &mut Effects<Self>) -> Option<()> {
        if self.learned.is_some() {
            return None;
        }
        self.learned = Some(value);
        self.wanted = None;
        self.attempt = None;
        effects.disarm.extend([Timer::Retry, Timer::Learn]);
        self.announce(effects)
    }

    /// Tells the host.
    pub(super) fn announce(&self, effects: &mut Effects<Self>) -> Option<()> {
        let value = self.learned.clone()?;
        effects.notify.push(Notice::Learned(value));
        Some(())
    }

    /// Asks the others what was chosen.
    pub(super) fn ask(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        if self.learned.is_some() {
            return None;
        }
        let all = self.config.other_nodes();
        effects
            .send_ahead
            .extend(all.map(|to| (to, Message::Learn)));
        effects.arm.push(Timer::Learn);
        Some(())
    }

    /// One asks what was chosen.
    pub(super) fn tell(&self, to: NodeId, effects: &mut Effects<Self>) -> Option<()> {
        let value = self.learned.clone()?;
        effects.send_ahead.push((to, Message::Chosen { value }));
        Some(())
    }
}
