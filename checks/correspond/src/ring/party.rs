//! Who takes part: nodes of the ring, which are the cores that ship, and what is outside of them: the log of views, and clients.
//!
//! A core is told of views and asked by clients through its host. Here the log and the clients send that over the network, too, so that it is late, lost and doubled as all else is; what
//! arrives is handed to the core as its host would, and the core's answers go back the same way. Nothing else stands between a core and the cluster.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use concur_cores::ring::hand_over::{
    Ask, Bytes, Config, Message, Node, Notice, Record, Request, Timer,
};
use concur_cores::ring::{Member, Placement, Position, View};
use concur_cores::{Effects, Input, NodeId, Protocol};
use concur_models::kit::Id;
use concur_models::ring::unbounded::Read;
use concur_models::ring::{Key, Write, WriteState};
use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use crate::Kept;

/// The name of what is outside.
pub const OUTSIDE: NodeId = NodeId(0);

/// Points and keys at positions of a small ring, as the model has them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tokens {
    /// Where the tokens of each node lie.
    pub of: Arc<Vec<Vec<usize>>>,
    /// How many positions there are.
    pub positions: usize,
}

impl Placement for Tokens {
    fn points(&self, member: &Member, _: u32, put: impl FnMut(Position)) {
        let tokens = &self.of[member.id.0 as usize - 1];
        tokens.iter().map(|token| at(*token)).for_each(put);
    }

    fn position(&self, key: &[u8]) -> Position {
        self.of_key(Key(key.first().map_or(0, |byte| byte - b'a')))
    }
}

impl Tokens {
    /// Where a key lies.
    pub fn of_key(&self, k: Key) -> Position {
        at((k.index() + 1) % self.positions)
    }
}

/// A small position as one of the ring's, in its high bits.
fn at(small: usize) -> Position {
    (small as u64) << 56
}

/// The bytes of a key.
pub(super) fn key(k: Key) -> Bytes {
    Bytes(vec![b'a' + k.0])
}

/// The key of these bytes.
pub(super) fn key_of(bytes: &Bytes) -> Key {
    Key(bytes.0.first().map_or(0, |byte| byte - b'a'))
}

/// What a write writes: its name.
pub(super) fn value(w: Write) -> Bytes {
    Bytes::from(&*format!("{w:?}"))
}

/// Behind the clients that write, one each, come those that read.
const READERS: u64 = 1 << 32;

/// What a client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A write.
    Write(Write),
    /// A read.
    Read(Read),
}

/// What that request is about, by its client.
pub(super) fn asked(ask: &Ask) -> Asked {
    match ask.client.checked_sub(READERS) {
        Some(r) => Asked::Read(Read(r as u8)),
        None => Asked::Write(Write(ask.client as u8)),
    }
}

// -------------------------------------------------------------------------------------------------------------- Outside

/// The log of views, and the clients. Does not crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outside {
    /// How many nodes there are.
    pub nodes: usize,
    /// Whether hosts ask for checkpoints, and would like to switch nodes off.
    pub hosts: bool,
    /// The view of each epoch, from epoch 1 on.
    pub views: Vec<View>,
    /// Each write, as its client sees it.
    pub writes: Vec<WriteState>,
    /// Each read, as its client sees it.
    pub reads: Vec<Reading>,
}

/// How far a read has come, as its client sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Not asked for.
    #[default]
    New,
    /// Asked for.
    Asked(Key),
    /// Returned: the version and the value, if there was one.
    Got(Key, Found),
}

impl Reading {
    /// The key that is read, once the read has been asked for.
    pub fn key(&self) -> Option<Key> {
        match self {
            Self::New => None,
            Self::Asked(k) | Self::Got(k, _) => Some(*k),
        }
    }
}

/// What a read finds: the version and the value.
pub type Found = Option<(u64, Bytes)>;

/// What happens outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The log has a next view, with that node.
    Join(NodeId),
    /// The log has a next view, without that node.
    Leave(NodeId),
    /// A client asks for a write to a key by the view of an epoch.
    Write(Write, Key, u64),
    /// A client asks for the value of a key by the view of an epoch.
    Read(Read, Key, u64),
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Join(id) => write!(f, "{id} joins"),
            Self::Leave(id) => write!(f, "{id} leaves"),
            Self::Write(w, k, e) => write!(f, "{w:?} to {k:?} by @{e}"),
            Self::Read(r, k, e) => write!(f, "{r:?} of {k:?} by @{e}"),
        }
    }
}

