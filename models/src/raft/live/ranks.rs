//! Terms that know only their order: what is mentioned is numbered anew after each step.
//!
//! Raft compares terms, and takes them over; it computes one in a single place, where a candidate begins the term after its own. So take terms from any dense order without a
//! greatest element, such as the rationals, and let a candidate begin a term that is newer than its own and not newer than the next one that is mentioned
//! anywhere. Then every action commutes with every order-preserving renaming, and any two states with the same terms *in the same order* are related by one (a finite
//! map that preserves the order extends to all of the rationals): renumbering is a bisimulation. The quotient is finite, since a state mentions finitely many terms.
//!
//! Raft's own terms are among these behaviours: there the next term is at most the next one that is mentioned, so it is that one, or lies before it. Hence what holds
//! here holds for Raft, and fairness carries over, as the same actions are enabled. The other way round, a behaviour found here may use that between two terms there is always
//! a third one. One that is shown for an expected failure is therefore taken again with terms that are counted.

use super::state::State;
use crate::raft::state::{Body, Message};

/// Where a candidate's new term lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NewTerm {
    /// It is the next one that is mentioned anywhere. Where its own is the newest of all, it is newer than all.
    Next,
    /// It is not mentioned, and lies before the next one.
    Before,
}

impl NewTerm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Next, Self::Before];
}

impl State {
    /// The newest term that is mentioned.
    pub fn newest(&self) -> u8 {
        let mut newest = 0;
        { *self }.for_each_term(|term| newest = newest.max(*term));
        newest
    }

    /// Terms 1, 2, …, in the same order. The 0 of no entry stays.
    pub fn renumber(&mut self) {
        let mut mentioned = 0_u128;
        self.for_each_term(|term| mentioned |= 1 << *term);
        mentioned &= !1;
        self.for_each_term(|term| {
            let up_to_it = mentioned << (127 - *term);
            *term = up_to_it.count_ones() as u8;
        });
    }

    /// The next term that is mentioned behind `term`; if there is none, one that is newer than all.
    pub(super) fn next_after(&self, term: u8) -> u8 {
        let mut next = None;
        { *self }.for_each_term(|other| {
            if *other > term {
                next = Some(next.map_or(*other, |next: u8| next.min(*other)));
            }
        });
        next.unwrap_or(term + 1)
    }

    /// A term behind `term`, and before the next one that is mentioned: that one and those behind it make room, if they must.
    pub(super) fn before_next(&mut self, term: u8) -> u8 {
        if self.next_after(term) == term + 1 {
            self.for_each_term(|other| *other += u8::from(*other > term));
        }
        term + 1
    }

    /// The same state with other terms. The 0 of no entry stays.
    pub fn with_terms(&self, other: impl Fn(u8) -> u8) -> Self {
        let mut t = *self;
        t.for_each_term(|term| {
            if *term > 0 {
                *term = other(*term);
            }
        });
        t
    }

    fn for_each_term(&mut self, mut change: impl FnMut(&mut u8)) {
        for server in self.servers.values_mut() {
            change(&mut server.term);
            server
                .log
                .iter_mut()
                .for_each(|entry| change(&mut entry.term));
        }
        let slots = [&mut self.requests, &mut self.responses];
        let rows = slots.into_iter().flat_map(|slots| slots.values_mut());
        let messages = rows.flat_map(|row| row.values_mut()).flatten();
        messages.for_each(|message| message.for_each_term(&mut change));
    }
}

impl Message {
    fn for_each_term(&mut self, change: &mut impl FnMut(&mut u8)) {
        change(&mut self.term);
        match &mut self.body {
            Body::RequestVoteRequest { last_log_term, .. } => change(last_log_term),
            Body::AppendEntriesRequest {
                prev_log_term,
                entry,
                ..
            } => {
                change(prev_log_term);
                entry.iter_mut().for_each(|entry| change(&mut entry.term));
            }
            Body::RequestVoteResponse { .. } | Body::AppendEntriesResponse { .. } => {}
        }
    }
}
