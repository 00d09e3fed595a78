//! What is outside of the nodes: the log of views, and clients.

use std::collections::HashSet;
use std::fmt;

use concur_cores::ring::hand_over::{Ask, Request};
use concur_cores::ring::{Member, View};
use concur_cores::{Effects, NodeId, Protocol};
use concur_models::kit::Id;
use concur_models::ring::unbounded::Read;
use concur_models::ring::{Key, Write, WriteState};

use super::party::{Found, Party, Wire};
use super::tokens::{key, value};

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
    pub(super) fn tell<N>(&self, request: &Request, effects: &mut Effects<Party<N>>)
    where
        Party<N>: Protocol<Message = Wire>,
    {
        for id in self.ids() {
            effects.send.push((id, Wire::Host(request.clone())));
        }
    }

    pub(super) fn wish<N>(&mut self, wish: &Wish, effects: &mut Effects<Party<N>>)
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

    pub(super) fn hear(&mut self, answer: Wire) {
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
