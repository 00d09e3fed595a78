//! The mapping from a cluster of sites to TwoPhase.tla, transaction by transaction, and the actions for which a step stands.

use concur_cores::NodeId;
use concur_cores::two_phase::{Branch, Record, TransactionId, Vote};
use concur_models::kit::{Id, NodeSet};
use concur_models::two_phase::many::{Action, Instance};
use concur_models::two_phase::protocol::{
    Action as Step, Messages, State as TwoPhaseState, TmState,
};
use concur_models::two_phase::{Rm, RmState, RmStates};

use super::facts::{Facts, Logged};
use super::{Above, Cluster, Core};
use concur_cores::two_phase::Rules;

/// What a cluster is to the model.
pub(super) fn mapped<S: Rules>(cluster: &Cluster<S>) -> Above {
    let asked = cluster.history.iter();
    let asked = asked.filter(|(_, facts)| !facts.branches.is_empty());
    asked
        .map(|(transaction, facts)| (*transaction, instance(cluster, *transaction, facts)))
        .collect()
}

fn instance<S: Rules>(
    cluster: &Cluster<S>,
    transaction: TransactionId,
    facts: &Facts,
) -> Instance<Branch> {
    let mut rm_state = RmStates::all(facts.branches.len(), RmState::Working);
    for (rm, branch) in Rm::first(facts.branches.len()).zip(&facts.branches) {
        rm_state.set(rm, rm_of(cluster, transaction, facts, branch));
    }
    let tm_state = match (facts.committed, facts.aborted) {
        (true, _) => TmState::Committed,
        (false, true) => TmState::Aborted,
        (false, false) => TmState::Init,
    };
    Instance {
        participants: facts.branches.clone(),
        state: TwoPhaseState {
            rm_state,
            tm_state,
            tm_prepared: undecided(tm_state, &rm_state, |rm| {
                facts.read.contains(&facts.branches[rm.index()].site)
            }),
            msgs: Messages {
                prepared: undecided(tm_state, &rm_state, |rm| rm_state[rm] == RmState::Prepared),
                commit: tm_state == TmState::Committed,
                abort: tm_state == TmState::Aborted,
            },
        },
    }
}

/// Some resource managers, as long as it makes a difference who they are.
fn undecided(tm: TmState, rms: &RmStates, which: impl Fn(Rm) -> bool) -> NodeSet<Rm> {
    let rms = rms.nodes().filter(|rm| tm == TmState::Init && which(*rm));
    rms.collect()
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
pub(super) fn rm_at(instance: &Instance<Branch>, site: NodeId) -> Option<(Rm, &Branch)> {
    instance.rms().find(|(_, branch)| branch.site == site)
}

// -------------------------------------------------------------------------------------------------------------- Witness

/// Which actions lead from one state of the model to the next: those that differences ask for, in the order of the protocol. Whether they can be taken, the model says.
pub(super) fn steps(before: &Above, after: &Above) -> Vec<Action<TransactionId, Branch>> {
    let changed = after.iter().filter(|(t, it)| before.get(t) != Some(*it));
    changed
        .flat_map(|(transaction, now)| {
            let begins = Action::Begin(*transaction, now.participants.clone());
            let fresh = Instance::new(now.participants.clone());
            let was = before.get(transaction).cloned();
            let begins = was.is_none().then_some(begins);
            let was = was.or(fresh).map(|it| it.state).unwrap_or(now.state);
            let steps = steps_of_one(&was, &now.state).into_iter();
            let steps = steps.map(|step| Action::Step(*transaction, step));
            begins.into_iter().chain(steps).collect::<Vec<_>>()
        })
        .collect()
}

fn steps_of_one(was: &TwoPhaseState, now: &TwoPhaseState) -> Vec<Step> {
    let rms = || now.rm_state.nodes();
    let told = now.tm_state == TmState::Aborted;
    let mut steps = Vec::new();
    for rm in rms().filter(|rm| was.rm_state[*rm] == RmState::Working) {
        match now.rm_state[rm] {
            RmState::Working => {}
            RmState::Prepared | RmState::Committed => steps.push(Step::RMPrepare(rm)),
            RmState::Aborted if told => {}
            RmState::Aborted => steps.push(Step::RMChooseToAbort(rm)),
        }
    }
    let counted = |rm: &Rm| match now.tm_state {
        TmState::Init => now.tm_prepared.contains(*rm),
        // Those who have voted: that nobody else has is for the model to say.
        TmState::Committed => matches!(now.rm_state[*rm], RmState::Prepared | RmState::Committed),
        TmState::Aborted => false,
    };
    if was.tm_state == TmState::Init {
        let counts = rms().filter(|rm| counted(rm) && !was.tm_prepared.contains(*rm));
        steps.extend(counts.map(Step::TMRcvPrepared));
    }
    if was.tm_state != now.tm_state {
        steps.push(match now.tm_state {
            TmState::Committed => Step::TMCommit,
            TmState::Init | TmState::Aborted => Step::TMAbort,
        });
    }
    for rm in rms().filter(|rm| was.rm_state[*rm] != now.rm_state[*rm]) {
        match now.rm_state[rm] {
            RmState::Committed => steps.push(Step::RMRcvCommitMsg(rm)),
            RmState::Aborted if told => steps.push(Step::RMRcvAbortMsg(rm)),
            _ => {}
        }
    }
    steps
}
