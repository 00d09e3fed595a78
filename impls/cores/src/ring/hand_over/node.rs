//! A node of the ring: what it is told, and to whom each input goes.

use core::fmt::{self, Debug};
use core::hash::{Hash, Hasher};

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::state::State;
use super::{Bytes, Entry, Message, Notice, Record, Request, Timer};
use crate::ring::{KeyRange, Placement, Scheme, View};
use crate::{Effects, Input, NodeId, Protocol};

/// What a node is told before it starts.
#[derive(Clone, Debug)]
pub struct Config<P = Scheme, S = Faithful> {
    /// Who it is.
    pub id: NodeId,
    /// The first view, the same for every node: in it no key has a value.
    pub genesis: View,
    /// Where points and keys lie: [`View::scheme`] of every view, except in tests.
    pub placement: P,
    /// The rules that are kept.
    pub rules: S,
}

impl Config {
    /// A node that begins with that view.
    pub fn new(id: NodeId, genesis: View) -> Self {
        Self {
            id,
            placement: genesis.scheme(),
            genesis,
            rules: Faithful,
        }
    }
}

/// A node of the ring.
#[derive(Clone, Debug)]
pub struct Node<P = Scheme, S = Faithful> {
    pub(super) state: State<P>,
    rules: S,
}

impl<P: PartialEq, S> PartialEq for Node<P, S> {
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state
    }
}

impl<P: Eq, S> Eq for Node<P, S> {}

impl<P: Hash, S> Hash for Node<P, S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.state.hash(state);
    }
}

impl<P: Placement, S: RuleSet<Rule> + Debug> Protocol for Node<P, S> {
    type Config = Config<P, S>;
    type Request = Request;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Receipt = ();
    type Notice = Notice;
    type Rule = Rule;

    /// A node that restarts sends again what it had handed over.
    fn recover(config: Config<P, S>, records: &[Record], effects: &mut Effects<Self>) -> Self {
        let Config {
            id,
            genesis,
            placement,
            rules,
        } = config;
        let mut state = State::new(id, genesis, placement);
        records.iter().for_each(|record| state.apply(record));
        let node = Self { state, rules };
        node.hand_over_all(effects);
        node
    }

    fn is_checkpoint(record: &Record) -> bool {
        matches!(record, Record::Checkpoint(_))
    }

    fn step(&mut self, input: Input<Self>, effects: &mut Effects<Self>) {
        // What is refused has said so in `effects`.
        let _ = match input {
            Input::Request(Request::Install(view)) => self.install(view, effects),
            Input::Request(Request::Write(ask, value)) => self.accept(ask, value, effects),
            Input::Request(Request::Read(ask)) => self.answer(ask, effects),
            Input::Request(Request::Retire) => self.retire(effects),
            Input::Request(Request::Checkpoint) => {
                effects.persist.push(self.state.checkpoint());
                Some(())
            }
            Input::Receive {
                from,
                message:
                    Message::Data {
                        epoch,
                        range,
                        entries,
                    },
            } => self.receive(from, epoch, range, entries, effects),
            Input::Receive {
                from,
                message: Message::Got { epoch, range },
            } => self.delete(from, epoch, range, effects),
            Input::Elapsed(Timer::Resend) => {
                self.hand_over_all(effects);
                Some(())
            }
            Input::Persisted(()) => None,
        };
    }
}

impl<P: Placement, S: RuleSet<Rule> + Debug> Node<P, S> {
    /// A guard, as a line that ends in `?`.
    pub(super) fn when(&self, rule: Rule, holds: bool, effects: &mut Effects<Self>) -> Option<()> {
        let when = self.rules.when(rule, holds);
        if when.is_none() {
            effects.refused = Some(rule);
        }
        when
    }

    /// Writes a record, and does what it says.
    pub(super) fn commit(&mut self, record: Record, effects: &mut Effects<Self>) {
        self.state.apply(&record);
        effects.persist.push(record);
    }
}

impl<P: Placement, S> Node<P, S> {
    /// Who the node is.
    pub fn id(&self) -> NodeId {
        self.state.id
    }

    /// The view that the node is in.
    pub fn view(&self) -> &View {
        self.state.ring.view()
    }

    /// The epoch that the node is in.
    pub fn epoch(&self) -> u64 {
        self.view().epoch()
    }

    /// Whether the node owns that key in its view and has its data.
    pub fn serves(&self, key: &Bytes) -> bool {
        let position = self.state.ring.position(&key.0);
        self.state.ring.owner_at(position) == self.state.id && !self.state.awaits(position)
    }

    /// What the node holds of a key, as its owner.
    pub fn held(&self, key: &Bytes) -> Option<&Entry> {
        let position = self.state.ring.position(&key.0);
        self.state.held.get(&(position, key.clone()))
    }

    /// What it has handed over and not yet deleted: the range, since which epoch, and to whom.
    pub fn handing(&self) -> impl Iterator<Item = (KeyRange, u64, NodeId)> + '_ {
        let handing = self.state.handing.iter();
        handing.map(|(range, handing)| (*range, handing.epoch, handing.to))
    }

    /// What it has handed over of a key and not yet deleted: since which epoch, to whom, and the data.
    pub fn handed(&self, key: &Bytes) -> impl Iterator<Item = (u64, NodeId, Option<&Entry>)> + '_ {
        let position = self.state.ring.position(&key.0);
        let handing = self.state.handing.iter();
        let of = handing.filter(move |(range, _)| range.contains(position));
        let key = key.clone();
        of.map(move |(_, handing)| {
            let mut entries = handing.entries.iter();
            let entry = entries.find(|(of, _)| *of == key).map(|(_, entry)| entry);
            (handing.epoch, handing.to, entry)
        })
    }

    /// What its view has given it and has not arrived: the range, and who sends it.
    pub fn awaited(&self) -> impl Iterator<Item = (KeyRange, NodeId)> + '_ {
        self.state
            .awaited
            .iter()
            .map(|(range, from)| (*range, *from))
    }
}

impl<P: Placement, S> fmt::Display for Node<P, S> {
    /// `n1@2 {n1 n2} [k=v#1] awaits (…] ⇐ n2 hands (…] ⇒ n3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id(), self.view())?;
        let held = self.state.held.iter();
        super::message::show(f, held.map(|((_, key), entry)| (key, entry)))?;
        for (range, from) in self.awaited() {
            write!(f, " awaits {range} ⇐ {from}")?;
        }
        for (range, epoch, to) in self.handing() {
            write!(f, " hands {range} ⇒ {to}@{epoch}")?;
        }
        Ok(())
    }
}
