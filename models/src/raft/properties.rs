//! What is checked on every state and step of Raft, whatever else is recorded beside its state.
//!
//! Election Safety, Log Matching and Leader Append-Only are the paper's (Figure 3). The others are lemmas on the way to them, which
//! break near a fault, long before an entry is lost.

use stateright::{Model, Property};

use super::protocol::Action;
use super::state::{Body, Message, ServerState, State};
use super::{Entry, Role, Server, append_only, is_quorum, last_term, log_matching, term_at};
use crate::kit::StepProperty;

/// The properties of states.
pub(super) fn raft_properties<M>() -> Vec<Property<M>>
where
    M: Model<State: AsRef<State>>,
{
    let mut all = invariants();
    all.extend(witnesses());
    all
}

fn invariants<M: Model<State: AsRef<State>>>() -> Vec<Property<M>> {
    vec![
        Property::<M>::always("Election Safety", |_, s| election_safety(s.as_ref())),
        Property::<M>::always("Log Matching", |_, s| {
            log_matching(s.as_ref().servers.values().iter().map(|i| &i.log))
        }),
        Property::<M>::always("Votes Are True", |_, s| votes_are_true(s.as_ref())),
        Property::<M>::always("Leader Is Up To Date", |_, s| {
            leader_is_up_to_date(s.as_ref())
        }),
        Property::<M>::always("Log Is Past", |_, s| {
            s.as_ref().servers.values().iter().all(log_is_past)
        }),
        Property::<M>::always("Messages Are True", |_, s| messages_are_true(s.as_ref())),
        Property::<M>::always("Match Is True", |_, s| match_is_true(s.as_ref())),
        Property::<M>::always("Next In Reach", |_, s| next_in_reach(s.as_ref())),
        Property::<M>::always("Committed On Quorum", |_, s| {
            committed_on_quorum(s.as_ref())
        }),
    ]
}

fn witnesses<M: Model<State: AsRef<State>>>() -> Vec<Property<M>> {
    vec![
        Property::<M>::sometimes("Election Safety: a server leads", |_, s| {
            leaders(s.as_ref()).next().is_some()
        }),
        Property::<M>::sometimes("Log Matching: two logs hold an entry", |_, s| {
            let with_entries = |i: &&ServerState| !i.log.is_empty();
            s.as_ref()
                .servers
                .values()
                .iter()
                .filter(with_entries)
                .count()
                > 1
        }),
        // From logs in conflict, this is the way that a conflict is overcome.
        Property::<M>::sometimes("Log Matching: all logs are the same", |_, s| {
            let logs = s.as_ref().servers.values();
            !logs[0].log.is_empty() && logs.iter().all(|i| i.log == logs[0].log)
        }),
        Property::<M>::sometimes("Votes Are True: a vote is counted", |_, s| {
            any(s, |i| !i.votes_granted.is_empty())
        }),
        Property::<M>::sometimes("Leader Is Up To Date: its log was not empty", |_, s| {
            leaders(s.as_ref()).any(|(_, leader)| inherited(leader) > 0)
        }),
        Property::<M>::sometimes("Leader Is Up To Date: it steps back for another", |_, s| {
            leaders(s.as_ref()).any(|(_, leader)| {
                let mut nexts = leader.next_index.values();
                nexts.any(|next| next <= inherited(leader))
            })
        }),
        Property::<M>::sometimes("Log Is Past: a log has an entry", |_, s| {
            any(s, |i| !i.log.is_empty())
        }),
        Property::<M>::sometimes("Messages Are True: an entry is in flight", |_, s| {
            s.as_ref().messages.iter().any(carries_entry)
        }),
        Property::<M>::sometimes("Match Is True: an entry is acknowledged", |_, s| {
            leaders(s.as_ref()).any(|(_, i)| i.match_index.values().any(|n| n > 0))
        }),
        Property::<M>::sometimes("Next In Reach: a leader moves on", |_, s| {
            leaders(s.as_ref()).any(|(_, leader)| {
                let mut nexts = leader.next_index.values();
                nexts.any(|next| next > inherited(leader) + 1)
            })
        }),
        Property::<M>::sometimes("Committed On Quorum: a leader commits", |_, s| {
            leaders(s.as_ref()).any(|(_, leader)| leader.commit_index > 0)
        }),
        Property::<M>::sometimes("Committed On Quorum: a follower learns", |_, s| {
            any(s, |i| i.role == Role::Follower && i.commit_index > 0)
        }),
        Property::<M>::sometimes("Leader Append-Only: a leader has an entry", |_, s| {
            leaders(s.as_ref()).any(|(_, leader)| !leader.log.is_empty())
        }),
        Property::<M>::sometimes("Term Monotonic: a term is over", |_, s| {
            any(s, |i| i.term > 1)
        }),
        Property::<M>::sometimes("One Vote: a vote is cast", |_, s| {
            any(s, |i| i.voted_for.is_some())
        }),
        Property::<M>::sometimes("Figure 4: a server leads", |_, s| {
            leaders(s.as_ref()).next().is_some()
        }),
        Property::<M>::sometimes("Figure 4: a refused candidate follows", |_, s| {
            any(s, |i| {
                let servers = i.next_index.len();
                i.role == Role::Follower
                    && is_quorum(i.votes_responded, servers)
                    && !is_quorum(i.votes_granted, servers)
            })
        }),
        Property::<M>::sometimes("Leaders Commit: one does", |_, s| {
            leaders(s.as_ref()).any(|(_, leader)| leader.commit_index > 0)
        }),
    ]
}

