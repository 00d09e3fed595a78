//! The cluster: nodes, their disks and alarms, the network between them, and the story of what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use concur_cores::{Effects, Input, NodeId, Protocol};
use concur_rules::Rule as _;

use crate::{Disk, Network, Packet};

/// More messages than any script delivers at once.
const RESTLESS: usize = 100_000;

#[derive(Clone, Debug)]
struct Node<P: Protocol> {
    config: P::Config,
    core: Option<P>,
    disk: Disk<P>,
    syncs: u64,
    slow: bool,
    alarms: BTreeSet<P::Timer>,
    notices: Vec<P::Notice>,
}

impl<P: Protocol> Node<P> {
    /// Makes the oldest unsynced write durable, and counts that.
    fn sync_one(&mut self) -> Option<Effects<P>> {
        let oldest = self.disk.waiting().next();
        let forced = oldest.is_some_and(|effects| !effects.persist.is_empty());
        self.syncs += u64::from(forced);
        self.disk.sync_one()
    }
}

/// Any number of cores of one protocol, in one thread.
///
/// A node that is not there, or is down, makes a method that speaks of it panic: a script that says so is wrong.
#[derive(Clone, Debug)]
pub struct Cluster<P: Protocol> {
    nodes: BTreeMap<NodeId, Node<P>>,
    network: Network<P>,
    refused: BTreeMap<&'static str, u64>,
    story: Option<String>,
}

impl<P: Protocol> Cluster<P> {
    /// A cluster of new nodes, all of them started.
    pub fn new(configs: impl IntoIterator<Item = (NodeId, P::Config)>) -> Self {
        Self::with_story(configs, Some(String::new()))
    }

    /// The same, without a story: for long runs.
    pub fn silent(configs: impl IntoIterator<Item = (NodeId, P::Config)>) -> Self {
        Self::with_story(configs, None)
    }

    fn with_story(
        configs: impl IntoIterator<Item = (NodeId, P::Config)>,
        story: Option<String>,
    ) -> Self {
        let mut cluster = Self {
            nodes: BTreeMap::new(),
            network: Network::default(),
            refused: BTreeMap::new(),
            story,
        };
        for (id, config) in configs {
            let node = Node {
                config,
                core: None,
                disk: Disk::default(),
                syncs: 0,
                slow: false,
                alarms: BTreeSet::new(),
                notices: Vec::new(),
            };
            cluster.nodes.insert(id, node);
            cluster.start(id);
        }
        cluster
    }

