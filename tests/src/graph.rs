//! A graph as a model: the smallest way to make a state space of any shape.

use std::collections::{BTreeMap, BTreeSet};

use stateright::{Model, Property};

/// Nodes are states, edges are actions.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Where behaviours begin.
    pub initial: Vec<u32>,
    /// The successors of each node, in order.
    pub edges: BTreeMap<u32, Vec<u32>>,
    /// The states where "never bad" is false.
    pub bad: BTreeSet<u32>,
    /// The states where "sometimes good" is true.
    pub good: BTreeSet<u32>,
    /// The states outside of the boundary.
    pub outside: BTreeSet<u32>,
    /// The step on which the model panics.
    pub panics: Option<(u32, u32)>,
}

impl Graph {
    /// A graph from its edges.
    pub fn of(initial: &[u32], edges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut graph = Self {
            initial: initial.to_vec(),
            ..Self::default()
        };
        for (from, to) in edges {
            graph.edges.entry(from).or_default().push(to);
        }
        graph
    }

    /// The level of each reachable state, from 1, by textbook.
    pub fn levels(&self) -> BTreeMap<u32, u32> {
        let inside = |state: &u32| !self.outside.contains(state);
        let mut levels = BTreeMap::new();
        let mut level: BTreeSet<u32> = self.initial.iter().copied().filter(inside).collect();
        let mut depth = 1;
        while !level.is_empty() {
            levels.extend(level.iter().map(|state| (*state, depth)));
            depth += 1;
            let successors = level.iter().filter_map(|state| self.edges.get(state));
            let next = successors.flatten().copied().filter(inside);
            level = next.filter(|state| !levels.contains_key(state)).collect();
        }
        levels
    }
}

impl Model for Graph {
    type State = u32;
    type Action = u32;

    fn init_states(&self) -> Vec<u32> {
        self.initial.clone()
    }

    fn actions(&self, state: &u32, actions: &mut Vec<u32>) {
        actions.extend(self.edges.get(state).into_iter().flatten());
    }

    fn next_state(&self, state: &u32, action: u32) -> Option<u32> {
        assert_ne!(self.panics, Some((*state, action)), "this step panics");
        Some(action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("never bad", |graph, state| !graph.bad.contains(state)),
            Property::<Self>::sometimes("sometimes good", |graph, state| {
                graph.good.contains(state)
            }),
        ]
    }

    fn within_boundary(&self, state: &u32) -> bool {
        !self.outside.contains(state)
    }
}
