//! What the ring's cores tell, clients and hosts, held against the model.

use concur_cores::ring::hand_over::{Ask, Notice, Request, Why};
use concur_models::kit::Id;
use concur_models::ring::unbounded::{Held, Message, State};
use concur_models::ring::{Key, Node};
use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::RingCores;
use super::mapping::node;
use super::outside::{Asked, asked};
use super::tokens::{key_of, value};

/// A client's request as the model's message; none for what hosts ask.
pub(super) fn request(request: &Request) -> Option<Message> {
    match request {
        Request::Write(ask, _) | Request::Read(ask) => Some(match asked(ask) {
            Asked::Write(w) => Message::Write(w, ask.epoch as u32),
            Asked::Read(r) => Message::Read(r, ask.epoch as u32),
        }),
        Request::Install(_) | Request::Retire | Request::Checkpoint => None,
    }
}

impl<S: RuleSet<Rule>> RingCores<S> {
    /// Whether that is so, told by that node.
    pub(super) fn so(&self, s: &State, n: Node, notice: &Notice) -> bool {
        let epoch = s.epoch[n.index()];
        match notice {
            Notice::Written { ask, version } => {
                self.serves(s, n, ask) && {
                    let held = s.held(n, key_of(&ask.key)).value();
                    let made =
                        held.and_then(|writes| writes.get((*version as usize).checked_sub(1)?));
                    made.is_some_and(|w| asked(ask) == Asked::Write(*w))
                }
            }
            Notice::Value { ask, found } => {
                self.serves(s, n, ask) && {
                    let held = s.held(n, key_of(&ask.key)).value();
                    let last = |w| held.map(|writes| (writes.len() as u64, value(w)));
                    let now = held.and_then(|writes| writes.last().copied().and_then(last));
                    now == *found
                }
            }
            Notice::Refused { ask, why } => self.refused(s, n, ask, *why),
            Notice::Settled(e) => {
                u64::from(epoch) == *e && !self.keys_of(s).any(|k| self.above.awaits(s, n, k))
            }
            Notice::HandedOver => !self
                .keys_of(s)
                .any(|k| matches!(s.held(n, k), Held::Handing(..))),
            Notice::Retired => {
                let nothing = self.keys_of(s).all(|k| *s.held(n, k) == Held::Nothing);
                nothing && !s.view(epoch).contains(&n)
            }
        }
    }

    fn keys_of(&self, s: &State) -> impl Iterator<Item = Key> + use<S> {
        Key::first(s.held[0].len())
    }

    /// Whether the node is the one that serves the request: the owner of its key in the epoch by which it came, which has the data.
    fn serves(&self, s: &State, n: Node, ask: &Ask) -> bool {
        let epoch = s.epoch[n.index()];
        let k = key_of(&ask.key);
        let owner = self.above.lookup(s.view(epoch), k) == Some(n);
        u64::from(epoch) == ask.epoch && owner && s.held(n, k).is_here()
    }

    fn refused(&self, s: &State, n: Node, ask: &Ask, why: Why) -> bool {
        let epoch = s.epoch[n.index()];
        let k = key_of(&ask.key);
        match why {
            Why::Epoch(e) => u64::from(epoch) == e && e != ask.epoch,
            Why::NotOwner(owner) => {
                let is = self.above.lookup(s.view(epoch), k);
                is == Some(node(owner)) && is != Some(n)
            }
            Why::NotYet => self.above.awaits(s, n, k),
            // Here a client writes once.
            Why::Superseded => false,
        }
    }
}
