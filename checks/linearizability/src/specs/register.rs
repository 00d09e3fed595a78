//! A register: it is read, written, compared and swapped, appended to.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::Specification;

/// What a register can hold.
pub trait Value: Clone + Eq + Hash + Debug {
    /// What [`Ask::Append`] does.
    fn append(&mut self, more: &Self);
}

impl Value for String {
    fn append(&mut self, more: &Self) {
        self.push_str(more);
    }
}

/// To append to a number is to add.
impl Value for u64 {
    fn append(&mut self, more: &Self) {
        *self = self.wrapping_add(*more);
    }
}

impl<T: Clone + Eq + Hash + Debug> Value for Vec<T> {
    fn append(&mut self, more: &Self) {
        self.extend_from_slice(more);
    }
}

/// What can be asked of a register.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask<V> {
    /// What does it hold? Answered by [`Answer::Value`].
    Get,
    /// Hold that. Answered by [`Answer::Done`].
    Put(V),
    /// Hold `to`, if it holds `from` now. Answered by [`Answer::Swapped`].
    Cas {
        /// What it must hold; nothing if it was never written.
        from: Option<V>,
        /// What it shall hold.
        to: V,
    },
    /// Put that behind what it holds, or hold it if it holds nothing. Answered by [`Answer::Done`].
    Append(V),
}

/// What a register answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer<V> {
    /// What it holds; nothing if it was never written.
    Value(Option<V>),
    /// It is written.
    Done,
    /// Whether it held what was expected, and holds the new value now.
    Swapped(bool),
}

/// One register, which holds nothing at first.
#[derive(Clone, Copy, Debug)]
pub struct Register<V>(PhantomData<V>);

impl<V> Default for Register<V> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<V: Value> Register<V> {
    /// What a register holds after that, and what it answers: for whoever needs one.
    pub fn serve(&self, held: &Option<V>, ask: &Ask<V>) -> (Option<V>, Answer<V>) {
        match ask {
            Ask::Get => (held.clone(), Answer::Value(held.clone())),
            Ask::Put(value) => (Some(value.clone()), Answer::Done),
            Ask::Cas { from, to } if from == held => (Some(to.clone()), Answer::Swapped(true)),
            Ask::Cas { .. } => (held.clone(), Answer::Swapped(false)),
            Ask::Append(more) => {
                let mut longer = held.clone();
                match &mut longer {
                    Some(value) => value.append(more),
                    None => longer = Some(more.clone()),
                }
                (longer, Answer::Done)
            }
        }
    }
}

impl<V: Value> Specification for Register<V> {
    type Operation = Ask<V>;
    type Answer = Answer<V>;
    type Key = ();
    type State = Option<V>;

    fn key(&self, _: &Ask<V>) {}

    fn initial(&self, (): &()) -> Option<V> {
        None
    }

    fn only_reads(&self, ask: &Ask<V>) -> bool {
        *ask == Ask::Get
    }

    fn apply(
        &self,
        held: &Option<V>,
        ask: &Ask<V>,
        answer: Option<&Answer<V>>,
    ) -> Option<Option<V>> {
        if let (Ask::Get, Some(Answer::Value(read))) = (ask, answer) {
            return (read == held).then(|| held.clone());
        }
        let (after, right) = self.serve(held, ask);
        answer
            .is_none_or(|answer| *answer == right)
            .then_some(after)
    }
}
