//! What a cluster of hand-over cores is to the ring's model.

use std::borrow::Cow;
use std::collections::BTreeSet;

use concur_cores::ring::View as CoreView;
use concur_cores::ring::hand_over::{Entry, Message as Said};
use concur_cores::{Effects, NodeId, Protocol};
use concur_models::kit::Id;
use concur_models::ring::unbounded::{Held, Message, ReadState, State, Value, View};
use concur_models::ring::{Key, Node, Write};
use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::RingCores;
use super::outside::{Outside, Reading};
use super::party::{Core, Found, OUTSIDE, Party, Wire};
use super::tokens::{key, value};
use crate::cluster::{Node as ClusterNode, StateOf};

/// A write that nobody asked for: what a history that cannot be is mapped to, so that no step of the model leads there.
const NOBODY: Write = Write(u8::MAX - 1);

/// The model's node of that name.
pub(super) fn node(id: NodeId) -> Node {
    Node::new(id.0 as usize - 1)
}

/// The name of the model's node.
pub(super) fn id(n: Node) -> NodeId {
    NodeId(n.index() as u64 + 1)
}

/// The log of views and the clients, if they are there: they crash only where exploration ends.
pub(super) fn outside<S: RuleSet<Rule>>(cluster: &StateOf<RingCores<S>>) -> Option<&Outside> {
    match &cluster.node(OUTSIDE).core {
        Some(Party::Outside(outside)) => Some(outside),
        _ => None,
    }
}

/// The members of a view.
pub(super) fn members(view: &CoreView) -> View {
    view.members()
        .iter()
        .map(|member| node(member.id))
        .collect()
}

/// The writes that an entry holds, in their order: which client made which version.
fn writes(entry: Option<&Entry>) -> Value {
    let Some(entry) = entry else {
        return Value::new();
    };
    let by = |version| {
        let mut applied = entry.applied.iter();
        let client = applied.find(|(_, applied)| applied.version == version);
        client.map_or(NOBODY, |(client, _)| Write(*client as u8))
    };
    let mut writes: Value = (1..=entry.version).map(by).collect();
    let last = writes.last().copied();
    if last.is_none_or(|w| entry.value != value(w)) {
        writes.push(NOBODY);
    }
    writes
}

/// What a read has found, as a list: the key's value when it had that many writes.
pub(super) fn found(found: &Found, of_key: &Value) -> Value {
    let Some((version, bytes)) = found else {
        return Value::new();
    };
    let then = of_key.get(..*version as usize);
    let right = then.filter(|list| list.last().is_some_and(|w| value(*w) == *bytes));
    right.map_or_else(|| vec![NOBODY], <[Write]>::to_vec)
}

/// The answers to reads: each has found what its key holds, or held.
fn answers<'s, S: RuleSet<Rule>>(
    cluster: &'s StateOf<RingCores<S>>,
    outside: &'s Outside,
    above: &'s State,
) -> impl Iterator<Item = Message> + 's {
    cluster.sent().filter_map(|packet| match &packet.message {
        Wire::Answer(r, got) => {
            let of_key = outside.reads[r.index()].key().map(|k| above.value(k));
            Some(Message::Answer(*r, found(got, &of_key.unwrap_or_default())))
        }
        _ => None,
    })
}

/// A read: since when it was asked for, how far it has come.
fn read(since: Option<&Value>, reading: &Reading, above: &State) -> ReadState {
    match reading {
        Reading::New => ReadState::New,
        Reading::Asked(k) => ReadState::Asked(*k, since.cloned().unwrap_or_default()),
        Reading::Got(k, got) => ReadState::Got(*k, found(got, &above.value(*k))),
    }
}

