//! What is checked on every state and step of coarse Raft: all of Figure 3, and lemmas near the faults.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;
use stateright::Property;

use crate::kit::StepProperty;
use crate::raft::abstract_raft::Commitment;
use crate::raft::coarse::{CoarseRaft, Node, State};
use crate::raft::{Server, append_only, is_quorum, log_matching, term_at};

/// The properties of states.
pub(super) fn coarse_properties<S: RuleSet<Rule>>() -> Vec<Property<CoarseRaft<S>>> {
    let mut all = invariants();
    all.extend(witnesses());
    all
}

fn invariants<S: RuleSet<Rule>>() -> Vec<Property<CoarseRaft<S>>> {
    vec![
        Property::<CoarseRaft<S>>::always("Election Safety", |_, s| election_safety(s)),
        Property::<CoarseRaft<S>>::always("Log Matching", |_, s| {
            log_matching(s.nodes.values().iter().map(|node| &node.log))
        }),
        Property::<CoarseRaft<S>>::always("Leader Completeness", |_, s| leader_completeness(s)),
        Property::<CoarseRaft<S>>::always("State Machine Safety", |_, s| state_machine_safety(s)),
        Property::<CoarseRaft<S>>::always("Committed On Quorum", committed_on_quorum),
    ]
}

fn witnesses<S: RuleSet<Rule>>() -> Vec<Property<CoarseRaft<S>>> {
    vec![
        Property::<CoarseRaft<S>>::sometimes("Election Safety: one leads after another", |_, s| {
            successions(s).next().is_some()
        }),
        Property::<CoarseRaft<S>>::sometimes("Election Safety: a leader voted before", |_, s| {
            successions(s).any(|(old, _, i)| voters(old).contains(i))
        }),
        Property::<CoarseRaft<S>>::sometimes("Election Safety: a voter votes again", |_, s| {
            successions(s).any(|(old, new, i)| {
                let mut both = voters(old).intersection(voters(new)).iter();
                both.any(|v| v != i)
            })
        }),
        Property::<CoarseRaft<S>>::sometimes("Log Matching: two logs hold an entry", |_, s| {
            let with_entries = |node: &&Node| !node.log.is_empty();
            s.nodes.values().iter().filter(with_entries).count() > 1
        }),
        Property::<CoarseRaft<S>>::sometimes("Leader Completeness: a later leader", |_, s| {
            let mut committed = s.committed.iter();
            committed.any(|c| leaders(s).any(|(_, leader)| leader.term > c.in_term))
        }),
        Property::<CoarseRaft<S>>::sometimes(
            "State Machine Safety: something is committed",
            |_, s| !s.committed.is_empty(),
        ),
        Property::<CoarseRaft<S>>::sometimes(
            "Committed On Quorum: something is committed",
            |_, s| !s.committed.is_empty(),
        ),
        Property::<CoarseRaft<S>>::sometimes(
            "Leader Append-Only: a leader has an entry",
            |_, s| leaders(s).any(|(_, leader)| !leader.log.is_empty()),
        ),
        Property::<CoarseRaft<S>>::sometimes("Term Monotonic: a term is over", |_, s| {
            s.nodes.values().iter().any(|node| node.term > 1)
        }),
        Property::<CoarseRaft<S>>::sometimes("One Vote: a vote is cast", |_, s| {
            s.nodes.values().iter().any(|node| node.voted_for.is_some())
        }),
    ]
}

/// The properties of steps.
pub(super) fn coarse_step_properties<S: RuleSet<Rule>>() -> Vec<StepProperty<CoarseRaft<S>>> {
    vec![
        StepProperty {
            name: "Leader Append-Only",
            holds: |_, s, _, t| {
                let stays = |i: Server| t.nodes[i].leads.is_some();
                leaders(s).all(|(i, leader)| {
                    !stays(i) || append_only(&leader.log, &t.nodes[i].log, leader.term)
                })
            },
        },
        StepProperty {
            name: "Term Monotonic",
            holds: |_, s, _, t| s.nodes.iter().all(|(i, node)| node.term <= t.nodes[i].term),
        },
        // A vote is not taken back within its term (§5.2).
        StepProperty {
            name: "One Vote",
            holds: |_, s, _, t| {
                s.nodes.iter().all(|(i, before)| {
                    let after = &t.nodes[i];
                    before.term != after.term
                        || before.voted_for.is_none()
                        || before.voted_for == after.voted_for
                })
            },
        },
    ]
}

fn leaders(s: &State) -> impl Iterator<Item = (Server, &Node)> {
    s.nodes.iter().filter(|(_, node)| node.leads.is_some())
}

fn voters(leader: &Node) -> crate::kit::NodeSet<Server> {
    leader.leads.map(|leads| leads.voters).unwrap_or_default()
}

/// Two leaders, the second of a later term, and the name of the second.
fn successions(s: &State) -> impl Iterator<Item = (&Node, &Node, Server)> {
    leaders(s).flat_map(move |(_, old)| {
        let later = leaders(s).filter(|(_, new)| new.term > old.term);
        later.map(move |(i, new)| (old, new, i))
    })
}

/// Election Safety: at most one leader per term (§5.2, Figure 3).
fn election_safety(s: &State) -> bool {
    leaders(s).all(|(i, one)| leaders(s).all(|(j, other)| i == j || one.term != other.term))
}

/// Leader Completeness: what was committed in a term is in the logs of the leaders of all later terms (§5.4, Figure 3).
fn leader_completeness(s: &State) -> bool {
    s.committed.iter().all(|c| {
        let mut later = leaders(s).filter(|(_, leader)| leader.term > c.in_term);
        later.all(|(_, leader)| term_at(&leader.log, c.index) == c.term)
    })
}

/// State Machine Safety: no two different entries are committed at one index (§5.4.3, Figure 3).
fn state_machine_safety(s: &State) -> bool {
    let differ = |c: Commitment, d: Commitment| c.index == d.index && c.term != d.term;
    let mut committed = s.committed.iter();
    !committed.any(|c| s.committed.iter().any(|d| differ(c, d)))
}

/// What is committed is, and stays, on a majority of the servers (§5.4.1).
fn committed_on_quorum<S>(model: &CoarseRaft<S>, s: &State) -> bool {
    s.committed.iter().all(|c| {
        let holds = |&i: &Server| term_at(&s.nodes[i].log, c.index) == c.term;
        is_quorum(s.nodes.nodes().filter(holds).collect(), model.servers)
    })
}
