//! Whether what hosts and clients are told is so in the model above.

use concur_cores::NodeId;
use concur_cores::two_phase::{Notice, Outcome, Rules, TransactionId};
use concur_models::two_phase::{Decision, Rm, RmState};

use super::facts::Logged;
use super::mapping::{Above, InstanceAbove, StateAbove, rm_at};
use super::{Cluster, Sites};

/// Whether that is so. What an operator took is told as if it had been decided, so that sizes with operators judge what clients are told, and mismatches.
pub(super) fn is_true<S, A: Above>(
    sites: &Sites<S, A>,
    above: &StateAbove<A>,
    node: NodeId,
    notice: &Notice,
) -> bool {
    let of = |transaction: &TransactionId| above.get(transaction);
    match notice {
        // Of a name that nobody has heard there is nothing to be true or false.
        Notice::Begun { .. } => true,
        Notice::Decided {
            transaction,
            outcome,
        } => is_decided::<A>(of(transaction), decided(*outcome)),
        Notice::Enlisted {
            transaction,
            branch,
        } => of(transaction).is_none_or(|instance| {
            let rm = instance.rms().find(|(_, it)| *it == branch);
            rm.is_none_or(|(rm, _)| is_or_was_working(rm_state::<A>(instance, rm)))
        }),
        Notice::Prepare { transaction } => {
            at::<A>(of(transaction), node).is_some_and(is_or_was_working)
        }
        Notice::InDoubt { transaction } => {
            at::<A>(of(transaction), node) == Some(RmState::Prepared)
        }
        Notice::Commit { .. } | Notice::Abort { .. } if sites.operators => true,
        Notice::Commit { transaction } => decision::<A>(of(transaction)) == Some(Decision::Commit),
        Notice::Abort { transaction } => of(transaction).is_none_or(|instance| {
            A::decision(&instance.state) == Some(Decision::Abort)
                || at::<A>(Some(instance), node).is_none_or(|rm| rm == RmState::Aborted)
        }),
        Notice::Mismatch {
            transaction,
            took,
            decided: outcome,
            ..
        } => took != outcome && decision::<A>(of(transaction)) == Some(decided(*outcome)),
    }
}

/// What waits for a disk is told late: meanwhile the participant may have heard that its transaction is aborted, of which it tells right behind.
fn is_or_was_working(state: RmState) -> bool {
    matches!(state, RmState::Working | RmState::Aborted)
}

fn decided(outcome: Outcome) -> Decision {
    match outcome {
        Outcome::Commit => Decision::Commit,
        Outcome::Abort => Decision::Abort,
    }
}

fn decision<A: Above>(instance: Option<&InstanceAbove<A>>) -> Option<Decision> {
    instance.and_then(|instance| A::decision(&instance.state))
}

fn rm_state<A: Above>(instance: &InstanceAbove<A>, rm: Rm) -> RmState {
    A::rm_states(&instance.state)[rm]
}

/// What the resource manager is that a site is, if it takes part.
fn at<A: Above>(instance: Option<&InstanceAbove<A>>, node: NodeId) -> Option<RmState> {
    let instance = instance?;
    let (rm, _) = rm_at(instance, node)?;
    Some(rm_state::<A>(instance, rm))
}

/// A client is told of a commit when that is decided; of an abort when that is, or is certain: nobody was asked for a vote, or one of those who were has aborted.
fn is_decided<A: Above>(instance: Option<&InstanceAbove<A>>, told: Decision) -> bool {
    let Some(instance) = instance else {
        return told == Decision::Abort;
    };
    match A::decision(&instance.state) {
        Some(decided) => decided == told,
        None => A::is_certain(&instance.state, told),
    }
}

/// Whether a site that starts again remembers each transaction of which its log says last that it is prepared. What operators decide is remembered otherwise (`OperatorsLearn`).
pub(super) fn remembers<R: Rules>(cluster: &Cluster<R>, nth: u8) -> bool {
    let node = &cluster.nodes[usize::from(nth)];
    node.core.as_ref().is_none_or(|core| {
        cluster.history.iter().all(|(transaction, facts)| {
            facts.logged.get(&node.id) != Some(&Logged::Prepared)
                || core.participations().contains_key(transaction)
        })
    })
}
