//! Whether what hosts and clients are told is so in TwoPhase.tla.

use concur_cores::NodeId;
use concur_cores::two_phase::{Branch, Mode, Notice, Outcome, Rules, TransactionId};
use concur_models::kit::NodeSet;
use concur_models::two_phase::RmState;
use concur_models::two_phase::many::Instance;
use concur_models::two_phase::protocol::TmState;

use super::facts::Logged;
use super::mapping::rm_at;
use super::{Above, Cluster, Sites};

/// Whether that is so. What an operator took is told as if it had been decided, so that sizes with operators judge what clients are told, and mismatches.
pub(super) fn is_true<S>(sites: &Sites<S>, above: &Above, node: NodeId, notice: &Notice) -> bool {
    let of = |transaction: &TransactionId| above.get(transaction);
    match notice {
        // Of a name that nobody has heard there is nothing to be true or false.
        Notice::Begun { .. } => true,
        Notice::Decided {
            transaction,
            outcome,
        } => is_decided(sites, of(transaction), *outcome),
        Notice::Enlisted {
            transaction,
            branch,
        } => of(transaction).is_none_or(|instance| {
            let rm = instance.rms().find(|(_, it)| *it == branch);
            rm.is_none_or(|(rm, _)| is_or_was_working(instance.state.rm_state[rm]))
        }),
        Notice::Prepare { transaction } => {
            let rm = of(transaction).and_then(|it| Some((it, rm_at(it, node)?.0)));
            rm.is_some_and(|(it, rm)| is_or_was_working(it.state.rm_state[rm]))
        }
        Notice::InDoubt { transaction } => is(of(transaction), node, RmState::Prepared),
        Notice::Commit { .. } | Notice::Abort { .. } if sites.operators => true,
        Notice::Commit { transaction } => decision(of(transaction)) == TmState::Committed,
        Notice::Abort { transaction } => of(transaction).is_none_or(|instance| {
            instance.state.tm_state == TmState::Aborted
                || rm_at(instance, node)
                    .is_none_or(|(rm, _)| instance.state.rm_state[rm] == RmState::Aborted)
        }),
        Notice::Mismatch {
            transaction,
            took,
            decided,
            ..
        } => {
            took != decided
                && decision(of(transaction))
                    == match decided {
                        Outcome::Commit => TmState::Committed,
                        Outcome::Abort => TmState::Aborted,
                    }
        }
    }
}

/// What waits for a disk is told late: meanwhile the participant may have heard that its transaction is aborted, of which it tells right behind.
fn is_or_was_working(state: RmState) -> bool {
    matches!(state, RmState::Working | RmState::Aborted)
}

fn decision(instance: Option<&Instance<Branch>>) -> TmState {
    instance.map_or(TmState::Init, |instance| instance.state.tm_state)
}

fn is(instance: Option<&Instance<Branch>>, node: NodeId, state: RmState) -> bool {
    let rm = instance.and_then(|instance| Some((instance, rm_at(instance, node)?.0)));
    rm.is_some_and(|(instance, rm)| instance.state.rm_state[rm] == state)
}

/// A client is told of a commit when the transaction manager has committed; of an abort when that is decided, or certain: nobody was asked for a vote, or one of those who were has aborted.
/// Where all have only read, the transaction manager may still do either, and nobody but the client is concerned.
fn is_decided<S>(sites: &Sites<S>, instance: Option<&Instance<Branch>>, outcome: Outcome) -> bool {
    let Some(instance) = instance else {
        return outcome == Outcome::Abort;
    };
    let state = &instance.state;
    let two_phase = sites.mode == Mode::TwoPhase;
    let all = NodeSet::first(instance.participants.len());
    match (outcome, state.tm_state) {
        (Outcome::Commit, TmState::Committed) | (Outcome::Abort, TmState::Aborted) => true,
        (_, TmState::Init) if two_phase && state.tm_prepared == all => true,
        (Outcome::Commit, TmState::Init) => false,
        (Outcome::Abort, TmState::Init) => two_phase && state.rm_state.contains(RmState::Aborted),
        (Outcome::Commit, TmState::Aborted) | (Outcome::Abort, TmState::Committed) => false,
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
