//! What else is checked of asynchronous Raft: what each message promises, and what servers believe, near the faults.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;
use stateright::Property;

use crate::kit::StepProperty;
use crate::raft::asynchronous::history::{AsynchronousHistory, Known};
use crate::raft::asynchronous::state::{Body, Memory, Message, Part, State, Store};
use crate::raft::asynchronous::{Action, match_index};
use crate::raft::{Role, Server};

/// The properties of states.
pub(super) fn properties<S: RuleSet<Rule>>() -> Vec<Property<AsynchronousHistory<S>>> {
    let mut all = vec![
        Property::<AsynchronousHistory<S>>::always("TermsInOrder", |_, s| {
            s.state
                .up()
                .all(|(_, memory)| terms_in_order(&memory.store))
        }),
        Property::<AsynchronousHistory<S>>::always("MessagesAreDurable", |_, s| {
            s.state.messages.iter().all(|m| is_durable(&s.state, m))
        }),
        Property::<AsynchronousHistory<S>>::always("AnswersWereAsked", |_, s| {
            s.state.messages.iter().all(|m| was_asked(&s.state, m))
        }),
        Property::<AsynchronousHistory<S>>::always("OneSenderPerTerm", |_, s| {
            one_sender_per_term(&s.state)
        }),
        Property::<AsynchronousHistory<S>>::always("WhoStandsVotesForItself", |_, s| {
            let stands = |memory: &Memory| memory.role() != Role::Follower;
            let mut up = s.state.up();
            up.all(|(i, memory)| !stands(memory) || memory.store.voted_for == Some(i))
        }),
        Property::<AsynchronousHistory<S>>::always("VotesWereGiven", |_, s| {
            s.state
                .up()
                .all(|(i, memory)| votes_were_given(&s.state, i, memory))
        }),
        Property::<AsynchronousHistory<S>>::always("VotersAreBehind", |_, s| {
            s.state
                .messages
                .iter()
                .all(|m| voter_is_behind(&s.state, m))
        }),
        Property::<AsynchronousHistory<S>>::always("MatchIsTrue", |_, s| {
            s.state.messages.iter().all(|m| match_is_true(&s.state, m))
        }),
        Property::<AsynchronousHistory<S>>::always("MatchWasAcknowledged", |_, s| {
            s.state
                .leaders()
                .all(|leader| match_was_acknowledged(&s.state, leader))
        }),
    ];
    all.extend(witnesses());
    all
}

