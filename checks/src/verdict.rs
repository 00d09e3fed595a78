//! What a check found, and how far it looked. Unknown is never a pass, and neither is vacuous.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use concur_rules::Card;
use serde::Serialize;

use crate::engine::limits::Stop;
use crate::trace::Behaviour;

/// Whether what a check claims is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is, as far as the reach says.
    Holds,
    /// It is not: there is a counterexample.
    Fails,
    /// Nobody knows: the search ended early, or said nothing about what is claimed.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Unknown => "unknown",
        })
    }
}

/// What was found out about one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// True, and its premise was seen.
    Holds,
    /// False somewhere.
    Fails,
    /// True for want of a case: its premise was never seen.
    Vacuous,
    /// Not decided, because the search ended early.
    Unknown,
    /// Not looked at: this engine cannot.
    Unchecked,
}

/// What kind of property it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PropertyKind {
    /// True of every state.
    Invariant,
    /// True of every step.
    Step,
    /// Every step is a step of the rung above, or leaves it as it is.
    Refinement,
    /// Everything that can happen does happen in some configuration.
    Coverage,
    /// A promise: something that every fair behaviour does.
    Liveness,
}

/// A promise, and what was found out about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promised {
    /// The promise.
    pub name: &'static str,
    /// What is assumed of the environment. A promise without its assumptions is none.
    pub assuming: Vec<Assumed>,
    /// What was found out. `Vacuous` if it is due in no state.
    pub status: Status,
    /// In how many states it is due.
    pub due: u64,
    /// A fair behaviour that breaks it.
    pub lasso: Option<Behaviour>,
    /// Why nothing is known.
    pub why: Option<String>,
    /// The limit that was reached, if that is why.
    #[serde(skip)]
    pub stop: Option<Stop>,
}

/// Something that is assumed of the environment, or of the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Assumed {
    /// Whether what stays possible happens at some time (weak), or what is possible again and again (strong).
    pub fairness: &'static str,
    /// The assumption, as a sentence.
    pub name: &'static str,
}

/// One property, and what was found out about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Its name, as in the paper.
    pub name: &'static str,
    /// Its kind.
    pub kind: PropertyKind,
    /// What was found out.
    pub status: Status,
    /// What shows that it is not vacuous, and whether that was seen.
    pub witnesses: Vec<Witness>,
}

/// Something that must be possible, so that a property has something to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// What must be possible.
    pub name: &'static str,
    /// Whether some reachable state shows it.
    pub seen: bool,
}

/// How far a check looked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Reach {
    /// At every reachable state of the configuration.
    Every(Extent),
    /// On so many random schedules.
    Sampled {
        /// How many.
        cases: u64,
        /// The seed of the first one; of the one that fails, where one does.
        seed: u64,
        /// What was seen. Its `generated` are the events that happened.
        #[serde(flatten)]
        extent: Extent,
    },
    /// At every state within the bounds that are named.
    Bounded {
        /// What was cut off, and by what.
        by: Vec<String>,
        /// What was seen.
        #[serde(flatten)]
        extent: Extent,
    },
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Extent {
    /// Distinct states; with symmetry, distinct up to permutation.
    pub distinct: u64,
    /// States on the longest of all shortest paths, the initial state alone being 1. Absent where the engine does not
    /// know it.
    pub depth: Option<u32>,
    /// Initial states, and steps to states within the bounds. Absent where the engine does not count them.
    pub generated: Option<u64>,
    /// States per level.
    pub levels: Vec<u64>,
    /// Estimated probability that a fingerprint collision hid a state.
    pub collision_probability: f64,
}

impl Reach {
    /// What was seen.
    pub fn extent(&self) -> &Extent {
        match self {
            Self::Every(extent) | Self::Bounded { extent, .. } | Self::Sampled { extent, .. } => {
                extent
            }
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(_) => f.write_str("every state"),
            Self::Bounded { by, .. } => write!(f, "bounded by {}", by.join(", ")),
            Self::Sampled { cases, seed, .. } => {
                write!(f, "sampled: {cases} schedules from seed {seed} on")
            }
        }
    }
}

/// How often something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What.
    pub name: Cow<'static, str>,
    /// How often.
    pub count: u64,
}

/// A property that fails, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The property.
    pub property: &'static str,
    /// Where the last step is none of the rung above: the rules that it breaks there. Without any one of them, by itself, it would be a step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<BrokenRule>,
    /// A shortest counterexample, where the engine gives one.
    pub trace: Option<Behaviour>,
}

/// A rule of the rung above that a step breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenRule {
    /// Its name.
    pub rule: &'static str,
    /// What it says.
    pub says: &'static str,
}

impl From<&'static Card> for BrokenRule {
    fn from(card: &'static Card) -> Self {
        Self {
            rule: card.name,
            says: card.says,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states = self.trace.as_ref().map_or(0, Behaviour::states);
        write!(f, "{} after {states} states", self.property)
    }
}

/// What one exploration of one model found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Findings {
    /// How far it looked.
    pub reach: Reach,
    /// Every property.
    pub properties: Vec<Property>,
    /// Every promise, where promises were judged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<Promised>,
    /// What fails.
    pub failure: Option<Failure>,
    /// Why the search ended before it had seen everything.
    pub stop: Option<Stop>,
    /// Steps per kind of action.
    pub actions: Vec<Count>,
    /// Steps that each bound cut off.
    pub bounds: Vec<Count>,
}

impl Findings {
    /// The properties of that status.
    pub fn of_status(&self, status: Status) -> impl Iterator<Item = &'static str> {
        self.properties
            .iter()
            .filter(move |property| property.status == status)
            .map(|property| property.name)
    }
}

/// What another engine found on the same model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opinion {
    /// The engine.
    pub engine: &'static str,
    /// Whether it agrees on counts and verdicts.
    pub agrees: bool,
    /// What it found, where it disagrees.
    pub found: String,
}

/// The result of one check.
#[derive(Clone, Debug, Serialize)]
pub struct CheckResult {
    /// protocol/rung/configuration.
    pub id: String,
    /// What is claimed.
    pub claim: String,
    /// How it was looked at.
    pub method: String,
    /// The parameters.
    pub parameters: BTreeMap<&'static str, String>,
    /// Whether the claim is so.
    pub verdict: Verdict,
    /// Whether that, and every count, is what the configuration says.
    pub as_expected: bool,
    /// What is not as expected, or why the verdict is unknown.
    pub remarks: Vec<String>,
    /// What TLC says: the numbers that it finds on the published specification, where they are known.
    pub tlc: Option<TlcSays>,
    /// What was found.
    #[serde(flatten)]
    pub findings: Findings,
    /// What the other engines say.
    pub opinions: Vec<Opinion>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// The numbers that TLC finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TlcSays {
    /// Distinct states.
    pub distinct: u64,
    /// Depth of the complete state graph search.
    pub depth: u32,
}
