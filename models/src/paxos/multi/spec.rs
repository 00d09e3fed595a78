//! The promise of a log of slots: each is chosen once, whatever the others are. Must be believed.

use concur_rules::multi_paxos::MultiPaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Anything, Id, NodeSet, PerNode, Refines, Spec, StepProperty};
use crate::paxos::multi::{Entry, PerSlot, Slot};

/// A choice of one entry for each slot: consensus, as often as there are slots.
#[derive(Clone, Debug)]
pub struct Slots<S = Faithful> {
    /// How many slots there are.
    pub slots: usize,
    /// How many commands there are besides the no-op.
    pub commands: usize,
    /// The rules that are kept.
    pub rules: S,
}

/// The entries that are chosen, slot by slot.
pub type Chosen = PerSlot<NodeSet<Entry>>;

crate::actions! {
    /// All that can happen.
    pub enum Action {
        /// An entry is chosen for a slot.
        Choose(Slot, Entry),
    }
}

impl<S: RuleSet<Rule>> Slots<S> {
    fn choose(&self, chosen: &Chosen, slot: Slot, entry: Entry) -> Option<Chosen> {
        self.rules
            .when(Rule::SlotChosenOnce, chosen[slot].is_empty())?;

        let mut t = *chosen;
        t[slot].insert(entry);
        Some(t)
    }
}

impl<S: RuleSet<Rule>> Model for Slots<S> {
    type State = Chosen;
    type Action = Action;

    fn init_states(&self) -> Vec<Chosen> {
        vec![PerNode::all(self.slots, NodeSet::empty())]
    }

    fn actions(&self, _: &Chosen, actions: &mut Vec<Action>) {
        for slot in Slot::first(self.slots) {
            let entries = Entry::first(self.commands + 1);
            actions.extend(entries.map(|entry| Action::Choose(slot, entry)));
        }
    }

    fn next_state(&self, chosen: &Chosen, action: Action) -> Option<Chosen> {
        let Action::Choose(slot, entry) = action;
        self.choose(chosen, slot, entry)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |_, chosen| {
                chosen.values().iter().all(|entries| entries.len() <= 1)
            }),
            Property::<Self>::sometimes("Agreement: all slots are chosen", |_, chosen| {
                chosen.values().iter().all(|entries| !entries.is_empty())
            }),
            Property::<Self>::sometimes("Stability: one slot is chosen", |_, chosen| {
                chosen.values().iter().any(|entries| !entries.is_empty())
            }),
        ]
    }
}

impl<S: RuleSet<Rule>> Spec for Slots<S> {
    const SYMMETRY: Option<&'static str> = Some("permutations of slots");

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "Stability",
            holds: |_, s, _, t| s.iter().all(|(slot, was)| was.is_subset(t[slot])),
        }]
    }

    fn canonical(&self, chosen: &Chosen) -> Chosen {
        let mut sorted = *chosen;
        sorted.values_mut().sort_unstable();
        sorted
    }
}

impl<S: RuleSet<Rule>> Refines for Slots<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &Chosen) {}
}
