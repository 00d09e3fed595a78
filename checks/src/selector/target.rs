//! What can be selected, and what it is called.

use concur_models::kit::{Config, LiveConfig, NoSuchModel, Param, Values};

use super::SelectError;
use crate::clusters::AnyClusters;
use crate::engine::erased::Erased;
use crate::engine::liveness::validate::{Choices, Flaw};
use crate::registry::{AnyRung, describe};
use crate::temporal::AnyLive;

/// One check that was selected.
#[derive(Clone)]
pub enum Target {
    /// A configuration of a rung; the expectations of a named one are known.
    Configuration {
        /// The rung.
        rung: &'static dyn AnyRung,
        /// The named configuration with these values, if there is one.
        named: Option<&'static Config>,
        /// The values.
        values: Values,
    },
    /// What the configurations of a rung make happen, taken together.
    Coverage(&'static dyn AnyRung),
    /// What of the model above clusters of cores do.
    Repertoire(&'static dyn AnyClusters),
    /// Random walks of clusters of cores, at each of their sizes for that.
    Walks(&'static dyn AnyClusters),
    /// What a model promises to do, at one size; the expectations of a named one are known.
    Promises {
        /// The family of models.
        live: &'static dyn AnyLive,
        /// The named size with these values, if there is one.
        named: Option<&'static LiveConfig>,
        /// The values.
        values: Values,
    },
}

/// The last part of the selector of a coverage check.
pub const COVERAGE: &str = "coverage";

/// The last part of the selector of what clusters do of the model above.
pub const REPERTOIRE: &str = "repertoire";

/// The last part of the selector of the random walks of clusters.
pub const WALKS: &str = "walks";

impl Target {
    /// protocol/rung/configuration.
    pub fn id(&self) -> String {
        match self {
            Self::Coverage(rung) => format!("{}/{COVERAGE}", rung.about().id()),
            Self::Repertoire(clusters) => format!("{}/{REPERTOIRE}", clusters.id()),
            Self::Walks(clusters) => format!("{}/{WALKS}", clusters.id()),
            Self::Configuration {
                rung,
                named,
                values,
            } => {
                let about = rung.about();
                let name = named.map(|config| config.name.to_owned());
                let name = name.unwrap_or_else(|| in_words(about.params, values));
                format!("{}/{name}", about.id())
            }
            Self::Promises {
                live,
                named,
                values,
            } => {
                let about = live.about();
                let name = named.map(|config| config.name.to_owned());
                let name =
                    name.unwrap_or_else(|| format!("live,{}", in_words(about.params, values)));
                format!("{}/{name}", about.id())
            }
        }
    }

    /// protocol/rung.
    fn family(&self) -> String {
        match self {
            Self::Coverage(rung) | Self::Configuration { rung, .. } => rung.about().id(),
            Self::Repertoire(clusters) | Self::Walks(clusters) => clusters.id(),
            Self::Promises { live, .. } => live.about().id(),
        }
    }

    /// The model, its types forgotten, with one rule left out if one is named.
    ///
    /// # Errors
    /// If the values give no model, or the model has no such rule.
    pub fn machine(&self, without: Option<&str>) -> Result<Erased, SelectError> {
        let has = |rung: &dyn AnyRung, rule: &str| {
            let rules = rung.about().rules;
            rules.iter().any(|card| card.name == rule)
        };
        let machine = match (self, without) {
            (Self::Configuration { rung, values, .. }, Some(rule)) if has(*rung, rule) => {
                rung.machine(values, Some(rule))
            }
            (Self::Configuration { rung, values, .. }, None) => rung.machine(values, None),
            (Self::Promises { live, values, .. }, None) => live.machine(values),
            (Self::Coverage(_) | Self::Repertoire(_) | Self::Walks(_), _) => Err(NoSuchModel(
                "that looks at several models; name a configuration".to_owned(),
            )),
            (_, Some(rule)) => return Err(self.no_rule(rule)),
        };
        machine.map_err(|source| self.no_such(source))
    }

    /// What is wrong with a lasso that is to break a promise of the model. See [`AnyLive::flaw`](crate::temporal::AnyLive::flaw).
    ///
    /// # Errors
    /// If the values give no model, or nothing is promised there.
    pub fn flaw(
        &self,
        promise: &str,
        assumed: &[String],
        path: &[Option<usize>],
        stem: usize,
    ) -> Result<Option<Flaw>, SelectError> {
        let Self::Promises { live, values, .. } = self else {
            let what = "it promises nothing".to_owned();
            return Err(self.no_such(NoSuchModel(what)));
        };
        let assumed: Vec<_> = assumed.iter().map(String::as_str).collect();
        let flaw = live.flaw(values, promise, &assumed, Choices { path, stem });
        flaw.map_err(|source| self.no_such(source))
    }

    fn no_rule(&self, rule: &str) -> SelectError {
        let rules = match self {
            Self::Configuration { rung, .. } => rung.about().rules,
            _ => Vec::new(),
        };
        SelectError::UnknownRule {
            rung: self.family(),
            rule: rule.to_owned(),
            possible: rules.iter().map(|card| card.name.to_owned()).collect(),
        }
    }

    pub(crate) fn no_such(&self, why: NoSuchModel) -> SelectError {
        SelectError::NoSuchModel {
            rung: self.family(),
            why,
        }
    }
}

fn in_words(params: &[Param], values: &Values) -> String {
    let all = describe(params, values);
    let all: Vec<_> = all
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    all.join(",")
}
