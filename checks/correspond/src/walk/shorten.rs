//! What is left of a schedule that breaks something: the fewest events, then the fewest nodes, then the fewest faults, as far as leaving out and replacing gets.

use std::collections::BTreeSet;

use concur_cores::NodeId;

use super::{Broken, Scheduled, replay_or};

/// Leaves out of a schedule what is not needed for it to break the same thing. The same schedule always yields the same.
///
/// It begins with what may be left out as a whole, all faults and all that happens at one node, because a crash and its restart, or the two ends of a conversation, are
/// needed or not needed together. Then long stretches go, then single events; and so on, until nothing more can go or be replaced by something milder.
/// When all that is done, it is done once more with names that follow: what comes after a crash that is left out happens in an earlier incarnation.
pub fn shorten<M: Scheduled>(model: &M, broken: Broken<M::Event>) -> Broken<M::Event> {
    let what = broken.what;
    let found = Found {
        model,
        what,
        names: Names::Stay,
        schedule: broken.schedule,
    };
    let names = Names::Follow;
    let least = Found {
        names,
        ..found.least()
    }
    .least();
    Broken {
        what,
        schedule: least.schedule,
    }
}

/// What becomes of an event whose terms, ballots or incarnations are others, because something before it is left out.
#[derive(Clone, Copy)]
enum Names {
    /// It cannot happen, and is left out as well.
    Stay,
    /// The same happens with what these are now. That takes longer to find out.
    Follow,
}

/// A schedule that breaks what is to be broken.
struct Found<'m, M: Scheduled> {
    model: &'m M,
    what: &'static str,
    names: Names,
    schedule: Vec<M::Event>,
}

impl<M: Scheduled> Found<'_, M> {
    fn least(self) -> Self {
        let mut least = self.without_groups().without_stretches();
        while let Some(smaller) = least.smaller() {
            least = smaller.without_stretches();
        }
        least
    }

    /// What is preferred: fewer events, then fewer nodes, then fewer faults.
    fn measure(&self) -> (usize, usize, usize) {
        let faults = self.schedule.iter().filter(|e| self.model.is_fault(e));
        (self.schedule.len(), self.nodes().len(), faults.count())
    }

    /// The nodes at which something happens.
    fn nodes(&self) -> BTreeSet<NodeId> {
        let nodes = self.schedule.iter();
        nodes.map(|event| self.model.node(event)).collect()
    }

    /// The events for which `keeps` holds, up to where they break the same thing, if they do.
    fn keeping(&self, keeps: impl Fn(usize, &M::Event) -> bool) -> Option<Self> {
        let kept = self.schedule.iter().enumerate();
        let kept = kept.filter(|(at, event)| keeps(*at, event));
        self.breaking(kept.map(|(_, event)| event.clone()).collect())
    }

    /// Other events, up to where they break the same thing, if they do.
    fn breaking(&self, schedule: Vec<M::Event>) -> Option<Self> {
        let found = replay_or(self.model, &schedule, |state, event| match self.names {
            Names::Stay => None,
            Names::Follow => self.model.instead(state, event),
        })?;
        let schedule = found.schedule;
        (found.what == self.what).then_some(Self { schedule, ..*self })
    }

    /// Without what may go as a whole: all faults, the faults of one node, all that happens at one node.
    fn without_one_group(&self) -> Option<Self> {
        let calm = || self.keeping(|_, event| !self.model.is_fault(event));
        let steady = |node: NodeId| {
            self.keeping(|_, event| !self.model.is_fault(event) || self.model.node(event) != node)
        };
        let absent = |node: NodeId| self.keeping(|_, event| self.model.node(event) != node);
        let nodes = self.nodes();
        let calm = [calm()].into_iter();
        let steady = nodes.iter().map(|node| steady(*node));
        let absent = nodes.iter().map(|node| absent(*node));
        let rest = calm.chain(steady).chain(absent).flatten();
        let smaller = rest.filter(|rest| rest.measure() < self.measure());
        smaller.min_by_key(Self::measure)
    }

    fn without_groups(mut self) -> Self {
        while let Some(rest) = self.without_one_group() {
            self = rest;
        }
        self
    }

    /// Without stretches that are not needed: long ones first, then single events.
    fn without_stretches(mut self) -> Self {
        let mut stretch = self.schedule.len() / 2;
        while stretch > 0 {
            let mut from = 0;
            let mut shorter = false;
            while from < self.schedule.len() {
                match self.keeping(|at, _| at < from || at >= from + stretch) {
                    Some(rest) => {
                        self = rest;
                        shorter = true;
                    }
                    None => from += stretch,
                }
            }
            if !(shorter && stretch == 1) {
                stretch /= 2;
            }
        }
        self
    }

    /// Without something that can only go together, or with a fault that does less harm.
    fn smaller(&self) -> Option<Self> {
        self.without_one_group().or_else(|| self.milder())
    }

    fn milder(&self) -> Option<Self> {
        (0..self.schedule.len()).find_map(|at| {
            let mut schedule = self.schedule.clone();
            schedule[at] = self.model.milder(&schedule[at])?;
            let rest = self.breaking(schedule)?;
            (rest.measure() <= self.measure()).then_some(rest)
        })
    }
}
