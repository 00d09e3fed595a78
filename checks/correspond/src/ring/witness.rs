//! For which actions of the ring's model a step of the cluster stands.

use concur_cores::NodeId;
use concur_models::kit::{Id, Mapped};
use concur_models::ring::unbounded::{Action, Held, Message, ReadState, State};
use concur_models::ring::{Key, Node, Write, WriteState};
use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;

use super::mapping::node;
use super::outside::Wish;
use super::party::{Core, OUTSIDE, Party, Wire};
use super::{AboveRing, RingCores};
use crate::cluster::{Event, Shared, StateOf};

impl<S: RuleSet<Rule>> RingCores<S> {
    pub(super) fn actions(
        &self,
        before: &StateOf<Self>,
        event: &Event<Party<Core<S>>>,
        Mapped { from, to, .. }: Mapped<'_, AboveRing>,
    ) -> Vec<Action> {
        match event {
            Event::Request(_, wish) => vec![wished(wish)],
            Event::Deliver(packet) if packet.to == OUTSIDE => heard(from, &packet.message),
            Event::Crash(id, kept) if *id != OUTSIDE => self.crash(before, *id, *kept),
            _ => changes(from, node(event.node()), to),
        }
    }

    /// The writes that reached the disk, one by one, and then the crash.
    fn crash(&self, before: &StateOf<Self>, id: NodeId, kept: usize) -> Vec<Action> {
        let (mut cluster, mut actions) = (before.clone(), Vec::new());
        let at = cluster.position(id).expect("a node that crashes exists");
        for _ in 0..kept {
            let mut changed = (*cluster.nodes[at]).clone();
            changed.disk.sync_one();
            let was = self.state(&cluster);
            cluster.nodes[at] = Shared::new(changed);
            actions.extend(changes(&was, node(id), &self.state(&cluster)));
        }
        actions.push(Action::Crash(node(id)));
        actions
    }
}

fn wished(wish: &Wish) -> Action {
    match *wish {
        Wish::Join(id) => Action::Join(node(id)),
        Wish::Leave(id) => Action::Leave(node(id)),
        Wish::Write(w, k, e) => Action::Ask(w, k, e as u32),
        Wish::Read(r, k, e) => Action::AskRead(r, k, e as u32),
    }
}

/// What a client makes of an answer: something, the first time.
fn heard(s: &State, answer: &Wire) -> Vec<Action> {
    match answer {
        Wire::Done(w) if matches!(s.writes[w.index()], WriteState::Asked(_)) => {
            vec![Action::Ack(*w)]
        }
        Wire::Answer(r, got) => match &s.reads[r.index()] {
            ReadState::Asked(k, _) => {
                let value = super::mapping::found(got, &s.value(*k));
                let nth = (0..)
                    .zip(s.answers(*r))
                    .find(|(_, answer)| **answer == value);
                vec![Action::Return(*r, nth.map_or(u32::MAX, |(nth, _)| nth))]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What one node has done between two states, by the one record that became durable, or by what it answers.
fn changes(s: &State, n: Node, t: &State) -> Vec<Action> {
    let (was, is) = (s.epoch[n.index()], t.epoch[n.index()]);
    let mut actions = Vec::new();
    if s.down.contains(&n) && !t.down.contains(&n) {
        actions.push(Action::Restart(n));
    }
    actions.extend((was + 1..=is).map(|e| Action::Install(n, e)));
    for k in Key::first(t.held[n.index()].len()) {
        match (s.held(n, k), t.held(n, k)) {
            (Held::Here(old), Held::Here(new)) => {
                let added = new.iter().skip(old.len());
                let by = |w: &Write| routed(s, is, |e| Message::Write(*w, e));
                actions.extend(added.map(|w| Action::Accept(n, *w, by(w))));
            }
            (_, Held::Here(new)) => {
                let nth = (0..).zip(s.data(k, is)).find(|(_, sent)| *sent == new);
                let nth = nth.map_or(u32::MAX, |(nth, _)| nth);
                actions.push(Action::Receive(n, k, is, nth));
            }
            (Held::Handing(_, e), Held::Nothing) => actions.push(Action::Delete(n, k, *e)),
            _ => {}
        }
    }
    for message in t.messages.difference(&s.messages) {
        match message {
            Message::Data(k, e, _) => actions.push(Action::HandOver(n, *k, *e)),
            Message::Answer(r, _) => {
                let by = routed(s, is, |e| Message::Read(*r, e));
                actions.push(Action::Answer(n, *r, by));
            }
            _ => {}
        }
    }
    actions
}

/// By which epoch a request was routed that a node in epoch `own` serves: by its own, unless there is none such. Whether it may serve another, the model says.
fn routed(s: &State, own: u32, request: impl Fn(u32) -> Message) -> u32 {
    let sent = |e: &u32| s.messages.contains(&request(*e));
    let others = (1..=s.current()).filter(|e| *e != own);
    [own].into_iter().chain(others).find(sent).unwrap_or(own)
}
