//! The hash ring's hand-over: `Ring ⊐ cores`.
//!
//! A node is what its disk says: the model's node installs, accepts, receives and deletes when the record is durable, before anyone hears of it; what a core has in memory beyond that
//! is there for nobody. So a slow disk, and a crash that loses what was not synced, need no action of the model. The data of a range is sent by the step that installs the view, which
//! therefore stands for `Install` and, key by key, for `HandOver`; and a range arrives, and is deleted, with all its keys.
//!
//! The model above is the ring of `unbounded`, which is `ring` on lists: so the same mapping serves exploration and random runs of large clusters. All its actions are witnessed.
//!
//! What the mapping forgets, and why:
//! - ranges, and that the data of one is on its way, where no key lies in it: the model has keys only;
//! - a copy of an earlier hand-over whose acknowledgement was lost, once the key has come back: the model's node has one copy of a key, and the core deletes the old one when the
//!   acknowledgement comes;
//! - whether the acknowledgement of a range (`Got`), and that of a write (`Done`), was sent: the model says so as soon as the data is durable, which is when the core may. That a core
//!   says it too early shows when the old owner deletes, or the client believes it, what the model has not;
//! - refusals, `Settled`, `HandedOver`, `Retired`: they move nobody but whom they tell, and what hosts are told is checked by itself;
//! - the alarm, and checkpoints: they say when, and how, not what;
//! - the number of a client's request: each write has a client of its own, as in the model. That later requests of one client supersede earlier ones is for the stories.

mod claims;
mod configs;
mod mapping;
mod outside;
mod party;
mod tokens;
mod truth;
mod witness;

use std::collections::BTreeMap;

use concur_cores::ring::hand_over::{Config, Notice, Request};
use concur_cores::ring::{Member, Scheme, View};
use concur_cores::{Effects, Input, NodeId, Protocol};
use concur_models::kit::{Mapped, StepProperty};
use concur_models::ring::WriteState;
use concur_models::ring::unbounded::{Action, State, UnboundedRing, Value};
use concur_rules::ring::RingRule as Rule;
use concur_rules::{AllBut, Card, RuleSet};
use stateright::Property;

use crate::cluster::{Event, Packet, StateOf, Step};
use crate::correspondence::without_each;
use crate::{Clustered, Correspondence, Kept};

pub use configs::RingCoresRung;
pub use outside::{Outside, Reading, Wish};
pub use party::{Core, CoreConfig, Found, OUTSIDE, OnDisk, Party, PartyConfig, Wire};
pub use tokens::Tokens;

/// The model above.
pub type AboveRing = UnboundedRing<AllBut<Rule>>;

/// Hand-over nodes, a log of views, clients, and the model above.
#[derive(Clone, Debug)]
pub struct RingCores<S> {
    /// The model above, which has the sizes.
    pub above: AboveRing,
    /// Where tokens and keys lie: as in the model above.
    pub placement: Tokens,
    /// Whether hosts ask for checkpoints, and would like to switch nodes off.
    pub hosts: bool,
    /// By how many of the last views clients route.
    pub known: usize,
    /// Whether writes take time.
    pub slow_disks: bool,
    /// Whether hosts do not wait for their disks: wrong, so that it is seen to be noticed.
    pub hasty: bool,
    /// The most writes that a disk may have waiting.
    pub backlog: usize,
    /// The rules that are kept.
    pub rules: S,
}

impl<S: RuleSet<Rule>> RingCores<S> {
    fn genesis(&self) -> View {
        let members = (1..=self.above.first.unwrap_or(1) as u64).map(|id| Member::new(NodeId(id)));
        View::new(1, Scheme::Xxh3, 1, members).expect("there is a first member")
    }

    fn config(&self, id: NodeId) -> CoreConfig<S> {
        Config {
            id,
            genesis: self.genesis(),
            placement: self.placement.clone(),
            rules: Kept(self.rules.clone()),
        }
    }

    fn outside(&self) -> Outside {
        Outside {
            nodes: self.above.tokens.len(),
            hosts: self.hosts,
            views: vec![self.genesis()],
            writes: vec![WriteState::New; self.above.writes],
            reads: vec![Reading::New; self.above.reads],
        }
    }
}

impl<S: RuleSet<Rule>> Correspondence for RingCores<S> {
    type Core = Party<Core<S>>;
    type Above = AboveRing;
    /// What the key of each read held when it was first asked for.
    type History = BTreeMap<u8, Value>;

