//! The ring once more, on lists and sets that grow: the same actions by the same rules, for rings of any size and runs of any length.
//!
//! The ring in `protocol` fits into a few words, so that all of its states can be looked at. What random runs of large clusters are compared with has more nodes, tokens, epochs, writes and
//! reads than that. Where both have room they are the same, state by state; so this one is shown to refine that one, and what is left out is left out alike.

use std::collections::BTreeSet;

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use super::{Key, Node, Write, WriteState};
use crate::kit::{Id, Spec};

pub mod configs;
mod flat;
mod hand_over;
mod requests;
mod state;

pub use state::{Held, Message, ReadState, State, Value, View};

crate::ids! {
    /// A read: each is asked for by one client, which may send its request many times.
    pub Read = "r";
}

/// Nodes on a ring, a log of views, and clients.
#[derive(Clone, Debug)]
pub struct UnboundedRing<S = Faithful> {
    /// How many nodes are members in the first view, from the first node on; any, if nobody says.
    pub first: Option<usize>,
    /// Where the tokens of each node lie. Nodes may have several, and several may lie at one position.
    pub tokens: Vec<Vec<usize>>,
    /// How many positions the ring has.
    pub positions: usize,
    /// How many keys there are.
    pub keys: usize,
    /// How many writes there are.
    pub writes: usize,
    /// How many reads there are.
    pub reads: usize,
    /// The last epoch.
    pub epochs: u32,
    /// How many crashes there may be.
    pub crashes: u32,
    /// The rules that are kept.
    pub rules: S,
}

// ------------------------------------------------------------------------------------------------------------ Placement

impl<S: RuleSet<Rule>> UnboundedRing<S> {
    /// Where a key lies.
    pub fn position(&self, k: Key) -> usize {
        (k.index() + 1) % self.positions
    }

