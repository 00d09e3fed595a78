//! A state as a tree: what its `Debug` form says, so that a view can show a part of it and a step what it changes.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A state, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Something without parts.
    Text(String),
    /// Elements in order: of a list, a set, a bag.
    Items(Vec<String>),
    /// Parts by name, in order; no two have the same. The part without a name, if there is one, is the first, and says what the whole is: `Leader@2`, or the name of a type.
    Fields(Vec<(String, Value)>),
}

impl Value {
    /// The value that a `Debug` form shows. What is not understood stays text.
    pub fn of_debug(text: &str) -> Self {
        crate::parse::value(text)
    }

    /// The part at the end of a path of names.
    pub fn at(&self, path: &[String]) -> Option<&Self> {
        let Some((name, rest)) = path.split_first() else {
            return Some(self);
        };
        let fields = self.fields();
        let (_, part) = fields.iter().find(|(field, _)| field == name)?;
        part.at(rest)
    }

    /// The parts, if it has any.
    pub fn fields(&self) -> &[(String, Self)] {
        match self {
            Self::Fields(fields) => fields,
            Self::Text(_) | Self::Items(_) => &[],
        }
    }

    /// Whether it is a collection without an element, which may be a map as well as a set.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Items(items) => items.is_empty(),
            Self::Fields(fields) => fields.is_empty(),
        }
    }

    /// Puts `part` at the end of a path, or takes away what is there. Says whether the path leads anywhere.
    pub(crate) fn put(&mut self, path: &[String], part: Option<Self>) -> bool {
        let Some((name, rest)) = path.split_first() else {
            return part.map(|part| *self = part).is_some();
        };
        if self.is_empty() {
            *self = Self::Fields(Vec::new());
        }
        let Self::Fields(fields) = self else {
            return false;
        };
        let at = fields.iter().position(|(field, _)| field == name);
        match (at, part) {
            (Some(at), part) if !rest.is_empty() => fields[at].1.put(rest, part),
            (Some(at), Some(part)) => {
                fields[at].1 = part;
                true
            }
            (Some(at), None) => {
                fields.remove(at);
                true
            }
            (None, Some(part)) if rest.is_empty() => {
                let first = if name.is_empty() { 0 } else { fields.len() };
                fields.insert(first, (name.clone(), part));
                true
            }
            (None, _) => false,
        }
    }

    /// The same whatever the order of the parts: a part that went and came back is at the end of a state that was put together from changes.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fields(ours), Self::Fields(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().all(|(name, part)| {
                        let their = theirs.iter().find(|(field, _)| field == name);
                        their.is_some_and(|(_, their)| part.same(their))
                    })
            }
            _ => self == other || self.is_empty() && other.is_empty(),
        }
    }
}

/// Whether no two parts have the same name. Otherwise a name would not lead to one part, and JSON could not hold both.
pub(crate) fn told_apart<T>(parts: &[(String, T)]) -> bool {
    let mut names = BTreeSet::new();
    parts.iter().all(|(name, _)| names.insert(name))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Items(items) => write!(f, "[{}]", items.join(", ")),
            Self::Fields(fields) => {
                let head = fields.iter().find(|(name, _)| name.is_empty());
                if let Some((_, head)) = head {
                    write!(f, "{head} ")?;
                }
                let named = fields.iter().filter(|(name, _)| !name.is_empty());
                let named: Vec<_> = named
                    .map(|(name, part)| format!("{name}: {part}"))
                    .collect();
                write!(f, "{{{}}}", named.join(", "))
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Items(items) => serializer.collect_seq(items),
            Self::Fields(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, part) in fields {
                    map.serialize_entry(name, part)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

/// Reads a tree, and keeps the order of its parts.
struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list of texts, or an object of such values")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Items(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        if !told_apart(&fields) {
            return Err(A::Error::custom("two parts of a state have the same name"));
        }
        Ok(Value::Fields(fields))
    }
}