    /// The nodes, up or down.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes.keys().copied()
    }

    /// The nodes that are up.
    pub fn up(&self) -> impl Iterator<Item = (NodeId, &P)> + '_ {
        self.nodes
            .iter()
            .filter_map(|(id, node)| Some((*id, node.core.as_ref()?)))
    }

    /// That node's core.
    pub fn core(&self, id: NodeId) -> &P {
        self.nodes[&id].core.as_ref().expect("the node is up")
    }

    /// Whether the node is up.
    pub fn is_up(&self, id: NodeId) -> bool {
        self.nodes[&id].core.is_some()
    }

    /// That node's disk.
    pub fn disk(&self, id: NodeId) -> &Disk<P> {
        &self.nodes[&id].disk
    }

    /// How many writes with records have become durable there: what a protocol costs at a disk that syncs each of them.
    pub fn syncs(&self, id: NodeId) -> u64 {
        self.nodes[&id].syncs
    }

    /// The alarms that are set on that node.
    pub fn alarms(&self, id: NodeId) -> impl Iterator<Item = P::Timer> + '_ {
        self.nodes[&id].alarms.iter().copied()
    }

    /// The network.
    pub fn network(&self) -> &Network<P> {
        &self.network
    }

    /// What that node's host was told, oldest first.
    pub fn notices(&self, id: NodeId) -> &[P::Notice] {
        &self.nodes[&id].notices
    }

    /// Takes what that node's host was told since the last time.
    pub fn take_notices(&mut self, id: NodeId) -> Vec<P::Notice> {
        std::mem::take(&mut self.node(id).notices)
    }

    /// How often each rule has refused something, by the rule's name.
    pub fn refused(&self) -> &BTreeMap<&'static str, u64> {
        &self.refused
    }

    /// What has happened, a line for each event; taken, so that the next story begins afresh.
    pub fn story(&mut self) -> String {
        self.story.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Adds a line of the author's to the story.
    pub fn say(&mut self, line: &str) {
        self.tell(|| format!("# {line}"));
    }

    /// A client, or the host, asks that node for something.
    pub fn request(&mut self, id: NodeId, request: P::Request) {
        self.tell(|| format!("{id} ← {request}"));
        self.step(id, Input::Request(request));
    }

    /// That alarm goes off.
    pub fn elapse(&mut self, id: NodeId, timer: P::Timer) {
        assert!(
            self.node(id).alarms.remove(&timer),
            "{id} has not set {timer}"
        );
        self.tell(|| format!("{id} ⏰ {timer}"));
        self.step(id, Input::Elapsed(timer));
    }

    /// That input reaches the node, whatever its alarms, its disk and the network say: an alarm that went off while it was taken back, a completion that comes late or twice, a
    /// message that nobody sent.
    pub fn input(&mut self, id: NodeId, input: Input<P>) {
        self.tell(|| format!("{id} ⇐ {input:?}"));
        self.step(id, input);
    }

    /// The message at that position of the network arrives; it is lost if its receiver is down or cut off.
    pub fn deliver(&mut self, position: usize) {
        let packet = self.network.take(position);
        self.arrive(packet);
    }

    /// The message at that position of the network arrives, and stays there to arrive again.
    pub fn duplicate(&mut self, position: usize) {
        let packet = self.network.packets()[position].clone();
        self.arrive(packet);
    }

    /// The message at that position of the network is lost.
    pub fn drop_packet(&mut self, position: usize) {
        let Packet { from, to, message } = self.network.take(position);
        self.tell(|| format!("{from} → {to} ✗ {message}"));
    }

    /// Loses each message on its way for which it is true.
    pub fn drop_where(&mut self, mut lost: impl FnMut(&Packet<P>) -> bool) {
        while let Some(position) = self.network.packets().iter().position(&mut lost) {
            self.drop_packet(position);
        }
    }

    /// Delivers, oldest first, what is on its way and what follows from it, as long as there is something for which it is true.
    ///
    /// # Panics
    ///
    /// If that does not come to an end: nodes that answer each other for ever are a failure, and not a test that never returns.
    pub fn deliver_where(&mut self, mut wanted: impl FnMut(&Packet<P>) -> bool) {
        let mut delivered = 0;
        while let Some(position) = self.network.packets().iter().position(&mut wanted) {
            self.deliver(position);
            delivered += 1;
            assert!(delivered < RESTLESS, "the cluster does not come to rest");
        }
    }

    /// Delivers everything, oldest first, until nothing is on its way.
    pub fn settle(&mut self) {
        self.deliver_where(|_| true);
    }

    /// From now on nothing passes between nodes of different groups.
    pub fn partition(&mut self, groups: &[&[NodeId]]) {
        self.tell(|| {
            let names = |group: &&[NodeId]| {
                group
                    .iter()
                    .map(|id| id.to_string())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            groups.iter().map(names).collect::<Vec<_>>().join(" ⇹ ")
        });
        for (i, a) in groups.iter().enumerate() {
            for b in groups.iter().skip(i + 1) {
                self.cut_between(a, b);
            }
        }
    }

    fn cut_between(&mut self, a: &[NodeId], b: &[NodeId]) {
        for (x, y) in a.iter().flat_map(|x| b.iter().map(|y| (*x, *y))) {
            self.network.cut(x, y);
            self.network.cut(y, x);
        }
    }

    /// From now on nothing that `from` sends reaches `to`; the other direction stays as it is.
    pub fn cut(&mut self, from: NodeId, to: NodeId) {
        self.tell(|| format!("{from} ⇸ {to}"));
        self.network.cut(from, to);
    }

    /// Mends every cut.
    pub fn heal(&mut self) {
        self.tell(|| "the network is whole".to_owned());
        self.network.heal();
    }

    /// From now on that node's writes become durable only by [`Cluster::sync`].
    pub fn slow_disk(&mut self, id: NodeId) {
        self.tell(|| format!("{id} disk is slow"));
        self.node(id).slow = true;
    }

    /// From now on that node's writes become durable at once; so do those that wait.
    pub fn prompt_disk(&mut self, id: NodeId) {
        self.tell(|| format!("{id} disk is prompt"));
        self.node(id).slow = false;
        while self.sync(id) {}
    }

    /// That node's oldest unsynced write becomes durable, and what waited for it happens. False if there is none.
    pub fn sync(&mut self, id: NodeId) -> bool {
        let Some(effects) = self.node(id).sync_one() else {
            return false;
        };
        self.tell(|| format!("{id} disk has synced"));
        self.finish(id, effects);
        true
    }

    /// That node stops; what its disk had not synced is lost.
    pub fn crash(&mut self, id: NodeId) {
        self.crash_keeping(id, 0);
    }

    /// That node stops; the `kept` oldest of its unsynced writes had reached the disk, but nothing that waited for them happened.
    pub fn crash_keeping(&mut self, id: NodeId, kept: usize) {
        self.tell(|| format!("{id} ⚡"));
        let node = self.node(id);
        assert!(node.core.take().is_some(), "{id} is down already");
        for _ in 0..kept {
            node.sync_one();
        }
        node.disk.crash(0);
        node.alarms.clear();
    }

    /// A node that is down starts again, from what its disk holds.
    pub fn restart(&mut self, id: NodeId) {
        assert!(!self.is_up(id), "{id} is up");
        self.start(id);
    }

    fn start(&mut self, id: NodeId) {
        let mut effects = Effects::new();
        let node = self.node(id);
        let core = P::recover(node.config.clone(), node.disk.durable(), &mut effects);
        self.tell(|| format!("{id} starts: {core}"));
        self.node(id).core = Some(core);
        self.act(id, effects);
    }

    fn node(&mut self, id: NodeId) -> &mut Node<P> {
        self.nodes.get_mut(&id).expect("the node exists")
    }

    fn arrive(&mut self, packet: Packet<P>) {
        let Packet { from, to, message } = packet;
        let up = self.nodes.get(&to).is_some_and(|node| node.core.is_some());
        if up && self.network.reaches(from, to) {
            self.tell(|| format!("{to} ⇐ {from} {message}"));
            self.step(to, Input::Receive { from, message });
        } else {
            self.tell(|| format!("{from} → {to} ✗ {message}"));
        }
    }

    fn step(&mut self, id: NodeId, input: Input<P>) {
        let before = self.story.is_some().then(|| self.core(id).to_string());
        let mut effects = Effects::new();
        let core = self.node(id).core.as_mut().expect("the node is up");
        core.step(input, &mut effects);
        if let Some(before) = before {
            self.tell_change(id, &before);
        }
        self.act(id, effects);
    }

    /// Carries out what need not wait for the disk, and lets the disk have the rest.
    fn act(&mut self, id: NodeId, mut effects: Effects<P>) {
        if let Some(rule) = effects.refused {
            let name = rule.card().name;
            *self.refused.entry(name).or_default() += 1;
            self.tell(|| format!("  {id} refuses: {name}"));
        }
        for timer in effects.disarm.drain(..) {
            self.node(id).alarms.remove(&timer);
        }
        for timer in effects.arm.drain(..) {
            self.node(id).alarms.insert(timer);
        }
        for (to, message) in effects.send_ahead.drain(..) {
            self.send(id, to, message);
        }
        for notice in effects.notify_ahead.drain(..) {
            self.notify(id, notice);
        }
        for record in &effects.persist {
            self.tell(|| format!("  {id} writes {record}"));
        }
        if effects.is_empty() {
            return;
        }
        let node = self.node(id);
        let waits = node.disk.unsynced() > 0 || (node.slow && !effects.persist.is_empty());
        node.disk.write(effects);
        if !waits {
            let effects = self.node(id).sync_one().expect("just written");
            self.finish(id, effects);
        }
    }

    /// Carries out what waited for the disk.
    fn finish(&mut self, id: NodeId, effects: Effects<P>) {
        for (to, message) in effects.send {
            self.send(id, to, message);
        }
        for notice in effects.notify {
            self.notify(id, notice);
        }
        if let Some(receipt) = effects.receipt {
            self.step(id, Input::Persisted(receipt));
        }
    }

    fn notify(&mut self, id: NodeId, notice: P::Notice) {
        self.tell(|| format!("  {id} says {notice}"));
        self.node(id).notices.push(notice);
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: P::Message) {
        self.tell(|| format!("  {from} → {to} {message}"));
        self.network.push(Packet { from, to, message });
    }

    fn tell_change(&mut self, id: NodeId, before: &str) {
        let after = self.core(id).to_string();
        if after != before {
            self.tell(|| format!("  {after}"));
        }
    }

    fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            writeln!(story, "{}", line()).expect("a string takes everything");
        }
    }
}
