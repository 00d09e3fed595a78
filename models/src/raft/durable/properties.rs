//! What is checked on every state and step of durable Raft: all of Figure 3, and lemmas near the faults.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;
use stateright::Property;

use crate::kit::StepProperty;
use crate::raft::durable::state::{Leading, Memory, Node, Part, Reply, Says, State};
use crate::raft::durable::{Action, DurableRaft, up_to_date};
use crate::raft::{Role, Server, append_only, is_quorum, log_matching};

/// The properties of states.
pub(super) fn durable_properties<S: RuleSet<Rule>>() -> Vec<Property<DurableRaft<S>>> {
    let mut all = figure_3();
    all.extend(lemmas());
    all.extend(witnesses());
    all
}

fn figure_3<S: RuleSet<Rule>>() -> Vec<Property<DurableRaft<S>>> {
    vec![
        Property::<DurableRaft<S>>::always("Election Safety", |_, s| election_safety(s)),
        Property::<DurableRaft<S>>::always("Log Matching", |_, s| {
            let disks = s.nodes.values().iter().map(|node| &node.disk.log);
            let synced = disks.clone().map(|log| log.synced());
            log_matching(disks.map(|log| log.written()).chain(synced))
        }),
        Property::<DurableRaft<S>>::always("Leader Completeness", |_, s| leader_completeness(s)),
        Property::<DurableRaft<S>>::always("State Machine Safety", |_, s| state_machine_safety(s)),
    ]
}

fn lemmas<S: RuleSet<Rule>>() -> Vec<Property<DurableRaft<S>>> {
    vec![
        Property::<DurableRaft<S>>::always("CommittedOnQuorum", |m, s| {
            !m.lemmas || committed_on_quorum(m.servers, s)
        }),
        Property::<DurableRaft<S>>::always("NextGtMatch", |m, s| {
            !m.lemmas || s.leaders().all(|(_, _, leading)| next_gt_match(leading))
        }),
        Property::<DurableRaft<S>>::always("ReplySynced", |m, s| {
            !m.lemmas || s.replies.distinct().all(|m| reply_synced(s, m))
        }),
        Property::<DurableRaft<S>>::always("VoteDurable", |m, s| !m.lemmas || vote_durable(s)),
        Property::<DurableRaft<S>>::always("VotersAreBehind", |m, s| {
            !m.lemmas || voters_are_behind(s)
        }),
        Property::<DurableRaft<S>>::always("CommitsOwnTerm", |m, s| {
            !m.lemmas || s.committed.last().is_none_or(|c| c.entry.term == c.in_term)
        }),
        Property::<DurableRaft<S>>::always("MatchIsTrue", |m, s| {
            !m.lemmas
                || s.leaders()
                    .all(|(_, leader, leading)| match_is_true(s, leader, leading))
        }),
        Property::<DurableRaft<S>>::always("ReplyInTerm", |m, s| {
            let in_term = |node: &Node, reply: Reply| reply.term == node.disk.term();
            !m.lemmas || up(s).all(|(_, node, memory)| memory.owes.is_none_or(|m| in_term(node, m)))
        }),
        Property::<DurableRaft<S>>::always("WhoAcknowledgesFollows", |m, s| {
            !m.lemmas
                || up(s)
                    .all(|(_, _, memory)| !owes_entries(memory) || memory.role() == Role::Follower)
        }),
    ]
}

