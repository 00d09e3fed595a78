//! Sizes that begin with a story: what happens first is given line by line, and only what comes after it is explored.
//!
//! So a size can show what happens far from the initial state, and stay small. The story is a part of the behaviour: each of its steps is looked at as any other, and a counterexample is told from
//! the beginning.

use super::{Action, Clustered, Event, StateOf};
use crate::{Core, Correspondence};

impl<C: Correspondence> Clustered<C> {
    /// The next line of the story, as long as it goes on.
    pub(super) fn line(&self, s: &StateOf<C>) -> Option<&'static str> {
        let story = self.correspondence.story();
        story.get(usize::from(s.told)).copied()
    }

    /// Which of these actions the line tells of: the first one by its text, where there are several.
    pub(super) fn told(&self, s: &StateOf<C>, line: &str, actions: &[Action]) -> Option<Action> {
        let told = actions.iter().filter_map(|action| {
            let event = self.event(s, *action)?;
            is(&event, line).then(|| (event.to_string(), *action))
        });
        let first = told.min_by(|(one, _), (other, _)| one.cmp(other));
        first.map(|(_, action)| action)
    }
}

/// Whether an event, as it prints, begins with that line.
pub(super) fn is<P: Core>(event: &Event<P>, line: &str) -> bool {
    event.to_string().starts_with(line)
}
