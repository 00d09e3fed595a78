//! Findings as cases: one for each thing that is claimed, and what became of it. The formats that other programs read are written from these.

mod checks;
mod planted;

pub use checks::{EXPECTATIONS, of_checks};
pub use planted::{of_omissions, of_zoo};

use super::source::Place;
use crate::registry::RUNGS;
use crate::temporal::LIVES;
use crate::trace::Behaviour;

/// One check and what it claims, or all rules of a rung, or all bugs that are planted in it.
#[derive(Clone, Debug)]
pub struct Suite<'a> {
    /// protocol/rung/configuration, or less.
    pub id: String,
    /// What is claimed.
    pub claim: String,
    /// What else is known: how far the search went, what TLC says.
    pub facts: Vec<(&'static str, String)>,
    /// Everything that is claimed.
    pub cases: Vec<Case<'a>>,
    /// How long it took, in seconds; 0 where nobody has measured.
    pub seconds: f64,
}

/// One thing that is claimed.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The property, the rule that is left out, or the bug.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome<'a>,
    /// What it is a case of, whatever the size.
    pub topic: Topic,
    /// Where that is claimed, where it is known.
    pub place: Option<Place>,
}

/// What a case is about, whatever the size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    /// A name of its own: protocol/rung/property.
    pub id: String,
    /// What it says.
    pub says: String,
    /// Where that is stated.
    pub source: String,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// As expected; a note says how, if that is no plain success.
    Passed(Option<String>),
    /// Not claimed at this size, or not looked at. No pass.
    Skipped(String),
    /// Not as expected.
    Failed {
        /// What is wrong.
        what: String,
        /// How it comes about.
        story: Option<&'a Behaviour>,
    },
    /// Nobody knows: a search ended early, or says nothing.
    Unknown(String),
}

/// What a suite comes to, in the order of how bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sum {
    /// All is as expected.
    AsExpected,
    /// Something is unknown.
    Unknown,
    /// Something is not as expected.
    Failed,
}

impl Outcome<'_> {
    /// How bad it is.
    pub fn sum(&self) -> Sum {
        match self {
            Self::Passed(_) | Self::Skipped(_) => Sum::AsExpected,
            Self::Unknown(_) => Sum::Unknown,
            Self::Failed { .. } => Sum::Failed,
        }
    }
}

impl Suite<'_> {
    /// What it comes to.
    pub fn sum(&self) -> Sum {
        let sums = self.cases.iter().map(|case| case.outcome.sum());
        sums.max().unwrap_or(Sum::AsExpected)
    }

    fn new(id: String, claim: String) -> Self {
        Self {
            id,
            claim,
            facts: Vec::new(),
            cases: Vec::new(),
            seconds: 0.0,
        }
    }
}

/// What is known of a rung or a family of models, by its name.
struct Subject {
    id: String,
    claim: &'static str,
    source: &'static str,
    model: &'static str,
}

/// What the check, rule or bug of that name is about. A rung goes before a model of the same name, unless promises are meant.
fn subject(id: &str, promises: bool) -> Option<Subject> {
    let is = |its: &str| id == its || id.strip_prefix(its).is_some_and(|r| r.starts_with('/'));
    let rungs = RUNGS.iter().map(|rung| rung.about()).map(|about| Subject {
        id: about.id(),
        claim: about.claim,
        source: about.source,
        model: about.model,
    });
    let lives = LIVES.iter().map(|live| live.about()).map(|about| Subject {
        id: about.id(),
        claim: about.claim,
        source: about.source,
        model: about.model,
    });
    let rung = rungs.into_iter().find(|subject| is(&subject.id));
    let live = lives.into_iter().find(|subject| is(&subject.id));
    match promises {
        true => live.or(rung),
        false => rung.or(live),
    }
}

fn topic(subject: Option<&Subject>, id: &str, name: &str) -> Topic {
    Topic {
        id: format!("{}/{name}", subject.map_or(id, |subject| &subject.id)),
        says: subject.map_or_else(String::new, |subject| format!("{name}: {}", subject.claim)),
        source: subject.map_or_else(String::new, |subject| subject.source.to_owned()),
    }
}