fn witnesses<S: RuleSet<Rule>>() -> Vec<Property<DurableRaft<S>>> {
    vec![
        Property::<DurableRaft<S>>::sometimes("Election Safety: a server leads", |_, s| {
            s.leaders().next().is_some()
        }),
        Property::<DurableRaft<S>>::sometimes("Log Matching: all logs are the same", |_, s| {
            let logs = s.nodes.values().iter().map(|node| node.disk.log.written());
            logs.clone()
                .all(|log| !log.is_empty() && logs.clone().all(|other| other == log))
        }),
        Property::<DurableRaft<S>>::sometimes("Leader Completeness: a later leader", |_, s| {
            let later = |in_term| {
                s.leaders()
                    .any(|(_, leader, _)| leader.disk.term() > in_term)
            };
            s.committed.iter().any(|c| later(c.in_term))
        }),
        Property::<DurableRaft<S>>::sometimes(
            "State Machine Safety: a follower applies",
            |_, s| up(s).any(|(_, _, m)| m.role() == Role::Follower && m.commit_index > 0),
        ),
        Property::<DurableRaft<S>>::sometimes(
            "CommittedOnQuorum: something is committed",
            |m, s| !m.lemmas || !s.committed.is_empty(),
        ),
        Property::<DurableRaft<S>>::sometimes(
            "CommittedOnQuorum: while its leader has it not on its disk",
            |m, s| {
                !m.lemmas || {
                    s.leaders()
                        .any(|(_, leader, _)| leader.disk.log.synced().len() < s.committed.len())
                }
            },
        ),
        Property::<DurableRaft<S>>::sometimes("NextGtMatch: a leader steps back", |m, s| {
            !m.lemmas || {
                s.leaders().any(|(_, leader, leading)| {
                    let mut nexts = leading.next_index.values().iter();
                    let terms = leader.disk.log.written().iter();
                    let older = terms
                        .filter(|entry| entry.term < leader.disk.term())
                        .count();
                    nexts.any(|&next| next as usize <= older)
                })
            }
        }),
        Property::<DurableRaft<S>>::sometimes("NextGtMatch: an entry is acknowledged", |m, s| {
            !m.lemmas || { s.leaders().any(|(_, _, leading)| acknowledged(leading)) }
        }),
        Property::<DurableRaft<S>>::sometimes("ReplySynced: a vote is sent", |m, s| {
            !m.lemmas || { s.replies.iter().any(|m| m.says == Says::Granted) }
        }),
        Property::<DurableRaft<S>>::sometimes("ReplySynced: an entry is acknowledged", |m, s| {
            !m.lemmas || {
                let accepted = |m: &Reply| matches!(m.says, Says::Accepted(index) if index > 0);
                s.replies.iter().any(accepted)
            }
        }),
        Property::<DurableRaft<S>>::sometimes("VoteDurable: a server is a candidate", |m, s| {
            !m.lemmas || { up(s).any(|(_, _, memory)| memory.role() == Role::Candidate) }
        }),
        Property::<DurableRaft<S>>::sometimes("VotersAreBehind: a vote is sent", |m, s| {
            !m.lemmas || s.replies.iter().any(|m| m.says == Says::Granted)
        }),
        Property::<DurableRaft<S>>::sometimes("CommitsOwnTerm: something is committed", |m, s| {
            !m.lemmas || { !s.committed.is_empty() }
        }),
        Property::<DurableRaft<S>>::sometimes("MatchIsTrue: an entry is acknowledged", |m, s| {
            !m.lemmas || s.leaders().any(|(_, _, leading)| acknowledged(leading))
        }),
        Property::<DurableRaft<S>>::sometimes("ReplyInTerm: a reply waits", |m, s| {
            !m.lemmas || up(s).any(|(_, _, memory)| memory.owes.is_some())
        }),
        Property::<DurableRaft<S>>::sometimes(
            "MatchIsAcknowledged: a server is refused",
            |m, s| !m.lemmas || s.replies.iter().any(|m| matches!(m.says, Says::Refused(_))),
        ),
        Property::<DurableRaft<S>>::sometimes("WhoAcknowledgesFollows: one does", |m, s| {
            !m.lemmas || { up(s).any(|(_, _, memory)| owes_entries(memory)) }
        }),
        Property::<DurableRaft<S>>::sometimes(
            "Leader Append-Only: a leader has an entry",
            |_, s| {
                let has_entry = |leader: &Node| !leader.disk.log.written().is_empty();
                s.leaders().any(|(_, leader, _)| has_entry(leader))
            },
        ),
        Property::<DurableRaft<S>>::sometimes("CommitMonotonic: a server knows", |m, s| {
            !m.lemmas || { up(s).any(|(_, _, memory)| memory.commit_index > 0) }
        }),
        Property::<DurableRaft<S>>::sometimes(
            "MatchMonotonic: an entry is acknowledged",
            |m, s| !m.lemmas || s.leaders().any(|(_, _, leading)| acknowledged(leading)),
        ),
        Property::<DurableRaft<S>>::sometimes("Elections Are Wanted: a term has begun", |m, s| {
            !m.lemmas || { s.nodes.values().iter().any(|node| node.disk.term() > 0) }
        }),
    ]
}

