//! Where an exploration of Raft begins: in the first state, or in one that lies too deep to be reached breadth-first.
//!
//! A start is a script that is *played* from the first state, so that where it leads is reachable by construction. What is
//! explored from there is a part of all that can happen: enough to find faults, and shown for what it is in the configuration's name.

use super::protocol::{Action, handler};
use super::state::{Message, State};
use super::{Server, Value};
use crate::kit::Spec;

/// Where an exploration begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// In raft.tla's first state.
    Init,
    /// `n1` has committed two entries with the help of `n2`; `n3` has none of them. Terms up to 2.
    Lagging,
    /// `n1`, leader of term 2, and `n2`, leader of term 3, each have an entry that nobody else has (Figure 7). Terms up to 3.
    Diverged,
    /// `n1` leads again, in term 4; `n2` has not heard of it yet, and an acknowledgement of term 2 is still in flight. Terms up to 4.
    Reelected,
    /// Figure 8 with three servers, and on: `n3`, leader of term 5, has had the entry of term 2 removed from a majority, and `n1` leads
    /// in term 6 with an empty log. Terms up to 6.
    Truncated,
}

impl Start {
    /// The names by which the command line knows the starts, in the order of [`Start::from_choice`].
    pub const NAMES: &'static [&'static str] =
        &["init", "lagging", "diverged", "re-elected", "truncated"];

    /// The start of that position in [`Start::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [
            Self::Init,
            Self::Lagging,
            Self::Diverged,
            Self::Reelected,
            Self::Truncated,
        ][choice as usize]
    }

    /// The servers, the largest term and the longest log that the script needs.
    pub fn needs(self) -> (usize, u8, usize) {
        match self {
            Self::Init => (1, 1, 0),
            Self::Lagging => (3, 2, 2),
            Self::Diverged => (3, 3, 1),
            Self::Reelected => (3, 4, 1),
            Self::Truncated => (3, 6, 1),
        }
    }

    /// What happens before.
    pub(super) fn script(self) -> Vec<Move> {
        let [n1, n2, n3] = [0, 1, 2].map(Server);
        let request = |i| Move::Act(Action::ClientRequest(i, Value::A));
        let restart = |i| Move::Act(Action::Restart(i));
        match self {
            Self::Init => Vec::new(),
            Self::Lagging => [
                election(n1, 1, &[n1, n2]),
                vec![request(n1), request(n1)],
                replication(n1, n2),
                replication(n1, n2),
                vec![Move::Act(Action::AdvanceCommitIndex(n1))],
            ]
            .concat(),
            Self::Diverged => [
                election(n1, 1, &[n1, n3]),
                vec![request(n1)],
                election(n2, 2, &[n2, n3]),
                vec![request(n2)],
            ]
            .concat(),
            Self::Reelected => [
                election(n1, 1, &[n1, n2]),
                vec![
                    request(n1),
                    Move::Act(Action::AppendEntries(n1, n2)),
                    Move::Deliver(n1, n2),
                    Move::Duplicate(n2, n1),
                    Move::Deliver(n2, n1),
                ],
                candidacy(n3, 2, &[n1]),
                election(n1, 1, &[n1, n3]),
            ]
            .concat(),
            Self::Truncated => [
                // (a), (b) and (c): the entry of term 2 reaches `n2` in term 4, and is not committed.
                election(n1, 1, &[n1, n2]),
                vec![request(n1)],
                election(n3, 2, &[n2, n3]),
                vec![request(n3), restart(n1)],
                election(n1, 2, &[n1, n2]),
                vec![Move::StepBack(n1, n2)],
                replication(n1, n2),
                // (d), but another election comes before the entry of term 3 takes its place.
                vec![restart(n3)],
                election(n3, 2, &[n1, n2, n3]),
                removal(n3, n2),
                removal(n3, n1),
                election(n1, 1, &[n1, n2]),
            ]
            .concat(),
        }
    }
}

