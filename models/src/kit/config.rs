//! Sizes: the parameters of a rung, its named configurations and what they are expected to show.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Index, RangeInclusive};

use concur_rules::{Rule, RuleSet};
use serde::Serialize;

use super::{Refines, Spec};

/// How much time a configuration takes, and so where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Under a second each.
    Small,
    /// Seconds each; continuous integration runs these and the small ones.
    Ci,
    /// Minutes and gigabytes; for people.
    Full,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Small => "small",
            Self::Ci => "ci",
            Self::Full => "full",
        })
    }
}

/// What a parameter may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A number in a range.
    Number(RangeInclusive<u32>),
    /// One of some words; its value is the word's position.
    OneOf(&'static [&'static str]),
}

/// A parameter of a rung, such as the number of resource managers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name, as in `--param rms=7`.
    pub name: &'static str,
    /// What it may be.
    pub domain: Domain,
    /// What it is when nobody says.
    pub default: u32,
    /// What it means, in one line.
    pub help: &'static str,
}

/// A value for each parameter of a rung.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Values(BTreeMap<&'static str, u32>);

impl Values {
    /// The defaults of `params`, changed by `settings`.
    pub fn new(params: &[Param], settings: &[(&'static str, u32)]) -> Self {
        let mut values: BTreeMap<_, _> = params.iter().map(|p| (p.name, p.default)).collect();
        values.extend(settings.iter().copied());
        Self(values)
    }

    /// Sets one parameter.
    pub fn set(&mut self, name: &'static str, value: u32) {
        self.0.insert(name, value);
    }

    /// The value of `name` as a size.
    pub fn size(&self, name: &str) -> usize {
        self[name] as usize
    }
}

impl Index<&str> for Values {
    type Output = u32;

    fn index(&self, name: &str) -> &u32 {
        &self.0[name]
    }
}

/// Parameters, each with a value.
pub type Settings = &'static [(&'static str, u32)];

/// A named configuration of a rung.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its name, the last part of a selector. Lists what differs between the configurations: `rms=3`.
    pub name: &'static str,
    /// Where it runs.
    pub tier: Tier,
    /// The parameters that differ from the defaults.
    pub settings: Settings,
    /// What exploring it must show.
    pub expect: Expect,
}

impl Config {
    /// One that takes under a second.
    pub const fn small(name: &'static str, settings: Settings, expect: Expect) -> Self {
        Self {
            name,
            tier: Tier::Small,
            settings,
            expect,
        }
    }

    /// One that takes seconds.
    pub const fn ci(name: &'static str, settings: Settings, expect: Expect) -> Self {
        Self {
            tier: Tier::Ci,
            ..Self::small(name, settings, expect)
        }
    }

    /// One that takes minutes.
    pub const fn full(name: &'static str, settings: Settings, expect: Expect) -> Self {
        Self {
            tier: Tier::Full,
            ..Self::small(name, settings, expect)
        }
    }
}

/// What a configuration is expected to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// Distinct states; 0 where a failure ends the search.
    pub distinct: u64,
    /// States on the longest shortest path, the initial state alone being 1.
    pub depth: u32,
    /// Distinct states under full symmetry, where it is known.
    pub orbits: Option<u64>,
    /// Whether TLC finds the same numbers on the published specification.
    pub tlc: bool,
    /// How the check ends.
    pub outcome: Outcome,
    /// The properties whose premise this size is too small to reach. They are not claimed here.
    pub vacuous: &'static [&'static str],
}

/// How a check is expected to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that is claimed holds.
    Holds,
    /// The named property fails, and its shortest counterexample has that many states.
    Fails {
        /// The property's name.
        property: &'static str,
        /// States in the shortest counterexample, the initial one included.
        states: u32,
    },
}

impl Expect {
    /// Everything holds on `distinct` states to `depth`, as we counted.
    pub const fn ours(distinct: u64, depth: u32) -> Self {
        Self {
            distinct,
            depth,
            orbits: None,
            tlc: false,
            outcome: Outcome::Holds,
            vacuous: &[],
        }
    }

    /// Everything holds on `distinct` states to `depth`, as TLC counts, too.
    pub const fn tlc(distinct: u64, depth: u32) -> Self {
        Self {
            tlc: true,
            ..Self::ours(distinct, depth)
        }
    }

    /// An expected failure.
    pub const fn fails(property: &'static str, states: u32) -> Self {
        Self {
            outcome: Outcome::Fails { property, states },
            ..Self::ours(0, 0)
        }
    }

    /// The same, with the number of distinct states under full symmetry.
    pub const fn orbits(self, orbits: u64) -> Self {
        Self {
            orbits: Some(orbits),
            ..self
        }
    }

    /// The same, without a claim about `vacuous` properties.
    pub const fn without(self, vacuous: &'static [&'static str]) -> Self {
        Self { vacuous, ..self }
    }
}

/// A rule that can be left out without any check failing, and why that is so.
#[derive(Clone, Copy, Debug)]
pub struct Redundant<R> {
    /// The rule.
    pub rule: R,
    /// Why the protocol is right without it.
    pub because: &'static str,
}

/// A property of the model's type that a rung does not show at any size, and why that is so. Coverage does not miss its witnesses there.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere {
    /// The property's name.
    pub property: &'static str,
    /// What shows it, or why nothing like it can happen here.
    pub because: &'static str,
}

/// These parameters give no model: what they ask for does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoSuchModel(pub String);

/// One rung of a protocol's ladder: a family of models, by size and rule set.
pub trait Rung: Send + Sync + 'static {
    /// The rules of the protocol.
    type Rule: Rule;
    /// The model under a rule set.
    type Model<S: RuleSet<Self::Rule>>: Spec + Refines;

    /// The protocol, the first part of a selector.
    const PROTOCOL: &'static str;
    /// The rung, the second part of a selector.
    const NAME: &'static str;
    /// The rung above, or the word for a promise.
    const REFINES: &'static str;
    /// What is shown, in one sentence.
    const CLAIM: &'static str;
    /// The published specification or paper.
    const SOURCE: &'static str;
    /// The rules that this rung keeps.
    const RULES: &'static [Self::Rule];
    /// The rules that can be left out, with the reason.
    const REDUNDANT: &'static [Redundant<Self::Rule>] = &[];
    /// What other rungs with models of the same type show, and this one does not.
    const ELSEWHERE: &'static [Elsewhere] = &[];
    /// Whether each guard is asked wherever it decides. A core may ask for a rule only where it would refuse; then being seen to refuse is enough.
    const ASKS_BOTH_WAYS: bool = true;
    /// The tier from which on its configurations, taken together, make everything happen.
    const COVERED_FROM: Tier = Tier::Small;
    /// The parameters.
    const PARAMS: &'static [Param];
    /// The named configurations, small ones first.
    const CONFIGS: &'static [Config];

    /// The model of that size under a rule set.
    ///
    /// # Errors
    /// If the values, each within its domain, are together too large for the model's inline state.
    fn model<S: RuleSet<Self::Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Self::Model<S>, NoSuchModel>;
}