/// The properties of steps.
pub(super) fn raft_step_properties<M>() -> Vec<StepProperty<M>>
where
    M: Model<State: AsRef<State>, Action = Action>,
{
    vec![
        StepProperty {
            name: "Leader Append-Only",
            holds: |_, s, _, t| {
                every_server(s, t, |i, j| {
                    i.role != Role::Leader || append_only(&i.log, &j.log, i.term)
                })
            },
        },
        StepProperty {
            name: "Term Monotonic",
            holds: |_, s, _, t| every_server(s, t, |i, j| i.term <= j.term),
        },
        StepProperty {
            name: "One Vote",
            holds: |_, s, _, t| every_server(s, t, one_vote),
        },
        StepProperty {
            name: "Figure 4",
            holds: |_, s, action, t| {
                let restart = matches!(action, Action::Restart(_));
                every_server(s, t, |i, j| role_changes(i, j, restart))
            },
        },
        StepProperty {
            name: "Leaders Commit",
            holds: |_, s, action, t| {
                let told = matches!(action, Action::HandleAppendEntriesRequest(_));
                every_server(s, t, |i, j| commits(i, j, told))
            },
        },
    ]
}

fn any<S: AsRef<State>>(s: &S, of: impl Fn(&ServerState) -> bool) -> bool {
    s.as_ref().servers.values().iter().any(of)
}

fn every_server<S: AsRef<State>>(
    s: &S,
    t: &S,
    keeps: impl Fn(&ServerState, &ServerState) -> bool,
) -> bool {
    let before = s.as_ref().servers.values();
    let after = t.as_ref().servers.values();
    before.iter().zip(after).all(|(i, j)| keeps(i, j))
}

pub(super) fn leaders(s: &State) -> impl Iterator<Item = (Server, &ServerState)> {
    s.servers.iter().filter(|(_, i)| i.role == Role::Leader)
}

/// How many entries the leader had when it was elected.
fn inherited(leader: &ServerState) -> u8 {
    let older = |entry: &&Entry| entry.term < leader.term;
    leader.log.iter().filter(older).count() as u8
}

// ----------------------------------------------------------------------------------------------------------- Invariants

/// Election Safety: at most one leader per term (§5.2, Figure 3).
fn election_safety(s: &State) -> bool {
    leaders(s).all(|(i, one)| leaders(s).all(|(j, other)| i == j || one.term != other.term))
}

/// A vote is for a server that stood in the voter's term; nobody stood in the first one. A candidate knows only answers of its own term, and
/// who has voted for it, and is still in that term, remembers it (§5.2).
fn votes_are_true(s: &State) -> bool {
    let cast = |v: &ServerState| {
        v.voted_for
            .is_none_or(|j| v.term > 1 && s.servers[j].term >= v.term)
    };
    let counted = |i: Server, candidate: &ServerState| {
        let answered = candidate.votes_responded;
        candidate.votes_granted.is_subset(answered)
            && answered.iter().all(|v| s.servers[v].term >= candidate.term)
            && voters(s, i).all(|v| v.voted_for == Some(i))
    };
    s.servers
        .iter()
        .all(|(i, server)| cast(server) && (server.role == Role::Follower || counted(i, server)))
}

/// Those who have voted for `i` and are still in its term.
fn voters(s: &State, i: Server) -> impl Iterator<Item = &ServerState> {
    let candidate = &s.servers[i];
    let voters = candidate.votes_granted.iter().map(|v| &s.servers[v]);
    voters.filter(|v| v.term == candidate.term)
}

