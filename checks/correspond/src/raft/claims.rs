//! What servers promise each other beyond the model, in which anyone may stand for election at any time and leaders take what they like: properties of steps, each with its witness.

use concur_cores::NodeId;
use concur_cores::raft::{Body, Entry, Message, Request, Role};
use concur_models::kit::StepProperty;
use concur_rules::RuleSet;
use concur_rules::raft_core::RaftNodeRule as Rule;
use stateright::Property;

use super::{Core, RaftCores};
use crate::Clustered;
use crate::cluster::{Action, Event, StateOf};

/// No cluster comes to such a term.
const REACH: u64 = u64::MAX / 2;

type Cluster<S> = StateOf<RaftCores<S>>;

/// A step of a server that was up before and is up still.
struct Turn<'s, S: RuleSet<Rule>> {
    size: &'s RaftCores<S>,
    id: NodeId,
    event: Event<Core<S>>,
    old: &'s Core<S>,
    new: &'s Core<S>,
    before: &'s Cluster<S>,
    after: &'s Cluster<S>,
}

impl<'s, S: RuleSet<Rule>> Turn<'s, S> {
    fn of(
        m: &'s Clustered<RaftCores<S>>,
        before: &'s Cluster<S>,
        action: &Action,
        after: &'s Cluster<S>,
    ) -> Option<Self> {
        let event = m.event(before, *action)?;
        let id = event.node();
        Some(Self {
            size: &m.correspondence,
            old: before.node(id).core.as_ref()?,
            new: after.node(id).core.as_ref()?,
            id,
            event,
            before,
            after,
        })
    }

    /// What the server says in this step, and had not said before; what waits for its disk included.
    fn says(&self) -> impl Iterator<Item = (NodeId, &Message<u64>)> {
        let sent = self.after.sent_since(self.before);
        let sent = sent.map(|packet| (packet.to, &packet.message));
        let waited: Vec<_> = waiting(self.before, self.id).collect();
        let said = sent.chain(waiting(self.after, self.id));
        said.filter(move |it| !waited.contains(it))
    }

    fn stands(&self) -> bool {
        let (old, new) = (self.old.ballot(), self.new.ballot());
        old.term < new.term && new.voted_for == Some(self.id)
    }

    /// The message that has arrived.
    fn hears(&self) -> Option<&Message<u64>> {
        match &self.event {
            Event::Deliver(packet) => Some(&packet.message),
            _ => None,
        }
    }
}

/// What waits for that server's disk before it is said.
fn waiting<S: RuleSet<Rule>>(
    cluster: &Cluster<S>,
    id: NodeId,
) -> impl Iterator<Item = (NodeId, &Message<u64>)> {
    let waits = cluster.node(id).disk.waiting();
    waits
        .flat_map(|it| &it.send)
        .map(|(to, message)| (*to, message))
}

/// Who stands for election was encouraged by a majority, or asked to by the leader of its own term; nobody encourages, or votes for, whom it has reason not to (thesis, §4.2.3, §9.6, §3.10).
fn elections_are_wanted<S: RuleSet<Rule>>(turn: &Turn<'_, S>) -> bool {
    let asked = matches!(
        turn.hears(),
        Some(Message {
            body: Body::TimeoutNow,
            ..
        })
    );
    if turn.stands() {
        let current = turn
            .hears()
            .is_none_or(|m| m.term + 1 == turn.new.ballot().term);
        return if asked { current } else { is_encouraged(turn) };
    }
    let Some(Message { term, body }) = turn.hears() else {
        return true;
    };
    let (old, sticks) = (
        turn.old,
        turn.size.features.check_quorum && turn.old.has_leader(),
    );
    match body {
        Body::PreVoteRequest { last } if encourages(turn) => {
            let (own, theirs) = (old.last(), *last);
            let is_up_to_date = (theirs.term, theirs.index) >= (own.term, own.index);
            *term > old.ballot().term && is_up_to_date && !sticks
        }
        Body::RequestVoteRequest {
            transfer: false, ..
        } if sticks => old.ballot() == turn.new.ballot(),
        _ => true,
    }
}

fn encourages<S: RuleSet<Rule>>(turn: &Turn<'_, S>) -> bool {
    let granted = Body::PreVoteResponse { granted: true };
    turn.says().any(|(_, message)| message.body == granted)
}

