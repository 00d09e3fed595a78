//! The other way round: a path of the model above, taken by a cluster of cores, as far as the cores go along.

use std::collections::{BTreeSet, BinaryHeap, HashSet};
use std::fmt::Debug;

use concur_engine::fingerprint::Fingerprinter;
use concur_models::kit::Mapped;
use stateright::Model;

use crate::walk::Scheduled;

/// How far a cluster follows a path.
#[derive(Clone, Debug)]
pub struct Followed<E> {
    /// How many of the path's actions it takes.
    pub taken: usize,
    /// What happens to the cluster, so that it takes them.
    pub schedule: Vec<E>,
    /// Where it does not take the next one: the rules by which cores refuse what could happen there.
    pub refused: BTreeSet<&'static str>,
    /// Whether so many states were looked at that some were left out: then nobody knows whether it could go further.
    pub cut_short: bool,
}

/// A state of the cluster on the way, how far it has come, and how it was reached.
struct Place<S, E> {
    state: S,
    taken: usize,
    reached: Option<(usize, E)>,
}

/// Looks for a schedule by which the cluster takes the actions of `path`, one after the other, in at most `most` states. Between two of them it may do what the model does not see.
///
/// Actions are compared as they print, so that a path can come from a file.
pub fn follow<M: Scheduled>(model: &M, path: &[String], most: usize) -> Followed<M::Event> {
    let fingerprinter = Fingerprinter::new(0);
    let mut places: Vec<Place<M::State, M::Event>> = Vec::new();
    let mut known = HashSet::new();
    // Whoever has come furthest goes on first; among these, whoever got there first.
    let mut next = BinaryHeap::new();
    let mut furthest = 0;
    let initial = model.init_states().into_iter().map(|state| Place {
        state,
        taken: 0,
        reached: None,
    });
    places.extend(initial);
    next.extend((0..places.len()).map(|at| (0, std::cmp::Reverse(at))));
    while let Some((taken, std::cmp::Reverse(at))) = next.pop() {
        if taken == path.len() || places.len() >= most {
            break;
        }
        for (event, state, steps) in successors(model, &places[at].state, &path[taken..]) {
            let taken = taken + steps;
            if !known.insert(fingerprinter.of(&(&state, taken))) {
                continue;
            }
            next.push((taken, std::cmp::Reverse(places.len())));
            if taken > places[furthest].taken {
                furthest = places.len();
            }
            places.push(Place {
                state,
                taken,
                reached: Some((at, event)),
            });
        }
    }
    let reached = &places[furthest];
    Followed {
        taken: reached.taken,
        schedule: schedule(&places, furthest),
        refused: match reached.taken == path.len() {
            true => BTreeSet::new(),
            false => refusals(model, &places, reached.taken),
        },
        cut_short: reached.taken < path.len() && places.len() >= most,
    }
}

/// What can happen next without leaving the path, and how many of its actions that takes.
fn successors<M: Scheduled>(
    model: &M,
    state: &M::State,
    path: &[String],
) -> Vec<(M::Event, M::State, usize)> {
    let above = &model.abstract_model();
    let from = &model.abstract_state(state);
    let mut found = Vec::new();
    for event in model.events(state) {
        let Some(after) = model.take(state, &event) else {
            continue;
        };
        let to = &model.abstract_state(&after);
        let stands_for = match from == to {
            true => Vec::new(),
            false => model.stands_for(state, &event, &after, Mapped { above, from, to }),
        };
        if is_next(&stands_for, path) {
            found.push((event, after, stands_for.len()));
        }
    }
    found
}

fn is_next(actions: &[impl Debug], path: &[String]) -> bool {
    let mut pairs = actions.iter().zip(path);
    actions.len() <= path.len() && pairs.all(|(action, next)| format!("{action:?}") == *next)
}

fn schedule<S, E: Clone>(places: &[Place<S, E>], end: usize) -> Vec<E> {
    let mut events = Vec::new();
    let mut at = end;
    while let Some((before, event)) = &places[at].reached {
        events.push(event.clone());
        at = *before;
    }
    events.reverse();
    events
}

/// By which rules cores refuse something wherever the cluster has come that far.
fn refusals<M: Scheduled>(
    model: &M,
    places: &[Place<M::State, M::Event>],
    taken: usize,
) -> BTreeSet<&'static str> {
    let there = places.iter().filter(|place| place.taken == taken);
    there
        .flat_map(|place| model.refusals(&place.state))
        .collect()
}

/// A random path of the model above, as its actions print; it ends where nothing more happens.
pub fn random_path<A>(above: &A, mut choose: impl FnMut(usize) -> usize, most: usize) -> Vec<String>
where
    A: Model<State: Clone + PartialEq, Action: Clone + Debug>,
{
    let mut path = Vec::new();
    let mut state = above.init_states().remove(0);
    while path.len() < most {
        let mut actions = Vec::new();
        above.actions(&state, &mut actions);
        let next = |action: &A::Action| above.next_state(&state, action.clone());
        let moves = actions
            .into_iter()
            .filter_map(|action| Some((next(&action)?, action)));
        let mut moves: Vec<_> = moves
            .filter(|(to, _)| *to != state && above.within_boundary(to))
            .collect();
        if moves.is_empty() {
            break;
        }
        let (to, action) = moves.swap_remove(choose(moves.len()));
        path.push(format!("{action:?}"));
        state = to;
    }
    path
}
