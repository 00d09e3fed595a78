//! What a sequential object is, and whether an order of operations is one of its.

use std::fmt::Debug;
use std::hash::Hash;

use crate::{CallId, Fate, History, Operation};

/// A sequential object: what it holds, what can be asked of it, and which answers are right. Deterministic: an operation and its answer leave one state.
pub trait Specification {
    /// What can be asked.
    type Operation: Debug;
    /// What is answered.
    type Answer: Debug;
    /// Which of several independent objects is meant; `()` where there is one only.
    type Key: Ord + Debug;
    /// What one object holds.
    type State: Clone + Eq + Hash + Debug;

    /// The object that an operation is about. Operations on different objects must not depend on each other.
    fn key(&self, operation: &Self::Operation) -> Self::Key;

    /// What an object holds at first.
    fn initial(&self, key: &Self::Key) -> Self::State;

    /// What the object holds after the operation; nothing if that could not be its answer. Without an answer (nobody has heard it) every one is right.
    fn apply(
        &self,
        state: &Self::State,
        operation: &Self::Operation,
        answer: Option<&Self::Answer>,
    ) -> Option<Self::State>;

    /// Whether the operation changes nothing, whatever the object holds. Of those that were not answered the search then need not know.
    fn only_reads(&self, _operation: &Self::Operation) -> bool {
        false
    }
}

/// Whether `order` linearizes the history: each operation at most once, all that returned, none that was refused, none before one that had returned
/// when it was called, and every answer the sequential object's. Knows nothing of how the order was found.
pub fn is_witness<S: Specification>(
    spec: &S,
    history: &History<S::Operation, S::Answer>,
    order: &[CallId],
) -> bool {
    let operations = history.operations();
    let mut placed = vec![false; operations.len()];
    for call in order {
        if std::mem::replace(&mut placed[call.0], true) {
            return false;
        }
    }
    let all = operations.iter().zip(&placed);
    let complete = all
        .into_iter()
        .all(|(operation, placed)| match operation.fate {
            Fate::Returned(..) => *placed,
            Fate::Refused(_) => !placed,
            Fate::Open => true,
        });
    let ordered: Vec<_> = order.iter().map(|call| &operations[call.0]).collect();
    complete && keeps_real_time(&ordered) && keeps_sequence(spec, &ordered)
}

/// None returned before one that stands before it was called.
fn keeps_real_time<O, A>(ordered: &[&Operation<O, A>]) -> bool {
    let mut latest_call = 0;
    ordered.iter().all(|operation| {
        latest_call = latest_call.max(operation.called);
        operation.ended() > latest_call
    })
}

fn keeps_sequence<S: Specification>(
    spec: &S,
    ordered: &[&Operation<S::Operation, S::Answer>],
) -> bool {
    let mut states = std::collections::BTreeMap::new();
    ordered.iter().all(|operation| {
        let key = spec.key(&operation.operation);
        let before = states.remove(&key).unwrap_or_else(|| spec.initial(&key));
        let after = spec.apply(&before, &operation.operation, operation.answer());
        after.map(|after| states.insert(key, after)).is_some()
    })
}
