//! Runs checks and holds what they find against what was expected.

mod coverage;
mod judgement;

use std::time::Instant;

use concur_models::kit::{Expect, NoSuchModel, Outcome, Tier, Values};

use crate::conformance;
use crate::engine::explore::Plan;
use crate::engine::limits::Progress;
use crate::methods::How;
use crate::methods::opinion::{Other, compare};
use crate::promises::promises;
use crate::registry::{AnyRung, describe};
use crate::selector::{SelectError, Target};
use crate::verdict::{CheckResult, Findings, Opinion, TlcSays};
use coverage::cover;
use judgement::{Said, judge};

/// Who explores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Our own, and on what is small enough the others, too, which must agree.
    All,
    /// Our own alone.
    Concur,
    /// Another one alone.
    Other(Other),
}

/// How to run checks.
#[derive(Clone, Debug)]
pub struct Options {
    /// Up to which tier.
    pub tier: Tier,
    /// Who explores.
    pub engine: Engine,
    /// Threads, limits and seed.
    pub plan: Plan,
    /// Whether permutations of a state count as one, where the model declares a symmetry.
    pub symmetry: bool,
}

/// Up to so many distinct states every engine explores, and up to so many stateright's breadth-first checker does: in the tier that takes its time, more.
const fn explored_by_others(tier: Tier) -> (u64, u64) {
    match tier {
        Tier::Small | Tier::Ci => (5_000, 50_000),
        Tier::Full => (20_000, 300_000),
    }
}

/// Runs one check.
///
/// # Errors
/// If its values give no model.
pub fn run(
    target: &Target,
    options: &Options,
    progress: &Progress,
) -> Result<CheckResult, SelectError> {
    let id = target.id();
    let span = tracing::info_span!("check", id);
    let _entered = span.enter();
    let started = Instant::now();
    let result = match target {
        Target::Coverage(rung) => cover(*rung, options, progress),
        Target::Repertoire(clusters) => conformance::repertoire(*clusters, options, progress),
        Target::Walks(clusters) => conformance::walks(*clusters, options, progress),
        Target::Configuration {
            rung,
            named,
            values,
        } => {
            let expect = named.map(|config| &config.expect);
            configuration(*rung, values, expect, options, progress)
        }
        Target::Promises {
            live,
            named,
            values,
        } => promises(*live, values, *named, options, progress),
    };
    let mut result = result.map_err(|source| target.no_such(source))?;
    result.id = id;
    result.seconds = started.elapsed().as_secs_f64();
    tracing::info!(verdict = %result.verdict, as_expected = result.as_expected);
    Ok(result)
}

/// The result of a check, if its values give a model.
pub type Outcomes = Result<CheckResult, NoSuchModel>;

fn configuration(
    rung: &dyn AnyRung,
    values: &Values,
    expect: Option<&Expect>,
    options: &Options,
    progress: &Progress,
) -> Outcomes {
    let about = rung.about();
    let symmetry = options.symmetry && about.symmetry.is_some();
    let how = How {
        plan: &options.plan,
        symmetry,
        progress,
    };
    let ask = |other| {
        let interrupted = &options.plan.limits.interrupted;
        rung.ask(values, other, options.plan.threads, interrupted)
    };
    let findings = match options.engine {
        Engine::Other(other) => ask(other)?,
        Engine::All | Engine::Concur => rung.examine(values, None, how)?,
    };
    let others = match options.engine {
        Engine::All if !symmetry => others(&findings, expect, options.tier),
        _ => &[],
    };
    let mut opinions: Vec<Opinion> = Vec::new();
    let mut unanswered = None;
    for &other in others {
        let theirs = ask(other)?;
        if theirs.stop.is_some() {
            unanswered = Some(other);
            break;
        }
        opinions.push(compare(&findings, &theirs, other));
    }
    let said = Said {
        opinions: &opinions,
        unanswered,
    };
    let judgement = judge(&findings, said, expect, symmetry);
    Ok(CheckResult {
        id: String::new(),
        claim: about.claim.to_owned(),
        method: method(options.engine, symmetry.then_some(about.symmetry).flatten()),
        parameters: describe(about.params, values),
        verdict: judgement.verdict,
        as_expected: judgement.unexpected.is_empty(),
        remarks: judgement
            .unexpected
            .into_iter()
            .chain(judgement.remarks)
            .collect(),
        tlc: expect.filter(|expect| expect.tlc).map(|expect| TlcSays {
            distinct: expect.distinct,
            depth: expect.depth,
        }),
        findings,
        opinions,
        seconds: 0.0,
    })
}

/// Who else explores what our engine found to be that large. Of a size that is known to hold, and does not any more, nobody knows how large it has become.
fn others(findings: &Findings, expect: Option<&Expect>, tier: Tier) -> &'static [Other] {
    let (by_every, by_bfs) = explored_by_others(tier);
    let distinct = findings.reach.extent().distinct;
    let known_to_hold = expect.is_some_and(|expect| expect.outcome == Outcome::Holds);
    if findings.stop.is_some() || findings.failure.is_some() && known_to_hold {
        &[]
    } else if distinct <= by_every {
        Other::ALL
    } else if distinct <= by_bfs {
        &[Other::StaterightBfs]
    } else {
        &[]
    }
}

fn method(engine: Engine, symmetry: Option<&str>) -> String {
    let engine = match engine {
        Engine::All | Engine::Concur => {
            "breadth-first search; invariants on every state, refinement on every step"
        }
        Engine::Other(Other::Naive) => {
            "breadth-first search over exact states; invariants on every state, refinement on every step"
        }
        Engine::Other(Other::StaterightBfs) => "stateright BFS; invariants on every state",
        Engine::Other(Other::StaterightDfs) => "stateright DFS; invariants on every state",
    };
    match symmetry {
        Some(symmetry) => format!("{engine}; up to {symmetry}"),
        None => engine.to_owned(),
    }
}