    /// The nodes there are, members or not.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<S> {
        Node::first(self.tokens.len())
    }

    /// The owner of a key in a view: that of the first token at or after the key, around the circle; of several there, the node of the least identity.
    pub fn lookup(&self, view: &View, k: Key) -> Option<Node> {
        let at = self.position(k);
        let or_at = self.rules.performs(Rule::RingLookupAtOrAfter);
        let tokens = || {
            view.iter()
                .flat_map(|n| self.tokens[n.index()].iter().map(|token| (*token, *n)))
        };
        let first = tokens()
            .filter(|(token, _)| *token > at || or_at && *token == at)
            .min();
        let wraps = self.rules.performs(Rule::RingLookupWraps);
        let around = || tokens().min().filter(|_| wraps);
        first.or_else(around).map(|(_, n)| n)
    }

    /// Whether a key is a node's: by the view of the epoch by which a client routed, or by its own. They are one view where a node serves by its own epoch only, as `RingAcceptEpoch` and
    /// `RingAnswerEpoch` say; whoever serves by another breaks that rule alone, whichever view it looks into.
    pub fn owns(&self, s: &State, n: Node, k: Key, e: u32) -> bool {
        let gives = |e| self.lookup(s.view(e), k) == Some(n);
        gives(e) || gives(s.epoch[n.index()])
    }

    /// Whether a node waits for data of a key that its view has given it.
    pub fn awaits(&self, s: &State, n: Node, k: Key) -> bool {
        self.lookup(s.view(s.epoch[n.index()]), k) == Some(n) && !s.held(n, k).is_here()
    }
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What the log of views, nodes and clients do. A value is named by its position among those that were sent.
    pub enum Action {
        /// The log has a next view, with this node.
        Join(Node),
        /// The log has a next view, without this node.
        Leave(Node),
        /// A node installs the view of an epoch.
        Install(Node, u32),
        /// A node sends the data of a key to its owner from an epoch on.
        HandOver(Node, Key, u32),
        /// A node receives the data of a key for an epoch.
        Receive(Node, Key, u32, u32),
        /// A node deletes its copy of a key that it has handed over in an epoch.
        Delete(Node, Key, u32),
        /// A node crashes.
        Crash(Node),
        /// A node restarts.
        Restart(Node),
        /// A client asks for a write to a key, by the view of an epoch; or asks again.
        Ask(Write, Key, u32),
        /// A node accepts a write that was routed by the view of an epoch.
        Accept(Node, Write, u32),
        /// A client is told that its write is stored.
        Ack(Write),
        /// A client asks for the value of a key, by the view of an epoch; or asks again.
        AskRead(Read, Key, u32),
        /// A node answers a read that was routed by the view of an epoch.
        Answer(Node, Read, u32),
        /// A client is told the value.
        Return(Read, u32),
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for UnboundedRing<S> {
    type State = State;
    type Action = Action;

    /// Any members but none, or those that are given; all keys with their owners.
    fn init_states(&self) -> Vec<State> {
        if let Some(members) = self.first {
            return vec![self.initial(Node::first(members).collect())];
        }
        let members = |bits: usize| {
            self.nodes()
                .filter(|n| bits >> n.index() & 1 == 1)
                .collect()
        };
        (1..1 << self.tokens.len())
            .map(|bits| self.initial(members(bits)))
            .collect()
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for n in self.nodes() {
            actions.extend([Action::Join(n), Action::Leave(n)]);
            actions.extend([Action::Crash(n), Action::Restart(n)]);
            (1..=s.current()).for_each(|e| self.of_node(s, n, e, actions));
        }
        for e in 1..=s.current() {
            for k in Key::first(self.keys) {
                actions.extend(Write::first(self.writes).map(|w| Action::Ask(w, k, e)));
                actions.extend(Read::first(self.reads).map(|r| Action::AskRead(r, k, e)));
            }
        }
        actions.extend(Write::first(self.writes).map(Action::Ack));
        for r in Read::first(self.reads) {
            actions.extend(
                (0..)
                    .zip(s.answers(r))
                    .map(|(nth, _)| Action::Return(r, nth)),
            );
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Join(n) => self.join(s, n),
            Action::Leave(n) => self.leave(s, n),
            Action::Install(n, e) => self.install(s, n, e),
            Action::HandOver(n, k, e) => self.hand_over(s, n, k, e),
            Action::Receive(n, k, e, nth) => self.receive(s, n, k, e, nth),
            Action::Delete(n, k, e) => self.delete(s, n, k, e),
            Action::Crash(n) => self.crash(s, n),
            Action::Restart(n) => self.restart(s, n),
            Action::Ask(w, k, e) => self.ask(s, w, k, e),
            Action::Accept(n, w, e) => self.accept(s, n, w, e),
            Action::Ack(w) => self.ack(s, w),
            Action::AskRead(r, k, e) => self.ask_read(s, r, k, e),
            Action::Answer(n, r, e) => self.answer(s, n, r, e),
            Action::Return(r, nth) => self.return_(s, r, nth),
        }
    }

    /// Everything is claimed by refinement; these show that the premises are reached.
    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("No Acknowledged Write Lost", |_, s| {
                let kept = |w: Write, k: Key| s.value(k).contains(&w);
                (0..).zip(&s.writes).all(|(w, state)| match *state {
                    WriteState::Acked(k) => kept(Write(w), k),
                    _ => true,
                })
            }),
            Property::<Self>::sometimes(
                "No Acknowledged Write Lost: one outlives a hand-over, and the old owner has deleted its copy",
                |m, s| {
                    let acked = s.writes.iter().any(|w| matches!(w, WriteState::Acked(_)));
                    let got = s
                        .messages
                        .iter()
                        .any(|message| matches!(message, Message::Got(..)));
                    acked && got && Key::first(m.keys).all(|k| s.copies(k) == 1)
                },
            ),
            Property::<Self>::always("Reads Are Versions", |_, s| {
                s.reads.iter().all(|read| match read {
                    ReadState::Got(k, value) => s.value(*k).starts_with(value),
                    _ => true,
                })
            }),
            Property::<Self>::sometimes("Reads Are Versions: one has seen a write", |_, s| {
                let seen = |read: &ReadState| matches!(read, ReadState::Got(_, value) if !value.is_empty());
                s.reads.iter().any(seen)
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> Spec for UnboundedRing<S> {}

impl<S: RuleSet<Rule>> UnboundedRing<S> {
    /// The state from which a ring of these members begins.
    pub fn initial(&self, members: View) -> State {
        let held = |n, k| match self.lookup(&members, k) == Some(n) {
            true => Held::Here(Value::new()),
            false => Held::Nothing,
        };
        let of = |n| Key::first(self.keys).map(|k| held(n, k)).collect();
        State {
            epoch: vec![1; self.tokens.len()],
            held: self.nodes().map(of).collect(),
            views: vec![members],
            down: BTreeSet::new(),
            crashes: 0,
            writes: vec![WriteState::New; self.writes],
            reads: vec![ReadState::New; self.reads],
            messages: BTreeSet::new(),
        }
    }

    /// What a node may do about an epoch.
    fn of_node(&self, s: &State, n: Node, e: u32, actions: &mut Vec<Action>) {
        actions.push(Action::Install(n, e));
        actions.extend(Read::first(self.reads).map(|r| Action::Answer(n, r, e)));
        actions.extend(Write::first(self.writes).map(|w| Action::Accept(n, w, e)));
        for k in Key::first(self.keys) {
            actions.extend([Action::HandOver(n, k, e), Action::Delete(n, k, e)]);
            let sent = (0..).zip(s.data(k, e));
            actions.extend(sent.map(|(nth, _)| Action::Receive(n, k, e, nth)));
        }
    }
}
