//! What is written when: records that must be forced take along those that need not be, and the acknowledgements that wait for them.

use alloc::boxed::Box;

use concur_rules::durable_two_phase::DurableTwoPhaseRule;

use super::super::{Message, Outcome, Record, Rules, Timer, TransactionId};
use super::{Site, SiteEffects};
use crate::NodeId;

impl<S: Rules> Site<S> {
    /// Writes a record, and what has waited for a write.
    pub(super) fn force(&mut self, record: Record, effects: &mut SiteEffects<S>) {
        self.image.add(&record);
        self.lazy.push(record);
        self.flush(effects);
    }

    /// Leaves a record to be written with the next that must be, or when the alarm goes off.
    pub(super) fn write_lazily(&mut self, record: Record, effects: &mut SiteEffects<S>) {
        self.image.add(&record);
        if self.lazy.is_empty() {
            effects.arm.push(Timer::Flush);
        }
        self.lazy.push(record);
    }

    /// Writes what has waited for a write, and lets the acknowledgements go that have waited for that.
    pub(super) fn flush(&mut self, effects: &mut SiteEffects<S>) {
        if self.lazy.is_empty() {
            return;
        }
        self.since_checkpoint += self.lazy.len() as u64;
        effects.persist.append(&mut self.lazy);
        if self.since_checkpoint >= self.config.checkpoint_every.max(1) {
            self.write_checkpoint(effects);
        }
        effects.send.append(&mut self.held);
    }

    /// Writes one record that says all that the others say.
    pub(super) fn checkpoint(&mut self, effects: &mut SiteEffects<S>) {
        self.flush(effects);
        self.write_checkpoint(effects);
    }

    fn write_checkpoint(&mut self, effects: &mut SiteEffects<S>) {
        let image = Box::new(self.image.clone());
        effects.persist.push(Record::Checkpoint(image));
        self.since_checkpoint = 0;
    }

    /// Says that this site will never ask about the transaction again: only when the record of that is written, and then once, however often it was told meanwhile.
    pub(super) fn acknowledge(
        &mut self,
        to: NodeId,
        transaction: TransactionId,
        mismatch: Option<Outcome>,
        effects: &mut SiteEffects<S>,
    ) {
        let ack = (
            to,
            Message::Ack {
                transaction,
                mismatch,
            },
        );
        if self.allows(DurableTwoPhaseRule::DAckSynced, self.lazy.is_empty()) {
            effects.send.push(ack);
        } else if !self.held.contains(&ack) {
            self.held.push(ack);
        }
    }
}
