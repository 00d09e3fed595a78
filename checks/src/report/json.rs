//! Findings for programs. The schema is described in `checks/JSON.md`, and has a version.

use serde::Serialize;
use serde_json::{Value, json};

use super::human::expected;
use crate::methods::omission::Omission;
use crate::registry::{AnyRung, describe, values_of};
use crate::selector::{domain, explain};
use crate::suite::Options;
use crate::verdict::CheckResult;

/// The version of the schema: it grows when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

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
pub fn omissions(omissions: &[Omission], not_run: &[String]) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Omissions<'a> {
        omissions: &'a [Omission],
    }
    document("concur.omit", Omissions { omissions }, not_run)
}

/// The document of `concur list`.
///
/// # Errors
/// None that is known; serialization is fallible by type.
pub fn list(rungs: &[&dyn AnyRung]) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Rungs {
        rungs: Vec<Value>,
    }
    let rungs = rungs.iter().map(|rung| self::rung(*rung)).collect();
    document("concur.list", Rungs { rungs }, &[])
}

fn rung(rung: &dyn AnyRung) -> Value {
    let about = rung.about();
    let params = about.params.iter().map(|param| {
        json!({"name": param.name, "domain": domain(param), "help": param.help, "text": explain(param)})
    });
    let configs = about.configs.iter().map(|config| {
        json!({
            "id": format!("{}/{}", about.id(), config.name),
            "tier": config.tier,
            "parameters": describe(about.params, &values_of(about.params, config)),
            "expected": expected(config),
        })
    });
    json!({
        "id": about.id(),
        "refines": about.refines,
        "claim": about.claim,
        "source": about.source,
        "symmetry": about.symmetry,
        "bounds": about.bounds,
        "rules": about.rules.iter().map(|card| card.name).collect::<Vec<_>>(),
        "parameters": params.collect::<Vec<_>>(),
        "configurations": configs.collect::<Vec<_>>(),
    })
}
