//! Which nodes a trace is about, and to which of them a change belongs.

use crate::change::Change;
use crate::document::Behaviour;
use crate::value::Value;

/// The nodes, in the order of their lifelines: those that have a name of their own first, then each kind by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nodes(Vec<String>);

/// Where a part of a state belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place<'t> {
    /// The node.
    pub(crate) node: Option<&'t str>,
    /// What is left of the path: the name of a variable.
    pub(crate) variable: String,
}

impl Nodes {
    /// Those that act, send or receive, and those that stand beside them in the state.
    pub(crate) fn of(behaviour: &Behaviour) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut add = |name: &str| {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        };
        for step in &behaviour.steps {
            let event = &step.event;
            let peers = event.receives.iter().chain(&event.sends);
            let peers = peers.filter_map(|mail| mail.peer.as_deref());
            event
                .actor
                .as_deref()
                .into_iter()
                .chain(peers)
                .for_each(&mut add);
        }
        let kinds: Vec<_> = names.iter().filter_map(|name| numbered(name)).collect();
        let kinds: Vec<_> = kinds.iter().map(|(kind, _)| (*kind).to_owned()).collect();
        let mut beside = Vec::new();
        keys(&behaviour.initial, &mut beside);
        for key in beside {
            let known = numbered(key).is_some_and(|(kind, _)| kinds.iter().any(|k| k == kind));
            if known && !names.iter().any(|name| name == key) {
                names.push(key.to_owned());
            }
        }
        let place = |name: &String| {
            numbered(name).map(|(kind, number)| (kinds.iter().position(|k| k == kind), number))
        };
        names.sort_by_key(place);
        Self(names)
    }

    /// Their names.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// The lifeline of that name.
    pub(crate) fn lane(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|node| node == name)
    }

    /// Where a part belongs: to the actor if the path names it, else to the first node on the path.
    pub(crate) fn place<'t>(&'t self, path: &[String], actor: Option<&str>) -> Place<'t> {
        let is_actor = |name: &String| actor == Some(name.as_str());
        let on_path = || path.iter().position(|name| self.lane(name).is_some());
        let at = path.iter().position(is_actor).or_else(on_path);
        let Some(at) = at else {
            // A variable such as `tm_state`, or `n1 disk`, names its node itself.
            let its = |node: &&String| {
                let first = path
                    .first()
                    .and_then(|name| name.strip_prefix(node.as_str()));
                first.is_some_and(|rest| rest.starts_with(['_', ' ']))
            };
            return Place {
                node: self.0.iter().find(its).map(String::as_str),
                variable: join(path),
            };
        };
        let node = self.lane(&path[at]).map(|lane| self.0[lane].as_str());
        let (above, below) = (&path[..at], &path[at + 1..]);
        // The name of the variable says more than that of the function from nodes that it is in, unless it is itself a number.
        let says = |name: &String| !name.is_empty() && numbered(name).is_none();
        let variable = match below.first() {
            Some(first) if says(first) => join(below),
            Some(first) if first.is_empty() && below.len() == 1 => String::new(),
            _ => join(
                &[
                    above.last().map(std::slice::from_ref).unwrap_or_default(),
                    below,
                ]
                .concat(),
            ),
        };
        Place { node, variable }
    }

    /// Where a change belongs.
    pub(crate) fn place_of<'t>(&'t self, change: &Change, actor: Option<&str>) -> Place<'t> {
        self.place(&change.at, actor)
    }
}

fn join(path: &[String]) -> String {
    let named: Vec<_> = path.iter().filter(|name| !name.is_empty()).collect();
    let named: Vec<_> = named.into_iter().map(String::as_str).collect();
    named.join(".")
}

/// A kind of nodes and a number: `rm` and 2 of `rm2`.
fn numbered(name: &str) -> Option<(&str, u32)> {
    let at = name.find(|c: char| c.is_ascii_digit())?;
    let (kind, number) = name.split_at(at);
    let is_kind = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase());
    is_kind.then_some((kind, number.parse().ok()?))
}

/// Every name in a state.
fn keys<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    for (name, part) in value.fields() {
        found.push(name);
        keys(part, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &[&str], actor: Option<&str>) -> (Option<String>, String) {
        let nodes = Nodes(["tm", "n1", "n2", "rm1", "a1"].map(str::to_owned).to_vec());
        let path: Vec<_> = path.iter().map(|name| (*name).to_owned()).collect();
        let place = nodes.place(&path, actor);
        (place.node.map(str::to_owned), place.variable)
    }

    #[test]
    fn a_part_belongs_to_the_node_on_its_path() {
        let of = |node: &str, variable: &str| (Some(node.to_owned()), variable.to_owned());
        assert_eq!(place(&["nodes", "n1", "term"], None), of("n1", "term"));
        assert_eq!(place(&["nodes", "n1", ""], None), of("n1", ""));
        assert_eq!(
            place(&["nodes", "n1", "next", "n2"], None),
            of("n1", "next.n2")
        );
        assert_eq!(
            place(&["nodes", "n1", "next", "n2"], Some("n2")),
            of("n2", "next")
        );
        assert_eq!(place(&["rm_state", "rm1"], None), of("rm1", "rm_state"));
        assert_eq!(place(&["held", "n1", "k1"], None), of("n1", "held.k1"));
        assert_eq!(
            place(&["acceptors", "rm1", "a1", "bal"], Some("a1")),
            of("a1", "bal")
        );
        assert_eq!(
            place(&["msgs", "prepared"], None),
            (None, "msgs.prepared".to_owned())
        );
        assert_eq!(place(&["tm_state"], None), of("tm", "tm_state"));
    }

    #[test]
    fn kinds_have_numbers() {
        assert_eq!(numbered("rm12"), Some(("rm", 12)));
        for name in ["tm", "1a", "leader@0", "N1", "n1x"] {
            assert_eq!(numbered(name), None, "{name}");
        }
    }
}
