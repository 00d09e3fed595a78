//! Who takes part: nodes of the ring, which are the cores that ship, and what is outside of them: the log of views, and clients.
//!
//! A core is told of views and asked by clients through its host. Here the log and the clients send that over the network, too, so that it is late, lost and doubled as all else is; what
//! arrives is handed to the core as its host would, and the core's answers go back the same way. Nothing else stands between a core and the cluster.

use std::fmt;

use concur_cores::ring::hand_over::{Bytes, Config, Message, Node, Notice, Record, Request, Timer};
use concur_cores::{Effects, Input, NodeId, Protocol};
use concur_models::ring::Write;
use concur_models::ring::unbounded::Read;
use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::outside::{Asked, Outside, Wish, asked};
use super::tokens::Tokens;
use crate::Kept;

/// The name of what is outside.
pub const OUTSIDE: NodeId = NodeId(0);

/// What a read finds: the version and the value.
pub type Found = Option<(u64, Bytes)>;

/// A node, or what is outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Party<N> {
    /// A core and its host.
    Node {
        /// The core.
        core: N,
        /// Whether the host does not wait for its disk.
        hasty: bool,
    },
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
    /// Of a core and its host.
    Node {
        /// The core's configuration.
        core: C,
        /// Whether the host does not wait for its disk before it sends and tells: wrong, so that it is seen to be noticed.
        hasty: bool,
    },
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
            PartyConfig::Node {
                core: config,
                hasty,
            } => {
                let records: Vec<Record> = records.iter().map(|r| r.record.clone()).collect();
                let mut own = Effects::new();
                let core = Core::recover(config, &records, &mut own);
                forward(core.id(), hasty, own, effects);
                Self::Node { core, hasty }
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
        if let Self::Node { core, hasty } = self {
            let mut own = Effects::new();
            core.step(input, &mut own);
            forward(core.id(), *hasty, own, effects);
        }
    }
}

/// What a core wants done, with its answers on their way to the clients.
fn forward<S: RuleSet<Rule>>(
    of: NodeId,
    hasty: bool,
    mut own: Effects<Core<S>>,
    effects: &mut Effects<Party<Core<S>>>,
) {
    if hasty {
        own.send_ahead.append(&mut own.send);
        own.notify_ahead.append(&mut own.notify);
    }
    let wire = |(to, message)| (to, Wire::Core(message));
    let on_disk = |record| OnDisk { of, record };
    let answer = |notice: &Notice| Some((OUTSIDE, answer(notice)?));
    let ahead = own.send_ahead.into_iter().map(wire);
    effects.send_ahead.extend(ahead);
    let ahead = own.notify_ahead.iter().filter_map(answer);
    effects.send_ahead.extend(ahead);
    effects.notify_ahead.extend(own.notify_ahead);
    effects.persist.extend(own.persist.into_iter().map(on_disk));
    effects.receipt = own.receipt;
    effects.send.extend(own.send.into_iter().map(wire));
    effects.send.extend(own.notify.iter().filter_map(answer));
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
            Self::Node { core, .. } => core.fmt(f),
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