    /// A crash after some records, each of which may speak of all keys, in two ways.
    const STEPS: usize = 128;
    const BOUNDS: &'static [&'static str] = &["crashes", "backlog", "crashes of what is outside"];

    fn configs(&self) -> Vec<(NodeId, PartyConfig<CoreConfig<S>>)> {
        let ids = (1..=self.above.tokens.len() as u64).map(NodeId);
        let node = |id| PartyConfig::Node {
            core: self.config(id),
            hasty: self.hasty,
        };
        let nodes = ids.map(|id| (id, node(id)));
        let outside = [(OUTSIDE, PartyConfig::Outside(self.outside()))];
        nodes.chain(outside).collect()
    }

    fn above(&self) -> AboveRing {
        self.above.clone()
    }

    fn relaxed(&self) -> Vec<(&'static Card, AboveRing)> {
        without_each(|rules| AboveRing {
            rules,
            ..self.above.clone()
        })
    }

    fn mapped(&self, cluster: &StateOf<Self>) -> State {
        self.state(cluster)
    }

    fn remember(&self, step: &Step<'_, Self>) -> Option<Self::History> {
        match step.event {
            Event::Request(_, Wish::Read(r, k, _)) if !step.before.history.contains_key(&r.0) => {
                let mut since = (*step.before.history).clone();
                since.insert(r.0, self.state(step.before).value(*k));
                Some(since)
            }
            _ => None,
        }
    }

    fn witness(
        &self,
        before: &StateOf<Self>,
        event: &Event<Self::Core>,
        _: &StateOf<Self>,
        mapped: Mapped<'_, Self::Above>,
    ) -> Vec<Action> {
        self.actions(before, event, mapped)
    }

    fn requests(&self, cluster: &StateOf<Self>, node: NodeId) -> Vec<Wish> {
        let outside = mapping::outside(cluster).filter(|_| node == OUTSIDE);
        let Some(outside) = outside else {
            return Vec::new();
        };
        let sent = cluster.sent().filter_map(|packet| match &packet.message {
            Wire::Host(request) => Some(request),
            _ => None,
        });
        let (views, keys) = (self.above.epochs as usize, self.above.keys);
        outside.wishes(views, self.known, keys, &sent.collect())
    }

    /// A client that is refused is told so when the disk is idle. While it is not, a refusal would only wait, and tell the same.
    fn may_matter(&self, cluster: &StateOf<Self>, packet: &Packet<Self::Core>) -> bool {
        let node = cluster.node(packet.to);
        let Some(Party::Node { core, .. }) =
            node.core.as_ref().filter(|_| node.disk.unsynced() > 0)
        else {
            return true;
        };
        let Wire::Host(Request::Write(ask, _) | Request::Read(ask)) = &packet.message else {
            return true;
        };
        ask.epoch == core.epoch() && core.serves(&ask.key)
    }

    fn slow_disks(&self) -> bool {
        self.slow_disks
    }

    fn crashes(&self) -> u32 {
        self.above.crashes
    }

    fn exceeded(&self, cluster: &StateOf<Self>) -> Option<usize> {
        let late = cluster
            .nodes
            .iter()
            .any(|node| node.disk.unsynced() > self.backlog);
        let outside = mapping::outside(cluster).is_none();
        late.then_some(1).or_else(|| outside.then_some(2))
    }

    /// One checkpoint says what all records say; and a node that is as it began needs none.
    fn tidy(&self, records: &mut Vec<OnDisk>) {
        let Some(of) = records.first().map(|record| record.of) else {
            return;
        };
        let checkpoint = |records: &[OnDisk]| {
            let mut effects = Effects::new();
            self.recovered(of, records)
                .step(Input::Request(Request::Checkpoint), &mut effects);
            effects.persist.pop().map(|record| OnDisk { of, record })
        };
        let tidied = checkpoint(records);
        let new = tidied == checkpoint(&[]);
        *records = tidied.into_iter().filter(|_| !new).collect();
    }

    fn is_true(&self, above: &State, node: NodeId, notice: &Notice) -> bool {
        self.so(above, mapping::node(node), notice)
    }

    fn has_told(&self, cluster: &StateOf<Self>) -> bool {
        let acked = |state: &WriteState| matches!(state, WriteState::Acked(_));
        mapping::outside(cluster).is_some_and(|outside| outside.writes.iter().any(acked))
    }

    fn properties() -> Vec<Property<Clustered<Self>>> {
        claims::properties()
    }

    fn step_properties() -> Vec<StepProperty<Clustered<Self>>> {
        claims::of_steps()
    }
}
