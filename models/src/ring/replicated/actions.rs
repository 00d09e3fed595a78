//! The replicated ring's actions: views, crashes, copies, and requests of clients.

use concur_rules::RuleSet;
use concur_rules::replicated_ring::RepRule as Rule;

use crate::kit::given;
use crate::ring::replicated::messages::Message;
use crate::ring::replicated::{Copy, Memory, ReplicatedRing, State};
use crate::ring::{Key, Node, PerKey, ReadState, Value, Write, WriteState};

// -------------------------------------------------------------------------------------------------- Views and crashes

impl<S: RuleSet<Rule>> ReplicatedRing<S> {
    pub(super) fn join(&self, s: &State, n: Node) -> Option<State> {
        let mut view = s.view(s.current());
        given(s.current() < self.epochs && !s.nodes[n].is_down())?;
        self.rules.when(Rule::RepJoinStranger, !view.contains(n))?;

        let mut t = *s;
        if self.rules.performs(Rule::RepJoinAdds) {
            view.insert(n);
        }
        t.views.push(view);
        Some(t)
    }

    pub(super) fn leave(&self, s: &State, n: Node) -> Option<State> {
        let mut view = s.view(s.current());
        given(s.current() < self.epochs)?;
        self.rules.when(Rule::RepLeaveMember, view.contains(n))?;
        self.rules
            .when(Rule::RepLeaveNotLast, view.iter().any(|m| m != n))?;

        let mut t = *s;
        if self.rules.performs(Rule::RepLeaveRemoves) {
            view.remove(n);
        }
        t.views.push(view);
        Some(t)
    }

    pub(super) fn install(&self, s: &State, n: Node, e: u8) -> Option<State> {
        let memory = s.nodes[n].up()?;
        given(e != memory.epoch)?;
        self.rules.when(Rule::RepInstallNewer, e > memory.epoch)?;

        let mut t = *s;
        if self.rules.performs(Rule::RepInstallEpoch) {
            t.nodes[n].up_mut()?.epoch = e;
        }
        Some(t)
    }

    pub(super) fn crash(&self, s: &State, n: Node) -> Option<State> {
        given(!s.nodes[n].is_down() && s.lost.len() < self.together)?;

        let mut t = *s;
        t.nodes[n].crash();
        t.lost.insert(n);
        t.faults.crashes += 1;
        Some(t)
    }

    /// The copies are gone, and the epoch comes from the log.
    pub(super) fn restart(&self, s: &State, n: Node) -> Option<State> {
        given(s.nodes[n].is_down())?;
        self.rules
            .when(Rule::RepRestartEvicted, !s.view(s.current()).contains(n))?;

        let mut t = *s;
        let epoch = match self.rules.performs(Rule::RepRestartEpoch) {
            true => s.current(),
            false => 0,
        };
        t.nodes[n].restart(|_| Memory {
            epoch,
            copies: PerKey::all(self.keys, Copy::default()),
        });
        Some(t)
    }
}

// -------------------------------------------------------------------------------------------------------------- Copies

impl<S: RuleSet<Rule>> ReplicatedRing<S> {
    pub(super) fn adopt(&self, s: &State, n: Node, from: Node, k: Key) -> Option<State> {
        let (memory, copy) = (s.nodes[n].up()?, s.nodes[from].up()?.copies[k]);
        let e = memory.epoch;
        let stopped = s.live().all(|(_, other)| other.epoch >= e);
        let latest = s
            .live()
            .all(|(_, other)| other.copies[k].since <= copy.since);
        given(e > 0 && copy.since > 0)?;
        self.rules
            .when(Rule::RepAdoptOwner, self.owner(s.view(e), k) == Some(n))?;
        self.rules
            .when(Rule::RepAdoptOnce, memory.copies[k].since < e)?;
        self.rules.when(Rule::RepAdoptStopped, stopped)?;
        self.rules.when(Rule::RepAdoptLatest, latest)?;

        let mut t = *s;
        let mine = &mut t.nodes[n].up_mut()?.copies[k];
        if self.rules.performs(Rule::RepAdoptCopies) {
            mine.value = copy.value;
        }
        if self.rules.performs(Rule::RepAdoptSince) {
            mine.since = e;
        }
        if self.rules.performs(Rule::RepAdoptSends) {
            t.messages.insert(Message::Copy(k, e, copy.value));
        }
        Some(t)
    }

    pub(super) fn store(&self, s: &State, n: Node, k: Key, e: u8, value: Value) -> Option<State> {
        let memory = s.nodes[n].up()?;
        let copy = memory.copies[k];
        let longer = copy.since < e || value.len() > copy.value.len();
        given(s.messages.contains(Message::Copy(k, e, value)))?;
        given(self.list(s.view(e), k).iter().skip(1).any(|&r| r == n))?;
        self.rules.when(Rule::RepStoreEpoch, memory.epoch == e)?;
        self.rules.when(Rule::RepStoreNewer, longer)?;

        let mut t = *s;
        if self.rules.performs(Rule::RepStoreCopies) {
            t.nodes[n].up_mut()?.copies[k] = Copy { since: e, value };
        }
        if self.rules.performs(Rule::RepStoreReplies) {
            t.messages
                .insert(Message::Stored(k, e, value.len() as u8, n));
        }
        Some(t)
    }

