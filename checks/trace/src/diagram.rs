//! What all diagrams draw: lifelines, a row for each step, and arrows from where a message was sent to where it arrived.

use crate::document::{Behaviour, Step};
use crate::event::{Happening, Mail};
use crate::nodes::Nodes;
use crate::text::notes;

/// A diagram without a size.
pub(crate) struct Diagram {
    /// The nodes.
    pub(crate) lanes: Vec<String>,
    /// The steps, in order.
    pub(crate) rows: Vec<Row>,
    /// The messages.
    pub(crate) arrows: Vec<Arrow>,
    /// The row at which what happens for ever begins.
    pub(crate) again: Option<usize>,
}

/// A step.
pub(crate) struct Row {
    /// The lifeline of who acts; none if nobody does by itself.
    pub(crate) lane: Option<usize>,
    /// The kind.
    pub(crate) kind: Happening,
    /// The action in words.
    pub(crate) label: String,
    /// What changes on each lifeline, and beside them.
    pub(crate) notes: Vec<(Option<usize>, Vec<String>)>,
    /// Whether this is the step at which something broke.
    pub(crate) breaks: bool,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    /// The row and the lifeline of the sender.
    pub(crate) from: (usize, usize),
    /// Those of the receiver. A message that is not received ends in the row of its sender; one that is lost, where it is lost.
    pub(crate) to: (usize, usize),
    /// What it says.
    pub(crate) says: String,
    /// What became of it.
    pub(crate) fate: Fate,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives.
    Arrives,
    /// The network loses it.
    Lost,
    /// It is still in flight at the end.
    InFlight,
}

/// A message that was sent.
struct Sent {
    row: usize,
    from: usize,
    to: Option<usize>,
    says: String,
    done: bool,
}

impl Diagram {
    /// The diagram of a behaviour. Something breaks at its last step, unless it goes on for ever.
    pub(crate) fn of(behaviour: &Behaviour) -> Self {
        let nodes = Nodes::of(behaviour);
        let last = behaviour.steps.len().checked_sub(1);
        let finite = behaviour.lasso.is_none();
        let steps = behaviour.steps.iter().enumerate();
        let rows = steps.map(|(at, step)| row(step, &nodes, finite && last == Some(at)));
        Self {
            rows: rows.collect(),
            arrows: arrows(&behaviour.steps, &nodes),
            again: behaviour.lasso.as_ref().map(|lasso| lasso.stem),
            lanes: nodes.names().to_vec(),
        }
    }

    /// The arrows that arrive, or are lost, in a row; with those that leave it and never arrive.
    pub(crate) fn ending_in(&self, row: usize) -> impl Iterator<Item = &Arrow> {
        self.arrows.iter().filter(move |arrow| arrow.to.0 == row)
    }

    /// Whether the node of that lifeline is down after that row.
    pub(crate) fn is_down(&self, lane: usize, row: usize) -> bool {
        let until = self.rows.iter().take(row + 1).rev();
        let mut its = until.filter(|row| row.lane == Some(lane));
        its.find_map(|row| match row.kind {
            Happening::Crash => Some(true),
            Happening::Restart => Some(false),
            _ => None,
        }) == Some(true)
    }
}

fn row(step: &Step, nodes: &Nodes, breaks: bool) -> Row {
    let lane = |name: &str| nodes.lane(name);
    let mut notes: Vec<_> = notes(step, nodes)
        .into_iter()
        .map(|note| (note.node.and_then(lane), note.lines))
        .collect();
    if step.panics {
        notes.push((None, vec!["the model panics".to_owned()]));
    }
    Row {
        lane: step.event.actor.as_deref().and_then(lane),
        kind: step.event.kind,
        label: step.words().to_owned(),
        notes,
        breaks,
    }
}

/// An arrow for each message that is received, lost, or still in flight at the end. Where nobody sent what is received, it was sent in the same step.
fn arrows(steps: &[Step], nodes: &Nodes) -> Vec<Arrow> {
    let mut sent: Vec<Sent> = Vec::new();
    let mut arrows = Vec::new();
    let lane = |mail: &Mail| mail.peer.as_deref().and_then(|peer| nodes.lane(peer));
    for (row, step) in steps.iter().enumerate() {
        let event = &step.event;
        let Some(actor) = event.actor.as_deref().and_then(|actor| nodes.lane(actor)) else {
            continue;
        };
        for mail in &event.receives {
            let (found, from) = match lane(mail) {
                Some(from) => (find(&mut sent, Some(from), actor, &mail.says), from),
                None => match find(&mut sent, None, actor, &mail.says) {
                    Some(found) => (Some(found), found.1),
                    None => continue,
                },
            };
            let found = found.map(|(row, _)| row);
            arrows.push(arrow(
                (found.unwrap_or(row), from),
                (row, actor),
                mail,
                Fate::Arrives,
            ));
        }
        for mail in &event.sends {
            let to = lane(mail);
            match event.kind {
                Happening::Lose => {
                    let Some(to) = to else { continue };
                    let found = find(&mut sent, Some(actor), to, &mail.says);
                    let from = found.map_or(row, |(row, _)| row);
                    arrows.push(arrow((from, actor), (row, to), mail, Fate::Lost));
                }
                // The copy goes the way of the original.
                Happening::Duplicate => {}
                _ => sent.push(Sent {
                    row,
                    from: actor,
                    to,
                    says: mail.says.clone(),
                    done: false,
                }),
            }
        }
    }
    let in_flight = sent.into_iter().filter(|sent| !sent.done);
    arrows.extend(in_flight.filter_map(|sent| {
        let to = (sent.row, sent.to?);
        let (from, says) = ((sent.row, sent.from), sent.says);
        Some(Arrow {
            from,
            to,
            says,
            fate: Fate::InFlight,
        })
    }));
    arrows
}

fn arrow(from: (usize, usize), to: (usize, usize), mail: &Mail, fate: Fate) -> Arrow {
    let says = mail.says.clone();
    Arrow {
        from,
        to,
        says,
        fate,
    }
}

/// The row in which a message was sent last, and by whom. Nobody may know who that was.
fn find(sent: &mut [Sent], from: Option<usize>, to: usize, says: &str) -> Option<(usize, usize)> {
    let it = |sent: &&mut Sent| {
        let its_sender = from.is_none_or(|from| sent.from == from);
        its_sender && sent.to.is_none_or(|peer| peer == to) && sent.says == says
    };
    let found = sent.iter_mut().rev().find(it)?;
    found.done = true;
    Some((found.row, found.from))
}
