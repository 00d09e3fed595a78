//! Runs the checks of promises, and holds what they find against what was expected.

use concur_models::kit::{Broken, LiveConfig, NoSuchModel, Values};

use crate::engine::limits::Progress;
use crate::engine::liveness::Plan;
use crate::methods::opinion::Other;
use crate::registry::describe;
use crate::suite::{Engine, Options};
use crate::temporal::AnyLive;
use crate::verdict::{CheckResult, Findings, Promised, Status, Verdict};

/// Up to so many distinct states the naive judge is asked, too.
const NAIVE_JUDGE: u64 = 1_000;

/// Judges the promises of one model.
///
/// # Errors
/// If the values give no model.
pub(crate) fn promises(
    live: &dyn AnyLive,
    values: &Values,
    named: Option<&LiveConfig>,
    options: &Options,
    progress: &Progress,
) -> Result<CheckResult, NoSuchModel> {
    let about = live.about();
    // Where only promises are asked for, symmetry is refused; beside other checks it is left out here, and that is said.
    let plan = Plan {
        limits: options.plan.limits.clone(),
        seed: options.plan.seed,
        symmetry: false,
    };
    let findings = live.judge(values, &plan, progress)?;
    let mut opinions = Vec::new();
    if asks_the_naive_judge(options.engine, &findings) {
        opinions.push(live.second_opinion(values, &findings.promises)?);
    }
    let broken = named.map_or(&[][..], |config| config.broken);
    let vacuous = named.map_or(&[][..], |config| config.vacuous);
    let mut remarks = Vec::new();
    for promised in &findings.promises {
        remarks.extend(match vacuous.contains(&promised.name) {
            true => declared_too_much(promised),
            false => surprise(promised, broken),
        });
    }
    if findings
        .promises
        .iter()
        .all(|promised| vacuous.contains(&promised.name))
    {
        remarks.push("nothing is promised at this size".to_owned());
    }
    remarks.extend(named.and_then(|config| miscount(&findings, config)));
    let wrong = opinions.iter().filter(|opinion| !opinion.agrees);
    remarks.extend(
        wrong.map(|opinion| format!("the {} disagrees: {}", opinion.engine, opinion.found)),
    );
    let as_expected = remarks.is_empty();
    if as_expected {
        remarks.extend(
            broken
                .iter()
                .map(|broken| format!("{}: {}", broken.promise, broken.because)),
        );
        remarks.extend(
            vacuous
                .iter()
                .map(|name| format!("not claimed at this size: {name}")),
        );
    }
    if options.symmetry {
        remarks.push("judged without symmetry, which is not sound for promises".to_owned());
    }
    Ok(CheckResult {
        id: String::new(),
        claim: about.claim.to_owned(),
        method: "fair cycles in the graph of all states; each lasso taken again on the model"
            .to_owned(),
        parameters: describe(about.params, values),
        verdict: verdict(&findings, vacuous),
        as_expected,
        remarks,
        tlc: None,
        findings,
        opinions,
        seconds: 0.0,
    })
}

fn asks_the_naive_judge(engine: Engine, findings: &Findings) -> bool {
    let small = findings.reach.extent().distinct <= NAIVE_JUDGE;
    match engine {
        Engine::All => small && findings.stop.is_none(),
        Engine::Other(Other::Naive) => findings.stop.is_none(),
        Engine::Concur | Engine::Other(_) => false,
    }
}

fn verdict(findings: &Findings, vacuous: &[&str]) -> Verdict {
    let claimed = findings.promises.iter();
    let claimed = claimed.filter(|promised| !vacuous.contains(&promised.name));
    let statuses: Vec<_> = claimed.map(|promised| promised.status).collect();
    if statuses.contains(&Status::Fails) {
        Verdict::Fails
    } else if !statuses.is_empty() && statuses.iter().all(|status| *status == Status::Holds) {
        Verdict::Holds
    } else {
        // Also where nothing is claimed: to keep no promise is no pass.
        Verdict::Unknown
    }
}

/// A promise that was said to be due nowhere, and is.
fn declared_too_much(promised: &Promised) -> Option<String> {
    (promised.status != Status::Vacuous).then(|| {
        format!(
            "{} is declared out of reach at this size, and is not",
            promised.name
        )
    })
}

/// What is not as expected of a promise.
fn surprise(promised: &Promised, broken: &[Broken]) -> Option<String> {
    let name = promised.name;
    let expected = broken.iter().find(|broken| broken.promise == name);
    match (promised.status, expected) {
        (Status::Holds, None) => None,
        (Status::Holds, Some(_)) => Some(format!("{name}: was expected to be broken, and is kept")),
        (Status::Vacuous, _) => Some(format!(
            "{name}: vacuous, because it is never due; try a larger size"
        )),
        (Status::Fails, None) => Some(format!("{name}: broken")),
        (Status::Fails, Some(expected)) => otherwise(promised, expected),
        _ => {
            let why = promised.why.as_deref().unwrap_or("not judged");
            Some(format!("{name}: unknown: {why}"))
        }
    }
}

/// Whether the lasso is not the expected one.
fn otherwise(promised: &Promised, expected: &Broken) -> Option<String> {
    let lasso = promised.lasso.as_ref()?;
    let found = lasso.stem_and_cycle();
    let (stem, cycle) = (expected.stem, expected.cycle);
    (found != (stem, cycle)).then(|| {
        format!(
            "{}: a lasso of {stem} and {cycle} steps was expected, but it has {} and {}",
            promised.name, found.0, found.1
        )
    })
}

fn miscount(findings: &Findings, config: &LiveConfig) -> Option<String> {
    let extent = findings.reach.extent();
    let expected = (config.distinct, Some(config.steps));
    let wrong = findings.stop.is_none() && (extent.distinct, extent.generated) != expected;
    wrong.then(|| {
        format!(
            "expected {} distinct states and {} steps, found {} and {}",
            config.distinct,
            config.steps,
            extent.distinct,
            extent.generated.unwrap_or(0)
        )
    })
}
