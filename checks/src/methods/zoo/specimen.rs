//! A bug that was planted, and what became of it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::limits::Stop;
use crate::engine::stateright::{Hunt, Panicked};
use crate::trace::Behaviour;
use crate::verdict::{Failure, PropertyKind, Verdict};
use crate::zoo::{Bug, Seed};

/// A bug that was planted, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Specimen {
    /// Its number in the list.
    pub id: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// Who met it.
    pub source: &'static str,
    /// protocol/rung.
    pub rung: &'static str,
    /// How it is planted: the rule that is left out, or the parameters that are set.
    pub seed: String,
    /// The rule that is left out, if one is.
    #[serde(skip)]
    pub without: Option<&'static str>,
    /// The size at which it was looked for last.
    pub size: String,
    /// The parameters of that size, in words: for traces, which name them.
    #[serde(skip)]
    pub parameters: BTreeMap<&'static str, String>,
    /// What its source says that it breaks.
    pub breaks: &'static str,
    /// What kind of property that is; absent if the rung claims no such thing.
    pub kind: Option<PropertyKind>,
    /// What fails first, if something else does: an invariant near the mistake.
    pub first: Option<First>,
    /// What the search for the named property found.
    pub sighting: Sighting,
    /// A shortest counterexample.
    pub trace: Option<Behaviour>,
    /// A fair behaviour that breaks the promise.
    pub lasso: Option<Behaviour>,
    /// What that promise is assumed to need, by name: for traces, which repeat it.
    #[serde(skip)]
    pub assuming: Vec<String>,
    /// The same with each reduction, and by stateright, if that was asked for.
    pub matrix: Option<Matrix>,
    /// `fails` if the named property does, as it should; `holds` if the bug was not found; `unknown` if a search ended early.
    pub verdict: Verdict,
    /// Whether it was found, with and without reductions.
    pub as_expected: bool,
    /// The first limit that a search for it reached, whatever was found.
    #[serde(skip)]
    pub stop: Option<Stop>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What fails first where the bug is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct First {
    /// The property.
    pub by: &'static str,
    /// States on the shortest counterexample, the initial one included.
    pub states: u32,
}

/// What a search for one property's failure came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// Whether it was found.
    pub found: bool,
    /// States on the counterexample, the initial one included; of a lasso, its steps. Absent where there is none: it was not found, or is something that never happens.
    pub states: Option<u32>,
    /// Distinct states when the search ended.
    pub distinct: u64,
    /// Why it ended before it had seen everything.
    pub stop: Option<Stop>,
}

/// One bug with each reduction, and by other checkers.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// With symmetry; absent where the rung declares none, or the promise would not be sound with it.
    pub symmetry: Option<Sighting>,
    /// By stateright, breadth first.
    pub stateright_bfs: Rival,
    /// By stateright, depth first.
    pub stateright_dfs: Rival,
}

/// How one of stateright's checkers fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Rival {
    /// It finds a counterexample.
    Found {
        /// States on it.
        states: u32,
        /// Distinct states when it ended.
        distinct: u64,
    },
    /// It sees everything, and does not.
    Missed {
        /// Distinct states.
        distinct: u64,
    },
    /// It gives up.
    GaveUp {
        /// Distinct states by then.
        distinct: u64,
    },
    /// The model panics somewhere beyond what fails first.
    Panicked,
    /// It knows no such property: of steps, of refinement, or a promise.
    NoWord,
}

impl Sighting {
    pub(super) fn of(
        failure: Option<&Failure>,
        property: &str,
        distinct: u64,
        stop: Option<Stop>,
    ) -> Self {
        let failure = failure.filter(|failure| failure.property == property);
        Self {
            found: failure.is_some(),
            states: failure.and_then(|failure| failure.trace.as_ref().map(Behaviour::states)),
            distinct,
            stop: stop.filter(|_| failure.is_none()),
        }
    }
}

impl Rival {
    pub(super) fn of(hunt: Result<Hunt, Panicked>) -> Self {
        match hunt {
            Err(Panicked) => Self::Panicked,
            Ok(Hunt {
                states: Some(states),
                distinct,
                ..
            }) => Self::Found { states, distinct },
            Ok(Hunt {
                cut_short,
                distinct,
                ..
            }) => match cut_short {
                true => Self::GaveUp { distinct },
                false => Self::Missed { distinct },
            },
        }
    }
}

impl Specimen {
    pub(super) fn of(bug: &'static Bug) -> Self {
        Self {
            id: bug.id,
            what: bug.what,
            source: bug.source,
            rung: bug.rung,
            seed: String::new(),
            without: match bug.seed {
                Seed::Without(rule) => Some(rule),
                Seed::Config(_) | Seed::Set => None,
            },
            size: String::new(),
            parameters: BTreeMap::new(),
            breaks: bug.breaks,
            kind: None,
            first: None,
            sighting: Sighting::default(),
            trace: None,
            lasso: None,
            assuming: Vec::new(),
            matrix: None,
            verdict: Verdict::Unknown,
            as_expected: false,
            stop: None,
            seconds: 0.0,
        }
    }

    /// Draws the conclusion.
    pub(super) fn judge(&mut self) {
        let symmetry = self.matrix.as_ref().and_then(|matrix| matrix.symmetry);
        let left_open = symmetry.and_then(|symmetry| symmetry.stop);
        self.verdict = match self.sighting {
            Sighting { found: true, .. } if left_open.is_some() => Verdict::Unknown,
            Sighting { found: true, .. } => Verdict::Fails,
            Sighting { stop: None, .. } => Verdict::Holds,
            Sighting { stop: Some(_), .. } => Verdict::Unknown,
        };
        let same = symmetry.is_none_or(|symmetry| symmetry.found == self.sighting.found);
        self.as_expected = self.sighting.found && same;
        self.stop = self.stop.or(self.sighting.stop).or(left_open);
    }
}
