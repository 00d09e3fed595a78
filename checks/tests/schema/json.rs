//! As much of JSON Schema (draft 7) as the schema of SARIF uses: types, objects, arrays, enumerations, references, alternatives. A word that is not known here is an error, and no pass.

use serde_json::{Map, Value};

/// A schema.
pub(crate) struct JsonSchema(Value);

impl JsonSchema {
    /// Reads a schema.
    pub(crate) fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("it is JSON"))
    }

    /// What is wrong with a document, each with its place.
    pub(crate) fn wrong(&self, document: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        self.check(&self.0, document, "", &mut wrong);
        wrong
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let words = schema.as_object().expect("a schema is an object");
        for (word, says) in words {
            let kept = match word.as_str() {
                "$ref" => {
                    self.check(self.definition(says), value, at, wrong);
                    true
                }
                "properties" => self.properties(says, value, at, wrong),
                "additionalProperties" => self.others(words, says, value, at, wrong),
                "items" => self.items(says, value, at, wrong),
                "anyOf" => self.kept(says, value) > 0,
                "oneOf" => self.kept(says, value) == 1,
                word => alone(word, says, value),
            };
            if !kept {
                wrong.push(format!("{at}: not as {word} says: {says}"));
            }
        }
    }

    fn definition(&self, reference: &Value) -> &Value {
        let name = reference.as_str().and_then(|name| name.strip_prefix('#'));
        let found = name.and_then(|name| self.0.pointer(name));
        found.expect("it refers to a definition")
    }

    /// How many of several schemas a value keeps.
    fn kept(&self, schemas: &Value, value: &Value) -> usize {
        let keeps = |schema: &&Value| {
            let mut wrong = Vec::new();
            self.check(schema, value, "", &mut wrong);
            wrong.is_empty()
        };
        list(schemas).iter().filter(keeps).count()
    }

    fn properties(&self, says: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) -> bool {
        for (name, schema) in fields(says) {
            if let Some(part) = value.get(name) {
                self.check(schema, part, &format!("{at}/{name}"), wrong);
            }
        }
        true
    }

    /// The parts of an object that no property names.
    fn others(
        &self,
        words: &Map<String, Value>,
        says: &Value,
        value: &Value,
        at: &str,
        wrong: &mut Vec<String>,
    ) -> bool {
        let named = |name: &str| {
            words
                .get("properties")
                .and_then(|all| all.get(name))
                .is_some()
        };
        let others = fields(value).filter(|(name, _)| !named(name));
        match says.as_bool() {
            Some(allowed) => allowed || others.count() == 0,
            None => {
                others.for_each(|(name, part)| {
                    self.check(says, part, &format!("{at}/{name}"), wrong)
                });
                true
            }
        }
    }

    fn items(&self, says: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) -> bool {
        for (nth, item) in list(value).iter().enumerate() {
            self.check(says, item, &format!("{at}/{nth}"), wrong);
        }
        true
    }
}

/// Whether a value is as one word says that needs no other schema. Words that speak of one type say nothing of others.
fn alone(word: &str, says: &Value, value: &Value) -> bool {
    let number = |value: &Value| value.as_f64().expect("it is a number");
    match word {
        "type" => is_a(says.as_str().expect("it is a name"), value),
        "enum" => list(says).contains(value),
        "required" => list(says).iter().all(|name| {
            let name = name.as_str().expect("it is a name");
            !value.is_object() || value.get(name).is_some()
        }),
        "minItems" => !value.is_array() || list(value).len() as f64 >= number(says),
        "uniqueItems" => list(value)
            .iter()
            .enumerate()
            .all(|(nth, item)| !list(value)[..nth].contains(item)),
        "minimum" => !value.is_number() || number(value) >= number(says),
        "maximum" => !value.is_number() || number(value) <= number(says),
        // An address has a scheme; the other formats say nothing to whoever only validates.
        "format" => says != "uri" || value.as_str().is_none_or(|text| text.contains(':')),
        "definitions" | "$schema" | "$id" | "title" | "description" | "default" => true,
        other => panic!("{other} is not known here"),
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("{other} is not known here"),
    }
}

/// The elements of a list; of anything else, none.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The parts of an object; of anything else, none.
fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
