//! The operator: decides for a participant in doubt that cannot wait, and hears of it if that was wrong.

use concur_rules::two_phase_core::TwoPhaseCoreRule as Core;

use super::super::{Notice, Outcome, Record, Resolved, Rules, TransactionId, Vote};
use super::state::Participation;
use super::{Site, SiteEffects};
use crate::NodeId;

impl<S: Rules> Site<S> {
    pub(super) fn resolve(
        &mut self,
        transaction: TransactionId,
        took: Outcome,
        effects: &mut SiteEffects<S>,
    ) {
        let participation = self.participations.get(&transaction);
        let in_doubt = matches!(participation, Some(Participation::Prepared { .. }));
        let plan = participation.and_then(Participation::plan).cloned();
        if !self.requires(Core::ResolveInDoubt, in_doubt, effects) {
            return;
        }
        let Some(plan) = plan else { return };

        let resolved = Resolved {
            plan,
            took,
            decided: None,
        };
        self.force(Record::Resolved(transaction, resolved.clone()), effects);
        self.report(transaction, &resolved, effects);
        self.participations
            .insert(transaction, Participation::Resolved(resolved));
    }

    /// Tells the host what it is to do, and what has come of it: again at each start, until nothing is left to be settled.
    pub(super) fn report(
        &self,
        transaction: TransactionId,
        resolved: &Resolved,
        effects: &mut SiteEffects<S>,
    ) {
        let took = resolved.took;
        effects.notify.push(match took {
            Outcome::Commit => Notice::Commit { transaction },
            Outcome::Abort => Notice::Abort { transaction },
        });
        if let Some(decided) = resolved.decided {
            let site = self.config.id;
            effects.notify.push(Notice::Mismatch {
                transaction,
                site,
                took,
                decided,
            });
        }
    }

    /// The decision is known. If it is what the operator took, it is carried out like any other; if not, that is remembered until it has been seen.
    pub(super) fn compare(
        &mut self,
        transaction: TransactionId,
        owed: Option<NodeId>,
        decided: Outcome,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(Participation::Resolved(resolved)) = self.participations.get_mut(&transaction)
        else {
            return;
        };
        let took = resolved.took;
        match (took, decided) {
            // The host may have been told long ago; only when it says that it is done may the log forget.
            (Outcome::Commit, Outcome::Commit) => self.commit_branch(transaction, owed, effects),
            (Outcome::Abort, Outcome::Abort) => {
                self.write_lazily(Record::Aborted(transaction), effects);
                self.close(transaction, Some(Vote::Yes), Some(decided), effects);
            }
            _ => {
                resolved.decided = Some(decided);
                let resolved = resolved.clone();
                self.force(Record::Resolved(transaction, resolved), effects);
                let site = self.config.id;
                effects.notify.push(Notice::Mismatch {
                    transaction,
                    site,
                    took,
                    decided,
                });
            }
        }
    }

    /// What an operator took here, if it is known to be wrong.
    pub(super) fn mismatch(&self, transaction: TransactionId) -> Option<Outcome> {
        match self.participations.get(&transaction) {
            Some(Participation::Resolved(Resolved {
                took,
                decided: Some(_),
                ..
            })) => Some(*took),
            _ => None,
        }
    }

    pub(super) fn forget_mismatch(
        &mut self,
        transaction: TransactionId,
        effects: &mut SiteEffects<S>,
    ) {
        let Some(Participation::Resolved(resolved)) = self.participations.get(&transaction) else {
            return;
        };
        let decided = resolved.decided;
        if !self.requires(Core::ForgetCompared, decided.is_some(), effects) {
            return;
        }

        self.write_lazily(Record::Forgotten(transaction), effects);
        self.close(transaction, Some(Vote::Yes), decided, effects);
    }
}