/// Whether so many would vote for whoever stands, itself among them.
fn is_encouraged<S: RuleSet<Rule>>(turn: &Turn<'_, S>) -> bool {
    let granted = Body::PreVoteResponse { granted: true };
    let counts = |id: &NodeId| {
        let mut sent = turn.before.sent();
        sent.any(|packet| {
            (packet.from, packet.to) == (*id, turn.id)
                && packet.message.body == granted
                && packet.message.term == turn.new.ballot().term
        })
    };
    let others = turn.size.ids().filter(counts).count();
    !turn.size.features.pre_vote || 2 * (others + 1) > turn.size.servers
}

/// Who hands over takes no requests, and asks only a server that has all of its log (thesis, §3.10).
fn transfers_are_quiet<S: RuleSet<Rule>>(turn: &Turn<'_, S>) -> bool {
    let proposes = matches!(turn.event, Event::Request(_, Request::Propose(_)));
    let longer = turn.old.last() != turn.new.last();
    let caught_up = |to: NodeId| {
        let progress = turn.new.progress().iter().find(|known| known.id == to);
        progress.is_some_and(|known| known.match_index == turn.new.last().index)
    };
    let peer = |to: NodeId| to != turn.id && turn.size.ids().any(|id| id == to);
    turn.new.role() != Role::Leader
        || turn.new.transfers_to().is_none_or(peer)
            && !(proposes && longer && turn.old.transfers_to().is_some())
            && turn
                .says()
                .all(|(to, message)| message.body != Body::TimeoutNow || caught_up(to))
}

/// A leader takes no more than its limit while anything waits to be committed.
fn uncommitted_is_limited<S: RuleSet<Rule>>(turn: &Turn<'_, S>) -> bool {
    let uncommitted = |core: &Core<S>| -> usize {
        let covered = core.snapshot().last.index;
        let committed = core.commit_index().saturating_sub(covered) as usize;
        let waiting = core.entries().iter().skip(committed);
        waiting.map(Entry::bytes).sum()
    };
    let proposes = matches!(turn.event, Event::Request(_, Request::Propose(_)));
    let longer = turn.old.last() != turn.new.last();
    let within = uncommitted(turn.new) <= turn.size.limits().uncommitted_bytes;
    !(proposes && longer) || uncommitted(turn.old) == 0 || within
}

/// No server says a term that no cluster can come to.
fn terms_are_within_reach<S: RuleSet<Rule>>(turn: &Turn<'_, S>) -> bool {
    turn.says().all(|(_, message)| message.term <= REACH)
}

/// The properties.
pub(super) fn properties<S: RuleSet<Rule>>() -> Vec<StepProperty<Clustered<RaftCores<S>>>> {
    macro_rules! property {
        ($name:literal, $holds:ident) => {
            StepProperty {
                name: $name,
                holds: |m, before, action, after| {
                    Turn::of(m, before, action, after).is_none_or(|turn| $holds(&turn))
                },
            }
        };
    }
    vec![
        property!("ElectionsAreWanted", elections_are_wanted),
        property!("TransfersAreQuiet", transfers_are_quiet),
        property!("UncommittedIsLimited", uncommitted_is_limited),
        property!("TermsAreWithinReach", terms_are_within_reach),
    ]
}

/// Their witnesses.
pub(super) fn witnesses<S: RuleSet<Rule>>() -> Vec<Property<Clustered<RaftCores<S>>>> {
    type P<S> = Property<Clustered<RaftCores<S>>>;
    vec![
        P::<S>::sometimes("ElectionsAreWanted: one stands", |_, s| {
            any(s, |core| core.role() == Role::Candidate)
        }),
        P::<S>::sometimes("TransfersAreQuiet: one hands over", |_, s| {
            any(s, |core| core.transfers_to().is_some())
        }),
        P::<S>::sometimes("UncommittedIsLimited: something waits", |_, s| {
            any(s, |core| {
                core.role() == Role::Leader && core.last().index > core.commit_index()
            })
        }),
        P::<S>::sometimes("TermsAreWithinReach: a term begins", |_, s| {
            any(s, |core| core.ballot().term > 0)
        }),
    ]
}

fn any<S: RuleSet<Rule>>(cluster: &Cluster<S>, which: fn(&Core<S>) -> bool) -> bool {
    cluster.up().any(|(_, core)| which(core))
}
