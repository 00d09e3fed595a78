//! A story of Raft: what a leader's host is told ahead of the leader's own disk.

use concur_cores::raft::Timer;
use concur_harness::Cluster;

use crate::support::{Server, cluster, elect, heartbeat, n, propose, terms};

/// Two followers have it on their disks: so the leader applies it, and may forget it.
#[test]
fn a_command_is_applied_before_the_leaders_own_disk_has_it_and_outlives_the_leaders_crash() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.story();
    cluster.slow_disk(n(1));
    cluster.take_notices(n(1));
    cluster.request(n(1), propose(&[7]));
    cluster.settle();
    let told = |cluster: &mut Cluster<Server>, id| {
        let told = cluster.take_notices(n(id));
        told.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told(&mut cluster, 1), ["proposed 2..=2 @1", "apply 2@1 7"]);
    assert_eq!(cluster.disk(n(1)).unsynced(), 1, "it is still writing");

    cluster.crash(n(1));
    cluster.restart(n(1));
    assert_eq!(terms(&cluster, 1), [1], "it has forgotten the command");
    cluster.prompt_disk(n(1));
    cluster.elapse(n(3), Timer::Election);
    cluster.drop_where(|_| true);
    elect(&mut cluster, 2);
    heartbeat(&mut cluster, 2);
    for id in [1, 2, 3] {
        let told = told(&mut cluster, id);
        assert!(told.contains(&"apply 2@1 7".to_owned()), "n{id}: {told:?}");
    }
    insta::assert_snapshot!(cluster.story());
}
