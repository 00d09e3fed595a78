//! A counterexample as a document: what was checked, what broke, and how it came to that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::change::{Change, changes};
use crate::event::Event;
use crate::value::Value;

/// The name of the schema.
const SCHEMA: &str = "concur.trace";
/// Its version: it grows when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// A behaviour that breaks something, and all that it takes to understand and to repeat it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// What it is a counterexample to.
    #[serde(flatten)]
    pub about: About,
    /// What happens.
    #[serde(flatten)]
    pub behaviour: Behaviour,
}

/// What a trace is a counterexample to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The version of the program that wrote it.
    pub concur: String,
    /// protocol/rung/configuration.
    pub check: String,
    /// What is claimed.
    pub claim: String,
    /// Where that is said.
    pub source: String,
    /// The parameters, by name.
    pub parameters: BTreeMap<String, String>,
    /// The rule that was left out, if that is what breaks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<Without>,
    /// What breaks.
    pub broken: Broken,
    /// The command that finds it again.
    pub reproduce: String,
}

/// A rule that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Without {
    /// Its name.
    pub rule: String,
    /// What it says.
    pub says: String,
    /// Where it is stated.
    pub source: String,
}

/// What breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The name of the property or promise.
    pub property: String,
    /// What kind of thing it is.
    pub kind: BrokenKind,
    /// What is assumed all the same, if it is a promise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assuming: Vec<String>,
}

/// What kind of thing breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BrokenKind {
    /// Something that is to be true of every state, or of every step.
    Property,
    /// Something that every fair behaviour is to do.
    Promise,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behaviour {
    /// The initial state.
    pub initial: Value,
    /// The steps.
    pub steps: Vec<Step>,
    /// Where it begins again, if it goes on for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasso: Option<Lasso>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The action as the model prints it. By that it is found again.
    pub action: String,
    /// The action in words, where the model has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// What it is, seen from outside.
    pub event: Event,
    /// What it changes.
    pub changes: Vec<Change>,
    /// Whether the model panicked instead of saying what comes next. Only a last step does.
    #[serde(default, skip_serializing_if = "is_false")]
    pub panics: bool,
}

/// A behaviour that goes on for ever: after the stem, the other steps happen again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasso {
    /// How many steps happen once.
    pub stem: usize,
    /// How each assumption is kept all the same, in words.
    pub fair: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it like that
fn is_false(panics: &bool) -> bool {
    !panics
}

/// Why a document is no trace that can be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is not JSON, or has not the fields of a trace.
    #[error("this is no trace")]
    Malformed(#[from] serde_json::Error),
    /// It says that it is something else.
    #[error("this is no trace but a document of the schema `{0}`")]
    OtherSchema(String),
    /// It was written by a program that knows more, or less.
    #[error("this trace has version {0} of the format; version {VERSION} can be read here")]
    OtherVersion(u32),
    /// It contradicts itself.
    #[error("this trace contradicts itself: {0}")]
    Contradicts(String),
}

impl Trace {
    /// Reads a document.
    ///
    /// # Errors
    /// If it is not JSON, is another document, has another version, or contradicts itself.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
            version: u32,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.schema != SCHEMA {
            return Err(ReadError::OtherSchema(head.schema));
        }
        if head.version != VERSION {
            return Err(ReadError::OtherVersion(head.version));
        }
        let trace: Self = serde_json::from_str(text)?;
        trace.behaviour.check()?;
        Ok(trace)
    }

    /// The document.
    pub fn write(&self) -> String {
        #[derive(Serialize)]
        struct Document<'t> {
            schema: &'static str,
            version: u32,
            #[serde(flatten)]
            trace: &'t Trace,
        }
        let document = Document {
            schema: SCHEMA,
            version: VERSION,
            trace: self,
        };
        let text =
            serde_json::to_string_pretty(&document).expect("texts and lists have a JSON form");
        text + "\n"
    }

    /// A name for a file: the check, and what breaks it. It has no `/`, and nothing that a shell would take for its own.
    pub fn file_name(&self) -> String {
        const LONGEST: usize = 60;
        let about = &self.about;
        let mut name = about.check.replace('/', ".");
        if let Some(without) = &about.without {
            name = format!("{name}.without-{}", slug(&without.rule));
        }
        let property: String = slug(&about.broken.property.to_lowercase());
        let property: String = property.chars().take(LONGEST).collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || "=,.-_".contains(c);
        name.retain(plain);
        format!("{name}.{property}.json")
    }
}

/// The words of a text, with nothing but `-` between them.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

impl Behaviour {
    /// A behaviour that begins in the state that is printed like that.
    pub fn begin(initial: &str) -> Self {
        Self {
            initial: Value::of_debug(initial),
            steps: Vec::new(),
            lasso: None,
        }
    }

    /// How many states it has, as TLC counts: the initial one included.
    pub fn states(&self) -> u32 {
        self.steps.len() as u32 + 1
    }

    /// How many steps happen once, and how many again and again.
    pub fn stem_and_cycle(&self) -> (usize, usize) {
        let steps = self.steps.len();
        let stem = self.lasso.as_ref().map_or(steps, |lasso| lasso.stem);
        (stem, steps - stem)
    }

    /// Every state, the initial one first; the one after each step behind it. After a step at which the model panicked there is the one before.
    pub fn each_state(&self) -> Vec<Value> {
        let mut states = vec![self.initial.clone()];
        for step in &self.steps {
            let mut state = states[states.len() - 1].clone();
            for change in &step.changes {
                change.apply(&mut state);
            }
            states.push(state);
        }
        states
    }

    /// What is wrong with a behaviour that was read.
    fn check(&self) -> Result<(), ReadError> {
        let (stem, _) = match &self.lasso {
            Some(lasso) if lasso.stem >= self.steps.len() => {
                return Err(ReadError::Contradicts("its cycle has no step".to_owned()));
            }
            _ => self.stem_and_cycle(),
        };
        let mut state = self.initial.clone();
        let mut begins = state.clone();
        for (at, step) in self.steps.iter().enumerate() {
            if at == stem {
                begins.clone_from(&state);
            }
            if !step.changes.iter().all(|change| change.apply(&mut state)) {
                let what = format!("what step {} changes is not there before it", at + 1);
                return Err(ReadError::Contradicts(what));
            }
        }
        if self.lasso.is_some() && !state.same(&begins) {
            let what = "its cycle does not end where it begins".to_owned();
            return Err(ReadError::Contradicts(what));
        }
        Ok(())
    }
}

impl Step {
    /// A step from the state `before`, as a tree, to one that is printed as `after`; `None` if the model panicked.
    pub fn new(
        action: String,
        told: Option<String>,
        event: Event,
        before: &Value,
        after: Option<&Value>,
    ) -> Self {
        let differs = |told: &String| *told != action;
        Self {
            told: told.filter(differs),
            changes: after.map_or_else(Vec::new, |after| changes(before, after)),
            panics: after.is_none(),
            action,
            event,
        }
    }

    /// The action for people.
    pub fn words(&self) -> &str {
        self.told.as_deref().unwrap_or(&self.action)
    }
}
