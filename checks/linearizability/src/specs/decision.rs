//! The decision on a transaction: one for all, and to commit only if all have voted so (Bernstein, Hadzilacos & Goodman,
//! *Concurrency Control and Recovery in Database Systems*, 1987, chapter 7: AC1, AC2, AC3).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Specification;

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everywhere its work is carried out.
    Commit,
    /// Everywhere its work is undone.
    Abort,
}

/// What happens to a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// A client asks to commit what was done at these participants. Counts once. Not answered.
    Submit {
        /// Who takes part.
        participants: BTreeSet<u64>,
    },
    /// That participant votes to commit, or has only read. Not answered.
    VoteYes {
        /// Who votes.
        participant: u64,
    },
    /// Somebody learns what was decided: the client, a participant. Answered by the outcome.
    Learn,
}

/// Something that happens to the transaction of that number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// Which transaction.
    pub transaction: u64,
    /// What happens.
    pub step: Step,
}

/// What is known of a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    participants: Option<BTreeSet<u64>>,
    yes: BTreeSet<u64>,
    decided: Option<Outcome>,
}

impl Facts {
    fn may_commit(&self) -> bool {
        let participants = self.participants.as_ref();
        participants.is_some_and(|all| all.is_subset(&self.yes))
    }
}

/// Any number of transactions, each of which is decided at most once. To abort is always right, as long as nothing else was decided.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decision;

impl Specification for Decision {
    type Operation = Transaction;
    type Answer = Outcome;
    type Key = u64;
    type State = Facts;

    fn key(&self, happened: &Transaction) -> u64 {
        happened.transaction
    }

    fn initial(&self, _: &u64) -> Facts {
        Facts::default()
    }

    fn only_reads(&self, happened: &Transaction) -> bool {
        happened.step == Step::Learn
    }

    /// Who learns and has not heard leaves no trace: nothing needs to be decided for that.
    fn apply(&self, s: &Facts, happened: &Transaction, told: Option<&Outcome>) -> Option<Facts> {
        let mut t = s.clone();
        match (&happened.step, told) {
            (Step::Submit { participants }, None) => {
                t.participants.get_or_insert_with(|| participants.clone());
            }
            (Step::VoteYes { participant }, None) => {
                t.yes.insert(*participant);
            }
            (Step::Learn, None) => {}
            (Step::Learn, Some(outcome)) => {
                let right = match (s.decided, outcome) {
                    (Some(decided), told) => decided == *told,
                    (None, Outcome::Abort) => true,
                    (None, Outcome::Commit) => s.may_commit(),
                };
                t.decided = right.then_some(*outcome);
                t.decided?;
            }
            (_, Some(_)) => return None,
        }
        Some(t)
    }
}
