//! The search for an order of one object's operations.

use std::collections::BTreeSet;

use crate::done::Done;
use crate::memo::Memo;
use crate::search::{Budget, Reached};
use crate::timeline::{Event, Timeline};
use crate::verdict::{LastStand, Refutation};
use crate::{CallId, History, Operation, Specification};

/// What a search has come to.
pub(crate) enum Found<'h, S: Specification> {
    /// An order.
    Order(Vec<CallId>),
    /// There is none.
    Nothing(Refutation<'h, S>),
    /// It may not go on.
    Limit(Reached),
}

/// An operation that could be placed next.
#[derive(Clone, Copy, Debug)]
enum Candidate {
    /// Of those that returned.
    Closed(usize),
    /// Of those that did not.
    Open(usize),
}

/// An operation that is placed, and what to undo.
struct Placement<State> {
    candidate: Candidate,
    before: State,
    /// The place in the tree of orders before it.
    parent: u32,
}

/// Where the search got furthest: before which return, and with which states, as many as a person would read.
struct LastStands<State> {
    until: usize,
    stuck: Option<CallId>,
    stands: Vec<(u32, State)>,
}

impl<State: PartialEq + Clone> LastStands<State> {
    const MOST: usize = 4;

    fn note(&mut self, until: usize, stuck: CallId, place: u32, state: &State) {
        if until > self.until {
            self.stands.clear();
            (self.until, self.stuck) = (until, Some(stuck));
        }
        let known = self.stands.iter().any(|(_, known)| known == state);
        if until == self.until && !known && self.stands.len() < Self::MOST {
            self.stands.push((place, state.clone()));
        }
    }
}

/// No operation: the root of the tree of orders.
const ROOT: u32 = u32::MAX;

/// One object's operations, and where the search stands.
pub(crate) struct Partition<'a, 'h, S: Specification> {
    spec: &'a S,
    key: S::Key,
    history: &'h History<S::Operation, S::Answer>,
    /// Those that returned, and those that did not, in the order of their calls.
    closed: Vec<CallId>,
    open: Vec<CallId>,
    /// Those that returned and are not placed.
    timeline: Timeline,
    closed_done: Done,
    open_done: Done,
    left: usize,
    state: S::State,
    path: Vec<Placement<S::State>>,
    /// Every order that was tried, as a tree: an operation, and what stands before it.
    tree: Vec<(u32, CallId)>,
    here: u32,
    stands: LastStands<S::State>,
}

impl<'a, 'h, S: Specification> Partition<'a, 'h, S> {
    pub(crate) fn new(
        spec: &'a S,
        history: &'h History<S::Operation, S::Answer>,
        key: S::Key,
        calls: Vec<CallId>,
    ) -> Self {
        let operation = |call: &CallId| &history.operations()[call.0];
        let returned = |call: &CallId| operation(call).answer().is_some();
        let (closed, open): (Vec<_>, Vec<_>) = calls.into_iter().partition(returned);
        let times: Vec<_> = closed
            .iter()
            .map(|call| (operation(call).called, operation(call).ended()))
            .collect();
        Self {
            spec,
            history,
            timeline: Timeline::of(&times),
            closed_done: Done::none_of(closed.len()),
            open_done: Done::none_of(open.len()),
            left: closed.len(),
            closed,
            open,
            state: spec.initial(&key),
            key,
            path: Vec::new(),
            tree: Vec::new(),
            here: ROOT,
            stands: LastStands {
                until: 0,
                stuck: None,
                stands: Vec::new(),
            },
        }
    }