    pub(super) fn delete(&self, s: &State, n: Node, k: Key) -> Option<State> {
        let memory = s.nodes[n].up()?;
        let e = memory.epoch;
        given(e > 0 && memory.copies[k].since > 0)?;
        self.rules.when(
            Rule::RepDeleteStranger,
            !self.list(s.view(e), k).contains(&n),
        )?;
        self.rules
            .when(Rule::RepDeleteSettled, self.settled(s, k, e))?;

        let mut t = *s;
        if self.rules.performs(Rule::RepDeleteForgets) {
            t.nodes[n].up_mut()?.copies[k] = Copy::default();
        }
        Some(t)
    }
}

// ------------------------------------------------------------------------------------------------------------ Requests

impl<S: RuleSet<Rule>> ReplicatedRing<S> {
    pub(super) fn ask(&self, s: &State, w: Write, k: Key, e: u8) -> Option<State> {
        let again = s.clients.writes[w] == WriteState::Asked(k);
        given(again || s.clients.writes[w] == WriteState::New)?;

        let mut t = *s;
        t.clients.writes[w] = WriteState::Asked(k);
        t.messages.insert(Message::Write(w, e));
        Some(t)
    }

    pub(super) fn accept(&self, s: &State, n: Node, w: Write, e: u8) -> Option<State> {
        let k = s.clients.writes[w].key()?;
        let memory = s.nodes[n].up()?;
        let copy = memory.copies[k];
        let longer = copy.value.with(w)?;
        given(s.messages.contains(Message::Write(w, e)))?;
        given(memory.epoch > 0)?;
        self.rules.when(Rule::RepAcceptEpoch, memory.epoch == e)?;
        self.rules
            .when(Rule::RepAcceptOwner, self.owner(s.view(e), k) == Some(n))?;
        self.rules
            .when(Rule::RepAcceptInSync, copy.since == memory.epoch)?;
        self.rules
            .when(Rule::RepAcceptOnce, !copy.value.contains(w))?;

        let mut t = *s;
        if self.rules.performs(Rule::RepAcceptStores) {
            t.nodes[n].up_mut()?.copies[k].value = longer;
        }
        if self.rules.performs(Rule::RepAcceptSends) {
            t.messages.insert(Message::Copy(k, memory.epoch, longer));
        }
        Some(t)
    }

    /// Writes are acknowledged in the order in which they were accepted.
    pub(super) fn commit(&self, s: &State, n: Node, k: Key, len: u8) -> Option<State> {
        let memory = s.nodes[n].up()?;
        let (e, copy) = (memory.epoch, memory.copies[k]);
        given(e > 0 && copy.since == e && len as usize <= copy.value.len())?;
        given(self.owner(s.view(e), k) == Some(n))?;
        let value = copy.value.prefix(len as usize);
        let before = value.prefix(len as usize - 1);
        given(before.is_empty() || s.messages.contains(Message::Done(k, before)))?;
        let list = self.list(s.view(e), k);
        let mut others = list.iter().skip(1);
        let stored = others.all(|&r| self.has_replied(s, r, k, e, len));
        self.rules.when(Rule::RepCommitStored, stored)?;
        self.rules
            .when(Rule::RepCommitEnough, list.len() == self.replicas)?;

        let mut t = *s;
        if self.rules.performs(Rule::RepCommitReplies) {
            t.messages.insert(Message::Done(k, value));
        }
        Some(t)
    }

    /// Whether a replica has told that it has stored that many writes of the key in that epoch, or more.
    fn has_replied(&self, s: &State, r: Node, k: Key, e: u8, len: u8) -> bool {
        s.messages.iter().any(|message| match message {
            Message::Stored(key, epoch, length, from) if key == k && from == r => {
                self.rules.requires(Rule::RepCommitThisEpoch, epoch == e)
                    && self.rules.requires(Rule::RepCommitThisWrite, length >= len)
            }
            _ => false,
        })
    }

    pub(super) fn ack(&self, s: &State, w: Write) -> Option<State> {
        let WriteState::Asked(k) = s.clients.writes[w] else {
            return None;
        };
        let told =
            |message| matches!(message, Message::Done(key, value) if key == k && value.contains(w));
        given(s.messages.iter().any(told))?;

        let mut t = *s;
        t.clients.writes[w] = WriteState::Acked(k);
        Some(t)
    }

    pub(super) fn ask_read(&self, s: &State, k: Key) -> Option<State> {
        given(s.clients.read == ReadState::New)?;

        let mut t = *s;
        t.clients.read = ReadState::Asked(k, s.done(k));
        Some(t)
    }

    pub(super) fn answer(&self, s: &State, n: Node) -> Option<State> {
        let ReadState::Asked(k, _) = s.clients.read else {
            return None;
        };
        let memory = s.nodes[n].up()?;
        let Copy { since, value } = memory.copies[k];
        let committed = value.is_empty() || s.messages.contains(Message::Done(k, value));
        given(since > 0)?;
        self.rules
            .when(Rule::RepAnswerInSync, since == memory.epoch)?;
        self.rules.when(Rule::RepAnswerCommitted, committed)?;

        let mut t = *s;
        if self.rules.performs(Rule::RepAnswerReplies) {
            t.messages.insert(Message::Answer(value));
        }
        Some(t)
    }

    pub(super) fn return_(&self, s: &State, value: Value) -> Option<State> {
        given(s.messages.contains(Message::Answer(value)))?;
        let ReadState::Asked(k, _) = s.clients.read else {
            return None;
        };

        let mut t = *s;
        t.clients.read = ReadState::Got(k, value);
        Some(t)
    }
}
