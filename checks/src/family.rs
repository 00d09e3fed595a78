//! What a selector names: a rung, or a family of models whose promises are judged. Both come in named sizes.

use concur_models::kit::{Param, Settings, Tier, Values};

use crate::clusters::{AnyClusters, CLUSTERS};
use crate::registry::AnyRung;
use crate::selector::{COVERAGE, REPERTOIRE, Target, WALKS};
use crate::temporal::AnyLive;

/// A family of checks that differ in size.
#[derive(Clone, Copy)]
pub enum Family {
    /// A rung: what never happens.
    Rung(&'static dyn AnyRung),
    /// What is promised to happen.
    Live(&'static dyn AnyLive),
}

/// A named size.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Its name.
    pub name: &'static str,
    /// Where it runs.
    pub tier: Tier,
    /// The parameters that differ from the defaults.
    pub settings: Settings,
}

impl Family {
    /// The first two parts of its selector.
    pub fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Rung(rung) => (rung.about().protocol, rung.about().rung),
            Self::Live(live) => (live.about().protocol, live.about().name),
        }
    }

    /// Protocol and name, as in a selector.
    pub fn id(&self) -> String {
        let (protocol, name) = self.names();
        format!("{protocol}/{name}")
    }

    /// Its parameters.
    pub fn params(&self) -> &'static [Param] {
        match self {
            Self::Rung(rung) => rung.about().params,
            Self::Live(live) => live.about().params,
        }
    }

    /// Its named sizes.
    pub fn sizes(&self) -> Vec<Size> {
        let size = |name, tier, settings| Size {
            name,
            tier,
            settings,
        };
        match self {
            Self::Rung(rung) => {
                let configs = rung.about().configs.iter();
                configs.map(|c| size(c.name, c.tier, c.settings)).collect()
            }
            Self::Live(live) => {
                let configs = live.about().configs.iter();
                configs.map(|c| size(c.name, c.tier, c.settings)).collect()
            }
        }
    }

    /// The check with those values; that of a named size, if it has them.
    pub fn target(self, values: Values) -> Target {
        let params = self.params();
        let same = |settings| Values::new(params, settings) == values;
        match self {
            Self::Rung(rung) => Target::Configuration {
                rung,
                named: rung.about().configs.iter().find(|c| same(c.settings)),
                values,
            },
            Self::Live(live) => Target::Promises {
                live,
                named: live.about().configs.iter().find(|c| same(c.settings)),
                values,
            },
        }
    }

    /// Its checks up to that tier.
    pub fn up_to(self, tier: Tier) -> Vec<Target> {
        let sizes = self.sizes().into_iter().filter(|size| size.tier <= tier);
        let mut targets: Vec<_> = sizes
            .map(|size| self.target(Values::new(self.params(), size.settings)))
            .collect();
        let whole = self.of_the_whole().into_iter().map(|(_, target)| target);
        targets.extend(whole.filter(|target| match target {
            Target::Coverage(rung) => rung.about().covered_from <= tier,
            _ => true,
        }));
        targets
    }

    /// Its checks that look at more than one size, each with the last part of its selector.
    pub fn of_the_whole(self) -> Vec<(&'static str, Target)> {
        let Self::Rung(rung) = self else {
            return Vec::new();
        };
        let mut targets = vec![(COVERAGE, Target::Coverage(rung))];
        if let Some(clusters) = self.clusters() {
            if clusters.held_against() {
                targets.push((REPERTOIRE, Target::Repertoire(clusters)));
            }
            targets.push((WALKS, Target::Walks(clusters)));
        }
        targets
    }

    /// The clusters of cores that it is, if it is that.
    pub fn clusters(self) -> Option<&'static dyn AnyClusters> {
        let id = self.id();
        CLUSTERS
            .iter()
            .copied()
            .find(|clusters| clusters.id() == id)
    }
}
