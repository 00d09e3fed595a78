//! Clients, hosts and operators, who act by chance: most do as they should, some say too much, or too late.

use std::collections::BTreeMap;

use concur_cores::NodeId;
use concur_cores::two_phase::{Branch, Mode, Outcome, Participation, Request, TransactionId, Vote};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;

use super::world::{Answer, World};

impl World {
    pub(super) fn act(&mut self) {
        if self.chance(30) {
            self.answer();
        }
        if self.chance(4) {
            self.begin();
        }
        let Some(transaction) = self.some_transaction() else {
            return;
        };
        if self.chance(12) {
            let site = self.some_site();
            self.request(site, Request::Enlist { transaction });
        }
        if self.chance(6) {
            self.submit(transaction);
        }
        if self.chance(1) {
            self.request(transaction.coordinator, Request::Rollback { transaction });
        }
        if self.chance(2) {
            self.meddle(transaction);
        }
        if self.chance(1) {
            self.operate(transaction);
        }
    }

    pub(super) fn answer(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        let chosen = self.sim.rng.random_range(0..self.answers.len());
        let Answer {
            site,
            incarnation,
            request,
        } = self.answers.swap_remove(chosen);
        if !self.cluster().is_up(site) || self.cluster().core(site).incarnation() != incarnation {
            return;
        }
        self.note_answer(site, &request);
        self.request(site, request);
    }

    /// A host that votes or has carried something out knows so.
    fn note_answer(&mut self, site: NodeId, request: &Request) {
        let (transaction, vote) = match request {
            Request::Vote { transaction, vote } => (*transaction, Some(*vote)),
            Request::Applied { transaction } => (*transaction, None),
            _ => return,
        };
        let Some(participation) = self
            .sim
            .cluster
            .core(site)
            .participations()
            .get(&transaction)
        else {
            return;
        };
        let preparing = matches!(participation, Participation::Preparing(_));
        let told = self.facts_at(transaction, site).map(|facts| facts.told);
        if let Some(facts) = self.facts_at(transaction, site) {
            match vote {
                Some(vote) if preparing => facts.vote = Some(vote),
                Some(_) => {}
                None => facts.applied = told == Some(Some(Outcome::Commit)),
            }
        }
    }

    fn begin(&mut self) {
        let site = self.some_site();
        self.tokens += 1;
        let token = self.tokens;
        self.request(site, Request::Begin { token });
    }

    fn submit(&mut self, transaction: TransactionId) {
        let facts = &self.ledger.facts[&transaction];
        let branches: Vec<Branch> = facts.branches.keys().copied().collect();
        let again = facts.submitted.is_some();
        if branches.is_empty() || (again && !self.chance(10)) {
            return;
        }
        let mode = if self.chance(50) {
            Mode::TwoPhase
        } else {
            Mode::PaxosCommit
        };
        let begun = self.is_begun(transaction);
        if begun && !again {
            let mut plan = BTreeMap::new();
            branches.iter().for_each(|branch| {
                plan.entry(branch.site).or_insert(branch.incarnation);
            });
            self.ledger.of(transaction).submitted = Some((plan, mode));
        }
        self.request(
            transaction.coordinator,
            Request::Commit {
                transaction,
                branches,
                mode,
            },
        );
    }

    fn is_begun(&self, transaction: TransactionId) -> bool {
        let coordinator = transaction.coordinator;
        self.sim.cluster.is_up(coordinator)
            && self
                .sim
                .cluster
                .core(coordinator)
                .coordinated()
                .contains_key(&transaction)
    }

    /// A host that says too much, or too late.
    fn meddle(&mut self, transaction: TransactionId) {
        let site = self.some_site();
        if !self.cluster().is_up(site) {
            return;
        }
        let vote = *[Vote::Yes, Vote::Read, Vote::No]
            .choose(&mut self.sim.rng)
            .expect("three");
        let preparing = matches!(
            self.cluster().core(site).participations().get(&transaction),
            Some(Participation::Preparing(_))
        );
        match self.sim.rng.random_range(0..3) {
            0 => self.request(site, Request::Withdraw { transaction }),
            1 if !preparing => self.request(site, Request::Vote { transaction, vote }),
            _ => {
                // A checkpoint leaves no old records to look at.
                self.request(site, Request::Checkpoint);
            }
        }
    }

    /// An operator decides for someone, or takes note of what came of it.
    fn operate(&mut self, transaction: TransactionId) {
        let site = self.some_site();
        if !self.cluster().is_up(site) || self.cluster().disk(site).unsynced() > 0 {
            return;
        }
        if self.chance(30) {
            return self.request(site, Request::ForgetMismatch { transaction });
        }
        let outcome = if self.chance(50) {
            Outcome::Commit
        } else {
            Outcome::Abort
        };
        self.request(
            site,
            Request::Resolve {
                transaction,
                outcome,
            },
        );
    }
}
