//! Ownership: each key has one owner, or is in flight from one node to another; only the owner accepts writes.
//!
//! Left out: how a node comes to know whom it owes a key to (views and tokens, in the rung below), and the way of requests and data. A
//! hand-over has two ends, [`Action::Release`] and [`Action::Take`], and in between nobody serves the key.

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::spec::KeyMap;
use super::{Clients, Key, MAX_NODES, Map, Node, PerKey, ReadState, Value, Write, WriteState};
use crate::kit::{Id, MsgSet, NodeSet, PerNode, Refines, given};

mod claims;

/// Nodes that own keys and hand them over.
#[derive(Clone, Debug)]
pub struct Ownership<S = Faithful> {
    /// How many nodes there are.
    pub nodes: usize,
    /// How many keys there are.
    pub keys: usize,
    /// How many writes there are.
    pub writes: usize,
    /// Whether there is a read.
    pub reads: bool,
    /// The last epoch.
    pub epochs: u8,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// Who owns what, who holds what, and what the clients know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The clients.
    pub clients: Clients,
    /// The writes that an owner has accepted, and so acknowledges.
    pub accepted: NodeSet<Write>,
    /// What owners have answered to the read.
    pub answers: MsgSet<Value, 1>,
    /// Who owns each key.
    pub claims: PerKey<Claim>,
    /// What each node holds of each key.
    pub copies: PerNode<Node, PerKey<Option<Value>>, MAX_NODES>,
}

/// Who owns a key, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// The epoch in which the owner was appointed.
    pub epoch: u8,
    /// Where the key is.
    pub place: Place,
}

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// With its owner.
    At(Node),
    /// In flight: the first has stopped serving it, the second does not serve it yet.
    Moving(Node, Node),
}

impl Default for Place {
    fn default() -> Self {
        Self::At(Node::default())
    }
}

impl Place {
    /// The node whose copy is the value of the key.
    #[inline]
    pub fn source(self) -> Node {
        match self {
            Self::At(n) | Self::Moving(n, _) => n,
        }
    }

    /// The node that accepts writes in the present epoch of the key, now or once it has arrived.
    #[inline]
    pub fn writer(self) -> Node {
        match self {
            Self::At(n) | Self::Moving(_, n) => n,
        }
    }
}

impl State {
    /// The value of a key: its owner's copy, or that of the node whom it is in flight from.
    pub fn value(&self, k: Key) -> Value {
        self.copies[self.claims[k].place.source()][k].unwrap_or_default()
    }

    /// What the promise speaks of.
    pub fn map(&self) -> Map {
        Map {
            values: PerKey::from_fn(self.claims.values().len(), |k| self.value(k)),
            clients: self.clients,
        }
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What clients and nodes do.
    pub enum Action {
        /// A client asks for a write to a key.
        Ask(Write, Key),
        /// A node accepts the write.
        Accept(Node, Write),
        /// The client is told so.
        Ack(Write),
        /// A client asks for the value of a key.
        AskRead(Key),
        /// A node answers the read.
        Answer(Node),
        /// The client takes an answer.
        Return(Value),
        /// A node gives up keys, to another one, from this epoch on.
        Release(Node, Node, NodeSet<Key>, u8),
        /// A node takes over a key in flight, with its data.
        Take(Node, Key),
        /// A node deletes its copy of a key.
        Drop(Node, Key),
    }
}

impl<S: RuleSet<Rule>> Ownership<S> {
    fn ask(&self, s: &State, w: Write, k: Key) -> Option<State> {
        given(s.clients.writes[w] == WriteState::New)?;

        let mut t = *s;
        t.clients.writes[w] = WriteState::Asked(k);
        Some(t)
    }

    fn accept(&self, s: &State, n: Node, w: Write) -> Option<State> {
        let k = s.clients.writes[w].key()?;
        let copy = s.copies[n][k].unwrap_or_default();
        let longer = copy.with(w)?;
        self.rules
            .when(Rule::OwnerAcceptAtHome, s.claims[k].place == Place::At(n))?;
        self.rules.when(Rule::OwnerAcceptOnce, !copy.contains(w))?;

        let mut t = *s;
        if self.rules.performs(Rule::OwnerAcceptStores) {
            t.copies[n][k] = Some(longer);
        }
        if self.rules.performs(Rule::OwnerAcceptReplies) {
            t.accepted.insert(w);
        }
        Some(t)
    }

    fn ack(&self, s: &State, w: Write) -> Option<State> {
        given(s.accepted.contains(w))?;
        let WriteState::Asked(k) = s.clients.writes[w] else {
            return None;
        };

        let mut t = *s;
        t.clients.writes[w] = WriteState::Acked(k);
        Some(t)
    }

    fn ask_read(&self, s: &State, k: Key) -> Option<State> {
        given(s.clients.read == ReadState::New)?;

        let mut t = *s;
        t.clients.read = ReadState::Asked(k, s.value(k));
        Some(t)
    }

