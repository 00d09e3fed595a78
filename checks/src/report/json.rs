//! Findings for programs. The schema is described in `checks/JSON.md`, and has a version.

use concur_models::kit::{Param, Values};
use serde::Serialize;
use serde_json::{Value, json};

use super::human::{expected, expected_of_promises};
use crate::family::{Family, Size};
use crate::methods::assumptions::Dropped;
use crate::methods::omission::Omission;
use crate::registry::{AnyRung, describe};
use crate::selector::{domain, explain};
use crate::suite::Options;
use crate::temporal::AnyLive;
use crate::verdict::CheckResult;

/// The version of the schema: it grows when a field changes its meaning or goes away.
pub const VERSION: u32 = 2;

#[derive(Serialize)]
struct Document<'a, T> {
    schema: &'static str,
    version: u32,
    concur: &'static str,
    #[serde(flatten)]
    what: T,
    not_run: &'a [String],
}

fn document<T: Serialize>(
    schema: &'static str,
    what: T,
    not_run: &[String],
) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Document {
        schema,
        version: VERSION,
        concur: env!("CARGO_PKG_VERSION"),
        what,
        not_run,
    })
}

/// The document of `concur check`.
///
/// # Errors
/// None that is known; serialization is fallible by type.
pub fn checks(
    results: &[CheckResult],
    not_run: &[String],
    options: &Options,
) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Checks<'a> {
        tier: concur_models::kit::Tier,
        threads: usize,
        seed: u64,
        as_expected: bool,
        checks: &'a [CheckResult],
    }
    let what = Checks {
        tier: options.tier,
        threads: options.plan.threads,
        seed: options.plan.seed,
        as_expected: not_run.is_empty() && results.iter().all(|result| result.as_expected),
        checks: results,
    };
    document("concur.check", what, not_run)
}

/// The document of `concur omit` and `concur rule`.
///
/// # Errors
/// None that is known; serialization is fallible by type.
pub fn omissions(
    omissions: &[Omission],
    assumptions: &[Dropped],
    not_run: &[String],
) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Omissions<'a> {
        omissions: &'a [Omission],
        assumptions: &'a [Dropped],
    }
    let what = Omissions {
        omissions,
        assumptions,
    };
    document("concur.omit", what, not_run)
}

/// The document of `concur list`.
///
/// # Errors
/// None that is known; serialization is fallible by type.
pub fn list(families: &[Family]) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Families {
        rungs: Vec<Value>,
        promises: Vec<Value>,
    }
    let (mut rungs, mut promises) = (Vec::new(), Vec::new());
    for family in families {
        match family {
            Family::Rung(rung) => rungs.push(self::rung(*rung)),
            Family::Live(live) => promises.push(self::live(*live)),
        }
    }
    document("concur.list", Families { rungs, promises }, &[])
}

fn params(params: &[Param]) -> Vec<Value> {
    params
        .iter()
        .map(|param| {
            json!({"name": param.name, "domain": domain(param), "help": param.help, "text": explain(param)})
        })
        .collect()
}

fn configurations(family: Family, expected: impl Fn(usize) -> String) -> Vec<Value> {
    let value = |(index, size): (usize, Size)| {
        let values = Values::new(family.params(), size.settings);
        json!({
            "id": format!("{}/{}", family.id(), size.name),
            "tier": size.tier,
            "parameters": describe(family.params(), &values),
            "expected": expected(index),
        })
    };
    family.sizes().into_iter().enumerate().map(value).collect()
}

fn rung(rung: &'static dyn AnyRung) -> Value {
    let about = rung.about();
    json!({
        "id": about.id(),
        "refines": about.refines,
        "claim": about.claim,
        "source": about.source,
        "symmetry": about.symmetry,
        "bounds": about.bounds,
        "rules": about.rules.iter().map(|card| card.name).collect::<Vec<_>>(),
        "parameters": params(about.params),
        "configurations": configurations(Family::Rung(rung), |index| expected(&about.configs[index])),
    })
}

fn live(live: &'static dyn AnyLive) -> Value {
    let about = live.about();
    json!({
        "id": about.id(),
        "claim": about.claim,
        "source": about.source,
        "parameters": params(about.params),
        "configurations": configurations(Family::Live(live), |index| expected_of_promises(&about.configs[index])),
    })
}
