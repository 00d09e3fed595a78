//! The ring: views from an agreed log, keys at the successor of their position, hand-over by messages.
//!
//! The log of views (a coordinator, or one of the consensus ladders) gives each epoch its members. Nodes install the views one by
//! one, each at its own time; clients route by any view that there has been. A node that loses a key to a view stops serving it, sends
//! the data, and deletes it once the new owner has acknowledged it; that one serves it once the data has arrived.
//!
//! Left out: a refusal needs no message, since a client may ask again at any time and by any view, which covers what it does
//! when refused. A key has one copy: its node's disk, which outlives a crash. Each node has one token here, since where
//! points lie is what `placement` shows, and clients do not crash: an abandoned request is one whose reply is not taken.

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::messages::{Held, Message, Messages};
use super::{Clients, Key, MAX_EPOCHS, MAX_NODES, Node, PerKey, Value, Write};
use crate::kit::{Id, NodeSet, PerNode, ShortVec};

mod events;
mod hand_over;
mod requests;
pub mod temporal;

/// Nodes on a ring, a log of views, and clients.
#[derive(Clone, Debug)]
pub struct Ring<S = Faithful> {
    /// How many nodes there are, members or not.
    pub nodes: usize,
    /// How many positions the ring has.
    pub positions: usize,
    /// How many keys there are.
    pub keys: usize,
    /// How many writes there are.
    pub writes: usize,
    /// Whether there is a read.
    pub reads: bool,
    /// The last epoch.
    pub epochs: u8,
    /// How many crashes there may be.
    pub crashes: u8,
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
    /// The epoch that each node is in. On disk.
    pub epoch: PerNode<Node, u8, MAX_NODES>,
    /// What each node holds of each key. On disk.
    pub held: PerNode<Node, PerKey<Held>, MAX_NODES>,
    /// The nodes that have crashed and not restarted.
    pub down: NodeSet<Node>,
    /// How many crashes there were.
    pub crashes: u8,
    /// The clients.
    pub clients: Clients,
    /// Every message ever sent.
    pub messages: Messages,
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
}

// ------------------------------------------------------------------------------------------------------------ Placement

impl<S: RuleSet<Rule>> Ring<S> {
    /// Where a key lies: the first key on the second token, the next ones behind it, so that small rings have a key on a token, one
    /// between tokens, and one that wraps around.
    #[inline]
    pub fn position(&self, k: Key) -> usize {
        (k.index() + 1) % self.positions
    }

    /// Where a node lies: at the position of its number. [`super::placement`] has tokens that collide.
    #[inline]
    pub fn token(&self, n: Node) -> usize {
        n.index()
    }

    /// The owner of a key in a view, as nodes and clients look it up: the first token at or after the key, around the circle.
    #[inline]
    pub fn lookup(&self, view: View, k: Key) -> Option<Node> {
        let at = self.position(k);
        let or_at = self.rules.performs(Rule::RingLookupAtOrAfter);
        let follows = |&n: &Node| self.token(n) > at || or_at && self.token(n) == at;
        let first = view.iter().find(follows);
        first.or_else(|| {
            let wraps = self.rules.performs(Rule::RingLookupWraps);
            view.iter().next().filter(|_| wraps)
        })
    }

    /// Whether a key is a node's: by the view of the epoch by which a client routed, or by its own. They are one view where a node serves by its own epoch only, as `RingAcceptEpoch` and
    /// `RingAnswerEpoch` say; whoever serves by another breaks that rule alone, whichever view it looks into.
    #[inline]
    pub fn owns(&self, s: &State, n: Node, k: Key, e: u8) -> bool {
        let gives = |e| self.lookup(s.view(e), k) == Some(n);
        gives(e) || gives(s.epoch[n])
    }

