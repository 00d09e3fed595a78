//! A queue: first in, first out.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::Specification;

/// What can be asked of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueAsk<V> {
    /// Put that at the end. Answered by [`QueueAnswer::Done`].
    Enqueue(V),
    /// Take the first. Answered by [`QueueAnswer::Taken`].
    Dequeue,
}

/// What a queue answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueAnswer<V> {
    /// It is in the queue.
    Done,
    /// What was first; nothing if the queue is empty.
    Taken(Option<V>),
}

/// One queue, empty at first.
#[derive(Clone, Copy, Debug)]
pub struct Queue<V>(PhantomData<V>);

impl<V> Default for Queue<V> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<V: Clone + Eq + Hash + Debug> Specification for Queue<V> {
    type Operation = QueueAsk<V>;
    type Answer = QueueAnswer<V>;
    type Key = ();
    type State = Vec<V>;

    fn key(&self, _: &QueueAsk<V>) {}

    fn initial(&self, (): &()) -> Vec<V> {
        Vec::new()
    }

    fn apply(
        &self,
        queue: &Vec<V>,
        ask: &QueueAsk<V>,
        answer: Option<&QueueAnswer<V>>,
    ) -> Option<Vec<V>> {
        match (ask, answer) {
            (QueueAsk::Enqueue(value), None | Some(QueueAnswer::Done)) => {
                Some(queue.iter().chain([value]).cloned().collect())
            }
            (QueueAsk::Dequeue, Some(QueueAnswer::Taken(taken))) => {
                (taken.as_ref() == queue.first()).then(|| queue.iter().skip(1).cloned().collect())
            }
            (QueueAsk::Dequeue, None) => Some(queue.iter().skip(1).cloned().collect()),
            _ => None,
        }
    }
}
