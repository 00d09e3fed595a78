//! What is checked on every state and step of abstract Raft: all of Figure 3, and two lemmas.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;
use stateright::Property;

use super::abstract_raft::{AbstractRaft, Commitment, Node, State};
use super::{Role, Server, append_only, is_quorum, last_term, log_matching, term_at};
use crate::kit::StepProperty;

/// The properties of states.
pub(super) fn abstract_properties<S: RuleSet<Rule>>() -> Vec<Property<AbstractRaft<S>>> {
    vec![
        Property::<AbstractRaft<S>>::always("Election Safety", |_, s| election_safety(s)),
        Property::<AbstractRaft<S>>::sometimes("Election Safety: a server leads", |_, s| {
            leaders(s).next().is_some()
        }),
        Property::<AbstractRaft<S>>::always("Log Matching", |_, s| {
            log_matching(s.nodes.values().iter().map(|node| &node.log))
        }),
        Property::<AbstractRaft<S>>::sometimes("Log Matching: two logs hold an entry", |_, s| {
            let with_entries = |node: &&Node| !node.log.is_empty();
            s.nodes.values().iter().filter(with_entries).count() > 1
        }),
        Property::<AbstractRaft<S>>::always("Leader Completeness", |_, s| leader_completeness(s)),
        Property::<AbstractRaft<S>>::sometimes("Leader Completeness: a later leader", |_, s| {
            s.committed
                .iter()
                .any(|c| leaders(s).any(|leader| leader.term > c.in_term))
        }),
        Property::<AbstractRaft<S>>::sometimes(
            "Leader Completeness: all follow one that lacks an entry",
            |_, s| leaders(s).any(|leader| all_follow_one_that_lacks_an_entry(s, leader)),
        ),
        Property::<AbstractRaft<S>>::always("State Machine Safety", |_, s| state_machine_safety(s)),
        Property::<AbstractRaft<S>>::sometimes(
            "State Machine Safety: something is committed",
            |_, s| !s.committed.is_empty(),
        ),
        Property::<AbstractRaft<S>>::always("Committed On Quorum", committed_on_quorum),
        Property::<AbstractRaft<S>>::sometimes(
            "Committed On Quorum: something is committed",
            |_, s| !s.committed.is_empty(),
        ),
        Property::<AbstractRaft<S>>::sometimes(
            "Leader Append-Only: a leader has an entry",
            |_, s| leaders(s).any(|leader| !leader.log.is_empty()),
        ),
        Property::<AbstractRaft<S>>::sometimes("Term Monotonic: a term is over", |_, s| {
            s.nodes.values().iter().any(|node| node.term > 0)
        }),
    ]
}

/// The properties of steps.
pub(super) fn abstract_step_properties<S: RuleSet<Rule>>() -> Vec<StepProperty<AbstractRaft<S>>> {
    vec![
        StepProperty {
            name: "Leader Append-Only",
            holds: |_, s, _, t| {
                s.nodes.iter().all(|(i, node)| {
                    node.role != Role::Leader || append_only(&node.log, &t.nodes[i].log, node.term)
                })
            },
        },
        StepProperty {
            name: "Term Monotonic",
            holds: |_, s, _, t| s.nodes.iter().all(|(i, node)| node.term <= t.nodes[i].term),
        },
    ]
}

fn leaders(s: &State) -> impl Iterator<Item = &Node> + Clone {
    let leads = |node: &&Node| node.role == Role::Leader;
    s.nodes.values().iter().filter(leads)
}

/// Election Safety: at most one leader per term (§5.2, Figure 3).
fn election_safety(s: &State) -> bool {
    leaders(s).all(|one| leaders(s).filter(|other| other.term == one.term).count() == 1)
}

/// Leader Completeness: what was committed in a term is in the logs of the leaders of all later terms (§5.4, Figure 3).
fn leader_completeness(s: &State) -> bool {
    s.committed.iter().all(|c| {
        leaders(s).all(|leader| leader.term <= c.in_term || term_at(&leader.log, c.index) == c.term)
    })
}

/// Everybody is in the leader's term, also somebody who could not have voted for it.
fn all_follow_one_that_lacks_an_entry(s: &State, leader: &Node) -> bool {
    let up_to_date = |node: &Node| (last_term(&node.log), node.log.len());
    let mut nodes = s.nodes.values().iter();
    nodes.clone().all(|node| node.term == leader.term)
        && nodes.any(|node| up_to_date(node) > up_to_date(leader))
}

/// State Machine Safety: no two different entries are committed at one index (§5.4.3, Figure 3).
fn state_machine_safety(s: &State) -> bool {
    let differ = |c: Commitment, d: Commitment| c.index == d.index && c.term != d.term;
    !s.committed
        .iter()
        .any(|c| s.committed.iter().any(|d| differ(c, d)))
}

/// What is committed is, and stays, on a majority of the servers (§5.4.1).
fn committed_on_quorum<S>(model: &AbstractRaft<S>, s: &State) -> bool {
    s.committed.iter().all(|c| {
        let holds = |&i: &Server| term_at(&s.nodes[i].log, c.index) == c.term;
        is_quorum(s.nodes.nodes().filter(holds).collect(), model.servers)
    })
}