/// A step of a script.
#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
    /// This happens.
    Act(Action),
    /// A message from the first server to the second one is handled, as far as one step goes.
    Handle(Server, Server),
    /// A message from the first server to the second one is handled until it is used up.
    Deliver(Server, Server),
    /// A message from the first server to the second one is duplicated.
    Duplicate(Server, Server),
    /// A message from the first server to the second one is lost.
    Lose(Server, Server),
    /// The first server, a leader, is refused by the second one, unless it would send its first entry anyway.
    StepBack(Server, Server),
}

/// A server times out so many times and asks these servers for their votes.
fn candidacy(i: Server, timeouts: usize, voters: &[Server]) -> Vec<Move> {
    let ask = |&v: &Server| {
        [
            Move::Act(Action::RequestVote(i, v)),
            Move::Deliver(i, v),
            Move::Deliver(v, i),
        ]
    };
    let mut moves = vec![Move::Act(Action::Timeout(i)); timeouts];
    moves.extend(voters.iter().flat_map(ask));
    moves
}

/// A candidacy that succeeds.
fn election(i: Server, timeouts: usize, voters: &[Server]) -> Vec<Move> {
    let mut moves = candidacy(i, timeouts, voters);
    moves.push(Move::Act(Action::BecomeLeader(i)));
    moves
}

/// A leader sends the next entry, and is answered.
fn replication(i: Server, j: Server) -> Vec<Move> {
    vec![
        Move::Act(Action::AppendEntries(i, j)),
        Move::Deliver(i, j),
        Move::Deliver(j, i),
    ]
}

/// A leader's entry removes a conflicting one, and is then lost.
fn removal(i: Server, j: Server) -> Vec<Move> {
    vec![
        Move::StepBack(i, j),
        Move::Act(Action::AppendEntries(i, j)),
        Move::Handle(i, j),
        Move::Lose(i, j),
    ]
}

/// Plays a script. Where a rule is left out, a move may have become impossible; it is passed over.
pub(super) fn replay<M>(model: &M, from: M::State, script: Vec<Move>) -> M::State
where
    M: Spec<State: AsRef<State>, Action = Action>,
{
    script
        .into_iter()
        .fold(from, |s, next| played(model, &s, next).unwrap_or(s))
}

fn played<M>(model: &M, s: &M::State, next: Move) -> Option<M::State>
where
    M: Spec<State: AsRef<State>, Action = Action>,
{
    match next {
        Move::Act(action) => model.next_state(s, action),
        Move::Duplicate(from, to) => model.next_state(
            s,
            Action::DuplicateMessage(in_flight(s.as_ref(), from, to)?),
        ),
        Move::StepBack(i, j) if s.as_ref().servers[i].next_index[j] > 1 => {
            Some(replay(model, s.clone(), replication(i, j)))
        }
        Move::StepBack(..) => None,
        Move::Lose(from, to) => {
            model.next_state(s, Action::DropMessage(in_flight(s.as_ref(), from, to)?))
        }
        Move::Handle(from, to) => handled(model, s, in_flight(s.as_ref(), from, to)?),
        Move::Deliver(from, to) => delivered(model, s, in_flight(s.as_ref(), from, to)?),
    }
}

fn handled<M>(model: &M, s: &M::State, m: Message) -> Option<M::State>
where
    M: Spec<State: AsRef<State>, Action = Action>,
{
    model
        .next_state(s, Action::UpdateTerm(m))
        .or_else(|| model.next_state(s, handler(m)))
}

/// Four steps at most: a new term, back to follower, one entry appended (or one removed, and no more), and the answer.
fn delivered<M>(model: &M, s: &M::State, m: Message) -> Option<M::State>
where
    M: Spec<State: AsRef<State>, Action = Action>,
{
    let copies = |s: &M::State| s.as_ref().messages.iter().filter(|&x| *x == m).count();
    let before = copies(s);
    let mut t = handled(model, s, m)?;
    for _ in 0..3 {
        if copies(&t) < before {
            break;
        }
        t = handled(model, &t, m)?;
    }
    Some(t)
}

fn in_flight(s: &State, from: Server, to: Server) -> Option<Message> {
    let between = |m: &&Message| (m.source, m.dest) == (from, to);
    s.messages.distinct().find(between).copied()
}
