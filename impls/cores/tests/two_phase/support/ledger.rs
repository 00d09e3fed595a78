//! What an outside observer knows of each transaction, and what must hold of it.

use std::collections::{BTreeMap, BTreeSet};

use concur_cores::NodeId;
use concur_cores::two_phase::{Branch, Image, Mode, Outcome, Record, TransactionId, Vote};

/// What is known of one branch.
#[derive(Clone, Debug, Default)]
pub(crate) struct BranchFacts {
    /// Its host was asked for its vote.
    pub(crate) asked: bool,
    /// What its host has voted.
    pub(crate) vote: Option<Vote>,
    /// What its host was told, as the decision.
    pub(crate) told: Option<Outcome>,
    /// Its host has carried out the commit, durably.
    pub(crate) applied: bool,
    /// What an operator took instead.
    pub(crate) took: Option<Outcome>,
    /// What the site has reported about that.
    pub(crate) mismatch: Option<(Outcome, Outcome)>,
}

/// What is known of one transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// What was submitted, and how.
    pub(crate) submitted: Option<(BTreeMap<NodeId, u64>, Mode)>,
    /// What the client was told.
    pub(crate) decided: Option<Outcome>,
    /// Every branch that was ever enlisted.
    pub(crate) branches: BTreeMap<Branch, BranchFacts>,
    /// Which records were found on disks.
    pub(crate) records: BTreeSet<(NodeId, &'static str)>,
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// By transaction.
    pub(crate) facts: BTreeMap<TransactionId, Facts>,
    /// Which transactions have changed, or are committed and not carried out everywhere.
    pub(crate) open: BTreeSet<TransactionId>,
}

/// What was broken, in words.
pub(crate) type Claim = Result<(), String>;

fn claim(holds: bool, says: impl FnOnce() -> String) -> Claim {
    if holds { Ok(()) } else { Err(says()) }
}

impl Facts {
    /// The branches that were submitted.
    pub(crate) fn planned(&self) -> impl Iterator<Item = (Branch, BranchFacts)> + '_ {
        let plan = self.submitted.iter().flat_map(|(plan, _)| plan);
        plan.map(|(&site, &incarnation)| {
            let branch = Branch { site, incarnation };
            (
                branch,
                self.branches.get(&branch).cloned().unwrap_or_default(),
            )
        })
    }

    /// Everything that anyone was told of the decision.
    pub(crate) fn outcomes(&self) -> BTreeSet<Outcome> {
        let told = self.planned().filter_map(|(_, facts)| {
            let reported = facts.mismatch.map(|(_, decided)| decided);
            facts.told.or(reported)
        });
        told.chain(self.decided).collect()
    }

    /// The branch at a site that an operator has resolved.
    pub(crate) fn resolved_at(&self, site: NodeId) -> Option<Branch> {
        let mut planned = self.planned();
        let resolved = planned.find(|(branch, facts)| branch.site == site && facts.took.is_some());
        resolved.map(|(branch, _)| branch)
    }

    /// The branch at a site that a notice is about which no operator caused: the prepared one, or the last that was enlisted.
    ///
    /// A site that has resolved its branch, heard the decision and crashed may enlist again, in vain: that it aborts is not about the branch that was resolved.
    pub(crate) fn branch_at(&self, site: NodeId) -> Option<Branch> {
        let open = |facts: &BranchFacts| {
            facts.vote == Some(Vote::Yes)
                && facts.told != Some(Outcome::Abort)
                && !facts.applied
                && facts.took.is_none()
        };
        let planned = self
            .planned()
            .find(|(branch, facts)| branch.site == site && open(facts));
        let mut enlisted = self.branches.keys().rev();
        planned
            .map(|(branch, _)| branch)
            .or_else(|| enlisted.find(|branch| branch.site == site).copied())
    }

    fn commits(&self) -> bool {
        self.outcomes().contains(&Outcome::Commit)
    }

    /// The branches that must still commit, and are bound to do so by a vote.
    fn bound(&self) -> impl Iterator<Item = Branch> + '_ {
        let bound = |facts: &BranchFacts| {
            facts.vote == Some(Vote::Yes) && !facts.applied && facts.took.is_none()
        };
        self.planned()
            .filter(move |(_, facts)| bound(facts))
            .map(|(branch, _)| branch)
    }
}

impl Ledger {
    /// The facts of a transaction, which are about to change.
    pub(crate) fn of(&mut self, transaction: TransactionId) -> &mut Facts {
        self.open.insert(transaction);
        self.facts.entry(transaction).or_default()
    }

