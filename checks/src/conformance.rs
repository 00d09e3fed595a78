//! What clusters of cores do as a whole, run and held against what is declared.

use std::collections::BTreeMap;
use std::time::Instant;

use concur_models::kit::{Tier, Values};

use crate::clusters::AnyClusters;
use crate::engine::limits::Progress;
use crate::methods::How;
use crate::methods::conformance::{self as method, Walks};
use crate::registry::describe;
use crate::suite::{Options, Outcomes};
use crate::verdict::{CheckResult, Findings, Reach, Status, Verdict};

/// How many random walks there are at each size. `concur differ` takes as many as one likes.
fn cases(tier: Tier) -> u64 {
    match tier {
        Tier::Small => 2,
        Tier::Ci => 5,
        Tier::Full => 1_000,
    }
}

/// What of the model above clusters do.
pub(crate) fn repertoire(
    clusters: &dyn AnyClusters,
    options: &Options,
    progress: &Progress,
) -> Outcomes {
    let (findings, remarks) = method::repertoire(clusters, how(options, progress))?;
    let claim = format!(
        "cores do all that {} does, but for what is declared",
        clusters.refines()
    );
    let words = "each transition for which a step of a small cluster stands, held against all that the model above has";
    Ok(result(findings, claim, words, remarks))
}

/// Random walks of clusters, at each size for that.
pub(crate) fn walks(
    clusters: &dyn AnyClusters,
    options: &Options,
    progress: &Progress,
) -> Outcomes {
    let mut all: Option<Findings> = None;
    let mut remarks = Vec::new();
    for size in clusters.walks() {
        let values = Values::new(clusters.params(), size.settings);
        let walks = Walks {
            values: &values,
            without: None,
            seed: options.plan.seed,
            cases: cases(options.tier),
            steps: size.steps,
        };
        let found = method::walks(clusters, walks, how(options, progress))?;
        remarks.push(format!("{}: {}", size.name, events(clusters, &found)));
        let over = found.failure.is_some() || found.stop.is_some();
        all = Some(match all {
            None => found,
            Some(before) => merged(before, found),
        });
        if over {
            break;
        }
    }
    let findings = all.expect("a family of clusters has a size for walks");
    Ok(of_walks(clusters, findings, remarks))
}

/// The walks of one size, as the result of a check.
///
/// # Errors
/// If the values give no model.
pub fn walk(clusters: &dyn AnyClusters, id: String, walks: Walks<'_>, how: How<'_>) -> Outcomes {
    let started = Instant::now();
    let findings = method::walks(clusters, walks, how)?;
    let remark = events(clusters, &findings);
    Ok(CheckResult {
        id,
        parameters: describe(clusters.params(), walks.values),
        seconds: started.elapsed().as_secs_f64(),
        ..of_walks(clusters, findings, vec![remark])
    })
}

fn of_walks(clusters: &dyn AnyClusters, findings: Findings, remarks: Vec<String>) -> CheckResult {
    let claim = format!(
        "long random runs of cores are runs of {}",
        clusters.refines()
    );
    let words = "random schedules with losses, cuts, crashes and slow disks; refinement and invariants after each event";
    result(findings, claim, words, remarks)
}

fn events(clusters: &dyn AnyClusters, findings: &Findings) -> String {
    format!(
        "{} events, which stand for {} actions of {}",
        findings.reach.extent().generated.unwrap_or(0),
        findings.actions.first().map_or(0, |count| count.count),
        clusters.refines(),
    )
}

/// What was found at two sizes, as one. The later one decides, and has all numbers.
fn merged(before: Findings, mut after: Findings) -> Findings {
    let earlier = before.reach.extent().generated;
    if let (
        Reach::Sampled { cases, .. },
        Reach::Sampled {
            cases: all, extent, ..
        },
    ) = (&before.reach, &mut after.reach)
    {
        *all += cases;
        extent.generated = extent.generated.zip(earlier).map(|(a, b)| a + b);
    }
    for (sum, count) in after.actions.iter_mut().zip(&before.actions) {
        sum.count += count.count;
    }
    after
}

fn how<'a>(options: &'a Options, progress: &'a Progress) -> How<'a> {
    How {
        plan: &options.plan,
        symmetry: false,
        progress,
    }
}

fn result(findings: Findings, claim: String, method: &str, remarks: Vec<String>) -> CheckResult {
    let holds = findings
        .properties
        .iter()
        .all(|p| p.status == Status::Holds);
    let fails = findings.of_status(Status::Fails).next().is_some();
    let verdict = match (fails, holds && findings.stop.is_none()) {
        (true, _) => Verdict::Fails,
        (false, true) => Verdict::Holds,
        (false, false) => Verdict::Unknown,
    };
    let open = findings.stop.filter(|_| verdict == Verdict::Unknown);
    let open = open.map(|stop| format!("unknown: {stop}"));
    CheckResult {
        id: String::new(),
        claim,
        method: method.to_owned(),
        parameters: BTreeMap::new(),
        verdict,
        as_expected: verdict == Verdict::Holds,
        remarks: open.into_iter().chain(remarks).collect(),
        tlc: None,
        findings,
        opinions: Vec::new(),
        seconds: 0.0,
    }
}
