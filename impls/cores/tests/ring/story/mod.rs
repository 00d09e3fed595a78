//! How the stories of the ring are told: three nodes, a log of views, and one client.

use concur_cores::NodeId;
use concur_cores::ring::hand_over::{Ask, Bytes, Config, Message, Node, Notice, Request, Why};
use concur_cores::ring::{Member, Scheme, View};
use concur_harness::Cluster;

pub(crate) const N1: NodeId = NodeId(1);
pub(crate) const N2: NodeId = NodeId(2);
pub(crate) const N3: NodeId = NodeId(3);
/// A key that n1 owns as long as it is a member, whoever else is.
pub(crate) const KEY: &str = "gamma";

/// A cluster of three nodes and a log of views, in which the first ones are members.
pub(crate) struct Story {
    pub(crate) cluster: Cluster<Node>,
    views: Vec<View>,
    sequence: u64,
}

impl Story {
    pub(crate) fn new(members: &[NodeId]) -> Self {
        let members = members.iter().copied().map(Member::new);
        let genesis = View::new(1, Scheme::Xxh3, 1, members).unwrap();
        let config = |id| (id, Config::new(id, genesis.clone()));
        Self {
            cluster: Cluster::new([N1, N2, N3].map(config)),
            views: vec![genesis],
            sequence: 0,
        }
    }

    pub(crate) fn view(&self, epoch: usize) -> &View {
        &self.views[epoch - 1]
    }

    pub(crate) fn joins(&mut self, id: NodeId) {
        let next = self.views.last().unwrap().join(Member::new(id)).unwrap();
        self.views.push(next);
    }

    pub(crate) fn leaves(&mut self, id: NodeId) {
        let next = self.views.last().unwrap().leave(id).unwrap();
        self.views.push(next);
    }

    pub(crate) fn install(&mut self, id: NodeId, epoch: usize) {
        let view = self.view(epoch).clone();
        self.cluster.request(id, Request::Install(view));
    }

    pub(crate) fn install_all(&mut self, epoch: usize) {
        [N1, N2, N3]
            .into_iter()
            .for_each(|id| self.install(id, epoch));
    }

    pub(crate) fn ask(&mut self, epoch: u64) -> Ask {
        self.sequence += 1;
        Ask {
            client: 7,
            sequence: self.sequence,
            epoch,
            key: KEY.into(),
        }
    }

    pub(crate) fn write(&mut self, id: NodeId, epoch: u64, value: &str) -> Option<Notice> {
        let ask = self.ask(epoch);
        self.cluster.request(id, Request::Write(ask, value.into()));
        self.cluster.take_notices(id).pop()
    }

    pub(crate) fn read(&mut self, id: NodeId, epoch: u64) -> Option<Notice> {
        let ask = self.ask(epoch);
        self.cluster.request(id, Request::Read(ask));
        self.cluster.take_notices(id).pop()
    }

    pub(crate) fn holds(&mut self, id: NodeId, epoch: u64, value: &str) {
        let Some(Notice::Value {
            found: Some((_, found)),
            ..
        }) = self.read(id, epoch)
        else {
            panic!("{id} does not answer in epoch {epoch}");
        };
        assert_eq!(found, Bytes::from(value));
    }

    pub(crate) fn refuses(&self, rule: &str) -> u64 {
        self.cluster.refused().get(rule).copied().unwrap_or(0)
    }
}

pub(crate) fn written(notice: Option<Notice>, version: u64) {
    assert!(
        matches!(notice, Some(Notice::Written { version: v, .. }) if v == version),
        "{notice:?}"
    );
}

pub(crate) fn refused(notice: Option<Notice>, why: Why) {
    assert!(
        matches!(notice, Some(Notice::Refused { why: w, .. }) if w == why),
        "{notice:?}"
    );
}

pub(crate) fn is_data(message: &Message) -> bool {
    matches!(message, Message::Data { .. })
}
