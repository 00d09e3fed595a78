//! What a cluster that keeps a log has done: what the model's acceptors remember where the nodes that ship forget.

use std::collections::BTreeMap;
use std::sync::Arc;

use concur_cores::NodeId;
use concur_cores::paxos::multi::{Log, Slot as CoreSlot, Snapshot, Suffix};
use concur_models::paxos::Acceptor;
use concur_models::paxos::unbounded::state::{Message, Messages, State as Above, Votes};
use concur_models::paxos::unbounded::{Ballot, Slot, Value, Vote};

use super::multi::{MultiPaxosCores, slot, value};
use super::{AbovePaxos, acceptor};

/// What has happened, beyond what disks and cores show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Past {
    /// What acceptors and owners of ballots have done, by what was ever durable on their disks, and what was proposed: the model's messages.
    pub msgs: Messages,
    /// The last durable vote of each acceptor, slot by slot.
    votes: BTreeMap<Acceptor, Votes>,
    /// What the model has chosen in the first slots, up to the first in which it has chosen nothing.
    chosen: Vec<Value>,
    /// Who has said what is not so, if anybody has.
    pub unfounded: Option<NodeId>,
    /// Whose disk does not say what it should, if there is one.
    pub forgetful: Option<NodeId>,
}

/// What is noted.
impl Past {
    /// A message that is entitled to be sent.
    pub(super) fn send(&mut self, message: Message) {
        if !self.msgs.contains(&message) {
            Arc::make_mut(&mut self.msgs).insert(message);
        }
    }

    /// A vote that is durable.
    pub(super) fn vote(&mut self, a: Acceptor, slot: Slot, vote: Option<Vote>) {
        if let Some(vote) = vote {
            self.votes.entry(a).or_default().insert(slot, vote);
            self.send(Message::P2b(a, slot, vote));
        }
    }

    /// What the model has chosen by now.
    pub(super) fn note_chosen(&mut self, model: &AbovePaxos) {
        let above = self.above();
        let next = |past: &Self| {
            let slot = Slot(past.chosen.len() as u64);
            model.chosen(&above, slot).first().copied()
        };
        while let Some(value) = next(self) {
            self.chosen.push(value);
        }
    }
}

/// What can be read off it.
impl Past {
    /// The last vote of an acceptor in each slot.
    pub(super) fn votes_of(&self, a: Acceptor) -> Votes {
        self.votes.get(&a).cloned().unwrap_or_default()
    }

    /// Whether any acceptor has voted.
    pub(super) fn anyone_voted(&self) -> bool {
        !self.votes.is_empty()
    }

    /// The model's state, as far as messages go.
    pub(super) fn above(&self) -> Above {
        Above {
            acceptors: Vec::new(),
            msgs: self.msgs.clone(),
        }
    }

    /// Whether something is chosen in every slot below.
    pub(super) fn knows_below(&self, slot: Slot) -> bool {
        slot.0 <= self.chosen.len() as u64
    }

    /// Whether that is chosen.
    pub(super) fn chose(&self, model: &AbovePaxos, slot: Slot, value: Value) -> bool {
        match self.chosen.get(slot.0 as usize) {
            Some(chosen) => *chosen == value,
            None => model.chosen(&self.above(), slot).contains(&value),
        }
    }

    /// What a snapshot holds, slot by slot: what its host has executed.
    pub(super) fn held(snapshot: &Snapshot) -> impl Iterator<Item = (Slot, Value)> {
        let bytes = |at: u64| snapshot.state.get(at as usize * 8..at as usize * 8 + 8);
        let number = move |at| bytes(at).and_then(|bytes| bytes.try_into().ok());
        (0..snapshot.upto.0).map(move |at| {
            let executed = number(at).map_or(u64::MAX, u64::from_le_bytes);
            (Slot(at), Value(executed))
        })
    }

    /// Whether what a promise tells is so: what it calls chosen is, and above that it tells the last votes before its ballot, none left out.
    ///
    /// Where the acceptor has voted in that very ballot since, it may tell that vote.
    pub(super) fn promise_is_so<S>(
        &self,
        model: &AbovePaxos,
        from: Acceptor,
        bal: Ballot,
        cores: &MultiPaxosCores<S>,
        told: &Suffix<u64>,
    ) -> bool {
        let above = self.above();
        let mut reports = above.reports(from, bal);
        let reported = match reports.next() {
            Some(votes) => votes.clone(),
            // It has voted in that ballot before it was asked.
            None => self.votes_of(from),
        };
        let votes = (told.first.0..).map(CoreSlot).zip(&told.votes);
        let mut said = votes
            .clone()
            .filter_map(|(at, vote)| Some((at, vote.as_ref()?)));
        let so = said.all(|(at, vote)| {
            let (of, val) = (slot(at), value(&vote.value));
            let voted = cores.ballot(vote.ballot);
            if at < told.chosen {
                self.chose(model, of, val)
            } else if voted == Some(bal) {
                above.voted(from, of, Vote::new(bal, val))
            } else {
                voted.is_some_and(|voted| reported.get(&of) == Some(&Vote::new(voted, val)))
            }
        });
        let least = slot(told.first.max(told.chosen));
        let tells = |at: &Slot| {
            let nth = at.0.checked_sub(told.first.0);
            nth.and_then(|nth| told.votes.get(nth as usize))
                .is_some_and(Option::is_some)
        };
        let whole = reported.range(least..).all(|(at, _)| tells(at));
        so && whole && self.knows_below(slot(told.chosen))
    }

    /// Whether a durable log says what the model's acceptor remembers: below its watermark what is chosen, above its own last votes.
    pub(super) fn agrees<S>(
        &self,
        model: &AbovePaxos,
        id: NodeId,
        cores: &MultiPaxosCores<S>,
        log: &Log<u64>,
    ) -> bool {
        let (first, chosen) = (log.first().0, log.chosen().0);
        let knows = |(slot, value)| self.chose(model, slot, value);
        let mut below = (first..chosen).map(|at| (Slot(at), log.get(CoreSlot(at))));
        let above = (chosen..log.end().0).filter_map(|at| {
            let vote = log.get(CoreSlot(at))?;
            let bal = cores.ballot(vote.ballot)?;
            Some((Slot(at), Vote::new(bal, value(&vote.value))))
        });
        let cast = self.votes_of(acceptor(id)).split_off(&Slot(chosen));
        Self::held(log.snapshot()).all(knows)
            && below.all(|(at, vote)| vote.is_some_and(|vote| knows((at, value(&vote.value)))))
            && above.collect::<Votes>() == cast
    }
}