    /// Depth first: what returned before what did not, in the order of the calls.
    pub(crate) fn search(
        mut self,
        mut memo: impl Memo<S::State>,
        budget: &mut Budget,
    ) -> Found<'h, S> {
        let mut next = self.first();
        while self.left > 0 {
            let Some(candidate) = next else {
                self.note_stand();
                match self.take_back() {
                    Some(candidate) => next = self.behind(candidate),
                    None => return Found::Nothing(self.refutation()),
                }
                continue;
            };
            if let Err(limit) = budget.step() {
                return Found::Limit(limit);
            }
            next = match self.try_place(candidate, &mut memo) {
                true => self.first(),
                false => self.behind(candidate),
            };
        }
        Found::Order(self.order(self.here))
    }

    fn first(&self) -> Option<Candidate> {
        match self.timeline.first() {
            (_, Event::Call(operation)) => Some(Candidate::Closed(operation)),
            _ => None,
        }
    }

    /// The next candidate. What was called after something else returned is none, as long as that is not placed.
    fn behind(&self, candidate: Candidate) -> Option<Candidate> {
        match candidate {
            Candidate::Closed(operation) => match self.timeline.behind_call(operation) {
                (_, Event::Call(operation)) => Some(Candidate::Closed(operation)),
                _ => self.open_from(0),
            },
            Candidate::Open(operation) => self.open_from(operation + 1),
        }
    }

    fn open_from(&self, from: usize) -> Option<Candidate> {
        let first_return = self.timeline.first_return()?;
        let until = self.operation(self.closed[first_return]).ended();
        let mut rest = (from..self.open.len())
            .take_while(|open| self.operation(self.open[*open]).called < until);
        let free = rest.find(|open| !self.open_done.contains(*open));
        free.map(Candidate::Open)
    }

    fn operation(&self, call: CallId) -> &'h Operation<S::Operation, S::Answer> {
        &self.history.operations()[call.0]
    }

    fn call_of(&self, candidate: Candidate) -> CallId {
        match candidate {
            Candidate::Closed(operation) => self.closed[operation],
            Candidate::Open(operation) => self.open[operation],
        }
    }

    /// Places the candidate, if its answer is right and the configuration is new. What never returned and changes nothing need not be placed.
    fn try_place(&mut self, candidate: Candidate, memo: &mut impl Memo<S::State>) -> bool {
        let call = self.call_of(candidate);
        let operation = self.operation(call);
        let answer = operation.answer();
        let Some(after) = self.spec.apply(&self.state, &operation.operation, answer) else {
            return false;
        };
        if answer.is_none() && after == self.state {
            return false;
        }
        self.mark(candidate, true);
        if !memo.is_new(self.placed(), &after) {
            self.mark(candidate, false);
            return false;
        }
        let before = std::mem::replace(&mut self.state, after);
        let parent = self.here;
        self.here = u32::try_from(self.tree.len()).expect("no memory holds as many configurations");
        self.tree.push((parent, call));
        self.path.push(Placement {
            candidate,
            before,
            parent,
        });
        true
    }

    fn mark(&mut self, candidate: Candidate, placed: bool) {
        match (candidate, placed) {
            (Candidate::Closed(operation), true) => {
                self.closed_done.insert(operation);
                self.timeline.take_out(operation);
                self.left -= 1;
            }
            (Candidate::Closed(operation), false) => {
                self.closed_done.remove(operation);
                self.timeline.put_back(operation);
                self.left += 1;
            }
            (Candidate::Open(operation), true) => self.open_done.insert(operation),
            (Candidate::Open(operation), false) => self.open_done.remove(operation),
        }
    }

    fn placed(&self) -> Box<[u64]> {
        let mut words = Vec::with_capacity(4);
        self.closed_done.write(&mut words);
        self.open_done.write(&mut words);
        words.into_boxed_slice()
    }

    fn take_back(&mut self) -> Option<Candidate> {
        let Placement {
            candidate,
            before,
            parent,
        } = self.path.pop()?;
        self.mark(candidate, false);
        (self.state, self.here) = (before, parent);
        Some(candidate)
    }

    /// Nothing can be placed here: if no order came further, that is worth telling.
    fn note_stand(&mut self) {
        if let Some(stuck) = self.timeline.first_return() {
            let stuck = self.closed[stuck];
            let until = self.operation(stuck).ended();
            self.stands.note(until, stuck, self.here, &self.state);
        }
    }

    fn refutation(mut self) -> Refutation<'h, S> {
        let stands = std::mem::take(&mut self.stands.stands);
        let told = stands.into_iter().map(|(place, state)| {
            let order = self.order(place);
            let left = self.left_over(&order);
            LastStand { order, state, left }
        });
        let stands = told.collect();
        Refutation {
            stands,
            stuck: self
                .stands
                .stuck
                .expect("something returns, and is not placed"),
            key: self.key,
            history: self.history,
        }
    }

    /// What had been called when the search got stuck, and is not in that order.
    fn left_over(&self, order: &[CallId]) -> Vec<CallId> {
        let placed: BTreeSet<_> = order.iter().collect();
        let all = self.closed.iter().chain(&self.open);
        let left = all.filter(|call| {
            self.operation(**call).called < self.stands.until && !placed.contains(call)
        });
        left.copied().collect()
    }

    /// The operations that stand on the way to that place of the tree.
    fn order(&self, mut place: u32) -> Vec<CallId> {
        let mut order = Vec::new();
        while place != ROOT {
            let (parent, call) = self.tree[place as usize];
            order.push(call);
            place = parent;
        }
        order.reverse();
        order
    }
}
