//! A model whose faults strike again and again, for ever: nobody counts them.
//!
//! A count of faults is a bound, and beyond a bound nothing is known: a promise that must be kept *in the end* cannot be judged there. But no action asks how often a
//! fault has struck. So the count can be forgotten: two states that differ in nothing else behave alike (a bisimulation), and without it the states are finite.
//!
//! A promise that is kept there is kept, too, where faults are few and then cease, which is the premise of the papers' own sentences ("if no new failures occur for
//! sufficiently long").

use stateright::{Model, Property};

use super::{Event, Faults, Spec};

/// A model that counts in its state how often faults have struck.
pub trait Faulty: Spec {
    /// The count.
    fn faults(state: &mut Self::State) -> &mut Faults;
}

/// The model in an environment that strikes as often as it likes.
#[derive(Clone, Debug)]
pub struct Endless<M: Faulty> {
    /// The model.
    pub model: M,
    /// Which of its actions do not happen here: crashes of those that are assumed to stay up.
    pub spares: fn(&M, &M::Action) -> bool,
}

impl<M: Faulty> Model for Endless<M> {
    type State = M::State;
    type Action = M::Action;

    fn init_states(&self) -> Vec<M::State> {
        self.model.init_states()
    }

    fn actions(&self, s: &M::State, actions: &mut Vec<M::Action>) {
        self.model.actions(s, actions);
        actions.retain(|action| !(self.spares)(&self.model, action));
    }

    fn next_state(&self, s: &M::State, action: M::Action) -> Option<M::State> {
        let mut t = self.model.next_state(s, action)?;
        *M::faults(&mut t) = Faults::default();
        Some(t)
    }

    /// None: what is always true is checked on the model itself.
    fn properties(&self) -> Vec<Property<Self>> {
        Vec::new()
    }
}

impl<M: Faulty> Spec for Endless<M> {
    fn tell(&self, before: &M::State, action: &M::Action) -> String {
        self.model.tell(before, action)
    }

    fn event(&self, before: &M::State, action: &M::Action) -> Event {
        self.model.event(before, action)
    }
}
