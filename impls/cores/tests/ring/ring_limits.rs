//! What a node of the ring holds of many keys while ranges change hands, and what its host may look at.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use concur_cores::NodeId;
use concur_cores::ring::hand_over::{Ask, Bytes, Config, Node, Notice, Request, Timer};
use concur_cores::ring::{Member, Ring, Scheme, View};
use concur_harness::Cluster;

use crate::story::{KEY, N1, N2, N3, Story, is_data, written};

const KEYS: u64 = 60;

fn view(epoch: u64, members: &[NodeId]) -> View {
    let members = members.iter().copied().map(Member::new);
    View::new(epoch, Scheme::Xxh3, 1, members).unwrap()
}

fn key(number: u64) -> Bytes {
    Bytes::from(format!("key {number}").as_str())
}

fn ask(epoch: u64, number: u64) -> Ask {
    Ask {
        client: 7,
        sequence: 1,
        epoch,
        key: key(number),
    }
}

/// Installs that view everywhere, and delivers what follows.
fn install(cluster: &mut Cluster<Node>, view: &View) {
    for id in [N1, N2, N3] {
        cluster.request(id, Request::Install(view.clone()));
    }
    cluster.settle();
}

#[test]
fn every_key_follows_its_owner_whatever_changes() {
    let changes: [&[NodeId]; 7] = [
        &[N1],
        &[N1, N2],
        &[N1, N2, N3],
        &[N2, N3],
        &[N1],
        &[N3],
        &[N1, N2],
    ];
    let genesis = view(1, changes[0]);
    let config = |id| (id, Config::new(id, genesis.clone()));
    let mut cluster: Cluster<Node> = Cluster::new([N1, N2, N3].map(config));
    for number in 0..KEYS {
        let value = key(number);
        cluster.request(N1, Request::Write(ask(1, number), value));
    }
    for (epoch, members) in (2..).zip(&changes[1..]) {
        let view = view(epoch, members);
        install(&mut cluster, &view);
        let ring = Ring::new(view);
        for number in 0..KEYS {
            let key = key(number);
            for id in [N1, N2, N3] {
                let owns = ring.owner(&key.0) == id;
                let held = cluster.core(id).held(&key);
                assert_eq!(held.is_some(), owns, "{id} and {key} in {epoch}");
                assert_eq!(cluster.core(id).serves(&key), owns);
            }
        }
    }
    let restarted: BTreeMap<_, _> = [N1, N2]
        .into_iter()
        .map(|id| (id, cluster.core(id).clone()))
        .collect();
    for (id, before) in restarted {
        cluster.crash(id);
        cluster.restart(id);
        assert_eq!(*cluster.core(id), before, "its disk knows all of it");
    }
}

#[test]
fn a_key_is_served_when_its_data_is_there_and_not_before() {
    let mut story = Story::new(&[N2, N3]);
    let key = Bytes::from(KEY);
    written(story.write(N3, 1, "old"), 1);
    let serve = |story: &Story| [N1, N2, N3].map(|id| story.cluster.core(id).serves(&key));
    assert_eq!(serve(&story), [false, false, true]);
    assert!(
        [N1, N2, N3]
            .iter()
            .all(|id| story.cluster.alarms(*id).next().is_none())
    );
    story.joins(N1);
    story.install_all(2);
    assert_eq!(serve(&story), [false; 3], "it is on its way");
    assert!(story.cluster.alarms(N3).eq([Timer::Resend]));
    let of = |story: &Story, key: &Bytes| {
        let handed = story.cluster.core(N3).handed(key);
        handed
            .map(|(_, to, entry)| (to, entry.map(|entry| entry.version)))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&story, &key), [(N1, Some(1))]);
    story.cluster.drop_where(|packet| is_data(&packet.message));
    story.cluster.elapse(N3, Timer::Resend);
    story.cluster.settle();
    assert_eq!(serve(&story), [true, false, false]);
    assert_eq!(of(&story, &key), []);
    assert!(story.cluster.alarms(N3).next().is_none());
}

#[test]
fn of_what_is_handed_over_each_key_has_its_own_data() {
    let genesis = view(1, &[N1]);
    let config = |id| (id, Config::new(id, genesis.clone()));
    let mut cluster: Cluster<Node> = Cluster::new([N1, N2, N3].map(config));
    for number in 0..KEYS {
        cluster.request(N1, Request::Write(ask(1, number), key(number)));
    }
    cluster.request(N1, Request::Install(view(2, &[N2])));
    for number in 0..KEYS {
        let key = key(number);
        let mut handed = cluster.core(N1).handed(&key);
        let (epoch, to, entry) = handed.next().expect("everything is");
        assert_eq!((epoch, to), (2, N2));
        assert_eq!(entry.map(|entry| &entry.value), Some(&key));
        assert!(handed.next().is_none(), "once");
    }
}

#[test]
fn nodes_are_equal_that_know_the_same() {
    let hash = |node: &Node| {
        let mut hasher = DefaultHasher::new();
        node.hash(&mut hasher);
        hasher.finish()
    };
    let mut story = Story::new(&[N1, N2]);
    let before = story.cluster.core(N1).clone();
    let same = before.clone();
    assert!(before == same && hash(&before) == hash(&same));
    let notice = story.write(N1, 1, "new");
    assert!(matches!(notice, Some(Notice::Written { .. })));
    let after = story.cluster.core(N1);
    assert!(before != *after && hash(&before) != hash(after));
}
