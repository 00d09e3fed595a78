//! Where an exploration of asynchronous Raft begins: in the initial state, or after a script whose steps the model takes.

use std::sync::Arc;

use stateright::Model;

use crate::raft::Server;
use crate::raft::asynchronous::Action;
use crate::raft::asynchronous::state::{Body, Entry, Log, Message};

/// Where an exploration begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing has happened.
    Fresh,
    /// `n1` leads in term 1, and has one entry on its disk.
    Elected,
    /// `n1` leads in term 1, and has two entries on its disk, of which `n2` has acknowledged the first.
    Replicated,
    /// `n1` leads in term 1 and `n2` in term 2; each has an entry on its disk that nobody else has.
    Diverged,
}

const N1: Server = Server(0);
const N2: Server = Server(1);
const N3: Server = Server(2);

impl Start {
    /// The names by which the command line knows them, in the order of [`Start::from_choice`].
    pub const NAMES: &'static [&'static str] = &["fresh", "elected", "replicated", "diverged"];

    /// The one of that position in [`Start::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Fresh, Self::Elected, Self::Replicated, Self::Diverged][choice as usize]
    }

    /// The least numbers of servers, of terms and of entries that it needs.
    pub(super) fn needs(self) -> (usize, u64, u64) {
        match self {
            Self::Fresh => (1, 0, 0),
            Self::Elected => (2, 1, 1),
            Self::Replicated => (2, 1, 2),
            Self::Diverged => (3, 2, 1),
        }
    }

    pub(super) fn script(self) -> Vec<Action> {
        match self {
            Self::Fresh => Vec::new(),
            Self::Elected => [election(N1, N2, 1), request(N1)].concat(),
            Self::Replicated => [
                election(N1, N2, 1),
                request(N1),
                request(N1),
                replication(N1, N2, 1),
            ]
            .concat(),
            Self::Diverged => [
                election(N1, N3, 1),
                request(N1),
                vec![Action::Timeout(N2)],
                election(N2, N3, 2),
                request(N2),
            ]
            .concat(),
        }
    }
}

/// A server with an empty log becomes the leader of that term by the vote of another one.
fn election(i: Server, voter: Server, term: u64) -> Vec<Action> {
    let asks = Body::RequestVoteRequest {
        last_log_term: 0,
        last_log_index: 0,
    };
    let request = message(i, voter, term, asks);
    let vote = message(voter, i, term, Body::RequestVoteResponse);
    let mut script = vec![
        Action::Timeout(i),
        Action::RequestVote(i, voter),
        Action::Write(i),
        Action::Sync(i),
        Action::CountOwnVote(i),
        Action::UpdateTerm(request.clone()),
        Action::HandleRequestVoteRequest(request),
    ];
    script.extend([
        Action::Write(voter),
        Action::Sync(voter),
        Action::HandleRequestVoteResponse(vote),
        Action::BecomeLeader(i),
    ]);
    script
}

/// A leader takes a request, and has it on its disk.
fn request(i: Server) -> Vec<Action> {
    vec![
        Action::ClientRequest(i, 0),
        Action::Write(i),
        Action::Sync(i),
    ]
}

/// The leader of that term, the first one, sends its first entry, and is answered.
fn replication(i: Server, j: Server, term: u64) -> Vec<Action> {
    let entries: Log = Arc::from([Entry { term, value: 0 }]);
    let sends = Body::AppendEntriesRequest {
        prev_log_index: 0,
        prev_log_term: 0,
        entries,
        commit_index: 0,
    };
    let answer = message(j, i, term, Body::AppendEntriesResponse { match_index: 1 });
    vec![
        Action::AppendEntries(i, j, 0, 1, 0),
        Action::HandleAppendEntriesRequest(message(i, j, term, sends)),
        Action::Write(j),
        Action::Sync(j),
        Action::HandleAppendEntriesResponse(answer),
    ]
}

fn message(source: Server, dest: Server, term: u64, body: Body) -> Message {
    Message {
        term,
        source,
        dest,
        body,
    }
}

/// Plays a script. Where a rule is left out, a step may have become impossible; it is passed over.
pub(super) fn replay<M: Model<State: Clone, Action = Action>>(
    model: &M,
    from: M::State,
    script: &[Action],
) -> M::State {
    script.iter().fold(from, |s, action| {
        model.next_state(&s, action.clone()).unwrap_or(s)
    })
}
