//! Bugs that such a checker could have; each must be noticed where the search is held against all permutations.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::LazyLock;

use crate::memo::{Memo, Placed};
use crate::search::check_with;
use crate::specs::Register;
use crate::{Fate, Limits, check};

#[path = "../tests/oracle/mod.rs"]
mod oracle;

use oracle::{Of, Play, brute_force, play, with_fates};

type R = Register<u64>;

/// Some thousand small histories, and whether they are linearizable by all permutations.
static SMALL: LazyLock<Vec<(Of<R>, bool)>> = LazyLock::new(|| {
    let small = Play {
        clients: 3,
        operations: 5,
        lies: 15,
        given_up: 15,
    };
    let judged = |seed| {
        let history = play::<R>(small, seed);
        let exists = brute_force(&R::default(), &history);
        (history, exists)
    };
    (0..3_000).map(judged).collect()
});

/// How many of them are judged otherwise.
fn misjudged(judge: impl Fn(&Of<R>) -> bool) -> usize {
    let wrong = |(history, exists): &&(Of<R>, bool)| judge(history) != *exists;
    SMALL.iter().filter(wrong).count()
}

fn judge(history: &Of<R>) -> bool {
    check(&R::default(), history, Limits::default()).is_linearizable()
}

#[test]
fn the_search_itself_misjudges_nothing() {
    assert_eq!(misjudged(judge), 0);
}

#[derive(Default)]
struct ForgetsState(HashSet<Placed>);

impl<S> Memo<S> for ForgetsState {
    fn is_new(&mut self, placed: Placed, _: &S) -> bool {
        self.0.insert(placed)
    }
}

struct ForgetsPlaced<S>(HashSet<S>);

impl<S> Default for ForgetsPlaced<S> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<S: Clone + Eq + Hash> Memo<S> for ForgetsPlaced<S> {
    fn is_new(&mut self, _: Placed, state: &S) -> bool {
        self.0.insert(state.clone())
    }
}

#[test]
fn a_memory_that_forgets_the_state_is_noticed() {
    let judge = |history: &Of<R>| {
        check_with::<_, ForgetsState>(&R::default(), history, Limits::default()).is_linearizable()
    };
    assert!(misjudged(judge) > 0);
}

#[test]
fn a_memory_that_forgets_what_is_placed_is_noticed() {
    let judge = |history: &Of<R>| {
        check_with::<_, ForgetsPlaced<_>>(&R::default(), history, Limits::default())
            .is_linearizable()
    };
    assert!(misjudged(judge) > 0);
}

#[test]
fn that_real_time_is_not_kept_is_noticed() {
    let as_if_all_at_once = |history: &Of<R>| {
        judge(&with_fates(history, |fate| {
            Some(match fate {
                Fate::Returned(at, answer) => Fate::Returned(at + 1_000, answer.clone()),
                other => other.clone(),
            })
        }))
    };
    assert!(misjudged(as_if_all_at_once) > 0);
}

#[test]
fn that_what_never_returned_is_taken_for_never_done_is_noticed() {
    let without_open = |history: &Of<R>| {
        judge(&with_fates(history, |fate| {
            (*fate != Fate::Open).then(|| fate.clone())
        }))
    };
    assert!(misjudged(without_open) > 0);
}

#[test]
fn that_what_was_refused_may_have_happened_is_noticed() {
    let refused_is_open = |history: &Of<R>| {
        judge(&with_fates(history, |fate| {
            Some(match fate {
                Fate::Refused(_) => Fate::Open,
                other => other.clone(),
            })
        }))
    };
    assert!(misjudged(refused_is_open) > 0);
}