impl<S: RuleSet<Rule>> RingCores<S> {
    /// What a node would be if it started now from what its disk holds: that is what it is to anyone else.
    ///
    /// A core whose disk has nothing waiting is asked itself. If it were something else than its disk says, a crash would show it.
    fn durable<'c>(&self, at: &'c ClusterNode<Party<Core<S>>>) -> Cow<'c, Core<S>> {
        match &at.core {
            Some(Party::Node { core, .. }) if at.disk.unsynced() == 0 => Cow::Borrowed(core),
            _ => Cow::Owned(self.recovered(at.id, at.disk.durable())),
        }
    }

    /// The model's state.
    pub(super) fn state(&self, cluster: &StateOf<Self>) -> State {
        let Some(outside) = outside(cluster) else {
            return self.above.initial(View::new());
        };
        let views: Vec<View> = outside.views.iter().map(members).collect();
        let nodes = || self.above.nodes().map(|n| cluster.node(id(n)));
        let down = nodes().filter(|at| at.core.is_none());
        let cores: Vec<_> = nodes().map(|at| self.durable(at)).collect();
        let held = |core: &Core<S>| self.keys().map(|k| self.held(&views, core, k)).collect();
        let mut above = State {
            epoch: cores.iter().map(|core| core.epoch() as u32).collect(),
            held: cores.iter().map(|core| held(core)).collect(),
            down: down.map(|at| node(at.id)).collect(),
            views,
            crashes: cluster.crashes,
            writes: outside.writes.clone(),
            reads: Vec::new(),
            messages: BTreeSet::new(),
        };
        // What arrived is told by what nodes hold; and what reads have found by both, since what arrived is not in flight any more.
        above.messages = self.messages(cluster, &above);
        let answers: Vec<_> = answers(cluster, outside, &above).collect();
        above.messages.extend(answers);
        let reads = (0..).zip(&outside.reads);
        above.reads = reads
            .map(|(r, reading)| read(cluster.history.get(&r), reading, &above))
            .collect();
        above
    }

    fn keys(&self) -> impl Iterator<Item = Key> + use<S> {
        Key::first(self.above.keys)
    }

    fn held(&self, views: &[View], core: &Core<S>, k: Key) -> Held {
        let bytes = key(k);
        if core.serves(&bytes) {
            return Held::Here(writes(core.held(&bytes)));
        }
        let owned = |e: u64| self.above.lookup(&views[e as usize - 1], k) == Some(node(core.id()));
        // What was handed over and came back since is an old copy, beside a newer one.
        let copies = core
            .handed(&bytes)
            .filter(|(e, ..)| !(e + 1..core.epoch()).any(owned));
        let latest = copies.max_by_key(|(epoch, ..)| *epoch);
        latest.map_or(Held::Nothing, |(e, _, entry)| {
            Held::Handing(writes(entry), e as u32)
        })
    }

    /// What was sent, but for answers.
    fn messages(&self, cluster: &StateOf<Self>, above: &State) -> BTreeSet<Message> {
        let mut messages = BTreeSet::new();
        for packet in cluster.sent() {
            match &packet.message {
                Wire::Core(Said::Data {
                    epoch,
                    range,
                    entries,
                }) => {
                    for k in self
                        .keys()
                        .filter(|k| range.contains(self.placement.of_key(*k)))
                    {
                        let entry = entries.iter().find(|(of, _)| *of == key(k));
                        let sent = writes(entry.map(|(_, entry)| entry));
                        messages.insert(Message::Data(k, *epoch as u32, sent));
                    }
                }
                Wire::Host(request) => messages.extend(super::truth::request(request)),
                Wire::Answer(..) | Wire::Core(Said::Got { .. }) | Wire::Done(_) => {}
            }
        }
        messages.extend(self.arrived(above));
        let held = above.held.iter().flatten().filter_map(Held::value);
        messages.extend(held.flatten().map(|w| Message::Done(*w)));
        messages
    }

    /// What has arrived, and may be acknowledged: the data of each key that its owner since that epoch has, or had when it went on.
    fn arrived<'s>(&'s self, above: &'s State) -> impl Iterator<Item = Message> + 's {
        let gains = move |k: Key, e: u32| {
            let [before, owner] = [e - 1, e].map(|e| self.above.lookup(above.view(e), k));
            owner.filter(|_| before != owner)
        };
        let has_it = move |n: Node, k: Key, e: u32| {
            let epoch = above.epoch[n.index()];
            epoch > e || epoch == e && above.held(n, k).is_here()
        };
        let of_key = move |k| {
            let epochs = 2..=above.current();
            epochs.filter_map(move |e| {
                gains(k, e)
                    .filter(|n| has_it(*n, k, e))
                    .map(|_| Message::Got(k, e))
            })
        };
        self.keys().flat_map(of_key)
    }

    /// A core as it starts from these records.
    pub(super) fn recovered(&self, id: NodeId, records: &[super::party::OnDisk]) -> Core<S> {
        let records: Vec<_> = records.iter().map(|r| r.record.clone()).collect();
        Core::recover(self.config(id), &records, &mut Effects::new())
    }
}