/// The properties of steps.
pub(super) fn durable_step_properties<S: RuleSet<Rule>>() -> Vec<StepProperty<DurableRaft<S>>> {
    vec![
        StepProperty {
            name: "Leader Append-Only",
            holds: |_, s, _, t| {
                s.leaders().all(|(i, leader, _)| {
                    let after = &t.nodes[i];
                    let leads = after
                        .up()
                        .is_some_and(|memory| memory.role() == Role::Leader);
                    let (old, new) = (leader.disk.log.written(), after.disk.log.written());
                    !leads || append_only(old, new, leader.disk.term())
                })
            },
        },
        StepProperty {
            name: "CommitMonotonic",
            holds: |m, s, _, t| {
                let grows =
                    |before: &Memory, after: &Memory| before.commit_index <= after.commit_index;
                !m.lemmas
                    || up(s).all(|(i, _, before)| {
                        t.nodes[i].up().is_none_or(|after| grows(before, after))
                    })
            },
        },
        StepProperty {
            name: "MatchMonotonic",
            holds: |m, s, _, t| {
                !m.lemmas
                    || s.leaders().all(|(i, _, before)| {
                        let after = t.nodes[i].up().map(|memory| memory.part);
                        match after {
                            Some(Part::Leader(after)) => match_grows(before, &after),
                            _ => true,
                        }
                    })
            },
        },
        StepProperty {
            name: "MatchIsAcknowledged",
            holds: |m, s, action, t| match *action {
                Action::HandleReply(reply) if m.lemmas && !counts(s, &reply) => {
                    matches_of(s).eq(matches_of(t))
                }
                _ => true,
            },
        },
        StepProperty {
            name: "Elections Are Wanted",
            holds: |m, s, action, _| {
                !m.lemmas
                    || match *action {
                        Action::Timeout(i) => !m.features.pre_vote || welcome(m.servers, s, i),
                        Action::TimeoutNow(i, j) => {
                            up_to_date(&s.nodes[i]) == up_to_date(&s.nodes[j])
                        }
                        Action::RequestVote(i, v) => {
                            !m.features.check_quorum || asked(s, i) || !has_leader(s, v)
                        }
                        _ => true,
                    }
            },
        },
    ]
}

fn up(s: &State) -> impl Iterator<Item = (Server, &Node, &Memory)> {
    s.nodes
        .iter()
        .filter_map(|(i, node)| Some((i, node, node.up()?)))
}

fn acknowledged(leading: &Leading) -> bool {
    leading.match_index.values().iter().any(|&upto| upto > 0)
}

// ----------------------------------------------------------------------------------------------------------- Invariants

/// Election Safety: at most one leader per term (§5.2, Figure 3).
fn election_safety(s: &State) -> bool {
    s.leaders().all(|(i, one, _)| {
        let mut leaders = s.leaders();
        leaders.all(|(j, other, _)| i == j || one.disk.term() != other.disk.term())
    })
}

/// Leader Completeness: what was committed in a term is in the logs of the leaders of all later terms (§5.4, Figure 3).
fn leader_completeness(s: &State) -> bool {
    s.committed.iter().enumerate().all(|(at, c)| {
        s.leaders().all(|(_, leader, _)| {
            leader.disk.term() <= c.in_term || leader.disk.log.written().get(at) == Some(&c.entry)
        })
    })
}

/// State Machine Safety: what servers apply is committed, so that no two apply different entries at one index (§5.4.3, Figure 3).
fn state_machine_safety(s: &State) -> bool {
    up(s).all(|(_, node, memory)| {
        (0..memory.commit_index as usize).all(|at| {
            let committed = s.committed.get(at).map(|c| &c.entry);
            committed.is_some() && committed == node.disk.log.written().get(at)
        })
    })
}

/// What is committed is on the disks of a majority, and stays there (§5.4.1).
fn committed_on_quorum(servers: usize, s: &State) -> bool {
    s.committed.iter().enumerate().all(|(at, c)| {
        let holds = |i: &Server| s.nodes[*i].disk.log.synced().get(at) == Some(&c.entry);
        is_quorum(s.nodes.nodes().filter(holds).collect(), servers)
    })
}

