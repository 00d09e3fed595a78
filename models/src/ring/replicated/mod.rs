//! The replicated ring: each key on N nodes, in memory only; epochs end what a crash, a join or a leave has made old.
//!
//! Beside `Ring`, which keeps one copy on a disk, this one keeps N copies in memories: a crash takes a copy away for good, and what remains is copied
//! again. The first N members clockwise from a key are its replicas, the first of them its owner. In each view the owner *adopts* the key: when
//! every live node has stopped the epochs before, it takes over the latest copy that survives, and sends it to the other replicas. It acknowledges a
//! write that all replicas have stored, so that N−1 of them may crash before their number is restored.
//!
//! It refines `KeyMap` and not `Ring` (nor `Ownership`): there a key leaves its owner only by a step of that owner, which here may be dead, and a restarted
//! node finds its data on its disk. The value of a key in the map is the longest that was acknowledged.
//!
//! Fail-stop (Schlichting & Schneider 1983): the log of views removes any member at any time, and a node knows which nodes are live, as an owner must who waits for
//! them. Taking over a copy is one step although it is a message: a node that has stopped changes its copy only in the new epoch, and that comes
//! from this owner. Where points lie is the subject of `placement`, and clients that route by old views ask again, as in `Ring`.

pub mod actions;
pub mod claims;
pub mod configs;
pub mod messages;

use concur_rules::replicated_ring::RepRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Disk, Faults, Id, NodeSet, PerNode, Process, ShortVec};
use crate::ring::replicated::messages::{Message, Messages};
use crate::ring::{Clients, Key, MAX_EPOCHS, Node, PerKey, Value, Write};

/// The most nodes that a model holds.
pub const MAX_NODES: usize = 4;

/// Nodes that hold copies in their memories, a log of views, and clients.
#[derive(Clone, Debug)]
pub struct ReplicatedRing<S = Faithful> {
    /// How many nodes there are, members or not.
    pub nodes: usize,
    /// How many nodes are to hold each key.
    pub replicas: usize,
    /// How many keys there are.
    pub keys: usize,
    /// How many writes there are.
    pub writes: usize,
    /// Whether there is a read.
    pub reads: bool,
    /// The last epoch.
    pub epochs: u8,
    /// How many nodes may crash before the number of copies is restored.
    pub together: usize,
    /// How often nodes may crash in all.
    pub most: Faults,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// The members of a view.
pub type View = NodeSet<Node>;

/// The log of views, the nodes, the clients, and all that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The view of each epoch, from epoch 1 on.
    pub views: ShortVec<View, MAX_EPOCHS>,
    /// The nodes.
    pub nodes: PerNode<Node, Process<NoDisk, Memory>, MAX_NODES>,
    /// The nodes that have crashed since the number of copies was last restored.
    pub lost: NodeSet<Node>,
    /// How many crashes there were.
    pub faults: Faults,
    /// The clients.
    pub clients: Clients,
    /// Every message ever sent.
    pub messages: Messages,
}

/// A node without a disk: its copies are in its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoDisk;

impl Disk for NoDisk {
    fn crash(&mut self) {}
}

/// What a node knows, until it crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// The epoch that it is in.
    pub epoch: u8,
    /// Its copy of each key.
    pub copies: PerKey<Copy>,
}

/// A copy of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Copy {
    /// The last epoch whose writes it has, all that are acknowledged; 0 if there is no copy.
    pub since: u8,
    /// The value.
    pub value: Value,
}

impl State {
    /// The current epoch: that of the last view.
    #[inline]
    pub fn current(&self) -> u8 {
        self.views.len() as u8
    }

    /// The view of an epoch.
    #[inline]
    pub fn view(&self, epoch: u8) -> View {
        self.views[epoch as usize - 1]
    }

    /// The nodes that are up, each with its memory.
    pub fn live(&self) -> impl Iterator<Item = (Node, &Memory)> + Clone {
        self.nodes
            .nodes()
            .filter_map(|n| Some((n, self.nodes[n].up()?)))
    }

    /// What has been acknowledged of a key: the longest value that a client was told of.
    pub fn done(&self, k: Key) -> Value {
        let told = self.messages.iter().filter_map(|message| match message {
            Message::Done(key, value) if key == k => Some(value),
            _ => None,
        });
        told.max_by_key(|value| value.len()).unwrap_or_default()
    }
}

/// The replicas of a key, the owner first.
pub type List = ShortVec<Node, MAX_NODES>;

impl<S: RuleSet<Rule>> ReplicatedRing<S> {
    /// The replicas of a key in a view: the first members clockwise, as many as there are to be, or all.
    ///
    /// As in `Ring` a node lies at the position of its number, and the first key on the second node.
    pub fn list(&self, view: View, k: Key) -> List {
        let clockwise = (1..=self.nodes).map(|step| Node::new((k.index() + step) % self.nodes));
        let members = clockwise.filter(|&n| view.contains(n));
        members.take(self.replicas).collect()
    }

    /// The owner of a key in a view: where clients send their requests.
    pub fn owner(&self, view: View, k: Key) -> Option<Node> {
        self.list(view, k).first().copied()
    }

