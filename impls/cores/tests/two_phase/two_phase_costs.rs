//! What a transaction costs: the forced writes at each site, counted, as the page of the core promises.

use crate::support::n;
use crate::support::script::{Sites, applied, asked, decided, flush, sites, vote};
use concur_cores::two_phase::{Image, Mode, Vote};

/// Runs one transaction of n1's whose participants are n2, n3, …, one for each vote, with the acceptors at the first sites;
/// and counts the forced writes of each site until all is done but what rides along.
fn forced(mode: Mode, acceptors: u64, votes: &[Vote]) -> Vec<u64> {
    let all = 1 + votes.len() as u64;
    let mut cluster = sites(all, acceptors.min(all));
    let before = syncs(&cluster);
    let participants: Vec<u64> = (2..=all).collect();
    let transaction = asked(&mut cluster, mode, &participants);
    for (site, cast) in participants.iter().zip(votes) {
        vote(&mut cluster, transaction, *cast, &[*site]);
    }
    cluster.settle();
    applied(&mut cluster, transaction, &participants);
    cluster.settle();
    assert!(decided(&cluster, transaction).is_some());
    let forced = syncs(&cluster)
        .iter()
        .zip(before)
        .map(|(now, before)| now - before)
        .collect();
    nothing_remains(&mut cluster);
    forced
}

fn syncs(cluster: &Sites) -> Vec<u64> {
    cluster.ids().map(|id| cluster.syncs(id)).collect()
}

/// One flush at each site, for all that rides along, and the logs are clear.
fn nothing_remains(cluster: &mut Sites) {
    let all: Vec<u64> = cluster.ids().map(|id| id.0).collect();
    for _ in 0..3 {
        flush(cluster, &all);
        cluster.settle();
    }
    for site in all {
        assert!(
            Image::of(cluster.disk(n(site)).durable()).is_clear(),
            "n{site} has cleared its log"
        );
    }
}

use Vote::{No, Read, Yes};

#[test]
fn a_commit_of_n_participants_forces_n_plus_one_writes() {
    assert_eq!(forced(Mode::TwoPhase, 0, &[Yes, Yes]), [1, 1, 1]);
    assert_eq!(
        forced(Mode::TwoPhase, 0, &[Yes, Yes, Yes, Yes]),
        [1, 1, 1, 1, 1]
    );
}

#[test]
fn readers_force_nothing_and_a_commit_of_readers_only_nothing_at_all() {
    assert_eq!(forced(Mode::TwoPhase, 0, &[Yes, Read, Yes]), [1, 1, 0, 1]);
    assert_eq!(forced(Mode::TwoPhase, 0, &[Read, Read]), [0, 0, 0]);
}

#[test]
fn an_abort_forces_nothing_at_the_coordinator() {
    assert_eq!(forced(Mode::TwoPhase, 0, &[Yes, No]), [0, 1, 0]);
    assert_eq!(forced(Mode::TwoPhase, 0, &[No, No]), [0, 0, 0]);
}

#[test]
fn a_single_participant_decides_with_one_write() {
    assert_eq!(forced(Mode::TwoPhase, 0, &[Yes]), [0, 1]);
    assert_eq!(forced(Mode::TwoPhase, 0, &[No]), [0, 0]);
    assert_eq!(forced(Mode::TwoPhase, 0, &[Read]), [0, 0]);
}

#[test]
fn paxos_commit_forces_one_write_at_each_participant_and_each_acceptor() {
    assert_eq!(forced(Mode::PaxosCommit, 1, &[Yes, Yes]), [1, 1, 1]);
    assert_eq!(forced(Mode::PaxosCommit, 3, &[Yes, Yes]), [1, 2, 2]);
    assert_eq!(
        forced(Mode::PaxosCommit, 3, &[Yes, Read, Yes]),
        [1, 2, 1, 1]
    );
    assert_eq!(forced(Mode::PaxosCommit, 3, &[Yes, Yes, No]), [1, 2, 2, 0]);
}
