//! What a step changes: only the parts that differ, each by its path.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::value::Value;

/// One part of a state that a step changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The names that lead to the part, from the outside in.
    pub at: Vec<String>,
    /// What was there; absent if nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What is there now; absent if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// The smallest parts that differ, in the order in which the state shows them.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(&mut Vec::new(), Some(before), Some(after), &mut found);
    found
}

fn compare(
    path: &mut Vec<String>,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Change>,
) {
    let parts = |value: Option<&Value>| {
        value.is_some_and(|value| matches!(value, Value::Fields(_)) || value.is_empty())
    };
    let (Some(old), Some(new)) = (before, after) else {
        found.push(change(path, before, after));
        return;
    };
    if old.same(new) {
        return;
    }
    if !parts(before) || !parts(after) {
        found.push(change(path, before, after));
        return;
    }
    let mut seen = BTreeSet::new();
    let names = new.fields().iter().chain(old.fields());
    for (name, _) in names.filter(|(name, _)| seen.insert(name)) {
        let step = std::slice::from_ref(name);
        path.push(name.clone());
        compare(path, old.at(step), new.at(step), found);
        path.pop();
    }
}

fn change(path: &[String], from: Option<&Value>, to: Option<&Value>) -> Change {
    Change {
        at: path.to_vec(),
        from: from.cloned(),
        to: to.cloned(),
    }
}

impl Change {
    /// Makes the change in `state`. Says whether the state was what the change begins with.
    pub(crate) fn apply(&self, state: &mut Value) -> bool {
        let begins = match (state.at(&self.at), &self.from) {
            (Some(found), Some(from)) => found.same(from),
            (None, None) => true,
            _ => false,
        };
        begins && state.put(&self.at, self.to.clone())
    }

    /// The elements that were added and those that were taken away, if that says it better than the whole.
    pub(crate) fn elements(&self) -> Option<(Vec<&str>, Vec<&str>)> {
        let (Some(Value::Items(from)), Some(Value::Items(to))) = (&self.from, &self.to) else {
            return None;
        };
        let (added, removed) = (beyond(to, from), beyond(from, to));
        // Where something comes and something else goes, the place may be what matters: `[1, 2]` is not `[2, 1]`. Messages have no place.
        let some = !added.is_empty() || !removed.is_empty();
        let one_way = added.is_empty() || removed.is_empty();
        let mut both = added.iter().chain(&removed);
        let messages = both.all(|element| element.contains(' '));
        (some && (one_way || messages)).then_some((added, removed))
    }
}

/// The elements of `these` that are not in `those`, copies counted.
fn beyond<'v>(these: &'v [String], those: &[String]) -> Vec<&'v str> {
    let mut rest: Vec<&str> = those.iter().map(String::as_str).collect();
    let mut more = Vec::new();
    for element in these {
        match rest.iter().position(|other| other == element) {
            Some(at) => {
                rest.swap_remove(at);
            }
            None => more.push(element.as_str()),
        }
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states() -> [Value; 3] {
        [
            "State { nodes: {n1: Node { term: 1, log: [] }, n2: DOWN disk: @0}, msgs: {} }",
            "State { nodes: {n1: Node { term: 2, log: [] }, n2: Memory { role: Follower } disk: @0}, msgs: {rm1: 1a} }",
            "State { nodes: {n1: Node { term: 2, log: [a@2] }, n2: DOWN disk: @0}, msgs: {} }",
        ]
        .map(Value::of_debug)
    }

    #[test]
    fn only_what_differs_is_told() {
        let [before, after, _] = states();
        let told: Vec<_> = changes(&before, &after)
            .iter()
            .map(|change| change.at.join("."))
            .collect();
        assert_eq!(
            told,
            ["nodes.n1.term", "nodes.n2.", "nodes.n2.role", "msgs.rm1"]
        );
    }

    #[test]
    fn changes_lead_from_each_state_to_each_other() {
        for before in states() {
            for after in states() {
                let mut state = before.clone();
                let all_apply = changes(&before, &after).iter().all(|c| c.apply(&mut state));
                assert!(
                    all_apply && state.same(&after),
                    "{state} instead of {after}"
                );
            }
        }
    }

    #[test]
    fn a_change_does_not_apply_elsewhere() {
        let [first, second, third] = states();
        let mut state = third;
        assert!(!changes(&first, &second).iter().all(|c| c.apply(&mut state)));
    }

    #[test]
    fn elements_that_come_and_go_are_counted() {
        let items = |items: &[&str]| {
            Some(Value::Items(
                items.iter().map(|i| (*i).to_owned()).collect(),
            ))
        };
        let change = |from, to| Change {
            at: Vec::new(),
            from: items(from),
            to: items(to),
        };
        let more = change(&["a", "b"], &["a", "a", "b"]);
        assert_eq!(more.elements(), Some((vec!["a"], vec![])));
        assert_eq!(change(&["a"], &["b"]).elements(), None);
        assert_eq!(change(&["1", "2"], &["2", "1"]).elements(), None);
        let messages = change(&["n1→n2 1a"], &["n2→n1 1b"]);
        assert_eq!(
            messages.elements(),
            Some((vec!["n2→n1 1b"], vec!["n1→n2 1a"]))
        );
    }
}
