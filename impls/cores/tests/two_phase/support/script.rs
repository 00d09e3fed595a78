//! What scripts of two-phase commit say again and again.

use concur_cores::two_phase::{
    Branch, Message, Mode, Notice, Outcome, Request, Site, Timer, TransactionId, Vote,
};
use concur_cores::{Input, NodeId};
use concur_harness::Cluster;
use concur_rules::Faithful;

use super::{configs, n};

pub(crate) type Sites = Cluster<Site<Faithful>>;

/// That many sites, of which the first so many are acceptors.
pub(crate) fn sites(sites: u64, acceptors: u64) -> Sites {
    Sites::new(configs(sites, acceptors, 4096, Faithful))
}

/// A transaction begins at that coordinator.
pub(crate) fn begin(cluster: &mut Sites, coordinator: NodeId) -> TransactionId {
    cluster.request(coordinator, Request::Begin { token: 1 });
    let begun = cluster
        .notices(coordinator)
        .iter()
        .rev()
        .find_map(|notice| match notice {
            Notice::Begun { transaction, .. } => Some(*transaction),
            _ => None,
        });
    begun.expect("it has begun")
}

/// Those sites take part.
pub(crate) fn enlist(cluster: &mut Sites, transaction: TransactionId, at: &[u64]) -> Vec<Branch> {
    for site in at {
        cluster.request(n(*site), Request::Enlist { transaction });
    }
    let branch = |site: &u64| Branch {
        site: n(*site),
        incarnation: cluster.core(n(*site)).incarnation(),
    };
    at.iter().map(branch).collect()
}

/// A transaction of n1's, at work at those sites, is asked to commit; nothing is delivered yet.
pub(crate) fn submit(cluster: &mut Sites, mode: Mode, at: &[u64]) -> TransactionId {
    let transaction = begin(cluster, n(1));
    let branches = enlist(cluster, transaction, at);
    cluster.request(
        n(1),
        Request::Commit {
            transaction,
            branches,
            mode,
        },
    );
    transaction
}

/// The same, and PREPARE has arrived everywhere.
pub(crate) fn asked(cluster: &mut Sites, mode: Mode, at: &[u64]) -> TransactionId {
    let transaction = submit(cluster, mode, at);
    deliver(cluster, |message| {
        matches!(
            message,
            Message::Prepare { .. } | Message::PrepareOnePhase { .. }
        )
    });
    transaction
}

/// Those hosts vote so.
pub(crate) fn vote(cluster: &mut Sites, transaction: TransactionId, vote: Vote, at: &[u64]) {
    for site in at {
        cluster.request(n(*site), Request::Vote { transaction, vote });
    }
}

/// Those hosts have carried out the commit.
pub(crate) fn applied(cluster: &mut Sites, transaction: TransactionId, at: &[u64]) {
    for site in at {
        cluster.request(n(*site), Request::Applied { transaction });
    }
}

/// What rides along is written there now.
pub(crate) fn flush(cluster: &mut Sites, at: &[u64]) {
    for site in at {
        if cluster.alarms(n(*site)).any(|timer| timer == Timer::Flush) {
            cluster.elapse(n(*site), Timer::Flush);
        }
    }
}

/// All messages arrive for which it is true.
pub(crate) fn deliver(cluster: &mut Sites, wanted: impl Fn(&Message) -> bool) {
    cluster.deliver_where(|packet| wanted(&packet.message));
}

/// All messages are lost for which it is true.
pub(crate) fn lose(cluster: &mut Sites, lost: impl Fn(&Message) -> bool) {
    cluster.drop_where(|packet| lost(&packet.message));
}

/// That message reaches that site, whoever has or has not sent it.
pub(crate) fn receive(cluster: &mut Sites, to: u64, from: u64, message: Message) {
    let from = n(from);
    cluster.input(n(to), Input::Receive { from, message });
}

/// What is on its way, which is lost: to whom, and what.
pub(crate) fn sent(cluster: &mut Sites) -> Vec<(NodeId, Message)> {
    let packets = cluster.network().packets().iter();
    let sent = packets.map(|packet| (packet.to, packet.message.clone()));
    let sent = sent.collect();
    lose(cluster, |_| true);
    sent
}

pub(crate) fn is_commit(message: &Message) -> bool {
    matches!(
        message,
        Message::Decision {
            outcome: Outcome::Commit,
            ..
        }
    )
}

pub(crate) fn is_decision(message: &Message) -> bool {
    matches!(message, Message::Decision { .. })
}

/// What that host was told of the outcome, in order.
pub(crate) fn told(cluster: &Sites, site: u64, transaction: TransactionId) -> Vec<Outcome> {
    let notices = cluster.notices(n(site)).iter();
    let told = |notice: &Notice| match notice {
        Notice::Commit { transaction: it } if *it == transaction => Some(Outcome::Commit),
        Notice::Abort { transaction: it } if *it == transaction => Some(Outcome::Abort),
        _ => None,
    };
    notices.filter_map(told).collect()
}

/// What the client was told.
pub(crate) fn decided(cluster: &Sites, transaction: TransactionId) -> Option<Outcome> {
    cluster
        .notices(transaction.coordinator)
        .iter()
        .find_map(|notice| match notice {
            Notice::Decided {
                transaction: it,
                outcome,
            } if *it == transaction => Some(*outcome),
            _ => None,
        })
}