fn next_gt_match(leading: &Leading) -> bool {
    let mut nexts = leading.next_index.iter();
    nexts.all(|(j, &next)| next > leading.match_index[j])
}

/// A crash of the sender, as it is, leaves what its reply says: that it voted so in the term, or that it is in the term and has the entries. In a later
/// term, it may have others.
fn reply_synced(s: &State, m: &Reply) -> bool {
    let disk = &s.nodes[m.source].disk;
    let ballot = disk.ballot.synced();
    ballot.term > m.term
        || (ballot.term == m.term
            && match m.says {
                Says::Granted => ballot.voted_for == Some(m.dest),
                Says::Accepted(index) => {
                    disk.term() > m.term || disk.log.synced().len() >= index as usize
                }
                Says::Refused(_) => true,
            })
}

/// Who a candidate takes for its voter, itself among them, will have voted for it also after a crash.
fn vote_durable(s: &State) -> bool {
    up(s).all(|(i, node, memory)| {
        let Part::Candidate(candidacy) = &memory.part else {
            return true;
        };
        candidacy.voters.iter().all(|v| {
            let ballot = s.nodes[v].disk.ballot.synced();
            let term = node.disk.term();
            ballot.term > term || (ballot.term == term && ballot.voted_for == Some(i))
        })
    })
}

/// Who votes for a candidate, and is still in its term, has no more in its log than the candidate (§5.4.1).
fn voters_are_behind(s: &State) -> bool {
    let granted = s.replies.distinct().filter(|m| m.says == Says::Granted);
    granted.into_iter().all(|m| {
        let (voter, candidate) = (&s.nodes[m.source], &s.nodes[m.dest]);
        let stands = candidate
            .up()
            .is_some_and(|memory| memory.role() != Role::Follower);
        let in_term = [voter, candidate]
            .iter()
            .all(|node| node.disk.term() == m.term);
        !stands || !in_term || up_to_date(voter) <= up_to_date(candidate)
    })
}

/// Whom a leader takes to have its log up to some entry has reached the leader's term, and, while it is there, has these entries on its disk.
fn match_is_true(s: &State, leader: &Node, leading: &Leading) -> bool {
    leading.match_index.iter().all(|(j, &upto)| {
        let (disk, upto) = (&s.nodes[j].disk, upto as usize);
        let (theirs, mine) = (disk.log.synced(), leader.disk.log.written());
        let agree = theirs.len() >= upto && mine.len() >= upto && theirs[..upto] == mine[..upto];
        let term = leader.disk.term();
        upto == 0 || disk.term() > term || (disk.term() == term && agree)
    })
}

fn owes_entries(memory: &Memory) -> bool {
    let says = memory.owes.map(|reply| reply.says);
    matches!(says, Some(Says::Accepted(_)))
}

// ---------------------------------------------------------------------------------------------------------------- Steps

/// Whether an answer is an acknowledgement to a leader that is still in the term of its request.
fn counts(s: &State, m: &Reply) -> bool {
    let refused = matches!(m.says, Says::Refused(_));
    !refused && m.term == s.nodes[m.dest].disk.term()
}

fn matches_of(s: &State) -> impl Iterator<Item = (Server, &[u8])> {
    s.leaders()
        .map(|(i, _, leading)| (i, leading.match_index.values()))
}

fn match_grows(before: &Leading, after: &Leading) -> bool {
    let mut acknowledged = before.match_index.iter();
    acknowledged.all(|(j, &upto)| upto <= after.match_index[j])
}

/// Whether a majority of the servers, up and without a leader, has no more than `i` has.
fn welcome(servers: usize, s: &State, i: Server) -> bool {
    let mine = up_to_date(&s.nodes[i]);
    let agrees = |&v: &Server| v == i || (!has_leader(s, v) && up_to_date(&s.nodes[v]) <= mine);
    is_quorum(s.nodes.nodes().filter(agrees).collect(), servers)
}

fn has_leader(s: &State, v: Server) -> bool {
    s.nodes[v].up().is_none_or(Memory::has_leader)
}

fn asked(s: &State, i: Server) -> bool {
    let part = s.nodes[i].up().map(|memory| memory.part);
    matches!(part, Some(Part::Candidate(candidacy)) if candidacy.asked)
}
