//! How a leader hands over (thesis, §3.10).

use concur_rules::raft::RaftRule as Rule;
use concur_rules::raft_core::RaftCoreRule as Core;

use super::message::Body;
use super::node::{Part, Raft, Rules, arm, disarm};
use super::notice::{Notice, Reason, Timer};
use crate::{Command, Effects, NodeId};

impl<C: Command, S: Rules> Raft<C, S> {
    /// Stops to take requests, brings that server up to date, and asks it to take over.
    pub(super) fn transfer(&mut self, to: NodeId, effects: &mut Effects<Self>) -> Option<()> {
        if !matches!(self.part, Part::Leader(_)) {
            effects.refused = Some(Rule::ClientRequestLeader.into());
            return self.refuse(Reason::NotLeader, effects);
        }
        if self
            .requires(Core::TransferToPeer, self.config.is_peer(to), effects)
            .is_none()
        {
            return self.refuse(Reason::NotAPeer, effects);
        }

        let (leading, _) = self.leading()?;
        leading.transfer = Some(to);
        arm(effects, Timer::Transfer);
        self.hand_over(effects)
    }

    /// Asks the server that is to take over not to wait for an election timeout, as soon as it has all of the leader's log. It may be asked twice.
    #[inline]
    pub(super) fn hand_over(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let Part::Leader(leading) = &self.part else {
            return None;
        };
        let to = leading.transfer?;
        let mut followers = leading.progress.iter();
        let match_index = followers.find(|follower| follower.id == to)?.match_index;
        let caught_up = match_index == self.log.last_index();
        if !self.keeps(Rule::TransferCaughtUp, caught_up) {
            return None;
        }

        let message = self.message(Body::TimeoutNow);
        effects.send_ahead.push((to, message));
        Some(())
    }

    /// The transfer alarm: who was to take over did not, and requests are taken again.
    pub(super) fn abandon_transfer(&mut self, effects: &mut Effects<Self>) -> Option<()> {
        let (leading, _) = self.leading()?;
        let to = leading.transfer.take()?;
        disarm(effects, Timer::Transfer);
        effects.notify_ahead.push(Notice::TransferAbandoned { to });
        Some(())
    }
}