    /// Whether every replica of a key in an epoch has a copy of that epoch, and they are as many as they are to be.
    pub fn settled(&self, s: &State, k: Key, e: u8) -> bool {
        let list = self.list(s.view(e), k);
        let stored = |&r: &Node| {
            (0..=self.writes as u8).any(|len| s.messages.contains(Message::Stored(k, e, len, r)))
        };
        let begun =
            |message| matches!(message, Message::Copy(key, epoch, _) if key == k && epoch == e);
        list.len() == self.replicas && list[1..].iter().all(stored) && s.messages.iter().any(begun)
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What the log of views, nodes and clients do.
    pub enum Action {
        /// The log has a next view, with this node.
        Join(Node),
        /// The log has a next view, without this node: it leaves, or has failed.
        Leave(Node),
        /// A node installs the view of an epoch.
        Install(Node, u8),
        /// A node crashes.
        Crash(Node),
        /// A node restarts, with nothing.
        Restart(Node),
        /// The owner of a key begins its epoch with the copy of a node.
        Adopt(Node, Node, Key),
        /// A replica stores the copy that the owner has sent in an epoch.
        Store(Node, Key, u8, Value),
        /// A node that is no longer a replica of a key deletes its copy.
        Delete(Node, Key),
        /// A client asks for a write to a key, by the view of an epoch; or asks again.
        Ask(Write, Key, u8),
        /// The owner accepts a write that was routed by the view of an epoch.
        Accept(Node, Write, u8),
        /// The owner learns that all replicas have stored that many writes of a key.
        Commit(Node, Key, u8),
        /// A client is told that its write is stored.
        Ack(Write),
        /// A client asks for the value of a key.
        AskRead(Key),
        /// A replica answers the read.
        Answer(Node),
        /// A client is told the value.
        Return(Value),
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for ReplicatedRing<S> {
    type State = State;
    type Action = Action;

    /// Any members, at least as many as replicas, and every replica with its copies.
    fn init_states(&self) -> Vec<State> {
        (1..1 << self.nodes)
            .map(View::from_bits)
            .filter(|members| members.len() >= self.replicas)
            .map(|members| self.initial(members))
            .collect()
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for n in Node::first(self.nodes) {
            actions.extend([Action::Join(n), Action::Leave(n)]);
            actions.extend([Action::Crash(n), Action::Restart(n), Action::Answer(n)]);
            for e in 1..=s.current() {
                actions.push(Action::Install(n, e));
                actions.extend(Write::first(self.writes).map(|w| Action::Accept(n, w, e)));
            }
            for k in Key::first(self.keys) {
                actions.extend(Node::first(self.nodes).map(|m| Action::Adopt(n, m, k)));
                actions.extend((1..=self.writes as u8).map(|len| Action::Commit(n, k, len)));
                actions.push(Action::Delete(n, k));
            }
        }
        for k in Key::first(self.keys) {
            for e in 1..=s.current() {
                actions.extend(Write::first(self.writes).map(|w| Action::Ask(w, k, e)));
            }
            actions.extend(self.reads.then_some(Action::AskRead(k)));
        }
        actions.extend(Write::first(self.writes).map(Action::Ack));
        for message in s.messages.iter() {
            self.arrivals(message, actions);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        let t = match action {
            Action::Join(n) => self.join(s, n),
            Action::Leave(n) => self.leave(s, n),
            Action::Install(n, e) => self.install(s, n, e),
            Action::Crash(n) => self.crash(s, n),
            Action::Restart(n) => self.restart(s, n),
            Action::Adopt(n, from, k) => self.adopt(s, n, from, k),
            Action::Store(n, k, e, value) => self.store(s, n, k, e, value),
            Action::Delete(n, k) => self.delete(s, n, k),
            Action::Ask(w, k, e) => self.ask(s, w, k, e),
            Action::Accept(n, w, e) => self.accept(s, n, w, e),
            Action::Commit(n, k, len) => self.commit(s, n, k, len),
            Action::Ack(w) => self.ack(s, w),
            Action::AskRead(k) => self.ask_read(s, k),
            Action::Answer(n) => self.answer(s, n),
            Action::Return(value) => self.return_(s, value),
        }?;
        Some(self.counting_losses_anew(t))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        crate::ring::replicated::claims::properties(self)
    }

    fn within_boundary(&self, s: &State) -> bool {
        s.faults.exceeded(&self.most).is_none()
    }
}

impl<S: RuleSet<Rule>> ReplicatedRing<S> {
    fn initial(&self, members: View) -> State {
        let memory = |n| Memory {
            epoch: 1,
            copies: PerKey::from_fn(self.keys, |k| Copy {
                since: u8::from(self.list(members, k).contains(&n)),
                value: Value::EMPTY,
            }),
        };
        State {
            views: [members].into_iter().collect(),
            nodes: PerNode::from_fn(self.nodes, |n| Process::new(NoDisk, memory(n))),
            lost: NodeSet::empty(),
            faults: Faults::default(),
            clients: Clients::new(self.writes),
            messages: Messages::empty(),
        }
    }

    /// What may come of a message whose content is not known beforehand.
    fn arrivals(&self, message: Message, actions: &mut Vec<Action>) {
        match message {
            Message::Copy(k, e, value) => {
                actions.extend(Node::first(self.nodes).map(|n| Action::Store(n, k, e, value)))
            }
            Message::Answer(value) => actions.push(Action::Return(value)),
            _ => {}
        }
    }

    /// The number of copies is restored when every replica in the current view is up and has a copy of the current epoch.
    fn counting_losses_anew(&self, mut t: State) -> State {
        let restored = Key::first(self.keys).all(|k| {
            let list = self.list(t.view(t.current()), k);
            let in_sync = |&r: &Node| {
                let memory = t.nodes[r].up();
                memory.is_some_and(|memory| memory.copies[k].since == t.current())
            };
            list.len() == self.replicas && list.iter().all(in_sync)
        });
        if restored {
            t.lost = NodeSet::empty();
        }
        t
    }
}
