//! Assumptions dropped, one at a time: the promise that needs one must be broken without it. What nobody misses is not assumed.

use std::collections::BTreeMap;

use concur_models::kit::{NoSuchModel, Tier};
use serde::Serialize;

use crate::engine::limits::Progress;
use crate::engine::liveness::Plan;
use crate::temporal::{AnyLive, values_of};
use crate::verdict::{Promised, Status};

/// What became of a promise without one of the assumptions that it needs.
#[derive(Clone, Debug, Serialize)]
pub struct Dropped {
    /// protocol/name of the model.
    pub model: String,
    /// The configuration in which the promise is broken; the last one that was looked at, if it is not.
    pub config: &'static str,
    /// The assumption.
    pub assumption: &'static str,
    /// The promise, and what was found out about it.
    pub promised: Promised,
    /// Whether it is broken, as it should be.
    pub as_expected: bool,
}

/// Drops each assumption of each promise that is kept, at every size up to `tier` until the promise is broken.
///
/// # Errors
/// If a named size gives no model.
pub fn drop_each(
    live: &dyn AnyLive,
    tier: Tier,
    plan: &Plan,
    progress: &Progress,
) -> Result<Vec<Dropped>, NoSuchModel> {
    let about = live.about();
    let mut found: BTreeMap<(&str, &str), Dropped> = BTreeMap::new();
    for config in about.configs.iter().filter(|config| config.tier <= tier) {
        let values = values_of(about.params, config);
        let is_broken_anyway = |promise: &str| config.broken.iter().any(|b| b.promise == promise);
        let known = |promise: &str, assumption: &str| {
            let found = found.get(&(promise, assumption));
            is_broken_anyway(promise) || found.is_some_and(|dropped| dropped.as_expected)
        };
        for (assumption, promised) in live.without_each(&values, plan, progress, &known)? {
            let key = (promised.name, assumption);
            let dropped = Dropped {
                model: about.id(),
                config: config.name,
                assumption,
                as_expected: promised.status == Status::Fails,
                promised,
            };
            found.insert(key, dropped);
        }
    }
    Ok(found.into_values().collect())
}