    fn answer(&self, s: &State, n: Node) -> Option<State> {
        let k = s.clients.read.key()?;
        self.rules
            .when(Rule::OwnerAnswerAtHome, s.claims[k].place == Place::At(n))?;

        let mut t = *s;
        if self.rules.performs(Rule::OwnerAnswerReplies) {
            t.answers.insert(s.copies[n][k].unwrap_or_default());
        }
        Some(t)
    }

    fn return_(&self, s: &State, value: Value) -> Option<State> {
        given(s.answers.contains(value))?;
        let ReadState::Asked(k, _) = s.clients.read else {
            return None;
        };

        let mut t = *s;
        t.clients.read = ReadState::Got(k, value);
        Some(t)
    }

    fn release(&self, s: &State, n: Node, to: Node, keys: NodeSet<Key>, e: u8) -> Option<State> {
        let at_home = keys.iter().all(|k| s.claims[k].place == Place::At(n));
        let newer = keys.iter().all(|k| e > s.claims[k].epoch);
        self.rules.when(Rule::OwnerReleaseAtHome, at_home)?;
        self.rules.when(Rule::OwnerReleaseNewer, newer)?;

        let mut t = *s;
        for k in keys.iter() {
            if self.rules.performs(Rule::OwnerReleaseStops) {
                t.claims[k].place = Place::Moving(n, to);
            }
            if self.rules.performs(Rule::OwnerReleaseEpoch) {
                t.claims[k].epoch = e;
            }
        }
        Some(t)
    }

    fn take(&self, s: &State, n: Node, k: Key) -> Option<State> {
        let Place::Moving(from, to) = s.claims[k].place else {
            return None;
        };
        self.rules.when(Rule::OwnerTakeAddressed, n == to)?;

        let mut t = *s;
        if self.rules.performs(Rule::OwnerTakeCopies) {
            t.copies[n][k] = s.copies[from][k];
        }
        if self.rules.performs(Rule::OwnerTakePlace) {
            t.claims[k].place = Place::At(n);
        }
        Some(t)
    }

    fn drop(&self, s: &State, n: Node, k: Key) -> Option<State> {
        self.rules
            .when(Rule::OwnerDropUnneeded, s.claims[k].place.source() != n)?;

        let mut t = *s;
        if self.rules.performs(Rule::OwnerDropForgets) {
            t.copies[n][k] = None;
        }
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for Ownership<S> {
    type State = State;
    type Action = Action;

    /// Every key with some owner, in epoch 1.
    fn init_states(&self) -> Vec<State> {
        let owners = |code: usize| {
            PerKey::from_fn(self.keys, |k| {
                Node::new(code / self.nodes.pow(k.index() as u32) % self.nodes)
            })
        };
        (0..self.nodes.pow(self.keys as u32))
            .map(|code| self.initial(owners(code)))
            .collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for w in Write::first(self.writes) {
            actions.extend(Key::first(self.keys).map(|k| Action::Ask(w, k)));
            actions.extend(Node::first(self.nodes).map(|n| Action::Accept(n, w)));
            actions.push(Action::Ack(w));
        }
        for n in Node::first(self.nodes) {
            for k in Key::first(self.keys) {
                actions.extend([Action::Take(n, k), Action::Drop(n, k)]);
            }
            self.releases(n, actions);
        }
        if self.reads {
            actions.extend(Key::first(self.keys).map(Action::AskRead));
            actions.extend(Node::first(self.nodes).map(Action::Answer));
            actions.extend(Value::all(self.writes).map(Action::Return));
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Ask(w, k) => self.ask(s, w, k),
            Action::Accept(n, w) => self.accept(s, n, w),
            Action::Ack(w) => self.ack(s, w),
            Action::AskRead(k) => self.ask_read(s, k),
            Action::Answer(n) => self.answer(s, n),
            Action::Return(value) => self.return_(s, value),
            Action::Release(n, to, keys, e) => self.release(s, n, to, keys, e),
            Action::Take(n, k) => self.take(s, n, k),
            Action::Drop(n, k) => self.drop(s, n, k),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        claims::properties()
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for Ownership<S> {
    type Abstract = KeyMap;

    fn abstract_model(&self) -> KeyMap {
        KeyMap {
            keys: self.keys,
            writes: self.writes,
            reads: self.reads,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> Map {
        s.map()
    }
}

impl<S: RuleSet<Rule>> Ownership<S> {
    fn initial(&self, owners: PerKey<Node>) -> State {
        State {
            clients: Clients::new(self.writes),
            accepted: NodeSet::empty(),
            answers: MsgSet::empty(),
            claims: PerKey::from_fn(self.keys, |k| Claim {
                epoch: 1,
                place: Place::At(owners[k]),
            }),
            copies: PerNode::from_fn(self.nodes, |n| {
                PerKey::from_fn(self.keys, |k| (owners[k] == n).then_some(Value::EMPTY))
            }),
        }
    }

    /// A node may give up any of its keys at once: one view can take several from it.
    fn releases(&self, n: Node, actions: &mut Vec<Action>) {
        for to in Node::first(self.nodes).filter(|&to| to != n) {
            for keys in (1..1 << self.keys).map(NodeSet::from_bits) {
                actions.extend((2..=self.epochs).map(|e| Action::Release(n, to, keys, e)));
            }
        }
    }
}
