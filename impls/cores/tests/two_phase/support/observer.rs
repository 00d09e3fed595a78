//! What is seen from outside after each step: notices, disks, messages; all of it goes into the ledger.

use concur_cores::NodeId;
use concur_cores::two_phase::{
    Branch, Entry, Image, Message, Mode, Notice, Outcome, Participation, Request, TransactionId,
    Value, Vote,
};
use rand::Rng as _;

use super::ledger::{BranchFacts, Claim, Facts};
use super::n;
use super::world::{ACCEPTORS, Answer, World};

impl World {
    pub(super) fn observe(&mut self) -> Claim {
        let up: Vec<_> = self.sim.cluster.up().map(|(id, _)| id).collect();
        for site in up {
            for notice in self.cluster().take_notices(site) {
                self.hear(site, notice)?;
            }
        }
        self.look_at_disks()?;
        self.acks_are_logged()?;
        let cluster = &self.sim.cluster;
        self.ledger
            .check(|site| Image::of(cluster.disk(site).durable()))
    }

    fn look_at_disks(&mut self) -> Claim {
        for site in self.sim.cluster.ids().collect::<Vec<_>>() {
            let durable = self.sim.cluster.disk(site).durable();
            let seen = self.seen.insert(site, durable.len()).unwrap_or(0);
            let new = if durable.len() < seen {
                durable
            } else {
                &durable[seen..]
            };
            for record in new {
                self.ledger.found(site, record)?;
            }
        }
        Ok(())
    }

    /// Whoever acknowledges will not be in doubt after a crash.
    fn acks_are_logged(&self) -> Claim {
        let cluster = &self.sim.cluster;
        for packet in cluster.network().packets() {
            let Message::Ack { transaction, .. } = packet.message else {
                continue;
            };
            let image = Image::of(cluster.disk(packet.from).durable());
            let prepared = matches!(image.entries.get(&transaction), Some(Entry::Prepared(_)));
            broken_unless(!prepared, || {
                format!(
                    "AckIsLogged: {} is in doubt about {transaction}",
                    packet.from
                )
            })?;
        }
        Ok(())
    }

    /// What is known of the branch at `site`.
    pub(super) fn facts_at(
        &mut self,
        transaction: TransactionId,
        site: NodeId,
    ) -> Option<&mut BranchFacts> {
        self.facts_of(transaction, |facts| facts.branch_at(site))
    }

    /// What is known of the branch at `site` that an operator resolved.
    fn resolved_at(
        &mut self,
        transaction: TransactionId,
        site: NodeId,
    ) -> Option<&mut BranchFacts> {
        self.facts_of(transaction, |facts| facts.resolved_at(site))
    }

    fn facts_of(
        &mut self,
        transaction: TransactionId,
        branch: impl FnOnce(&Facts) -> Option<Branch>,
    ) -> Option<&mut BranchFacts> {
        let facts = self.ledger.of(transaction);
        let branch = branch(facts)?;
        facts.branches.get_mut(&branch)
    }

    fn later(&mut self, site: NodeId, request: Request) {
        let incarnation = self.cluster().core(site).incarnation();
        self.answers.push(Answer {
            site,
            incarnation,
            request,
        });
    }

    fn hear(&mut self, site: NodeId, notice: Notice) -> Claim {
        match notice {
            Notice::Begun { transaction, .. } => {
                let new = !self.ledger.facts.contains_key(&transaction);
                self.ledger.of(transaction);
                return broken_unless(new, || format!("IdsAreUnique: {transaction}"));
            }
            Notice::Decided {
                transaction,
                outcome,
            } => {
                let facts = self.ledger.of(transaction);
                let before = facts.decided.replace(outcome).unwrap_or(outcome);
                broken_unless(before == outcome, || {
                    format!("AC2: {transaction} was {before}, and is {outcome} for the client")
                })?;
                return self.is_chosen(transaction, outcome);
            }
            Notice::Enlisted {
                transaction,
                branch,
            } => return self.enlisted(transaction, branch),
            Notice::Prepare { transaction } => return self.prepare(site, transaction),
            Notice::InDoubt { transaction } => {
                let facts = self.facts_at(transaction, site);
                if facts.is_some_and(|facts| facts.applied) {
                    self.request(site, Request::Applied { transaction });
                }
            }
            Notice::Commit { transaction } => {
                self.told(site, transaction, Outcome::Commit)?;
                self.later(site, Request::Applied { transaction });
            }
            Notice::Abort { transaction } => self.told(site, transaction, Outcome::Abort)?,
            Notice::Mismatch {
                transaction,
                site,
                took,
                decided,
            } => {
                if let Some(facts) = self.resolved_at(transaction, site) {
                    facts.mismatch = Some((took, decided));
                }
            }
        }
        Ok(())
    }