impl Outside {
    fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=self.nodes as u64).map(NodeId)
    }

    fn last(&self) -> &View {
        self.views.last().expect("there is a first view")
    }

    /// What may be wished for: a change of members if there are to be more than `views` views, and requests by one of the `known` last views that were not sent yet.
    ///
    /// Writes, and reads, differ by their names only: so they begin in that order.
    pub fn wishes(
        &self,
        views: usize,
        known: usize,
        keys: usize,
        sent: &HashSet<&Request>,
    ) -> Vec<Wish> {
        let mut wishes = Vec::new();
        if self.views.len() < views {
            let (stay, come): (Vec<_>, Vec<_>) =
                self.ids().partition(|id| self.last().contains(*id));
            wishes.extend(come.into_iter().map(Wish::Join));
            let may_leave = stay.len() > 1;
            wishes.extend(stay.into_iter().filter(|_| may_leave).map(Wish::Leave));
        }
        let begun = self
            .writes
            .iter()
            .take_while(|state| **state != WriteState::New)
            .count();
        let writes = (0..).map(Write).zip(self.writes.iter().take(begun + 1));
        let begun = self
            .reads
            .iter()
            .take_while(|state| **state != Reading::New)
            .count();
        let reads = (0..).map(Read).zip(self.reads.iter().take(begun + 1));
        let (first, last) = (self.views.len().saturating_sub(known) + 1, self.views.len());
        for (e, k) in (first..=last)
            .rev()
            .flat_map(|e| Key::first(keys).map(move |k| (e as u64, k)))
        {
            for (w, state) in writes.clone() {
                let open = [WriteState::New, WriteState::Asked(k)].contains(state);
                wishes.extend(
                    (open && !sent.contains(&write(w, k, e))).then_some(Wish::Write(w, k, e)),
                );
            }
            for (r, state) in reads.clone() {
                let open = [Reading::New, Reading::Asked(k)].contains(state);
                wishes.extend(
                    (open && !sent.contains(&read(r, k, e))).then_some(Wish::Read(r, k, e)),
                );
            }
        }
        wishes
    }

    /// A client that is confused reaches any node: so a request goes to all of them.
    fn tell<N>(&self, request: &Request, effects: &mut Effects<Party<N>>)
    where
        Party<N>: Protocol<Message = Wire>,
    {
        for id in self.ids() {
            effects.send.push((id, Wire::Host(request.clone())));
        }
    }

    fn wish<N>(&mut self, wish: &Wish, effects: &mut Effects<Party<N>>)
    where
        Party<N>: Protocol<Message = Wire>,
    {
        let request = match *wish {
            Wish::Join(id) => self.append(self.last().join(Member::new(id)).ok()),
            Wish::Leave(id) => self.append(self.last().leave(id).ok()),
            Wish::Write(w, k, e) => {
                self.writes[w.index()] = WriteState::Asked(k);
                Some(write(w, k, e))
            }
            Wish::Read(r, k, e) => {
                self.reads[r.index()] = Reading::Asked(k);
                Some(read(r, k, e))
            }
        };
        if let Some(request) = request {
            self.tell(&request, effects);
        }
    }

    fn append(&mut self, view: Option<View>) -> Option<Request> {
        let view = view?;
        self.views.push(view.clone());
        Some(Request::Install(view))
    }

    fn hear(&mut self, answer: Wire) {
        match answer {
            Wire::Done(w) => {
                if let WriteState::Asked(k) = self.writes[w.index()] {
                    self.writes[w.index()] = WriteState::Acked(k);
                }
            }
            Wire::Answer(r, found) => {
                if let Reading::Asked(k) = self.reads[r.index()] {
                    self.reads[r.index()] = Reading::Got(k, found);
                }
            }
            Wire::Core(_) | Wire::Host(_) => {}
        }
    }
}

/// The request of a write, routed by the view of an epoch.
fn write(w: Write, k: Key, epoch: u64) -> Request {
    let (client, sequence, key) = (u64::from(w.0), 1, key(k));
    let ask = Ask {
        client,
        sequence,
        epoch,
        key,
    };
    Request::Write(ask, value(w))
}

fn read(r: Read, k: Key, epoch: u64) -> Request {
    let (client, sequence, key) = (READERS + u64::from(r.0), 1, key(k));
    Request::Read(Ask {
        client,
        sequence,
        epoch,
        key,
    })
}

// ---------------------------------------------------------------------------------------------------------------- Party

/// A node, or what is outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Party<N> {
    /// A core.
    Node(N),
    /// The log of views, and clients.
    Outside(Outside),
}

/// The core that ships, with the rules that are kept.
pub type Core<S> = Node<Tokens, Kept<S>>;

/// What such a core is told before it starts.
pub type CoreConfig<S> = Config<Tokens, Kept<S>>;

/// What a party is told before it starts.
#[derive(Clone, Debug)]
pub enum PartyConfig<C> {
    /// A core's configuration.
    Node(C),
    /// What is outside, as it begins.
    Outside(Outside),
}