    /// What must hold at all times; `image` gives what is durable at a site.
    pub(crate) fn check(&mut self, mut image: impl FnMut(NodeId) -> Image) -> Claim {
        let open: Vec<_> = self.open.iter().copied().collect();
        for transaction in open {
            let facts = &self.facts[&transaction];
            agrees(transaction, facts)?;
            if !facts.commits() {
                self.open.remove(&transaction);
                continue;
            }
            all_voted(transaction, facts)?;
            bound_is_logged(transaction, facts, &mut image)?;
            if facts.bound().next().is_none() {
                self.open.remove(&transaction);
            }
        }
        Ok(())
    }

    /// What must hold when nothing is left to be done.
    pub(crate) fn check_end(&self) -> Claim {
        for (transaction, facts) in &self.facts {
            for (branch, branch_facts) in facts.planned() {
                ends_well(*transaction, facts, branch, &branch_facts)?;
            }
        }
        Ok(())
    }

    /// A record was found on a disk that was not there before.
    pub(crate) fn found(&mut self, site: NodeId, record: &Record) -> Claim {
        let (kind, transaction) = match record {
            Record::Commit(transaction, _) => ("Commit", *transaction),
            Record::End(transaction) => ("End", *transaction),
            Record::Prepared(transaction, _) => ("Prepared", *transaction),
            Record::Committed(transaction) => ("Committed", *transaction),
            Record::Aborted(transaction) => ("Aborted", *transaction),
            Record::OnePhase(transaction) => ("OnePhase", *transaction),
            _ => return Ok(()),
        };
        let facts = self.facts.entry(transaction).or_default();
        claim(facts.records.insert((site, kind)), || {
            format!("RecordsAreExact: {site} writes {kind} {transaction} twice")
        })?;
        if let Record::Commit(_, sites) = record {
            let yes = |(branch, facts): (Branch, BranchFacts)| {
                (facts.vote == Some(Vote::Yes)).then_some(branch.site)
            };
            let voters: BTreeSet<_> = facts.planned().filter_map(yes).collect();
            claim(
                voters == *sites && facts.decided != Some(Outcome::Abort),
                || format!("CommitNamesVoters: {record}, but {voters:?} voted YES"),
            )?;
        }
        Ok(())
    }
}

/// AC1: all that decide, decide alike.
fn agrees(transaction: TransactionId, facts: &Facts) -> Claim {
    claim(facts.outcomes().len() < 2, || {
        format!("AC1: {transaction} {facts:?}")
    })
}

/// AC3: commit only if all have voted YES or READ.
fn all_voted(transaction: TransactionId, facts: &Facts) -> Claim {
    let mut planned = facts.planned();
    let all = planned.all(|(_, branch)| matches!(branch.vote, Some(Vote::Yes | Vote::Read)));
    claim(all, || format!("AC3: {transaction} {facts:?}"))
}

/// A participant that must still commit knows that after a crash; and whom it may ask is not going to presume an abort.
fn bound_is_logged(
    transaction: TransactionId,
    facts: &Facts,
    image: &mut impl FnMut(NodeId) -> Image,
) -> Claim {
    let Some((plan, mode)) = &facts.submitted else {
        return Ok(());
    };
    for branch in facts.bound() {
        claim(
            image(branch.site).entries.contains_key(&transaction),
            || format!("PreparedIsLogged: {transaction} at {branch} {facts:?}"),
        )?;
        if *mode == Mode::TwoPhase && plan.len() > 1 {
            let commits = image(transaction.coordinator).commits;
            let told = commits.get(&transaction);
            claim(told.is_some_and(|told| told.contains(&branch.site)), || {
                format!("ForgottenIsPresumedRight: {transaction} at {branch} {facts:?}")
            })?;
        }
    }
    Ok(())
}

/// AC5, and that operators hear the truth.
fn ends_well(
    transaction: TransactionId,
    facts: &Facts,
    branch: Branch,
    branch_facts: &BranchFacts,
) -> Claim {
    let decided = facts.outcomes().into_iter().next();
    let settled = branch_facts.told.is_some() || branch_facts.took.is_some();
    // A vote that was lost with its site's memory binds nobody.
    let bound = decided == Some(Outcome::Commit) && branch_facts.vote == Some(Vote::Yes);
    claim(!bound || settled, || {
        format!("AC5: {transaction} at {branch} {facts:?}")
    })?;
    // Where nobody was told, what was decided may have been what the operator took.
    let expected = branch_facts
        .took
        .zip(decided)
        .filter(|(took, decided)| took != decided);
    claim(branch_facts.mismatch == expected, || {
        format!("MismatchIsReported: {transaction} at {branch} {facts:?}")
    })
}