/// A leader's log is at least as up-to-date as that of each of its voters (§5.4.1).
fn leader_is_up_to_date(s: &State) -> bool {
    let up_to_date = |log: &[Entry]| (last_term(log), log.len());
    leaders(s)
        .all(|(i, leader)| voters(s, i).all(|v| up_to_date(&v.log) <= up_to_date(&leader.log)))
}

/// The terms in a log never go down, nor beyond the server's own term.
fn log_is_past(i: &ServerState) -> bool {
    i.log.is_sorted_by_key(|entry| entry.term) && last_term(&i.log) <= i.term
}

/// Nobody speaks of a term that it has not reached; nobody asks for anything in the first term; and while the sender is in the
/// message's term, what the message says of it is so.
fn messages_are_true(s: &State) -> bool {
    s.messages.iter().all(|m| {
        let sender = &s.servers[m.source];
        m.term <= sender.term
            && (m.is_response() || m.term > 1)
            && (m.term < sender.term || is_true_of(m, sender, &s.servers[m.dest]))
    })
}

fn is_true_of(m: &Message, sender: &ServerState, receiver: &ServerState) -> bool {
    match m.body {
        Body::RequestVoteRequest { .. } => true,
        Body::RequestVoteResponse { vote_granted } => {
            !vote_granted || sender.voted_for == Some(m.dest)
        }
        Body::AppendEntriesRequest { .. } => sender.role != Role::Candidate,
        Body::AppendEntriesResponse {
            success,
            match_index,
        } => !success || receiver.term != m.term || agree(sender, receiver, match_index),
    }
}

fn carries_entry(m: &Message) -> bool {
    matches!(m.body, Body::AppendEntriesRequest { entry: Some(_), .. })
}

fn agree(i: &ServerState, j: &ServerState, upto: u8) -> bool {
    let upto = upto as usize;
    i.log.len() >= upto && j.log.len() >= upto && i.log[..upto] == j.log[..upto]
}

/// Whom a leader takes to have its log up to some entry has reached the leader's term, and, while it is there, has these entries.
fn match_is_true(s: &State) -> bool {
    leaders(s).all(|(_, leader)| {
        leader.match_index.iter().all(|(j, upto)| {
            let follower = &s.servers[j];
            upto == 0
                || follower.term > leader.term
                || (follower.term == leader.term && agree(follower, leader, upto))
        })
    })
}

/// What a leader sends next is in its log, or will be next.
fn next_in_reach(s: &State) -> bool {
    leaders(s).all(|(_, leader)| {
        let reach = 1..=leader.log.len() as u8 + 1;
        let mut nexts = leader.next_index.values();
        nexts.all(|next| reach.contains(&next))
    })
}

/// What a server takes for committed is in its log and on a majority of the servers, and stays there (§5.4).
fn committed_on_quorum(s: &State) -> bool {
    s.servers.values().iter().all(|i| {
        let holds = |j: &Server| agree(i, &s.servers[*j], i.commit_index);
        i.commit_index == 0
            || is_quorum(
                s.servers.nodes().filter(holds).collect(),
                s.servers.values().len(),
            )
    })
}

// ---------------------------------------------------------------------------------------------------------------- Steps

/// A vote is not taken back within its term, and a new term begins without one (§5.2).
fn one_vote(i: &ServerState, j: &ServerState) -> bool {
    if i.term == j.term {
        i.voted_for.is_none() || i.voted_for == j.voted_for
    } else {
        j.voted_for.is_none()
    }
}

/// Roles change only as Figure 4 has it: into candidacy with a new term, into leadership from candidacy, and out of leadership for a
/// newer term or by a crash.
fn role_changes(i: &ServerState, j: &ServerState, restart: bool) -> bool {
    match (i.role, j.role) {
        (Role::Leader, Role::Follower) => j.term > i.term || restart,
        (_, Role::Follower) => true,
        (Role::Leader | Role::Candidate, Role::Leader) => j.term == i.term,
        (Role::Candidate, Role::Candidate) => j.term <= i.term + 1,
        (Role::Follower, Role::Candidate) => j.term == i.term + 1,
        (Role::Leader, Role::Candidate) | (Role::Follower, Role::Leader) => false,
    }
}

/// A leader commits by counting only what ends in an entry of its own term (§5.4.2); anybody else is `told`.
fn commits(i: &ServerState, j: &ServerState, told: bool) -> bool {
    j.commit_index <= i.commit_index
        || told
        || (i.role == Role::Leader && term_at(&j.log, j.commit_index) == j.term)
}