/// What is on the network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// What nodes tell each other.
    Core(Message),
    /// What a host asks its core for, on its way to the host.
    Host(Request),
    /// A client is told that its write is stored.
    Done(Write),
    /// A client is told what its read has found.
    Answer(Read, Found),
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(message) => message.fmt(f),
            Self::Host(request) => request.fmt(f),
            Self::Done(w) => write!(f, "Done {w:?}"),
            Self::Answer(r, None) => write!(f, "Answer {r:?} none"),
            Self::Answer(r, Some((version, value))) => write!(f, "Answer {r:?} {value}#{version}"),
        }
    }
}

/// A record, and whose disk it is on: without that, a record that says which view was installed does not say what it did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OnDisk {
    /// Whose disk it is.
    pub of: NodeId,
    /// The core's record.
    pub record: Record,
}

impl fmt::Display for OnDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.fmt(f)
    }
}

impl<S: RuleSet<Rule>> Protocol for Party<Core<S>> {
    type Config = PartyConfig<CoreConfig<S>>;
    type Request = Wish;
    type Message = Wire;
    type Timer = Timer;
    type Record = OnDisk;
    type Receipt = ();
    type Notice = Notice;
    type Rule = Rule;

    fn recover(
        config: PartyConfig<CoreConfig<S>>,
        records: &[OnDisk],
        effects: &mut Effects<Self>,
    ) -> Self {
        match config {
            PartyConfig::Outside(outside) => {
                if outside.hosts {
                    outside.tell(&Request::Checkpoint, effects);
                    outside.tell(&Request::Retire, effects);
                }
                Self::Outside(outside)
            }
            PartyConfig::Node(config) => {
                let records: Vec<Record> = records.iter().map(|r| r.record.clone()).collect();
                let mut own = Effects::new();
                let node = Core::recover(config, &records, &mut own);
                forward(node.id(), own, effects);
                Self::Node(node)
            }
        }
    }

    fn is_checkpoint(record: &OnDisk) -> bool {
        Core::<S>::is_checkpoint(&record.record)
    }

    fn step(&mut self, input: Input<Self>, effects: &mut Effects<Self>) {
        let input = match (&mut *self, input) {
            (Self::Outside(outside), Input::Request(wish)) => return outside.wish(&wish, effects),
            (Self::Outside(outside), Input::Receive { message, .. }) => {
                return outside.hear(message);
            }
            (
                _,
                Input::Receive {
                    message: Wire::Host(request),
                    ..
                },
            ) => Input::Request(request),
            (
                _,
                Input::Receive {
                    from,
                    message: Wire::Core(message),
                },
            ) => Input::Receive { from, message },
            (_, Input::Elapsed(timer)) => Input::Elapsed(timer),
            (_, Input::Persisted(())) => Input::Persisted(()),
            (_, Input::Request(_) | Input::Receive { .. }) => return,
        };
        if let Self::Node(node) = self {
            let mut own = Effects::new();
            node.step(input, &mut own);
            forward(node.id(), own, effects);
        }
    }
}

/// What a core wants done, with its answers on their way to the clients.
fn forward<S: RuleSet<Rule>>(
    of: NodeId,
    own: Effects<Core<S>>,
    effects: &mut Effects<Party<Core<S>>>,
) {
    let wire = |(to, message)| (to, Wire::Core(message));
    let on_disk = |record| OnDisk { of, record };
    effects
        .send_ahead
        .extend(own.send_ahead.into_iter().map(wire));
    effects.persist.extend(own.persist.into_iter().map(on_disk));
    effects.receipt = own.receipt;
    effects.send.extend(own.send.into_iter().map(wire));
    let answers = own.notify.iter().filter_map(answer);
    effects.send.extend(answers.map(|answer| (OUTSIDE, answer)));
    effects.arm.extend(own.arm);
    effects.disarm.extend(own.disarm);
    effects.notify.extend(own.notify);
    effects.refused = own.refused;
}

/// What a client hears of what its host is told. A client that is refused asks again as one does that hears nothing.
fn answer(notice: &Notice) -> Option<Wire> {
    match notice {
        Notice::Written { ask, .. } => match asked(ask) {
            Asked::Write(w) => Some(Wire::Done(w)),
            Asked::Read(_) => None,
        },
        Notice::Value { ask, found } => match asked(ask) {
            Asked::Read(r) => Some(Wire::Answer(r, found.clone())),
            Asked::Write(_) => None,
        },
        _ => None,
    }
}

impl<N: fmt::Display> fmt::Display for Party<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => node.fmt(f),
            Self::Outside(Outside {
                views,
                writes,
                reads,
                ..
            }) => {
                views.iter().try_for_each(|view| write!(f, "{view} "))?;
                write!(f, "{writes:?} {reads:?}")
            }
        }
    }
}