fn witnesses<S: RuleSet<Rule>>() -> Vec<Property<AsynchronousHistory<S>>> {
    vec![
        Property::<AsynchronousHistory<S>>::sometimes("TermsInOrder: two terms", |_, s| {
            let two = |store: &Store| {
                store.log.first().map(|e| e.term) < store.log.last().map(|e| e.term)
            };
            s.state.up().any(|(_, memory)| two(&memory.store))
        }),
        Property::<AsynchronousHistory<S>>::sometimes(
            "MessagesAreDurable: a vote is sent",
            |_, s| {
                s.state
                    .messages
                    .iter()
                    .any(|m| m.body == Body::RequestVoteResponse)
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "MessagesAreDurable: an entry is acknowledged",
            |_, s| acknowledgements(&s.state).any(|(_, upto)| upto > 0),
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "AnswersWereAsked: a server answers",
            |_, s| acknowledgements(&s.state).next().is_some(),
        ),
        Property::<AsynchronousHistory<S>>::sometimes("OneSenderPerTerm: two terms", |_, s| {
            let mut terms = requests(&s.state).map(|m| m.term);
            let first = terms.next();
            terms.any(|term| Some(term) != first)
        }),
        Property::<AsynchronousHistory<S>>::sometimes(
            "WhoStandsVotesForItself: one leads",
            |_, s| s.state.leaders().next().is_some(),
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "VotesWereGiven: by another server",
            |_, s| {
                let others = |i, memory: &Memory| match memory.part {
                    Part::Candidate(voters) => voters.iter().any(|v| v != i),
                    _ => false,
                };
                s.state.up().any(|(i, memory)| others(i, memory))
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "VotersAreBehind: a candidate has more",
            |_, s| {
                let votes = s
                    .state
                    .messages
                    .iter()
                    .filter(|m| m.body == Body::RequestVoteResponse);
                votes.into_iter().any(|m| {
                    let logs = [m.source, m.dest].map(|i| s.state.node(i).up().map(up_to_date));
                    logs[0] < logs[1]
                })
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "MatchIsTrue: while the leader has more",
            |_, s| {
                let leads_further = |(m, upto): (&Message, u64)| {
                    let leader = s.state.node(m.dest).up();
                    leader.is_some_and(|l| {
                        match_index(l).is_some()
                            && l.store.term == m.term
                            && l.store.last_index() > upto
                    })
                };
                acknowledgements(&s.state).any(leads_further)
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "MatchWasAcknowledged: an entry is",
            |_, s| {
                s.state
                    .leaders()
                    .any(|(_, _, known)| known.iter().any(|&upto| upto > 0))
            },
        ),
        Property::<AsynchronousHistory<S>>::sometimes(
            "NothingGoesBack: a server commits",
            |_, s| s.state.up().any(|(_, memory)| memory.commit_index > 0),
        ),
    ]
}

/// The properties of steps.
pub(super) fn step_properties<S: RuleSet<Rule>>() -> Vec<StepProperty<AsynchronousHistory<S>>> {
    vec![StepProperty {
        name: "NothingGoesBack",
        holds: |_: &AsynchronousHistory<S>, s: &Known, _: &Action, t: &Known| {
            s.state.up().all(|(i, before)| {
                let after = t.state.node(i).up();
                after.is_none_or(|after| goes_on(before, after))
            })
        },
    }]
}

/// While a server is up, its term and what it knows to be committed grow; so does, while it leads, what it knows of the others.
fn goes_on(before: &Memory, after: &Memory) -> bool {
    let matches = match_index(before).zip(match_index(after));
    let grows = |(old, new): (&[u64], &[u64])| old.iter().zip(new).all(|(old, new)| old <= new);
    before.store.term <= after.store.term
        && before.commit_index <= after.commit_index
        && matches.is_none_or(grows)
}

/// Terms begin at 1, never go down in a log (§5.3), and are not after the server's own.
fn terms_in_order(store: &Store) -> bool {
    let log = &store.log;
    log.first().is_none_or(|first| first.term > 0)
        && log.is_sorted_by_key(|entry| entry.term)
        && store.last_term() <= store.term
}

/// A crash of the sender, as it is, leaves what its message says: its term, its vote in that term, the entries that it has in that term.
fn is_durable(s: &State, m: &Message) -> bool {
    let disk = &s.node(m.source).synced;
    let says = match m.body {
        Body::RequestVoteRequest { .. } => disk.voted_for == Some(m.source),
        Body::RequestVoteResponse => disk.voted_for == Some(m.dest),
        Body::AppendEntriesResponse { match_index } => disk.last_index() >= match_index,
        Body::AppendEntriesRequest { .. } | Body::Refusal => true,
    };
    disk.term > m.term || (disk.term == m.term && says)
}

/// To whom votes are given, and entries acknowledged, has asked in that term.
fn was_asked(s: &State, m: &Message) -> bool {
    let asked = |asks: fn(&Body) -> bool| {
        s.messages
            .iter()
            .any(|q| (q.term, q.source, q.dest) == (m.term, m.dest, m.source) && asks(&q.body))
    };
    match m.body {
        Body::RequestVoteResponse => asked(|body| matches!(body, Body::RequestVoteRequest { .. })),
        Body::AppendEntriesResponse { .. } => {
            asked(|body| matches!(body, Body::AppendEntriesRequest { .. }))
        }
        _ => true,
    }
}

fn requests(s: &State) -> impl Iterator<Item = &Message> + Clone {
    let sends = |m: &&Message| matches!(m.body, Body::AppendEntriesRequest { .. });
    s.messages.iter().filter(sends)
}

/// Entries of one term are sent by one server: Election Safety, of all leaders that there ever were.
fn one_sender_per_term(s: &State) -> bool {
    // Messages are in the order of their terms.
    let next = requests(s).skip(1);
    requests(s)
        .zip(next)
        .all(|(m, n)| m.term != n.term || m.source == n.source)
}

/// Whom a candidate takes for its voters have sent it their votes in its term, or are itself.
fn votes_were_given(s: &State, i: Server, memory: &Memory) -> bool {
    let Part::Candidate(voters) = memory.part else {
        return true;
    };
    let given = |v: Server| Message {
        term: memory.store.term,
        source: v,
        dest: i,
        body: Body::RequestVoteResponse,
    };
    voters
        .iter()
        .all(|v| v == i || s.messages.contains(&given(v)))
}

/// Who has voted for a server that stands or leads, and is still in its term, has no more in its log (§5.4.1).
fn voter_is_behind(s: &State, m: &Message) -> bool {
    let (Some(voter), Some(stands)) = (s.node(m.source).up(), s.node(m.dest).up()) else {
        return true;
    };
    let in_term = voter.store.term == m.term && stands.store.term == m.term;
    m.body != Body::RequestVoteResponse
        || !in_term
        || stands.role() == Role::Follower
        || up_to_date(voter) <= up_to_date(stands)
}

fn up_to_date(memory: &Memory) -> (u64, u64) {
    (memory.store.last_term(), memory.store.last_index())
}

fn acknowledgements(s: &State) -> impl Iterator<Item = (&Message, u64)> {
    s.messages.iter().filter_map(|m| match m.body {
        Body::AppendEntriesResponse { match_index } => Some((m, match_index)),
        _ => None,
    })
}

/// What was acknowledged to a leader is in its log, and on the sender's disk, while both are in that term.
fn match_is_true(s: &State, m: &Message) -> bool {
    let Body::AppendEntriesResponse { match_index: upto } = m.body else {
        return true;
    };
    let Some(leader) = s.node(m.dest).up() else {
        return true;
    };
    let (mine, theirs, upto) = (&leader.store, &s.node(m.source).synced, upto as usize);
    let in_term = mine.term == m.term && theirs.term == m.term && match_index(leader).is_some();
    !in_term
        || mine
            .log
            .get(..upto)
            .is_some_and(|log| theirs.log.get(..upto) == Some(log))
}

/// What a leader takes a server to hold, that server has told it in its term.
fn match_was_acknowledged(s: &State, (i, leader, known): (Server, &Memory, &[u64])) -> bool {
    s.servers().zip(known).all(|(j, &upto)| {
        let told = Message {
            term: leader.store.term,
            source: j,
            dest: i,
            body: Body::AppendEntriesResponse { match_index: upto },
        };
        upto == 0 || s.messages.contains(&told)
    })
}
