//! Requests of clients, and how a node serves them.

use core::fmt::Debug;

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::{Applied, Ask, Bytes, Node, Notice, Record, Why};
use crate::Effects;
use crate::ring::Placement;

impl<P: Placement, S: RuleSet<Rule> + Debug> Node<P, S> {
    /// A client writes.
    pub(super) fn accept(
        &mut self,
        ask: Ask,
        value: Bytes,
        effects: &mut Effects<Self>,
    ) -> Option<()> {
        let rules = [
            Rule::RingAcceptEpoch,
            Rule::RingAcceptOwner,
            Rule::RingAcceptArrived,
        ];
        let mut entry = self.held(&ask.key).cloned().unwrap_or_default();
        let applied = entry.applied.get(&ask.client).copied();
        let new = applied.is_none_or(|applied| applied.sequence < ask.sequence);
        self.admit(&ask, rules, effects)?;
        if self.when(Rule::RingAcceptOnce, new, effects).is_none() {
            effects.notify.push(again(ask, applied?));
            return None;
        }

        entry.version = entry.version.saturating_add(1);
        entry.value = value;
        let (sequence, version) = (ask.sequence, entry.version);
        entry
            .applied
            .insert(ask.client, Applied { sequence, version });
        self.commit(Record::Stored(ask.key.clone(), entry), effects);
        effects.notify.push(Notice::Written { ask, version });
        Some(())
    }

    /// A client reads.
    pub(super) fn answer(&mut self, ask: Ask, effects: &mut Effects<Self>) -> Option<()> {
        let rules = [
            Rule::RingAnswerEpoch,
            Rule::RingAnswerOwner,
            Rule::RingAnswerArrived,
        ];
        self.admit(&ask, rules, effects)?;

        let entry = self.held(&ask.key);
        let found = entry.map(|entry| (entry.version, entry.value.clone()));
        effects.notify.push(Notice::Value { ask, found });
        Some(())
    }

    /// What writes and reads have in common: the client's epoch is the node's, the node owns the key, and the key's data is there.
    fn admit(&self, ask: &Ask, rules: [Rule; 3], effects: &mut Effects<Self>) -> Option<()> {
        let position = self.state.ring.position(&ask.key.0);
        let owner = self.state.ring.owner_at(position);
        let arrived = !self.state.awaits(position);
        let guards = [
            (ask.epoch == self.epoch(), Why::Epoch(self.epoch())),
            (owner == self.id(), Why::NotOwner(owner)),
            (arrived, Why::NotYet),
        ];
        for (rule, (holds, why)) in rules.into_iter().zip(guards) {
            if self.when(rule, holds, effects).is_none() {
                let ask = ask.clone();
                effects.notify.push(Notice::Refused { ask, why });
                return None;
            }
        }
        Some(())
    }
}

/// What a client is told whose write was applied before.
fn again(ask: Ask, applied: Applied) -> Notice {
    if applied.sequence == ask.sequence {
        let version = applied.version;
        Notice::Written { ask, version }
    } else {
        let why = Why::Superseded;
        Notice::Refused { ask, why }
    }
}
