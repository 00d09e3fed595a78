//! What clients, hosts and operators may ask the sites for: honest ones do so once, in order; careless ones ask what is out of place, a few times.

use concur_cores::NodeId;
use concur_cores::two_phase::{
    Coordination, Notice, Outcome, Participation, Request, Rule, Rules, TransactionId, Vote,
};
use concur_models::kit::given;
use concur_rules::RuleSet;

use super::facts::Facts;
use super::{Cluster, Core, Sites};
use crate::Kept;

impl<S: RuleSet<Rule>, A> Sites<S, A> {
    /// All that may be asked of that site now.
    pub(super) fn asks(&self, cluster: &Cluster<Kept<S>>, id: NodeId) -> Vec<Request> {
        let node = cluster.node(id);
        let Some(core) = &node.core else {
            return Vec::new();
        };
        let mut asks = Vec::new();
        if id.0 <= self.coordinators {
            self.client(cluster, core, node.requests, &mut asks);
        }
        self.host(cluster, id, core, &mut asks);
        if node.requests < self.careless {
            careless_host(core, &mut asks);
        }
        if id.0 <= self.coordinators && node.requests < self.careless {
            careless_client(self, cluster, core, &mut asks);
        }
        asks
    }

    fn client(
        &self,
        cluster: &Cluster<Kept<S>>,
        core: &Core<Kept<S>>,
        requests: u32,
        asks: &mut Vec<Request>,
    ) {
        if self.begins(cluster, core, requests) {
            let token = u64::from(requests);
            asks.push(Request::Begin { token });
        }
        for (transaction, coordination) in core.coordinated() {
            let transaction = *transaction;
            if *coordination == Coordination::Begun {
                asks.extend(self.commit(cluster, transaction));
            }
            let open = matches!(
                coordination,
                Coordination::Begun | Coordination::Collecting { .. } | Coordination::Led
            );
            let known = facts(cluster, transaction).is_some_and(|facts| facts.begun);
            if self.rolls_back && open && known {
                asks.push(Request::Rollback { transaction });
            }
        }
    }

    /// A single transaction is begun by the first request; of many, two at a time are open.
    fn begins(&self, cluster: &Cluster<Kept<S>>, core: &Core<Kept<S>>, requests: u32) -> bool {
        let open = core.coordinated().len();
        let of_this = |transaction: &&TransactionId| transaction.coordinator == core.id();
        let begun = || cluster.history.keys().filter(of_this).count();
        match self.transactions {
            1 => requests == 0,
            2 => open == 0 && begun() < 2,
            most => open < 2 && begun() < most as usize,
        }
    }

    /// The client asks to commit when it has heard of all branches, whatever has become of them since.
    fn commit(&self, cluster: &Cluster<Kept<S>>, transaction: TransactionId) -> Option<Request> {
        let enlisted = &facts(cluster, transaction)?.enlisted;
        let works = |site| enlisted.iter().any(|branch| branch.site == site);
        given(self.participants_of(transaction).all(works))?;
        let branches = enlisted.iter().copied().collect();
        Some(Request::Commit {
            transaction,
            branches,
            mode: self.mode,
        })
    }

    fn host(
        &self,
        cluster: &Cluster<Kept<S>>,
        id: NodeId,
        core: &Core<Kept<S>>,
        asks: &mut Vec<Request>,
    ) {
        for (transaction, facts) in cluster.history.iter() {
            let transaction = *transaction;
            let idle = !core.participations().contains_key(&transaction)
                && !core.closed().contains_key(&transaction);
            let at_work = facts.begun && facts.branches.is_empty();
            let wanted = self.participants_of(transaction).any(|site| site == id);
            if at_work && idle && wanted {
                asks.push(Request::Enlist { transaction });
            }
        }
        for (transaction, participation) in core.participations() {
            let transaction = *transaction;
            match participation {
                Participation::Working if self.says_no => {
                    asks.push(Request::Withdraw { transaction });
                }
                Participation::Preparing(_) if was_told_to_prepare(cluster, id, transaction) => {
                    let votes = self.votes(id).into_iter();
                    asks.extend(votes.map(|vote| Request::Vote { transaction, vote }));
                }
                Participation::Applying { .. } | Participation::OnePhase { applied: false, .. } => {
                    asks.push(Request::Applied { transaction });
                }
                Participation::Prepared { plan, .. } => {
                    let restarted = plan.incarnation_of(id) != Some(core.incarnation());
                    let told = facts(cluster, transaction)
                        .is_some_and(|it| it.told_to_commit.contains(&id));
                    if restarted && told {
                        asks.push(Request::Applied { transaction });
                    }
                    if self.operators {
                        asks.extend(resolutions(transaction));
                    }
                }
                Participation::Resolved(resolved) if resolved.decided.is_some() => {
                    asks.push(Request::ForgetMismatch { transaction });
                }
                _ => {}
            }
        }
    }

    fn votes(&self, id: NodeId) -> Vec<Vote> {
        let first = self.participants().next().map_or(0, |site| site.0);
        let mut votes = vec![Vote::Yes];
        if id.0 < first + self.readers {
            votes.push(Vote::Read);
        }
        if self.says_no {
            votes.push(Vote::No);
        }
        votes
    }
}

/// Votes of one that has voted, work for what is over, and what an operator has no business with.
fn careless_host<S: Rules>(core: &Core<S>, asks: &mut Vec<Request>) {
    for (transaction, participation) in core.participations() {
        let transaction = *transaction;
        if matches!(participation, Participation::Prepared { .. }) {
            let votes = [Vote::Yes, Vote::Read, Vote::No];
            asks.extend(votes.map(|vote| Request::Vote { transaction, vote }));
            asks.push(Request::Withdraw { transaction });
        } else if !matches!(participation, Participation::Resolved(_)) {
            asks.extend(resolutions(transaction));
        } else {
            asks.push(Request::ForgetMismatch { transaction });
        }
    }
    for transaction in core.closed().keys() {
        let transaction = *transaction;
        asks.push(Request::Enlist { transaction });
    }
}

/// Asks to commit what is decided, or was begun before a restart.
fn careless_client<S: RuleSet<Rule>, A>(
    sites: &Sites<S, A>,
    cluster: &Cluster<Kept<S>>,
    core: &Core<Kept<S>>,
    asks: &mut Vec<Request>,
) {
    for (transaction, facts) in cluster.history.iter() {
        let begun = core.coordinated().get(transaction) == Some(&Coordination::Begun);
        if transaction.coordinator == core.id() && !facts.branches.is_empty() && !begun {
            let (transaction, mode) = (*transaction, sites.mode);
            let branches = facts.branches.clone();
            asks.push(Request::Commit {
                transaction,
                branches,
                mode,
            });
            asks.push(Request::Rollback { transaction });
        }
    }
}

fn resolutions(transaction: TransactionId) -> [Request; 2] {
    [Outcome::Commit, Outcome::Abort].map(|outcome| Request::Resolve {
        transaction,
        outcome,
    })
}

/// Whether the host has been asked for its vote, and not only the site: nothing of that waits for the disk.
fn was_told_to_prepare<S: Rules>(
    cluster: &Cluster<S>,
    id: NodeId,
    transaction: TransactionId,
) -> bool {
    let waiting = cluster.node(id).disk.waiting();
    let mut notices = waiting.flat_map(|effects| &effects.notify);
    !notices.any(|notice| *notice == Notice::Prepare { transaction })
}

/// What is known of that transaction.
fn facts<S: Rules>(cluster: &Cluster<S>, transaction: TransactionId) -> Option<&Facts> {
    cluster.history.get(&transaction).map(|facts| &**facts)
}
