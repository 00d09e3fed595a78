//! The mapping from a cluster of sites to the model above, transaction by transaction, and the actions for which a step stands.

mod paxos_commit;
mod two_phase;

use concur_cores::NodeId;
use concur_cores::two_phase::{Branch, Record, Rules, TransactionId, Vote};
use concur_models::kit::Id;
use concur_models::two_phase::many::{Action, Instance, Many, OneTransaction};
use concur_models::two_phase::{Decision, Rm, RmState, RmStates};
use concur_rules::Card;
use stateright::Model;

use super::facts::{Facts, Logged};
use super::{Cluster, Core};

/// A model of one transaction, above sites.
pub trait Above: OneTransaction + Send + Sync + 'static {
    /// The same without each of its rules.
    fn relaxed(&self) -> Vec<(&'static Card, Self)>;

    /// What has happened to a transaction is to the model, where its participants have come that far.
    fn state(facts: &Facts, rm_state: RmStates) -> Self::State;

    /// Which actions lead from one state to the next: those that differences ask for, in the order of the protocol. Whether they can be taken, the model says.
    fn steps(was: &Self::State, now: &Self::State) -> Vec<Self::Action>;

    /// The states of the resource managers.
    fn rm_states(state: &Self::State) -> &RmStates;

    /// What is decided, if anything is.
    fn decision(state: &Self::State) -> Option<Decision>;

    /// Whether a client may be told of that although nothing is decided.
    fn is_certain(state: &Self::State, decision: Decision) -> bool;
}

/// Any number of transactions, above sites.
pub type AboveSites<A> = Many<TransactionId, Branch, A>;

/// A state of them.
pub type StateAbove<A> = <AboveSites<A> as Model>::State;

/// One of them.
pub(super) type InstanceAbove<A> = Instance<Branch, <A as Model>::State>;

/// What a cluster is to the model.
pub(super) fn mapped<A: Above, S: Rules>(cluster: &Cluster<S>) -> StateAbove<A> {
    let asked = cluster.history.iter();
    let asked = asked.filter(|(_, facts)| !facts.branches.is_empty());
    asked
        .map(|(transaction, facts)| (*transaction, instance::<A, S>(cluster, *transaction, facts)))
        .collect()
}

fn instance<A: Above, S: Rules>(
    cluster: &Cluster<S>,
    transaction: TransactionId,
    facts: &Facts,
) -> InstanceAbove<A> {
    let mut rm_state = RmStates::all(facts.branches.len(), RmState::Working);
    for (rm, branch) in Rm::first(facts.branches.len()).zip(&facts.branches) {
        rm_state.set(rm, rm_of(cluster, transaction, facts, branch));
    }
    Instance {
        participants: facts.branches.clone(),
        state: A::state(facts, rm_state),
    }
}

/// A participant is what its log says. One that has voted READ is prepared for ever. One without a record has aborted, unless it can still get one.
fn rm_of<S: Rules>(
    cluster: &Cluster<S>,
    transaction: TransactionId,
    facts: &Facts,
    branch: &Branch,
) -> RmState {
    match facts.logged.get(&branch.site) {
        Some(Logged::Prepared) => RmState::Prepared,
        Some(Logged::Committed) => RmState::Committed,
        Some(Logged::Aborted) => RmState::Aborted,
        None if facts.read.contains(&branch.site) => RmState::Prepared,
        None if is_working(cluster, transaction, branch) => RmState::Working,
        None => RmState::Aborted,
    }
}

/// Whether the work of that branch is not lost: the site remembers it, or its disk is about to.
fn is_working<S: Rules>(cluster: &Cluster<S>, transaction: TransactionId, branch: &Branch) -> bool {
    let node = cluster.node(branch.site);
    let writes = |record: &Record| match record {
        Record::Prepared(of, _) | Record::OnePhase(of) => *of == transaction,
        _ => false,
    };
    let remembers = |core: &Core<S>| {
        core.incarnation() == branch.incarnation
            && (core.participations().contains_key(&transaction)
                || has_read(core, transaction)
                || node.disk.waiting().flat_map(|it| &it.persist).any(writes))
    };
    node.core.as_ref().is_some_and(remembers)
}

/// Whether the site remembers that it has voted READ.
pub(super) fn has_read<S: Rules>(core: &Core<S>, transaction: TransactionId) -> bool {
    let closed = core.closed().get(&transaction);
    closed.is_some_and(|closed| closed.vote == Some(Vote::Read))
}

/// The resource manager that a site is, if it takes part.
pub(super) fn rm_at<V>(instance: &Instance<Branch, V>, site: NodeId) -> Option<(Rm, &Branch)> {
    instance.rms().find(|(_, branch)| branch.site == site)
}

/// Which actions lead from one state of the model to the next, transaction by transaction.
pub(super) fn steps<A: Above>(
    above: &AboveSites<A>,
    before: &StateAbove<A>,
    after: &StateAbove<A>,
) -> Vec<<AboveSites<A> as Model>::Action> {
    let changed = after.iter().filter(|(t, it)| before.get(t) != Some(*it));
    changed
        .flat_map(|(transaction, now)| {
            let begins = Action::Begin(*transaction, now.participants.clone());
            let fresh = above.begun(now.participants.clone());
            let was = before.get(transaction).cloned();
            let begins = was.is_none().then_some(begins);
            let was = was.or(fresh).map(|it| it.state);
            let was = was.unwrap_or_else(|| now.state.clone());
            let steps = A::steps(&was, &now.state).into_iter();
            let steps = steps.map(|step| Action::Step(*transaction, step));
            begins.into_iter().chain(steps).collect::<Vec<_>>()
        })
        .collect()
}