    /// Whether a node waits for data of a key that its view has given it.
    #[inline]
    pub fn awaits(&self, s: &State, n: Node, k: Key) -> bool {
        self.lookup(s.view(s.epoch[n]), k) == Some(n) && !s.held[n][k].is_here()
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What the log of views, nodes and clients do.
    pub enum Action {
        /// The log has a next view, with this node.
        Join(Node),
        /// The log has a next view, without this node.
        Leave(Node),
        /// A node installs the view of an epoch.
        Install(Node, u8),
        /// A node sends the data of a key to its owner from an epoch on.
        HandOver(Node, Key, u8),
        /// A node receives the data of a key for an epoch.
        Receive(Node, Key, u8, Value),
        /// A node deletes its copy of a key that it has handed over in an epoch.
        Delete(Node, Key, u8),
        /// A node crashes.
        Crash(Node),
        /// A node restarts.
        Restart(Node),
        /// A client asks for a write to a key, by the view of an epoch; or asks again.
        Ask(Write, Key, u8),
        /// A node accepts a write that was routed by the view of an epoch.
        Accept(Node, Write, u8),
        /// A client is told that its write is stored.
        Ack(Write),
        /// A client asks for the value of a key, by the view of an epoch; or asks again.
        AskRead(Key, u8),
        /// A node answers the read that was routed by the view of an epoch.
        Answer(Node, u8),
        /// A client is told the value.
        Return(Value),
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for Ring<S> {
    type State = State;
    type Action = Action;

    /// Any members but none, all keys with their owners.
    fn init_states(&self) -> Vec<State> {
        (1..1 << self.nodes)
            .map(|members| self.initial(View::from_bits(members)))
            .collect()
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for n in Node::first(self.nodes) {
            actions.extend([Action::Join(n), Action::Leave(n)]);
            actions.extend([Action::Crash(n), Action::Restart(n)]);
            for e in 1..=self.epochs {
                actions.extend([Action::Install(n, e), Action::Answer(n, e)]);
                actions.extend(Write::first(self.writes).map(|w| Action::Accept(n, w, e)));
                for k in Key::first(self.keys) {
                    actions.extend([Action::HandOver(n, k, e), Action::Delete(n, k, e)]);
                }
            }
        }
        for e in 1..=self.epochs {
            for k in Key::first(self.keys) {
                actions.extend(Write::first(self.writes).map(|w| Action::Ask(w, k, e)));
                actions.extend(self.reads.then_some(Action::AskRead(k, e)));
            }
        }
        actions.extend(Write::first(self.writes).map(Action::Ack));
        for message in s.messages.iter() {
            self.arrivals(message, actions);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Join(n) => self.join(s, n),
            Action::Leave(n) => self.leave(s, n),
            Action::Install(n, e) => self.install(s, n, e),
            Action::HandOver(n, k, e) => self.hand_over(s, n, k, e),
            Action::Receive(n, k, e, value) => self.receive(s, n, k, e, value),
            Action::Delete(n, k, e) => self.delete(s, n, k, e),
            Action::Crash(n) => self.crash(s, n),
            Action::Restart(n) => self.restart(s, n),
            Action::Ask(w, k, e) => self.ask(s, w, k, e),
            Action::Accept(n, w, e) => self.accept(s, n, w, e),
            Action::Ack(w) => self.ack(s, w),
            Action::AskRead(k, e) => self.ask_read(s, k, e),
            Action::Answer(n, e) => self.answer(s, n, e),
            Action::Return(value) => self.return_(s, value),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        super::claims::properties(self)
    }
}

impl<S: RuleSet<Rule>> Ring<S> {
    fn initial(&self, members: View) -> State {
        let held = |n| {
            PerKey::from_fn(self.keys, |k| match self.lookup(members, k) {
                Some(owner) if owner == n => Held::Here(Value::EMPTY),
                _ => Held::Nothing,
            })
        };
        State {
            views: [members].into_iter().collect(),
            epoch: PerNode::all(self.nodes, 1),
            held: PerNode::from_fn(self.nodes, held),
            down: NodeSet::empty(),
            crashes: 0,
            clients: Clients::new(self.writes),
            messages: Messages::empty(),
        }
    }

    /// What may come of a message whose content is not known beforehand.
    fn arrivals(&self, message: Message, actions: &mut Vec<Action>) {
        match message {
            Message::Data(k, e, value) => {
                actions.extend(Node::first(self.nodes).map(|n| Action::Receive(n, k, e, value)))
            }
            Message::Answer(value) => actions.push(Action::Return(value)),
            _ => {}
        }
    }
}