    /// What a client is told of a Paxos Commit has been chosen: acceptors keep it on disk, who cannot forget before the client has heard.
    fn is_chosen(&self, transaction: TransactionId, outcome: Outcome) -> Claim {
        let Some((plan, Mode::PaxosCommit)) = &self.ledger.facts[&transaction].submitted else {
            return Ok(());
        };
        let disks = (1..=ACCEPTORS).map(|site| self.sim.cluster.disk(n(site)).durable());
        let images: Vec<_> = disks.map(Image::of).collect();
        let chosen = |site: &NodeId, value| {
            let accepted = images
                .iter()
                .filter_map(|image| image.accepted.get(&transaction));
            let votes = accepted.filter_map(|instances| instances.votes.get(site));
            2 * votes.filter(|cast| cast.value == value).count() > images.len()
        };
        let holds = match outcome {
            Outcome::Commit => plan.keys().all(|site| chosen(site, Value::Prepared)),
            Outcome::Abort => plan.keys().any(|site| chosen(site, Value::Aborted)),
        };
        broken_unless(holds, || {
            format!("DecisionIsChosen: {transaction} {outcome}")
        })
    }

    fn enlisted(&mut self, transaction: TransactionId, branch: Branch) -> Claim {
        let facts = self
            .ledger
            .of(transaction)
            .branches
            .entry(branch)
            .or_default();
        let open = facts.vote.is_none() && facts.told.is_none();
        broken_unless(open, || {
            format!("NotReopened: {transaction} at {branch} is enlisted again")
        })
    }

    fn prepare(&mut self, site: NodeId, transaction: TransactionId) -> Claim {
        let incarnation = self.cluster().core(site).incarnation();
        let branch = Branch { site, incarnation };
        let vote = match self.sim.rng.random_range(0..10) {
            0 => Vote::No,
            1 => Vote::Read,
            _ => Vote::Yes,
        };
        self.later(site, Request::Vote { transaction, vote });
        let facts = self.ledger.of(transaction);
        let planned = facts.planned().any(|(planned, _)| planned == branch);
        let facts = facts.branches.entry(branch).or_default();
        let open = !facts.asked && facts.vote.is_none() && facts.told.is_none();
        facts.asked = true;
        broken_unless(open && planned, || {
            format!("NotReopened: {transaction} at {branch} is asked for a vote")
        })
    }

    /// A host is told an outcome: as the decision, unless an operator took it.
    fn told(&mut self, site: NodeId, transaction: TransactionId, outcome: Outcome) -> Claim {
        let participation = self.cluster().core(site).participations().get(&transaction);
        let taken =
            matches!(participation, Some(Participation::Resolved(it)) if it.took == outcome);
        let facts = self.facts_of(transaction, |facts| {
            let resolved = taken.then(|| facts.resolved_at(site)).flatten();
            resolved.or_else(|| facts.branch_at(site))
        });
        let Some(facts) = facts else {
            return Err(format!(
                "AC2: {site} decides {transaction}, in which it takes no part"
            ));
        };
        if taken {
            let before = facts.took.replace(outcome).unwrap_or(outcome);
            let first = before == outcome && (!facts.applied || outcome == Outcome::Commit);
            return broken_unless(first, || {
                format!("AC2: {transaction} at {site} is resolved")
            });
        }
        let before = facts.told.replace(outcome).unwrap_or(outcome);
        broken_unless(
            before == outcome && facts.took.is_none_or(|took| took == outcome),
            || format!("AC2: {transaction} at {site} was {before}, and is {outcome}"),
        )
    }
}

fn broken_unless(holds: bool, says: impl FnOnce() -> String) -> Claim {
    if holds { Ok(()) } else { Err(says()) }
}
